#include <limits>

#include "capabilities/trust/agents.h"
#include "capabilities/trust/score_rows.h"
#include "capabilities/trust/trust.h"
#include "stats/beta.h"

namespace credence::trust {
namespace {

constexpr double kSeedLine = 0.7;          // the seed's "trusted"
constexpr std::int64_t kSeedReliable = 5;  // the seed's min_observations
constexpr const char* kMethod =
    "discounted Beta posterior, prior Beta(1,1); 5 % and 95 % quantiles";

Result<ClaimKind> kind_of(const std::string& name) {
    const auto& names = shape_of<ClaimKind>().enumerators;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i] == name) {
            return static_cast<ClaimKind>(i);
        }
    }
    return fail(Code::internal, "a stored kind of claim is unknown; see trust.replay");
}

// Adds evidence up; the EWMA by the number of verifications.
TrustScore pooled(const std::string& agent_id, const std::vector<ScoreState>& states) {
    TrustScore score;
    score.agent_id = agent_id;
    score.method = kMethod;
    ScoreState all;
    double ewma_sum = 0;
    for (const ScoreState& state : states) {
        all.alpha += state.alpha - 1;
        all.beta += state.beta - 1;
        score.total_verifications += state.verifications;
        score.accurate_verifications += state.accurate;
        ewma_sum += state.ewma * static_cast<double>(state.verifications);
        score.alarmed = score.alarmed || state.alarmed;
    }
    if (score.total_verifications > 0) {
        const auto total = static_cast<double>(score.total_verifications);
        score.verification_accuracy = static_cast<double>(score.accurate_verifications) / total;
        score.ewma = ewma_sum / total;
    } else if (states.size() == 1) {
        score.ewma = states.front().ewma;  // an override without verifications
    }
    score.trust_score = mean(all);
    score.lower_bound = lower_bound(all);
    score.upper_bound = upper_bound(all);
    score.effective_n = effective_n(all);
    score.tier = tier_of(score.lower_bound, score.effective_n, score.alarmed);
    score.is_reliable = score.total_verifications >= kSeedReliable;
    score.requires_verification = score.alarmed || score.lower_bound < kSeedLine ||
                                  score.effective_n < kParameters.tier_minimum_n;
    return score;
}

TrustHistoryEntry entry_of(const LogRecord& record) {
    TrustHistoryEntry entry;
    entry.seq = record.seq;
    entry.changed_at_us = record.at_us;
    entry.claim_kind = record.claim_kind;
    entry.entry = record.entry;
    if (record.entry == EntryKind::evidence || record.entry == EntryKind::deferred) {
        entry.outcome = record.outcome;
    }
    entry.old_score = record.old_score;
    entry.new_score = record.new_score;
    entry.delta = record.new_score - record.old_score;
    entry.weight = record.weight;
    entry.verification_id = record.verification_id;
    entry.verified_by = record.verified_by;
    entry.reason = record.reason;
    entry.actor = record.actor;
    entry.hash = record.hash;
    return entry;
}

}  // namespace

KindTrust kind_trust(ClaimKind kind, const ScoreState& stored, std::int64_t now_us) {
    const ScoreState state = aged(stored, now_us);
    KindTrust trust;
    trust.claim_kind = kind;
    trust.trust_score = mean(state);
    trust.lower_bound = lower_bound(state);
    trust.upper_bound = upper_bound(state);
    trust.effective_n = effective_n(state);
    trust.method = kMethod;
    trust.ewma = state.ewma;
    trust.total_verifications = state.verifications;
    trust.accurate_verifications = state.accurate;
    trust.inconclusive_verifications = state.inconclusive;
    trust.error_verifications = state.errors;
    trust.repeated_verifications = state.repeated;
    trust.overrides = state.overrides;
    trust.inconclusive_share = inconclusive_share(state);
    trust.tier = state.tier;
    trust.alarmed = state.alarmed;
    trust.last_change_at_us = state.last_change_us;
    return trust;
}

Result<TrustScore> Trust::get_trust_score(const Context& context, const GetTrustScore& request) {
    const std::int64_t now_us = parts_.clock.now_us();
    return parts_.database.read([&](store::Tx& tx) -> Result<TrustScore> {
        TRY(Agents::find(tx, context, request.agent_id));
        std::vector<ScoreState> states;
        std::vector<KindTrust> kinds;
        for (const auto& row : TRY(score_rows::states_of(tx, context, request.agent_id))) {
            const ClaimKind kind = TRY(kind_of(row.claim_kind));
            if (request.claim_kind && *request.claim_kind != kind) {
                continue;
            }
            const ScoreState state = TRY(decode_state(row.state));
            states.push_back(aged(state, now_us));
            kinds.push_back(kind_trust(kind, state, now_us));
        }
        TrustScore score = pooled(request.agent_id, states);
        score.kinds = std::move(kinds);
        return score;
    });
}

Result<TrustHistory> Trust::get_trust_history(const Context& context,
                                              const GetTrustHistory& request) {
    return parts_.database.read([&](store::Tx& tx) -> Result<TrustHistory> {
        TRY(Agents::find(tx, context, request.agent_id));
        score_rows::History filter;
        filter.agent_id = request.agent_id;
        if (request.claim_kind) {
            filter.claim_kind = score_rows::name_of(*request.claim_kind);
        }
        filter.before_seq = request.before_seq.value_or(std::numeric_limits<std::int64_t>::max());
        filter.limit = request.limit + 1;
        auto records = TRY(score_rows::history(tx, context, filter));
        TrustHistory history;
        history.agent_id = request.agent_id;
        if (std::ssize(records) > request.limit) {
            records.pop_back();
            history.next_before_seq = records.back().seq;
        }
        for (const LogRecord& record : records) {
            history.entries.push_back(entry_of(record));
        }
        return history;
    });
}

Result<GateDecision> Trust::gate(const Context& context, const GateQuery& request) {
    return parts_.database.read(
        [&](store::Tx& tx) { return services_.gate.check(tx, context, request); });
}

}  // namespace credence::trust
