#include "stats/beta_sample.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "stats/portable_math.h"

namespace credence::stats {
namespace {

// ln of a Gamma(shape) variable, so that tiny shapes do not underflow.
double log_gamma_variable(double shape, Random& random) {
    if (shape < 1) {
        return log_gamma_variable(shape + 1, random) + portable_log(uniform_sample(random)) / shape;
    }
    const double d = shape - 1.0 / 3.0;
    const double c = 1 / std::sqrt(9 * d);
    while (true) {  // accepted with probability above 0.95
        const double x = normal_sample(random);
        const double root = 1 + c * x;
        if (root <= 0) {
            continue;
        }
        const double log_cube = 3 * portable_log(root);
        const double log_uniform = portable_log(uniform_sample(random));
        if (log_uniform < 0.5 * x * x + d - d * root * root * root + d * log_cube) {
            return portable_log(d) + log_cube;
        }
    }
}

}  // namespace

double uniform_sample(Random& random) {
    constexpr unsigned kDropped = 12;
    return (static_cast<double>(random.next() >> kDropped) + 0.5) * 0x1.0p-52;
}

double normal_sample(Random& random) {
    while (true) {  // accepted with probability pi / 4
        const double x = 2 * uniform_sample(random) - 1;
        const double y = 2 * uniform_sample(random) - 1;
        const double square = x * x + y * y;
        if (square > 0 && square < 1) {
            return x * std::sqrt(-2 * portable_log(square) / square);
        }
    }
}

double beta_sample(const BetaShape& shape, Random& random) {
    CHECK(std::isfinite(shape.alpha) && std::isfinite(shape.beta) && shape.alpha > 0 &&
              shape.beta > 0,
          "parameters of a Beta distribution are positive");
    const double x = log_gamma_variable(shape.alpha, random);
    const double y = log_gamma_variable(shape.beta, random);
    return 1 / (1 + portable_exp(std::min(y - x, 700.0)));
}

}  // namespace credence::stats
