#include "stats/gamma.h"

#include <boost/math/special_functions/gamma.hpp>
#include <cmath>

#include "base/check.h"

namespace credence::stats {
namespace {

namespace policies = boost::math::policies;

// Nothing throws: what lies outside a function's domain is caught by the CHECKs first.
using Quiet = policies::policy<policies::domain_error<policies::ignore_error>,
                               policies::pole_error<policies::ignore_error>,
                               policies::overflow_error<policies::ignore_error>,
                               policies::underflow_error<policies::ignore_error>,
                               policies::evaluation_error<policies::ignore_error>>;

void check_gamma(const GammaShape& gamma) {
    CHECK(gamma.shape > 0 && gamma.rate > 0 && std::isfinite(gamma.shape) &&
              std::isfinite(gamma.rate),
          "parameters of a Gamma distribution are positive");
}

}  // namespace

double gamma_mean(const GammaShape& gamma) {
    check_gamma(gamma);
    return gamma.shape / gamma.rate;
}

double gamma_cdf(const GammaShape& gamma, double x) {
    check_gamma(gamma);
    CHECK(!std::isnan(x), "not a number");
    if (x <= 0) {
        return 0;
    }
    if (std::isinf(x)) {
        return 1;
    }
    return boost::math::gamma_p(gamma.shape, gamma.rate * x, Quiet());
}

double gamma_quantile(const GammaShape& gamma, double level) {
    check_gamma(gamma);
    CHECK(level < 1, "no finite quantile");
    if (level <= 0) {
        return 0;
    }
    return boost::math::gamma_p_inv(gamma.shape, level, Quiet()) / gamma.rate;
}

GammaShape rate_posterior(std::int64_t events, double exposure, const RatePrior& prior) {
    CHECK(events >= 0 && exposure >= 0 && std::isfinite(exposure), "impossible count or exposure");
    const GammaShape posterior{prior.shape + static_cast<double>(events), prior.rate + exposure};
    check_gamma(posterior);
    return posterior;
}

std::optional<Estimate> event_rate(std::int64_t events, double exposure) {
    constexpr double kTail = 0.025;
    CHECK(events >= 0 && exposure >= 0 && std::isfinite(exposure), "impossible count or exposure");
    if (exposure == 0) {
        return std::nullopt;
    }
    const GammaShape posterior = rate_posterior(events, exposure);
    const Interval interval{events == 0 ? 0.0 : gamma_quantile(posterior, kTail),
                            gamma_quantile(posterior, 1 - kTail)};
    return Estimate{static_cast<double>(events) / exposure, events, interval, "gamma_jeffreys_95"};
}

}  // namespace credence::stats
