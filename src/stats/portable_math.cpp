#include "stats/portable_math.h"

#include <array>
#include <cmath>

#include "base/check.h"

namespace credence::stats {
namespace {

constexpr double kLn2High = 0x1.62e42feep-1;  // the upper bits: exact times a small integer
constexpr double kLn2Low = 0x1.a39ef35793c76p-33;
constexpr double kHalfLn2Pi = 0.918938533204672741780329736406;
constexpr double kSqrtHalf = 0.707106781186547524400844362105;
constexpr double kMaxExponent = 700;

}  // namespace

double portable_log(double x) {
    CHECK(x > 0 && std::isfinite(x), "no logarithm");
    int exponent = 0;
    double mantissa = std::frexp(x, &exponent);
    if (mantissa < kSqrtHalf) {
        mantissa *= 2;
        --exponent;
    }
    // ln m = 2 artanh((m - 1) / (m + 1)); the ratio is at most 0.172 in size.
    const double ratio = (mantissa - 1) / (mantissa + 1);
    const double square = ratio * ratio;
    constexpr int kLastTerm = 25;
    double sum = 0;
    for (int term = kLastTerm; term >= 1; term -= 2) {
        sum = sum * square + 1.0 / term;
    }
    return exponent * kLn2High + (exponent * kLn2Low + 2 * ratio * sum);
}

double portable_exp(double x) {
    CHECK(!std::isnan(x), "not a number");
    if (x < -kMaxExponent) {
        return 0;
    }
    const double bounded = x > kMaxExponent ? kMaxExponent : x;
    const double power = std::floor(bounded / (kLn2High + kLn2Low) + 0.5);
    const double rest = (bounded - power * kLn2High) - power * kLn2Low;
    constexpr int kTerms = 16;
    double sum = 1;
    for (int term = kTerms; term >= 1; --term) {
        sum = 1 + rest * sum / term;
    }
    return std::ldexp(sum, static_cast<int>(power));
}

double portable_log_gamma(double x) {
    CHECK(x > 0 && std::isfinite(x), "no gamma");
    constexpr double kStirlingFrom = 12;
    constexpr std::array kCoefficients = {1.0 / 12,    -1.0 / 360, 1.0 / 1260,
                                          -1.0 / 1680, 1.0 / 1188, -691.0 / 360360};
    double product = 1;
    double shifted = x;
    while (shifted < kStirlingFrom) {
        product *= shifted;
        shifted += 1;
    }
    const double square = shifted * shifted;
    double series = 0;
    for (std::size_t i = kCoefficients.size(); i > 0; --i) {
        series = series / square + kCoefficients[i - 1];
    }
    return (shifted - 0.5) * portable_log(shifted) - shifted + kHalfLn2Pi + series / shifted -
           portable_log(product);
}

}  // namespace credence::stats
