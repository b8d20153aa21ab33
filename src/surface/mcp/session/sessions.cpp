#include "surface/mcp/session/sessions.h"

#include <array>
#include <span>
#include <utility>

#include "base/text.h"
#include "base/units.h"

namespace credence::surface::mcp {
namespace {

constexpr std::size_t kSessionIdBytes = 16;

}  // namespace

Session::Session(Parts parts)
    : id_(std::move(parts.id)),
      tenant_(parts.tenant),
      actor_(std::move(parts.actor)),
      max_streams_(parts.max_streams),
      client_(std::move(parts.introduction), std::move(parts.tenant)),
      memory_(parts.remembered_bytes) {}

std::size_t Session::max_event_bytes() const {
    const std::size_t most = memory_.max_bytes();
    return most > StreamMemory::kEventOverheadBytes ? most - StreamMemory::kEventOverheadBytes : 0;
}

void Session::carry(std::int64_t stream, Carrier carrier) {
    Carrier& held = open_[stream];
    if (held.live()) {
        held.connection->finish();
    }
    held = std::move(carrier);
}

void Session::drop(std::int64_t stream) {
    const auto found = open_.find(stream);
    if (found == open_.end()) {
        return;
    }
    if (found->second.live()) {
        found->second.connection->finish();
    }
    open_.erase(found);
}

std::int64_t Session::open_stream(const Open& open) {
    const std::scoped_lock lock(mutex_);
    if (closed_ || open_.size() >= max_streams_) {
        return 0;
    }
    const std::int64_t stream = memory_.open();
    carry(stream, open(stream));
    return stream;
}

bool Session::open_standalone(const Open& open) {
    const std::scoped_lock lock(mutex_);
    if (standalone_ != 0) {
        drop(standalone_);
        memory_.forget(standalone_);
        standalone_ = 0;
    }
    if (closed_ || open_.size() >= max_streams_) {
        return false;
    }
    standalone_ = memory_.open();
    carry(standalone_, open(standalone_));
    return true;
}

Session::Resumed Session::resume(const EventId& last, const Open& open) {
    const std::scoped_lock lock(mutex_);
    const auto replay = closed_ ? std::nullopt : memory_.after(last);
    if (!replay) {
        return Resumed::unknown;
    }
    Carrier carrier = open(last.stream);
    std::string events;
    for (const std::string& event : replay->events) {
        events += event;
    }
    if (!events.empty()) {
        carrier.connection->send(std::move(events));
    }
    if (replay->ended) {
        carrier.connection->finish();
    } else {
        carry(last.stream, std::move(carrier));
    }
    return Resumed::yes;
}

void Session::send(std::int64_t stream, std::string message) {
    const std::scoped_lock lock(mutex_);
    const auto found = open_.find(stream);
    if (found == open_.end()) {
        return;
    }
    const Carrier& carrier = found->second;
    if (!carrier.live()) {
        memory_.add(stream, std::move(message));
        return;
    }
    std::string data = message;
    const EventId id = memory_.add(stream, std::move(message));
    carrier.connection->send(sse_event(id, data));
}

bool Session::send_standalone(std::string message) {
    std::int64_t stream = 0;
    {
        const std::scoped_lock lock(mutex_);
        stream = standalone_;
    }
    if (stream != 0) {
        send(stream, std::move(message));
    }
    return stream != 0;
}

void Session::end(std::int64_t stream, std::int64_t now_us) {
    const std::scoped_lock lock(mutex_);
    drop(stream);
    memory_.end(stream, now_us);
}

void Session::pause(std::int64_t stream, std::int64_t retry_ms) {
    const std::scoped_lock lock(mutex_);
    const auto found = open_.find(stream);
    if (found == open_.end() || !found->second.live()) {
        return;
    }
    found->second.connection->send("retry: " + std::to_string(retry_ms) + "\n\n");
    found->second.connection->finish();
    found->second = Carrier{};
}

bool Session::is_connected(std::int64_t stream) const {
    const std::scoped_lock lock(mutex_);
    const auto found = open_.find(stream);
    return found != open_.end() && found->second.live();
}

bool Session::busy() const {
    if (client_.running().any()) {
        return true;
    }
    const std::scoped_lock lock(mutex_);
    for (const auto& [stream, carrier] : open_) {
        if (carrier.live()) {
            return true;
        }
    }
    return false;
}

void Session::close() {
    client_.stop_listening();
    client_.running().give_up_all();
    client_.asks().fail_all();
    const std::scoped_lock lock(mutex_);
    closed_ = true;
    while (!open_.empty()) {
        drop(open_.begin()->first);
    }
}

void Session::forget_ended_before(std::int64_t at_us) {
    const std::scoped_lock lock(mutex_);
    memory_.forget_ended_before(at_us);
    for (auto& [stream, carrier] : open_) {
        if (carrier.connection != nullptr && carrier.gone->load()) {
            carrier = Carrier{};
        }
    }
}

Sessions::Sessions(const McpSettings& settings, const Clock& clock, Random& random)
    : settings_(settings), clock_(clock), random_(random) {}

Sessions::~Sessions() {
    for (const Entry& entry : order_) {
        entry.session->close();
    }
}

std::shared_ptr<Session> Sessions::take(Order::iterator at) {
    by_id_.erase(at->session->id());
    std::shared_ptr<Session> session = std::move(at->session);
    order_.erase(at);
    return session;
}

// The longest unused session that nobody uses now, unless it was used since then.
std::shared_ptr<Session> Sessions::take_idle(std::int64_t unused_since_us) {
    for (std::size_t left = order_.size(); left > 0; --left) {
        const auto first = order_.begin();
        if (first->used_us > unused_since_us) {
            return nullptr;
        }
        if (!first->session->busy()) {
            return take(first);
        }
        first->used_us = clock_.steady_us();
        order_.splice(order_.end(), order_, first);
    }
    return nullptr;
}

Result<std::shared_ptr<Session>> Sessions::create(const Context& context,
                                                  Introduction introduction) {
    std::array<std::uint8_t, kSessionIdBytes> bytes{};
    random_.fill(bytes.data(), bytes.size());
    auto session = std::make_shared<Session>(
        Session::Parts{.id = to_hex(bytes),
                       .tenant = context.tenant,
                       .actor = context.actor,
                       .introduction = std::move(introduction),
                       .remembered_bytes = static_cast<std::size_t>(settings_.remembered_bytes),
                       .max_streams = static_cast<std::size_t>(settings_.max_streams_per_session)});
    const std::int64_t now_us = clock_.steady_us();
    std::shared_ptr<Session> evicted;
    {
        const std::scoped_lock lock(mutex_);
        if (order_.size() >= static_cast<std::size_t>(settings_.max_sessions)) {
            evicted = take_idle(now_us);
            if (evicted == nullptr) {
                return fail(Code::exhausted, "all MCP sessions are in use");
            }
        }
        order_.push_back(Entry{session, now_us});
        by_id_[session->id()] = std::prev(order_.end());
    }
    if (evicted != nullptr) {
        evicted->close();
    }
    return session;
}

std::shared_ptr<Session> Sessions::find_locked(std::string_view id, const Context& context,
                                               Order::iterator& at) {
    const auto found = by_id_.find(id);
    if (found == by_id_.end() || !found->second->session->belongs_to(context)) {
        return nullptr;
    }
    at = found->second;
    return at->session;
}

std::shared_ptr<Session> Sessions::find(std::string_view id, const Context& context) {
    const std::scoped_lock lock(mutex_);
    Order::iterator at;
    std::shared_ptr<Session> session = find_locked(id, context, at);
    if (session == nullptr) {
        return nullptr;
    }
    const std::int64_t now_us = clock_.steady_us();
    if (now_us - at->used_us > settings_.session_idle_ms * kUsPerMs && !session->busy()) {
        take(at);
        return nullptr;
    }
    at->used_us = now_us;
    order_.splice(order_.end(), order_, at);
    return session;
}

bool Sessions::end(std::string_view id, const Context& context) {
    std::shared_ptr<Session> session;
    {
        const std::scoped_lock lock(mutex_);
        Order::iterator at;
        session = find_locked(id, context, at);
        if (session == nullptr) {
            return false;
        }
        take(at);
    }
    session->close();
    return true;
}

void Sessions::sweep() {
    const std::int64_t now_us = clock_.steady_us();
    std::vector<std::shared_ptr<Session>> idle;
    std::vector<std::shared_ptr<Session>> left;
    {
        const std::scoped_lock lock(mutex_);
        while (auto session = take_idle(now_us - settings_.session_idle_ms * kUsPerMs)) {
            idle.push_back(std::move(session));
        }
        left.reserve(order_.size());
        for (const Entry& entry : order_) {
            left.push_back(entry.session);
        }
    }
    for (const auto& session : idle) {
        session->close();
    }
    for (const auto& session : left) {
        session->client().asks().expire(now_us);
        session->forget_ended_before(now_us - kResumableUs);
    }
}

std::size_t Sessions::size() const {
    const std::scoped_lock lock(mutex_);
    return order_.size();
}

}  // namespace credence::surface::mcp
