#include <algorithm>
#include <deque>
#include <limits>
#include <map>
#include <numeric>
#include <set>

#include "capabilities/trust/agents.h"
#include "capabilities/trust/listener.h"
#include "capabilities/trust/score_append.h"
#include "capabilities/trust/score_rows.h"
#include "capabilities/trust/trust.h"
#include "capabilities/trust/verification_rows.h"

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

// One batch: what several of its updates need is looked up once.
class Batch {
public:
    Batch(store::Tx& tx, const Context& context, const Listeners* listeners)
        : tx_(tx), context_(context), listeners_(listeners), appender_(tx, context) {}

    // `deferred` is what the log says of the update's verification.
    Result<TrustUpdated> apply(const TrustUpdate& update, std::int64_t at_us,
                               const std::optional<score_rows::Deferred>& deferred) {
        TRY(check_form(update));
        LogRecord record =
            TRY(update.verification_id ? deferred_record(update, deferred) : observed(update));
        record.at_us = at_us;
        const Appended appended = TRY(appender_.append(record));
        if (record.verification_id) {
            TRY(settled(record));
        }
        return TrustUpdated{record.agent_id,  record.claim_kind,    record.weight,
                            record.new_score, appended.lower_bound, appended.after.ewma,
                            record.seq};
    }
    // The listeners hear of the verifications when all scores are stored.
    Result<void> finish() {
        TRY(appender_.finish());
        for (const VerifiedClaim& claim : heard_) {
            for (VerificationListener* listener : listeners_->all()) {
                TRY(listener->verified(tx_, context_, claim));
            }
        }
        return {};
    }

private:
    using Key = std::pair<std::string, ClaimKind>;

    Result<LogRecord> observed(const TrustUpdate& update) {
        LogRecord record =
            TRY(admin_record(tx_, context_, update.agent_id, update.reason.value_or("")));
        record.claim_kind = *update.claim_kind;
        record.outcome = *update.accurate ? Outcome::confirmed : Outcome::refuted;
        record.strength = 1;
        return record;
    }

    Result<LogRecord> deferred_record(const TrustUpdate& update,
                                      const std::optional<score_rows::Deferred>& deferred) {
        if (!spoken_for_.contains(update.agent_id)) {
            TRY(Agents::speak_for(tx_, context_, update.agent_id));
            spoken_for_.insert(update.agent_id);
        }
        // The same words for one that is unknown, elsewhere, or another agent's.
        if (!deferred || deferred->record.agent_id != update.agent_id) {
            return fail(Code::not_found, "this agent has no deferred verification of this id",
                        "verification_id");
        }
        const LogRecord& record = deferred->record;
        if (deferred->applied) {
            return fail(Code::conflict, "the verification was applied already", "verification_id");
        }
        if (record.outcome != Outcome::confirmed && record.outcome != Outcome::refuted) {
            return fail(
                Code::conflict,
                "the verification proved nothing; it was counted as that when it was deferred",
                "verification_id");
        }
        const std::deque<std::int64_t>& waiting = *TRY(waiting_of(record));
        if (!waiting.empty() && waiting.front() < record.seq) {
            return fail(Code::conflict,
                        "an earlier refuted claim of this agent waits in entry " +
                            std::to_string(waiting.front()) +
                            " of the trust log; apply that one, too",
                        "verification_id");
        }
        return record;
    }

    // None is passed over, so those that wait are the newest: back from the end to one that
    // counted.
    Result<std::deque<std::int64_t>*> waiting_of(const LogRecord& record) {
        const Key key{record.agent_id, record.claim_kind};
        const auto found = waiting_.find(key);
        if (found != waiting_.end()) {
            return &found->second;
        }
        std::deque<std::int64_t> waiting;
        std::int64_t before_seq = std::numeric_limits<std::int64_t>::max();
        for (bool more = true; more;) {
            const auto page = TRY(score_rows::deferred_lies(tx_, context_, record, before_seq));
            more = std::ssize(page) == score_rows::kLiesAtOnce;
            for (const auto& lie : page) {
                if (lie.applied) {
                    more = false;
                    break;
                }
                waiting.push_front(lie.seq);
                before_seq = lie.seq;
            }
            if (waiting.size() > Trust::kMaxBatch + 1) {
                waiting.resize(Trust::kMaxBatch + 1);  // no batch can settle more of them
            }
        }
        return &waiting_.emplace(key, std::move(waiting)).first->second;
    }

    // A deferred verification counts now: it waits no more, and the listeners shall hear of it.
    Result<void> settled(const LogRecord& record) {
        if (record.outcome == Outcome::refuted) {
            TRY(waiting_of(record))->pop_front();
        }
        if (listeners_ == nullptr || listeners_->all().empty()) {
            return {};
        }
        const auto link = TRY(rows::find_link(tx_, context_.tenant, *record.verification_id));
        if (!link) {
            return fail(Code::conflict, "the verification's record is missing; see audit.verify",
                        "verification_id");
        }
        VerifiedClaim heard;
        heard.verification_id = *record.verification_id;
        heard.agent_id = record.agent_id;
        heard.kind = record.claim_kind;
        heard.outcome = record.outcome;
        heard.counted = record.weight > 0;
        heard.pattern_id = link->pattern_id;
        heard.duration_us = link->duration_us;
        heard.at_us = link->verified_at_us;
        heard_.push_back(std::move(heard));
        return {};
    }

    store::Tx& tx_;
    const Context& context_;
    const Listeners* listeners_;
    Appender appender_;
    std::set<std::string> spoken_for_;
    std::map<Key, std::deque<std::int64_t>> waiting_;  // seqs of refuted claims, oldest first
    std::vector<VerifiedClaim> heard_;
};

}  // namespace

Result<BatchUpdated> Trust::batch_update(const Context& context, const BatchUpdate& request) {
    const std::int64_t at_us = parts_.clock.now_us();
    return parts_.database.write([&](store::Tx& tx) -> Result<BatchUpdated> {
        const std::vector<TrustUpdate>& updates = request.updates;
        // Deferred verifications in the order in which they were recorded, so that the request
        // cannot choose it; all others where they stand, before them.
        std::vector<std::optional<score_rows::Deferred>> deferred(updates.size());
        for (std::size_t i = 0; i < updates.size(); ++i) {
            if (updates[i].verification_id) {
                deferred[i] =
                    TRY(score_rows::find_deferred(tx, context, *updates[i].verification_id));
            }
        }
        std::vector<std::size_t> turn(updates.size());
        std::iota(turn.begin(), turn.end(), std::size_t{0});
        std::ranges::stable_sort(turn, {}, [&deferred](std::size_t i) {
            return deferred[i] ? deferred[i]->record.seq : 0;
        });

        Batch batch(tx, context, services_.listeners);
        BatchUpdated done;
        done.updates.resize(updates.size());
        Refusals refusals;
        for (const std::size_t i : turn) {
            auto updated = batch.apply(updates[i], at_us, deferred[i]);
            if (updated) {
                done.updates[i] = *std::move(updated);
                ++done.applied;
            } else {
                refusals.add(i, updated.error());
            }
        }
        TRY(refusals.verdict(updates.size()));
        TRY(batch.finish());
        return done;
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
