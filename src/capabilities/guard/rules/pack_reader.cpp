#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "capabilities/guard/rules/pack.h"
#include "capabilities/guard/rules/pack_node.h"
#include "capabilities/guard/rules/pack_words.h"

namespace credence::guard {

namespace {

constexpr double kMostWithin = 400;  // bytes between two parts
constexpr std::size_t kMaxRules = 4096;
constexpr std::size_t kMaxIdBytes = 64;

// What a whole pack says once for all of its rules.
struct PackHead {
    std::string pack;
    std::string version;
    std::string category;
    bool enabled = true;
    bool signal = false;
    const PackNode* channels = nullptr;
};

class TreeReader {
public:
    TreeReader(const std::string& file, PackOrigin origin, Packs& packs)
        : file_(file), origin_(origin), packs_(packs) {}

    Result<void> read(const PackNode& root) {
        TRY(known_keys(root, kPackKeys));
        head_.pack = TRY(text(root, "pack", ""));
        head_.version = TRY(text(root, "version", ""));
        if (head_.version.empty() || !is_name(head_.pack)) {
            return error(root,
                         "'pack' (small letters, digits, '_', '-') and 'version' are required");
        }
        const bool taken =
            origin_ == PackOrigin::user &&
            std::any_of(packs_.rules.begin(), packs_.rules.end(), [&](const PackRule& other) {
                return other.rule.pack == head_.pack && other.rule.origin == PackOrigin::shipped;
            });
        if (taken) {
            return error(root, fmt::format("a pack that ships is called '{}'", head_.pack));
        }
        head_.category = TRY(text(root, "category", head_.pack));
        head_.enabled = TRY(truth(root, "enabled", true));
        head_.signal = TRY(truth(root, "signal", false));
        head_.channels = root.find("channels");
        TRY(groups(root));
        if (const PackNode* marks = root.find("marks")) {
            for (const auto& [name, node] : marks->members) {
                const std::size_t mark = TRY(index(node, name, kMarkNames));
                TRY(phrases(node, packs_.marks[mark]));
            }
        }
        if (const PackNode* rules = root.find("rule")) {
            for (const PackNode& node : rules->items) {
                TRY(rule(node));
            }
        }
        return {};
    }

private:
    using Kind = PackNode::Kind;

    std::unexpected<Error> error(const PackNode& node, const std::string& message) const {
        return fail(Code::invalid, fmt::format("{}:{}: {}", file_, node.line, message));
    }

    static bool is_name(std::string_view name) {
        return !name.empty() && name.size() <= kMaxIdBytes &&
               std::all_of(name.begin(), name.end(), [](char c) {
                   return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
               });
    }

    template <std::size_t N>
    Result<void> known_keys(const PackNode& table,
                            const std::array<std::string_view, N>& known) const {
        if (table.kind != Kind::table) {
            return error(table, "expected a table");
        }
        for (const auto& [key, node] : table.members) {
            if (std::find(known.begin(), known.end(), key) == known.end()) {
                return error(node, fmt::format("unknown key '{}'", key));
            }
        }
        return {};
    }

    template <std::size_t N>
    Result<std::size_t> index(const PackNode& node, std::string_view name,
                              const std::array<std::string_view, N>& names) const {
        const auto found = std::find(names.begin(), names.end(), name);
        if (found == names.end()) {
            return error(node, fmt::format("'{}' is not one of {}", name, fmt::join(names, ", ")));
        }
        return static_cast<std::size_t>(found - names.begin());
    }

    Result<std::string> text(const PackNode& table, std::string_view key,
                             std::string_view fallback) const {
        const PackNode* node = table.find(key);
        if (node == nullptr) {
            return std::string(fallback);
        }
        if (node->kind != Kind::text) {
            return error(*node, fmt::format("'{}' is a text", key));
        }
        return node->text;
    }

    Result<bool> truth(const PackNode& table, std::string_view key, bool fallback) const {
        const PackNode* node = table.find(key);
        if (node != nullptr && node->kind != Kind::boolean) {
            return error(*node, fmt::format("'{}' is true or false", key));
        }
        return node == nullptr ? fallback : node->truth;
    }

    Result<double> number(const PackNode& table, std::string_view key, double fallback) const {
        const PackNode* node = table.find(key);
        if (node != nullptr && node->kind != Kind::number) {
            return error(*node, fmt::format("'{}' is a number", key));
        }
        return node == nullptr ? fallback : node->number;
    }

    Result<std::vector<std::string>> texts(const PackNode& table, std::string_view key) const {
        std::vector<std::string> out;
        const PackNode* list = table.find(key);
        if (list == nullptr) {
            return out;
        }
        if (list->kind != Kind::list) {
            return error(*list, fmt::format("'{}' is a list", key));
        }
        for (const PackNode& item : list->items) {
            if (item.kind != Kind::text) {
                return error(item, fmt::format("'{}' holds texts", key));
            }
            out.push_back(item.text);
        }
        return out;
    }

    Result<void> groups(const PackNode& root) {
        const PackNode* groups = root.find("groups");
        if (groups == nullptr) {
            return {};
        }
        for (const auto& [name, node] : groups->members) {
            auto& group = packs_.groups[name];
            if (!group.empty()) {
                return error(node, fmt::format("group '{}' exists twice", name));
            }
            TRY(phrases(node, group));
        }
        return {};
    }

    Result<void> take_phrases(const PackNode& list, const std::string& language,
                              std::vector<Phrase>& out) const {
        for (const PackNode& item : list.items) {
            if (item.kind != Kind::text || item.text.empty()) {
                return error(item, "a phrase must be a text that is not empty");
            }
            out.push_back({item.text, language});
        }
        return {};
    }

    // A list of phrases, or a table of such lists by language.
    Result<void> phrases(const PackNode& node, std::vector<Phrase>& out) const {
        if (node.kind == Kind::list) {
            return take_phrases(node, "", out);
        }
        if (node.kind != Kind::table) {
            return error(node, "expected a list of phrases, or lists by language");
        }
        for (const auto& [language, list] : node.members) {
            if (list.kind != Kind::list) {
                return error(list, "expected a list of phrases");
            }
            TRY(index(list, language, kLanguages));
            TRY(take_phrases(list, language, out));
        }
        return {};
    }

    // "(+)" joins two halves, so that no key stands whole in the file.
    static std::vector<std::string> joined(std::vector<std::string> examples) {
        for (std::string& text : examples) {
            for (std::size_t at = 0; (at = text.find("(+)", at)) != std::string::npos;) {
                text.erase(at, 3);
            }
        }
        return examples;
    }

    Result<void> choices(const PackNode& table, Rule& rule) const {
        const std::string category = TRY(text(table, "category", head_.category));
        const std::string severity = TRY(text(table, "severity", rule.signal ? "low" : ""));
        const std::string check = TRY(text(table, "check", "none"));
        rule.category = static_cast<Category>(TRY(index(table, category, kCategoryNames)));
        rule.severity = static_cast<Severity>(TRY(index(table, severity, kSeverityNames)));
        rule.check = static_cast<Check>(TRY(index(table, check, kCheckNames)));
        const std::string detector = TRY(text(table, "detector", ""));
        const std::vector<Detector> named = detectors_named(detector);
        if (!detector.empty() && named.size() != 1) {
            return error(table, fmt::format("no detector '{}'", detector));
        }
        rule.detector = named.empty() ? Detector::none : named.front();
        for (const std::string& name : TRY(texts(table, "unless"))) {
            rule.unless |= 1U << TRY(index(table, name, kMarkNames));
        }
        return {};
    }

    // A list of the channels in which the rule counts, or a table of its scores there, where the
    // channels left out keep the rule's own.
    Result<void> channels(const PackNode& table, Rule& rule) const {
        rule.score_by_channel.fill(rule.score);
        const PackNode* node = table.find("channels");
        node = node == nullptr ? head_.channels : node;
        if (node == nullptr) {
            return {};
        }
        if (node->kind == Kind::table) {
            for (const auto& [name, score] : node->members) {
                const std::size_t channel = TRY(index(score, name, kChannelNames));
                if (score.kind != Kind::number || !(score.number >= 0 && score.number <= 1)) {
                    return error(score, "the score in a channel lies from 0 to 1");
                }
                rule.score_by_channel[channel] = score.number;
                if (score.number == 0) {
                    rule.channels = static_cast<std::uint8_t>(rule.channels & ~(1U << channel));
                }
            }
            return {};
        }
        if (node->kind != Kind::list || node->items.empty()) {
            return error(*node, "'channels' is a list of channels, or scores by channel");
        }
        unsigned bits = 0;
        for (const PackNode& item : node->items) {
            bits |= 1U << TRY(index(item, item.text, kChannelNames));
        }
        rule.channels = static_cast<std::uint8_t>(bits);
        return {};
    }

    Result<void> matching(const PackNode& table, PackRule& added) const {
        const double within = TRY(number(table, "within", 32));
        if (!(within >= 0 && within <= kMostWithin) || within != std::floor(within)) {
            return error(table, "'within' is a whole number of bytes, at most 400");
        }
        added.within = static_cast<std::uint32_t>(within);
        added.across_sentences = TRY(truth(table, "across_sentences", false));
        added.any_order = TRY(truth(table, "any_order", false));
        for (const std::string& language : TRY(texts(table, "languages"))) {
            TRY(index(table, language, kLanguages));
            added.languages.insert(language);
        }
        if (const PackNode* patterns = table.find("patterns")) {
            TRY(phrases(*patterns, added.patterns));
        }
        const PackNode* sequences = table.find("sequences");
        for (std::size_t i = 0; sequences != nullptr && i < sequences->items.size(); ++i) {
            auto& sequence = added.sequences.emplace_back();
            for (const PackNode& part : sequences->items[i].items) {
                sequence.push_back(part.text);
            }
        }
        added.examples = joined(TRY(texts(table, "examples")));
        added.counterexamples = joined(TRY(texts(table, "counterexamples")));
        return {};
    }

    Result<void> rule(const PackNode& table) {
        TRY(known_keys(table, kRuleKeys));
        PackRule added;
        Rule& rule = added.rule;
        const std::string id = TRY(text(table, "id", ""));
        if (!is_name(id)) {
            return error(table, "a rule needs an 'id' of small letters, digits, '_' and '-'");
        }
        added.where = fmt::format("{}:{}", file_, table.line);
        rule.id = head_.pack + "." + id;
        rule.pack = head_.pack;
        rule.version = head_.version;
        rule.origin = origin_;
        rule.technique = TRY(text(table, "technique", id));
        rule.enabled = head_.enabled && TRY(truth(table, "enabled", true));
        rule.signal = TRY(truth(table, "signal", head_.signal));
        rule.score = TRY(number(table, "score", rule.signal ? 0.1 : 0.0));
        if (!(rule.score > 0 && rule.score <= 1)) {
            return error(table, fmt::format("'{}' needs a score above 0, at most 1", id));
        }
        TRY(choices(table, rule));
        TRY(channels(table, rule));
        TRY(matching(table, added));
        const std::vector<std::string> detectors = TRY(texts(table, "detectors"));
        if (!detectors.empty()) {
            return spread(table, added, detectors);
        }
        if (added.examples.empty()) {
            return error(table, fmt::format("'{}' needs an example that it finds", id));
        }
        return keep(table, std::move(added));
    }

    // One rule for each detector of a list, called as the detector is. The tests of the detectors
    // hold their examples.
    Result<void> spread(const PackNode& table, const PackRule& shape,
                        const std::vector<std::string>& detectors) {
        const std::string head = head_.pack + ".";
        const bool own_technique = table.find("technique") != nullptr;
        for (const std::string& name : detectors) {
            const std::vector<Detector> named = detectors_named(name);
            if (named.empty()) {
                return error(table, fmt::format("no detector '{}'", name));
            }
            for (const Detector detector : named) {
                PackRule added = shape;
                added.rule.detector = detector;
                added.rule.id = head + std::string(detector_name(detector));
                if (!own_technique) {
                    added.rule.technique = detector_name(detector);
                }
                const bool known = std::any_of(
                    packs_.rules.begin(), packs_.rules.end(),
                    [&](const PackRule& other) { return other.rule.detector == detector; });
                // A rule of its own, further up, says it better than a list.
                if (!known) {
                    TRY(keep(table, std::move(added)));
                }
            }
        }
        return {};
    }

    Result<void> keep(const PackNode& table, PackRule added) {
        const bool known =
            std::any_of(packs_.rules.begin(), packs_.rules.end(),
                        [&](const PackRule& other) { return other.rule.id == added.rule.id; });
        if (known || packs_.rules.size() >= kMaxRules) {
            return error(table, known ? fmt::format("rule '{}' exists twice", added.rule.id)
                                      : std::string("too many rules"));
        }
        packs_.rules.push_back(std::move(added));
        return {};
    }

    const std::string& file_;
    PackOrigin origin_;
    Packs& packs_;
    PackHead head_;
};

}  // namespace

Result<void> read_pack(std::string_view text, const std::string& file, PackOrigin origin,
                       Packs& packs) {
    if (text.size() > kMaxPackBytes) {
        return fail(Code::invalid, fmt::format("{}:1: the file is too large", file));
    }
    const PackNode root =
        TRY(file.ends_with(".json") ? parse_json_pack(text, file) : parse_toml_pack(text, file));
    return TreeReader(file, origin, packs).read(root);
}

}  // namespace credence::guard
