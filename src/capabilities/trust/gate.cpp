#include "capabilities/trust/gate.h"

#include <algorithm>
#include <array>

#include "capabilities/trust/agents.h"
#include "capabilities/trust/score/decide.h"
#include "capabilities/trust/score_rows.h"

namespace credence::trust {
namespace {

constexpr std::size_t kKinds = 6;

GatePolicy policy_of(std::string action, std::optional<ClaimKind> kind, double min_lower_bound) {
    GatePolicy policy;
    policy.action = std::move(action);
    policy.kind = kind;
    policy.min_lower_bound = min_lower_bound;
    return policy;
}

Result<std::optional<ClaimKind>> counted_kind(const GatePolicy& policy, const GateQuery& query) {
    if (query.kind && policy.kind && *query.kind != *policy.kind && !policy.kind_may_be_asked) {
        return fail(
            Code::invalid,
            "the policy of this action looks at " + std::string(score_rows::name_of(*policy.kind)),
            "kind");
    }
    return query.kind ? query.kind : policy.kind;
}

class PolicyGate final : public Gate {
public:
    PolicyGate(const TrustParts& parts, std::vector<GatePolicy> policies)
        : clock_(parts.clock), policies_(std::move(policies)) {
        // An action comes from a client; only those of policies are labels.
        for (const GatePolicy& policy : policies_) {
            decisions_.push_back({&counter(parts.metrics, policy, "allowed"),
                                  &counter(parts.metrics, policy, "refused")});
        }
    }

    Result<GateDecision> check(store::Tx& tx, const Context& context,
                               const GateQuery& query) override {
        const std::size_t index = TRY(find_policy(query.action));
        const GatePolicy& policy = policies_[index];
        const Agent agent = TRY(Agents::find(tx, context, query.agent_id));
        const auto kind = TRY(counted_kind(policy, query));
        GateDecision decision = TRY(decide_for(tx, context, agent, {policy, kind}));
        decisions_[index].at(decision.allowed ? 0 : 1)->add();
        return decision;
    }

private:
    struct Asked {
        const GatePolicy& policy;
        std::optional<ClaimKind> kind;  // nothing: all
    };

    static Counter& counter(Metrics& metrics, const GatePolicy& policy, std::string decision) {
        return metrics.counter("credence_trust_gates_total", "Gates asked, by action and decision",
                               {{"action", policy.action}, {"decision", std::move(decision)}});
    }

    Result<std::size_t> find_policy(const std::string& action) const {
        const auto found = std::ranges::find(policies_, action, &GatePolicy::action);
        if (found == policies_.end()) {
            return fail(Code::invalid, "there is no policy for this action", "action");
        }
        return static_cast<std::size_t>(found - policies_.begin());
    }

    static GateDecision decided(const GatePolicy& policy, ClaimKind kind, const ScoreState& state) {
        const Verdict verdict = decide(state, policy);
        GateDecision decision;
        decision.allowed = verdict.allowed;
        decision.reason = verdict.reason;
        decision.would_change = verdict.would_change;
        decision.action = policy.action;
        decision.kind = kind;
        decision.tier = state.tier;
        decision.trust_score = mean(state);
        decision.lower_bound = lower_bound(state);
        decision.effective_n = effective_n(state);
        decision.threshold = verdict.threshold;
        decision.inconclusive_share = inconclusive_share(state);
        decision.alarmed = state.alarmed;
        return decision;
    }

    // A refusal before a permission, then the lower bound.
    static bool is_worse(const GateDecision& a, const GateDecision& b) {
        return a.allowed != b.allowed ? !a.allowed : a.lower_bound < b.lower_bound;
    }

    Result<GateDecision> decide_for(store::Tx& tx, const Context& context, const Agent& agent,
                                    const Asked& asked) const {
        std::array<std::optional<ScoreState>, kKinds> states;
        const std::int64_t now_us = clock_.now_us();
        for (const auto& row : TRY(score_rows::states_of(tx, context, agent.agent_id))) {
            for (std::size_t i = 0; i < kKinds; ++i) {
                if (row.claim_kind == score_rows::name_of(static_cast<ClaimKind>(i))) {
                    states.at(i) = aged(TRY(decode_state(row.state)), now_us);
                }
            }
        }
        std::optional<GateDecision> worst;
        for (std::size_t i = 0; i < kKinds; ++i) {
            const auto kind = static_cast<ClaimKind>(i);
            if ((asked.kind && *asked.kind != kind) || (!asked.kind && !states.at(i))) {
                continue;
            }
            const auto decision = decided(asked.policy, kind, states.at(i).value_or(ScoreState{}));
            if (!worst || is_worse(decision, *worst)) {
                worst = decision;
            }
        }
        if (!worst) {
            worst = decided(asked.policy, ClaimKind::custom, ScoreState{});
        }
        if (agent.retired_at_us) {
            worst->allowed = false;
            worst->reason = "the agent is retired";
            worst->would_change.clear();
        }
        return *worst;
    }

    const Clock& clock_;
    const std::vector<GatePolicy> policies_;
    std::vector<std::array<Counter*, 2>> decisions_;
};

}  // namespace

const std::vector<GatePolicy>& shipped_policies() {
    static const std::vector<GatePolicy> policies = [] {
        constexpr double kUsual = 0.75;
        constexpr double kUnattended = 0.9;
        GatePolicy deploy = policy_of("deploy", ClaimKind::deployment_status, kUsual);
        deploy.kind_may_be_asked = true;
        GatePolicy publish = policy_of("publish_pattern", std::nullopt, 0);
        publish.min_effective_n = 0;
        publish.allow_unknown = true;
        return std::vector{deploy, policy_of("merge", ClaimKind::test_result, kUsual), publish,
                           policy_of("unattended", std::nullopt, kUnattended)};
    }();
    return policies;
}

Result<std::vector<GatePolicy>> policies_of(const TrustSettings& settings) {
    std::vector<GatePolicy> policies = shipped_policies();
    for (std::size_t i = 0; i < settings.policies.size(); ++i) {
        const GatePolicy& policy = settings.policies[i];
        const std::string path = "trust.policies[" + std::to_string(i) + "]";
        const auto earlier = std::ranges::count(
            settings.policies.begin(), settings.policies.begin() + static_cast<std::ptrdiff_t>(i),
            policy.action, &GatePolicy::action);
        if (policy.action.empty() || earlier > 0) {
            return fail(Code::invalid, "each policy names an action of its own", path + ".action");
        }
        const auto shipped = std::ranges::find(policies, policy.action, &GatePolicy::action);
        if (shipped == policies.end()) {
            policies.push_back(policy);
        } else {
            *shipped = policy;
        }
    }
    return policies;
}

std::unique_ptr<Gate> make_gate(const TrustParts& parts, std::vector<GatePolicy> policies) {
    return std::make_unique<PolicyGate>(parts, std::move(policies));
}

}  // namespace credence::trust
