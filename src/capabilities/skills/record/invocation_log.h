// Appends checked invocations to the log, inside the caller's transaction.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "api/context.h"
#include "base/result.h"
#include "capabilities/skills/record/invocation_rows.h"
#include "capabilities/skills/record/new_invocation.h"
#include "capabilities/skills/record/tally.h"
#include "engine/store/database.h"

namespace credence::skills::record {

// From here on it is cheaper to add up first than to let triggers count each row.
inline constexpr std::size_t kTalliedRows = 16;

struct LogOptions {
    std::int64_t now_us = 0;
    bool batch = false;            // errors say "items[i].…"
    bool after_its_end = false;    // the session may have ended: it is being ended
    const Tally* tally = nullptr;  // of these rows: worth its while from kTalliedRows on
};

// Checks each session once (there, in the caller's namespace, not ended before), appends the rows
// and their counters. All or nothing, as the transaction is. Does not change `rows`.
Result<std::vector<std::int64_t>> append(store::Tx& tx, const Context& context,
                                         std::span<const NewInvocation> rows,
                                         const LogOptions& options);

}  // namespace credence::skills::record
