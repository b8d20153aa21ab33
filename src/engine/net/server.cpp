#include "engine/net/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>

#include "base/descriptor.h"
#include "base/log.h"
#include "engine/net/connection.h"
#include "engine/net/loop.h"

namespace credence::net {

namespace {

constexpr int kBacklog = 4096;
constexpr int kMaxThreads = 256;
// Connections over the limit that may wait for their 503 at a time; more are cut off.
constexpr std::size_t kMaxRefusedAtOnce = 64;

struct Address {
    sockaddr_storage storage{};
    socklen_t size = 0;

    sockaddr* data() { return reinterpret_cast<sockaddr*>(&storage); }
};

Result<Address> parse_address(const std::string& text, std::uint16_t port) {
    Address address;
    auto& v4 = reinterpret_cast<sockaddr_in&>(address.storage);
    auto& v6 = reinterpret_cast<sockaddr_in6&>(address.storage);
    if (::inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port);
        address.size = sizeof(sockaddr_in);
        return address;
    }
    if (::inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1) {
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(port);
        address.size = sizeof(sockaddr_in6);
        return address;
    }
    return fail(Code::invalid, "not an IP address: " + text, "address");
}

std::string show(const ServerOptions& options, std::uint16_t port) {
    return (options.address.find(':') == std::string::npos ? options.address
                                                           : "[" + options.address + "]") +
           ":" + std::to_string(port);
}

Result<Descriptor> bind_socket(Address address, bool share_port, const std::string& shown) {
    Descriptor socket(
        ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int on = 1;
    ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (share_port) {
        ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
    }
    if (!socket.is_open() || ::bind(socket.get(), address.data(), address.size) != 0 ||
        ::listen(socket.get(), kBacklog) != 0) {
        return fail(Code::unavailable, "cannot listen on " + shown + ": " + std::strerror(errno),
                    "address");
    }
    return socket;
}

std::uint16_t port_of(const Descriptor& socket) {
    Address address;
    address.size = sizeof(address.storage);
    if (::getsockname(socket.get(), address.data(), &address.size) != 0) {
        return 0;
    }
    return address.storage.ss_family == AF_INET
               ? ntohs(reinterpret_cast<sockaddr_in&>(address.storage).sin_port)
               : ntohs(reinterpret_cast<sockaddr_in6&>(address.storage).sin6_port);
}

// One listening socket per thread, all on the same port.
Result<std::vector<Descriptor>> listen(const ServerOptions& options) {
    std::vector<Descriptor> sockets;
    std::uint16_t port = options.port;
    const bool share_port = options.threads > 1;
    if (share_port && port != 0) {
        // With SO_REUSEPORT a second server would share our port in silence: find out first.
        const auto probe =
            TRY(bind_socket(TRY(parse_address(options.address, port)), false, show(options, port)));
    }
    for (int i = 0; i < options.threads; ++i) {
        const Address address = TRY(parse_address(options.address, port));
        sockets.push_back(TRY(bind_socket(address, share_port, show(options, port))));
        port = port_of(sockets.front());
    }
    return sockets;
}

std::int64_t tick_ms(const ServerOptions& options) {
    const std::int64_t smallest = std::min({options.head_timeout_ms, options.body_timeout_ms,
                                            options.idle_timeout_ms, options.write_timeout_ms});
    return std::clamp(smallest / 4, Loop::kMinTickMs, Loop::kMaxTickMs);
}

class LoopServer final : public Server {
public:
    LoopServer(ServerOptions options, HttpHandler handler, Metrics& metrics)
        : share_(std::move(options), std::move(handler), metrics) {}

    ~LoopServer() override { stop(0); }

    Result<void> open() {
        if (!share_.options.tls_certificate_file.empty()) {
            tls_ = TRY(
                TlsContext::open(share_.options.tls_certificate_file, share_.options.tls_key_file));
        }
        auto sockets = TRY(listen(share_.options));
        port_ = port_of(sockets.front());
        for (Descriptor& socket : sockets) {
            loops_.push_back(std::make_unique<Loop>(Loop::Parts{
                .listener = socket.release(),
                .tick_ms = tick_ms(share_.options),
                .on_accept = [this](
                                 Loop& loop, int descriptor,
                                 std::string peer) { accept(loop, descriptor, std::move(peer)); },
                .on_descriptors_exhausted = [this] { exhausted(); }}));
        }
        return {};
    }

    std::uint16_t port() const override { return port_; }

    void start(std::function<void()> on_thread) override {
        running_ = loops_.size();
        for (const auto& loop : loops_) {
            threads_.emplace_back([this, &loop = *loop, on_thread] {
                loop.run(on_thread);
                const std::scoped_lock lock(mutex_);
                --running_;
                ended_.notify_all();
            });
        }
    }

    void stop(std::int64_t timeout_ms) override {
        for (const auto& loop : loops_) {
            loop->begin_stop();
        }
        {
            std::unique_lock lock(mutex_);
            ended_.wait_for(lock, std::chrono::milliseconds(timeout_ms),
                            [this] { return running_ == 0; });
        }
        for (const auto& loop : loops_) {
            loop->cut();
        }
        for (std::thread& thread : threads_) {
            thread.join();
        }
        threads_.clear();
        loops_.clear();
    }

private:
    void accept(Loop& loop, int descriptor, std::string peer) {
        const std::size_t open = share_.open_count.load(std::memory_order_relaxed);
        const std::size_t most = share_.options.max_connections;
        if (open >= most + kMaxRefusedAtOnce || (open >= most && tls_ != nullptr)) {
            ::close(descriptor);
            share_.too_many.add();
            return;
        }
        auto transport = loop.make_transport(descriptor);
        if (tls_ != nullptr) {
            transport = tls_->wrap(std::move(transport));
        }
        const auto connection = std::make_shared<Connection>(
            Connection::Parts{loop, share_, std::move(transport), std::move(peer)});
        if (open >= most) {
            connection->start_refused();
        } else {
            share_.connections.add();
            connection->start();
        }
    }

    void exhausted() {
        share_.descriptors.add();
        log::warning("no descriptors left for connections", {});
    }

    ServerShare share_;
    std::unique_ptr<TlsContext> tls_;
    std::uint16_t port_ = 0;
    std::vector<std::unique_ptr<Loop>> loops_;
    std::vector<std::thread> threads_;
    std::mutex mutex_;
    std::condition_variable ended_;
    std::size_t running_ = 0;
};

Result<void> check(const ServerOptions& options) {
    if (options.threads < 1 || options.threads > kMaxThreads) {
        return fail(Code::invalid, "must be 1 to 256", "threads");
    }
    if (options.tls_certificate_file.empty() != options.tls_key_file.empty()) {
        return fail(Code::invalid, "a certificate needs its key, and a key its certificate",
                    "tls_key_file");
    }
    return {};
}

}  // namespace

Result<std::unique_ptr<Server>> Server::open(ServerOptions options, HttpHandler handler,
                                             Metrics& metrics) {
    TRY(check(options));
    auto server = std::make_unique<LoopServer>(std::move(options), std::move(handler), metrics);
    TRY(server->open());
    return server;
}

}  // namespace credence::net
