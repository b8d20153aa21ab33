// What to do about what was found: allow, flag, sanitise or block, by category, severity, channel
// and score. Pure; a tenant may replace the policy (policy_rows.h), or try another threshold for
// one scan.
//
// The rules are read in order; of all that apply the strictest action wins, and the answer names
// it. Findings of personal data or secrets never block unless a rule says so.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/shape.h"
#include "capabilities/guard/kinds.h"

namespace credence::guard {

enum class Verdict : std::uint8_t { allow, flag, sanitise, block };  // ascending strictness

inline constexpr std::size_t kMaxPolicyRules = 64;

// One line of a policy. Every condition that is given must hold.
struct PolicyRule {
    std::string name;  // told in the verdict
    std::optional<Category> category;
    std::optional<Severity> least_severity;
    std::optional<SourceKind> source_kind;
    std::optional<Direction> direction;
    double least_score = 0;  // [0, 1], of the finding, or of the whole text for the learned model
    Verdict action = Verdict::flag;
};
void describe(Describe<PolicyRule>&);

struct Policy {
    std::string version;  // digest of the rules
    std::vector<PolicyRule> rules;
};
void describe(Describe<Policy>&);

// One reason for concern, as a policy sees it.
struct Concern {
    Category category = Category::prompt_injection;
    Severity severity = Severity::low;
    double score = 0;
};

struct Decision {
    Verdict verdict = Verdict::allow;
    std::string rule;  // name of the policy rule that decided; empty when none applied
    int concern = -1;  // index of the concern that it applied to
};

// The shipped policy: thresholds are those of the settings (flag_threshold, block_threshold).
Policy default_policy(double flag_threshold, double block_threshold);
// Code::invalid with the field's path: unnamed or twice named rules, scores outside [0, 1], too
// many.
Result<void> check_policy(const Policy& policy);
// Names a list of rules: 16 hex digits of a SHA-256.
std::string policy_version(const std::vector<PolicyRule>& rules);
// The policy for one scan with another threshold: rules about attacks block from `threshold` on,
// and flag from there at the latest. Rules about secrets and personal data stay as they are.
Policy with_threshold(Policy policy, double threshold);
Decision decide(const Policy& policy, const std::vector<Concern>& concerns, SourceKind source_kind,
                Direction direction);

}  // namespace credence::guard
