#include <algorithm>
#include <numeric>

#include "capabilities/trust/agents.h"
#include "capabilities/trust/score_append.h"
#include "capabilities/trust/score_rows.h"
#include "capabilities/trust/trust.h"

namespace credence::trust {
namespace {

constexpr std::size_t kMaxToldErrors = 10;

std::string path_of(std::size_t item, const std::string& field) {
    return "updates[" + std::to_string(item) + "]" + (field.empty() ? "" : "." + field);
}

// What is wrong with a batch, item by item.
class Refusals {
public:
    void add(std::size_t item, const Error& error) {
        if (count_ == 0) {
            first_ = error;
            first_.field = path_of(item, error.field);
        }
        if (count_ < kMaxToldErrors) {
            text_ += (count_ == 0 ? "" : "; ") + path_of(item, error.field) + ": " + error.message;
        }
        ++count_;
    }
    Result<void> verdict(std::size_t items) const {
        if (count_ == 0) {
            return {};
        }
        Error error = first_;
        error.message = std::to_string(count_) + " of " + std::to_string(items) +
                        " updates refused, so none was applied: " + text_ +
                        (count_ > kMaxToldErrors ? "; …" : "");
        return std::unexpected(error);
    }

private:
    std::size_t count_ = 0;
    Error first_;
    std::string text_;
};

Result<void> check_reason(const std::string& reason) {
    if (reason.find_first_not_of(" \t\r\n") == std::string::npos) {
        return fail(Code::invalid, "a reason must be given", "reason");
    }
    return {};
}

Result<void> check_admin(const Context& context) {
    if (!context.scopes.allow("trust:admin")) {
        return fail(Code::forbidden, "this needs the scope trust:admin");
    }
    return {};
}

// An administrator speaks about agents, not for them, but only in the namespace.
Result<LogRecord> admin_record(store::Tx& tx, const Context& context, const std::string& agent_id,
                               const std::string& reason) {
    TRY(check_admin(context));
    TRY(check_reason(reason));
    TRY(Agents::find(tx, context, agent_id));
    LogRecord record;
    record.agent_id = agent_id;
    record.reason = reason;
    return record;
}

Result<LogRecord> deferred_record(store::Tx& tx, const Context& context,
                                  const TrustUpdate& update) {
    TRY(Agents::speak_for(tx, context, update.agent_id));
    auto record = TRY(score_rows::find_deferred(tx, context, *update.verification_id));
    // The same words for one that is unknown, elsewhere, or another agent's.
    if (!record || record->agent_id != update.agent_id) {
        return fail(Code::not_found, "this agent has no deferred verification of this id",
                    "verification_id");
    }
    if (TRY(score_rows::is_applied(tx, context.tenant, *update.verification_id))) {
        return fail(Code::conflict, "the verification was applied already", "verification_id");
    }
    if (record->outcome != Outcome::confirmed && record->outcome != Outcome::refuted) {
        return fail(Code::conflict,
                    "the verification proved nothing; it was counted as that when it was deferred",
                    "verification_id");
    }
    if (const auto waiting = TRY(score_rows::waiting_refuted(tx, context, *record))) {
        return fail(Code::conflict,
                    "an earlier refuted claim of this agent waits in entry " +
                        std::to_string(*waiting) + " of the trust log; apply that one, too",
                    "verification_id");
    }
    record->entry = EntryKind::evidence;
    return *std::move(record);
}

Result<void> check_form(const TrustUpdate& update) {
    if (update.verification_id) {
        if (update.claim_kind || update.accurate) {
            return fail(Code::invalid, "a verification says itself what it proved",
                        update.claim_kind ? "claim_kind" : "accurate");
        }
        return {};
    }
    if (!update.claim_kind) {
        return fail(Code::invalid, "give verification_id, or claim_kind, accurate and reason",
                    "claim_kind");
    }
    if (!update.accurate) {
        return fail(Code::invalid, "an observation is accurate or not", "accurate");
    }
    return check_reason(update.reason.value_or(""));
}

}  // namespace

Result<LogRecord> Trust::record_for(store::Tx& tx, const Context& context,
                                    const TrustUpdate& update) {
    TRY(check_form(update));
    if (update.verification_id) {
        return deferred_record(tx, context, update);
    }
    LogRecord record = TRY(admin_record(tx, context, update.agent_id, update.reason.value_or("")));
    record.claim_kind = *update.claim_kind;
    record.outcome = *update.accurate ? Outcome::confirmed : Outcome::refuted;
    record.strength = 1;
    return record;
}

Result<TrustUpdated> Trust::update_one(store::Tx& tx, const Context& context,
                                       const TrustUpdate& update, std::int64_t at_us) {
    LogRecord record = TRY(record_for(tx, context, update));
    record.at_us = at_us;
    const Appended appended = TRY(append_entry(tx, context, record));
    return TrustUpdated{record.agent_id,      record.claim_kind,   record.weight, record.new_score,
                        appended.lower_bound, appended.after.ewma, record.seq};
}

Result<BatchUpdated> Trust::batch_update(const Context& context, const BatchUpdate& request) {
    const std::int64_t at_us = parts_.clock.now_us();
    return parts_.database.write([&](store::Tx& tx) -> Result<BatchUpdated> {
        const std::vector<TrustUpdate>& updates = request.updates;
        // Deferred verifications in the order in which they were recorded, so that the request
        // cannot choose it; all others where they stand, before them.
        std::vector<std::int64_t> order(updates.size(), 0);
        for (std::size_t i = 0; i < updates.size(); ++i) {
            if (updates[i].verification_id) {
                const auto found =
                    TRY(score_rows::find_deferred(tx, context, *updates[i].verification_id));
                order[i] = found ? found->seq : 0;
            }
        }
        std::vector<std::size_t> turn(updates.size());
        std::iota(turn.begin(), turn.end(), std::size_t{0});
        std::ranges::stable_sort(turn, {}, [&order](std::size_t i) { return order[i]; });

        BatchUpdated batch;
        batch.updates.resize(updates.size());
        Refusals refusals;
        for (const std::size_t i : turn) {
            auto updated = update_one(tx, context, updates[i], at_us);
            if (updated) {
                batch.updates[i] = *std::move(updated);
                ++batch.applied;
            } else {
                refusals.add(i, updated.error());
            }
        }
        TRY(refusals.verdict(updates.size()));
        return batch;
    });
}

Result<KindTrust> Trust::override_score(const Context& context, const OverrideScore& request) {
    const std::int64_t at_us = parts_.clock.now_us();
    return parts_.database.write([&](store::Tx& tx) -> Result<KindTrust> {
        LogRecord record = TRY(admin_record(tx, context, request.agent_id, request.reason));
        record.at_us = at_us;
        record.claim_kind = request.claim_kind;
        record.entry = EntryKind::override_;
        record.strength = request.weight;
        record.target = request.trust_score;
        const Appended appended = TRY(append_entry(tx, context, record));
        return kind_trust(record.claim_kind, appended.after, at_us);
    });
}

Result<KindTrust> Trust::clear_alarm(const Context& context, const ClearAlarm& request) {
    const std::int64_t at_us = parts_.clock.now_us();
    return parts_.database.write([&](store::Tx& tx) -> Result<KindTrust> {
        LogRecord record = TRY(admin_record(tx, context, request.agent_id, request.reason));
        record.at_us = at_us;
        record.claim_kind = request.claim_kind;
        record.entry = EntryKind::alarm_cleared;
        const Appended appended = TRY(append_entry(tx, context, record));
        if (!appended.before.alarmed) {
            return fail(Code::conflict, "no alarm stands for this kind of claim", "claim_kind");
        }
        return kind_trust(record.claim_kind, appended.after, at_us);
    });
}

}  // namespace credence::trust
