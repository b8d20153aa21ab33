// The SQL behind analytics, opportunities and promotions. The tenant comes first.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "capabilities/patterns/patterns_reports.h"
#include "capabilities/patterns/patterns_rows.h"
#include "engine/store/database.h"

namespace credence::patterns::report_rows {

// Which patterns a report is about: live ones of a namespace.
struct Population {
    std::string name_space;
    std::string owner;        // empty: any
    std::string category;     // empty: any
    bool all_levels = false;  // else public and system only
};

struct CategoryFigures {
    std::string category;
    std::int64_t patterns = 0;
    std::int64_t uses = 0;
};
void describe(Describe<CategoryFigures>&);
// Most patterns first.
Result<std::vector<CategoryFigures>> categories(store::Tx& tx, std::string_view tenant,
                                                const Population& population);

struct SuccessFigures {
    std::int64_t labelled = 0;  // patterns with at least one labelled use
    double rate_sum = 0;
    double rate_square_sum = 0;
    double rate_min = 0;
    double rate_max = 0;
};
void describe(Describe<SuccessFigures>&);
Result<SuccessFigures> success(store::Tx& tx, std::string_view tenant,
                               const Population& population);

struct ConfidenceFigures {
    std::int64_t medium_or_high = 0;  // from 0.6
    std::int64_t high = 0;            // from 0.8
};
void describe(Describe<ConfidenceFigures>&);
Result<ConfidenceFigures> confidence(store::Tx& tx, std::string_view tenant,
                                     const Population& population);

Result<std::vector<PatternRow>> top(store::Tx& tx, std::string_view tenant,
                                    const Population& population, int limit);

struct DayFigures {
    std::int64_t day = 0;
    std::int64_t uses = 0;
};
void describe(Describe<DayFigures>&);
Result<std::vector<DayFigures>> days(store::Tx& tx, std::string_view tenant,
                                     const Population& population, std::int64_t first_day);

struct Weak {
    PatternId id;
    std::string pattern_name;
    std::int64_t usage_count = 0;
    std::int64_t success_count = 0;
    std::int64_t failure_count = 0;
};
void describe(Describe<Weak>&);
// Labelled at least `least` times, with a success rate under 0.7; most failures first.
Result<std::vector<Weak>> low_success(store::Tx& tx, std::string_view tenant,
                                      const Population& population, int least);
// Used at least `least` times, never labelled; most used first.
Result<std::vector<Weak>> unverified(store::Tx& tx, std::string_view tenant,
                                     const Population& population, int least);
// Never used since before `before_us`; oldest first.
Result<std::vector<Weak>> unused(store::Tx& tx, std::string_view tenant,
                                 const Population& population, std::int64_t before_us);

Result<std::optional<std::string>> promotion_of(store::Tx& tx, std::string_view tenant,
                                                const PatternId& id);
struct NewPromotion {
    const Promotion& promotion;
    std::string_view name_space;
    const std::optional<std::string>& note;
};
Result<void> insert_promotion(store::Tx& tx, std::string_view tenant, const NewPromotion& row);

}  // namespace credence::patterns::report_rows
