#include "capabilities/patterns/patterns.h"

#include <algorithm>

#include "base/json.h"
#include "capabilities/patterns/patterns_check.h"
#include "capabilities/patterns/patterns_core.h"

namespace credence::patterns {
namespace {

Result<void> check_free(const Work& work, const PatternRow& row) {
    if (TRY(pattern_rows::name_taken(work.tx(), work.tenant(), row))) {
        return fail(Code::conflict, "the agent has a pattern of this name; make a new version",
                    "pattern_name");
    }
    return {};
}

RawJson learned_data(const LearnPattern& request) {
    std::map<std::string, RawJson> data = request.metadata;
    data["content"] = RawJson{to_json(request.pattern_content)};
    if (!request.examples.empty()) {
        data["examples"] = RawJson{to_json(request.examples)};
    }
    return RawJson{to_json(data)};
}

// The new level and, with it, the new list: leaving "shared" forgets the list.
Result<bool> change_access(const Work& work, const UpdatePattern& request, PatternRow& row) {
    const AccessLevel level = request.access_level.value_or(row.access_level);
    if (level != row.access_level) {
        TRY(work.check_level(level, row.owner));
    }
    auto shares = request.shared_with_agents.value_or(
        level == AccessLevel::shared ? row.shared_with_agents : std::vector<std::string>{});
    shares = TRY(work.clean_shares(shares, level));
    const bool changed = level != row.access_level || shares != row.shared_with_agents;
    row.access_level = level;
    row.shared_with_agents = std::move(shares);
    return changed;
}

}  // namespace

Result<Pattern> Patterns::create(const Context& context, const CreatePattern& request) {
    return parts_.database.write([&](store::Tx& tx) -> Result<Pattern> {
        const Work work(parts_, tx, context);
        const PatternRow row = TRY(work.draft(request));
        TRY(check_free(work, row));
        TRY(work.insert(row));
        return work.shown(row, TRY(work.viewer(request.agent_id)));
    });
}

Result<LearnedPattern> Patterns::learn_pattern(const Context& context,
                                               const LearnPattern& request) {
    for (const std::string_view reserved : {"content", "examples"}) {
        if (request.metadata.contains(std::string(reserved))) {
            return fail(Code::invalid, "this key is taken", "metadata." + std::string(reserved));
        }
    }
    CreatePattern made;
    made.pattern_name = request.pattern_name;
    made.category = request.category;
    made.subcategory = request.subcategory;
    made.agent_id = request.agent_id;
    made.access_level = request.access_level;
    made.pattern_data = learned_data(request);
    const Pattern pattern = TRY(create(context, made));
    return LearnedPattern{pattern.pattern_id,   pattern.pattern_name,         pattern.category,
                          pattern.confidence,   std::ssize(request.examples), pattern.version,
                          pattern.created_at_us};
}

Result<Pattern> Patterns::get(const Context& context, const PatternRef& request) {
    return parts_.database.read([&](store::Tx& tx) -> Result<Pattern> {
        const Work work(parts_, tx, context);
        const Subject subject = TRY(work.open(request, Action::read));
        return work.shown(subject.row, subject.viewer);
    });
}

Result<Pattern> Patterns::update(const Context& context, const UpdatePattern& request) {
    if (request.pattern_data) {
        TRY(check_data(request.pattern_data->text, "pattern_data"));
    }
    return parts_.database.write([&](store::Tx& tx) -> Result<Pattern> {
        const Work work(parts_, tx, context);
        auto subject = TRY(work.open({request.pattern_id, request.agent_id}, Action::update));
        PatternRow& row = subject.row;
        if (TRY(change_access(work, request, row))) {
            TRY(pattern_rows::update_shares(tx, context.tenant, row));
        }
        if (request.pattern_data && *request.pattern_data != row.pattern_data) {
            row.pattern_data = *request.pattern_data;
            TRY(pattern_rows::update_body(tx, context.tenant, row));
            // What was verified was the old content.
            work.set_evidence(row,
                              inherited(work.evidence_now(row), parts_.settings.inherited_share,
                                        parts_.settings.inherited_max));
            TRY(use_rows::clear_evidence(tx, context.tenant, row.id));
            TRY(pattern_rows::update_statistics(tx, context.tenant, row));
        }
        row.learning_weight = request.learning_weight.value_or(row.learning_weight);
        if (request.complexity_score) {
            row.complexity_score = request.complexity_score;
        }
        row.updated_at_us = work.now_us();
        if (request.archived) {
            row.archived_at_us =
                *request.archived ? std::optional(row.updated_at_us) : std::nullopt;
        }
        TRY(pattern_rows::update_details(tx, context.tenant, row));
        TRY(work.index(row));
        TRY(tx.emit(context, PatternUpdated{row.id, row.name_space}));
        return work.shown(row, subject.viewer);
    });
}

Result<void> Patterns::delete_(const Context& context, const PatternRef& request) {
    return parts_.database.write([&](store::Tx& tx) -> Result<void> {
        const Work work(parts_, tx, context);
        const Subject subject = TRY(work.open(request, Action::delete_));
        TRY(work.erase(subject.row));
        return tx.emit(context,
                       PatternDeleted{subject.row.id, subject.row.name_space, std::nullopt});
    });
}

Result<Pattern> Patterns::share(const Context& context, const SharePattern& request) {
    return parts_.database.write([&](store::Tx& tx) -> Result<Pattern> {
        const Work work(parts_, tx, context);
        auto subject = TRY(work.open({request.pattern_id, request.agent_id}, Action::share));
        PatternRow& row = subject.row;
        row.access_level = AccessLevel::shared;
        auto agents = row.shared_with_agents;
        agents.push_back(request.with_agent_id);
        row.shared_with_agents = TRY(work.clean_shares(agents, row.access_level));
        row.updated_at_us = work.now_us();
        TRY(pattern_rows::update_details(tx, context.tenant, row));
        TRY(pattern_rows::update_shares(tx, context.tenant, row));
        TRY(work.index(row));
        TRY(tx.emit(context, PatternShared{row.id, row.name_space, request.with_agent_id}));
        return work.shown(row, subject.viewer);
    });
}

Result<Pattern> Patterns::revoke(const Context& context, const SharePattern& request) {
    return parts_.database.write([&](store::Tx& tx) -> Result<Pattern> {
        const Work work(parts_, tx, context);
        auto subject = TRY(work.open({request.pattern_id, request.agent_id}, Action::share));
        PatternRow& row = subject.row;
        if (std::erase(row.shared_with_agents, request.with_agent_id) == 0) {
            return fail(Code::not_found, "the pattern is not shared with this agent",
                        "with_agent_id");
        }
        row.updated_at_us = work.now_us();
        TRY(pattern_rows::update_details(tx, context.tenant, row));
        TRY(pattern_rows::update_shares(tx, context.tenant, row));
        TRY(work.index(row));
        TRY(tx.emit(context, PatternRevoked{row.id, row.name_space, request.with_agent_id}));
        return work.shown(row, subject.viewer);
    });
}

}  // namespace credence::patterns
