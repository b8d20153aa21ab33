// Invocations in two steps: begun, and completed once.
#include <algorithm>
#include <utility>

#include "base/json.h"
#include "base/units.h"
#include "capabilities/skills/record/invocation_log.h"
#include "capabilities/skills/record/invocation_rows.h"
#include "capabilities/skills/record/new_invocation.h"
#include "capabilities/skills/record/record_check.h"
#include "capabilities/skills/record/session_rows.h"
#include "capabilities/skills/skills.h"

namespace credence::skills {
namespace {

constexpr std::size_t kMaxHandleBytes = 64;

std::unexpected<Error> no_handle() {
    return fail(Code::not_found, "there is no such open invocation", "handle");
}

// Nothing when the clock went back or nobody waits that long.
std::optional<double> measured(std::int64_t started_at_us, std::int64_t now_us) {
    const double seconds =
        static_cast<double>(now_us - started_at_us) / static_cast<double>(kUsPerSecond);
    return seconds >= 0 && seconds <= kMaxDurationSeconds ? std::optional(seconds) : std::nullopt;
}

}  // namespace

Result<OpenInvocation> Skills::begin_invocation(const Context& context,
                                                const BeginInvocation& request) {
    const std::int64_t now_us = parts_.clock.now_us();
    const record::Intake intake(parts_, context.tenant, now_us);
    const record::NewInvocation row = TRY(intake.take(request));
    invocation_rows::OpenRow open;
    open.handle = format_uuid(parts_.ids.make_bytes());
    open.session_id = row.session_id;
    open.started_at_us = row.invoked_at_us;
    open.draft = to_json(row);
    return parts_.database.write([&](store::Tx& tx) -> Result<OpenInvocation> {
        const auto head = TRY(session_rows::head(tx, context.tenant, row.session_id));
        if (!head || head->name_space != context.name_space) {
            return fail(Code::not_found, "there is no such session", "session_id");
        }
        if (head->ended_at_us) {
            return fail(Code::conflict, "the session has ended", "session_id");
        }
        if (TRY(invocation_rows::count_open(tx, context.tenant, row.session_id)) >=
            kMaxOpenInvocations) {
            return fail(Code::exhausted, "too many open invocations in this session", "session_id");
        }
        TRY(invocation_rows::insert_open(tx, context.tenant, open));
        return OpenInvocation{open.handle, row.session_id, row.skill_name, row.invoked_at_us};
    });
}

Result<Tracked> Skills::complete_invocation(const Context& context,
                                            const CompleteInvocation& request) {
    if (request.handle.size() > kMaxHandleBytes) {
        return no_handle();
    }
    const std::int64_t now_us = parts_.clock.now_us();
    const record::Intake intake(parts_, context.tenant, now_us);
    record::NewInvocation ending;
    TRY(intake.complete(request, ending));
    return parts_.database.write([&](store::Tx& tx) -> Result<Tracked> {
        const auto open =
            TRY(invocation_rows::find_open(tx, context.tenant, context.name_space, request.handle));
        if (!open || !TRY(invocation_rows::remove_open(tx, context.tenant, request.handle))) {
            return no_handle();
        }
        auto row = TRY(from_json<record::NewInvocation>(open->draft));
        TRY(intake.complete(request, row));
        if (!row.duration_seconds) {
            row.duration_seconds = measured(open->started_at_us, now_us);
        }
        // It began while the session was open, whatever happened since.
        const auto ids =
            TRY(record::append(tx, context, {&row, 1}, {.now_us = now_us, .after_its_end = true}));
        return Tracked{ids.front()};
    });
}

}  // namespace credence::skills
