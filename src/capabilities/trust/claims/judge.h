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

// Bounded work on hostile input; never fails, at worst nothing is found.
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

// refuted if a check is refuted, else inconclusive if one is, else confirmed. A program that timed
// out, was killed or could not start confirms nothing. Exit status 0 is required unless the claim
// names another return_code. A recipe that promises a report and printed none is inconclusive.
Judgement judge(const ClaimContent& claim, const Recipe& recipe,
                const sandbox::Finished& finished, const TolerancePolicy& policy);

}  // namespace credence::trust
