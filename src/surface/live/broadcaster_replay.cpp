// Clients that are behind the channel: what they missed, a batch at a time.
#include <algorithm>

#include "base/log.h"
#include "surface/live/broadcaster.h"
#include "surface/live/broadcaster_channel.h"

namespace credence::surface {
namespace {

constexpr std::size_t kReplayEvents = 256;
constexpr std::size_t kReplayBytes = std::size_t{512} << 10;
constexpr std::uint16_t kClosedUnreadable = 1011;

}  // namespace

// The last text of a batch. The connection lets go of it when it takes it from its queue: that is
// when the client is ready for more.
struct Broadcaster::LastText {
    LastText(std::shared_ptr<const std::string> t, std::function<void()> d)
        : text(std::move(t)), done(std::move(d)) {}
    LastText(const LastText&) = delete;
    LastText& operator=(const LastText&) = delete;
    ~LastText() { done(); }

    std::shared_ptr<const std::string> text;
    std::function<void()> done;
};

void Broadcaster::replay_all() {
    bool may_read = true;  // one read a turn, so that those who are live wait for one at most
    const std::vector<ClientPointer> clients = std::exchange(behind_, {});
    for (const ClientPointer& client : clients) {
        Channel* channel = channel_of(*client);
        if (channel == nullptr || client->state != State::behind) {
            continue;
        }
        // Who knows of events newer than our last look waits for the next look.
        const bool waits = client->draining || client->position > channel->cursor;
        if (!waits && replay(*channel, client, may_read)) {
            may_read = false;
        }
        if (client->state == State::behind) {
            behind_.push_back(client);
            if (!client->draining && !waits) {
                call_again_us_ = now_us_;
            }
        }
    }
}

bool Broadcaster::replay(Channel& channel, const ClientPointer& client, bool may_read) {
    std::vector<std::shared_ptr<const LiveEvent>> events;
    if (client->position >= channel.memory_base) {
        const auto first = std::ranges::upper_bound(
            channel.memory, client->position, {},
            [](const std::shared_ptr<const LiveEvent>& event) { return event->seq(); });
        const auto count = std::min<std::ptrdiff_t>(channel.memory.end() - first,
                                                    static_cast<std::ptrdiff_t>(kReplayEvents));
        events.assign(first, first + count);
        const bool all = first + count == channel.memory.end();
        const std::int64_t through = all ? channel.cursor : events.back()->seq();
        deliver(channel, client, std::move(events), std::max(through, client->position));
        return false;
    }
    if (!may_read) {
        return false;
    }
    auto batch = io_.read(channel.tenant, client->position);
    if (!batch) {
        metrics_.dropped("unreadable");
        drop(client, kClosedUnreadable, "the events could not be read; resume with after=");
        return true;
    }
    for (store::StoredEvent& event : batch->events) {
        // Later ones are told with everybody else.
        if (event.seq <= channel.cursor && matches_topic(feed_.topics, event.name)) {
            events.push_back(std::make_shared<const LiveEvent>(feed_, std::move(event)));
        }
    }
    const std::int64_t read_through =
        batch->more ? std::min(batch->events.back().seq, channel.cursor) : channel.cursor;
    if (read_through == channel.cursor && events.size() <= limits_.remembered_events) {
        // The next one who comes back after a restart need not read the store.
        channel.memory.assign(events.begin(), events.end());
        channel.memory_base = client->position;
        channel.memory_bytes = 0;
        for (const auto& event : events) {
            channel.memory_bytes += event->bytes();
        }
    }
    deliver(channel, client, std::move(events), read_through);
    return true;
}

void Broadcaster::deliver(Channel& channel, const ClientPointer& client,
                          std::vector<std::shared_ptr<const LiveEvent>> events,
                          std::int64_t through_seq) {
    const std::size_t most_bytes = std::min(kReplayBytes, limits_.max_queued_bytes / 2);
    std::shared_ptr<const std::string> held;  // sent when it is known whether more follow
    std::int64_t held_seq = 0;
    std::size_t bytes = 0;
    for (const auto& event : events) {
        auto text = event->text_for(client->request.filter);
        if (text == nullptr) {
            continue;
        }
        if (held != nullptr && !tell(client, std::move(held))) {
            return;
        }
        bytes += text->size();
        held = std::move(text);
        held_seq = event->seq();
        ++client->replayed;
        (event->is_update() ? metrics_.updates : metrics_.events).add();
        if (bytes >= most_bytes) {
            through_seq = std::min(through_seq, held_seq);
            break;
        }
    }
    client->position = std::max(client->position, through_seq);
    if (held == nullptr || client->position >= channel.cursor) {
        if (held != nullptr && !tell(client, std::move(held))) {
            return;
        }
        if (client->position >= channel.cursor) {
            enter(channel, client);
        }
        return;
    }
    client->draining = true;
    const std::string* const pointer = held.get();
    auto last = std::make_shared<LastText>(
        std::move(held), [inbox = inbox_, weak = std::weak_ptr<LiveClient>(client)] {
            inbox->post([weak] {
                if (const ClientPointer alive = weak.lock()) {
                    alive->draining = false;
                }
            });
        });
    tell(client, std::shared_ptr<const std::string>(std::move(last), pointer));
}

}  // namespace credence::surface
