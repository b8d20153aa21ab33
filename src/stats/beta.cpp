#include "stats/beta.h"

#include <cmath>

#include "base/check.h"
#include "stats/portable_math.h"

namespace credence::stats {
namespace {

constexpr int kMaxTerms = 100'000;
constexpr int kMaxSteps = 200;

double log_beta(const BetaShape& shape) {
    return portable_log_gamma(shape.alpha) + portable_log_gamma(shape.beta) -
           portable_log_gamma(shape.alpha + shape.beta);
}

double away_from_zero(double value) {
    constexpr double kTiny = 1e-300;
    return std::fabs(value) < kTiny ? kTiny : value;
}

// 1 / (1 + d1 / (1 + d2 / (1 + …))) of DLMF 8.17.22.
double continued_fraction(const BetaShape& shape, double x) {
    constexpr double kPrecision = 1e-15;
    const double a = shape.alpha;
    const double b = shape.beta;
    double c = 1;
    double d = 1 / away_from_zero(1 - (a + b) * x / (a + 1));
    double value = d;
    for (int term = 1; term <= kMaxTerms; ++term) {
        const double m = term;
        const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        d = 1 / away_from_zero(1 + even * d);
        c = away_from_zero(1 + even / c);
        value *= d * c;
        const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        d = 1 / away_from_zero(1 + odd * d);
        c = away_from_zero(1 + odd / c);
        const double factor = d * c;
        value *= factor;
        if (std::fabs(factor - 1) < kPrecision) {
            break;
        }
    }
    return value;
}

// x^alpha (1 - x)^beta / B(alpha, beta), for 0 < x < 1.
double front(const BetaShape& shape, double x, double log_beta_value) {
    return portable_exp(shape.alpha * portable_log(x) + shape.beta * portable_log(1 - x) -
                        log_beta_value);
}

double cdf_from(const BetaShape& shape, double x, double front_value) {
    if (x < (shape.alpha + 1) / (shape.alpha + shape.beta + 2)) {
        return front_value * continued_fraction(shape, x) / shape.alpha;
    }
    return 1 - front_value * continued_fraction({shape.beta, shape.alpha}, 1 - x) / shape.beta;
}

// Where the search begins: two or three digits of the quantile. The normal distribution's by
// Abramowitz and Stegun 26.2.22, the Beta distribution's from it by 26.5.22.
double first_guess(const BetaShape& shape, double level) {
    const double mean = shape.alpha / (shape.alpha + shape.beta);
    if (shape.alpha < 1 || shape.beta < 1) {
        return mean;
    }
    const double t = std::sqrt(-2 * portable_log(std::fmin(level, 1 - level)));
    double normal = t - (2.30753 + 0.27061 * t) / (1 + (0.99229 + 0.04481 * t) * t);
    normal = level < 0.5 ? normal : -normal;
    const double a = 1 / (2 * shape.alpha - 1);
    const double b = 1 / (2 * shape.beta - 1);
    const double h = 2 / (a + b);
    const double curvature = (normal * normal - 3) / 6;
    const double w =
        normal * std::sqrt(h + curvature) / h - (b - a) * (curvature + 5.0 / 6 - 2 / (3 * h));
    const double guess = shape.alpha / (shape.alpha + shape.beta * portable_exp(2 * w));
    return guess > 0 && guess < 1 ? guess : mean;
}

// Newton's step bent by the slope of the density (Halley): the density's logarithm has the
// derivative (alpha - 1) / x - (beta - 1) / (1 - x).
double halley_step(const BetaShape& shape, double x, double newton_step) {
    const double slope = (shape.alpha - 1) / x - (shape.beta - 1) / (1 - x);
    return newton_step / (1 - std::fmin(1, newton_step * slope) / 2);
}

void check_shape(const BetaShape& shape) {
    CHECK(shape.alpha > 0 && shape.beta > 0 && std::isfinite(shape.alpha) &&
              std::isfinite(shape.beta),
          "parameters of a Beta distribution are positive");
}

}  // namespace

double beta_mean(const BetaShape& shape) {
    check_shape(shape);
    return shape.alpha / (shape.alpha + shape.beta);
}

double beta_cdf(const BetaShape& shape, double x) {
    check_shape(shape);
    CHECK(!std::isnan(x), "not a number");
    if (x <= 0) {
        return 0;
    }
    if (x >= 1) {
        return 1;
    }
    return cdf_from(shape, x, front(shape, x, log_beta(shape)));
}

double beta_quantile(const BetaShape& shape, double level) {
    check_shape(shape);
    CHECK(!std::isnan(level), "not a number");
    if (level <= 0) {
        return 0;
    }
    if (level >= 1) {
        return 1;
    }
    constexpr double kStep = 1e-14;
    constexpr double kLastStep = 1e-6;
    const double log_beta_value = log_beta(shape);
    double low = 0;
    double high = 1;
    double x = first_guess(shape, level);
    for (int step = 0; step < kMaxSteps && high - low > kStep; ++step) {
        const double front_value = front(shape, x, log_beta_value);
        const double excess = cdf_from(shape, x, front_value) - level;
        (excess < 0 ? low : high) = x;
        const double density = front_value / (x * (1 - x));
        double next = density > 0 ? x - halley_step(shape, x, excess / density) : low;
        if (!(next > low && next < high)) {
            next = low + (high - low) / 2;
        } else if (std::fabs(next - x) <= kLastStep * x * (1 - x)) {
            // The error is cubed by each step: the next one would change nothing.
            return next;
        }
        x = next;
    }
    return x;
}

}  // namespace credence::stats
