#include "capabilities/trust/scores.h"

#include <algorithm>
#include <set>

#include "base/hash_chain.h"
#include "capabilities/trust/agents.h"
#include "capabilities/trust/score_append.h"
#include "capabilities/trust/score_rows.h"

namespace credence::trust {
namespace {

constexpr std::size_t kMaxRingAgents = 1000;  // looked at; a wider net is refused

LogRecord record_of(const Evidence& evidence, EntryKind entry, std::int64_t at_us) {
    LogRecord record;
    record.at_us = at_us;
    record.agent_id = evidence.agent_id;
    record.claim_kind = evidence.kind;
    record.entry = entry;
    record.outcome = evidence.outcome;
    record.strength = evidence.strength;
    record.verification_id = evidence.verification_id;
    record.record_digest = evidence.record_digest;
    record.claim_digest = evidence.claim_digest;
    record.effort_digest = evidence.effort_digest;
    record.verified_by = evidence.verified_by;
    record.reason = "verification_" + std::string(score_rows::name_of(evidence.kind));
    return record;
}

Result<void> check_evidence(const Evidence& evidence) {
    if (!(evidence.strength > 0 && evidence.strength <= 1)) {
        return fail(Code::invalid, "the strength of evidence is in (0, 1]", "strength");
    }
    return {};
}

bool is_conclusive(Outcome outcome) {
    return outcome == Outcome::confirmed || outcome == Outcome::refuted;
}

// Exactly once, for its own agent only; and how much of it is new.
Result<void> judge_novelty(store::Tx& tx, const Context& context, LogRecord& record) {
    const bool evidence = record.entry == EntryKind::evidence;
    if (record.verification_id) {
        const auto found = TRY(score_rows::circumstances(tx, context, record));
        if (found.applied || (found.deferred_for && !evidence)) {
            return fail(Code::conflict, "the verification was recorded here before",
                        "verification_id");
        }
        if (found.deferred_for && *found.deferred_for != record.agent_id) {
            return fail(Code::conflict, "the verification is another agent's", "verification_id");
        }
        record.novelty = evidence ? novelty_of(found.repeated, found.same_effort) : 0;
    } else {
        record.novelty = evidence ? 1 : 0;  // an administrator's observation
    }
    if (!is_conclusive(record.outcome)) {
        record.novelty = 0;
    }
    record.weight = record.strength * record.novelty;
    return {};
}

Result<void> tell(store::Tx& tx, const Context& context, const LogRecord& record,
                  const Appended& appended) {
    if (appended.before != appended.after && record.entry != EntryKind::deferred) {
        TRY(tx.emit(context,
                    TrustChanged{record.name_space, record.agent_id, record.claim_kind,
                                 record.entry, record.seq, record.old_score, record.new_score,
                                 appended.lower_bound, appended.after.tier}));
    }
    if (appended.after.alarms > appended.before.alarms) {
        TRY(tx.emit(context,
                    TrustAlarm{record.name_space, record.agent_id, record.claim_kind, record.seq,
                               appended.after.usual, appended.after.suspected}));
    }
    return {};
}

}  // namespace

Result<Appended> append_entry(store::Tx& tx, const Context& context, LogRecord& record) {
    const auto standing =
        TRY(score_rows::standing(tx, context, record.agent_id, record.claim_kind));
    if (!standing) {
        return fail(Code::not_found, "there is no such agent in this namespace", "agent_id");
    }
    if (standing->retired) {
        return fail(Code::conflict, "the agent is retired", "agent_id");
    }
    TRY(judge_novelty(tx, context, record));
    Appended appended;
    if (standing->state) {
        appended.before = TRY(decode_state(*standing->state));
    }
    appended.after = fold(appended.before, observation_of(record));
    appended.lower_bound = lower_bound(appended.after);
    record.name_space = context.name_space;
    record.actor = context.actor;
    record.old_score = mean(appended.before);
    record.new_score = mean(appended.after);
    record.seq = standing->head ? standing->head->seq + 1 : 1;
    record.previous_hash = standing->head ? standing->head->hash : chain_start();
    record.hash = hash_of(context.tenant, record);
    TRY(score_rows::append(tx, context.tenant, record, encode_state(appended.after)));
    TRY(tell(tx, context, record, appended));
    return appended;
}

Result<AppliedEvidence> apply_evidence(store::Tx& tx, const Context& context, std::int64_t at_us,
                                       const Evidence& evidence) {
    TRY(check_evidence(evidence));
    LogRecord record = record_of(evidence, EntryKind::evidence, at_us);
    const Appended appended = TRY(append_entry(tx, context, record));
    return AppliedEvidence{record.weight, record.new_score, appended.lower_bound,
                           appended.after.ewma, record.seq};
}

Result<std::int64_t> defer_evidence(store::Tx& tx, const Context& context, std::int64_t at_us,
                                    const Evidence& evidence) {
    TRY(check_evidence(evidence));
    LogRecord record = record_of(evidence, EntryKind::deferred, at_us);
    TRY(append_entry(tx, context, record));
    return record.seq;
}

Result<void> check_verifier(store::Tx& tx, const Context& context, const std::string& agent_id,
                            const std::string& verifier, std::int64_t now_us) {
    constexpr std::string_view kField = "verified_by_agent_id";
    if (verifier == agent_id) {
        return fail(Code::forbidden, "an agent does not verify itself", std::string(kField));
    }
    const auto other = Agents::find(tx, context, verifier);
    if (!other) {
        return fail(other.error().code, "there is no such verifier in this namespace",
                    std::string(kField));
    }
    if (other->retired_at_us) {
        return fail(Code::conflict, "the verifier is retired", std::string(kField));
    }
    if (other->owner == TRY(Agents::find(tx, context, agent_id)).owner) {
        return fail(Code::forbidden, "an agent of the same owner is no independent verifier",
                    std::string(kField));
    }
    // Whom the agent verified, and whom those verified: the verifier must not be among them.
    std::set<std::string> seen{agent_id};
    std::vector<std::string> edge{agent_id};
    for (int length = 1; length <= kMaxRingLength && !edge.empty(); ++length) {
        std::vector<std::string> next;
        for (const std::string& from : edge) {
            const auto reached = TRY(score_rows::verified_since(
                tx, context, from, now_us - kRingWindowUs, kMaxRingAgents + 1));
            for (const std::string& agent : reached) {
                if (agent == verifier) {
                    return fail(Code::forbidden,
                                "this agent has lately verified its verifier, directly or over "
                                "others: a ring proves nothing",
                                std::string(kField));
                }
                if (seen.insert(agent).second) {
                    next.push_back(agent);
                }
            }
            if (seen.size() > kMaxRingAgents) {
                return fail(Code::forbidden,
                            "too many agents verify one another to rule out a ring",
                            std::string(kField));
            }
        }
        edge = std::move(next);
    }
    return {};
}

}  // namespace credence::trust
