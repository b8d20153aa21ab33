#include "stats/association/association.h"

#include <algorithm>
#include <array>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>

#include "base/check.h"
#include "stats/beta.h"
#include "stats/portable_math.h"

namespace credence::stats {
namespace {

namespace policies = boost::math::policies;
// Nothing throws: what cannot be computed is infinite or NaN.
using Quiet = policies::policy<
    policies::domain_error<policies::ignore_error>, policies::pole_error<policies::ignore_error>,
    policies::overflow_error<policies::ignore_error>,
    policies::evaluation_error<policies::ignore_error>, policies::promote_double<false>>;

constexpr double kTail = 0.025;
constexpr double kTie = 1e-7;          // relative, of the chances of two tables
constexpr double kNegligible = 1e-18;  // of the sum so far
constexpr std::size_t kLeastPairs = 20;
constexpr double kLeastVariance = 0.01;
constexpr double kMostVariance = 100;

double number(std::int64_t count) {
    return static_cast<double>(count);
}

void check_counts(const PairCounts& counts) {
    CHECK(counts.both >= 0 && counts.both <= counts.a && counts.both <= counts.b &&
              counts.a <= counts.sessions && counts.b <= counts.sessions &&
              counts.a - counts.both <= counts.sessions - counts.b,
          "counts of sessions that no sessions give");
}

// Both, only a, only b, neither.
std::array<std::int64_t, 4> cells_of(const PairCounts& counts) {
    return {counts.both, counts.a - counts.both, counts.b - counts.both,
            counts.sessions - counts.a - counts.b + counts.both};
}

double expected(const PairCounts& counts) {
    return counts.sessions == 0 ? 0 : number(counts.a) * number(counts.b) / number(counts.sessions);
}

// The hypergeometric distribution of `both`, given the rest.
class Tables {
public:
    explicit Tables(const PairCounts& counts)
        : counts_(counts),
          least_(std::max<std::int64_t>(0, counts.a - (counts.sessions - counts.b))),
          most_(std::min(counts.a, counts.b)) {
        const auto size = number(counts.sessions);
        mode_ =
            static_cast<std::int64_t>((number(counts.a) + 1) * (number(counts.b) + 1) / (size + 2));
        mode_ = std::clamp(mode_, least_, most_);
    }

    // P(both), but for a factor that is the same for all.
    double log_weight(std::int64_t both) const {
        PairCounts counts = counts_;
        counts.both = both;
        double sum = 0;
        for (const std::int64_t cell : cells_of(counts)) {
            sum -= portable_log_gamma(number(cell) + 1);
        }
        return sum;
    }

    // P(both + 1) / P(both).
    double ratio(std::int64_t both) const {
        return number(counts_.a - both) * number(counts_.b - both) /
               (number(both + 1) * number(counts_.sessions - counts_.a - counts_.b + both + 1));
    }

    // The sum of weights from `from` outwards, in units of the weight of `from`.
    double outwards(std::int64_t from, bool upwards) const {
        double weight = 1;
        double sum = 1;
        for (std::int64_t at = from; weight > kNegligible * sum;) {
            if (upwards ? at >= most_ : at <= least_) {
                break;
            }
            weight *= upwards ? ratio(at) : 1 / ratio(at - 1);
            at += upwards ? 1 : -1;
            sum += weight;
        }
        return sum;
    }

    // On the other side of the mode, the table nearest to it that is no more likely than the one
    // with this weight; nullopt if there is none.
    std::optional<std::int64_t> mirror(double log_limit, bool above) const {
        const std::int64_t end = above ? most_ : least_;
        if (log_weight(end) > log_limit) {
            return std::nullopt;
        }
        std::int64_t inside = mode_;  // more likely than the limit, or the mode itself
        std::int64_t outside = end;
        while (std::abs(outside - inside) > 1) {
            const std::int64_t middle = inside + (outside - inside) / 2;
            (log_weight(middle) > log_limit ? inside : outside) = middle;
        }
        return outside;
    }

    std::int64_t mode() const { return mode_; }

private:
    PairCounts counts_;
    std::int64_t least_;
    std::int64_t most_;
    std::int64_t mode_ = 0;
};

double fisher(const PairCounts& counts) {
    const Tables tables(counts);
    const double observed = tables.log_weight(counts.both);
    const double at_mode = tables.log_weight(tables.mode());
    if (observed >= at_mode - kTie) {
        return 1;
    }
    const bool observed_above = counts.both > tables.mode();
    double sum = portable_exp(observed - at_mode) * tables.outwards(counts.both, observed_above);
    const auto other = tables.mirror(observed + kTie, !observed_above);
    if (other) {
        sum += portable_exp(tables.log_weight(*other) - at_mode) *
               tables.outwards(*other, !observed_above);
    }
    const double all =
        tables.outwards(tables.mode(), true) + tables.outwards(tables.mode(), false) - 1;
    return std::min(1.0, sum / all);
}

double g_squared(const PairCounts& counts) {
    const double n = number(counts.sessions);
    const std::array<double, 4> products = {
        number(counts.a) * number(counts.b), number(counts.a) * number(counts.sessions - counts.b),
        number(counts.sessions - counts.a) * number(counts.b),
        number(counts.sessions - counts.a) * number(counts.sessions - counts.b)};
    const auto cells = cells_of(counts);
    double sum = 0;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (cells[i] > 0) {
            sum += number(cells[i]) * std::log(number(cells[i]) * n / products[i]);
        }
    }
    return std::max(0.0, 2 * sum);
}

Estimate log_odds_ratio(const PairCounts& counts) {
    const auto cells = cells_of(counts);
    constexpr std::array<double, 4> kSigns = {1, -1, -1, 1};
    double value = 0;
    double variance = 0;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const double cell = number(cells[i]) + 0.5;
        value += kSigns[i] * std::log(cell);
        variance += 1 / cell;
    }
    const double half = kNormal95 * std::sqrt(variance);
    return {value, counts.sessions, {value - half, value + half}, "gart_log_odds_ratio_95"};
}

Estimate shrink(const PairCounts& counts, const LiftPrior& prior) {
    const double shape = number(counts.both) + prior.shape;
    const double rate = expected(counts) + prior.rate;
    return {shape / rate,
            counts.sessions,
            {boost::math::gamma_p_inv(shape, kTail, Quiet{}) / rate,
             boost::math::gamma_q_inv(shape, kTail, Quiet{}) / rate},
            "gamma_poisson_credible_95"};
}

Relationship relationship_of(const Estimate& lift) {
    if (lift.interval.low <= 1 && lift.interval.high >= 1) {
        return Relationship::independent;
    }
    if (lift.value > 1) {
        return lift.value >= 3     ? Relationship::very_strong
               : lift.value >= 2   ? Relationship::strong
               : lift.value >= 1.5 ? Relationship::moderate
                                   : Relationship::weak;
    }
    return lift.value > 0.5 ? Relationship::weak_negative : Relationship::negative;
}

}  // namespace

std::string_view to_string(Relationship relationship) {
    switch (relationship) {
        case Relationship::unknown:
            return "unknown";
        case Relationship::very_strong:
            return "very_strong";
        case Relationship::strong:
            return "strong";
        case Relationship::moderate:
            return "moderate";
        case Relationship::weak:
            return "weak";
        case Relationship::independent:
            return "independent";
        case Relationship::weak_negative:
            return "weak_negative";
        case Relationship::negative:
            return "negative";
    }
    CHECK(false, "a relationship without a name");
}

Association associate(const PairCounts& counts, const LiftPrior& prior) {
    check_counts(counts);
    CHECK(prior.shape > 0 && prior.rate > 0 && std::isfinite(prior.shape) &&
              std::isfinite(prior.rate),
          "a prior is positive");
    Association found;
    found.counts = counts;
    found.log_odds_ratio = log_odds_ratio(counts);
    if (counts.a == 0 || counts.b == 0) {
        return found;
    }
    found.lift = number(counts.both) / expected(counts);
    found.shrunk_lift = shrink(counts, prior);
    found.relationship = relationship_of(*found.shrunk_lift);
    found.g_squared = g_squared(counts);
    found.g_squared_p = std::erfc(std::sqrt(found.g_squared / 2));
    found.fisher_p = fisher(counts);
    return found;
}

LiftPrior fit_lift_prior(std::span<const PairCounts> pairs) {
    double observed_sum = 0;
    double expected_sum = 0;
    double expected_squares = 0;
    for (const PairCounts& counts : pairs) {
        check_counts(counts);
        observed_sum += number(counts.both);
        expected_sum += expected(counts);
        expected_squares += expected(counts) * expected(counts);
    }
    if (pairs.size() < kLeastPairs || observed_sum == 0) {
        return {};
    }
    const double mean = observed_sum / expected_sum;
    double squares = 0;
    for (const PairCounts& counts : pairs) {
        const double off = number(counts.both) - mean * expected(counts);
        squares += off * off;
    }
    const double variance =
        std::clamp((squares - observed_sum) / expected_squares, kLeastVariance, kMostVariance);
    return {mean * mean / variance, mean / variance};
}

std::optional<Precedence> precedence(const OrderCounts& counts) {
    CHECK(counts.a_first >= 0 && counts.b_first >= 0, "negative counts");
    const std::int64_t n = counts.a_first + counts.b_first;
    if (n == 0) {
        return std::nullopt;
    }
    // P(X <= k) for X ~ Binomial(n, 1/2) is I_1/2(n - k, k + 1).
    const std::int64_t fewer = std::min(counts.a_first, counts.b_first);
    const double tail = beta_cdf({number(n - fewer), number(fewer + 1)}, 0.5);
    const Estimate share = {number(counts.a_first) / number(n), n, wilson_95(counts.a_first, n),
                            "wilson_95"};
    return Precedence{share, std::min(1.0, 2 * tail)};
}

}  // namespace credence::stats
