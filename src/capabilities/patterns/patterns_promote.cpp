// find_mature and promote.
#include "capabilities/patterns/finding.h"
#include "capabilities/patterns/maturity.h"
#include "capabilities/patterns/patterns_core.h"
#include "capabilities/patterns/report_rows.h"

namespace credence::patterns {

Result<MaturePatterns> Patterns::find_mature(const Context& context, const FindMature& request) {
    return parts_.database.read([&](store::Tx& tx) -> Result<MaturePatterns> {
        const Work work(parts_, tx, context);
        const Viewer viewer = TRY(work.viewer(request.agent_id));
        const PatternsSettings& settings = parts_.settings;
        MaturePatterns out;
        out.min_confidence = settings.mature_min_confidence;
        out.min_uses = settings.mature_min_uses;
        out.min_users = settings.mature_min_users;
        pattern_rows::Listing listing;
        listing.name_space = viewer.name_space;
        listing.agent_id = viewer.agent_id;
        listing.category = request.category.value_or("");
        listing.min_usage_count = settings.mature_min_uses;
        listing.limit = kMaxPage;
        for (const PatternRow& row : TRY(list_visible(work, viewer, listing))) {
            Pattern pattern = work.shown(row, viewer);
            if (std::ssize(out.patterns) < request.limit && maturity_of(pattern, settings).mature) {
                auto promotion = TRY(report_rows::promotion_of(tx, context.tenant, row.id));
                out.patterns.push_back({std::move(pattern), std::move(promotion)});
            }
        }
        return out;
    });
}

Result<Promotion> Patterns::promote(const Context& context, const PromotePattern& request) {
    const auto propose = [&](store::Tx& tx) -> Result<Promotion> {
        const Work work(parts_, tx, context);
        const Subject subject =
            TRY(work.open({request.pattern_id, request.agent_id}, Action::update));
        const Pattern pattern = work.shown(subject.row, subject.viewer);
        const PatternsSettings& settings = parts_.settings;
        const Maturity maturity = maturity_of(pattern, settings);
        if (!maturity.mature) {
            return fail(Code::conflict, "the pattern is not mature: " + maturity.missing,
                        "pattern_id");
        }
        if (TRY(report_rows::promotion_of(tx, context.tenant, pattern.pattern_id))) {
            return fail(Code::conflict, "the pattern is proposed already", "pattern_id");
        }
        Promotion out;
        out.pattern_id = pattern.pattern_id;
        out.status = request.dry_run ? "possible" : "proposed";
        out.pattern_name = pattern.pattern_name;
        out.version = pattern.version;
        out.confidence = pattern.confidence;
        out.labelled_count = maturity.labelled;
        out.distinct_users = pattern.distinct_users;
        out.min_confidence = settings.mature_min_confidence;
        out.min_uses = settings.mature_min_uses;
        out.min_users = settings.mature_min_users;
        out.proposed_at_us = work.now_us();
        out.proposed_by = context.actor;
        return out;
    };
    if (request.dry_run) {
        return parts_.database.read(propose);
    }
    return parts_.database.write([&](store::Tx& tx) -> Result<Promotion> {
        Promotion out = TRY(propose(tx));
        const auto id = parts_.ids.make<PromotionId>();
        out.promotion_id = id.to_string();
        TRY(report_rows::insert_promotion(tx, context.tenant,
                                          {out, context.name_space, request.note}));
        TRY(tx.emit(context, PatternPromoted{id, out.pattern_id, context.name_space}));
        return out;
    });
}

}  // namespace credence::patterns
