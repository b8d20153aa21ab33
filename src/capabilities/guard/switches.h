// Parts of the guard and rule packs that are switched while it runs. They concern all tenants, so
// only an operator (scope "*" or guard:admin in the tenant "default") may.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/context.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/shape.h"
#include "base/snapshot.h"
#include "capabilities/guard/guard_settings.h"
#include "capabilities/guard/rules/rule_packs.h"
#include "engine/store/database.h"

namespace credence::guard {

struct SetFeatures {
    std::optional<bool> neuro_symbolic;
    std::optional<bool> memory;
    std::optional<bool> multimodal;
    std::optional<bool> cache;
    std::optional<bool> workers;
};
void describe(Describe<SetFeatures>&);

struct SetPack {
    std::string name;
    bool enabled = true;
};
void describe(Describe<SetPack>&);

struct SwitchRow {
    std::string name;
    bool enabled = true;
};
void describe(Describe<SwitchRow>&);

namespace switch_rows {

Result<void> put(store::Tx& tx, const SwitchRow& row, std::int64_t at_us, std::string_view actor);
Result<std::vector<SwitchRow>> all(store::Tx& tx);

}  // namespace switch_rows

// Code::forbidden for anyone but an operator.
Result<void> check_operator(const Context& context);

// Thread-safe. A change is in force in this process when the call returns, in others that use the
// same store after refresh().
class Switches {
public:
    // Both pointers may be null: without a store nothing is kept, without packs none is switched.
    Switches(store::Database* database, RulePacks* packs, const Clock& clock,
             const Features& first);

    Features features() const { return *current_.get(); }
    Result<Features> set(const Context& context, const SetFeatures& request);
    // Code::not_found when no pack has this name.
    Result<void> set_pack(const Context& context, const SetPack& request);
    Result<void> refresh();

private:
    Result<void> keep(const Context& context, const std::vector<SwitchRow>& rows);

    store::Database* database_;
    RulePacks* packs_;
    const Clock& clock_;
    const Features first_;
    Snapshot<Features> current_;
};

}  // namespace credence::guard
