// What time does to patterns, and the end of a namespace.
#include <algorithm>
#include <cmath>

#include "base/units.h"
#include "capabilities/patterns/patterns_core.h"

namespace credence::patterns {
namespace {

constexpr int kChunk = 200;             // patterns a transaction
constexpr int kMaxChunks = 10'000;      // a run
constexpr int kForgottenAtOnce = 2000;  // uses a transaction

Context keeper(const std::string& tenant) {
    Context context;
    context.tenant = tenant;
    context.actor = "system";
    return context;
}

Result<void> keep(const PatternsParts& parts, store::Tx& tx,
                  const pattern_rows::TenantPattern& which) {
    const Context context = keeper(which.tenant);
    const Work work(parts, tx, context);
    auto row = TRY(pattern_rows::find(tx, which.tenant, which.id));
    if (!row || !row->live) {
        return {};
    }
    constexpr double kNoticeable = 1e-4;
    const Weights evidence = work.evidence_now(*row);
    if (std::abs(confidence_of(evidence) - row->confidence) > kNoticeable) {
        // A user's part is kept with its own time, so the sum may move to now.
        work.set_evidence(*row, evidence);
        TRY(pattern_rows::update_statistics(tx, which.tenant, *row));
    }
    const std::int64_t idle_us =
        work.now_us() - std::max(row->last_used_at_us.value_or(0), row->updated_at_us);
    if (parts.settings.archive_after_days > 0 &&
        idle_us > parts.settings.archive_after_days * kUsPerDay) {
        row->archived_at_us = work.now_us();
        TRY(pattern_rows::update_details(tx, which.tenant, *row));
        TRY(work.index(*row));
        return tx.emit(context, PatternUpdated{row->id, row->name_space});
    }
    return {};
}

}  // namespace

Result<void> Patterns::upkeep() {
    pattern_rows::Walk walk;
    walk.only_with_evidence = parts_.settings.archive_after_days == 0;
    walk.limit = kChunk;
    for (int chunk = 0; chunk < kMaxChunks; ++chunk) {
        const auto found =
            TRY(parts_.database.read([&](store::Tx& tx) { return pattern_rows::walk(tx, walk); }));
        if (found.empty()) {
            break;
        }
        TRY(parts_.database.write([&](store::Tx& tx) -> Result<void> {
            for (const auto& which : found) {
                TRY(keep(parts_, tx, which));
            }
            return {};
        }));
        walk.after = found.back();
    }
    if (parts_.settings.keep_uses_days == 0) {
        return {};
    }
    const std::int64_t first_kept = day_of(parts_.clock.now_us()) - parts_.settings.keep_uses_days;
    for (int chunk = 0; chunk < kMaxChunks; ++chunk) {
        const std::int64_t forgotten = TRY(parts_.database.write([&](store::Tx& tx) {
            return use_rows::forget_before(tx, first_kept, kForgottenAtOnce);
        }));
        if (forgotten < kForgottenAtOnce) {
            break;
        }
    }
    return {};
}

Result<void> Patterns::drop_namespace(store::Tx& tx, const std::string& tenant,
                                      const std::string& name_space) {
    const Context context = keeper(tenant);
    const Work work(parts_, tx, context);
    for (const auto& each : TRY(pattern_rows::of_name_space(tx, tenant, name_space))) {
        if (const auto row = TRY(pattern_rows::find(tx, tenant, each.id))) {
            TRY(use_rows::erase(tx, tenant, *row));
            TRY(parts_.search.remove(tx, tenant, row->id));
            TRY(pattern_rows::erase(tx, tenant, *row));
        }
    }
    TRY(use_rows::drop_days(tx, tenant, name_space));
    return pattern_rows::drop_totals(tx, tenant, name_space);
}

}  // namespace credence::patterns
