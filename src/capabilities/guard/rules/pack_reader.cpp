#include <fmt/format.h>

#include <toml++/toml.h>
#include <algorithm>
#include <array>

#include "capabilities/guard/rules/pack.h"

namespace credence::guard {

namespace {

constexpr std::array<std::string_view, kCategories> kCategoryNames = {
    "prompt_injection", "jailbreak", "prompt_leak", "tool_poisoning",
    "code_execution",   "secrets",   "pii"};
constexpr std::array<std::string_view, 4> kSeverityNames = {"low", "medium", "high", "critical"};
constexpr std::array<std::string_view, kMarks> kMarkNames = {"discussion", "negation", "addressee",
                                                             "urgency"};
constexpr std::array<std::string_view, 5> kCheckNames = {"none", "random_token", "assigned_value",
                                                         "json_web_token", "line_start"};
constexpr std::array<std::string_view, kDetectors> kDetectorNames = {
    "none",   "email",          "phone",           "credit_card", "iban",
    "us_ssn", "public_address", "private_address", "mac_address", "hidden_text"};
constexpr std::array<std::string_view, 15> kRuleKeys = {"id",
                                                        "technique",
                                                        "severity",
                                                        "score",
                                                        "sequences",
                                                        "patterns",
                                                        "within",
                                                        "check",
                                                        "detector",
                                                        "unless",
                                                        "examples",
                                                        "any_order",
                                                        "across_sentences",
                                                        "counterexamples",
                                                        "note"};

class Reader {
public:
    Reader(const std::string& file, Packs& packs) : file_(file), packs_(packs) {}

    Result<void> read(const toml::table& root) {
        version_ = root["version"].value_or(std::string());
        pack_ = root["pack"].value_or(std::string());
        if (version_.empty() || pack_.empty()) {
            return fail(Code::invalid, fmt::format("{}: 'pack' and 'version' are required", file_));
        }
        if (const toml::table* groups = root["groups"].as_table()) {
            for (const auto& [name, node] : *groups) {
                auto& group = packs_.groups[std::string(name.str())];
                if (!group.empty()) {
                    return error(node, fmt::format("group '{}' exists twice", name.str()));
                }
                TRY(phrases(node, group));
            }
        }
        if (const toml::table* marks = root["marks"].as_table()) {
            for (const auto& [name, node] : *marks) {
                const std::size_t mark = TRY(index(node, std::string(name.str()), kMarkNames));
                TRY(phrases(node, packs_.marks[mark]));
            }
        }
        if (const toml::array* rules = root["rule"].as_array()) {
            for (const toml::node& node : *rules) {
                TRY(rule(*node.as_table()));
            }
        }
        return {};
    }

private:
    std::unexpected<Error> error(const toml::node& node, const std::string& message) const {
        return fail(Code::invalid,
                    fmt::format("{}:{}: {}", file_, node.source().begin.line, message));
    }

    template <std::size_t N>
    Result<std::size_t> index(const toml::node& node, const std::string& name,
                              const std::array<std::string_view, N>& names) const {
        const auto found = std::find(names.begin(), names.end(), name);
        if (found == names.end()) {
            return error(node, fmt::format("'{}' is not one of {}", name, fmt::join(names, ", ")));
        }
        return static_cast<std::size_t>(found - names.begin());
    }

    // A list of phrases, or a table of such lists by language.
    Result<void> phrases(const toml::node& node, std::vector<Phrase>& out) const {
        const auto take = [&](const toml::array& list,
                              const std::string& language) -> Result<void> {
            for (const toml::node& item : list) {
                if (!item.is_string() || item.as_string()->get().empty()) {
                    return error(item, "a phrase must be a text that is not empty");
                }
                out.push_back({item.as_string()->get(), language});
            }
            return {};
        };
        if (const toml::array* list = node.as_array()) {
            return take(*list, "");
        }
        const toml::table* table = node.as_table();
        if (table == nullptr) {
            return error(node, "expected a list of phrases, or lists by language");
        }
        for (const auto& [language, list] : *table) {
            if (list.as_array() == nullptr) {
                return error(list, "expected a list of phrases");
            }
            TRY(take(*list.as_array(), std::string(language.str())));
        }
        return {};
    }

    Result<std::vector<std::string>> texts(const toml::table& table, std::string_view key) const {
        std::vector<std::string> out;
        if (const toml::array* list = table[key].as_array()) {
            for (const toml::node& item : *list) {
                if (!item.is_string()) {
                    return error(item, fmt::format("'{}' holds texts", key));
                }
                out.push_back(item.as_string()->get());
            }
        }
        return out;
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

    Result<void> choices(const toml::table& table, Rule& rule) const {
        const auto text = [&](std::string_view key, std::string_view fallback) {
            return table[key].value_or(std::string(fallback));
        };
        rule.category = static_cast<Category>(TRY(index(table, pack_, kCategoryNames)));
        rule.severity =
            static_cast<Severity>(TRY(index(table, text("severity", ""), kSeverityNames)));
        rule.check = static_cast<Check>(TRY(index(table, text("check", "none"), kCheckNames)));
        rule.detector =
            static_cast<Detector>(TRY(index(table, text("detector", "none"), kDetectorNames)));
        for (const std::string& name : TRY(texts(table, "unless"))) {
            rule.unless |= 1U << TRY(index(table, name, kMarkNames));
        }
        return {};
    }

    Result<void> rule(const toml::table& table) {
        for (const auto& [key, node] : table) {
            if (std::find(kRuleKeys.begin(), kRuleKeys.end(), key.str()) == kRuleKeys.end()) {
                return error(node, fmt::format("unknown key '{}'", key.str()));
            }
        }
        PackRule added;
        const std::string id = table["id"].value_or(std::string());
        if (id.empty()) {
            return error(table, "a rule needs an 'id'");
        }
        added.rule.id = pack_ + "." + id;
        added.rule.pack = pack_;
        added.rule.version = version_;
        added.rule.technique = table["technique"].value_or(id);
        added.rule.score = table["score"].value_or(0.0);
        if (added.rule.score <= 0 || added.rule.score > 1) {
            return error(table, fmt::format("'{}' needs a score above 0, at most 1", id));
        }
        TRY(choices(table, added.rule));
        added.within = static_cast<std::uint32_t>(table["within"].value_or(std::int64_t{32}));
        added.across_sentences = table["across_sentences"].value_or(false);
        added.any_order = table["any_order"].value_or(false);
        if (const toml::node* patterns = table.get("patterns")) {
            TRY(phrases(*patterns, added.patterns));
        }
        if (const toml::array* sequences = table["sequences"].as_array()) {
            for (const toml::node& node : *sequences) {
                auto& sequence = added.sequences.emplace_back();
                const toml::array* parts = node.as_array();
                for (std::size_t i = 0; parts != nullptr && i < parts->size(); ++i) {
                    sequence.push_back((*parts)[i].value_or(std::string()));
                }
            }
        }
        added.examples = joined(TRY(texts(table, "examples")));
        added.counterexamples = joined(TRY(texts(table, "counterexamples")));
        if (added.examples.empty()) {
            return error(table, fmt::format("'{}' needs an example that it finds", id));
        }
        packs_.rules.push_back(std::move(added));
        return {};
    }

    std::string file_;
    Packs& packs_;
    std::string pack_;
    std::string version_;
};

}  // namespace

Result<void> read_pack(std::string_view text, const std::string& file, Packs& packs) {
    try {
        const toml::table root = toml::parse(text, file);
        return Reader(file, packs).read(root);
    } catch (const toml::parse_error& error) {
        return fail(Code::invalid,
                    fmt::format("{}:{}: {}", file, error.source().begin.line, error.description()));
    }
}

}  // namespace credence::guard
