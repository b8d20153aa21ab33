// create_version, list_versions, evolve.
#include <algorithm>
#include <array>
#include <map>

#include "base/json.h"
#include "capabilities/patterns/patterns_check.h"
#include "capabilities/patterns/patterns_core.h"

namespace credence::patterns {
namespace {

constexpr int kMaxVersions = 200;

// Names of statistics: in pattern_data they would only pretend to be them.
constexpr std::array<std::string_view, 12> kReserved = {
    "success_rate",       "confidence",      "confidence_score", "usage_count",
    "success_count",      "failure_count",   "unknown_count",    "agent_usage_count",
    "agent_success_rate", "learning_weight", "access_level",     "version"};

Result<Version> version_after(const PatternRow& parent, const std::optional<std::string>& wanted) {
    const Version current = TRY(parse_version(parent.version));
    if (!wanted) {
        return next_minor(current);
    }
    const Version version = TRY(parse_version(*wanted));
    if (version <= current) {
        return fail(Code::invalid, "must be greater than " + parent.version, "version");
    }
    return version;
}

// The next row of the chain; the parent gives way to it.
Result<PatternRow> succeed(const Work& work, PatternRow parent, const CreateVersion& request,
                           const PatternsParts& parts) {
    if (parent.superseded_by) {
        return fail(Code::conflict, "there is a newer version: " + *parent.superseded_by,
                    "pattern_id");
    }
    if (std::ssize(TRY(pattern_rows::versions(work.tx(), work.tenant(), parent, kMaxVersions))) >=
        kMaxVersions) {
        return fail(Code::exhausted, "the pattern has too many versions; delete old ones",
                    "pattern_id");
    }
    TRY(work.check_level(parent.access_level, parent.owner));
    PatternRow next;
    next.id = parts.ids.make<PatternId>();
    next.name_space = parent.name_space;
    next.owner = parent.owner;
    next.pattern_name = parent.pattern_name;
    next.category = parent.category;
    next.subcategory = parent.subcategory;
    next.access_level = parent.access_level;
    next.shared_with_agents = parent.shared_with_agents;
    next.learning_weight = parent.learning_weight;
    next.complexity_score = parent.complexity_score;
    next.version = to_text(TRY(version_after(parent, request.version)));
    next.parent_pattern_id = parent.id.to_string();
    next.created_at_us = work.now_us();
    next.updated_at_us = next.created_at_us;
    next.pattern_data = request.pattern_data;
    work.set_evidence(next, inherited(work.evidence_now(parent), parts.settings.inherited_share,
                                      parts.settings.inherited_max));
    parent.superseded_by = next.id.to_string();
    TRY(pattern_rows::update_details(work.tx(), work.tenant(), parent));
    TRY(work.index(parent));
    return next;
}

Result<RawJson> evolved_data(const PatternRow& row, const EvolvePattern& request) {
    TRY(check_data(request.evolution_data.text, "evolution_data"));
    const auto changes =
        TRY(from_json<std::map<std::string, RawJson>>(request.evolution_data.text));
    for (const auto& [key, value] : changes) {
        if (std::ranges::find(kReserved, key) != kReserved.end()) {
            return fail(Code::invalid, "statistics are measured, not written",
                        "evolution_data." + key);
        }
    }
    std::string data = TRY(overlaid(row.pattern_data.text, request.evolution_data.text));
    if (request.notes) {
        const std::map<std::string, std::string> notes{{"evolution_notes", *request.notes}};
        data = TRY(overlaid(data, to_json(notes)));
    }
    TRY(check_data(data, "evolution_data"));
    return RawJson{std::move(data)};
}

}  // namespace

Result<Pattern> Patterns::create_version(const Context& context, const CreateVersion& request) {
    TRY(check_data(request.pattern_data.text, "pattern_data"));
    return parts_.database.write([&](store::Tx& tx) -> Result<Pattern> {
        const Work work(parts_, tx, context);
        auto subject = TRY(work.open({request.pattern_id, request.agent_id}, Action::update));
        PatternRow next = TRY(succeed(work, std::move(subject.row), request, parts_));
        next.created_by = context.actor;
        TRY(work.insert(next));
        return work.shown(next, subject.viewer);
    });
}

Result<VersionList> Patterns::list_versions(const Context& context, const PatternRef& request) {
    return parts_.database.read([&](store::Tx& tx) -> Result<VersionList> {
        const Work work(parts_, tx, context);
        const Subject subject = TRY(work.open(request, Action::read));
        VersionList list;
        for (const PatternRow& row :
             TRY(pattern_rows::versions(tx, context.tenant, subject.row, kMaxVersions))) {
            if (visible(row.visibility(), subject.viewer)) {
                list.versions.push_back(work.shown(row, subject.viewer));
            }
        }
        return list;
    });
}

Result<Pattern> Patterns::evolve(const Context& context, const EvolvePattern& request) {
    return parts_.database.write([&](store::Tx& tx) -> Result<Pattern> {
        const Work work(parts_, tx, context);
        auto subject = TRY(work.open({request.pattern_id, request.agent_id}, Action::update));
        if (request.success_feedback) {
            if (subject.viewer.agent_id.empty()) {
                return fail(Code::invalid, "feedback needs the agent that gives it", "agent_id");
            }
            UsePattern use;
            use.pattern_id = subject.row.id;
            use.agent_id = subject.viewer.agent_id;
            use.success = request.success_feedback;
            TRY(work.record_use(subject.row, use));
        }
        CreateVersion version;
        version.pattern_data = TRY(evolved_data(subject.row, request));
        PatternRow next = TRY(succeed(work, std::move(subject.row), version, parts_));
        next.created_by = context.actor;
        TRY(work.insert(next));
        return work.shown(next, subject.viewer);
    });
}

}  // namespace credence::patterns
