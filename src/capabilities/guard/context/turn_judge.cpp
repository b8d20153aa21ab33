#include "capabilities/guard/context/turn_judge.h"

#include <algorithm>
#include <array>
#include <set>

#include "capabilities/guard/context/fragments.h"
#include "capabilities/guard/text/normalise.h"

namespace credence::guard {

namespace {

constexpr double kDecay = 0.85;
constexpr double kShare = 0.5;        // of a turn's score in a level
constexpr double kLeastScore = 0.15;  // of findings that count towards a level
constexpr double kLeastJoined = 0.3;  // of findings across turns
constexpr double kToldLevel = 0.3;
constexpr double kEnded = 0.6;             // a finding across the end of a sentence: what is left
constexpr std::size_t kMaxFragment = 400;  // of a part to be joined without a blank
constexpr std::size_t kMaxKeptOfTurn = 2048;
constexpr std::size_t kMaxAssembledFrom = 16'384;
constexpr std::int64_t kMaxTailTurns = 2 * static_cast<std::int64_t>(kMaxTailParts);
constexpr std::int64_t kRefusalTurns = 6;  // a refusal is remembered so long
constexpr double kLeastOverlap = 0.5;
constexpr double kAskedAgain = 0.12;
constexpr double kFramed = 0.3;

constexpr std::array<std::string_view, 11> kFrames{
    "signal.authority",        "signal.encoding_talk",       "signal.fiction_frame",
    "signal.hypothetical",     "signal.no_restrictions",     "signal.persona_assignment",
    "signal.persona_world",    "signal.refusal_suppression", "signal.seq_fiction_harm",
    "signal.seq_persona_harm", "signal.unbound_world"};

SourceKind source_of(const ScanTurn& turn) {
    if (turn.source_kind) {
        return *turn.source_kind;
    }
    switch (turn.role) {
        case TurnRole::assistant:
            return SourceKind::assistant;
        case TurnRole::system:
            return SourceKind::system;
        case TurnRole::tool:
            return SourceKind::tool_result;
        default:
            return SourceKind::user;
    }
}

bool ends_sentence(std::string_view text) {
    while (!text.empty() && (text.back() == ' ' || text.back() == '\n')) {
        text.remove_suffix(1);
    }
    return text.empty() || text.ends_with('.') || text.ends_with('!') || text.ends_with('?') ||
           text.ends_with("。") || text.ends_with("！") || text.ends_with("？");
}

// Text of at most `most` bytes from the end, beginning with a character.
std::string tail_of(std::string_view text, std::size_t most) {
    std::size_t from = text.size() > most ? text.size() - most : 0;
    while (from < text.size() && (static_cast<unsigned char>(text[from]) & 0xC0U) == 0x80) {
        ++from;
    }
    return std::string(text.substr(from));
}

class TurnJudge {
public:
    TurnJudge(const Context& context, const TextJudge& judge, const ScanTurn& turn,
              ConversationState& state)
        : context_(context), judge_(judge), turn_(turn), state_(state) {}

    Result<TurnOutcome> run(const Thresholds& thresholds) {
        TextToJudge what;
        what.text = turn_.text;
        what.source_kind = source_of(turn_);
        what.direction = turn_.role == TurnRole::assistant ? Direction::output : Direction::input;
        what.task = turn_.task ? std::string_view(*turn_.task) : std::string_view();
        judged_ = TRY(judge_(context_, what));
        ++state_.turns;
        add_turn();
        if (turn_.role == TurnRole::user || turn_.role == TurnRole::tool) {
            TRY(read_across());
            TRY(read_assembled());
            keep_told();
            accumulate();
            keep_tail();
        }
        if (turn_.role == TurnRole::user) {
            compare_to_refused();
        } else if (turn_.role == TurnRole::assistant) {
            note_refusal();
        }
        return outcome(thresholds);
    }

private:
    void add(TurnReason reason) { reasons_.push_back(std::move(reason)); }

    void add_turn() {
        std::set<std::string> told;
        for (const TextThreat& threat : judged_.threats) {
            if (threat.score >= kLeastScore && told.insert(threat.technique).second) {
                add({TurnReasonKind::turn,
                     threat.category,
                     threat.technique,
                     threat.severity,
                     threat.score,
                     "Rule " + threat.rule + " found it in the turn.",
                     {}});
            }
        }
    }

    // Findings of `text` that reach from earlier parts into the last. `borders`: where parts begin,
    // but for the first.
    Result<void> read_joined(const std::string& text, const std::vector<std::size_t>& borders,
                             const std::vector<TailPart>& parts) {
        TextToJudge what;
        what.text = text;
        what.source_kind = source_of(turn_);
        what.rules_only = true;
        const JudgedText joined = TRY(judge_(context_, what));
        for (const TextThreat& threat : joined.threats) {
            // Only what this turn completes: the rest was told before.
            if (!is_attack(threat.category) || threat.span.start >= borders.back() ||
                threat.span.end <= borders.back()) {
                continue;
            }
            const auto first = static_cast<std::size_t>(
                std::upper_bound(borders.begin(), borders.end(), threat.span.start) -
                borders.begin());
            const double score =
                threat.score * (ends_sentence(parts[parts.size() - 2].text) ? kEnded : 1.0);
            if (score >= kLeastJoined && is_new(threat.category, parts[first].turn)) {
                tell(threat.category, parts[first].turn, state_.turns);
                add({TurnReasonKind::split_payload, threat.category, threat.technique,
                     threat.severity, score,
                     "Rule " + threat.rule + " found it across turns read together.",
                     parts[first].turn});
            }
        }
        return {};
    }

    // What was found in some turns is not found again by what follows them.
    static std::int64_t mark_of(Category category, std::int64_t turn) {
        return turn * static_cast<std::int64_t>(kCategories) + static_cast<std::int64_t>(category);
    }

    void tell(Category category, std::int64_t first, std::int64_t last) {
        for (std::int64_t turn = std::max(first, last - kMaxTailTurns); turn <= last; ++turn) {
            next_told_.push_back(mark_of(category, turn));
        }
    }

    bool is_new(Category category, std::int64_t turn) const {
        return std::find(state_.told.begin(), state_.told.end(), mark_of(category, turn)) ==
               state_.told.end();
    }

    void keep_told() {
        for (const TurnReason& reason : reasons_) {
            if (reason.kind == TurnReasonKind::turn && reason.score >= kLeastJoined) {
                tell(reason.category, state_.turns, state_.turns);
            }
        }
        auto& told = state_.told;
        told.insert(told.end(), next_told_.begin(), next_told_.end());
        std::sort(told.begin(), told.end());
        told.erase(std::unique(told.begin(), told.end()), told.end());
        if (told.size() > kMaxTold) {
            told.erase(told.begin(), told.end() - static_cast<std::ptrdiff_t>(kMaxTold));
        }
    }

    Result<void> read_across() {
        if (state_.tail.empty()) {
            return {};
        }
        std::vector<TailPart> parts = state_.tail;
        parts.push_back({state_.turns, turn_.text.substr(0, kMaxKeptOfTurn)});
        for (const bool blank : {true, false}) {
            std::string text;
            std::vector<std::size_t> borders;
            std::vector<TailPart> used;
            for (const TailPart& part : parts) {
                // Only short pieces are put together without a blank.
                if (!blank && part.text.size() > kMaxFragment) {
                    text.clear();
                    borders.clear();
                    used.clear();
                    continue;
                }
                if (!used.empty()) {
                    borders.push_back(text.size());
                    text += blank ? " " : "";
                }
                text += part.text;
                used.push_back(part);
            }
            if (used.size() > 1) {
                TRY(read_joined(text, borders, used));
            }
        }
        return {};
    }

    Result<void> read_assembled() {
        std::string all;
        for (const TailPart& part : state_.tail) {
            all += part.text + "\n";
        }
        const std::string before = assembled(all);
        all += turn_.text.substr(0, kMaxAssembledFrom);
        std::string text = assembled(all);
        // What earlier turns came to was told then.
        if (text.starts_with(before)) {
            text.erase(0, before.size());
        }
        if (text.empty()) {
            return {};
        }
        TextToJudge what;
        what.text = text;
        what.source_kind = source_of(turn_);
        what.rules_only = true;
        const JudgedText joined = TRY(judge_(context_, what));
        for (const TextThreat& threat : joined.threats) {
            if (is_attack(threat.category) && threat.score >= kLeastJoined) {
                add({TurnReasonKind::assembled,
                     threat.category,
                     threat.technique,
                     threat.severity,
                     threat.score,
                     "Rule " + threat.rule + " found it in what an expression comes to.",
                     {}});
            }
        }
        return {};
    }

    void accumulate() {
        double override_score = judged_.attack_score;
        double persona_score = 0;
        for (const TurnReason& reason : reasons_) {
            if (reason.category == Category::jailbreak) {
                persona_score = std::max(persona_score, reason.score);
            } else if (is_attack(reason.category)) {
                override_score = std::max(override_score, reason.score);
            }
        }
        // What is known to be a persona is not counted twice.
        override_score = persona_score >= override_score ? 0 : override_score;
        const auto raise = [](double& level, double score) {
            score = score >= kLeastScore ? score : 0;
            level = 1 - (1 - kDecay * level) * (1 - kShare * score);
        };
        const double before = std::max(state_.override_level, state_.persona_level);
        raise(state_.override_level, override_score);
        raise(state_.persona_level, persona_score);
        const double sum = 1 - (1 - state_.override_level) * (1 - state_.persona_level);
        if (before > 0 && sum >= kToldLevel) {
            const bool persona = state_.persona_level > state_.override_level;
            add({TurnReasonKind::accumulation,
                 persona ? Category::jailbreak : Category::prompt_injection,
                 persona ? "persona_drift" : "override_attempts",
                 Severity::medium,
                 sum,
                 "Attempts of several turns add up.",
                 {}});
        }
    }

    void keep_tail() {
        state_.tail.push_back({state_.turns, tail_of(turn_.text, kMaxKeptOfTurn)});
        std::size_t bytes = 0;
        for (const TailPart& part : state_.tail) {
            bytes += part.text.size();
        }
        while (state_.tail.size() > kMaxTailParts || bytes > kMaxTailBytes) {
            bytes -= state_.tail.front().text.size();
            state_.tail.erase(state_.tail.begin());
        }
    }

    void compare_to_refused() {
        state_.asked_words = word_sketch(normalised_text(turn_.text.substr(0, kMaxTailBytes)));
        if (state_.refused_turn == 0) {
            return;
        }
        if (state_.turns - state_.refused_turn > kRefusalTurns) {
            state_.refused_turn = 0;
            state_.rephrased = 0;
            return;
        }
        if (sketch_overlap(state_.asked_words, state_.refused_words) < kLeastOverlap) {
            return;
        }
        ++state_.rephrased;
        double innocent = 1 - judged_.attack_score;
        constexpr std::int64_t kMaxAttempts = 20;
        for (std::int64_t i = 0; i < std::min(state_.rephrased, kMaxAttempts); ++i) {
            innocent *= 1 - kAskedAgain;
        }
        const bool framed = std::any_of(
            judged_.signals.begin(), judged_.signals.end(), [](const std::string& name) {
                return std::find(kFrames.begin(), kFrames.end(), name) != kFrames.end();
            });
        innocent *= framed ? 1 - kFramed : 1.0;
        add({TurnReasonKind::rephrased, Category::jailbreak, "rephrase_after_refusal",
             Severity::medium, 1 - innocent,
             framed ? "A refused request comes back inside a frame."
                    : "A refused request comes back.",
             state_.refused_turn});
    }

    void note_refusal() {
        if (!state_.asked_words.empty() && is_refusal(turn_.text)) {
            ++state_.refusals;
            state_.refused_turn = state_.turns;
            state_.refused_words = state_.asked_words;
        }
    }

    TurnOutcome outcome(const Thresholds& thresholds) {
        TurnOutcome out;
        out.turn_verdict = judged_.verdict;
        out.turn_score = judged_.score;
        out.verdict = judged_.verdict;
        out.score = judged_.score;
        for (const TurnReason& reason : reasons_) {
            if (reason.kind == TurnReasonKind::turn) {
                continue;
            }
            out.score = std::max(out.score, reason.score);
            const Verdict verdict = reason.score >= thresholds.block  ? Verdict::block
                                    : reason.score >= thresholds.flag ? Verdict::flag
                                                                      : Verdict::allow;
            out.verdict = std::max(out.verdict, verdict);
        }
        std::stable_sort(
            reasons_.begin(), reasons_.end(),
            [](const TurnReason& a, const TurnReason& b) { return a.score > b.score; });
        std::set<std::pair<TurnReasonKind, std::string>> told;
        for (TurnReason& reason : reasons_) {
            if (out.reasons.size() < kMaxReasons &&
                told.emplace(reason.kind, reason.technique).second) {
                out.reasons.push_back(std::move(reason));
            }
        }
        return out;
    }

    const Context& context_;
    const TextJudge& judge_;
    const ScanTurn& turn_;
    ConversationState& state_;
    JudgedText judged_;
    std::vector<TurnReason> reasons_;
    std::vector<std::int64_t> next_told_;
};

}  // namespace

Result<TurnOutcome> judge_turn(const Context& context, const TextJudge& judge,
                               const Thresholds& thresholds, const ScanTurn& turn,
                               ConversationState& state) {
    ConversationState next = state;
    TurnOutcome outcome = TRY(TurnJudge(context, judge, turn, next).run(thresholds));
    state = std::move(next);
    return outcome;
}

}  // namespace credence::guard
