#include "stats/trend/rate_trend.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/trigamma.hpp>
#include <cmath>
#include <vector>

#include "base/check.h"

namespace credence::stats {
namespace {

namespace policies = boost::math::policies;
// Nothing throws: what cannot be computed is infinite or NaN.
using Quiet = policies::policy<
    policies::domain_error<policies::ignore_error>, policies::pole_error<policies::ignore_error>,
    policies::overflow_error<policies::ignore_error>,
    policies::evaluation_error<policies::ignore_error>, policies::promote_double<false>>;
using StudentsT = boost::math::students_t_distribution<double, Quiet>;

constexpr std::int64_t kLeastDays = 3;
constexpr int kMaxIterations = 500;
constexpr int kMaxHalvings = 40;
constexpr int kMaxSearchSteps = 100;
constexpr double kConverged = 1e-13;       // of the log-odds
constexpr double kMaxStep = 4;             // of the log-odds, at any day
constexpr double kMaxLogOddsChange = 500;  // over the series
constexpr double kLevel = 0.975;
constexpr std::int64_t kLeastOutcomes = 10;  // of either kind, for a dispersion worth sharing
constexpr std::size_t kLeastSeries = 10;

struct Day {
    double at = 0;  // centred
    double successes = 0;
    double n = 0;
};

struct Line {
    double level = 0;  // log-odds at time 0
    double slope = 0;
};

struct Model {
    std::vector<Day> days;
    double penalty = 0.5;  // of log det I
    double reach = 0;      // largest distance of a day from 0
};

// The likelihood at a line, its gradient, and the information in the form W, W m, S + W m^2.
struct Likelihood {
    double value = 0;
    double by_level = 0;
    double by_slope = 0;
    double weight = 0;  // W
    double mean = 0;    // m
    double spread = 0;  // S
};

struct Share {
    double p = 0;
    double product = 0;  // p (1 - p)
};

Share share_at(const Line& line, double at) {
    const double log_odds = line.level + line.slope * at;
    const double e = std::exp(-std::fabs(log_odds));
    return {(log_odds >= 0 ? 1 : e) / (1 + e), e / ((1 + e) * (1 + e))};
}

Likelihood likelihood(const Model& model, const Line& line) {
    Likelihood found;
    double moment = 0;
    for (const Day& day : model.days) {
        const double log_odds = line.level + line.slope * day.at;
        const double weight = day.n * share_at(line, day.at).product;
        found.value +=
            day.successes * log_odds -
            day.n * (std::max(log_odds, 0.0) + std::log1p(std::exp(-std::fabs(log_odds))));
        found.weight += weight;
        moment += weight * day.at;
    }
    found.mean = moment / found.weight;
    for (const Day& day : model.days) {
        const double off = day.at - found.mean;
        found.spread += day.n * share_at(line, day.at).product * off * off;
    }
    for (const Day& day : model.days) {
        const Share share = share_at(line, day.at);
        const double off = day.at - found.mean;
        const double leverage =
            day.n * share.product * (1 / found.weight + off * off / found.spread);
        const double residual =
            day.successes - day.n * share.p + 2 * model.penalty * leverage * (0.5 - share.p);
        found.by_level += residual;
        found.by_slope += residual * day.at;
    }
    found.value += model.penalty * (std::log(found.weight) + std::log(found.spread));
    return found;
}

// One step of Fisher's scoring, shortened until the likelihood does not fall.
struct Fit {
    Line line;
    Likelihood likelihood;
    bool converged = false;
};

Fit climb(const Model& model, const Line& start, bool slope_is_fixed) {
    Fit fit{start, likelihood(model, start)};
    for (int iteration = 0; iteration < kMaxIterations && !fit.converged; ++iteration) {
        const Likelihood& at = fit.likelihood;
        Line step;
        step.slope = slope_is_fixed ? 0 : (at.by_slope - at.mean * at.by_level) / at.spread;
        step.level = at.by_level / at.weight - at.mean * step.slope;
        const double size = std::fabs(step.level) + std::fabs(step.slope) * model.reach;
        if (!std::isfinite(size)) {
            return fit;
        }
        double scale = std::min(1.0, kMaxStep / std::max(size, kConverged));
        Likelihood next;
        Line line;
        for (int halving = 0; halving < kMaxHalvings; ++halving, scale /= 2) {
            line = {fit.line.level + scale * step.level, fit.line.slope + scale * step.slope};
            next = likelihood(model, line);
            // Rounding moves the value by about 1e-15 of itself.
            if (next.value >= at.value - 1e-14 * std::fabs(at.value)) {
                break;
            }
        }
        fit.converged = size * scale < kConverged * (1 + std::fabs(fit.line.level)) || size < 1e-12;
        fit.line = line;
        fit.likelihood = next;
    }
    return fit;
}

Line start_of(const Model& model) {
    double successes = 0;
    double n = 0;
    for (const Day& day : model.days) {
        successes += day.successes;
        n += day.n;
    }
    return {std::log((successes + 0.5) / (n - successes + 0.5)), 0};
}

// The end of the profile interval on one side: where the root of the likelihood ratio reaches
// `critical`. The root is nearly straight in the slope, so false position (Illinois) is quick.
Line profile_end(const Model& model, const Fit& best, double critical, double direction) {
    const double limit =
        std::max(std::fabs(best.line.slope),
                 kMaxLogOddsChange / (model.days.back().at - model.days.front().at));
    const auto excess = [&](Line& line) {
        line = climb(model, line, true).line;
        const double fall = best.likelihood.value - likelihood(model, line).value;
        return std::sqrt(2 * std::max(0.0, fall)) - critical;
    };
    Line near = best.line;
    double near_excess = -critical;
    Line far = near;
    double far_excess = -critical;
    double step = critical / std::sqrt(best.likelihood.spread);
    while (far_excess < 0) {
        near = far;
        near_excess = far_excess;
        const double slope = std::clamp(far.slope + direction * step, -limit, limit);
        if (slope == far.slope) {
            return far;
        }
        far.slope = slope;
        far_excess = excess(far);
        step *= 2;
    }
    for (int count = 0; count < kMaxSearchSteps; ++count) {
        if (std::fabs(far.slope - near.slope) <= 1e-13 * (1e-3 + std::fabs(far.slope))) {
            break;
        }
        Line middle = near;
        middle.slope =
            near.slope - near_excess * (far.slope - near.slope) / (far_excess - near_excess);
        const double found = excess(middle);
        if (std::fabs(found) < 1e-13 * critical) {
            return middle;
        }
        // `far` is the newest point; `near` stays on the other side of the root.
        if ((found > 0) != (far_excess > 0)) {
            near = far;
            near_excess = far_excess;
        } else {
            near_excess /= 2;
        }
        far = middle;
        far_excess = found;
    }
    return far;
}

Model model_of(std::span<const DayCount> series, double penalty) {
    CHECK(series.size() <= kMaxTrendPoints, "too many days");
    Model model;
    model.penalty = penalty;
    double sum = 0;
    for (std::size_t i = 0; i < series.size(); ++i) {
        const DayCount& day = series[i];
        CHECK(std::isfinite(day.day) && (i == 0 || series[i - 1].day < day.day),
              "days in the order of time");
        CHECK(day.successes >= 0 && day.successes <= day.n, "more successes than runs");
        if (day.n > 0) {
            sum += day.day;
            model.days.push_back(
                {day.day, static_cast<double>(day.successes), static_cast<double>(day.n)});
        }
    }
    for (Day& day : model.days) {
        day.at -= sum / static_cast<double>(model.days.size());
        model.reach = std::max(model.reach, std::fabs(day.at));
    }
    return model;
}

double pearson(const Model& model, const Line& line) {
    double sum = 0;
    for (const Day& day : model.days) {
        const Share share = share_at(line, day.at);
        const double residual = day.successes - day.n * share.p;
        sum += residual * residual / (day.n * share.product);
    }
    return sum;
}

double share_slope(const Model& model, const Line& line) {
    const double first = model.days.front().at;
    const double last = model.days.back().at;
    return (share_at(line, last).p - share_at(line, first).p) / (last - first);
}

// The x with trigamma(x) = value, by halving the interval of ln x: trigamma falls.
double inverse_trigamma(double value) {
    double low = -20;
    double high = 20;
    for (int step = 0; step < kMaxSearchSteps; ++step) {
        const double middle = low + (high - low) / 2;
        (boost::math::trigamma(std::exp(middle), Quiet{}) > value ? low : high) = middle;
    }
    return std::exp(low);
}

}  // namespace

std::optional<RateTrend> rate_trend(std::span<const DayCount> series,
                                    const RateTrendOptions& options) {
    CHECK(options.prior.scale > 0 && options.prior.degrees >= 0 &&
              options.prior.degrees <= kMostDegrees,
          "a prior of dispersion");
    const Model model = model_of(series, options.reduce_bias ? 0.5 : 0);
    const auto days = static_cast<std::int64_t>(model.days.size());
    if (days < kLeastDays) {
        return std::nullopt;
    }
    const Line start = start_of(model);
    const Fit best = climb(model, start, false);
    const Fit flat = climb(model, start, true);
    const double sum = pearson(model, best.line);
    if (!best.converged || !flat.converged || !std::isfinite(sum)) {
        return std::nullopt;
    }
    RateTrend trend;
    trend.days = days;
    trend.raw_dispersion = sum / static_cast<double>(days - 2);
    const double freedom = options.prior.degrees + static_cast<double>(days - 2);
    trend.dispersion = std::max(options.least_dispersion,
                                (options.prior.degrees * options.prior.scale + sum) / freedom);
    for (const Day& day : model.days) {
        trend.n += static_cast<std::int64_t>(day.n);
        trend.successes += static_cast<std::int64_t>(day.successes);
    }
    const StudentsT reference(freedom);
    const double ratio = 2 * std::max(0.0, best.likelihood.value - flat.likelihood.value);
    trend.p = trend.dispersion > 0
                  ? 2 * boost::math::cdf(complement(reference, std::sqrt(ratio / trend.dispersion)))
                  : 1;
    const double critical = boost::math::quantile(reference, kLevel) * std::sqrt(trend.dispersion);
    const Line low = profile_end(model, best, critical, -1);
    const Line high = profile_end(model, best, critical, 1);
    trend.log_odds_per_day = {
        best.line.slope, trend.n, {low.slope, high.slope}, "quasi_binomial_profile_95"};
    trend.share_per_day = {share_slope(model, best.line),
                           trend.n,
                           {share_slope(model, low), share_slope(model, high)},
                           "quasi_binomial_profile_95"};
    trend.share_first = share_at(best.line, model.days.front().at).p;
    trend.share_last = share_at(best.line, model.days.back().at).p;
    return trend;
}

DispersionPrior fit_dispersion_prior(std::span<const RateTrend> trends) {
    std::vector<double> logs;  // of phi, with expectation ln(scale) + digamma - ln of d0 / 2
    double sum = 0;
    double expected = 0;  // variance of the logs if all had the same dispersion
    for (const RateTrend& trend : trends) {
        if (trend.successes < kLeastOutcomes || trend.n - trend.successes < kLeastOutcomes) {
            continue;
        }
        const double half = static_cast<double>(trend.days - 2) / 2;
        // A dispersion of next to nothing says no more than a thousandth does.
        logs.push_back(std::log(std::max(1e-3, trend.raw_dispersion)) -
                       boost::math::digamma(half, Quiet{}) + std::log(half));
        sum += logs.back();
        expected += boost::math::trigamma(half, Quiet{});
    }
    if (logs.size() < kLeastSeries) {
        return {};
    }
    const double count = static_cast<double>(logs.size());
    const double mean = sum / count;
    double squares = 0;
    for (const double value : logs) {
        squares += (value - mean) * (value - mean);
    }
    const double excess = squares / (count - 1) - expected / count;
    const double half =
        excess > 0 ? std::min(inverse_trigamma(excess), kMostDegrees / 2) : kMostDegrees / 2;
    return {std::exp(mean + boost::math::digamma(half, Quiet{}) - std::log(half)), 2 * half};
}

}  // namespace credence::stats
