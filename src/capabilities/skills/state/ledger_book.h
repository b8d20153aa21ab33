// One tenant's state with its places: in the log and in the checkpoint.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "capabilities/skills/state/ledger_rows.h"
#include "capabilities/skills/state/skill_state.h"
#include "engine/store/database.h"

namespace credence::skills {

// The state changes under `mutex`, by whoever may fold (one at a time: the ledger sees to it).
struct Book {
    std::string tenant;
    mutable std::shared_mutex mutex;
    SkillState state;
    // The log of all tenants is folded up to here; also what a checkpoint writes as its place, so
    // that a quiet tenant need not read again what the others wrote.
    std::atomic<std::int64_t> position{0};
    // What skill_fold said at the last load or save. Changed by whoever may save.
    ledger_rows::Fold saved;
    std::int64_t saved_epoch = 0;  // of it; never changes
};

// A part is written as soon as it has so many rows: 25 to 50 ms of the writer. An hour has a day
// with it. All pairs of 126 skills are fewer: they are then written once a minute only.
inline constexpr std::size_t kMaxSavedFigures = 4'000;
inline constexpr std::size_t kMaxSavedUses = 8'000;
inline constexpr std::size_t kMaxSavedPairs = 8'000;

// The tables of the checkpoint, without what the log has since.
Result<std::unique_ptr<Book>> load_book(store::Database& database, std::string_view tenant);

// Folds in the rows of a page with these numbers (all of the tenant, ascending) that are new.
// Readers are let in between slices of kSliceRows. Does not move the position.
inline constexpr std::size_t kSliceRows = 256;
Result<void> fold_rows(store::Database& database, Book& book, const ledger_rows::LogPage& page,
                       std::span<const std::size_t> rows);

// Folds in the log's next `limit` rows, whosever they are. The id it came to is the new position.
Result<void> fold_next(store::Database& database, Book& book, std::int64_t limit);

// Writes the parts that changed, each in a transaction of its own; with `all` false only those that
// have too many rows to wait. In two steps, so that the fold may go on while the store writes: take
// it while nobody folds, then write it. After an error, or false (another process was there first),
// what was taken is lost and the book must be loaded anew.
struct BookCheckpoint {
    std::optional<FiguresCheckpoint> figures;
    std::optional<UsersCheckpoint> users;
    std::optional<PairsCheckpoint> pairs;
};
bool needs_saving(const Book& book);
BookCheckpoint take_checkpoint(Book& book, bool all);
Result<bool> write_checkpoint(store::Database& database, const Clock& clock, Book& book,
                              BookCheckpoint checkpoint);

// The cache's counts of the last hour and day, exact for now.
Result<void> refresh_cache(store::Database& database, const Clock& clock, const Book& book);

}  // namespace credence::skills
