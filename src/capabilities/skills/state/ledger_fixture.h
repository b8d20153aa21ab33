// For tests of the fold: rows of the log, a canonical text of a state, a store that fails.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "capabilities/skills/skills_store.h"
#include "capabilities/skills/state/ledger.h"
#include "capabilities/skills/state/skill_state.h"

namespace credence::skills {

struct LogRow {
    std::string skill = "lint";
    std::string session = "s1";
    std::string user = {};
    std::string phase = {};
    std::int64_t at_us = kTestStartUs;
    bool completed = true;
    std::optional<double> seconds = {};
    std::optional<std::int64_t> rating = {};
};

// Sessions of several skills and users over three days.
std::vector<LogRow> some_rows(int count, std::uint64_t seed);

// The rows' ids, in their order.
std::vector<std::int64_t> write_rows(store::Database& database, const std::string& tenant,
                                     const std::vector<LogRow>& rows);

InvocationFact fact_of(const LogRow& row, std::int64_t id);

// Everything that a state tells, in an order that does not depend on numbers; floating-point values
// to the last bit.
std::string text_of(const SkillState& state);

// The state of these rows, folded at once.
std::string text_of_fold(const std::vector<LogRow>& rows);

std::string text_in(Ledger& ledger, const std::string& tenant);

// Passes everything on, until the statement that is to fail: from it on every write fails.
class FailingDatabase final : public store::Database {
public:
    explicit FailingDatabase(store::Database& inner) : inner_(inner) {}
    void fail_at(std::int64_t statement) { left_ = statement; }

protected:
    Result<void> read_work(const Work& work) override;
    Result<void> write_work(const Work& work) override;

private:
    store::Database& inner_;
    std::int64_t left_ = std::numeric_limits<std::int64_t>::max();
};

}  // namespace credence::skills
