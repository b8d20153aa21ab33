#include "surface/live/live_surface.h"

#include <algorithm>
#include <optional>

#include "base/log.h"
#include "base/units.h"
#include "base/worker_pool.h"
#include "surface/http/exchange.h"
#include "surface/http/headers.h"
#include "surface/http/problem.h"
#include "surface/live/broadcaster.h"

namespace credence::surface {
namespace {

constexpr int kReadEvents = 256;
constexpr std::uint16_t kClosedFull = 1013;
constexpr std::string_view kTooSlow = "too slow; resume with after=";

// Messages of one client, counted on its I/O thread.
class FloodGate {
public:
    bool admits(std::int64_t steady_us) {
        if (steady_us - window_start_us_ >= kUsPerSecond) {
            window_start_us_ = steady_us;
            count_ = 0;
        }
        return ++count_ <= LiveSurface::kMaxMessagesASecond;
    }

private:
    static constexpr std::int64_t kUsPerSecond = 1'000'000;
    std::int64_t window_start_us_ = 0;
    int count_ = 0;
};

Error lacks_scope(std::string_view scope) {
    return Error{Code::forbidden, "needs the scope " + std::string(scope), {}, 0};
}

net::HttpResponse live_problem(int status, Code code, std::string_view detail) {
    Problem problem;
    problem.status = status;
    problem.code = code;
    problem.detail = detail;
    if (status == 426) {
        problem.extra_headers = "Upgrade: websocket\r\n";
    }
    if (status == 405) {
        problem.extra_headers = "Allow: GET\r\n";
    }
    return problem_response(problem);
}

bool has_prefixes(const std::vector<std::string>& topics) {
    return std::ranges::any_of(topics,
                               [](const std::string& topic) { return topic.ends_with('*'); });
}

auto reader(store::Database& database, const LiveFeed& feed) {
    // Prefixes are matched in memory.
    const auto names = has_prefixes(feed.topics) ? std::vector<std::string>() : feed.topics;
    return [&database, names](const std::string& tenant,
                              std::optional<std::int64_t> after) -> Result<LiveBatch> {
        return database.read([&](store::Tx& tx) -> Result<LiveBatch> {
            LiveBatch batch;
            if (after) {
                batch.events = TRY(store::EventLog::read(tx, tenant, *after, names, kReadEvents));
                batch.more = batch.events.size() == static_cast<std::size_t>(kReadEvents);
            }
            batch.last_seq = TRY(store::EventLog::last_seq(tx));
            return batch;
        });
    };
}

}  // namespace

struct LiveSurface::Room {
    Room(LiveFeed feed, LiveIo io, LiveLimits limits, Metrics& metrics)
        : broadcaster(std::move(feed), std::move(io), limits, metrics) {}

    Broadcaster broadcaster;
    WorkerPool thread{"live", 1, 1};  // last: it ends first
};

LiveSurface::LiveSurface(LiveParts parts) : parts_(std::move(parts)) {}

Result<std::unique_ptr<LiveSurface>> LiveSurface::open(LiveParts parts) {
    auto surface = std::unique_ptr<LiveSurface>(new LiveSurface(std::move(parts)));
    std::vector<LiveFeed> feeds = surface->parts_.feeds;
    feeds.push_back({.name = "events",
                     .subject = {},
                     .snapshot_operation = {},
                     .update_event = {},
                     .topics = {},
                     .scope = "events:read"});
    for (LiveFeed& feed : feeds) {
        TRY(surface->add(std::move(feed)));
    }
    surface->watch_token_ =
        surface->parts_.events.watch([self = surface.get()](std::int64_t last_seq) {
            for (const auto& room : self->rooms_) {
                room->broadcaster.committed(last_seq);
            }
        });
    return surface;
}

Result<void> LiveSurface::add(LiveFeed feed) {
    LiveIo io;
    if (!feed.snapshot_operation.empty()) {
        const Operation* operation = parts_.dispatcher.catalog().find(feed.snapshot_operation);
        if (operation == nullptr) {
            return fail(Code::internal, "the live feed " + feed.name +
                                            " has a snapshot operation that does not exist: " +
                                            feed.snapshot_operation);
        }
        if (feed.scope.empty()) {
            feed.scope = operation->scope;
        }
        io.snapshot = [&dispatcher = parts_.dispatcher, operation](
                          const Context& context, std::function<void(Result<std::string>)> done) {
            dispatcher.dispatch(*operation, context, "{}", 0,
                                [done = std::move(done)](Result<Answer> answer) {
                                    done(answer ? Result<std::string>(std::move(answer->json))
                                                : std::unexpected(answer.error()));
                                });
        };
    }
    io.read = reader(parts_.database, feed);
    io.admit = [&dispatcher = parts_.dispatcher, scope = feed.scope](
                   const LiveClient& client, std::string_view token) -> Result<Context> {
        Credentials credentials;
        credentials.bearer = token;
        credentials.address = client.peer;
        credentials.name_space = client.name_space;
        credentials.surface = "live";
        Admission admission = TRY(dispatcher.admit(credentials));
        if (!admission.context.scopes.allow(scope)) {
            return std::unexpected(lacks_scope(scope));
        }
        return std::move(admission.context);
    };
    io.now_us = [&clock = parts_.clock] { return clock.now_us(); };
    LiveLimits limits;
    limits.heartbeat_us = parts_.options.heartbeat_ms * kUsPerMs;
    limits.token_timeout_us = parts_.options.token_timeout_ms * kUsPerMs;
    limits.max_queued_bytes = static_cast<std::size_t>(parts_.options.max_queued_bytes);
    limits.remembered_events = static_cast<std::size_t>(parts_.options.remembered_events);
    auto room = std::make_unique<Room>(std::move(feed), std::move(io), limits, parts_.metrics);
    const bool taken =
        room->thread.submit([broadcaster = &room->broadcaster] { broadcaster->run(); });
    CHECK(taken, "the live thread did not start");
    rooms_.push_back(std::move(room));
    return {};
}

LiveSurface::~LiveSurface() {
    stop();
}

void LiveSurface::stop() {
    if (watch_token_ != 0) {
        parts_.events.unwatch(std::exchange(watch_token_, 0));
    }
    for (const auto& room : rooms_) {
        room->broadcaster.stop();
        room->thread.stop();
    }
}

LiveSurface::Room* LiveSurface::room_at(std::string_view path) {
    if (path == "/" || path.empty()) {
        return rooms_.front().get();
    }
    for (const auto& room : rooms_) {
        if (path.substr(1) == room->broadcaster.feed().name) {
            return room.get();
        }
    }
    return nullptr;
}

void LiveSurface::handle(const net::HttpRequest& request, net::Responder responder) {
    if (auto refused = refuse_foreign(request, {parts_.loopback, true})) {
        responder.send(*std::move(refused));
        return;
    }
    Room* room = room_at(request.path);
    if (room == nullptr && request.path != "/health") {
        responder.send(live_problem(404, Code::not_found, "there is no such feed"));
        return;
    }
    if (request.method != "GET") {
        responder.send(live_problem(405, Code::unsupported, "only GET is supported here"));
        return;
    }
    if (room == nullptr) {
        health(std::move(responder));
        return;
    }
    upgrade(*room, request, std::move(responder));
}

void LiveSurface::health(net::Responder responder) {
    const bool ready = parts_.ready.load(std::memory_order_relaxed);
    net::HttpResponse response;
    response.status = ready ? 200 : 503;
    response.body = ready ? R"({"status":"ready"})" : R"({"status":"not_ready"})";
    response.extra_headers = common_headers();
    responder.send(std::move(response));
}

void LiveSurface::upgrade(Room& room, const net::HttpRequest& request, net::Responder responder) {
    const bool asks_later =
        parts_.requires_keys && bearer_token(request.header("Authorization")).empty();
    std::optional<Admission> admission;
    if (!asks_later) {
        auto admitted = admit(parts_.dispatcher, request, "live");
        if (!admitted) {
            responder.send(refusal(admitted.error(), request));
            return;
        }
        const std::string& scope = room.broadcaster.feed().scope;
        if (!admitted->context.scopes.allow(scope)) {
            responder.send(ReplyHead(*admitted).failure(lacks_scope(scope)));
            return;
        }
        admission = *std::move(admitted);
    }
    if (!net::is_websocket_upgrade(request)) {
        responder.send(
            live_problem(426, Code::unsupported, "the live feed is a WebSocket: send an upgrade"));
        return;
    }
    auto wanted = parse_live_request(room.broadcaster.feed(), request.query);
    if (!wanted) {
        responder.send(refusal(wanted.error(), request));
        return;
    }
    if (clients_.load() >= parts_.options.max_clients) {
        room.broadcaster.metrics().dropped("full");
        responder.send(
            refusal({Code::unavailable, "too many live clients", {}, kBusyRetryMs}, request));
        return;
    }
    responder.upgrade(
        handlers(room, *std::move(wanted), admission ? &*admission : nullptr, request));
}

net::WebSocketHandlers LiveSurface::handlers(Room& room, LiveRequest request,
                                             const Admission* admission,
                                             const net::HttpRequest& http) {
    auto client = std::make_shared<LiveClient>();
    client->peer = http.peer;
    client->name_space = http.header("Credence-Namespace");
    client->request = std::move(request);
    if (admission != nullptr) {
        client->context = admission->context;
        client->authenticated = !bearer_token(http.header("Authorization")).empty();
    }
    Broadcaster& broadcaster = room.broadcaster;
    net::WebSocketHandlers out;
    out.max_queued_bytes = static_cast<std::size_t>(parts_.options.max_queued_bytes);
    out.max_message_bytes = kMaxMessageBytes;
    out.ping_every_ms = parts_.options.ping_ms;
    out.slow_reason = kTooSlow;
    out.on_open = [this, &broadcaster, client](std::shared_ptr<net::WebSocket> socket) {
        if (++clients_ > parts_.options.max_clients) {
            --clients_;
            broadcaster.metrics().dropped("full");
            socket->close(kClosedFull, "too many live clients");
            return;
        }
        client->opened = true;
        client->socket = std::move(socket);
        broadcaster.open(client);
    };
    out.on_message = [&broadcaster, client, gate = FloodGate()](std::string_view text) mutable {
        if (!client->opened || client->flooding) {
            return;
        }
        client->flooding = !gate.admits(SystemClock().steady_us());
        if (client->flooding) {
            broadcaster.flooded(client);
        } else {
            broadcaster.message(client, text);
        }
    };
    out.on_drop = [&broadcaster, client](std::string_view why) {
        broadcaster.metrics().dropped(why);
        log::info("live client dropped",
                  {{"feed", broadcaster.feed().name}, {"peer", client->peer}, {"reason", why}});
    };
    out.on_close = [this, &broadcaster, client] {
        if (std::exchange(client->opened, false)) {
            --clients_;
            broadcaster.closed(client);
        }
    };
    return out;
}

}  // namespace credence::surface
