#include "capabilities/patterns/maturity.h"

#include <array>
#include <cstdio>

namespace credence::patterns {
namespace {

void add(std::string& text, const std::string& part) {
    text += (text.empty() ? "" : ", ") + part;
}

std::string two_digits(double value) {
    std::array<char, 32> out{};
    std::snprintf(out.data(), out.size(), "%.2f", value);
    return out.data();
}

}  // namespace

Maturity maturity_of(const Pattern& pattern, const PatternsSettings& settings) {
    Maturity out;
    out.labelled = pattern.success_count + pattern.failure_count;
    if (out.labelled < settings.mature_min_uses) {
        add(out.missing, std::to_string(out.labelled) + " of " +
                             std::to_string(settings.mature_min_uses) + " labelled uses");
    }
    if (pattern.distinct_users < settings.mature_min_users) {
        add(out.missing, std::to_string(pattern.distinct_users) + " of " +
                             std::to_string(settings.mature_min_users) + " distinct agents");
    }
    if (pattern.confidence < settings.mature_min_confidence) {
        add(out.missing, "confidence " + two_digits(pattern.confidence) + " of " +
                             two_digits(settings.mature_min_confidence));
    }
    out.mature = out.missing.empty();
    return out;
}

}  // namespace credence::patterns
