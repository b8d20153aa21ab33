// Statements on the log of invocations, its counters, and what is open.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "capabilities/skills/record/invocations.h"
#include "capabilities/skills/record/many_rows.h"
#include "capabilities/skills/record/new_invocation.h"
#include "capabilities/skills/record/record_check.h"
#include "engine/store/database.h"

namespace credence::skills::invocation_rows {

// A row and whose it is in the end.
struct Entry {
    const record::NewInvocation* row = nullptr;
    const std::optional<std::string>* user_id = nullptr;
};

// Appends in order; the new ids.
Result<std::vector<std::int64_t>> append(store::Tx& tx, const record::Stamp& stamp,
                                         std::span<const Entry> entries);

// Adds `uses` (which may be negative) to a counter.
struct CounterChange {
    std::string_view skill_name;
    std::string_view kind;  // "workflow_path", "error_type", "follow_up_action"
    std::string_view value;
    std::int64_t uses = 0;
};
Result<void> add_counts(store::Tx& tx, std::string_view tenant,
                        std::span<const CounterChange> changes);

Result<std::optional<Invocation>> find(store::Tx& tx, std::string_view tenant,
                                       std::string_view name_space, std::int64_t id);

// Oldest first, of one session, behind `after_id`.
struct OfSession {
    std::string session_id;
    std::optional<std::string> skill_name;
    std::int64_t after_id = 0;
    std::int64_t limit = 0;
};
Result<std::vector<Invocation>> list(store::Tx& tx, std::string_view tenant, const OfSession& page);

// Newest first, of one skill; all namespaces, with a mark for those of `name_space`.
struct OfSkill {
    std::string name_space;
    std::string skill_name;
    std::int64_t before_at_us = 0;
    std::int64_t before_id = 0;  // of those at before_at_us
    std::int64_t limit = 0;
};
struct Place {
    std::int64_t invocation_id = 0;
    std::int64_t invoked_at_us = 0;
    bool visible = false;
};
void describe(Describe<Place>&);
Result<std::vector<Place>> places(store::Tx& tx, std::string_view tenant, const OfSkill& page);

struct OpenRow {
    std::string handle;
    std::string session_id;
    std::int64_t started_at_us = 0;
    std::string draft;
};
void describe(Describe<OpenRow>&);

Result<std::int64_t> count_open(store::Tx& tx, std::string_view tenant,
                                std::string_view session_id);
Result<void> insert_open(store::Tx& tx, std::string_view tenant, const OpenRow& row);
// In that namespace only.
Result<std::optional<OpenRow>> find_open(store::Tx& tx, std::string_view tenant,
                                         std::string_view name_space, std::string_view handle);
// False when it is gone already.
Result<bool> remove_open(store::Tx& tx, std::string_view tenant, std::string_view handle);
// Those of a session, oldest first, at most `limit`.
Result<std::vector<OpenRow>> list_open(store::Tx& tx, std::string_view tenant,
                                       std::string_view session_id, std::int64_t limit);

// The columns of an Invocation from skill_invocation i.
std::string_view invocation_columns();

}  // namespace credence::skills::invocation_rows
