#include "engine/store/event.h"

#include <algorithm>

#include "engine/store/delivery.h"
#include "engine/store/event_rows.h"
#include "engine/store/watchers.h"

namespace credence::store {

void describe(Describe<StoredEvent>& d) {
    d.field<&StoredEvent::seq>("Place in the log; grows, never reused");
    d.field<&StoredEvent::tenant>("Tenant it belongs to");
    d.field<&StoredEvent::name>("What happened").example("\"job_changed\"");
    d.field<&StoredEvent::at_us>("When, in microseconds UTC");
    d.field<&StoredEvent::actor>("Who caused it");
    d.field<&StoredEvent::body>("The event itself");
}

struct EventLog::Impl {
    Impl(const Clock& clock, Metrics& metrics) : delivery(clock, metrics) {}

    Delivery delivery;
    Watchers watchers;
};

EventLog::EventLog(const Clock& clock, Metrics& metrics)
    : impl_(std::make_unique<Impl>(clock, metrics)) {}

EventLog::~EventLog() {
    stop();
}

void EventLog::subscribe(std::string subscriber, std::vector<std::string> names,
                         EventHandler handler) {
    impl_->delivery.subscribe(std::move(subscriber), std::move(names), std::move(handler));
}

Result<void> EventLog::start(Database& database) {
    // The poll of the delivery thread also sees what other processes wrote: tell the watchers.
    TRY(impl_->delivery.start(database, [this](std::int64_t seq) { impl_->watchers.notify(seq); }));
    impl_->watchers.start();
    return {};
}

void EventLog::stop() {
    impl_->delivery.stop();
    impl_->watchers.stop();
}

bool EventLog::drain(std::int64_t seq, std::int64_t timeout_ms) {
    return impl_->delivery.drain(seq, timeout_ms);
}

void EventLog::committed(std::int64_t last_seq) {
    impl_->delivery.committed(last_seq);
    impl_->watchers.notify(last_seq);
}

std::int64_t EventLog::watch(std::function<void(std::int64_t)> watcher) {
    return impl_->watchers.add(std::move(watcher));
}

void EventLog::unwatch(std::int64_t token) {
    impl_->watchers.remove(token);
}

Result<std::vector<StoredEvent>> EventLog::read(Tx& tx, std::string_view tenant, std::int64_t after,
                                                const std::vector<std::string>& names, int limit) {
    constexpr int kMaxLimit = 1'000;
    if (limit < 1 || limit > kMaxLimit) {
        return fail(Code::invalid, "must be between 1 and 1000", "limit");
    }
    return event_rows::of_tenant(tx, tenant, after, names, limit);
}

Result<std::int64_t> EventLog::forget(Tx& tx, std::string_view name, std::int64_t before_us,
                                      std::int64_t limit) {
    return event_rows::forget(tx, name, before_us, limit);
}

Result<std::int64_t> EventLog::last_seq(Tx& tx) {
    return event_rows::last_seq(tx);
}

}  // namespace credence::store
