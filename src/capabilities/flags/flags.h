// Switches operations off and on while the server runs, on every surface at once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/host.h"
#include "base/snapshot.h"

namespace credence::flags {

// Section [flags].
struct FlagsSettings {
    std::int64_t refresh_ms = 1000;
};
void describe(Describe<FlagsSettings>&);

struct Disable {
    std::string operation;
    std::string reason;
    bool everywhere = false;
};
void describe(Describe<Disable>&);

struct Enable {
    std::string operation;
    bool everywhere = false;
};
void describe(Describe<Enable>&);

struct Disabled {
    std::string operation;
    std::string reason;
    std::int64_t disabled_at_us = 0;
    std::string disabled_by;
    bool everywhere = false;
};
void describe(Describe<Disabled>&);

struct DisabledList {
    std::vector<Disabled> disabled;
};
void describe(Describe<DisabledList>&);

struct OperationDisabled {
    std::string operation;
    std::string reason;
};
void describe(Describe<OperationDisabled>&);

struct OperationEnabled {
    std::string operation;
};
void describe(Describe<OperationEnabled>&);

// One row: tenant "*" means all of them.
struct FlagRow {
    std::string tenant;
    std::string operation;
    std::string reason;
    std::int64_t disabled_at_us = 0;
    std::string disabled_by;
};
void describe(Describe<FlagRow>&);

// Thread-safe. A change is in force in this process when the call returns, in others that use the
// same store after refresh_ms.
class Flags final : public OperationFlags {
public:
    static constexpr std::int64_t kMaxPerTenant = 1000;  // beyond: Code::exhausted

    Flags(store::Database& database, const Clock& clock, const Catalog& catalog);

    // `operation` is an operation ("patterns.learn_pattern"), its MCP tool ("learn_pattern") or a
    // whole module ("patterns.*"). Code::not_found for an unknown one, Code::conflict for flags.*:
    // the way back stays open. `everywhere` (all tenants) is for an operator: scope "*" in the
    // tenant "default". Again: replaces the reason.
    Result<Disabled> disable(const Context& context, const Disable& request);
    // Code::not_found when it was not disabled under that very name.
    Result<void> enable(const Context& context, const Enable& request);
    Result<DisabledList> list(const Context& context, const Empty& request);

    Result<void> check(std::string_view tenant, const Operation& operation) const override;
    Result<void> refresh();

private:
    Result<std::string> resolve(const std::string& name) const;

    store::Database& database_;
    const Clock& clock_;
    const Catalog& catalog_;
    Snapshot<std::vector<FlagRow>> rows_;
};

Result<void> install(Host& host);

}  // namespace credence::flags
