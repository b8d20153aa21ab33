#include "capabilities/skills/experiments/experiment_check.h"

#include <chrono>
#include <numeric>
#include <set>

#include "base/units.h"
#include "stats/experiment/assignment.h"

namespace credence::skills {
namespace {

// Reads an RFC 3339 time from left to right; ok() is false from the first mismatch on.
class TimeReader {
public:
    explicit TimeReader(std::string_view text) : text_(text) {}

    std::int64_t digits(std::size_t count) {
        std::int64_t value = 0;
        for (std::size_t i = 0; i < count; ++i) {
            const char c = next();
            ok_ = ok_ && c >= '0' && c <= '9';
            value = value * 10 + (c - '0');
        }
        return ok_ ? value : 0;
    }
    // One of the characters.
    char one_of(std::string_view wanted) {
        const char c = next();
        ok_ = ok_ && wanted.find(c) != std::string_view::npos;
        return c;
    }
    // ".5" in microseconds, 0 when there is none.
    std::int64_t fraction_us() {
        if (at_ >= text_.size() || text_[at_] != '.') {
            return 0;
        }
        ++at_;
        std::int64_t value = 0;
        std::int64_t unit = kUsPerSecond;
        const std::size_t begin = at_;
        while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') {
            unit /= 10;
            value += unit * (text_[at_] - '0');
            ++at_;
        }
        ok_ = ok_ && at_ > begin;
        return value;
    }
    bool ok() const { return ok_; }
    bool at_end() const { return at_ == text_.size(); }

private:
    char next() {
        if (at_ >= text_.size()) {
            ok_ = false;
            return '\0';
        }
        return text_[at_++];
    }

    std::string_view text_;
    std::size_t at_ = 0;
    bool ok_ = true;
};

std::optional<std::int64_t> offset_us(TimeReader& reader) {
    const char zone = reader.one_of("Zz+-");
    if (zone == 'Z' || zone == 'z') {
        return 0;
    }
    const std::int64_t hours = reader.digits(2);
    reader.one_of(":");
    const std::int64_t minutes = reader.digits(2);
    if (!reader.ok() || hours > 23 || minutes > 59) {
        return std::nullopt;
    }
    const std::int64_t offset = (hours * 60 + minutes) * kUsPerMinute;
    return zone == '-' ? -offset : offset;
}

std::optional<std::int64_t> time_of(std::string_view text) {
    TimeReader reader(text);
    const auto year = static_cast<int>(reader.digits(4));
    reader.one_of("-");
    const auto month = static_cast<unsigned>(reader.digits(2));
    reader.one_of("-");
    const auto day = static_cast<unsigned>(reader.digits(2));
    reader.one_of("Tt ");
    const std::int64_t hour = reader.digits(2);
    reader.one_of(":");
    const std::int64_t minute = reader.digits(2);
    reader.one_of(":");
    const std::int64_t second = reader.digits(2);
    const std::int64_t fraction = reader.fraction_us();
    const auto offset = offset_us(reader);
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                           std::chrono::day(day)};
    const bool valid = reader.ok() && reader.at_end() && offset && date.ok() && year >= 1970 &&
                       hour < 24 && minute < 60 && second <= 60;
    if (!valid) {
        return std::nullopt;
    }
    const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
    return days * kUsPerDay + (hour * 60 + minute) * kUsPerMinute + second * kUsPerSecond +
           fraction - *offset;
}

struct DateInput {
    const std::optional<std::string>& text;
    const std::optional<std::int64_t>& at_us;
    std::string_view field;
};

Result<std::optional<std::int64_t>> date_of(const DateInput& input) {
    if (input.text && input.at_us) {
        return fail(Code::invalid, "is given twice, as text and in microseconds",
                    std::string(input.field));
    }
    if (!input.text) {
        return input.at_us;
    }
    return TRY(parse_test_time(*input.text, input.field));
}

Result<std::vector<TestArm>> two_arms(const CreateTest& request) {
    if (!request.control_strategy) {
        return fail(Code::invalid, "is missing, and so are arms", "control_strategy");
    }
    if (!request.treatment_strategy) {
        return fail(Code::invalid, "is missing, and so are arms", "treatment_strategy");
    }
    constexpr double kHalf = 0.5;
    const double control = request.assignment_ratio.value_or(kHalf);
    return std::vector<TestArm>{{"control", *request.control_strategy, control},
                                {"treatment", *request.treatment_strategy, 1 - control}};
}

bool is_arm_name(std::string_view name) {
    return name.find_first_not_of(
               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") ==
           std::string_view::npos;
}

Result<void> check_arms(const std::vector<TestArm>& arms) {
    std::set<std::string_view> names;
    std::vector<double> shares;
    for (std::size_t i = 0; i < arms.size(); ++i) {
        const std::string path = "arms[" + std::to_string(i) + "]";
        if (!is_arm_name(arms[i].name)) {
            return fail(Code::invalid, "holds letters, digits, _, - and . only", path + ".name");
        }
        if (!names.insert(arms[i].name).second) {
            return fail(Code::invalid, "is the name of another arm", path + ".name");
        }
        if (!(arms[i].share > 0)) {
            return fail(Code::invalid, "must be above 0", path + ".share");
        }
        shares.push_back(arms[i].share);
    }
    if (!stats::valid_arm_shares(shares)) {
        return fail(Code::invalid, "have shares of more than 1 together", "arms");
    }
    return {};
}

Result<std::vector<TestArm>> arms_of(const CreateTest& request) {
    if (request.arms.empty()) {
        return two_arms(request);
    }
    if (request.control_strategy || request.treatment_strategy || request.assignment_ratio) {
        return fail(Code::invalid, "take the place of strategies and assignment_ratio", "arms");
    }
    if (request.arms.size() < 2) {
        return fail(Code::invalid, "must be two at least", "arms");
    }
    TRY(check_arms(request.arms));
    return request.arms;
}

double largest_effect(TestMetric metric) {
    return metric == TestMetric::user_rating ? 4 : 1;
}

Result<std::vector<MetricPlan>> metrics_of(const CreateTest& request) {
    std::vector<MetricPlan> plans = request.metrics;
    if (plans.empty()) {
        plans.emplace_back();
    }
    std::set<TestMetric> seen;
    bool has_primary = false;
    for (std::size_t i = 0; i < plans.size(); ++i) {
        const std::string path = "metrics[" + std::to_string(i) + "]";
        MetricPlan& plan = plans[i];
        if (!seen.insert(plan.name).second) {
            return fail(Code::invalid, "is there twice", path + ".name");
        }
        const bool lower = plan.name == TestMetric::duration_seconds;
        plan.direction = plan.direction.value_or(lower ? MetricDirection::lower_is_better
                                                       : MetricDirection::higher_is_better);
        plan.role = plan.role.value_or(i == 0 ? MetricRole::primary : MetricRole::secondary);
        plan.minimum_effect = plan.minimum_effect.value_or(usual_effect(plan.name));
        if (!(*plan.minimum_effect > 0) || *plan.minimum_effect > largest_effect(plan.name)) {
            return fail(Code::invalid, "is more than the metric can change",
                        path + ".minimum_effect");
        }
        has_primary = has_primary || plan.role == MetricRole::primary;
    }
    if (!has_primary) {
        return fail(Code::invalid, "need a primary one, by which the test is decided", "metrics");
    }
    return plans;
}

}  // namespace

double usual_effect(TestMetric metric) {
    switch (metric) {
        case TestMetric::completion_rate:
            return 0.05;
        case TestMetric::duration_seconds:
            return 0.1;
        case TestMetric::user_rating:
            return 0.2;
    }
    return 1;
}

Result<std::int64_t> parse_test_time(std::string_view text, std::string_view field) {
    const auto at_us = time_of(text);
    if (!at_us) {
        return fail(Code::invalid, "is no time as 2026-02-10T00:00:00Z", std::string(field));
    }
    return *at_us;
}

Result<TestRow> test_of(const CreateTest& request, std::int64_t now_us) {
    TestRow row;
    row.test_name = request.test_name;
    row.description = request.description;
    row.arms = TRY(arms_of(request));
    row.metrics = TRY(metrics_of(request));
    const auto start = TRY(date_of({request.start_date, request.start_date_us, "start_date"}));
    row.start_date_us = start.value_or(now_us);
    row.end_date_us = TRY(date_of({request.end_date, request.end_date_us, "end_date"}));
    if (row.end_date_us && *row.end_date_us <= row.start_date_us) {
        return fail(Code::invalid, "must be after the start", "end_date");
    }
    row.min_sample_size = request.min_sample_size;
    row.created_at_us = now_us;
    row.updated_at_us = now_us;
    return row;
}

Result<void> check_outcome(const RecordOutcome& outcome) {
    if (!outcome.completed && !outcome.duration_seconds && !outcome.user_rating) {
        return fail(Code::invalid, "is missing, and so are duration_seconds and user_rating",
                    "completed");
    }
    return {};
}

}  // namespace credence::skills
