// How late live clients hear: one update a second to 10 and to 1,000 clients, of which a tenth
// never reads. The server runs in a process of its own, with a real store; the delay is from the
// event's at_us, taken before its commit, to the moment a client has read the whole message.
//
// Usage: live_bench [seconds, 60]
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "base/log.h"
#include "base/random.h"
#include "engine/net/server.h"
#include "engine/store/testing.h"
#include "surface/live/live_surface.h"

namespace credence {
namespace {

constexpr std::int64_t kPingMs = 5'000;
constexpr double kManyP99Ms = 50;
constexpr double kFewP99Ms = 5;

class OpenGate final : public Gatekeeper {
public:
    Result<Admission> admit(const Credentials&) override {
        Admission admission;
        admission.context.scopes = Scopes::all();
        return admission;
    }
    bool requires_keys() const override { return false; }
};

class NoTrail final : public AuditSink {
public:
    Result<void> record(const Context&, const AuditEntry&) override { return {}; }
};

// As large as an update with ten busy skills of which all changed.
std::string update_body() {
    std::string rows;
    for (int i = 0; i < 10; ++i) {
        rows += (i == 0 ? "" : ",") + std::string("{\"skill_name\":\"skill-number-") +
                std::to_string(i) +
                "\",\"invocation_count\":120,\"total_invocations\":123456,\"completion_rate\":{"
                "\"value\":0.91,\"n\":123456,\"low\":0.90,\"high\":0.92,\"method\":\"wilson_95\"},"
                "\"avg_duration_seconds\":1.25,\"last_invocation_at_us\":1700000000000000}";
    }
    return "{\"top_skills\":[" + rows + "],\"changed\":[" + rows + "],\"anomalies\":[]}";
}

// Each byte of the input is an update. How long each took to commit, in microseconds.
std::vector<std::int64_t> emit_on_command(int input, store::Database& database) {
    const SystemClock clock;
    const std::string body = update_body();
    std::vector<std::int64_t> commits_us;
    char command = 0;
    while (::read(input, &command, 1) == 1) {
        const std::int64_t begin_us = clock.steady_us();
        const auto written = database.write([&](store::Tx& tx) {
            return tx.emit_json("default", "system", "skill_metrics_updated", body);
        });
        CHECK(written, "emit");
        commits_us.push_back(clock.steady_us() - begin_us);
    }
    return commits_us;
}

// The child: serves until its input ends, then says how many it dropped.
void serve_live(int input, int output) {
    log::set_level(log::Level::off);
    store::TemporaryDirectory directory;
    SystemClock clock;
    Metrics metrics;
    store::EventLog events(clock, metrics);
    store::migrate_events(directory.file("bench.db"), clock);
    auto database = store::open_or_die(store::at_path(directory.file("bench.db")), clock, metrics,
                                       [&](std::int64_t seq) { events.committed(seq); });
    CHECK(events.start(*database), "events");
    SeededRandom random(1);
    IdMaker ids(clock, random);
    Catalog catalog;
    catalog.freeze();
    OpenGate gate;
    NoTrail trail;
    WorkerPool pool("worker", 2, 1000);
    Dispatcher dispatcher({catalog, gate, trail, nullptr, &pool, clock, ids, metrics});
    std::atomic<bool> ready{true};
    surface::LiveOptions live;
    live.ping_ms = kPingMs;
    auto surface = surface::LiveSurface::open({dispatcher,
                                               *database,
                                               events,
                                               metrics,
                                               clock,
                                               ready,
                                               {{.name = "skills",
                                                 .subject = "skill",
                                                 .snapshot_operation = {},
                                                 .update_event = "skill_metrics_updated",
                                                 .topics = {"skill_*"},
                                                 .scope = "skills:read"}},
                                               live,
                                               true,
                                               false});
    CHECK(surface, "surface");
    net::ServerOptions options;
    options.port = 0;
    auto server = net::Server::open(
        options,
        [&](const net::HttpRequest& request, net::Responder responder) {
            (*surface)->handle(request, std::move(responder));
        },
        metrics);
    CHECK(server, "server");
    (*server)->start(&store::forbid_store_on_this_thread);
    const std::uint16_t port = (*server)->port();
    CHECK(::write(output, &port, sizeof(port)) == sizeof(port), "pipe");
    const std::vector<std::int64_t> commits_us = emit_on_command(input, *database);
    const std::uint64_t dropped =
        metrics
            .counter("credence_live_dropped_total", "", {{"feed", "skills"}, {"reason", "silent"}})
            .value() +
        metrics.counter("credence_live_dropped_total", "", {{"feed", "skills"}, {"reason", "slow"}})
            .value();
    CHECK(::write(output, &dropped, sizeof(dropped)) == sizeof(dropped), "pipe");
    for (const std::int64_t commit_us : commits_us) {
        CHECK(::write(output, &commit_us, sizeof(commit_us)) == sizeof(commit_us), "pipe");
    }
    (*server)->stop(2000);
    (*surface)->stop();
    pool.stop();
    events.stop();
}

struct Child {
    pid_t pid = 0;
    int to = -1;
    int from = -1;
    std::uint16_t port = 0;
};

Child start_child() {
    int down[2];
    int up[2];
    CHECK(::pipe(down) == 0 && ::pipe(up) == 0, "pipe");
    Child child;
    child.pid = ::fork();
    CHECK(child.pid >= 0, "fork");
    if (child.pid == 0) {
        ::close(down[1]);
        ::close(up[0]);
        serve_live(down[0], up[1]);
        std::_Exit(0);
    }
    ::close(down[0]);
    ::close(up[1]);
    child.to = down[1];
    child.from = up[0];
    CHECK(::read(child.from, &child.port, sizeof(child.port)) == sizeof(child.port), "no server");
    return child;
}

struct BenchClient {
    int socket = -1;
    std::string input;
    int updates = 0;
    bool lost = false;
};

int connect_client(std::uint16_t port, bool stalled) {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    if (stalled) {
        const int bytes = 4096;
        ::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0,
          "connect");
    const std::string_view request =
        "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    CHECK(::send(socket, request.data(), request.size(), 0) == static_cast<ssize_t>(request.size()),
          "send");
    std::string head;
    char byte = 0;
    while (!head.ends_with("\r\n\r\n")) {
        CHECK(::recv(socket, &byte, 1, 0) == 1, "no upgrade");
        head += byte;
    }
    CHECK(head.starts_with("HTTP/1.1 101"), "no upgrade");
    return socket;
}

std::int64_t number_after(std::string_view text, std::string_view name) {
    const std::size_t at = text.find(name);
    return at == std::string_view::npos ? 0 : std::atoll(text.data() + at + name.size());
}

// The delays of each update, by its number.
using Delays = std::vector<std::vector<std::int64_t>>;

// Whole frames of the input; the delays of updates go to `delays_us`.
void take_frames(BenchClient& client, std::int64_t now_us, Delays& delays_us) {
    const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(client.input[at]); };
    while (client.input.size() >= 2) {
        std::size_t size = byte(1);
        std::size_t head = 2;
        if (size == 126) {
            if (client.input.size() < 4) {
                return;
            }
            size = static_cast<std::size_t>(byte(2) << 8 | byte(3));
            head = 4;
        }
        CHECK(size < 65'536, "a frame larger than we send");
        if (client.input.size() < head + size) {
            return;
        }
        const int opcode = byte(0) & 0x0f;
        const std::string_view payload = std::string_view(client.input).substr(head, size);
        if (opcode == 9) {
            const char pong[] = {char(0x8a), char(0x80), 0, 0, 0, 0};
            static_cast<void>(::send(client.socket, pong, sizeof(pong), MSG_NOSIGNAL));
        } else if (opcode == 1 && payload.starts_with("{\"type\":\"metrics_update\"")) {
            const auto number = static_cast<std::size_t>(client.updates++);
            delays_us.at(number).push_back(now_us - number_after(payload, "\"timestamp_us\":"));
        } else if (opcode == 8) {
            client.lost = true;
        }
        client.input.erase(0, head + size);
    }
}

struct Outcome {
    Delays delays_us;
    std::vector<std::int64_t> commits_us;  // of each update
    std::uint64_t dropped = 0;
    int lost = 0;     // readers whose connection ended
    int missing = 0;  // updates that a reader was not told
};

void read_ready(BenchClient& client, Outcome& outcome) {
    char buffer[65'536];
    const ssize_t got = ::recv(client.socket, buffer, sizeof(buffer), MSG_DONTWAIT);
    if (got <= 0) {
        client.lost = client.lost || got == 0;
        return;
    }
    client.input.append(buffer, static_cast<std::size_t>(got));
    take_frames(client, SystemClock().now_us(), outcome.delays_us);
}

Outcome measure(int clients, int stalled, int seconds) {
    const Child child = start_child();
    std::vector<int> idle;
    std::vector<BenchClient> readers(static_cast<std::size_t>(clients - stalled));
    const int epoll = ::epoll_create1(0);
    for (int i = 0; i < stalled; ++i) {
        idle.push_back(connect_client(child.port, true));
    }
    for (std::size_t i = 0; i < readers.size(); ++i) {
        readers[i].socket = connect_client(child.port, false);
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.u64 = i;
        ::epoll_ctl(epoll, EPOLL_CTL_ADD, readers[i].socket, &event);
    }
    Outcome outcome;
    outcome.delays_us.resize(static_cast<std::size_t>(seconds));
    const SystemClock clock;
    const std::int64_t begin_us = clock.steady_us() + 1'000'000;
    int sent = 0;
    for (std::int64_t now_us = clock.steady_us(); now_us < begin_us + seconds * 1'000'000LL;
         now_us = clock.steady_us()) {
        if (sent < seconds && now_us >= begin_us + sent * 1'000'000LL) {
            ++sent;
            CHECK(::write(child.to, "u", 1) == 1, "pipe");
        }
        epoll_event ready[256];
        const int count = ::epoll_wait(epoll, ready, 256, 10);
        for (int i = 0; i < count; ++i) {
            BenchClient& client = readers[ready[i].data.u64];
            read_ready(client, outcome);
            if (client.lost) {
                ::epoll_ctl(epoll, EPOLL_CTL_DEL, client.socket, nullptr);
            }
        }
    }
    for (BenchClient& client : readers) {
        outcome.lost += client.lost ? 1 : 0;
        outcome.missing += sent - client.updates;
        ::close(client.socket);
    }
    ::close(child.to);
    CHECK(::read(child.from, &outcome.dropped, sizeof(outcome.dropped)) == sizeof(outcome.dropped),
          "no answer");
    outcome.commits_us.resize(static_cast<std::size_t>(sent));
    for (std::int64_t& commit_us : outcome.commits_us) {
        CHECK(::read(child.from, &commit_us, sizeof(commit_us)) == sizeof(commit_us), "no answer");
    }
    for (const int socket : idle) {
        ::close(socket);
    }
    ::close(child.from);
    ::close(epoll);
    ::waitpid(child.pid, nullptr, 0);
    return outcome;
}

double share_ms(std::vector<std::int64_t>& all_us, double share) {
    std::ranges::sort(all_us);
    const auto last = static_cast<double>(all_us.size() - 1);
    return static_cast<double>(all_us[static_cast<std::size_t>(last * share)]) / 1000;
}

// Prints a row; whether it meets its bars.
bool report(int clients, int stalled, int seconds, double p99_ms_bar) {
    const Outcome outcome = measure(clients, stalled, seconds);
    std::vector<std::int64_t> all_us;
    std::vector<std::int64_t> after_commit_us;
    for (std::size_t i = 0; i < outcome.delays_us.size(); ++i) {
        for (const std::int64_t delay_us : outcome.delays_us[i]) {
            all_us.push_back(delay_us);
            after_commit_us.push_back(std::max<std::int64_t>(0, delay_us - outcome.commits_us[i]));
        }
    }
    CHECK(!all_us.empty(), "nobody heard anything");
    const double p99_ms = share_ms(all_us, 0.99);
    const bool good = p99_ms <= p99_ms_bar && outcome.lost == 0 && outcome.missing == 0 &&
                      outcome.dropped == static_cast<std::uint64_t>(stalled);
    std::printf("%8d %8d %8zu %8.2f %8.2f %8.2f %8.0f %10.2f %10.2f %8llu %8d %8d  %s\n", clients,
                stalled, all_us.size(), share_ms(all_us, 0.5), p99_ms, share_ms(all_us, 1),
                p99_ms_bar, share_ms(after_commit_us, 0.5), share_ms(after_commit_us, 0.99),
                static_cast<unsigned long long>(outcome.dropped), outcome.lost, outcome.missing,
                good ? "ok" : "MISSED");
    return good;
}

int run(int seconds) {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    std::printf("live feed, one update a second for %d s, delays in ms\n", seconds);
    std::printf("%8s %8s %8s %8s %8s %8s %8s %10s %10s %8s %8s %8s\n", "clients", "stalled",
                "heard", "p50", "p99", "max", "p99 bar", "commit p50", "commit p99", "dropped",
                "lost", "missing");
    const bool few = report(10, 0, seconds, kFewP99Ms);
    const bool many = report(1000, 100, seconds, kManyP99Ms);
    return few && many ? 0 : 1;
}

}  // namespace
}  // namespace credence

int main(int argc, char** argv) {
    return credence::run(argc > 1 ? std::max(1, std::atoi(argv[1])) : 60);
}
