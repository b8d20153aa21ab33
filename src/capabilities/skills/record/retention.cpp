#include "capabilities/skills/record/retention.h"

#include "api/context.h"
#include "base/json.h"
#include "base/units.h"
#include "capabilities/skills/record/invocation_log.h"
#include "capabilities/skills/record/invocation_rows.h"
#include "capabilities/skills/record/retention_rows.h"

namespace credence::skills {
namespace {

constexpr std::int64_t kTenantsAtOnce = 100;
constexpr int kMaxTenantPages = 10'000;
constexpr std::int64_t kStaleAtOnce = 200;

using StepOnRows = Result<std::int64_t> (*)(store::Tx&, std::string_view,
                                            const retention_rows::OldRows&);

// Runs a step on each skill of the tenant until it finds nothing more.
Result<std::int64_t> sweep(store::Database& database, const std::string& tenant,
                           std::int64_t before_us, StepOnRows step) {
    std::int64_t done = 0;
    std::string after;
    for (int steps = 0; steps < Retention::kMaxSteps;) {
        const auto skills = TRY(database.read(
            [&](store::Tx& tx) { return retention_rows::skills(tx, tenant, after, before_us); }));
        for (const std::string& skill : skills) {
            std::int64_t gone = Retention::kRowsAtOnce;
            for (; gone == Retention::kRowsAtOnce && steps < Retention::kMaxSteps; ++steps) {
                gone = TRY(database.write([&](store::Tx& tx) {
                    return step(tx, tenant, {skill, before_us, Retention::kRowsAtOnce});
                }));
                done += gone;
            }
            after = skill;
        }
        if (std::ssize(skills) < retention_rows::kSkillsAtOnce) {
            break;
        }
    }
    return done;
}

}  // namespace

Result<Forgotten> Retention::run() {
    Forgotten out;
    out.abandoned = TRY(abandon_open());
    out.hours = TRY(drop_hours());
    std::string after;
    for (int page = 0; page < kMaxTenantPages; ++page) {
        const auto tenants = TRY(parts_.database.read(
            [&](store::Tx& tx) { return retention_rows::tenants(tx, after, kTenantsAtOnce); }));
        for (const std::string& tenant : tenants) {
            out.queries += TRY(clear_queries(tenant));
            out.invocations += TRY(drop_rows(tenant));
            after = tenant;
        }
        if (std::ssize(tenants) < kTenantsAtOnce) {
            break;
        }
    }
    return out;
}

Result<std::int64_t> Retention::drop_rows(const std::string& tenant) {
    const std::int64_t days = parts_.settings.keep_invocations_days;
    if (days <= 0) {
        return 0;
    }
    // From midnight to midnight, so that hours and days stay whole.
    const std::int64_t before_us = (parts_.clock.now_us() / kUsPerDay - days) * kUsPerDay;
    return sweep(parts_.database, tenant, before_us, &retention_rows::drop);
}

Result<std::int64_t> Retention::clear_queries(const std::string& tenant) {
    const std::int64_t days = parts_.settings.keep_queries_days;
    if (days <= 0) {
        return 0;
    }
    return sweep(parts_.database, tenant, parts_.clock.now_us() - days * kUsPerDay,
                 &retention_rows::clear_queries);
}

Result<std::int64_t> Retention::drop_hours() {
    const std::int64_t days = parts_.settings.keep_hours_days;
    std::int64_t done = 0;
    if (days <= 0) {
        return done;
    }
    const std::int64_t before_us = (parts_.clock.now_us() / kUsPerDay - days) * kUsPerDay;
    for (int step = 0; step < kMaxSteps; ++step) {
        const std::int64_t gone = TRY(parts_.database.write(
            [&](store::Tx& tx) { return retention_rows::drop_hours(tx, before_us, kRowsAtOnce); }));
        done += gone;
        if (gone < kRowsAtOnce) {
            break;
        }
    }
    return done;
}

Result<std::int64_t> Retention::abandon_open() {
    const std::int64_t now_us = parts_.clock.now_us();
    const std::int64_t before_us = now_us - parts_.settings.open_invocation_hours * kUsPerHour;
    std::int64_t done = 0;
    for (int step = 0; step < kMaxSteps; ++step) {
        const std::int64_t closed =
            TRY(parts_.database.write([&](store::Tx& tx) -> Result<std::int64_t> {
                const auto stale = TRY(retention_rows::stale(tx, before_us, kStaleAtOnce));
                for (const auto& each : stale) {
                    Context context;
                    context.tenant = each.tenant;
                    context.name_space = each.name_space;
                    context.actor = "system";
                    auto row = TRY(from_json<record::NewInvocation>(each.draft));
                    row.error_type = "unfinished";
                    TRY(invocation_rows::remove_open(tx, each.tenant, each.handle));
                    TRY(record::append(tx, context, {&row, 1},
                                       {.now_us = now_us, .after_its_end = true}));
                }
                return std::ssize(stale);
            }));
        done += closed;
        if (closed < kStaleAtOnce) {
            break;
        }
    }
    return done;
}

}  // namespace credence::skills
