// Why an analysis says what it says, in words.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "capabilities/skills/experiments/experiment_measure.h"

namespace credence::skills {

// Where one comparison stands by the evidence of all looks.
struct Standing {
    Compared compared;
    MetricRole role = MetricRole::primary;
    std::int64_t looks = 0;
    double p = 1;
    double adjusted_p = 1;
    Finding finding = Finding::insufficient_data;
};

enum class Why : std::uint8_t {
    mismatch,
    guardrail,
    too_few,
    better,
    worse,
    negligible,
    undecided
};

struct Decided {
    Verdict verdict = Verdict::continue_;
    std::optional<std::size_t> winner;
    Why why = Why::undecided;
};

// Arms with fewer users than the test wants (those with outcomes of the first primary metric).
struct MissingUsers {
    std::size_t arm = 0;
    std::int64_t users = 0;
    std::int64_t wanted = 0;
};
std::vector<MissingUsers> missing_users(const Experiment& experiment);

// `analysis` has its comparisons.
std::string reason_of(const Experiment& experiment, const Decided& decided,
                      const Analysis& analysis);

}  // namespace credence::skills
