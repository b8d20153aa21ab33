#include "base/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/json.h"
#include "base/settings_parts.h"
#include "base/text.h"

namespace credence {
namespace settings_detail {
namespace {

constexpr std::size_t kMaxEdits = 2;       // of a misspelling we still recognise
constexpr std::size_t kMaxNameBytes = 80;  // of a foreign name in a message
constexpr std::size_t kMaxMessages = 100;  // of unknown()
constexpr std::string_view kVariablePrefix = "CREDENCE_";
// Read by the client side of the program, which has no settings file.
constexpr std::array<std::string_view, 2> kClientVariables{"CREDENCE_SERVER", "CREDENCE_API_KEY"};

// CREDENCE_TRUST_TIMEOUT_MS
std::string variable_name(std::string_view section, std::string_view key) {
    std::string name = fmt::format("{}{}_{}", kVariablePrefix, section, key);
    std::ranges::transform(name, name.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return name;
}

// One setting from one source.
struct Given {
    std::string origin;  // "credence.toml:7: trust.timeout_ms"
    const Field* field = nullptr;
    std::string json;
};

Result<void> decode_given(const Given& given, const Shape& shape, void* out) {
    // As a document with one field, so that the field's limits hold.
    std::string document = "{";
    append_json_string(given.field->name, document);
    document += ":" + given.json + "}";
    auto decoded = decode_json(document, shape, out);
    if (decoded) {
        return {};
    }
    // What the path says beyond the setting: "[2]" of a list.
    std::string_view rest = decoded.error().field;
    rest.remove_prefix(std::min(rest.size(), given.field->name.size()));
    return fail(Code::invalid,
                fmt::format("{}{}: {}", given.origin, rest, decoded.error().message));
}

Result<Given> given_text(std::string origin, const Field& field, std::string_view text) {
    if (!is_valid_utf8(text)) {
        return fail(Code::invalid, origin + ": must be valid UTF-8");
    }
    Given given{std::move(origin), &field, json_from_text(*field.shape, text)};
    // Objects travel as they are: they must not break out of their place in the document.
    if (!validate_json(given.json)) {
        return fail(Code::invalid, given.origin + ": must be valid JSON");
    }
    return given;
}

}  // namespace

std::string quote_name(std::string_view name) {
    std::string shown = to_valid_utf8(name.substr(0, kMaxNameBytes));
    std::ranges::replace_if(shown, [](char c) { return (c >= 0 && c < ' ') || c == '\x7F'; }, '?');
    return fmt::format("'{}{}'", shown, name.size() > kMaxNameBytes ? "…" : "");
}

std::string suggest(std::string_view wrong, const std::vector<std::string>& candidates) {
    if (wrong.size() > kMaxNameBytes) {
        return {};
    }
    std::string_view best;
    std::size_t best_distance = kMaxEdits + 1;
    for (const std::string& candidate : candidates) {
        // A forgotten unit ("timeout" for "timeout_ms") counts as the farthest misspelling.
        const bool lacks_unit = candidate.starts_with(std::string(wrong) + "_");
        const std::size_t distance = lacks_unit ? kMaxEdits : edit_distance(wrong, candidate);
        if (distance < best_distance && distance < wrong.size()) {
            best = candidate;
            best_distance = distance;
        }
    }
    return best.empty() ? std::string() : fmt::format("; did you mean '{}'?", best);
}

}  // namespace settings_detail

using settings_detail::FileSection;
using settings_detail::Given;
using settings_detail::quote_name;
using settings_detail::suggest;

struct Settings::Impl {
    struct Section {
        std::string name;
        std::vector<std::string> keys;
        std::string printed;
    };

    std::string file_name;
    settings_detail::File file;
    std::map<std::string, std::string, std::less<>> environment;  // CREDENCE_* only
    std::map<std::string, std::string> overrides;
    std::vector<Section> sections;  // as read

    Result<std::vector<Given>> collect(std::string_view section, const Field& field) const;
    Section& enter(std::string_view name, const Shape& shape);
    const Section* find(std::string_view name) const;
    void unknown_in_file(std::vector<std::string>& messages) const;
    void unknown_variables(std::vector<std::string>& messages) const;
    void unknown_overrides(std::vector<std::string>& messages) const;
    std::vector<std::string> section_names() const;
    std::vector<std::string> known_paths() const;
    std::vector<std::string> known_variables() const;
};

// Everything given for one field, weakest first.
Result<std::vector<Given>> Settings::Impl::collect(std::string_view section,
                                                   const Field& field) const {
    std::vector<Given> given;
    const std::string path = fmt::format("{}.{}", section, field.name);
    if (const auto in_file = file.find(section); in_file != file.end()) {
        const auto value = in_file->second.values.find(field.name);
        if (value != in_file->second.values.end()) {
            given.push_back({fmt::format("{}:{}: {}", file_name, value->second.line, path), &field,
                             value->second.json});
        }
    }
    const std::string variable = settings_detail::variable_name(section, field.name);
    if (const auto value = environment.find(variable); value != environment.end()) {
        given.push_back(TRY(settings_detail::given_text(variable, field, value->second)));
    }
    if (const auto value = overrides.find(path); value != overrides.end()) {
        given.push_back(TRY(settings_detail::given_text("--set " + path, field, value->second)));
    }
    return given;
}

// The section's entry; reading a section again replaces it.
Settings::Impl::Section& Settings::Impl::enter(std::string_view name, const Shape& shape) {
    CHECK(shape.kind == Kind::object, "a section is a struct");
    // With an underscore two settings could share one variable.
    CHECK(!name.empty() && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789") ==
                               std::string_view::npos,
          "a section's name is one word");
    auto known = std::ranges::find(sections, name, &Section::name);
    if (known == sections.end()) {
        known = sections.insert(known, Section{std::string(name), {}, {}});
    }
    known->keys.clear();
    for (const Field& field : shape.fields) {
        CHECK(!field.required, "a setting must be or_default() or optional");
        known->keys.push_back(field.name);
    }
    return *known;
}

const Settings::Impl::Section* Settings::Impl::find(std::string_view name) const {
    const auto known = std::ranges::find(sections, name, &Section::name);
    return known == sections.end() ? nullptr : &*known;
}

std::vector<std::string> Settings::Impl::section_names() const {
    std::vector<std::string> names;
    for (const Section& section : sections) {
        names.push_back(section.name);
    }
    return names;
}

std::vector<std::string> Settings::Impl::known_paths() const {
    std::vector<std::string> paths;
    for (const Section& section : sections) {
        for (const std::string& key : section.keys) {
            paths.push_back(section.name + "." + key);
        }
    }
    return paths;
}

std::vector<std::string> Settings::Impl::known_variables() const {
    std::vector<std::string> names;
    for (const Section& section : sections) {
        for (const std::string& key : section.keys) {
            names.push_back(settings_detail::variable_name(section.name, key));
        }
    }
    return names;
}

void Settings::Impl::unknown_in_file(std::vector<std::string>& messages) const {
    const std::vector<std::string> known = known_paths();
    for (const auto& [name, in_file] : file) {
        const Section* section = find(name);
        if (section == nullptr) {
            messages.push_back(fmt::format("{}:{}: unknown {} {}{}", file_name, in_file.line,
                                           in_file.is_table ? "section" : "key", quote_name(name),
                                           suggest(name, section_names())));
            continue;
        }
        for (const auto& [key, value] : in_file.values) {
            if (std::ranges::find(section->keys, key) != section->keys.end()) {
                continue;
            }
            const std::string path = name + "." + key;
            messages.push_back(fmt::format("{}:{}: unknown key {}{}", file_name, value.line,
                                           quote_name(path), suggest(path, known)));
        }
    }
}

void Settings::Impl::unknown_variables(std::vector<std::string>& messages) const {
    const std::vector<std::string> known = known_variables();
    for (const auto& [name, value] : environment) {
        const bool is_client = std::ranges::find(settings_detail::kClientVariables, name) !=
                               settings_detail::kClientVariables.end();
        if (!is_client && std::ranges::find(known, name) == known.end()) {
            messages.push_back(
                fmt::format("{}: unknown variable{}", quote_name(name), suggest(name, known)));
        }
    }
}

void Settings::Impl::unknown_overrides(std::vector<std::string>& messages) const {
    const std::vector<std::string> known = known_paths();
    for (const auto& [path, value] : overrides) {
        if (std::ranges::find(known, path) == known.end()) {
            messages.push_back(
                fmt::format("--set: unknown key {}{}", quote_name(path), suggest(path, known)));
        }
    }
}

Settings::Settings() : impl_(std::make_unique<Impl>()) {}
Settings::Settings(Settings&&) noexcept = default;
Settings& Settings::operator=(Settings&&) noexcept = default;
Settings::~Settings() = default;

Result<Settings> Settings::load(Sources sources) {
    Settings settings;
    Impl& impl = *settings.impl_;
    impl.file_name = sources.toml_name.empty() ? "settings" : std::move(sources.toml_name);
    impl.file = TRY(settings_detail::parse_toml(sources.toml_text, impl.file_name));
    for (const std::string_view entry : sources.environment) {
        const std::size_t equals = entry.find('=');
        if (equals != entry.npos && entry.starts_with(settings_detail::kVariablePrefix)) {
            impl.environment.emplace(entry.substr(0, equals), entry.substr(equals + 1));
        }
    }
    impl.overrides = std::move(sources.overrides);
    return settings;
}

Result<void> Settings::read(std::string_view name, const Shape& shape, void* out) {
    Impl::Section& section = impl_->enter(name, shape);
    if (const auto in_file = impl_->file.find(name);
        in_file != impl_->file.end() && !in_file->second.is_table) {
        return fail(Code::invalid, fmt::format("{}:{}: {}: must be a section, [{}]",
                                               impl_->file_name, in_file->second.line, name, name));
    }
    for (const Field& field : shape.fields) {
        const std::vector<Given> all = TRY(impl_->collect(name, field));
        for (const Given& given : all) {
            TRY(settings_detail::decode_given(given, shape, out));
        }
    }
    section.printed = settings_detail::print_section(name, shape, out);
    return {};
}

std::vector<std::string> Settings::unknown() const {
    std::vector<std::string> messages;
    impl_->unknown_in_file(messages);
    impl_->unknown_variables(messages);
    impl_->unknown_overrides(messages);
    if (messages.size() > settings_detail::kMaxMessages) {
        const std::size_t more = messages.size() - settings_detail::kMaxMessages;
        messages.resize(settings_detail::kMaxMessages);
        messages.push_back(fmt::format("and {} more", more));
    }
    return messages;
}

std::string Settings::print() const {
    std::string out =
        "# Settings with their effective values. A setting may also come from the environment\n"
        "# (CREDENCE_SECTION_KEY) or the command line (--set section.key=value), which win.\n";
    for (const Impl::Section& section : impl_->sections) {
        out += '\n';
        out += section.printed;
    }
    return out;
}

}  // namespace credence
