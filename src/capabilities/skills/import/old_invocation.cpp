#include "capabilities/skills/import/old_invocation.h"

#include <cmath>
#include <cstring>

#include "base/json.h"
#include "base/text.h"
#include "capabilities/skills/import/old_time.h"
#include "capabilities/skills/record/record_check.h"

namespace credence::skills {
namespace {

struct OldList {
    std::vector<std::string> items;
};

void describe(Describe<OldList>& d) {
    d.field<&OldList::items>("Texts");
}

using Text = std::optional<std::string>;

// Blank texts say nothing; long and unreadable ones are cut or dropped.
Text readable(const Text& text, std::size_t max_bytes, const char* name, Mending& mending) {
    if (!text || trim(*text).empty()) {
        return std::nullopt;
    }
    const std::string cut(record::cut_at_character(trim(*text), max_bytes));
    if (cut.size() < trim(*text).size()) {
        ++mending.mended[std::string(name) + "_cut"];
    }
    auto clean = record::clean_name(std::string_view(cut), max_bytes, name);
    if (!clean) {
        ++mending.mended[std::string(name) + "_dropped"];
        return std::nullopt;
    }
    return std::move(*clean);
}

std::vector<std::string> list_of(const Text& json, std::size_t limit, const char* name,
                                 Mending& mending) {
    if (!json || trim(*json).empty() || trim(*json) == "null") {
        return {};
    }
    auto list = from_json<OldList>("{\"items\":" + *json + "}");
    if (!list) {
        ++mending.mended[std::string(name) + "_dropped"];
        return {};
    }
    std::vector<std::string> out;
    for (const std::string& item : list->items) {
        if (auto clean = readable(item, kMaxSkillNameBytes, name, mending);
            clean && out.size() < limit) {
            out.push_back(std::move(*clean));
        }
    }
    return out;
}

std::optional<std::vector<double>> embedding_of(const Text& bytes, Mending& mending) {
    if (!bytes) {
        return std::nullopt;
    }
    std::vector<double> out;
    double length = 0;
    if (bytes->size() == kEmbeddingNumbers * sizeof(float)) {
        for (std::size_t i = 0; i < kEmbeddingNumbers; ++i) {
            float value = 0;
            std::memcpy(&value, bytes->data() + i * sizeof(float), sizeof(float));
            out.push_back(static_cast<double>(value));
            length += out.back() * out.back();
        }
    }
    if (out.empty() || !std::isfinite(length) || length == 0) {
        ++mending.mended["embedding_dropped"];
        return std::nullopt;
    }
    return out;
}

std::string session_of(const Text& session_id, Mending& mending) {
    const std::string id = session_id.value_or("");
    if (record::check_session_id(id)) {
        return id;
    }
    ++mending.mended[id.empty() ? "session_unknown" : "session_renamed"];
    constexpr std::size_t kDigits = 32;
    return id.empty() ? "imported" : "imported." + sha256_hex(id).substr(0, kDigits);
}

std::optional<std::int64_t> time_of(const OldInvocation& old, std::int64_t now_us,
                                    Mending& mending) {
    const auto time = parse_old_time(old.invoked_at.value_or(""));
    if (!time) {
        ++mending.reasons["no_time"];
        return std::nullopt;
    }
    if (time->at_us > now_us) {
        ++mending.reasons["in_the_future"];
        return std::nullopt;
    }
    if (time->kind == OldTimeKind::no_offset) {
        ++mending.mended["time_without_offset_taken_for_utc"];
    } else if (time->kind == OldTimeKind::stamp) {
        ++mending.mended["time_with_blank"];
    }
    return time->at_us;
}

void mend_numbers(const OldInvocation& old, TrackInvocation& row, Mending& mending) {
    if (old.duration_seconds) {
        const double duration = *old.duration_seconds;
        if (std::isfinite(duration) && duration >= 0 && duration <= kMaxDurationSeconds) {
            row.duration_seconds = duration;
        } else {
            ++mending.mended["duration_dropped"];
        }
    }
    if (old.selection_rank) {
        if (*old.selection_rank >= 1 && *old.selection_rank <= kMaxSelectionRank) {
            row.selection_rank = old.selection_rank;
        } else {
            ++mending.mended["selection_rank_dropped"];
        }
    }
}

}  // namespace

std::optional<TrackInvocation> mend(const OldInvocation& old, std::int64_t now_us,
                                    Mending& mending) {
    const auto at_us = time_of(old, now_us, mending);
    if (!at_us) {
        return std::nullopt;
    }
    auto skill = readable(old.skill_name, kMaxSkillNameBytes, "skill_name", mending);
    if (!skill) {
        ++mending.reasons["no_skill"];
        return std::nullopt;
    }
    TrackInvocation row;
    row.skill_name = std::move(*skill);
    row.invoked_at_us = *at_us;
    row.session_id = session_of(old.session_id, mending);
    row.completed = old.completed;
    row.workflow_path = readable(old.workflow_path, kMaxPathBytes, "workflow_path", mending);
    row.error_type = readable(old.error_type, kMaxErrorBytesStored, "error_type", mending);
    row.workflow_phase = readable(old.workflow_phase, kMaxPhaseBytes, "workflow_phase", mending);
    row.workflow_step_id =
        readable(old.workflow_step_id, kMaxSkillNameBytes, "workflow_step_id", mending);
    if (old.user_query && !is_valid_utf8(*old.user_query)) {
        ++mending.mended["user_query_dropped"];
    } else if (old.user_query && !trim(*old.user_query).empty()) {
        row.user_query = record::cut_at_character(*old.user_query, kMaxQueryBytes);
    }
    row.alternatives_considered =
        list_of(old.alternatives_considered, kMaxAlternatives, "alternatives_considered", mending);
    row.follow_up_actions =
        list_of(old.follow_up_actions, kMaxFollowUps, "follow_up_actions", mending);
    row.embedding = embedding_of(old.embedding, mending);
    mend_numbers(old, row, mending);
    return row;
}

std::string row_key(const TrackInvocation& row) {
    return row.session_id + '\n' + row.skill_name + '\n' + std::to_string(*row.invoked_at_us) +
           '\n' + (row.completed ? '1' : '0');
}

}  // namespace credence::skills
