#include "capabilities/skills/record/invocation_log.h"

#include <optional>
#include <string>
#include <unordered_map>

#include "capabilities/skills/record/session_rows.h"

namespace credence::skills::record {
namespace {

using invocation_rows::Entry;
using Heads = std::unordered_map<std::string_view, session_rows::Head>;

std::unexpected<Error> refuse(Code code, std::string message, const LogOptions& options,
                              std::size_t item) {
    const std::string path =
        options.batch ? "items[" + std::to_string(item) + "].session_id" : "session_id";
    return fail(code, std::move(message), path);
}

Result<const session_rows::Head*> known_session(store::Tx& tx, const Context& context,
                                                std::string_view session_id, Heads& heads) {
    auto known = heads.find(session_id);
    if (known == heads.end()) {
        auto found = TRY(session_rows::head(tx, context.tenant, session_id));
        if (!found || found->name_space != context.name_space) {
            return nullptr;
        }
        known = heads.emplace(session_id, *std::move(found)).first;
    }
    return &known->second;
}

}  // namespace

Result<std::vector<std::int64_t>> append(store::Tx& tx, const Context& context,
                                         std::span<const NewInvocation> rows,
                                         const LogOptions& options) {
    Heads heads;
    std::vector<Entry> entries;
    entries.reserve(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const NewInvocation& row = rows[i];
        const auto* head = TRY(known_session(tx, context, row.session_id, heads));
        if (head == nullptr) {
            return refuse(Code::not_found, "there is no such session", options, i);
        }
        if (!options.after_its_end && head->ended_at_us && row.invoked_at_us > *head->ended_at_us) {
            return refuse(Code::conflict, "the session ended before this began", options, i);
        }
        entries.push_back({&row, row.user_id ? &row.user_id : &head->user_id});
    }
    const Stamp stamp{.tenant = context.tenant, .now_us = options.now_us};
    if (options.tally == nullptr) {
        auto ids = TRY(invocation_rows::append(tx, stamp, entries));
        TRY(invocation_rows::add_counts(tx, context.tenant, counts_of(rows)));
        return ids;
    }
    TRY(tally_rows::hold_triggers(tx, context.tenant));
    auto ids = TRY(invocation_rows::append(tx, stamp, entries));
    TRY(tally_rows::release_triggers(tx, context.tenant));
    TRY(tally_rows::add(tx, stamp, *options.tally));
    return ids;
}

}  // namespace credence::skills::record
