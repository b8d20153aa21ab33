#include "stats/beta_binomial.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "stats/portable_math.h"

namespace credence::stats {
namespace {

constexpr double kNegligible = 1e-17;

struct Walk {
    const BetaShape& shape;
    double n;
    bool single_peak;  // beyond the mode the terms only fall
};

struct Side {
    double sum = 0;     // of all terms beyond the mode
    double beyond = 0;  // of those at or beyond k
    double at = 0;      // the term of k
};

// P(X = i + 1) / P(X = i).
double ratio_up(const Walk& walk, double i) {
    return (walk.n - i) * (walk.shape.alpha + i) / ((i + 1) * (walk.shape.beta + walk.n - i - 1));
}

// Terms from the mode (weight 1) upwards or downwards, without the mode itself.
Side walk_side(const Walk& walk, double mode, double k, bool up) {
    Side side;
    const bool k_is_here = up ? k > mode : k < mode;
    double term = 1;
    for (double i = mode; up ? i < walk.n : i > 0;) {
        term = up ? term * ratio_up(walk, i) : term / ratio_up(walk, i - 1);
        i += up ? 1 : -1;
        side.sum += term;
        if (k_is_here && (up ? i >= k : i <= k)) {
            side.beyond += term;
            side.at = i == k ? term : side.at;
        }
        const double smallest = k_is_here ? side.beyond : side.sum;
        if (walk.single_peak && (term == 0 || term * walk.n < kNegligible * smallest)) {
            break;
        }
    }
    return side;
}

double mode_of(const BetaShape& shape, double n) {
    if (shape.alpha < 1) {
        return 0;
    }
    if (shape.beta < 1) {
        return n;
    }
    if (shape.alpha + shape.beta <= 2) {
        return 0;  // uniform
    }
    const double highest =
        (n * (shape.alpha - 1) - (shape.beta - 1)) / (shape.alpha + shape.beta - 2);
    return std::clamp(std::ceil(highest), 0.0, n);
}

// ln of x (x + 1) … (x + count - 1).
double log_rising(double x, std::int64_t count) {
    constexpr std::int64_t kMaxProduct = 24;
    constexpr double kMaxFactor = 1e12;  // its 24th power is still finite
    if (count > kMaxProduct || x > kMaxFactor) {
        return portable_log_gamma(x + static_cast<double>(count)) - portable_log_gamma(x);
    }
    double product = 1;
    for (std::int64_t i = 0; i < count; ++i) {
        product *= x + static_cast<double>(i);
    }
    return count == 0 ? 0 : portable_log(product);
}

void check_arguments(const BetaShape& shape, std::int64_t n, std::int64_t k) {
    CHECK(k >= 0 && k <= n, "more successes than trials");
    CHECK(shape.alpha > 0 && shape.beta > 0 && std::isfinite(shape.alpha) &&
              std::isfinite(shape.beta),
          "parameters of a Beta distribution are positive");
}

}  // namespace

Tails beta_binomial_tails(const BetaShape& shape, std::int64_t n, std::int64_t k) {
    check_arguments(shape, n, k);
    const Walk walk{shape, static_cast<double>(n), shape.alpha >= 1 || shape.beta >= 1};
    const double at = static_cast<double>(k);
    const double mode = mode_of(shape, walk.n);
    const Side down = walk_side(walk, mode, at, false);
    const Side up = walk_side(walk, mode, at, true);
    const double total = down.sum + 1 + up.sum;
    if (at < mode) {
        return {down.beyond / total, std::min(1.0, (total - down.beyond + down.at) / total)};
    }
    if (at > mode) {
        return {std::min(1.0, (total - up.beyond + up.at) / total), up.beyond / total};
    }
    return {(down.sum + 1) / total, (up.sum + 1) / total};
}

double beta_binomial_log_likelihood(const BetaShape& shape, std::int64_t n, std::int64_t k) {
    check_arguments(shape, n, k);
    return log_rising(shape.alpha, k) + log_rising(shape.beta, n - k) -
           log_rising(shape.alpha + shape.beta, n);
}

double two_sided(const Tails& tails) {
    return std::min(1.0, 2 * std::min(tails.at_most, tails.at_least));
}

}  // namespace credence::stats
