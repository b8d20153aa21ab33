// Compares a claim with what its recipe did. Pure and thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "capabilities/trust/claims/claim.h"
#include "capabilities/trust/claims/recipe.h"
#include "engine/sandbox/sandbox.h"

namespace credence::trust {

// Numbers a recipe reported: JSON members, JUnit, TAP and summary lines of test runners.
struct Report {
    bool found = false;                     // in the form the recipe promises
    std::map<std::string, double> metrics;  // "tests", "passed", "failed", "errors", "skipped", …
    std::string problem;                    // why it was not found, for people
};

// Bounded work on hostile input; never fails, at worst nothing is found. Two summaries that
// contradict each other (one printed by the code under test) count as none. Fractions are
// fractions: "coverage" is 0.857, not 85.7; times are seconds ("duration_s").
Report read_report(ReportFormat format, const sandbox::Finished& finished);

// One assertion of the claim and what was seen of it.
struct Check {
    std::string assertion;  // "return_code == 0", "metrics.query_time_ms <= 10"
    Outcome outcome = Outcome::inconclusive;
    std::string actual;  // "0", "12.5", "absent"; at most 200 bytes
};
void describe(Describe<Check>&);

struct Judgement {
    Outcome outcome = Outcome::inconclusive;
    std::string reason;  // one sentence
    std::vector<Check> checks;
};

// Refuses (Code::invalid, path) what the recipe could never confirm: a kind that it does not
// verify, metrics from a recipe that reports none.
Result<void> check_fit(ClaimKind kind, const ClaimContent& claim, const Recipe& recipe);

// refuted if a check is refuted, else inconclusive if one is, else confirmed. A program that timed
// out, was killed or could not start confirms nothing. Exit status 0 is required unless the claim
// names another return_code. A recipe that promises a report and printed none is inconclusive, and
// so is one that ended with 0 although its report counts failures that the claim does not speak of.
Judgement judge(const ClaimContent& claim, const Recipe& recipe, const sandbox::Finished& finished,
                const TolerancePolicy& policy);

}  // namespace credence::trust
