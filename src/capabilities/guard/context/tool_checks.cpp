#include "capabilities/guard/context/tool_checks.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "capabilities/guard/text/normalise.h"

namespace credence::guard {

namespace {

constexpr std::size_t kMentionBytes = 90;  // around a name that is mentioned
constexpr std::size_t kBlankRun = 60;      // pushes what follows out of sight
constexpr std::size_t kLineRun = 12;
constexpr std::uint32_t kManyInvisible = 5;
constexpr std::uint32_t kManySelectors = 4;

constexpr std::array<std::string_view, 20> kOrders{
    "before ",    "always",     "must ",        "never ",   "whenever",
    "first ",     "when using", "when calling", "when the", "after calling",
    "every time", "required",   "only after",   "prior to", "siempre",
    "toujours",   "immer ",     "всегда",       "必须",     "必ず"};
// Orders that turn a tool against another one.
constexpr std::array<std::string_view, 19> kTakeovers{
    "instead of", "do not use",     "don't use",  "not be used", "do not call",
    "don't call", "never use",      "never call", "override",    "overrides",
    "replaces",   "supersedes",     "bcc",        "recipient",   "ignore",
    "redirect",   "deprecated and", "intercept",  "en lugar de"};

constexpr std::array<std::string_view, 20> kGreedyFields{"conversation",
                                                         "conversation_history",
                                                         "chat_history",
                                                         "message_history",
                                                         "system_prompt",
                                                         "systemprompt",
                                                         "previous_messages",
                                                         "full_context",
                                                         "all_tools",
                                                         "tool_list",
                                                         "model_name",
                                                         "chain_of_thought",
                                                         "reasoning_trace",
                                                         "api_keys",
                                                         "environment_variables",
                                                         "sidenote",
                                                         "side_note",
                                                         "notes_for_the_system",
                                                         "system_notes",
                                                         "user_secrets"};
constexpr std::array<std::string_view, 10> kVagueFields{
    "context",   "notes", "history", "feedback", "thoughts",
    "reasoning", "extra", "memory",  "messages", "additional_info"};
// A field's description that asks for everything.
constexpr std::array<std::string_view, 14> kGreedyTalk{"entire conversation",
                                                       "full conversation",
                                                       "whole conversation",
                                                       "conversation history",
                                                       "chat history",
                                                       "previous messages",
                                                       "all messages",
                                                       "system prompt",
                                                       "content of",
                                                       "contents of",
                                                       "api key",
                                                       "environment variable",
                                                       "everything",
                                                       "ssh key"};

template <std::size_t N>
bool holds_any(std::string_view text, const std::array<std::string_view, N>& words) {
    return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
        return text.find(word) != std::string_view::npos;
    });
}

bool is_tool_name_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.' || (static_cast<unsigned char>(c) & 0x80U) != 0;
}

// "read_file", "readFile": no word of ordinary language.
bool is_unmistakable(std::string_view name) {
    return name.find_first_of("_-0123456789") != std::string_view::npos ||
           std::any_of(name.begin() + 1, name.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

class Checker {
public:
    Checker(const std::string& server, const ToolDefinition& tool, const ToolNames& names)
        : server_(server), tool_(tool), names_(names) {}

    std::vector<ToolFinding> run() {
        check_name();
        for (const ToolText& text : tool_.texts) {
            check_hidden(text);
            if (!text.is_key && text.path != "name") {
                check_mentions(text);
            }
        }
        check_fields();
        return std::move(findings_);
    }

private:
    void add(ToolFinding finding) {
        if (findings_.size() < kMaxToolFindings) {
            findings_.push_back(std::move(finding));
        }
    }

    void check_name() {
        if (const auto* same = names_.named(tool_.name)) {
            const auto own = std::count_if(same->begin(), same->end(), [&](const auto& other) {
                return other.server == server_;
            });
            if (own > 1) {
                add({"name",
                     Category::tool_poisoning,
                     "duplicate_name",
                     Severity::medium,
                     0.6,
                     "The server lists two tools of this name.",
                     {}});
            }
            for (const auto& other : *same) {
                if (other.server != server_) {
                    const double score = is_unmistakable(tool_.name) ? 0.45 : 0.3;
                    add({"name",
                         Category::tool_poisoning,
                         "duplicate_name",
                         Severity::medium,
                         score,
                         "Server " + other.server + " has a tool of the same name.",
                         {}});
                    break;
                }
            }
        }
        const auto* alike = names_.looking_like(tool_.name);
        if (alike == nullptr) {
            return;
        }
        for (const auto& other : *alike) {
            if (other.name == tool_.name) {
                continue;
            }
            // Another way to part words is no disguise.
            const bool style = squeezed_case(other.name) == squeezed_case(tool_.name);
            if (style && other.server == server_) {
                continue;
            }
            add({"name",
                 Category::tool_poisoning,
                 "look_alike_name",
                 style ? Severity::low : Severity::high,
                 style ? 0.3 : 0.8,
                 "The name looks like " + other.name + " of server " + other.server + ".",
                 {}});
            return;
        }
    }

    static std::string squeezed_case(std::string_view name) {
        std::string out;
        for (const char c : to_lower(name)) {
            if (c != '_' && c != '-' && c != '.' && c != ' ') {
                out += c;
            }
        }
        return out;
    }

    void check_hidden(const ToolText& text) {
        Normalised normalised;
        normalise(text.text, normalised);
        const NormaliseCounts& counts = normalised.counts;
        double score = 0;
        std::string what;
        const auto hold = [&](bool holds, double value, const char* name) {
            if (holds && value > score) {
                score = value;
                what = name;
            }
        };
        hold(counts.tags > 0, 0.9, "tag characters");
        hold(counts.bidi > 0, 0.7, "characters that change the order of the text");
        hold(counts.selectors >= kManySelectors, 0.7, "variation selectors");
        hold(counts.invisible > 0, counts.invisible >= kManyInvisible ? 0.75 : 0.45,
             "invisible characters");
        hold(text.text.find('\x1b') != std::string::npos, 0.8, "terminal escape sequences");
        hold(has_gap(text.text), 0.5, "a gap that pushes text out of sight");
        if (score > 0) {
            add({text.path,
                 Category::tool_poisoning,
                 "hidden_text",
                 score >= 0.7 ? Severity::high : Severity::medium,
                 score,
                 "It holds " + what + ".",
                 {}});
        }
    }

    static bool has_gap(std::string_view text) {
        std::size_t blanks = 0;
        std::size_t lines = 0;
        for (const char c : trim(text)) {
            blanks = c == ' ' || c == '\t' ? blanks + 1 : 0;
            lines = c == '\n' ? lines + 1 : (c == ' ' || c == '\r' || c == '\t' ? lines : 0);
            if (blanks >= kBlankRun || lines >= kLineRun) {
                return true;
            }
        }
        return false;
    }

    void check_mentions(const ToolText& text) {
        const std::string_view whole = text.text;
        for (std::size_t at = 0; at < whole.size();) {
            std::size_t end = at;
            while (end < whole.size() && is_tool_name_byte(whole[end])) {
                ++end;
            }
            std::string_view word = whole.substr(at, end - at);
            while (word.ends_with('.')) {
                word.remove_suffix(1);
            }
            if (!word.empty() && word != tool_.name && is_unmistakable(word)) {
                if (const auto* tools = names_.named(word)) {
                    add_mention(text, {at, at + word.size()}, *tools);
                }
            }
            at = std::max(end, at + 1);
        }
    }

    void add_mention(const ToolText& text, ByteSpan span,
                     const std::vector<ToolNames::Tool>& tools) {
        const std::size_t from = span.start > kMentionBytes ? span.start - kMentionBytes : 0;
        const std::string near =
            to_lower(std::string_view(text.text).substr(from, span.end + kMentionBytes - from));
        const bool foreign = std::none_of(tools.begin(), tools.end(),
                                          [&](const auto& tool) { return tool.server == server_; });
        const bool takeover = holds_any(near, kTakeovers);
        double score = 0;
        if (foreign) {
            score = takeover ? 0.8 : holds_any(near, kOrders) ? 0.7 : 0.35;
        } else {
            // Tools of one server may refer to each other.
            score = takeover ? 0.5 : 0;
        }
        if (score > 0) {
            add({text.path, Category::tool_poisoning, "tool_shadowing",
                 score >= 0.7 ? Severity::high : Severity::medium, score,
                 "It speaks of the tool " + tools.front().name + " of server " +
                     tools.front().server + ".",
                 ToolSpan{static_cast<std::int64_t>(span.start),
                          static_cast<std::int64_t>(span.end)}});
        }
    }

    void check_fields() {
        for (const std::string& path : tool_.properties) {
            const std::string name = to_snake_case(path.substr(path.rfind('.') + 1));
            const bool greedy =
                std::find(kGreedyFields.begin(), kGreedyFields.end(), name) != kGreedyFields.end();
            const bool vague =
                std::find(kVagueFields.begin(), kVagueFields.end(), name) != kVagueFields.end();
            if (!greedy && !vague) {
                continue;
            }
            const auto text = std::find_if(
                tool_.texts.begin(), tool_.texts.end(),
                [&](const ToolText& each) { return each.path == path + ".description"; });
            const bool greedy_talk =
                text != tool_.texts.end() && holds_any(to_lower(text->text), kGreedyTalk);
            const double score = greedy ? (greedy_talk ? 0.7 : 0.5) : (greedy_talk ? 0.6 : 0.2);
            add({path,
                 Category::tool_poisoning,
                 "excessive_field",
                 score >= 0.5 ? Severity::medium : Severity::low,
                 score,
                 "The argument invites what the tool should not be told.",
                 {}});
        }
    }

    const std::string& server_;
    const ToolDefinition& tool_;
    const ToolNames& names_;
    std::vector<ToolFinding> findings_;
};

}  // namespace

std::string look_of(std::string_view name) {
    std::string out;
    // A Latin letter before it makes whole words of another script mixed ones, which are folded.
    const std::string plain = normalised_text("a" + std::string(name)).substr(1);
    for (std::size_t i = 0; i < plain.size(); ++i) {
        const char c = plain[i];
        if (c == '_' || c == '-' || c == '.' || c == ' ') {
            continue;
        }
        if (c == 'r' && i + 1 < plain.size() && plain[i + 1] == 'n') {
            out += 'm';
            ++i;
        } else if (c == 'v' && i + 1 < plain.size() && plain[i + 1] == 'v') {
            out += 'w';
            ++i;
        } else {
            out += c == '0' ? 'o' : (c == '1' || c == 'i' || c == '|') ? 'l' : c == '5' ? 's' : c;
        }
    }
    return out;
}

void ToolNames::add(const std::string& server, const std::string& name) {
    const auto add_to = [&](std::vector<Tool>& tools) {
        if (tools.size() < kMaxAlike) {
            tools.push_back({server, name});
        }
    };
    add_to(by_name_[name]);
    add_to(by_look_[look_of(name)]);
}

const std::vector<ToolNames::Tool>* ToolNames::named(std::string_view name) const {
    const auto found = by_name_.find(std::string(name));
    return found == by_name_.end() ? nullptr : &found->second;
}

const std::vector<ToolNames::Tool>* ToolNames::looking_like(std::string_view name) const {
    const auto found = by_look_.find(look_of(name));
    return found == by_look_.end() ? nullptr : &found->second;
}

std::vector<ToolFinding> check_tool(const std::string& server, const ToolDefinition& tool,
                                    const ToolNames& names) {
    return Checker(server, tool, names).run();
}

}  // namespace credence::guard
