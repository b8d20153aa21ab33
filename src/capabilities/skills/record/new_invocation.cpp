#include "capabilities/skills/record/new_invocation.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "capabilities/skills/record/embedding_text.h"
#include "capabilities/skills/record/query_mask.h"
#include "capabilities/skills/record/record_check.h"
#include "capabilities/skills/record/user_names.h"

namespace credence::skills::record {
namespace {

std::string json_list(const std::vector<std::string>& texts) {
    std::string out = "[";
    for (const std::string& text : texts) {
        out += out.size() == 1 ? "" : ",";
        append_json_string(text, out);
    }
    return out + "]";
}

struct NameList {
    std::size_t max_items;
    std::size_t max_bytes;
    std::string_view field;
};

Result<std::vector<std::string>> clean_names(const std::vector<std::string>& names,
                                             const NameList& list) {
    if (names.size() > list.max_items) {
        return fail(Code::invalid, "at most " + std::to_string(list.max_items) + " items here",
                    std::string(list.field));
    }
    std::vector<std::string> out;
    out.reserve(names.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
        auto name = clean_name(names[i], list.max_bytes, {});
        if (!name) {
            return fail(name.error().code, name.error().message,
                        std::string(list.field) + "[" + std::to_string(i) + "]");
        }
        out.push_back(*std::move(name));
    }
    return out;
}

Result<void> check_whole(const std::optional<std::int64_t>& value, std::int64_t most,
                         std::string field) {
    if (value && (*value < 1 || *value > most)) {
        return fail(Code::invalid, "this lies between 1 and " + std::to_string(most),
                    std::move(field));
    }
    return {};
}

Result<void> check_duration(const std::optional<double>& seconds) {
    if (seconds && !(*seconds >= 0 && *seconds <= kMaxDurationSeconds)) {
        return fail(Code::invalid, "a duration lies between 0 and 30 days, in seconds",
                    "duration_seconds");
    }
    return {};
}

// Whatever its text, an error is counted: it may be empty, and is cut rather than refused.
Result<std::optional<std::string>> clean_error(const std::optional<std::string>& error) {
    if (!error) {
        return std::nullopt;
    }
    if (error->size() > kMaxErrorBytes || !is_valid_utf8(*error)) {
        return fail(Code::invalid, "an error type is UTF-8 of at most 4096 bytes", "error_type");
    }
    return std::optional(std::string(cut_at_character(*error, kMaxErrorBytesStored)));
}

BeginInvocation start_of(const TrackInvocation& request) {
    return {.session_id = request.session_id,
            .skill_name = request.skill_name,
            .invoked_at_us = request.invoked_at_us,
            .workflow_path = request.workflow_path,
            .user_query = request.user_query,
            .alternatives_considered = request.alternatives_considered,
            .selection_rank = request.selection_rank,
            .workflow_phase = request.workflow_phase,
            .workflow_step_id = request.workflow_step_id,
            .user_id = request.user_id,
            .embedding = request.embedding};
}

}  // namespace

void describe(Describe<NewInvocation>& d) {
    d.field<&NewInvocation::session_id>("");
    d.field<&NewInvocation::skill_name>("");
    d.field<&NewInvocation::invoked_at_us>("");
    d.field<&NewInvocation::user_id>("");
    d.field<&NewInvocation::workflow_path>("");
    d.field<&NewInvocation::completed>("");
    d.field<&NewInvocation::duration_seconds>("");
    d.field<&NewInvocation::user_query>("");
    d.field<&NewInvocation::alternatives_considered>("");
    d.field<&NewInvocation::selection_rank>("");
    d.field<&NewInvocation::follow_ups>("");
    d.field<&NewInvocation::follow_up_actions>("");
    d.field<&NewInvocation::error_type>("");
    d.field<&NewInvocation::rating>("");
    d.field<&NewInvocation::workflow_phase>("");
    d.field<&NewInvocation::workflow_step_id>("");
    d.field<&NewInvocation::embedding>("");
}

Result<std::optional<std::string>> hash_user(const SkillsParts& parts, std::string_view tenant,
                                             const std::optional<std::string>& user_id) {
    if (!user_id) {
        return std::nullopt;
    }
    const std::string name = TRY(clean_name(*user_id, kMaxUserIdBytes, "user_id"));
    if (parts.users == nullptr) {
        return fail(Code::unavailable, "there is no key for user names", "user_id");
    }
    return std::optional(parts.users->hash(tenant, name));
}

Result<void> Intake::take_start(const BeginInvocation& request, NewInvocation& row) const {
    TRY(check_session_id(request.session_id));
    row.session_id = request.session_id;
    row.skill_name = TRY(clean_name(request.skill_name, kMaxSkillNameBytes, "skill_name"));
    row.invoked_at_us = request.invoked_at_us.value_or(now_us_);
    TRY(check_time(row.invoked_at_us, now_us_, "invoked_at_us"));
    row.workflow_path = TRY(clean_optional(request.workflow_path, kMaxPathBytes, "workflow_path"));
    if (!request.alternatives_considered.empty()) {
        row.alternatives_considered = json_list(
            TRY(clean_names(request.alternatives_considered,
                            {kMaxAlternatives, kMaxSkillNameBytes, "alternatives_considered"})));
    }
    TRY(check_whole(request.selection_rank, kMaxSelectionRank, "selection_rank"));
    row.selection_rank = request.selection_rank;
    row.workflow_phase =
        TRY(clean_optional(request.workflow_phase, kMaxPhaseBytes, "workflow_phase"));
    row.workflow_step_id =
        TRY(clean_optional(request.workflow_step_id, kMaxPathBytes, "workflow_step_id"));
    row.user_id = TRY(hash_user(parts_, tenant_, request.user_id));
    if (request.embedding) {
        row.embedding = TRY(encode_embedding(*request.embedding));
    }
    if (request.user_query) {
        if (request.user_query->size() > kMaxQueryBytes) {
            return fail(Code::invalid, "a query has at most 16384 bytes", "user_query");
        }
        row.user_query =
            parts_.mask == nullptr ? std::nullopt : TRY(parts_.mask->mask(*request.user_query));
    }
    return {};
}

Result<NewInvocation> Intake::take(const BeginInvocation& request) const {
    NewInvocation row;
    TRY(take_start(request, row));
    return row;
}

Result<NewInvocation> Intake::take(const TrackInvocation& request) const {
    NewInvocation row = TRY(take(start_of(request)));
    TRY(complete({.handle = {},
                  .completed = request.completed,
                  .duration_seconds = request.duration_seconds,
                  .error_type = request.error_type,
                  .follow_up_actions = request.follow_up_actions,
                  .rating = request.rating},
                 row));
    return row;
}

Result<void> Intake::complete(const CompleteInvocation& request, NewInvocation& row) const {
    row.completed = request.completed;
    TRY(check_duration(request.duration_seconds));
    row.duration_seconds = request.duration_seconds;
    row.error_type = TRY(clean_error(request.error_type));
    constexpr std::int64_t kBestRating = 5;
    TRY(check_whole(request.rating, kBestRating, "rating"));
    row.rating = request.rating;
    if (!request.follow_up_actions.empty()) {
        row.follow_ups = TRY(clean_names(request.follow_up_actions,
                                         {kMaxFollowUps, kMaxPathBytes, "follow_up_actions"}));
        row.follow_up_actions = json_list(row.follow_ups);
        std::ranges::sort(row.follow_ups);
        const auto twice = std::ranges::unique(row.follow_ups);
        row.follow_ups.erase(twice.begin(), twice.end());
    }
    return {};
}

}  // namespace credence::skills::record
