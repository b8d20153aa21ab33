// How uses become statistics.
#include <algorithm>

#include "capabilities/patterns/patterns_check.h"
#include "capabilities/patterns/patterns_core.h"

namespace credence::patterns {

Weights Work::evidence_now(const PatternRow& row) const {
    return decayed(row.evidence(), now_us() - row.evidence_at_us, parts_.settings.half_life_days);
}

void Work::set_evidence(PatternRow& row, const Weights& evidence) const {
    row.evidence_success = std::max(0.0, evidence.success);
    row.evidence_failure = std::max(0.0, evidence.failure);
    row.evidence_at_us = now_us();
    row.confidence = confidence_of(row.evidence());
}

Result<UserRow> Work::count_user(const PatternRow& row, const std::string& agent_id) const {
    UserRow key;
    key.pattern_id = row.id;
    key.name_space = context_.name_space;
    key.agent_id = agent_id;
    key.evidence_at_us = now_us();
    UserRow user = TRY(use_rows::user(tx_, tenant(), key));
    const std::int64_t today = day_of(now_us());
    user.day_uses = user.day == today ? user.day_uses : 0;
    user.day = today;
    if (user.day_uses >= parts_.settings.max_uses_per_agent_day) {
        return fail(Code::exhausted, "this agent used this pattern too often today", "agent_id");
    }
    ++user.uses;
    ++user.day_uses;
    return user;
}

Result<UseRow> Work::record_use(PatternRow& row, const UsePattern& request) const {
    if (request.context_data && request.context_data->text.size() > kMaxContextBytes) {
        return fail(Code::too_large, "must have at most 4096 bytes", "context_data");
    }
    TRY(use_rows::put_user(tx_, tenant(), TRY(count_user(row, request.agent_id))));
    UseRow use;
    use.id = parts_.ids.make<UseId>();
    use.pattern_id = row.id;
    use.name_space = context_.name_space;
    use.agent_id = request.agent_id;
    use.used_at_us = now_us();
    use.day = day_of(use.used_at_us);
    use.access_level = row.access_level;
    use.execution_time_ms = request.execution_time_ms;
    if (request.context_data) {
        use.context_data = request.context_data->text;
    }
    if (request.success) {
        use.outcome = *request.success ? UseOutcome::success : UseOutcome::failure;
        use.source = OutcomeSource::reported;
        ++(*request.success ? row.reported_success_count : row.reported_failure_count);
    }
    ++row.usage_count;
    row.last_used_at_us = use.used_at_us;
    if (request.execution_time_ms) {
        row.avg_execution_time_ms =
            moving_average(row.avg_execution_time_ms, *request.execution_time_ms);
        auto timing = TRY(TimingSketch::parse(row.timing));
        timing.add(*request.execution_time_ms);
        row.timing = timing.to_text();
    }
    TRY(use_rows::insert(tx_, tenant(), row, use));
    TRY(pattern_rows::update_statistics(tx_, tenant(), row));
    TRY(tx_.emit(context_, PatternUsed{row.id, use.id, use.name_space, use.agent_id, use.outcome,
                                       use.source}));
    return use;
}

Result<std::string> Work::voice_of(const std::string& name_space,
                                   const std::string& agent_id) const {
    constexpr std::string_view kLocal = "local";
    Context there = context_;
    there.name_space = name_space;
    const auto owner = parts_.owner_of(tx_, there, agent_id);
    if (!owner || *owner == kLocal) {
        return agent_id;
    }
    return "=" + *owner;
}

Result<bool> Work::is_own_voice(const PatternRow& row, const std::string& name_space,
                                const std::string& voice) const {
    if (is_own_use(row, name_space, voice)) {
        return true;
    }
    return !row.owner.empty() && voice.starts_with('=') &&
           TRY(voice_of(row.name_space, row.owner)) == voice;
}

// The pattern's evidence is the sum over its voices (and what it inherited); all of it decays at
// the same rate, so a voice's change can be added as a difference.
Result<void> Work::label(PatternRow& row, UseRow& use) const {
    const bool success = use.outcome == UseOutcome::success;
    UserRow key;
    key.pattern_id = row.id;
    key.name_space = use.name_space;
    key.agent_id = use.agent_id;
    key.evidence_at_us = now_us();
    UserRow agent = TRY(use_rows::user(tx_, tenant(), key));
    ++(success ? row.success_count : row.failure_count);
    ++(success ? agent.success_count : agent.failure_count);
    TRY(use_rows::put_user(tx_, tenant(), agent));
    key.agent_id = TRY(voice_of(use.name_space, use.agent_id));
    if (!TRY(is_own_voice(row, use.name_space, key.agent_id))) {
        UserRow voice = TRY(use_rows::user(tx_, tenant(), key));
        const Weights before = decayed(voice.evidence(), now_us() - voice.evidence_at_us,
                                       parts_.settings.half_life_days);
        const Weights after = with_outcome(
            before, success, static_cast<double>(parts_.settings.max_outcomes_per_user));
        const Weights total = evidence_now(row);
        set_evidence(row, {total.success + after.success - before.success,
                           total.failure + after.failure - before.failure});
        row.distinct_users += before.total() == 0 ? 1 : 0;
        voice.evidence_success = after.success;
        voice.evidence_failure = after.failure;
        voice.evidence_at_us = now_us();
        TRY(use_rows::put_user(tx_, tenant(), voice));
    }
    use.labelled_at_us = now_us();
    TRY(use_rows::update(tx_, tenant(), use));
    TRY(pattern_rows::update_statistics(tx_, tenant(), row));
    return tx_.emit(context_, PatternUsed{row.id, use.id, use.name_space, use.agent_id, use.outcome,
                                          use.source});
}

PatternUse Work::shown(const UseRow& use, const PatternRow& row) const {
    PatternUse out;
    out.use_id = use.id;
    out.pattern_id = use.pattern_id;
    out.agent_id = use.agent_id;
    out.used_at_us = use.used_at_us;
    out.execution_time_ms = use.execution_time_ms;
    out.outcome = use.outcome;
    out.source = use.source;
    out.reviewer = use.reviewer;
    out.confidence = confidence_of(evidence_now(row));
    return out;
}

}  // namespace credence::patterns
