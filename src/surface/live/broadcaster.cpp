#include "surface/live/broadcaster.h"

#include <algorithm>

#include "base/clock.h"
#include "base/log.h"
#include "base/units.h"
#include "surface/live/broadcaster_channel.h"

namespace credence::surface {
namespace {

constexpr std::int64_t kLongestWaitUs = 60'000'000;
constexpr std::uint16_t kClosedFlood = 1008;

}  // namespace

Broadcaster::Broadcaster(LiveFeed feed, LiveIo io, LiveLimits limits, Metrics& metrics)
    : feed_(std::move(feed)), io_(std::move(io)), limits_(limits), metrics_(metrics, feed_.name) {}

Broadcaster::~Broadcaster() {
    inbox_->close();
}

void Broadcaster::open(const ClientPointer& client) {
    inbox_->post([this, client] { accept(client); });
}

void Broadcaster::message(const ClientPointer& client, std::string_view text) {
    inbox_->post([this, client, owned = std::string(text)] { hear(client, owned); });
}

void Broadcaster::flooded(const ClientPointer& client) {
    inbox_->post([this, client] {
        if (client->state != State::gone) {
            metrics_.dropped("flood");
            drop(client, kClosedFlood, "too many messages");
        }
    });
}

void Broadcaster::closed(const ClientPointer& client) {
    inbox_->post([this, client] { forget(client); });
}

void Broadcaster::committed(std::int64_t last_seq) {
    std::int64_t known = committed_seq_.load();
    while (known < last_seq && !committed_seq_.compare_exchange_weak(known, last_seq)) {
    }
    inbox_->nudge();
}

void Broadcaster::run() {
    // Real time passes even when the testing clock stands still.
    const SystemClock clock;
    std::int64_t next_us = 0;
    do {
        next_us = turn(clock.steady_us());
    } while (inbox_->wait(std::max<std::int64_t>(0, next_us - clock.steady_us())));
}

void Broadcaster::stop() {
    inbox_->close();
}

std::int64_t Broadcaster::turn(std::int64_t steady_us) {
    now_us_ = steady_us;
    call_again_us_ = steady_us + kLongestWaitUs;
    if (next_heartbeat_us_ == 0) {
        next_heartbeat_us_ = steady_us + limits_.heartbeat_us;
    }
    for (const LiveInbox::Task& task : inbox_->take()) {
        task();
    }
    for (auto next = channels_.begin(); next != channels_.end();) {
        Channel& channel = *next->second;
        if (channel.clients.empty() && !channel.snapshot_under_way) {
            next = channels_.erase(next);
            continue;
        }
        pump(channel);
        start_snapshot(channel);
        ++next;
    }
    replay_all();
    heartbeat();
    check_tokens();
    return std::min(call_again_us_, next_heartbeat_us_);
}

Broadcaster::Channel* Broadcaster::channel_of(const LiveClient& client) {
    if (client.state == State::token || client.state == State::gone || !client.context) {
        return nullptr;
    }
    const auto found = channels_.find(client.context->tenant);
    return found == channels_.end() ? nullptr : found->second.get();
}

Result<Broadcaster::Channel*> Broadcaster::channel_for(const std::string& tenant) {
    std::unique_ptr<Channel>& channel = channels_[tenant];
    if (channel == nullptr) {
        auto batch = io_.read(tenant, std::nullopt);
        if (!batch) {
            channels_.erase(tenant);
            return std::unexpected(std::move(batch).error());
        }
        channel = std::make_unique<Channel>();
        channel->tenant = tenant;
        channel->cursor = batch->last_seq;
        channel->memory_base = batch->last_seq;
    }
    return channel.get();
}

void Broadcaster::pump(Channel& channel) {
    const std::int64_t newest = committed_seq_.load();
    if (channel.cursor >= newest) {
        return;
    }
    if (now_us_ < channel.retry_at_us) {
        call_again_us_ = std::min(call_again_us_, channel.retry_at_us);
        return;
    }
    auto batch = io_.read(channel.tenant, channel.cursor);
    if (!batch) {
        log::warning(
            "live feed cannot read",
            {{"feed", feed_.name}, {"tenant", channel.tenant}, {"reason", batch.error().message}});
        channel.retry_at_us = now_us_ + kRetryUs;
        call_again_us_ = std::min(call_again_us_, channel.retry_at_us);
        return;
    }
    // Nothing for us lies between the last event and the log's end.
    const std::int64_t through =
        batch->more ? batch->events.back().seq : std::max(channel.cursor, batch->last_seq);
    for (store::StoredEvent& stored : batch->events) {
        if (matches_topic(feed_.topics, stored.name)) {
            auto event = std::make_shared<const LiveEvent>(feed_, std::move(stored));
            channel.cursor = event->seq();
            tell_all(channel, *event);
            remember(channel, std::move(event));
        }
    }
    channel.cursor = through;
    if (batch->more) {
        call_again_us_ = now_us_;
    }
}

void Broadcaster::remember(Channel& channel, std::shared_ptr<const LiveEvent> event) {
    channel.memory_bytes += event->bytes();
    channel.memory.push_back(std::move(event));
    while (channel.memory.size() > limits_.remembered_events ||
           (channel.memory_bytes > kMaxMemoryBytes && channel.memory.size() > 1)) {
        channel.memory_base = channel.memory.front()->seq();
        channel.memory_bytes -= channel.memory.front()->bytes();
        channel.memory.pop_front();
    }
}

void Broadcaster::tell_all(Channel& channel, const LiveEvent& event) {
    std::vector<ClientPointer> lost;
    std::uint64_t told = 0;
    for (auto& [key, group] : channel.groups) {
        const auto text = event.text_for(group.filter);
        if (text == nullptr) {
            continue;
        }
        for (const ClientPointer& client : group.clients) {
            if (client->socket->send(text)) {
                ++told;
            } else {
                lost.push_back(client);
            }
        }
    }
    (event.is_update() ? metrics_.updates : metrics_.events).add(told);
    if (told > 0) {
        metrics_.delay.observe_us(std::max<std::int64_t>(0, io_.now_us() - event.at_us()));
    }
    for (const ClientPointer& client : lost) {
        forget(client);  // its connection closes itself
    }
}

void Broadcaster::heartbeat() {
    if (now_us_ < next_heartbeat_us_) {
        return;
    }
    next_heartbeat_us_ = now_us_ + limits_.heartbeat_us;
    for (const auto& [tenant, channel] : channels_) {
        const auto text = std::make_shared<const std::string>(
            bare_message("heartbeat", {channel->cursor, io_.now_us()}));
        std::vector<ClientPointer> lost;
        for (const ClientPointer& client : channel->clients) {
            if (client->state != State::live) {
                continue;  // has not heard everything up to the cursor yet
            }
            if (!client->socket->send(text)) {
                lost.push_back(client);
                continue;
            }
            metrics_.heartbeats.add();
        }
        for (const ClientPointer& client : lost) {
            forget(client);
        }
    }
}

void Broadcaster::check_tokens() {
    std::vector<ClientPointer> late;
    for (const ClientPointer& client : unnamed_) {
        if (client->token_deadline_us <= now_us_) {
            late.push_back(client);
        } else {
            call_again_us_ = std::min(call_again_us_, client->token_deadline_us);
        }
    }
    for (const ClientPointer& client : late) {
        metrics_.dropped("token");
        drop(client, kBadToken, "no key was sent in time");
    }
}

void Broadcaster::enter(Channel& channel, const ClientPointer& client) {
    client->state = State::live;
    client->position = channel.cursor;
    client->group = client->request.filter.key();
    Channel::Group& group = channel.groups[client->group];
    if (group.clients.empty()) {
        group.filter = client->request.filter;
    }
    group.clients.insert(client);
    if (client->resuming) {
        client->resuming = false;
        metrics_.replies.add();
        tell(client, std::make_shared<const std::string>(
                         resumed_message(client->replayed, stamp_of(*client))));
    }
}

void Broadcaster::leave(Channel& channel, const ClientPointer& client) {
    if (client->state != State::live) {
        return;
    }
    client->position = channel.cursor;
    const auto found = channel.groups.find(client->group);
    if (found != channel.groups.end()) {
        found->second.clients.erase(client);
        if (found->second.clients.empty()) {
            channel.groups.erase(found);
        }
    }
}

void Broadcaster::forget(const ClientPointer& client) {
    if (client->state == State::gone) {
        return;
    }
    if (Channel* channel = channel_of(*client)) {
        leave(*channel, client);
        channel->clients.erase(client);
        std::erase(channel->snapshot_waiting, client);
        std::erase(channel->snapshot_running, client);
        metrics_.clients.add(-1);
    }
    std::erase(unnamed_, client);
    std::erase(behind_, client);
    client->state = State::gone;
    client->socket.reset();
}

void Broadcaster::drop(const ClientPointer& client, std::uint16_t code, std::string_view reason) {
    if (client->state == State::gone) {
        return;
    }
    const std::shared_ptr<net::WebSocket> socket = client->socket;
    forget(client);
    socket->close(code, reason);
}

bool Broadcaster::tell(const ClientPointer& client, std::shared_ptr<const std::string> text) {
    if (client->state == State::gone) {
        return false;
    }
    if (client->socket->send(std::move(text))) {
        return true;
    }
    forget(client);
    return false;
}

LiveStamp Broadcaster::stamp_of(const LiveClient& client) {
    const Channel* channel = client.state == State::live ? channel_of(client) : nullptr;
    return {channel != nullptr ? channel->cursor : client.position, io_.now_us()};
}

}  // namespace credence::surface
