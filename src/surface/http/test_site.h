// A running server around HttpSurface, and the plainest client there is, for the tests of this
// folder.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/random.h"
#include "engine/net/server.h"
#include "engine/store/testing.h"
#include "surface/http/http_surface.h"
#include "surface/http/test_catalog.h"
#include "surface/http/test_mcp_feature.h"
#include "surface/mcp/mcp.h"

namespace credence::surface {

// The bearer says who it is: nothing (everything allowed), "limited", "rated", "slow", else
// unknown.
class TestGatekeeper final : public Gatekeeper {
public:
    Result<Admission> admit(const Credentials& credentials) override {
        Admission admission;
        admission.context.scopes = Scopes::all();
        if (credentials.bearer == "limited") {
            admission.context.scopes = Scopes({"notes:read"});
        } else if (credentials.bearer == "rated") {
            admission.rate = {1000, 999, 1};
        } else if (credentials.bearer == "slow") {
            return std::unexpected(Error{Code::exhausted, "slow down", {}, 1500});
        } else if (!credentials.bearer.empty()) {
            return fail(Code::unauthenticated, "unknown key");
        }
        return admission;
    }
    bool requires_keys() const override { return false; }
};

class TestAudit final : public AuditSink {
public:
    Result<void> record(const Context&, const AuditEntry&) override { return {}; }
};

// One connection. Reads give up after kTimeoutS.
class TestConnection {
public:
    static constexpr int kTimeoutS = 20;

    explicit TestConnection(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        const timeval timeout{kTimeoutS, 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const auto* generic = reinterpret_cast<const sockaddr*>(&address);
        CHECK(::connect(socket_, generic, sizeof(address)) == 0, "cannot connect");
    }
    TestConnection(const TestConnection&) = delete;
    TestConnection& operator=(const TestConnection&) = delete;
    ~TestConnection() { ::close(socket_); }

    void write(std::string_view text) {
        while (!text.empty()) {
            const ssize_t sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
            if (sent <= 0) {
                return;
            }
            text.remove_prefix(static_cast<std::size_t>(sent));
        }
    }
    // Everything until the server closes.
    std::string read_all() {
        while (receive()) {
        }
        return std::exchange(received_, {});
    }
    // Up to and with `end`.
    std::string read_until(std::string_view end) {
        std::size_t at = received_.find(end);
        while (at == std::string::npos && receive()) {
            at = received_.find(end);
        }
        return take(at == std::string::npos ? received_.size() : at + end.size());
    }
    // The text of the next WebSocket frame; for a close frame "close CODE".
    std::string read_message() {
        const std::string head = read_bytes(2);
        if (head.size() < 2) {
            return "gone";
        }
        std::size_t length = byte(head[1]);
        if (length >= 126) {
            const std::string more = read_bytes(length == 126 ? 2 : 8);
            length = 0;
            for (const char c : more) {
                length = length << 8 | byte(c);
            }
        }
        std::string text = read_bytes(length);
        if ((byte(head[0]) & 0xF) == 8) {
            return "close " + std::to_string(byte(text.at(0)) << 8 | byte(text.at(1)));
        }
        return text;
    }

private:
    static std::size_t byte(char c) { return static_cast<unsigned char>(c); }
    std::string take(std::size_t count) {
        std::string out = received_.substr(0, count);
        received_.erase(0, count);
        return out;
    }
    std::string read_bytes(std::size_t count) {
        while (received_.size() < count && receive()) {
        }
        return take(count);
    }
    bool receive() {
        char buffer[16384];
        const ssize_t got = ::recv(socket_, buffer, sizeof(buffer), 0);
        if (got > 0) {
            received_.append(buffer, static_cast<std::size_t>(got));
        }
        return got > 0;
    }

    int socket_;
    std::string received_;
};

class TestSite {
public:
    explicit TestSite(bool loopback = true, McpSettings mcp_settings = {}) : loopback_(loopback) {
        store::migrate_events(directory_.file("site.db"), clock_);
        database_ = store::open_or_die(store::at_path(directory_.file("site.db")), clock_, metrics_,
                                       [this](std::int64_t seq) { events_.committed(seq); });
        CHECK(events_.start(*database_), "events");
        dispatcher_ = std::make_unique<Dispatcher>(Dispatcher::Parts{
            catalog_.catalog(), gatekeeper_, audit_, nullptr, &pool_, clock_, ids_, metrics_});
        mcp_ = std::make_unique<Mcp>(McpParts{.dispatcher = *dispatcher_,
                                              .pool = &pool_,
                                              .clock = clock_,
                                              .random = random_,
                                              .metrics = metrics_,
                                              .prompts = prompts_,
                                              .settings = mcp_settings,
                                              .more = {&feature}});
        surface_ = std::make_unique<HttpSurface>(HttpParts{
            *dispatcher_, *database_, events_, metrics_, clock_, pool_, *mcp_, ready, loopback_});
        net::ServerOptions options;
        options.port = 0;
        auto server = net::Server::open(
            options,
            [this](const net::HttpRequest& request, net::Responder responder) {
                surface_->handle(request, std::move(responder));
            },
            metrics_);
        CHECK(server, "server");
        server_ = *std::move(server);
        server_->start(&store::forbid_store_on_this_thread);
    }
    ~TestSite() {
        surface_->end_streams();
        server_->stop(1000);
        pool_.stop();
        surface_.reset();
        events_.stop();
    }

    std::uint16_t port() const { return server_->port(); }

    // The whole response to a request on its own connection. `head`: the request line and any
    // headers, each line ended.
    std::string ask(std::string_view head, std::string_view body = {}) {
        std::string request(head);
        if (request.find("Host:") == std::string::npos) {
            request += "Host: localhost\r\n";
        }
        if (!body.empty()) {
            request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
        }
        request += "Connection: close\r\n\r\n";
        TestConnection connection(port());
        connection.write(request.append(body));
        return connection.read_all();
    }

    std::unique_ptr<TestConnection> listen(std::string_view query, std::string_view headers = {}) {
        auto connection = std::make_unique<TestConnection>(port());
        connection->write("GET /v1/events" + std::string(query) +
                          " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                          "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
                          std::string(headers) + "\r\n");
        return connection;
    }

    // Commits `count` events in one transaction.
    void emit(std::string_view tenant, std::string_view name, int count) {
        const auto written = database_->write([&](store::Tx& tx) -> Result<void> {
            for (int i = 0; i < count; ++i) {
                TRY(tx.emit_json(tenant, "me", name, "{\"i\":" + std::to_string(i) + "}"));
            }
            return {};
        });
        CHECK(written, "emit");
    }

    mcp::Notices& notices() { return mcp_->notices(); }

    std::atomic<bool> ready{true};
    TestMcpFeature feature;

private:
    bool loopback_;
    store::TemporaryDirectory directory_;
    SystemClock clock_;
    SeededRandom random_{7};
    IdMaker ids_{clock_, random_};
    Metrics metrics_;
    TestCatalog catalog_;
    TestGatekeeper gatekeeper_;
    TestAudit audit_;
    store::EventLog events_{clock_, metrics_};
    std::unique_ptr<store::Database> database_;
    WorkerPool pool_{"test", 2, 1000};
    std::unique_ptr<Dispatcher> dispatcher_;
    std::vector<Prompt> prompts_;
    std::unique_ptr<Mcp> mcp_;
    std::unique_ptr<HttpSurface> surface_;
    std::unique_ptr<net::Server> server_;
};

}  // namespace credence::surface
