// What time does to the log: old rows leave, older queries are forgotten, what was begun and never
// completed counts as abandoned. Totals and everything folded from the log stay.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "capabilities/skills/skills_parts.h"

namespace credence::skills {

struct Forgotten {
    std::int64_t invocations = 0;  // rows that left the log
    std::int64_t queries = 0;      // rows that lost their query and embedding
    std::int64_t hours = 0;        // hourly figures that went
    std::int64_t abandoned = 0;    // open invocations that were closed
};

// Thread-safe; run it each hour.
class Retention {
public:
    static constexpr std::int64_t kRowsAtOnce = 5'000;  // a transaction
    static constexpr int kMaxSteps = 2'000;             // of each kind, a run

    explicit Retention(const SkillsParts& parts) : parts_(parts) {}

    // Rows that the fold of the log has not seen yet are kept until it has.
    Result<Forgotten> run();

private:
    Result<std::int64_t> drop_rows(const std::string& tenant);
    Result<std::int64_t> clear_queries(const std::string& tenant);
    Result<std::int64_t> drop_hours();
    Result<std::int64_t> abandon_open();

    SkillsParts parts_;
};

}  // namespace credence::skills
