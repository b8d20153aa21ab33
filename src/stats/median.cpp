#include "stats/median.h"

#include <algorithm>

#include "base/check.h"

namespace credence::stats {

double median_of(std::vector<double> values) {
    CHECK(!values.empty(), "no numbers");
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    if (values.size() % 2 == 1) {
        return *middle;
    }
    return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

}  // namespace credence::stats
