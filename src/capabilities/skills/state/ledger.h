// The log's figures in memory, a SkillState for each tenant, and their checkpoint in the store.
//
// Follows the log by id, whoever wrote it (this process, a command, an MCP session): read() first
// folds in what was committed, at most kReadRows rows, so that a quiet log is always seen whole; a
// schedule (follow) keeps up with a busy one. A checkpoint writes what changed as absolute values,
// in three parts (hours, days and totals; users; pairs), each with the id it is folded through and
// in one transaction, so that a crash between them leaves each part right for its own place; a
// start loads them and folds the rest into the parts that have not seen it. While much changes, a
// part is written as soon as it has some thousand rows, so that no transaction is long. Two
// processes: a part is refused where skill_fold is not what this process last saw, and the tenant
// is loaded anew.
//
// A session is known to be counted from the log itself, also after a restart: one that goes on
// later counts once, as long as the log holds its rows.
//
// Rows removed: retention takes the oldest rows away and tells nobody; all figures stay. Where it
// cuts at midnight (UTC), hours and days stay whole. rebuild() makes figures anew from the rows
// that are left; see there what stays of those that retention took.
//
// Thread-safe. Nothing is loaded before it is asked for. A read costs one seek in the store where
// nothing is new; the first of a tenant loads its tables and folds all that is not in them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "capabilities/skills/skills_parts.h"
#include "capabilities/skills/state/skill_state.h"
#include "engine/store/database.h"

namespace credence::skills {

class Ledger {
public:
    static constexpr std::int64_t kReadRows = 2'000;
    static constexpr std::int64_t kFollowRows = 20'000;  // a step of follow()
    static constexpr int kMaxFollowSteps = 50;
    static constexpr std::size_t kMaxTenants = 1'000;  // in memory; the one idle longest leaves

    Ledger(store::Database& database, const Clock& clock, Metrics& metrics,
           const SkillsSettings& settings);
    ~Ledger();

    // Runs fn(const SkillState&), which returns a Result, while nobody changes the state. Must not
    // be called inside database.read or write, nor fn call them.
    template <class Function>
    std::invoke_result_t<Function, const SkillState&> read(std::string_view tenant, Function&& fn) {
        std::invoke_result_t<Function, const SkillState&> out =
            fail(Code::internal, "the state was not read");
        TRY(with(tenant, [&](const SkillState& state) { out = fn(state); }));
        return out;
    }

    // Folds in everything committed, of all tenants that were read or wrote since the first call,
    // at most kMaxFollowSteps steps. One cheap query where nothing is new.
    Result<void> follow();
    // Writes what changed, and sets the cache's counts anew. Run each minute and at the end. An
    // error is the first of any tenant's; the others are written all the same.
    Result<void> checkpoint();
    // Rows of the tenant were removed or changed other than by retention (erasure, import): the
    // next read makes the figures anew from the log. Users, pairs, hours and days go with their
    // rows. Of what retention took (settings: before the day of keep_invocations_days ago, or of
    // the log's oldest row where that is older) hours, days, invocations and completions stay,
    // these under the phase ''; users, pairs and durations do not. What is declared in
    // skill_dependencies stays. Other processes notice by the epoch.
    Result<void> rebuild(std::string_view tenant);

    // Told after each fold that brought something, outside all locks: tenant and its newest id.
    // Before the first read: not thread-safe.
    void on_folded(std::function<void(const std::string& tenant, std::int64_t through_id)> told);
    // Tenants with invocations, at most kMaxTenants, by name.
    Result<std::vector<std::string>> tenants();
    // Skills (by name, at most `limit`) that changed since the last call, for the live feed.
    std::vector<std::string> take_changed(std::string_view tenant, std::size_t limit);

private:
    Result<void> with(std::string_view tenant, const std::function<void(const SkillState&)>& fn);

    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace credence::skills
