#include "engine/store/delivery.h"

#include <algorithm>

#include "base/check.h"
#include "base/log.h"
#include "engine/store/event_rows.h"

namespace credence::store {
namespace {

// 1, 2, 4, … ms: ten attempts take about a second.
std::chrono::milliseconds pause_after(std::int64_t failures) {
    constexpr std::int64_t kMaxDoublings = 10;
    return std::chrono::milliseconds(std::int64_t{1}
                                     << std::clamp<std::int64_t>(failures - 1, 0, kMaxDoublings));
}

// Handlers do database work only, so what they find unavailable is the store: not their fault.
bool is_handlers(bool handler_failed, const Error& error) {
    return handler_failed && error.code != Code::unavailable && error.code != Code::exhausted;
}

}  // namespace

Delivery::Delivery(const Clock& clock, Metrics& metrics)
    : clock_(clock),
      delivered_(metrics.counter("credence_events_delivered_total",
                                 "Events handled by durable subscribers")),
      failed_(metrics.counter("credence_event_failures_total", "Failed attempts of handlers")),
      parked_(metrics.gauge("credence_events_parked", "Subscribers given up on")) {}

void Delivery::subscribe(std::string subscriber, std::vector<std::string> names,
                         EventHandler handler) {
    CHECK(!thread_.joinable(), "subscribe before start()");
    CHECK(std::none_of(subscribers_.begin(), subscribers_.end(),
                       [&](const Subscriber& known) { return known.name == subscriber; }),
          "two subscribers of one name");
    CHECK(names.size() <= event_rows::kMaxNames, "too many event names");
    Subscriber& added = subscribers_.emplace_back();
    added.name = std::move(subscriber);
    added.names = std::move(names);
    added.handler = std::move(handler);
}

Result<void> Delivery::start(Database& database, Noticed noticed) {
    CHECK(!thread_.joinable(), "delivery runs already");
    database_ = &database;
    noticed_ = std::move(noticed);
    TRY(open_cursors());
    {
        const std::lock_guard lock(mutex_);
        stopping_ = false;
    }
    thread_ = std::thread([this] { run(); });
    return {};
}

Result<void> Delivery::open_cursors() {
    std::vector<event_rows::Cursor> cursors;
    TRY(database_->write([&](Tx& tx) -> Result<void> {
        cursors.clear();
        for (const Subscriber& subscriber : subscribers_) {
            cursors.push_back(TRY(event_rows::open_cursor(tx, subscriber.name)));
            if (cursors.back().parked_at_us) {
                TRY(event_rows::save_failures(tx, subscriber.name, 0, std::nullopt));
            }
        }
        return {};
    }));
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < cursors.size(); ++i) {
        Subscriber& subscriber = subscribers_[i];
        subscriber.saved_seq = cursors[i].seq;
        subscriber.position = cursors[i].seq;
        subscriber.failures = cursors[i].parked_at_us ? 0 : cursors[i].failures;
        subscriber.store_faults = 0;
        subscriber.not_before = {};
        subscriber.parked = false;
        if (cursors[i].parked_at_us) {
            log::warning("parked subscriber tried again", {{"subscriber", subscriber.name}});
        }
    }
    parked_.set(0);
    return {};
}

void Delivery::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    advanced_.notify_all();
    if (thread_.joinable()) {
        thread_.join();
        save_positions();
    }
}

bool Delivery::stopping() {
    const std::lock_guard lock(mutex_);
    return stopping_;
}

void Delivery::committed(std::int64_t last_seq) {
    {
        const std::lock_guard lock(mutex_);
        committed_ = std::max(committed_, last_seq);
    }
    wake_.notify_one();
}

bool Delivery::drain(std::int64_t seq, std::int64_t timeout_ms) {
    std::unique_lock lock(mutex_);
    const auto caught_up = [&] {
        return std::all_of(subscribers_.begin(), subscribers_.end(),
                           [&](const Subscriber& s) { return s.parked || s.position >= seq; });
    };
    advanced_.wait_for(lock, std::chrono::milliseconds(timeout_ms),
                       [&] { return caught_up() || stopping_; });
    return caught_up();
}

Result<std::int64_t> Delivery::newest_seq() {
    return database_->read([](Tx& tx) { return event_rows::last_seq(tx); });
}

void Delivery::run() {
    std::int64_t seen = 0;
    while (!stopping()) {
        const auto newest = newest_seq();
        if (newest && *newest > seen) {
            seen = *newest;
            noticed_(seen);
        }
        bool progress = false;
        Time until = std::chrono::steady_clock::now() + std::chrono::milliseconds(kPollMs);
        for (Subscriber& subscriber : subscribers_) {
            const Step step = newest ? deliver(subscriber, *newest) : Step::idle;
            progress |= step == Step::progress;
            if (step == Step::later) {
                until = std::min(until, subscriber.not_before);
            }
        }
        if (progress) {
            continue;
        }
        std::unique_lock lock(mutex_);
        // While the store cannot be read, news of commits would only make this spin.
        wake_.wait_until(lock, until, [&] { return stopping_ || (newest && committed_ > seen); });
    }
}

Delivery::Step Delivery::deliver(Subscriber& subscriber, std::int64_t newest) {
    // Only this thread writes position and parked, so it may read them without the lock.
    if (subscriber.parked || subscriber.position >= newest || stopping()) {
        return Step::idle;
    }
    if (std::chrono::steady_clock::now() < subscriber.not_before) {
        return Step::later;
    }
    std::int64_t newest_read = newest;
    const auto events = database_->read([&](Tx& tx) -> Result<std::vector<StoredEvent>> {
        newest_read = TRY(event_rows::last_seq(tx));
        return event_rows::after(tx, subscriber.position, subscriber.names, kMaxBatch);
    });
    if (!events) {
        return store_fault(subscriber, events.error());
    }
    const Step step = events->empty() ? Step::progress : deliver_events(subscriber, *events);
    if (step == Step::progress && events->size() < static_cast<std::size_t>(kMaxBatch)) {
        // The same snapshot held no further event that was asked for.
        skip_to(subscriber, newest_read);
    }
    return step;
}

Delivery::Step Delivery::deliver_events(Subscriber& subscriber,
                                        const std::vector<StoredEvent>& events) {
    bool handler_failed = false;
    // After a failure the first event goes alone: it is the one that failed.
    if (subscriber.failures == 0) {
        const auto all = handle(subscriber, events, &handler_failed);
        if (all) {
            return Step::progress;
        }
        if (!is_handlers(handler_failed, all.error())) {
            return store_fault(subscriber, all.error());
        }
    }
    for (const StoredEvent& event : events) {
        const auto one = handle(subscriber, {&event, 1}, &handler_failed);
        if (!one) {
            return is_handlers(handler_failed, one.error())
                       ? handler_failure(subscriber, event, one.error())
                       : store_fault(subscriber, one.error());
        }
        if (stopping()) {
            return Step::idle;
        }
    }
    return Step::progress;
}

Result<void> Delivery::handle(Subscriber& subscriber, std::span<const StoredEvent> events,
                              bool* handler_failed) {
    const std::int64_t last = events.back().seq;
    TRY(database_->write([&](Tx& tx) -> Result<void> {
        for (const StoredEvent& event : events) {
            *handler_failed = true;  // stays, should the handler throw
            TRY(subscriber.handler(tx, event));
            *handler_failed = false;
        }
        return event_rows::move_cursor(tx, subscriber.name, subscriber.saved_seq, last);
    }));
    delivered_.add(events.size());
    subscriber.saved_seq = last;
    subscriber.failures = 0;
    subscriber.store_faults = 0;
    move(subscriber, last);
    return {};
}

Delivery::Step Delivery::store_fault(Subscriber& subscriber, const Error& error) {
    log::warning("event delivery waits for the store",
                 {{"subscriber", subscriber.name}, {"problem", error.message}});
    subscriber.not_before =
        std::chrono::steady_clock::now() + pause_after(++subscriber.store_faults);
    if (error.code != Code::conflict) {
        return Step::later;
    }
    // Another process delivered to this subscriber: go on from where it is now.
    const auto cursor =
        database_->write([&](Tx& tx) { return event_rows::open_cursor(tx, subscriber.name); });
    if (cursor) {
        subscriber.saved_seq = cursor->seq;
        move(subscriber, cursor->seq);
    }
    return Step::later;
}

Delivery::Step Delivery::handler_failure(Subscriber& subscriber, const StoredEvent& event,
                                         const Error& error) {
    failed_.add();
    const std::int64_t failures = ++subscriber.failures;
    const bool park = failures >= EventLog::kMaxFailures;
    const std::optional<std::int64_t> parked_at_us =
        park ? std::optional(clock_.now_us()) : std::nullopt;
    const auto saved = database_->write([&](Tx& tx) {
        return event_rows::save_failures(tx, subscriber.name, failures, parked_at_us);
    });
    if (!saved) {
        log::warning("failure count not saved", {{"subscriber", subscriber.name}});
    }
    if (!park) {
        log::warning("event handler failed", {{"subscriber", subscriber.name},
                                              {"event", event.name},
                                              {"seq", event.seq},
                                              {"failures", failures},
                                              {"problem", error.message}});
        subscriber.not_before = std::chrono::steady_clock::now() + pause_after(failures);
        return Step::later;
    }
    log::error("subscriber parked", {{"subscriber", subscriber.name},
                                     {"event", event.name},
                                     {"seq", event.seq},
                                     {"problem", error.message}});
    parked_.add(1);
    {
        const std::lock_guard lock(mutex_);
        subscriber.parked = true;
    }
    advanced_.notify_all();
    return Step::idle;
}

void Delivery::move(Subscriber& subscriber, std::int64_t seq) {
    {
        const std::lock_guard lock(mutex_);
        subscriber.position = seq;
    }
    advanced_.notify_all();
}

void Delivery::skip_to(Subscriber& subscriber, std::int64_t seq) {
    if (seq <= subscriber.position) {
        return;
    }
    move(subscriber, seq);
    // A commit for every event nobody asked for would be a waste: a restart skips them again.
    if (seq - subscriber.saved_seq < kMaxUnsavedSkip) {
        return;
    }
    const auto saved = database_->write([&](Tx& tx) {
        return event_rows::move_cursor(tx, subscriber.name, subscriber.saved_seq, seq);
    });
    if (saved) {
        subscriber.saved_seq = seq;
    }
}

void Delivery::save_positions() {
    for (Subscriber& subscriber : subscribers_) {
        if (subscriber.position > subscriber.saved_seq && !subscriber.parked) {
            const auto saved = database_->write([&](Tx& tx) {
                return event_rows::move_cursor(tx, subscriber.name, subscriber.saved_seq,
                                               subscriber.position);
            });
            if (saved) {
                subscriber.saved_seq = subscriber.position;
            }
        }
    }
}

}  // namespace credence::store
