#include "capabilities/flags/flags.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "capabilities/flags/flags_rows.h"

namespace credence::flags {
namespace {

constexpr std::string_view kEverywhere = "*";
constexpr std::string_view kOwnModule = "flags";

Result<std::string> reach_of(const Context& context, bool everywhere) {
    if (!everywhere) {
        return context.tenant;
    }
    if (context.tenant != "default" || !context.scopes.allow("*")) {
        return fail(Code::forbidden, "only an operator switches operations for all tenants",
                    "everywhere");
    }
    return std::string(kEverywhere);
}

bool covers(std::string_view flag, const Operation& operation) {
    return flag == operation.name ||
           (flag.ends_with(".*") && flag.substr(0, flag.size() - 2) == operation.module);
}

}  // namespace

Flags::Flags(store::Database& database, const Clock& clock, const Catalog& catalog)
    : database_(database),
      clock_(clock),
      catalog_(catalog),
      rows_(std::make_shared<const std::vector<FlagRow>>()) {}

Result<std::string> Flags::resolve(const std::string& name) const {
    const Operation* operation = catalog_.find(name);
    if (operation == nullptr) {
        operation = catalog_.find_mcp(name);
    }
    std::string resolved = operation != nullptr ? operation->name : name;
    const auto& all = catalog_.operations();
    const auto first =
        std::ranges::find_if(all, [&](const Operation& each) { return covers(resolved, each); });
    if (first == all.end()) {
        return fail(Code::not_found, "no such operation, tool or module (as in patterns.*)",
                    "operation");
    }
    if (first->module == kOwnModule) {
        return fail(Code::conflict, "flags stay on: they are the way back", "operation");
    }
    return resolved;
}

Result<Disabled> Flags::disable(const Context& context, const Disable& request) {
    const std::string tenant = TRY(reach_of(context, request.everywhere));
    const FlagRow row{tenant, TRY(resolve(request.operation)), request.reason, clock_.now_us(),
                      context.actor};
    TRY(database_.write([&](store::Tx& tx) -> Result<void> {
        if (TRY(rows::count(tx, tenant)) >= kMaxPerTenant) {
            return fail(Code::exhausted, "there are too many flags");
        }
        TRY(rows::put(tx, row));
        return tx.emit(context, OperationDisabled{row.operation, row.reason});
    }));
    TRY(refresh());
    return Disabled{row.operation, row.reason, row.disabled_at_us, row.disabled_by,
                    request.everywhere};
}

Result<void> Flags::enable(const Context& context, const Enable& request) {
    const std::string tenant = TRY(reach_of(context, request.everywhere));
    const std::string operation = TRY(resolve(request.operation));
    TRY(database_.write([&](store::Tx& tx) -> Result<void> {
        if (!TRY(rows::remove(tx, tenant, operation))) {
            return fail(Code::not_found, "this was not switched off under that name", "operation");
        }
        return tx.emit(context, OperationEnabled{operation});
    }));
    return refresh();
}

Result<DisabledList> Flags::list(const Context& context, const Empty&) {
    DisabledList out;
    for (const FlagRow& row : TRY(database_.read([](store::Tx& tx) { return rows::all(tx); }))) {
        if (row.tenant == context.tenant || row.tenant == kEverywhere) {
            out.disabled.push_back({row.operation, row.reason, row.disabled_at_us, row.disabled_by,
                                    row.tenant == kEverywhere});
        }
    }
    return out;
}

Result<void> Flags::check(std::string_view tenant, const Operation& operation) const {
    const auto current = rows_.get();
    for (const FlagRow& row : *current) {
        if ((row.tenant == tenant || row.tenant == kEverywhere) &&
            covers(row.operation, operation)) {
            return fail(Code::unavailable, operation.name + " is switched off: " + row.reason);
        }
    }
    return {};
}

Result<void> Flags::refresh() {
    auto fresh = TRY(database_.read([](store::Tx& tx) { return rows::all(tx); }));
    rows_.set(std::make_shared<const std::vector<FlagRow>>(std::move(fresh)));
    return {};
}

}  // namespace credence::flags
