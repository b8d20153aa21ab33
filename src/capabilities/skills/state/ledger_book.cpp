#include "capabilities/skills/state/ledger_book.h"

#include <algorithm>
#include <mutex>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/units.h"
#include "stats/association/association.h"

namespace credence::skills {
namespace {

using Part = SkillState::Part;

constexpr std::int64_t kBookHourUs = 60 * kUsPerMinute;
constexpr std::int64_t kMaxPlaceLag = 50'000;  // ids that a start would look through for nothing

struct ReopenedSession {
    std::string_view session_id;
    std::vector<SessionSkill> skills;
};

// Sessions of rows that the pairs have not seen, and that are not open: new ones, mostly.
std::vector<std::string_view> unknown_sessions(const Book& book, const ledger_rows::LogPage& page,
                                               std::span<const std::size_t> rows) {
    std::vector<std::string_view> unknown;
    if (book.state.through(Part::pairs) == 0 && book.state.meetings().sessions() == 0) {
        return unknown;
    }
    std::unordered_set<std::string_view> seen;
    const std::int64_t pairs_through = book.state.through(Part::pairs);
    for (const std::size_t row : rows) {
        const InvocationFact fact = ledger_rows::fact_of(page, row);
        if (fact.id > pairs_through && seen.insert(fact.session_id).second &&
            !book.state.knows_session(fact.session_id)) {
            unknown.push_back(fact.session_id);
        }
    }
    return unknown;
}

Result<std::vector<ReopenedSession>> find_sessions(store::Database& database, const Book& book,
                                                   std::span<const std::string_view> sessions) {
    if (sessions.empty()) {
        return std::vector<ReopenedSession>{};
    }
    const std::int64_t through_id = book.state.through(Part::pairs);
    return database.read([&](store::Tx& tx) -> Result<std::vector<ReopenedSession>> {
        std::vector<ReopenedSession> found;
        for (const std::string_view session : sessions) {
            auto skills = TRY(ledger_rows::session_skills(tx, book.tenant, session, through_id));
            if (!skills.empty()) {
                found.push_back({session, std::move(skills)});
            }
        }
        return found;
    });
}

// Where the state did not see all of an hour, the log is asked.
Result<void> count_sessions(store::Database& database, std::string_view tenant,
                            FiguresCheckpoint& figures) {
    const bool known = std::ranges::all_of(
        figures.hours, [](const SavedHour& hour) { return hour.sessions.has_value(); });
    if (known) {
        return {};
    }
    return database.read([&](store::Tx& tx) -> Result<void> {
        for (SavedHour& hour : figures.hours) {
            if (!hour.sessions) {
                const std::int64_t from_us = hour.cell.at_us;
                hour.sessions = TRY(ledger_rows::sessions_in(
                    tx, {tenant, hour.skill_name, from_us, from_us + kBookHourUs}));
            }
        }
        return {};
    });
}

bool is_full(const Book& book, Part part) {
    const std::size_t most = part == Part::figures ? kMaxSavedFigures
                             : part == Part::users ? kMaxSavedUses
                                                   : kMaxSavedPairs;
    return book.state.changed_rows(part) >= most;
}

std::vector<double> lifts_of(const PairsCheckpoint& pairs) {
    std::vector<double> lifts;
    lifts.reserve(pairs.pairs.size());
    for (const SavedPair& pair : pairs.pairs) {
        const auto association = stats::associate(pair.counts);
        lifts.push_back(association.shrunk_lift ? association.shrunk_lift->value : 1);
    }
    return lifts;
}

}  // namespace

Result<std::unique_ptr<Book>> load_book(store::Database& database, std::string_view tenant) {
    return database.read([&](store::Tx& tx) -> Result<std::unique_ptr<Book>> {
        auto book = std::make_unique<Book>();
        book->tenant = tenant;
        book->saved = TRY(ledger_rows::fold(tx, tenant));
        const ledger_rows::Fold& fold = book->saved;
        book->saved_epoch = fold.epoch;
        book->state.restore_place({.figures_through_id = fold.figures_through_id,
                                   .users_through_id = fold.users_through_id,
                                   .pairs_through_id = fold.pairs_through_id,
                                   .newest_at_us = fold.newest_at_us,
                                   .ignored = fold.ignored,
                                   .sessions = fold.sessions});
        const std::int64_t minute_us = fold.newest_at_us - fold.newest_at_us % kUsPerMinute;
        const std::int64_t hour_us = fold.newest_at_us - fold.newest_at_us % kBookHourUs;
        TRY(ledger_rows::restore(tx, tenant, hour_us - (SkillState::kHoursKept - 1) * kBookHourUs,
                                 book->state));
        TRY(ledger_rows::restore_minutes(
            tx, tenant,
            {minute_us - (SkillState::kMinutesKept - 1) * kUsPerMinute, fold.figures_through_id},
            book->state));
        book->position =
            std::min({fold.figures_through_id, fold.users_through_id, fold.pairs_through_id});
        return book;
    });
}

Result<void> fold_rows(store::Database& database, Book& book, const ledger_rows::LogPage& page,
                       std::span<const std::size_t> rows) {
    const auto folded = [&](std::size_t row) {
        return ledger_rows::fact_of(page, row).id <= book.state.through_id();
    };
    rows = rows.subspan(
        static_cast<std::size_t>(std::ranges::partition_point(rows, folded) - rows.begin()));
    const auto unknown = unknown_sessions(book, page, rows);
    const auto reopened = TRY(find_sessions(database, book, unknown));
    if (!reopened.empty()) {
        const std::unique_lock lock(book.mutex);
        for (const ReopenedSession& session : reopened) {
            book.state.reopen_session(session.session_id, session.skills);
        }
    }
    while (!rows.empty()) {
        const auto slice = rows.first(std::min(rows.size(), kSliceRows));
        const std::unique_lock lock(book.mutex);
        for (const std::size_t row : slice) {
            book.state.apply(ledger_rows::fact_of(page, row));
        }
        rows = rows.subspan(slice.size());
    }
    return {};
}

Result<void> fold_next(store::Database& database, Book& book, std::int64_t limit) {
    const std::int64_t position = book.position;
    const auto page = TRY(database.read(
        [&](store::Tx& tx) { return ledger_rows::log_page(tx, book.tenant, position, limit); }));
    std::vector<std::size_t> rows(page.rows.size());
    for (std::size_t row = 0; row < rows.size(); ++row) {
        rows[row] = row;
    }
    TRY(fold_rows(database, book, page, rows));
    book.position = page.end_id;
    return {};
}

bool needs_saving(const Book& book) {
    return is_full(book, Part::figures) || is_full(book, Part::users) || is_full(book, Part::pairs);
}

BookCheckpoint take_checkpoint(Book& book, bool all) {
    const std::unique_lock lock(book.mutex);
    const std::int64_t position = book.position;
    const auto is_due = [&](Part part, std::int64_t saved_through) {
        // A place moves on without changes too: retention waits for it.
        return is_full(book, part) || (all && (book.state.changed_rows(part) > 0 ||
                                               book.state.through_id() > saved_through ||
                                               position > saved_through + kMaxPlaceLag));
    };
    // The place may lie before one that this part was restored with.
    const auto place = [&](std::int64_t through_id) { return std::max(position, through_id); };
    BookCheckpoint taken;
    if (is_due(Part::figures, book.saved.figures_through_id)) {
        taken.figures = book.state.take_figures();
        taken.figures->through_id = place(taken.figures->through_id);
    }
    if (is_due(Part::users, book.saved.users_through_id)) {
        taken.users = book.state.take_users();
        taken.users->through_id = place(taken.users->through_id);
    }
    if (is_due(Part::pairs, book.saved.pairs_through_id)) {
        taken.pairs = book.state.take_pairs();
        taken.pairs->through_id = place(taken.pairs->through_id);
    }
    return taken;
}

Result<bool> write_checkpoint(store::Database& database, const Clock& clock, Book& book,
                              BookCheckpoint checkpoint) {
    const ledger_rows::SaveOf of{book.tenant, book.saved, clock.now_us()};
    if (checkpoint.figures) {
        FiguresCheckpoint& figures = *checkpoint.figures;
        TRY(count_sessions(database, book.tenant, figures));
        // In the order of the key: neighbours share a page of the table, and a day's hours meet.
        std::ranges::sort(figures.hours, {}, [](const SavedHour& hour) {
            return std::pair<std::string_view, std::int64_t>(hour.skill_name, hour.cell.at_us);
        });
        if (!TRY(database.write(
                [&](store::Tx& tx) { return ledger_rows::save(tx, of, figures); }))) {
            return false;
        }
        book.saved.figures_through_id = figures.through_id;
    }
    if (checkpoint.users) {
        UsersCheckpoint& users = *checkpoint.users;
        std::ranges::sort(users.uses, {}, [](const SavedUse& use) {
            return std::pair<std::string_view, std::string_view>(use.user_id, use.skill_name);
        });
        if (!TRY(database.write([&](store::Tx& tx) { return ledger_rows::save(tx, of, users); }))) {
            return false;
        }
        book.saved.users_through_id = users.through_id;
    }
    if (checkpoint.pairs) {
        const PairsCheckpoint& pairs = *checkpoint.pairs;
        const auto lifts = lifts_of(pairs);
        if (!TRY(database.write(
                [&](store::Tx& tx) { return ledger_rows::save(tx, of, pairs, lifts); }))) {
            return false;
        }
        book.saved.pairs_through_id = pairs.through_id;
    }
    return true;
}

}  // namespace credence::skills
