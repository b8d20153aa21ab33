#include "capabilities/guard/context/departure.h"

#include <algorithm>
#include <bitset>
#include <string>
#include <unordered_set>

#include "capabilities/guard/context/departure_words.h"
#include "capabilities/guard/text/normalise.h"

namespace credence::guard {

namespace {

constexpr std::size_t kMaxTaskBytes = std::size_t{16} << 10;
constexpr std::size_t kMaxLeads = 12;         // words before the verb
constexpr std::size_t kMaxClauseBytes = 400;  // a longer clause is cut
constexpr std::size_t kMaxClauseWords = 64;
constexpr std::size_t kMaxExtended = 4096;  // orders that are read on behind their clause
constexpr std::size_t kTargetDigits = 6;    // that make a number an account
constexpr std::size_t kNearBytes = 160;     // a signal counts for clauses so near

constexpr double kTarget = 0.3;  // names an address or account that the task does not
constexpr double kPrivateThing = 0.25;
constexpr double kModelAddressed = 0.4;
constexpr double kReaderAddressed = 0.12;
constexpr double kSecretly = 0.35;
constexpr double kInstead = 0.2;    // "instead", "before you continue"
constexpr double kOffer = 0.3;      // "you can send": what is left
constexpr double kTalkedOf = 0.35;  // as an example or a warning: what is left
constexpr double kSameAct = 0.5;    // the task's act on something else: what is left
constexpr double kHandedOver = 0.4;
constexpr double kMost = 0.95;
constexpr double kGrave = 0.5;

bool is_blank_or_sign(unsigned char c) {
    return c < 0x80 && !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '\'' ||
                         c == '@' || c == '/' || c == '_' || c == '-');
}

// Ends a clause, for the purpose of finding where the next begins.
bool ends_clause(std::string_view text, std::size_t at) {
    switch (text[at]) {
        case '!':
        case '?':
        case ';':
        case ',':
        case '"':
        case '(':
        case ')':
        case '[':
        case ']':
        case '{':
        case '}':
        case '<':
        case '>':
        case '|':
        case '*':
        case '#':
            return true;
        case ':':
        case '.':
            // Not inside an address, a number or a name of a file.
            return at + 1 >= text.size() || text[at + 1] == ' ';
        default:
            if (static_cast<unsigned char>(text[at]) < 0xE0) {
                return false;
            }
            return text.substr(at).starts_with("。") || text.substr(at).starts_with("、") ||
                   text.substr(at).starts_with("।");
    }
}

struct Task {
    std::string text;  // normalised
    std::unordered_set<std::string> words;
    std::bitset<kActs> acts;
    bool hands_over = false;
};

template <class Visit>
void each_word(std::string_view text, const Visit& visit) {
    std::size_t from = 0;
    while (from < text.size()) {
        while (from < text.size() && is_blank_or_sign(static_cast<unsigned char>(text[from]))) {
            ++from;
        }
        std::size_t end = from;
        while (end < text.size() &&
               !(is_blank_or_sign(static_cast<unsigned char>(text[end])) &&
                 !(text[end] == '.' && end + 1 < text.size() && text[end + 1] != ' '))) {
            ++end;
        }
        if (end > from && !visit(text.substr(from, end - from))) {
            return;
        }
        from = end + 1;
    }
}

Task read_task(std::string_view text) {
    Task task;
    task.text = normalised_text(text.substr(0, kMaxTaskBytes));
    each_word(task.text, [&](std::string_view word) {
        task.words.emplace(word);
        if (const auto act = act_spoken_of(word)) {
            task.acts.set(static_cast<std::size_t>(*act));
        }
        task.hands_over = task.hands_over || hands_over(word);
        return true;
    });
    for (std::size_t i = 0; i < task.text.size(); ++i) {
        if (static_cast<unsigned char>(task.text[i]) >= 0xE0) {
            if (const auto phrase = act_phrase_at(std::string_view(task.text).substr(i))) {
                task.acts.set(static_cast<std::size_t>(phrase->act));
            }
        }
    }
    return task;
}

struct Order {
    Act act = Act::send;
    std::size_t verb = 0;  // where it stands in the clause
    bool model = false;
    bool reader = false;
    bool offer = false;
};

// An order begins the clause, or follows words that may stand before one.
std::optional<Order> order_of(std::string_view clause) {
    Order order;
    std::size_t leads = 0;
    bool verb_seen = false;
    bool found = false;
    bool speaker = false;
    each_word(clause, [&](std::string_view word) {
        if (verb_seen) {
            // A word alone is a heading, a label or a key.
            found = !speaker && !makes_noun(word);
            return false;
        }
        const auto lead = lead_of(word);
        const auto act = act_of(word);
        if (act && (!lead || leads == 0)) {
            order.act = *act;
            order.verb = static_cast<std::size_t>(word.data() - clause.data());
            verb_seen = true;
            return true;
        }
        if (!lead || ++leads > kMaxLeads) {
            return false;
        }
        order.model = order.model || *lead == Lead::model;
        order.offer = order.offer || *lead == Lead::ability;
        if (*lead == Lead::reader || *lead == Lead::model) {
            order.reader = true;
            speaker = false;
        }
        speaker = speaker || *lead == Lead::speaker;
        return true;
    });
    return found ? std::optional(order) : std::nullopt;
}

bool is_target(std::string_view word) {
    const auto digits =
        std::count_if(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
    return word.find('@') != std::string_view::npos || word.starts_with("http") ||
           word.starts_with("www.") || static_cast<std::size_t>(digits) >= kTargetDigits ||
           (word.find('.') != std::string_view::npos && word.find('/') != std::string_view::npos);
}

// What a clause adds to its verb.
struct Support {
    bool target = false;  // one that the task does not name
    bool private_thing = false;
    bool talk = false;
    std::size_t words = 0;  // of content
    std::size_t known = 0;  // of these, in the task
};

Support support_of(std::string_view clause, const Task& task) {
    constexpr std::size_t kContentBytes = 4;
    Support support;
    std::size_t seen = 0;
    each_word(clause, [&](std::string_view word) {
        const bool known = task.words.contains(std::string(word));
        support.target = support.target ||
                         (is_target(word) && !known && task.text.find(word) == std::string::npos);
        support.private_thing = support.private_thing || (is_private(word) && !known);
        support.talk = support.talk || is_talk(word);
        if (word.size() >= kContentBytes && !lead_of(word) && !act_of(word)) {
            ++support.words;
            support.known += known ? 1 : 0;
        }
        return ++seen < kMaxClauseWords;
    });
    return support;
}

// Signals near an order that speak for it, by rule.
enum class Hint : std::uint8_t { none, model, secretly, instead, private_thing };

Hint hint_of(const Rule& rule) {
    constexpr std::pair<std::string_view, Hint> kHints[] = {
        {"signal.imperative_to_model", Hint::model},
        {"signal.reader_words", Hint::model},
        {"signal.conceal_world", Hint::secretly},
        {"signal.secrecy", Hint::secretly},
        {"signal.task_switch", Hint::instead},
        {"signal.seq_task_coming", Hint::instead},
        {"signal.seq_send_private", Hint::private_thing},
    };
    for (const auto& [id, hint] : kHints) {
        if (rule.id == id) {
            return hint;
        }
    }
    return Hint::none;
}

class Search {
public:
    Search(const RuleSet& rules, const Analysis& data, Task task)
        : rules_(rules), data_(data), task_(std::move(task)) {}

    void look_through(std::size_t view) {
        const Normalised& normalised = data_.views.all()[view].normalised;
        const std::string_view text = normalised.text;
        view_ = view;
        sentence_ = 0;
        signal_ = static_cast<std::size_t>(
            std::lower_bound(data_.signals.begin(), data_.signals.end(), view,
                             [](const SignalHit& hit, std::size_t v) { return hit.view < v; }) -
            data_.signals.begin());
        auto next_break = normalised.breaks.begin();
        std::size_t from = 0;
        for (std::size_t i = 0; i <= text.size(); ++i) {
            while (next_break != normalised.breaks.end() && *next_break < i) {
                ++next_break;
            }
            const bool line = next_break != normalised.breaks.end() && *next_break == i;
            if (line || (i > 0 && text[i - 1] != ' ' && i < text.size() && text[i] == ' ' &&
                         ends_sentence(text[i - 1]))) {
                sentence_ = i;
            }
            if (i == text.size() || line || i - from >= kMaxClauseBytes || ends_clause(text, i)) {
                look_at(text, from, i);
                from = line ? i : i + 1;
            } else if (text[i] == ' ' && joins(text, i)) {
                look_at(text, from, i);
                from = i;
            } else if (static_cast<unsigned char>(text[i]) >= 0xE0) {
                if (const auto phrase = act_phrase_at(text.substr(i))) {
                    const std::size_t end = std::min(text.size(), i + kNearBytes);
                    Order order;
                    order.act = phrase->act;
                    weigh(text, {from, end}, order);
                }
            }
        }
    }

    std::optional<Departure> best() const {
        return best_.score > 0 ? std::optional(best_) : std::nullopt;
    }

private:
    static bool ends_sentence(char c) { return c == '.' || c == '!' || c == '?'; }

    // What stands before the clause in its sentence talks of attacks or examples.
    bool is_talked_of(std::string_view text, std::size_t clause) const {
        const std::size_t from =
            std::max(sentence_, clause > kNearBytes ? clause - kNearBytes : std::size_t{0});
        bool talk = false;
        each_word(text.substr(from, clause - from), [&](std::string_view word) {
            talk = is_talk(word);
            return !talk;
        });
        return talk;
    }

    // "… and send it to": a second order of the same clause.
    static bool joins(std::string_view text, std::size_t at) {
        constexpr std::string_view kFirst = "atpuey";
        if (at + 1 >= text.size() || kFirst.find(text[at + 1]) == std::string_view::npos) {
            return false;
        }
        for (const std::string_view word :
             {" and ", " then ", " please ", " und ", " et ", " y "}) {
            if (text.substr(at).starts_with(word)) {
                return true;
            }
        }
        return false;
    }

    void look_at(std::string_view text, std::size_t from, std::size_t to) {
        if (to <= from) {
            return;
        }
        if (const auto order = order_of(text.substr(from, to - from))) {
            // What the verb is done to may lie behind a comma or a colon.
            std::size_t end = to;
            const std::size_t most = ++orders_ > kMaxExtended ? 0 : kNearBytes;
            while (end < text.size() && end - from < most && text[end] != '.' && text[end] != '!' &&
                   text[end] != '?') {
                ++end;
            }
            while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) {
                ++end;
            }
            while (most > 0 && end < text.size() && text[end] != ' ' &&
                   end - from < kMaxClauseBytes) {
                ++end;
            }
            weigh(text, {from, end}, *order);
        }
    }

    // Bits of the hints whose signals fired near the clause. Clauses come in ascending order.
    unsigned hints_near(ByteSpan clause) {
        const auto& hits = data_.signals;
        const std::size_t first =
            clause.start > kNearBytes ? clause.start - kNearBytes : std::size_t{0};
        while (signal_ < hits.size() && hits[signal_].view == view_ && hits[signal_].at < first) {
            ++signal_;
        }
        unsigned bits = 0;
        constexpr std::size_t kMaxHits = 64;
        for (std::size_t i = signal_; i < hits.size() && i - signal_ < kMaxHits; ++i) {
            if (hits[i].view != view_ || hits[i].at > clause.end + kNearBytes) {
                break;
            }
            bits |= 1U << static_cast<unsigned>(hint_of(rules_.rules()[hits[i].rule]));
        }
        return bits;
    }

    void weigh(std::string_view text, ByteSpan clause, const Order& order) {
        const Support support =
            support_of(text.substr(clause.start, clause.end - clause.start), task_);
        const bool same = task_.acts.test(static_cast<std::size_t>(order.act));
        const bool same_things = support.words > 0 && 2 * support.known >= support.words;
        if (same && (!support.target || same_things)) {
            return;  // the task itself, repeated
        }
        const unsigned hints = hints_near(clause);
        const auto hinted = [&](Hint hint) {
            return ((hints >> static_cast<unsigned>(hint)) & 1U) != 0;
        };
        double innocent = 1 - traits_of(order.act).weight * (same ? kSameAct : 1.0);
        const auto add = [&](bool holds, double weight) { innocent *= holds ? 1 - weight : 1.0; };
        add(support.target, kTarget);
        add(support.private_thing || hinted(Hint::private_thing), kPrivateThing);
        add(order.model || hinted(Hint::model), kModelAddressed);
        add(order.reader && !order.model, kReaderAddressed);
        add(hinted(Hint::secretly), kSecretly);
        add(hinted(Hint::instead), kInstead);
        double score = 1 - innocent;
        score *= order.offer ? kOffer : 1.0;
        score *= support.talk || is_talked_of(text, clause.start) ? kTalkedOf : 1.0;
        score *= task_.hands_over ? kHandedOver : 1.0;
        score *= same_things ? kSameAct : 1.0;
        score = std::min(score, kMost);
        if (score > best_.score) {
            best_ = {score, score >= kGrave ? Severity::high : Severity::medium,
                     data_.views.to_original(view_, clause), view_, traits_of(order.act).name};
        }
    }

    const RuleSet& rules_;
    const Analysis& data_;
    Task task_;
    std::size_t view_ = 0;
    std::size_t signal_ = 0;
    std::size_t sentence_ = 0;  // where the sentence begins
    std::size_t orders_ = 0;
    Departure best_;
};

}  // namespace

std::optional<Departure> departure(const RuleSet& rules, const Analysis& data,
                                   std::string_view task, SourceKind source_kind) {
    const bool is_data = source_kind == SourceKind::document ||
                         source_kind == SourceKind::tool_result ||
                         source_kind == SourceKind::tool_description;
    if (!is_data || task.empty()) {
        return std::nullopt;
    }
    Search search(rules, data, read_task(task));
    for (std::size_t view = 0; view < data.views.all().size(); ++view) {
        search.look_through(view);
    }
    return search.best();
}

}  // namespace credence::guard
