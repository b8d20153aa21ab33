#include <functional>
#include <limits>
#include <map>
#include <set>
#include <tuple>

#include "capabilities/trust/score_rows.h"
#include "capabilities/trust/scores.h"
#include "capabilities/trust/trust.h"

namespace credence::trust {
namespace {

using Key = std::tuple<std::string, std::string, std::string>;  // namespace, agent, kind

struct Folded {
    ScoreState state;
    std::int64_t seq = 0;
};

// Calls visit(record) for each entry of a tenant's log, in order, having checked its chain.
// stop() is asked between pages.
Result<LogWalk> walk_log(store::Tx& tx, std::string_view tenant,
                         const std::function<Result<void>(const LogRecord&)>& visit,
                         const std::function<Result<void>(std::int64_t)>& stop) {
    LogWalk walk{std::string(tenant)};
    std::int64_t first = std::numeric_limits<std::int64_t>::min();
    while (true) {
        TRY(stop(walk.entries()));
        const auto page = score_rows::walk(tx, tenant, first, Trust::kPageRows);
        if (!page && (page.error().code == Code::internal || page.error().code == Code::invalid)) {
            // A cell of the wrong type: nothing of ours writes that.
            return broken_log_at(walk.entries() + 1, "an entry from here on cannot be read");
        }
        const std::vector<LogRecord>& records = TRY(page);
        for (const LogRecord& record : records) {
            TRY(walk.next(record));
            TRY(visit(record));
        }
        if (std::ssize(records) < Trust::kPageRows) {
            break;
        }
        first = walk.entries() + 1;
    }
    TRY(walk.finish(TRY(score_rows::find_head(tx, tenant))));
    return walk;
}

std::unexpected<Error> differs(const Key& key, const std::string& what) {
    const auto& [name_space, agent_id, kind] = key;
    return fail(Code::conflict, "the trust of agent " + agent_id + " in namespace " + name_space +
                                    " for " + kind + " is not what its log leads to: " + what);
}

Result<void> compare(const Key& key, const score_rows::StateRow& stored,
                     const std::map<Key, Folded>& folded) {
    const auto found = folded.find(key);
    if (found == folded.end()) {
        return differs(key, "the log has no entry of it");
    }
    if (stored.seq != found->second.seq) {
        return differs(key, "entry " + std::to_string(found->second.seq) +
                                " is the last, not entry " + std::to_string(stored.seq));
    }
    if (stored.state != encode_state(found->second.state)) {
        return differs(key, "the score would be " + std::to_string(mean(found->second.state)));
    }
    return {};
}

Result<void> compare_all(store::Tx& tx, std::string_view tenant,
                         const std::map<Key, Folded>& folded) {
    std::set<Key> seen;
    score_rows::StateRow last;
    while (true) {
        const auto page = score_rows::states_after(tx, tenant, last, Trust::kPageRows);
        if (!page && page.error().code == Code::internal) {
            return fail(Code::conflict, "a stored trust state cannot be read");
        }
        const std::vector<score_rows::StateRow>& rows = TRY(page);
        for (const auto& row : rows) {
            const Key key{row.name_space, row.agent_id, row.claim_kind};
            TRY(compare(key, row, folded));
            seen.insert(key);
        }
        if (std::ssize(rows) < Trust::kPageRows) {
            break;
        }
        last = rows.back();
    }
    for (const auto& [key, state] : folded) {
        if (!seen.contains(key)) {
            return differs(key, "it is missing");
        }
    }
    return {};
}

Result<void> check_record(store::Tx& tx, std::string_view tenant, const LogRecord& record,
                          const RecordCheck& check) {
    const auto digest = TRY(check(tx, tenant, *record.verification_id));
    if (!digest) {
        return broken_log_at(record.seq, "its verification is missing");
    }
    if (*digest != record.record_digest) {
        return broken_log_at(record.seq, "its verification was changed");
    }
    return {};
}

}  // namespace

Result<ReplayReport> Trust::replay(const Context& context, const Empty&) {
    return parts_.database.read([&](store::Tx& tx) -> Result<ReplayReport> {
        std::map<Key, Folded> folded;
        std::set<std::pair<std::string, std::string>> agents;
        const auto visit = [&](const LogRecord& record) -> Result<void> {
            const Key key{record.name_space, record.agent_id,
                          std::string(score_rows::name_of(record.claim_kind))};
            Folded& entry = folded[key];
            const std::string before = exact_text(mean(entry.state));
            entry.state = fold(std::move(entry.state), observation_of(record));
            entry.seq = record.seq;
            agents.emplace(record.name_space, record.agent_id);
            if (before != exact_text(record.old_score) ||
                exact_text(mean(entry.state)) != exact_text(record.new_score)) {
                return differs(key, "entry " + std::to_string(record.seq) + " tells another score");
            }
            return {};
        };
        const auto stop = [&](std::int64_t entries) -> Result<void> {
            if (context.deadline_us != 0 && parts_.clock.steady_us() > context.deadline_us) {
                return fail(Code::timeout,
                            "replayed " + std::to_string(entries) + " entries before the deadline");
            }
            return {};
        };
        const LogWalk walk = TRY(walk_log(tx, context.tenant, visit, stop));
        TRY(compare_all(tx, context.tenant, folded));
        ReplayReport report;
        report.entries = walk.entries();
        report.agents = std::ssize(agents);
        report.states = std::ssize(folded);
        report.head_hash = walk.hash();
        return report;
    });
}

HashChain trust_chain(RecordCheck check, RecordCount count) {
    HashChain chain;
    chain.name = "trust";
    chain.verify = [check = std::move(check), count = std::move(count)](
                       store::Tx& tx, std::string_view tenant) -> Result<ChainReport> {
        std::int64_t named = 0;
        std::set<VerificationId> waiting;  // deferred and not applied so far
        const auto visit = [&](const LogRecord& record) -> Result<void> {
            if (!record.verification_id) {
                return {};
            }
            if (record.entry == EntryKind::deferred) {
                waiting.insert(*record.verification_id);
            }
            // Applied after it was deferred: named a second time.
            named +=
                record.entry != EntryKind::deferred && waiting.erase(*record.verification_id) > 0
                    ? 0
                    : 1;
            return check ? check_record(tx, tenant, record, check) : Result<void>();
        };
        const LogWalk walk =
            TRY(walk_log(tx, tenant, visit, [](std::int64_t) { return Result<void>(); }));
        if (count) {
            const std::int64_t unnamed = TRY(count(tx, tenant)) - named;
            if (unnamed != 0) {
                return broken_log_at(
                    walk.entries() + 1,
                    std::to_string(unnamed) + " of the verifications are in no entry of the log");
            }
        }
        return ChainReport{walk.entries(), walk.hash()};
    };
    return chain;
}

}  // namespace credence::trust
