// Tenants: strangers who share a server and see nothing of each other.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "capabilities/access/access.h"

namespace credence::access {

class Gate;

struct Tenant {
    std::string tenant;
    std::int64_t created_at_us = 0;
    std::string created_by;
};
void describe(Describe<Tenant>&);

struct CreateTenant {
    std::string tenant;
};
void describe(Describe<CreateTenant>&);

struct ListTenants {
    std::string after;
    std::int64_t limit = 100;
};
void describe(Describe<ListTenants>&);

struct TenantPage {
    std::vector<Tenant> tenants;
    std::optional<std::string> next;
};
void describe(Describe<TenantPage>&);

// Emitted under the new tenant.
struct TenantCreated {
    std::string tenant;
};
void describe(Describe<TenantCreated>&);

// Thread-safe.
class Tenants {
public:
    static constexpr std::int64_t kMaxTenants = 10'000;  // beyond: Code::exhausted

    Tenants(const AccessParts& parts, Gate& gate) : parts_(parts), gate_(gate) {}

    // With its namespace "default". Only for an operator: scope "*" in the tenant "default".
    Result<Tenant> create(const Context& context, const CreateTenant& request);
    // An operator sees all of them, everyone else his own.
    Result<TenantPage> list(const Context& context, const ListTenants& request);

private:
    AccessParts parts_;
    Gate& gate_;
};

}  // namespace credence::access
