#include "capabilities/skills/record/sessions.h"

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "capabilities/skills/record/invocation_log.h"
#include "capabilities/skills/record/invocation_rows.h"
#include "capabilities/skills/record/new_invocation.h"
#include "capabilities/skills/record/record_check.h"
#include "capabilities/skills/record/session_rows.h"
#include "capabilities/skills/skills.h"

namespace credence::skills {
namespace {

std::unexpected<Error> no_session() {
    return fail(Code::not_found, "there is no such session", "session_id");
}

// Whether a repeated call says the same; a time left out is any.
bool same_session(const Session& stored, const Session& told, bool time_told) {
    return stored.project_path == told.project_path && stored.user_id == told.user_id &&
           (!time_told || stored.started_at_us == told.started_at_us);
}

// What was still open when its session ended was not finished.
Result<void> abandon_open(store::Tx& tx, const Context& context, const std::string& session_id,
                          std::int64_t now_us) {
    const auto open =
        TRY(invocation_rows::list_open(tx, context.tenant, session_id, kMaxOpenInvocations));
    std::vector<record::NewInvocation> rows;
    rows.reserve(open.size());
    for (const auto& each : open) {
        auto row = TRY(from_json<record::NewInvocation>(each.draft));
        row.completed = false;
        row.error_type = "unfinished";
        rows.push_back(std::move(row));
        TRY(invocation_rows::remove_open(tx, context.tenant, each.handle));
    }
    TRY(record::append(tx, context, rows, {.now_us = now_us, .after_its_end = true}));
    return {};
}

}  // namespace

Result<Session> Skills::create_session(const Context& context, const CreateSession& request) {
    const std::int64_t now_us = parts_.clock.now_us();
    Session session;
    if (request.session_id) {
        TRY(record::check_session_id(*request.session_id));
    }
    session.session_id = request.session_id.value_or(format_uuid(parts_.ids.make_bytes()));
    session.project_path = TRY(
        record::clean_optional(request.project_path, record::kMaxProjectPathBytes, "project_path"));
    session.user_id = TRY(record::hash_user(parts_, context.tenant, request.user_id));
    session.started_at_us = request.started_at_us.value_or(now_us);
    TRY(record::check_time(session.started_at_us, now_us, "started_at_us"));
    return parts_.database.write([&](store::Tx& tx) -> Result<Session> {
        const auto head = TRY(session_rows::head(tx, context.tenant, session.session_id));
        if (head) {
            const auto stored =
                TRY(session_rows::find(tx, context.tenant, context.name_space, session.session_id));
            if (!stored || !same_session(*stored, session, request.started_at_us.has_value())) {
                return fail(Code::conflict, "another session has this id", "session_id");
            }
            return *stored;
        }
        TRY(session_rows::insert(tx, context.tenant, context.name_space, session));
        TRY(tx.emit(context, SkillSessionStarted{session.session_id, session.started_at_us}));
        return session;
    });
}

Result<SessionSummary> Skills::end_session(const Context& context, const EndSession& request) {
    TRY(record::check_session_id(request.session_id));
    const std::int64_t now_us = parts_.clock.now_us();
    const std::int64_t ended_at_us = request.ended_at_us.value_or(now_us);
    TRY(record::check_time(ended_at_us, now_us, "ended_at_us"));
    return parts_.database.write([&](store::Tx& tx) -> Result<SessionSummary> {
        auto found =
            TRY(session_rows::find(tx, context.tenant, context.name_space, request.session_id));
        if (!found) {
            return no_session();
        }
        Session session = *std::move(found);
        if (session.ended_at_us) {
            const bool same =
                session.outcome == request.outcome &&
                request.ended_at_us.value_or(*session.ended_at_us) == *session.ended_at_us;
            return same ? session_rows::summary(tx, context.tenant, session)
                        : fail(Code::conflict, "the session has ended already", "session_id");
        }
        // A session of the future, by a clock that is ahead, ends when it began.
        if (request.ended_at_us && ended_at_us < session.started_at_us) {
            return fail(Code::invalid, "the session began after this", "ended_at_us");
        }
        session.ended_at_us = std::max(ended_at_us, session.started_at_us);
        session.outcome = request.outcome;
        TRY(session_rows::end(tx, context.tenant, session));
        TRY(abandon_open(tx, context, session.session_id, now_us));
        auto summary = TRY(session_rows::summary(tx, context.tenant, session));
        TRY(tx.emit(context,
                    SkillSessionEnded{session.session_id, request.outcome, *session.ended_at_us,
                                      summary.total_invocations, summary.completed_invocations}));
        return summary;
    });
}

Result<SessionSummary> Skills::get_session(const Context& context, const SessionRef& request) {
    TRY(record::check_session_id(request.session_id));
    return parts_.database.read([&](store::Tx& tx) -> Result<SessionSummary> {
        auto session =
            TRY(session_rows::find(tx, context.tenant, context.name_space, request.session_id));
        if (!session) {
            return no_session();
        }
        return session_rows::summary(tx, context.tenant, *std::move(session));
    });
}

Result<SessionPage> Skills::list_sessions(const Context& context, const ListSessions& request) {
    session_rows::Page page;
    page.name_space = context.name_space;
    page.active = request.active;
    page.project_path = request.project_path;
    const std::int64_t limit = std::clamp<std::int64_t>(request.limit, 1, record::kMaxPage);
    page.limit = limit + 1;
    if (request.cursor) {
        page.after = TRY(record::read_cursor(*request.cursor));
    }
    SessionPage out;
    out.sessions = TRY(parts_.database.read(
        [&](store::Tx& tx) { return session_rows::list(tx, context.tenant, page); }));
    if (std::ssize(out.sessions) > limit) {
        out.sessions.pop_back();
        const Session& last = out.sessions.back();
        out.next_cursor = record::write_cursor({last.started_at_us, last.session_id});
    }
    return out;
}

}  // namespace credence::skills
