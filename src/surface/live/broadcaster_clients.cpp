// What clients ask for, and their snapshots.
#include <algorithm>

#include "base/log.h"
#include "surface/live/broadcaster.h"
#include "surface/live/broadcaster_channel.h"

namespace credence::surface {
namespace {

// Close codes of RFC 6455, section 7.4.1, and its registry.
constexpr std::uint16_t kClosedPolicy = 1008;
constexpr std::uint16_t kClosedInternal = 1011;
constexpr std::uint16_t kClosedTryLater = 1013;

std::shared_ptr<const std::string> shared_text(std::string text) {
    return std::make_shared<const std::string>(std::move(text));
}

}  // namespace

void Broadcaster::accept(const ClientPointer& client) {
    if (client->state == State::gone) {
        return;
    }
    if (!client->context) {
        client->token_deadline_us = now_us_ + limits_.token_timeout_us;
        unnamed_.push_back(client);
        return;
    }
    join(client);
}

void Broadcaster::join(const ClientPointer& client) {
    auto found = channel_for(client->context->tenant);
    if (!found) {
        metrics_.dropped("unreadable");
        drop(client, kClosedInternal, "the events could not be read");
        return;
    }
    Channel& channel = **found;
    channel.clients.insert(client);
    metrics_.clients.add(1);
    client->state = State::fresh;
    client->position = channel.cursor;
    metrics_.replies.add();
    if (!tell(client, shared_text(connected_message(feed_, client->authenticated,
                                                    {channel.cursor, io_.now_us()})))) {
        return;
    }
    if (client->request.after) {
        resume(client, *client->request.after);
    } else {
        ask_snapshot(channel, client);
    }
}

void Broadcaster::hear(const ClientPointer& client, const std::string& text) {
    if (client->state == State::gone) {
        return;
    }
    auto message = parse_client_message(feed_, text);
    if (client->state != State::token) {
        if (message && message->kind != ClientMessage::Kind::token) {
            obey(client, *std::move(message));
            return;
        }
        refuse(client, message ? Error{Code::invalid, "you are connected already", "token", 0}
                               : message.error());
        return;
    }
    const bool has_token = message && message->kind == ClientMessage::Kind::token;
    auto context = has_token ? io_.admit(*client, message->token)
                             : fail(Code::unauthenticated, "send {\"token\":KEY} first");
    if (!context) {
        metrics_.dropped("token");
        drop(client, kBadToken, context.error().message);
        return;
    }
    std::erase(unnamed_, client);
    client->context = *std::move(context);
    client->authenticated = true;
    join(client);
}

void Broadcaster::obey(const ClientPointer& client, ClientMessage message) {
    using Kind = ClientMessage::Kind;
    Channel& channel = *channel_of(*client);
    switch (message.kind) {
        case Kind::subscribe:
        case Kind::unsubscribe: {
            const bool was_live = client->state == State::live;
            leave(channel, client);
            client->request.filter = std::move(message.filter);
            client->request.filter.nothing = message.kind == Kind::unsubscribe;
            if (was_live) {
                enter(channel, client);
            }
            const LiveStamp stamp = stamp_of(*client);
            metrics_.replies.add();
            tell(client,
                 shared_text(message.kind == Kind::unsubscribe
                                 ? unsubscribed_message(stamp)
                                 : confirmed_message(feed_, client->request.filter, stamp)));
            return;
        }
        case Kind::snapshot:
            if (!io_.snapshot) {
                refuse(client, Error{Code::unsupported, "this feed has no snapshot", "type", 0});
            } else if (!std::ranges::count(channel.snapshot_waiting, client)) {
                ask_snapshot(channel, client);
            }
            return;
        case Kind::resume:
            resume(client, message.after);
            return;
        case Kind::ping:
        case Kind::token:
            metrics_.replies.add();
            tell(client, shared_text(bare_message("pong", stamp_of(*client))));
            return;
    }
}

void Broadcaster::resume(const ClientPointer& client, std::int64_t after) {
    Channel& channel = *channel_of(*client);
    if (after > channel.cursor) {
        // What it knows of may be newer than our last look.
        const auto batch = io_.read(channel.tenant, std::nullopt);
        if (!batch || after > batch->last_seq) {
            if (client->state == State::fresh) {
                metrics_.dropped("errors");
                drop(client, kClosedPolicy, "after= is beyond the newest event");
            } else {
                refuse(client, Error{Code::invalid, "is beyond the newest event", "after", 0});
            }
            return;
        }
        committed(batch->last_seq);
    }
    leave(channel, client);
    std::erase(channel.snapshot_waiting, client);
    std::erase(channel.snapshot_running, client);
    client->state = State::behind;
    client->position = after;
    client->replayed = 0;
    client->resuming = true;
    std::erase(behind_, client);
    behind_.push_back(client);
}

void Broadcaster::refuse(const ClientPointer& client, const Error& error) {
    metrics_.replies.add();
    if (tell(client, shared_text(error_message(error, stamp_of(*client)))) &&
        ++client->errors >= kMaxErrors) {
        metrics_.dropped("errors");
        drop(client, kClosedPolicy, "too many messages that are no messages");
    }
}

void Broadcaster::ask_snapshot(Channel& channel, const ClientPointer& client) {
    if (!io_.snapshot) {
        client->state = State::behind;
        behind_.push_back(client);
        return;
    }
    // One under way is good enough for a client that has heard nothing yet.
    const bool joins = client->state == State::fresh && channel.snapshot_under_way;
    (joins ? channel.snapshot_running : channel.snapshot_waiting).push_back(client);
}

void Broadcaster::start_snapshot(Channel& channel) {
    if (channel.snapshot_under_way || channel.snapshot_waiting.empty()) {
        return;
    }
    std::vector<ClientPointer> later;
    for (const ClientPointer& client : channel.snapshot_waiting) {
        if (client->state == State::behind) {
            later.push_back(client);  // first it hears of what it missed
            continue;
        }
        if (client->state == State::live) {
            leave(channel, client);
            client->state = State::paused;
        }
        channel.snapshot_running.push_back(client);
    }
    channel.snapshot_waiting = std::move(later);
    if (channel.snapshot_running.empty()) {
        return;
    }
    channel.snapshot_under_way = true;
    channel.snapshot_seq = channel.cursor;
    io_.snapshot(
        *channel.snapshot_running.front()->context,
        [this, inbox = inbox_, tenant = channel.tenant](Result<std::string> data) {
            auto shared = std::make_shared<Result<std::string>>(std::move(data));
            inbox->post([this, tenant, shared] { end_snapshot(tenant, std::move(*shared)); });
        });
}

void Broadcaster::end_snapshot(const std::string& tenant, Result<std::string> data) {
    const auto found = channels_.find(tenant);
    if (found == channels_.end()) {
        return;
    }
    Channel& channel = *found->second;
    channel.snapshot_under_way = false;
    const std::vector<ClientPointer> clients = std::exchange(channel.snapshot_running, {});
    if (!data) {
        log::warning("live snapshot failed",
                     {{"feed", feed_.name}, {"tenant", tenant}, {"reason", data.error().message}});
    }
    const SplitData split(data ? *std::move(data) : std::string("null"), feed_.subject);
    const LiveStamp stamp{channel.snapshot_seq, io_.now_us()};
    const auto whole = shared_text(snapshot_message(split.whole(), stamp));
    for (const ClientPointer& client : clients) {
        if (client->state != State::fresh && client->state != State::paused) {
            continue;
        }
        if (!data && client->state == State::fresh) {
            metrics_.dropped("unreadable");
            drop(client, kClosedTryLater, "the snapshot could not be taken; try again later");
            continue;
        }
        client->state = State::behind;
        behind_.push_back(client);
        if (!data) {
            refuse(client, Error{Code::unavailable, "the snapshot could not be taken", {}, 0});
            continue;
        }
        client->position = channel.snapshot_seq;
        const LiveFilter& filter = client->request.filter;
        metrics_.snapshots.add();
        tell(client, filter.subjects.empty()
                         ? whole
                         : shared_text(snapshot_message(*split.narrowed(filter, true), stamp)));
    }
}

}  // namespace credence::surface
