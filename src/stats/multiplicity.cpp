#include "stats/multiplicity.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

#include "base/check.h"

namespace credence::stats {
namespace {

// Positions by ascending p; equal ones keep their order.
std::vector<std::size_t> ascending(std::span<const double> p_values) {
    for (const double p : p_values) {
        CHECK(p >= 0 && p <= 1, "a p-value lies in [0, 1]");
    }
    std::vector<std::size_t> order(p_values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
        return p_values[left] < p_values[right];
    });
    return order;
}

}  // namespace

std::vector<double> benjamini_hochberg(std::span<const double> p_values) {
    const auto order = ascending(p_values);
    const double tests = static_cast<double>(order.size());
    std::vector<double> adjusted(order.size());
    double least = 1;
    for (std::size_t rank = order.size(); rank > 0; --rank) {
        const std::size_t at = order[rank - 1];
        least = std::min(least, p_values[at] * tests / static_cast<double>(rank));
        adjusted[at] = least;
    }
    return adjusted;
}

std::vector<double> holm(std::span<const double> p_values) {
    const auto order = ascending(p_values);
    std::vector<double> adjusted(order.size());
    double most = 0;
    for (std::size_t rank = 0; rank < order.size(); ++rank) {
        const std::size_t at = order[rank];
        most = std::max(most, p_values[at] * static_cast<double>(order.size() - rank));
        adjusted[at] = std::min(1.0, most);
    }
    return adjusted;
}

std::vector<double> e_benjamini_hochberg(std::span<const double> log_e_values) {
    std::vector<double> p_values;
    p_values.reserve(log_e_values.size());
    for (const double log_e : log_e_values) {
        CHECK(!std::isnan(log_e), "not a number");
        p_values.push_back(std::min(1.0, std::exp(-log_e)));
    }
    return benjamini_hochberg(p_values);
}

}  // namespace credence::stats
