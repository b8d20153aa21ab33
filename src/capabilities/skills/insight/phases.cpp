#include "capabilities/skills/insight/phases.h"

#include <iterator>
#include <ranges>

#include "capabilities/skills/insight/phase_rows.h"
#include "capabilities/skills/skills.h"
#include "capabilities/skills/state/ledger.h"

namespace credence::skills {
namespace {

struct Steps {
    std::vector<PhaseStep> steps = {};
    std::int64_t sessions = 0;
    bool complete = true;
};

// One session after the other, so that what the bound cuts off is the oldest.
Result<Steps> steps_of_tenant(store::Tx& tx, const std::string& tenant) {
    const auto sessions = TRY(phase_rows::newest_sessions(tx, tenant, kMaxTransitionSessions + 1));
    Steps out{.complete = std::ssize(sessions) <= kMaxTransitionSessions};
    for (const std::string& session :
         sessions | std::views::take(static_cast<std::ptrdiff_t>(kMaxTransitionSessions))) {
        const std::int64_t left = kMaxTransitionRows - std::ssize(out.steps);
        if (left <= 0) {
            out.complete = false;
            break;
        }
        auto steps = TRY(phase_rows::steps_of(tx, tenant, session, left));
        ++out.sessions;
        out.steps.insert(out.steps.end(), std::make_move_iterator(steps.begin()),
                         std::make_move_iterator(steps.end()));
    }
    return out;
}

Result<Steps> steps_of_session(store::Tx& tx, const Context& context,
                               const std::string& session_id) {
    if (!TRY(phase_rows::has_session(tx, context.tenant, context.name_space, session_id))) {
        return fail(Code::not_found, "there is no such session", "session_id");
    }
    Steps out{.sessions = 1};
    out.steps = TRY(phase_rows::steps_of(tx, context.tenant, session_id, kMaxTransitionRows));
    out.complete = std::ssize(out.steps) < kMaxTransitionRows;
    return out;
}

}  // namespace

Result<PhaseEffectiveness> Skills::get_phase_effectiveness(const Context& context,
                                                           const GetPhaseEffectiveness& request) {
    return parts_.ledger->read(
        context.tenant, [&](const SkillState& state) -> Result<PhaseEffectiveness> {
            if (request.skill_name && !state.find(*request.skill_name)) {
                return fail(Code::not_found, "no such skill was ever used", "skill_name");
            }
            return phase_effectiveness(state, request);
        });
}

Result<Bottlenecks> Skills::find_bottlenecks(const Context& context,
                                             const FindBottlenecks& request) {
    return parts_.ledger->read(context.tenant, [&](const SkillState& state) -> Result<Bottlenecks> {
        return bottlenecks_of(state, request);
    });
}

Result<PhaseTransitions> Skills::get_phase_transitions(const Context& context,
                                                       const GetPhaseTransitions& request) {
    const auto found = TRY(parts_.database.read([&](store::Tx& tx) {
        return request.session_id ? steps_of_session(tx, context, *request.session_id)
                                  : steps_of_tenant(tx, context.tenant);
    }));
    PhaseTransitions out = transitions_of(found.steps, request.limit);
    out.sessions = found.sessions;
    out.complete = found.complete;
    return out;
}

}  // namespace credence::skills
