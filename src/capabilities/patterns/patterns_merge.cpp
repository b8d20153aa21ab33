// find_duplicates and merge.
#include <algorithm>
#include <set>

#include "capabilities/patterns/finding.h"
#include "capabilities/patterns/patterns_check.h"

namespace credence::patterns {
namespace {

constexpr std::int64_t kMaxExamined = 500;
constexpr int kNeighbours = 10;
constexpr double kAlikeName = 0.9;
constexpr double kPrefilter = 0.2;  // the index's similarity may be off from the exact one by this

using Pair = std::pair<PatternId, PatternId>;

struct Duplicates {
    const PatternsParts& parts;
    const Work& work;
    double threshold = 0;
    std::set<Pair> seen;
    std::vector<DuplicatePair> pairs;

    Result<void> compare(const PatternRow& row, const FoundRow& other) {
        const Pair key = std::minmax(row.id, other.row.id);
        if (row.id == other.row.id || row.owner != other.row.owner ||
            row.name_space != other.row.name_space || !seen.insert(key).second) {
            return {};
        }
        DuplicatePair pair{row.id, row.pattern_name, other.row.id, other.row.pattern_name, 0, 0};
        pair.name_similarity = name_similarity(row.pattern_name, other.row.pattern_name);
        const bool near = other.hit.similarity >= threshold - kPrefilter;
        if (!near && pair.name_similarity < kAlikeName) {
            return {};
        }
        pair.similarity = TRY(parts.search.similarity(index_text(row), index_text(other.row)));
        if (pair.similarity >= threshold || pair.name_similarity >= kAlikeName) {
            pairs.push_back(std::move(pair));
        }
        return {};
    }
};

// Both counts, and times as if they had been measured together.
void add_statistics(PatternRow& into, const PatternRow& from, TimingSketch& timing,
                    const TimingSketch& other) {
    const auto here = static_cast<double>(timing.count());
    const auto there = static_cast<double>(other.count());
    if (from.avg_execution_time_ms && here + there > 0) {
        into.avg_execution_time_ms = ((into.avg_execution_time_ms.value_or(0) * here) +
                                      (*from.avg_execution_time_ms * there)) /
                                     (here + there);
    }
    timing.merge(other);
    into.timing = timing.to_text();
    into.usage_count += from.usage_count;
    into.success_count += from.success_count;
    into.failure_count += from.failure_count;
    into.reported_success_count += from.reported_success_count;
    into.reported_failure_count += from.reported_failure_count;
    into.last_used_at_us = std::max(into.last_used_at_us, from.last_used_at_us);
}

Weights capped(const Weights& evidence, double cap) {
    const double factor = evidence.total() > cap ? cap / evidence.total() : 1;
    return {evidence.success * factor, evidence.failure * factor};
}

// One user's part of both patterns becomes one, no heavier than a user may be. What it adds to the
// evidence of `into`.
Result<Weights> merge_user(const Work& work, const PatternsSettings& settings,
                           const PatternRow& into, const UserRow& from) {
    UserRow key;
    key.pattern_id = into.id;
    key.name_space = from.name_space;
    key.agent_id = from.agent_id;
    key.evidence_at_us = work.now_us();
    UserRow user = TRY(use_rows::user(work.tx(), work.tenant(), key));
    const auto now = [&](const UserRow& row) {
        return decayed(row.evidence(), work.now_us() - row.evidence_at_us, settings.half_life_days);
    };
    const Weights before = now(user);
    const bool own = TRY(work.is_own_voice(into, from.name_space, from.agent_id));
    const Weights moved = own ? Weights{} : now(from);
    const Weights after = capped({before.success + moved.success, before.failure + moved.failure},
                                 static_cast<double>(settings.max_outcomes_per_user));
    user.day_uses = user.day == from.day ? user.day_uses + from.day_uses
                                         : std::max(user.day_uses, from.day_uses);
    user.day = std::max(user.day, from.day);
    user.uses += from.uses;
    user.success_count += from.success_count;
    user.failure_count += from.failure_count;
    user.evidence_success = after.success;
    user.evidence_failure = after.failure;
    user.evidence_at_us = work.now_us();
    TRY(use_rows::put_user(work.tx(), work.tenant(), user));
    return Weights{after.success - before.success, after.failure - before.failure};
}

Result<void> merge_users(const Work& work, const PatternsSettings& settings, PatternRow& into,
                         const PatternRow& from) {
    Weights total = work.evidence_now(into);
    for (const UserRow& user : TRY(use_rows::users(work.tx(), work.tenant(), from.id))) {
        const Weights added = TRY(merge_user(work, settings, into, user));
        total.success += added.success;
        total.failure += added.failure;
    }
    work.set_evidence(into, total);
    into.distinct_users = 0;
    for (const UserRow& user : TRY(use_rows::users(work.tx(), work.tenant(), into.id))) {
        into.distinct_users += user.evidence().total() > 0 ? 1 : 0;
    }
    return {};
}

}  // namespace

Result<DuplicatePairs> Patterns::find_duplicates(const Context& context,
                                                 const FindDuplicates& request) {
    return parts_.database.read([&](store::Tx& tx) -> Result<DuplicatePairs> {
        const Work work(parts_, tx, context);
        if (!request.agent_id && !work.is_admin()) {
            return fail(Code::invalid, "name the agent whose patterns to compare", "agent_id");
        }
        const Viewer viewer = TRY(work.viewer(request.agent_id));
        pattern_rows::Listing listing;
        listing.name_space = viewer.name_space;
        listing.agent_id = viewer.agent_id;
        listing.category = request.category.value_or("");
        listing.limit = kMaxExamined + 1;
        const auto which = request.agent_id ? pattern_rows::Branch::own : pattern_rows::Branch::all;
        auto rows = TRY(pattern_rows::branch(tx, context.tenant, which, listing));
        DuplicatePairs out;
        out.truncated = std::ssize(rows) > kMaxExamined;
        rows.resize(std::min(rows.size(), static_cast<std::size_t>(kMaxExamined)));
        out.examined = std::ssize(rows);
        Duplicates duplicates{
            parts_, work, request.threshold.value_or(parts_.settings.duplicate_threshold), {}, {}};
        for (const PatternRow& row : rows) {
            for (const FoundRow& other : TRY(find_by_text(
                     parts_, work, {index_text(row), row.category, viewer, kNeighbours}))) {
                TRY(duplicates.compare(row, other));
            }
        }
        out.pairs = std::move(duplicates.pairs);
        std::ranges::stable_sort(out.pairs, std::ranges::greater(), &DuplicatePair::similarity);
        if (std::ssize(out.pairs) > request.limit) {
            out.pairs.resize(static_cast<std::size_t>(request.limit));
        }
        return out;
    });
}

Result<Pattern> Patterns::merge(const Context& context, const MergePatterns& request) {
    return parts_.database.write([&](store::Tx& tx) -> Result<Pattern> {
        const Work work(parts_, tx, context);
        const Viewer viewer = TRY(work.viewer(request.agent_id));
        const PatternRow from = TRY(work.open_as(viewer, request.pattern_id, Action::update)).row;
        PatternRow into = TRY(work.open_as(viewer, request.into_pattern_id, Action::update)).row;
        if (from.id == into.id) {
            return fail(Code::invalid, "a pattern is not merged into itself", "into_pattern_id");
        }
        // Else a believed pattern could lend its name to anything.
        const double alike = TRY(parts_.search.similarity(index_text(from), index_text(into)));
        if (!viewer.admin && alike < parts_.settings.duplicate_threshold) {
            return fail(Code::conflict, "these patterns are not alike enough to be one",
                        "into_pattern_id");
        }
        TRY(merge_users(work, parts_.settings, into, from));
        auto timing = TRY(TimingSketch::parse(into.timing));
        add_statistics(into, from, timing, TRY(TimingSketch::parse(from.timing)));
        TRY(use_rows::move(tx, context.tenant, from, into));
        TRY(pattern_rows::redirect(tx, context.tenant, from.id, into.id));
        TRY(work.erase(from));
        TRY(pattern_rows::update_statistics(tx, context.tenant, into));
        TRY(tx.emit(context, PatternDeleted{from.id, from.name_space, into.id.to_string()}));
        TRY(tx.emit(context, PatternUpdated{into.id, into.name_space}));
        return work.shown(TRY(work.open_as(viewer, into.id, Action::read)).row, viewer);
    });
}

}  // namespace credence::patterns
