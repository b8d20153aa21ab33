// Statements of the retention.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/shape.h"
#include "engine/store/database.h"

namespace credence::skills::retention_rows {

// Tenants with skills, ascending, behind `after`.
Result<std::vector<std::string>> tenants(store::Tx& tx, std::string_view after, std::int64_t limit);
// Skills of a tenant, likewise, that were first used before `before_us`.
Result<std::vector<std::string>> skills(store::Tx& tx, std::string_view tenant,
                                        std::string_view after, std::int64_t before_us);
inline constexpr std::int64_t kSkillsAtOnce = 1'000;

struct OldRows {
    std::string skill_name;
    std::int64_t before_us = 0;
    std::int64_t limit = 0;
};
// Deletes rows that began before, and that are folded; how many.
Result<std::int64_t> drop(store::Tx& tx, std::string_view tenant, const OldRows& rows);
// Clears query and embedding of rows that began before; how many had one.
Result<std::int64_t> clear_queries(store::Tx& tx, std::string_view tenant, const OldRows& rows);

// Begun before `before_us`, of all tenants, oldest first.
// Hours of any tenant that began before `before_us`; how many went.
Result<std::int64_t> drop_hours(store::Tx& tx, std::int64_t before_us, std::int64_t limit);

struct Stale {
    std::string tenant;
    std::string name_space;
    std::string handle;
    std::string draft;
};
void describe(Describe<Stale>&);
Result<std::vector<Stale>> stale(store::Tx& tx, std::int64_t before_us, std::int64_t limit);

}  // namespace credence::skills::retention_rows
