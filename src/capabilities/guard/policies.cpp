#include "capabilities/guard/policies.h"

#include <algorithm>

#include "base/json.h"
#include "base/log.h"
#include "capabilities/guard/policy_rows.h"

namespace credence::guard {

namespace {

// How rules lie in a row.
struct PolicyBody {
    std::vector<PolicyRule> rules;
};
void describe(Describe<PolicyBody>& d) {
    d.field<&PolicyBody::rules>("Rules").length(0, kMaxPolicyRules);
}

Result<std::shared_ptr<const Policy>> policy_of(const PolicyRow& row,
                                                const std::shared_ptr<const Policy>& shipped) {
    if (!row.body) {
        return shipped;
    }
    auto policy = std::make_shared<Policy>();
    policy->rules = TRY(from_json<PolicyBody>(*row.body)).rules;
    policy->version = row.version;
    TRY(check_policy(*policy));
    return std::shared_ptr<const Policy>(std::move(policy));
}

PolicyInForce told(const Policy& policy) {
    PolicyInForce out;
    out.version = policy.version;
    out.rules = policy.rules;
    out.shipped = true;
    return out;
}

PolicyInForce told(const Policy& policy, const PolicyRow& row) {
    PolicyInForce out = told(policy);
    out.shipped = !row.body;
    out.number = row.number;
    out.created_at_us = row.created_at_us;
    out.actor = row.actor;
    return out;
}

}  // namespace

Policies::Policies(store::Database* database, const Clock& clock, Policy shipped)
    : database_(database),
      clock_(clock),
      shipped_(std::make_shared<const Policy>(std::move(shipped))),
      table_(std::make_shared<const Table>()) {}

std::shared_ptr<const Policy> Policies::in_force(const Context& context) const {
    const auto table = table_.get();
    if (table->empty()) {
        return shipped_;
    }
    const auto found = table->find(
        std::pair<std::string_view, std::string_view>(context.tenant, context.name_space));
    return found == table->end() ? shipped_ : found->second;
}

Result<PolicyInForce> Policies::get(const Context& context, const GetPolicy& request) const {
    if (database_ == nullptr) {
        return told(*shipped_);
    }
    const auto row = TRY(database_->read([&](store::Tx& tx) {
        return request.version ? policy_rows::find(tx, context, *request.version)
                               : policy_rows::newest(tx, context);
    }));
    if (row) {
        return told(*TRY(policy_of(*row, shipped_)), *row);
    }
    if (request.version && *request.version != shipped_->version) {
        return fail(Code::not_found, "no policy of this version", "version");
    }
    return told(*shipped_);
}

Result<PolicyInForce> Policies::set(const Context& context, const SetPolicy& request) {
    if (database_ == nullptr) {
        return fail(Code::unavailable, "policies need a store");
    }
    Policy policy = *shipped_;
    PolicyRow row{context.tenant, context.name_space, 1, {}, {}, clock_.now_us(), context.actor};
    if (request.rules) {
        policy.rules = *request.rules;
        policy.version = policy_version(policy.rules);
        row.body = to_json(PolicyBody{policy.rules});
    }
    TRY(check_policy(policy));
    row.version = policy.version;
    TRY(database_->write([&](store::Tx& tx) -> Result<void> {
        const auto newest = TRY(policy_rows::newest(tx, context));
        const std::string& before = newest ? newest->version : shipped_->version;
        if (request.expected_version && *request.expected_version != before) {
            return fail(Code::conflict, "another policy is in force: " + before,
                        "expected_version");
        }
        row.number = newest ? newest->number + 1 : 1;
        TRY(policy_rows::insert(tx, row));
        TRY(policy_rows::remove_before(tx, context, row.number - kMaxVersions + 1));
        return tx.emit(context, GuardPolicyChanged{context.name_space, row.version});
    }));
    TRY(refresh());
    return told(policy, row);
}

Result<void> Policies::refresh() {
    if (database_ == nullptr) {
        return {};
    }
    const auto rows = TRY(
        database_->read([](store::Tx& tx) { return policy_rows::all_newest(tx, kMaxNameSpaces); }));
    auto table = std::make_shared<Table>();
    for (const PolicyRow& row : rows) {
        auto policy = policy_of(row, shipped_);
        if (!policy) {
            // What cannot be read any more must not loosen anything: the shipped policy holds.
            log::error("stored policy is damaged",
                       {{"tenant", row.tenant}, {"name_space", row.name_space}});
            continue;
        }
        table->emplace(Key(row.tenant, row.name_space), std::move(*policy));
    }
    table_.set(std::move(table));
    return {};
}

void describe(Describe<GetPolicy>& d) {
    d.field<&GetPolicy::version>("An older version; left out: the one in force").length(1, 64);
}

void describe(Describe<SetPolicy>& d) {
    d.field<&SetPolicy::rules>("Rules, all of them; left out: the shipped policy again")
        .length(0, kMaxPolicyRules);
    d.field<&SetPolicy::expected_version>("Change only if this version is in force").length(1, 64);
}

void describe(Describe<PolicyInForce>& d) {
    d.field<&PolicyInForce::version>("Digest of the rules");
    d.field<&PolicyInForce::rules>("Rules; the strictest that applies decides");
    d.field<&PolicyInForce::shipped>("It is the policy that ships with the program");
    d.field<&PolicyInForce::number>("How often it was set; 0: never");
    d.field<&PolicyInForce::created_at_us>("When it was set");
    d.field<&PolicyInForce::actor>("Who set it");
}

void describe(Describe<GuardPolicyChanged>& d) {
    d.field<&GuardPolicyChanged::name_space>("Name space");
    d.field<&GuardPolicyChanged::version>("Version now in force");
}

}  // namespace credence::guard
