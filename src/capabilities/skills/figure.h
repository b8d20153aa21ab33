// A number that says how sure it is, as answers carry it.
#pragma once

#include <cstdint>
#include <string>

#include "base/shape.h"
#include "stats/estimate.h"

namespace credence::skills {

struct Figure {
    double value = 0;
    std::int64_t n = 0;
    double low = 0;
    double high = 0;
    std::string method;
};

inline void describe(Describe<Figure>& d) {
    d.field<&Figure::value>("The estimate");
    d.field<&Figure::n>("Independent units behind it");
    d.field<&Figure::low>("Lower end of its interval");
    d.field<&Figure::high>("Upper end");
    d.field<&Figure::method>("How value and interval were found, with the confidence in per cent");
}

inline Figure figure_of(const stats::Estimate& estimate) {
    return {.value = estimate.value,
            .n = estimate.n,
            .low = estimate.interval.low,
            .high = estimate.interval.high,
            .method = std::string(estimate.method)};
}

}  // namespace credence::skills
