#include <memory>

#include "capabilities/flags/flags.h"
#include "capabilities/flags/flags_prompts.h"

namespace credence::flags {
namespace {

constexpr std::size_t kMaxName = 128;
constexpr std::size_t kMaxReason = 500;

}  // namespace

void describe(Describe<FlagsSettings>& d) {
    d.field<&FlagsSettings::refresh_ms>("How often flags set by another process are looked for")
        .between(10, 60'000)
        .or_default();
}

void describe(Describe<Disable>& d) {
    d.field<&Disable::operation>("Operation, MCP tool, or module as in patterns.*")
        .length(1, kMaxName)
        .example(R"("patterns.*")");
    d.field<&Disable::reason>("Why; callers are told").length(1, kMaxReason);
    d.field<&Disable::everywhere>("For all tenants; operators only").or_default();
}

void describe(Describe<Enable>& d) {
    d.field<&Enable::operation>("As it was switched off").length(1, kMaxName);
    d.field<&Enable::everywhere>("The flag for all tenants; operators only").or_default();
}

void describe(Describe<Disabled>& d) {
    d.field<&Disabled::operation>("Operation, or module as in patterns.*");
    d.field<&Disabled::reason>("Why");
    d.field<&Disabled::disabled_at_us>("Since when");
    d.field<&Disabled::disabled_by>("Who switched it off");
    d.field<&Disabled::everywhere>("For all tenants");
}

void describe(Describe<DisabledList>& d) {
    d.field<&DisabledList::disabled>("What is switched off for your tenant");
}

void describe(Describe<OperationDisabled>& d) {
    d.field<&OperationDisabled::operation>("Operation or module");
    d.field<&OperationDisabled::reason>("Why");
}

void describe(Describe<OperationEnabled>& d) {
    d.field<&OperationEnabled::operation>("Operation or module");
}

void describe(Describe<FlagRow>& d) {
    d.field<&FlagRow::tenant>("Tenant, or * for all");
    d.field<&FlagRow::operation>("Operation or module");
    d.field<&FlagRow::reason>("Why");
    d.field<&FlagRow::disabled_at_us>("Since when");
    d.field<&FlagRow::disabled_by>("Who switched it off");
}

Result<void> install(Host& host) {
    const auto settings = TRY(host.settings<FlagsSettings>("flags"));
    auto& flags = host.keep(std::make_unique<Flags>(host.database(), host.clock(), host.catalog()));
    host.use(flags);
    host.on_start([&flags] { return flags.refresh(); });
    host.every({"flags.refresh", settings.refresh_ms, [&flags] { return flags.refresh(); }});
    host.serve<&Flags::disable>(flags, "Switch an operation, a tool or a module off, at once")
        .post("/v1/flags/disabled")
        .needs("flags:write")
        .positional("operation");
    host.serve<&Flags::enable>(flags, "Switch it on again")
        .post("/v1/flags/enabled")
        .needs("flags:write")
        .positional("operation");
    host.serve<&Flags::list>(flags, "List what is switched off")
        .get("/v1/flags")
        .needs("flags:read")
        .resource("credence://flags");
    offer_prompts(host);
    return {};
}

}  // namespace credence::flags
