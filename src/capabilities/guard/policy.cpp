#include "capabilities/guard/policy.h"

#include <algorithm>
#include <set>

#include "base/json.h"
#include "base/text.h"

namespace credence::guard {

namespace {

constexpr std::size_t kMaxRuleName = 64;
constexpr std::size_t kVersionDigits = 16;

// A name that reads well in a verdict and cannot break a label or a log line.
bool is_name(std::string_view name) {
    return !name.empty() && name.size() <= kMaxRuleName &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_.-") ==
               std::string_view::npos;
}

PolicyRule rule_for(std::string name, Category category, double least_score, Verdict action) {
    PolicyRule rule;
    rule.name = std::move(name);
    rule.category = category;
    rule.least_score = least_score;
    rule.action = action;
    return rule;
}

void add_attack(Policy& policy, std::string_view name, Category category,
                std::pair<double, double> thresholds) {
    policy.rules.push_back(
        rule_for(std::string(name) + ".flag", category, thresholds.first, Verdict::flag));
    policy.rules.push_back(
        rule_for(std::string(name) + ".block", category, thresholds.second, Verdict::block));
}

bool applies(const PolicyRule& rule, const Concern& concern, SourceKind source_kind,
             Direction direction) {
    return (!rule.category || *rule.category == concern.category) &&
           (!rule.least_severity || *rule.least_severity <= concern.severity) &&
           (!rule.source_kind || *rule.source_kind == source_kind) &&
           (!rule.direction || *rule.direction == direction) && concern.score >= rule.least_score;
}

std::string path_of(std::size_t index, std::string_view field) {
    return "rules[" + std::to_string(index) + "]." + std::string(field);
}

}  // namespace

void describe(Describe<PolicyRule>& d) {
    d.doc("One line of a policy; every condition that is given must hold");
    d.field<&PolicyRule::name>("Told in verdicts: lower-case letters, digits, _ . -")
        .length(1, kMaxRuleName)
        .example(R"("secrets.output")");
    d.field<&PolicyRule::category>("Only findings of this kind");
    d.field<&PolicyRule::least_severity>("Only findings at least as grave");
    d.field<&PolicyRule::source_kind>("Only texts of this channel");
    d.field<&PolicyRule::direction>("Only texts to, or from, the model");
    d.field<&PolicyRule::least_score>("Least score of the finding").between(0, 1).or_default();
    d.field<&PolicyRule::action>("allow, flag, sanitise or block");
}

void describe(Describe<Policy>& d) {
    d.doc("What to do about what was found; the strictest rule that applies decides");
    d.field<&Policy::version>("Digest of the rules");
    d.field<&Policy::rules>("Rules").length(0, kMaxPolicyRules);
}

std::string policy_version(const std::vector<PolicyRule>& rules) {
    std::string text;
    for (const PolicyRule& rule : rules) {
        text += to_json(rule);
    }
    return sha256_hex(text).substr(0, kVersionDigits);
}

Policy default_policy(double flag_threshold, double block_threshold) {
    const std::pair<double, double> attack{flag_threshold, block_threshold};
    Policy policy;
    add_attack(policy, "prompt_injection", Category::prompt_injection, attack);
    add_attack(policy, "jailbreak", Category::jailbreak, attack);
    add_attack(policy, "prompt_leak", Category::prompt_leak, attack);
    add_attack(policy, "tool_poisoning", Category::tool_poisoning, attack);
    add_attack(policy, "code_execution", Category::code_execution, attack);
    // A key that a user pastes in is theirs to send; a key that a model gives out is cut from it.
    policy.rules.push_back(
        rule_for("secrets.flag", Category::secrets, flag_threshold, Verdict::flag));
    PolicyRule output =
        rule_for("secrets.output", Category::secrets, flag_threshold, Verdict::sanitise);
    output.direction = Direction::output;
    policy.rules.push_back(std::move(output));
    policy.rules.push_back(rule_for("pii.flag", Category::pii, flag_threshold, Verdict::flag));
    policy.version = policy_version(policy.rules);
    return policy;
}

Result<void> check_policy(const Policy& policy) {
    if (policy.rules.size() > kMaxPolicyRules) {
        return fail(Code::invalid, "a policy holds at most 64 rules", "rules");
    }
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < policy.rules.size(); ++i) {
        const PolicyRule& rule = policy.rules[i];
        if (!is_name(rule.name)) {
            return fail(Code::invalid,
                        "a rule's name holds 1 to 64 lower-case letters, digits, _ . and -",
                        path_of(i, "name"));
        }
        if (!names.insert(rule.name).second) {
            return fail(Code::invalid, "two rules have this name", path_of(i, "name"));
        }
        // Written so that a score that is no number is refused.
        if (!(rule.least_score >= 0 && rule.least_score <= 1)) {
            return fail(Code::invalid, "must be between 0 and 1", path_of(i, "least_score"));
        }
    }
    return {};
}

Decision decide(const Policy& policy, const std::vector<Concern>& concerns, SourceKind source_kind,
                Direction direction) {
    Decision decision;
    double best = 0;
    for (const PolicyRule& rule : policy.rules) {
        for (std::size_t i = 0; i < concerns.size(); ++i) {
            if (!applies(rule, concerns[i], source_kind, direction)) {
                continue;
            }
            // Among equally strict rules the first that was written, for its gravest concern.
            const bool stricter = decision.concern < 0 || rule.action > decision.verdict;
            const bool graver = decision.concern >= 0 && rule.name == decision.rule &&
                                rule.action == decision.verdict && concerns[i].score > best;
            if (stricter || graver) {
                decision = {rule.action, rule.name, static_cast<int>(i)};
                best = concerns[i].score;
            }
        }
    }
    return decision;
}

Policy with_threshold(Policy policy, double threshold) {
    for (PolicyRule& rule : policy.rules) {
        if (rule.category == Category::secrets || rule.category == Category::pii) {
            continue;
        }
        if (rule.action == Verdict::block) {
            rule.least_score = threshold;
        } else if (rule.action == Verdict::flag) {
            rule.least_score = std::min(rule.least_score, threshold);
        }
    }
    return policy;
}

}  // namespace credence::guard
