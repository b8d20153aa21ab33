#include "stats/predict/online_logistic.h"

#include <cmath>

#include "base/check.h"
#include "stats/predict/calibration.h"

namespace credence::stats {

OnlineLogistic::OnlineLogistic(std::size_t coordinates, const FtrlOptions& options)
    : options_(options), coordinates_(coordinates) {
    CHECK(options.alpha > 0 && options.beta >= 0 && options.l1 >= 0 && options.l2 >= 0 &&
              std::isfinite(options.alpha + options.beta + options.l1 + options.l2),
          "impossible learning rates");
}

double OnlineLogistic::weight(std::size_t coordinate) const {
    CHECK(coordinate < coordinates_.size(), "no such coordinate");
    const Coordinate& at = coordinates_[coordinate];
    if (std::abs(at.z) <= options_.l1) {
        return 0;
    }
    const double shrunk = at.z - std::copysign(options_.l1, at.z);
    const double scale = (options_.beta + std::sqrt(at.n)) / options_.alpha + options_.l2;
    return scale > 0 ? -shrunk / scale : 0;
}

double OnlineLogistic::margin(std::span<const double> x, double offset) const {
    CHECK(x.size() == coordinates_.size(), "features of another model");
    double sum = offset;
    for (std::size_t i = 0; i < x.size(); ++i) {
        sum += weight(i) * x[i];
    }
    return sum;
}

void OnlineLogistic::learn(std::span<const double> x, double offset, bool success) {
    const double excess = logistic(margin(x, offset)) - (success ? 1 : 0);
    for (std::size_t i = 0; i < x.size(); ++i) {
        const double gradient = excess * x[i];
        const double before = weight(i);
        Coordinate& at = coordinates_[i];
        const double sigma =
            (std::sqrt(at.n + gradient * gradient) - std::sqrt(at.n)) / options_.alpha;
        at.z += gradient - sigma * before;
        at.n += gradient * gradient;
    }
}

bool OnlineLogistic::restore(std::span<const Coordinate> coordinates) {
    if (coordinates.size() != coordinates_.size()) {
        return false;
    }
    for (const Coordinate& at : coordinates) {
        if (!std::isfinite(at.z) || !std::isfinite(at.n) || at.n < 0) {
            return false;
        }
    }
    coordinates_.assign(coordinates.begin(), coordinates.end());
    return true;
}

}  // namespace credence::stats
