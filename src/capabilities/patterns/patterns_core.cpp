#include "capabilities/patterns/patterns_core.h"

#include <algorithm>

#include "base/text.h"
#include "capabilities/patterns/patterns_check.h"
#include "stats/intervals.h"

namespace credence::patterns {
namespace {

std::unexpected<Error> no_such_pattern() {
    return fail(Code::not_found, "no such pattern", "pattern_id");
}

bool is_agent_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

}  // namespace

bool is_own_use(const PatternRow& row, const std::string& name_space, const std::string& agent_id) {
    return row.name_space == name_space && row.owner == agent_id;
}

std::string index_text(const PatternRow& row) {
    std::string text = row.pattern_name + " " + row.category;
    if (row.subcategory) {
        text += " " + *row.subcategory;
    }
    return text + " " + words_of(row.pattern_data.text);
}

Result<Viewer> Work::viewer(const std::optional<std::string>& agent_id) const {
    Viewer viewer{context_.name_space, agent_id.value_or(""), is_admin()};
    if (agent_id) {
        TRY(parts_.speak_for(tx_, context_, *agent_id));
    }
    return viewer;
}

Result<Subject> Work::open_as(const Viewer& viewer, const PatternId& id, Action action) const {
    auto row = TRY(pattern_rows::find(tx_, tenant(), id));
    if (!row || !visible(row->visibility(), viewer)) {
        return no_such_pattern();
    }
    if (!allowed(row->visibility(), viewer, action)) {
        return fail(Code::forbidden, "this pattern is not yours to change", "pattern_id");
    }
    return Subject{*std::move(row), viewer};
}

Result<Subject> Work::open(const PatternRef& ref, Action action) const {
    return open_as(TRY(viewer(ref.agent_id)), ref.pattern_id, action);
}

Pattern Work::shown(const PatternRow& row, const Viewer& viewer) const {
    Pattern out;
    out.pattern_id = row.id;
    out.pattern_name = row.pattern_name;
    out.category = row.category;
    out.subcategory = row.subcategory;
    if (!row.owner.empty()) {
        out.agent_id = row.owner;
    }
    out.name_space = row.name_space;
    out.access_level = row.access_level;
    out.pattern_data = row.pattern_data;
    out.learning_weight = row.learning_weight;
    out.complexity_score = row.complexity_score;
    out.version = row.version;
    out.parent_pattern_id = row.parent_pattern_id;
    out.superseded_by = row.superseded_by;
    if (allowed(row.visibility(), viewer, Action::update)) {
        out.shared_with_agents = row.shared_with_agents;
    }
    out.created_at_us = row.created_at_us;
    out.updated_at_us = row.updated_at_us;
    out.archived_at_us = row.archived_at_us;
    out.usage_count = row.usage_count;
    out.success_count = row.success_count;
    out.failure_count = row.failure_count;
    const std::int64_t labelled = row.success_count + row.failure_count;
    out.unknown_count = row.usage_count - labelled;
    out.reported_success_count = row.reported_success_count;
    out.reported_failure_count = row.reported_failure_count;
    if (labelled > 0) {
        out.success_rate = static_cast<double>(row.success_count) / static_cast<double>(labelled);
    }
    const auto interval = stats::wilson_95(row.success_count, labelled);
    out.success_rate_low = interval.low;
    out.success_rate_high = interval.high;
    const Weights evidence = evidence_now(row);
    out.confidence = confidence_of(evidence);
    out.evidence_n = evidence.total();
    out.distinct_users = row.distinct_users;
    out.avg_execution_time_ms = row.avg_execution_time_ms;
    if (const auto timing = TimingSketch::parse(row.timing)) {
        constexpr double kMedian = 0.5;
        constexpr double kP95 = 0.95;
        out.p50_execution_time_ms = timing->quantile_ms(kMedian);
        out.p95_execution_time_ms = timing->quantile_ms(kP95);
    }
    out.last_used_at_us = row.last_used_at_us;
    return out;
}

Result<void> Work::check_level(AccessLevel level, const std::string& owner) const {
    if (level == AccessLevel::system && !is_admin()) {
        return fail(Code::forbidden, "system patterns need the scope patterns:admin",
                    "access_level");
    }
    if (owner.empty() && level != AccessLevel::system) {
        return fail(Code::invalid, "only system patterns have no agent", "agent_id");
    }
    if (level != AccessLevel::public_) {
        return {};
    }
    const auto decision =
        TRY(parts_.gate.check(tx_, context_, {owner, std::string(Patterns::kPublishAction), {}}));
    if (!decision.allowed) {
        return fail(Code::forbidden, decision.reason + "; " + decision.would_change,
                    "access_level");
    }
    return {};
}

Result<std::vector<std::string>> Work::clean_shares(const std::vector<std::string>& agents,
                                                    AccessLevel level) const {
    if (!agents.empty() && level != AccessLevel::shared) {
        return fail(Code::invalid, "only shared patterns are shared with agents",
                    "shared_with_agents");
    }
    if (std::ssize(agents) > kMaxSharedAgents) {
        return fail(Code::too_large, "at most 1000 agents", "shared_with_agents");
    }
    std::vector<std::string> out = agents;
    std::ranges::sort(out);
    out.erase(std::ranges::unique(out).begin(), out.end());
    for (const std::string& agent : out) {
        if (agent.empty() || agent.size() > kMaxAgentIdBytes ||
            !std::ranges::all_of(agent, is_agent_letter)) {
            return fail(Code::invalid, "agent ids match [A-Za-z0-9_-]{1,64}", "shared_with_agents");
        }
    }
    return out;
}

Result<PatternRow> Work::draft(const CreatePattern& request) const {
    if (!request.agent_id && !is_admin()) {
        return fail(Code::forbidden, "patterns without an agent need the scope patterns:admin",
                    "agent_id");
    }
    PatternRow row;
    row.pattern_name = TRY(clean_name(request.pattern_name));
    TRY(check_category(request.category, "category"));
    if (request.subcategory) {
        TRY(check_category(*request.subcategory, "subcategory"));
    }
    TRY(check_data(request.pattern_data.text, "pattern_data"));
    TRY(viewer(request.agent_id));
    row.owner = request.agent_id.value_or("");
    TRY(check_level(request.access_level, row.owner));
    row.shared_with_agents = TRY(clean_shares(request.shared_with_agents, request.access_level));
    row.id = parts_.ids.make<PatternId>();
    row.name_space = context_.name_space;
    row.category = request.category;
    row.subcategory = request.subcategory;
    row.access_level = request.access_level;
    row.pattern_data = request.pattern_data;
    row.learning_weight = request.learning_weight;
    row.complexity_score = request.complexity_score;
    row.created_at_us = now_us();
    row.updated_at_us = row.created_at_us;
    row.created_by = context_.actor;
    set_evidence(row, {});
    return row;
}

Result<void> Work::check_quota(const PatternRow& row) const {
    const auto totals = TRY(pattern_rows::totals(tx_, tenant(), row));
    if (totals.name_space >= parts_.settings.max_patterns_per_namespace) {
        return fail(Code::exhausted, "the namespace has too many patterns");
    }
    if (totals.owner >= parts_.settings.max_patterns_per_agent) {
        return fail(Code::exhausted, "the agent has too many patterns", "agent_id");
    }
    return {};
}

Result<void> Work::insert(const PatternRow& row) const {
    TRY(check_quota(row));
    TRY(pattern_rows::insert(tx_, tenant(), row));
    TRY(index(row));
    return tx_.emit(context_, PatternCreated{row.id, row.name_space, row.version});
}

Result<void> Work::index(const PatternRow& row) const {
    if (row.archived_at_us || row.superseded_by) {
        return parts_.search.remove(tx_, tenant(), row.id);
    }
    return parts_.search.put(
        tx_, {row.id, tenant(), row.visibility(), row.pattern_name, row.category, index_text(row)});
}

Result<void> Work::erase(const PatternRow& row) const {
    TRY(use_rows::erase(tx_, tenant(), row));
    TRY(parts_.search.remove(tx_, tenant(), row.id));
    TRY(pattern_rows::erase(tx_, tenant(), row));
    if (row.parent_pattern_id && !row.superseded_by) {
        const auto parent = TRY(PatternId::parse(*row.parent_pattern_id));
        if (const auto again = TRY(pattern_rows::find(tx_, tenant(), parent))) {
            TRY(index(*again));
        }
    }
    return {};
}

}  // namespace credence::patterns
