#include "capabilities/skills/record/invocations.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/text.h"
#include "capabilities/skills/record/invocation_log.h"
#include "capabilities/skills/record/invocation_rows.h"
#include "capabilities/skills/record/new_invocation.h"
#include "capabilities/skills/record/record_check.h"
#include "capabilities/skills/record/session_rows.h"
#include "capabilities/skills/skills.h"

namespace credence::skills {
namespace {

// Rows of a skill that one page looks at while it searches those of a namespace.
constexpr std::int64_t kMaxPlacesSeen = 20'000;

Result<InvocationPage> page_of_session(store::Tx& tx, const Context& context,
                                       const ListInvocations& request, std::int64_t limit) {
    TRY(record::check_session_id(*request.session_id));
    if (!TRY(session_rows::find(tx, context.tenant, context.name_space, *request.session_id))) {
        return fail(Code::not_found, "there is no such session", "session_id");
    }
    invocation_rows::OfSession wanted;
    wanted.session_id = *request.session_id;
    wanted.skill_name = request.skill_name;
    wanted.limit = limit + 1;
    if (request.cursor) {
        wanted.after_id = TRY(record::read_cursor(*request.cursor)).at;
    }
    InvocationPage page;
    page.invocations = TRY(invocation_rows::list(tx, context.tenant, wanted));
    if (std::ssize(page.invocations) > limit) {
        page.invocations.pop_back();
        page.next_cursor = record::write_cursor({page.invocations.back().invocation_id, {}});
    }
    return page;
}

Result<invocation_rows::OfSkill> wanted_of_skill(const Context& context,
                                                 const ListInvocations& request) {
    invocation_rows::OfSkill wanted;
    wanted.name_space = context.name_space;
    wanted.skill_name =
        TRY(record::clean_name(*request.skill_name, kMaxSkillNameBytes, "skill_name"));
    wanted.before_at_us = std::numeric_limits<std::int64_t>::max();
    wanted.before_id = std::numeric_limits<std::int64_t>::max();
    wanted.limit = record::kMaxPage;
    if (request.cursor) {
        const auto cursor = TRY(record::read_cursor(*request.cursor));
        const auto id = parse_integer(cursor.key);
        if (!id) {
            return fail(Code::invalid, "this is no cursor of ours", "cursor");
        }
        wanted.before_at_us = cursor.at;
        wanted.before_id = *id;
    }
    return wanted;
}

Result<InvocationPage> page_of_skill(store::Tx& tx, const Context& context,
                                     const ListInvocations& request, std::int64_t limit) {
    invocation_rows::OfSkill wanted = TRY(wanted_of_skill(context, request));
    InvocationPage page;
    for (std::int64_t seen = 0; seen < kMaxPlacesSeen; seen += wanted.limit) {
        const auto places = TRY(invocation_rows::places(tx, context.tenant, wanted));
        for (const auto& place : places) {
            if (place.visible && std::ssize(page.invocations) == limit) {
                page.next_cursor =
                    record::write_cursor({wanted.before_at_us, std::to_string(wanted.before_id)});
                return page;
            }
            wanted.before_at_us = place.invoked_at_us;
            wanted.before_id = place.invocation_id;
            if (place.visible) {
                auto found = TRY(invocation_rows::find(tx, context.tenant, context.name_space,
                                                       place.invocation_id));
                if (found) {
                    page.invocations.push_back(*std::move(found));
                }
            }
        }
        if (std::ssize(places) < wanted.limit) {
            return page;
        }
    }
    page.next_cursor =
        record::write_cursor({wanted.before_at_us, std::to_string(wanted.before_id)});
    return page;
}

}  // namespace

Result<Tracked> Skills::track_invocation(const Context& context, const TrackInvocation& request) {
    const std::int64_t now_us = parts_.clock.now_us();
    const record::Intake intake(parts_, context.tenant, now_us);
    const record::NewInvocation row = TRY(intake.take(request));
    return parts_.database.write([&](store::Tx& tx) -> Result<Tracked> {
        const auto ids = TRY(record::append(tx, context, {&row, 1}, {.now_us = now_us}));
        return Tracked{ids.front()};
    });
}

Result<TrackedBatch> Skills::track_invocations(const Context& context,
                                               const TrackInvocations& request) {
    if (request.items.empty() || request.items.size() > kMaxBatch) {
        return fail(Code::invalid, "a batch has 1 to 10000 items", "items");
    }
    const std::int64_t now_us = parts_.clock.now_us();
    const record::Intake intake(parts_, context.tenant, now_us);
    std::vector<record::NewInvocation> rows;
    rows.reserve(request.items.size());
    for (std::size_t i = 0; i < request.items.size(); ++i) {
        auto row = intake.take(request.items[i]);
        if (!row) {
            Error error = std::move(row).error();
            error.field = "items[" + std::to_string(i) + "]." + error.field;
            return std::unexpected(std::move(error));
        }
        rows.push_back(*std::move(row));
    }
    const bool tallied = rows.size() >= record::kTalliedRows;
    const record::Tally tally = tallied ? record::tally_of(rows, now_us) : record::Tally{};
    record::LogOptions options{.now_us = now_us, .batch = true};
    options.tally = tallied ? &tally : nullptr;
    return parts_.database.write([&](store::Tx& tx) -> Result<TrackedBatch> {
        TrackedBatch done;
        done.invocation_ids = TRY(record::append(tx, context, rows, options));
        done.recorded = std::ssize(done.invocation_ids);
        return done;
    });
}

Result<Invocation> Skills::get_invocation(const Context& context, const InvocationRef& request) {
    auto found = TRY(parts_.database.read([&](store::Tx& tx) {
        return invocation_rows::find(tx, context.tenant, context.name_space, request.invocation_id);
    }));
    if (!found) {
        return fail(Code::not_found, "there is no such invocation", "invocation_id");
    }
    return *std::move(found);
}

Result<InvocationPage> Skills::list_invocations(const Context& context,
                                                const ListInvocations& request) {
    if (!request.session_id && !request.skill_name) {
        return fail(Code::invalid, "a session or a skill is needed", "session_id");
    }
    const std::int64_t limit = std::clamp<std::int64_t>(request.limit, 1, record::kMaxPage);
    return parts_.database.read([&](store::Tx& tx) -> Result<InvocationPage> {
        return request.session_id ? page_of_session(tx, context, request, limit)
                                  : page_of_skill(tx, context, request, limit);
    });
}

}  // namespace credence::skills
