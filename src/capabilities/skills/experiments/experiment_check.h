// Turns a request for a test into a row of it, or says what is wrong.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "capabilities/skills/experiments/experiment_rows.h"

namespace credence::skills {

// "2026-02-10T00:00:00Z", "2026-02-10T01:30:00.5+01:30" (RFC 3339; years 1970 to 9999) in
// microseconds UTC; digits beyond the sixth are dropped. Code::invalid with the field's name.
Result<std::int64_t> parse_test_time(std::string_view text, std::string_view field);

// Arms, metrics with their defaults, dates. Without number and author.
Result<TestRow> test_of(const CreateTest& request, std::int64_t now_us);

// The least effect of interest where nobody names one: a share, a share of the duration, stars.
double usual_effect(TestMetric metric);

Result<void> check_outcome(const RecordOutcome& outcome);

}  // namespace credence::skills
