// The policy of each tenant's name space: stored with all its versions, and in memory for scans.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/context.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/shape.h"
#include "base/snapshot.h"
#include "capabilities/guard/policy.h"
#include "engine/store/database.h"

namespace credence::guard {

struct GetPolicy {
    std::optional<std::string> version;
};
void describe(Describe<GetPolicy>&);

struct SetPolicy {
    std::optional<std::vector<PolicyRule>> rules;
    std::optional<std::string> expected_version;
};
void describe(Describe<SetPolicy>&);

struct PolicyInForce {
    std::string version;
    std::vector<PolicyRule> rules;
    bool shipped = false;
    std::int64_t number = 0;
    std::optional<std::int64_t> created_at_us;
    std::optional<std::string> actor;
};
void describe(Describe<PolicyInForce>&);

// Told when a policy is replaced.
struct GuardPolicyChanged {
    std::string name_space;
    std::string version;
};
void describe(Describe<GuardPolicyChanged>&);

// Thread-safe. A change is in force in this process when set() returns, in others that use the same
// store after refresh().
class Policies {
public:
    static constexpr std::int64_t kMaxVersions = 1000;      // kept for a name space; older ones go
    static constexpr std::size_t kMaxNameSpaces = 100'000;  // with a policy of their own

    // Without a store every name space has the shipped policy.
    Policies(store::Database* database, const Clock& clock, Policy shipped);

    // Touches no store.
    std::shared_ptr<const Policy> in_force(const Context& context) const;
    // The version in force, or an older one; Code::not_found.
    Result<PolicyInForce> get(const Context& context, const GetPolicy& request) const;
    // Absent rules: the shipped policy again. Code::invalid as check_policy, Code::conflict when
    // another version than the expected is in force.
    Result<PolicyInForce> set(const Context& context, const SetPolicy& request);
    Result<void> refresh();
    const Policy& shipped() const { return *shipped_; }

private:
    using Key = std::pair<std::string, std::string>;  // tenant, name space
    struct Less {
        using is_transparent = void;
        bool operator()(const auto& a, const auto& b) const {
            return std::pair<std::string_view, std::string_view>(a) <
                   std::pair<std::string_view, std::string_view>(b);
        }
    };
    using Table = std::map<Key, std::shared_ptr<const Policy>, Less>;

    store::Database* database_;
    const Clock& clock_;
    std::shared_ptr<const Policy> shipped_;
    Snapshot<Table> table_;
};

}  // namespace credence::guard
