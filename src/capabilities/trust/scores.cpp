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

// Exactly once, and for its own agent only.
Result<void> check_once(const LogRecord& record, const score_rows::Circumstances& found) {
    constexpr std::string_view kField = "verification_id";
    if (!record.verification_id) {
        return {};  // an administrator's observation
    }
    if (found.applied) {
        return fail(Code::conflict, "the verification was applied already", std::string(kField));
    }
    if (found.deferred_for && record.entry != EntryKind::evidence) {
        return fail(Code::conflict, "the verification was recorded here before",
                    std::string(kField));
    }
    if (found.deferred_for && *found.deferred_for != record.agent_id) {
        return fail(Code::conflict, "the verification is another agent's", std::string(kField));
    }
    return {};
}

double novelty_in(const LogRecord& record, bool repeated, std::int64_t same_effort) {
    if (record.entry != EntryKind::evidence || !is_conclusive(record.outcome)) {
        return 0;
    }
    return record.verification_id ? novelty_of(repeated, same_effort) : 1;
}

}  // namespace

Result<Appender::Ready> Appender::prepare(const LogRecord& record) {
    const auto found = known_.find({record.agent_id, record.claim_kind});
    if (found != known_.end()) {
        const auto circumstances = TRY(score_rows::circumstances(tx_, context_, record));
        TRY(check_once(record, circumstances));
        return Ready{found->second, circumstances.repeated, circumstances.same_effort};
    }
    const auto standing = TRY(score_rows::standing(tx_, context_, record));
    if (!standing) {
        return fail(Code::not_found, "there is no such agent in this namespace", "agent_id");
    }
    if (standing->retired) {
        return fail(Code::conflict, "the agent is retired", "agent_id");
    }
    TRY(check_once(record, standing->circumstances));
    Known fresh;
    if (standing->state) {
        fresh.state = TRY(decode_state(*standing->state));
    }
    if (!moved_) {
        head_ = standing->head.value_or(LogHead{0, chain_start()});
    }
    Known& known =
        known_.emplace(Key{record.agent_id, record.claim_kind}, std::move(fresh)).first->second;
    return Ready{known, standing->circumstances.repeated, standing->circumstances.same_effort};
}

Result<Appended> Appender::append(LogRecord& record) {
    const Ready ready = TRY(prepare(record));
    record.novelty = novelty_in(record, ready.repeated, ready.same_effort);
    record.weight = record.strength * record.novelty;
    Appended appended;
    appended.before = ready.known.state;
    appended.after = fold(appended.before, observation_of(record));
    appended.lower_bound = appended.after.bound;
    record.name_space = context_.name_space;
    record.actor = context_.actor;
    record.old_score = mean(appended.before);
    record.new_score = mean(appended.after);
    record.seq = head_.seq + 1;
    record.previous_hash = head_.hash;
    record.hash = hash_of(context_.tenant, record);
    TRY(score_rows::append(tx_, context_.tenant, record));
    TRY(tell(record, appended));
    ready.known.state = appended.after;
    ready.known.seq = record.seq;
    head_ = {record.seq, record.hash};
    moved_ = true;
    return appended;
}

Result<void> Appender::finish() {
    if (!moved_) {
        return {};
    }
    TRY(score_rows::put_head(tx_, context_.tenant, head_));
    for (const auto& [key, known] : known_) {
        if (known.seq > 0) {
            TRY(score_rows::put_state(
                tx_, context_.tenant,
                {context_.name_space, key.first, std::string(score_rows::name_of(key.second)),
                 known.seq, encode_state(known.state)}));
        }
    }
    return {};
}

Result<void> Appender::tell(const LogRecord& record, const Appended& appended) {
    if (record.entry != EntryKind::deferred && appended.before != appended.after) {
        TRY(tx_.emit(context_,
                     TrustChanged{record.name_space, record.agent_id, record.claim_kind,
                                  record.entry, record.seq, record.old_score, record.new_score,
                                  appended.lower_bound, appended.after.tier}));
    }
    if (appended.after.alarms > appended.before.alarms) {
        TRY(tx_.emit(context_,
                     TrustAlarm{record.name_space, record.agent_id, record.claim_kind, record.seq,
                                appended.after.usual, appended.after.suspected}));
    }
    return {};
}

Result<Appended> append_entry(store::Tx& tx, const Context& context, LogRecord& record) {
    Appender appender(tx, context);
    auto appended = TRY(appender.append(record));
    TRY(appender.finish());
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
