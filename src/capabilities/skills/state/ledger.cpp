#include "capabilities/skills/state/ledger.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <utility>

#include "base/log.h"
#include "base/units.h"
#include "capabilities/skills/state/ledger_book.h"

namespace credence::skills {
namespace {

constexpr std::int64_t kFollowSliceRows = 2'000;  // then a waiting reader gets its turn
constexpr std::int64_t kLoadRows = 4'000;         // a step of a load

// `working` is held by who folds or loads, `saving` by who writes a checkpoint (taken first).
struct Shelf {
    explicit Shelf(std::string_view name) : tenant(name) {}

    std::shared_ptr<Book> book() const {
        const std::scoped_lock lock(mutex);
        return current;
    }
    void set(std::shared_ptr<Book> book) {
        const std::scoped_lock lock(mutex);
        current = std::move(book);
    }

    const std::string tenant;
    std::mutex saving;
    std::mutex working;
    mutable std::mutex mutex;  // of the pointer and of changed
    std::shared_ptr<Book> current;
    std::vector<std::string> changed;  // taken from the book, not yet asked for
    std::atomic<std::int64_t> used{0};
};

}  // namespace

struct Ledger::Impl {
    store::Database& database;
    const Clock& clock;
    const SkillsSettings& settings;
    Histogram& fold_duration;
    std::vector<std::function<void(const std::string&, std::int64_t)>> listeners;

    std::mutex mutex;  // of the map
    std::map<std::string, std::shared_ptr<Shelf>, std::less<>> shelves;
    std::int64_t uses = 0;

    std::mutex following;
    std::int64_t followed_id = -1;  // none yet
    std::int64_t followed_epochs = 0;

    std::shared_ptr<Shelf> shelf_of(std::string_view tenant);
    std::vector<std::shared_ptr<Shelf>> all_shelves();
    void tell(const Book& book, std::int64_t through_id) const;
    Result<std::shared_ptr<Book>> load(Shelf& shelf);
    Result<std::shared_ptr<Book>> current_book(Shelf& shelf);
    Result<void> save(Shelf& shelf, bool all);
    Result<void> write(Shelf& shelf, const std::shared_ptr<Book>& book, BookCheckpoint checkpoint);
    Result<void> follow_page(std::int64_t from_id, const ledger_rows::LogPage& page);
    Result<void> follow_tenant(std::string_view tenant, const ledger_rows::LogPage& page,
                               std::span<const std::size_t> rows);
    Result<void> check_epochs(std::int64_t epochs);
    std::int64_t least_position();
};

// The shelf idle longest leaves; what its book had not written is in the log.
std::shared_ptr<Shelf> Ledger::Impl::shelf_of(std::string_view tenant) {
    const std::scoped_lock lock(mutex);
    auto found = shelves.find(tenant);
    if (found == shelves.end()) {
        if (shelves.size() >= kMaxTenants) {
            shelves.erase(std::ranges::min_element(
                shelves, {}, [](const auto& entry) { return entry.second->used.load(); }));
        }
        found = shelves.emplace(std::string(tenant), std::make_shared<Shelf>(tenant)).first;
    }
    found->second->used = ++uses;
    return found->second;
}

std::vector<std::shared_ptr<Shelf>> Ledger::Impl::all_shelves() {
    const std::scoped_lock lock(mutex);
    std::vector<std::shared_ptr<Shelf>> all;
    for (const auto& [tenant, shelf] : shelves) {
        all.push_back(shelf);
    }
    return all;
}

void Ledger::Impl::tell(const Book& book, std::int64_t through_id) const {
    for (const auto& listener : listeners) {
        listener(book.tenant, through_id);
    }
}

// With `working` held. The book is nobody's yet, so it is written as it grows.
Result<std::shared_ptr<Book>> Ledger::Impl::load(Shelf& shelf) {
    constexpr int kMaxAttempts = 5;  // another process may write the checkpoint meanwhile
    for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
        const std::shared_ptr<Book> book = TRY(load_book(database, shelf.tenant));
        bool refused = false;
        while (!refused) {
            const std::int64_t before = book->position;
            TRY(fold_next(database, *book, kLoadRows));
            if (book->position == before) {
                shelf.set(book);
                return book;
            }
            if (needs_saving(*book)) {
                refused =
                    !TRY(write_checkpoint(database, clock, *book, take_checkpoint(*book, false)));
            }
        }
    }
    return fail(Code::unavailable, "the figures are being written by another process");
}

// Loaded, of the epoch of now, and with the log's next kReadRows rows in it.
Result<std::shared_ptr<Book>> Ledger::Impl::current_book(Shelf& shelf) {
    const auto head =
        TRY(database.read([&](store::Tx& tx) { return ledger_rows::head(tx, shelf.tenant); }));
    const auto is_current = [&](const std::shared_ptr<Book>& book) {
        return book && book->saved_epoch == head.epoch && book->position >= head.newest_id;
    };
    auto book = shelf.book();
    if (is_current(book)) {
        return book;
    }
    std::int64_t before_id = 0;
    std::int64_t through_id = 0;
    {
        const std::scoped_lock lock(shelf.working);
        book = shelf.book();
        if (is_current(book)) {
            return book;
        }
        if (!book || book->saved_epoch != head.epoch) {
            book = TRY(load(shelf));
        } else {
            before_id = book->state.through_id();
            TRY(fold_next(database, *book, kReadRows));
        }
        through_id = book->state.through_id();
    }
    if (through_id > before_id) {
        tell(*book, through_id);
    }
    return book;
}

Result<void> Ledger::Impl::write(Shelf& shelf, const std::shared_ptr<Book>& book,
                                 BookCheckpoint checkpoint) {
    const auto written = write_checkpoint(database, clock, *book, std::move(checkpoint));
    if (written && *written) {
        return {};
    }
    // What was taken is in the log: the next read loads the tables and folds it again.
    if (shelf.book() == book) {
        shelf.set(nullptr);
    }
    if (!written) {
        return std::unexpected(written.error());
    }
    return {};
}

Result<void> Ledger::Impl::save(Shelf& shelf, bool all) {
    const std::scoped_lock saving(shelf.saving);
    std::shared_ptr<Book> book;
    BookCheckpoint checkpoint;
    {
        const std::scoped_lock working(shelf.working);
        book = shelf.book();
        if (!book) {
            return {};
        }
        checkpoint = take_checkpoint(*book, all);
    }
    return write(shelf, book, std::move(checkpoint));
}

Result<void> Ledger::Impl::follow_tenant(std::string_view tenant, const ledger_rows::LogPage& page,
                                         std::span<const std::size_t> rows) {
    const auto shelf = shelf_of(tenant);
    std::shared_ptr<Book> book;
    std::int64_t told_id = 0;
    while (!rows.empty()) {
        const auto slice =
            rows.first(std::min(rows.size(), static_cast<std::size_t>(kFollowSliceRows)));
        rows = rows.subspan(slice.size());
        bool due = false;
        {
            const std::scoped_lock lock(shelf->working);
            book = shelf->book();
            if (!book) {
                book = TRY(load(*shelf));
                rows = {};
            } else {
                TRY(fold_rows(database, *book, page, slice));
                const std::int64_t through_id =
                    rows.empty() ? page.end_id : ledger_rows::fact_of(page, slice.back()).id;
                book->position = std::max(book->position.load(), through_id);
            }
            told_id = book->state.through_id();
            due = needs_saving(*book);
        }
        if (due) {
            TRY(save(*shelf, false));
        }
    }
    if (book) {
        tell(*book, told_id);
    }
    return {};
}

Result<void> Ledger::Impl::follow_page(std::int64_t from_id, const ledger_rows::LogPage& page) {
    std::map<std::string_view, std::vector<std::size_t>> by_tenant;
    for (std::size_t row = 0; row < page.rows.size(); ++row) {
        by_tenant[ledger_rows::tenant_of(page, row)].push_back(row);
    }
    for (const auto& [tenant, rows] : by_tenant) {
        TRY(follow_tenant(tenant, page, rows));
    }
    for (const auto& shelf : all_shelves()) {
        if (by_tenant.contains(shelf->tenant)) {
            continue;
        }
        const std::scoped_lock lock(shelf->working);
        const auto book = shelf->book();
        if (book && book->position >= from_id) {
            book->position = std::max(book->position.load(), page.end_id);
        }
    }
    return {};
}

Result<void> Ledger::Impl::check_epochs(std::int64_t epochs) {
    if (epochs == std::exchange(followed_epochs, epochs)) {
        return {};
    }
    for (const auto& shelf : all_shelves()) {
        if (shelf->book()) {
            TRY(current_book(*shelf));
        }
    }
    return {};
}

std::int64_t Ledger::Impl::least_position() {
    std::int64_t least = followed_id;
    for (const auto& shelf : all_shelves()) {
        if (const auto book = shelf->book()) {
            least = std::min(least, book->position.load());
        }
    }
    return least;
}

Ledger::Ledger(store::Database& database, const Clock& clock, Metrics& metrics,
               const SkillsSettings& settings)
    : impl_(new Impl{.database = database,
                     .clock = clock,
                     .settings = settings,
                     .fold_duration = metrics.histogram("credence_skills_fold_seconds",
                                                        "Time to fold a page of the log"),
                     .listeners = {},
                     .mutex = {},
                     .shelves = {},
                     .following = {}}) {}

Ledger::~Ledger() = default;

Result<void> Ledger::with(std::string_view tenant,
                          const std::function<void(const SkillState&)>& fn) {
    const auto shelf = impl_->shelf_of(tenant);
    const auto book = TRY(impl_->current_book(*shelf));
    const std::shared_lock lock(book->mutex);
    fn(book->state);
    return {};
}

Result<void> Ledger::follow() {
    Impl& impl = *impl_;
    const std::scoped_lock lock(impl.following);
    const auto head =
        TRY(impl.database.read([](store::Tx& tx) { return ledger_rows::head_of_all(tx); }));
    if (impl.followed_id < 0) {
        impl.followed_id = head.newest_id;
    }
    TRY(impl.check_epochs(head.epoch));
    for (int step = 0; step < kMaxFollowSteps; ++step) {
        const std::int64_t from_id = impl.least_position();
        if (from_id >= head.newest_id) {
            return {};
        }
        const std::int64_t started_us = impl.clock.steady_us();
        const auto page = TRY(impl.database.read(
            [&](store::Tx& tx) { return ledger_rows::log_page(tx, "", from_id, kFollowRows); }));
        if (page.end_id == from_id) {
            return {};
        }
        TRY(impl.follow_page(from_id, page));
        impl.followed_id = std::max(impl.followed_id, page.end_id);
        impl.fold_duration.observe_us(impl.clock.steady_us() - started_us);
    }
    return {};
}

Result<void> Ledger::checkpoint() {
    Result<void> first;
    const auto note = [&](const Result<void>& done) {
        if (!done && first) {
            first = done;
        }
    };
    for (const auto& shelf : impl_->all_shelves()) {
        note(impl_->save(*shelf, true));
        if (const auto book = shelf->book()) {
            note(refresh_cache(impl_->database, impl_->clock, *book));
        }
    }
    return first;
}

Result<void> Ledger::rebuild(std::string_view tenant) {
    const std::int64_t now_us = impl_->clock.now_us();
    const std::int64_t kept_days = impl_->settings.keep_invocations_days;
    TRY(impl_->database.write([&](store::Tx& tx) -> Result<void> {
        std::int64_t keep_before_us = 0;  // retention took nothing
        if (kept_days > 0) {
            const auto oldest_us = TRY(ledger_rows::oldest_at_us(tx, tenant));
            const std::int64_t cut_us = now_us - kept_days * kUsPerDay;
            keep_before_us =
                std::max<std::int64_t>(0, std::min(cut_us, oldest_us.value_or(cut_us)));
            keep_before_us -= keep_before_us % kUsPerDay;
        }
        return ledger_rows::forget(tx, tenant, keep_before_us, now_us);
    }));
    const auto shelf = impl_->shelf_of(tenant);
    const std::scoped_lock lock(shelf->working);
    shelf->set(nullptr);
    return {};
}

void Ledger::on_folded(std::function<void(const std::string& tenant, std::int64_t)> told) {
    impl_->listeners.push_back(std::move(told));
}

Result<std::vector<std::string>> Ledger::tenants() {
    return impl_->database.read([](store::Tx& tx) {
        return ledger_rows::tenants(tx, static_cast<std::int64_t>(kMaxTenants));
    });
}

std::vector<std::string> Ledger::take_changed(std::string_view tenant, std::size_t limit) {
    const auto shelf = impl_->shelf_of(tenant);
    std::vector<std::string> fresh;
    if (const auto book = shelf->book()) {
        const std::unique_lock lock(book->mutex);
        for (const std::uint32_t skill : book->state.take_changed()) {
            fresh.push_back(book->state.skills()[skill].name);
        }
    }
    const std::scoped_lock lock(shelf->mutex);
    std::vector<std::string>& changed = shelf->changed;
    changed.insert(changed.end(), fresh.begin(), fresh.end());
    if (changed.size() > limit) {
        std::ranges::sort(changed);
        changed.erase(std::ranges::unique(changed).begin(), changed.end());
    }
    const auto told = static_cast<std::ptrdiff_t>(std::min(limit, changed.size()));
    std::vector<std::string> taken(changed.begin(), changed.begin() + told);
    changed.erase(changed.begin(), changed.begin() + told);
    return taken;
}

}  // namespace credence::skills
