// For net's tests: a server on a free port and a blocking client whose reads give up after 5 s.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "engine/net/server.h"

namespace credence::net::test {

class Client {
public:
    explicit Client(std::uint16_t port, int receive_buffer_bytes = 0) {
        socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
        const timeval patience{.tv_sec = 5, .tv_usec = 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
        if (receive_buffer_bytes > 0) {
            ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes,
                         sizeof(receive_buffer_bytes));
        }
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    ~Client() { ::close(socket_); }

    void send(std::string_view bytes) const {
        while (!bytes.empty()) {
            const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (count <= 0) {
                return;
            }
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
    }

    void end_sending() const { ::shutdown(socket_, SHUT_WR); }

    // Up to and with `mark`; what came until the end of the stream when it never comes.
    std::string read_until(std::string_view mark) {
        while (true) {
            if (const std::size_t at = received_.find(mark); at != std::string::npos) {
                return take(at + mark.size());
            }
            if (!receive()) {
                return take(received_.size());
            }
        }
    }

    std::string read(std::size_t size) {
        while (received_.size() < size && receive()) {
        }
        return take(std::min(size, received_.size()));
    }

    // Head and body by Content-Length.
    std::string read_response() {
        std::string response = read_until("\r\n\r\n");
        const std::string name = "Content-Length: ";
        if (const std::size_t at = response.find(name); at != std::string::npos) {
            response += read(std::stoul(response.substr(at + name.size())));
        }
        return response;
    }

    std::string read_to_end() {
        while (receive()) {
        }
        return take(received_.size());
    }

    // Without a word, as a client that crashed.
    void leave() {
        ::close(socket_);
        socket_ = -1;
    }

    bool timed_out() const { return timed_out_; }
    int socket() const { return socket_; }

private:
    bool receive() {
        char buffer[4096];
        const ssize_t count = ::recv(socket_, buffer, sizeof(buffer), 0);
        if (count <= 0) {
            timed_out_ = count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
            return false;
        }
        received_.append(buffer, static_cast<std::size_t>(count));
        return true;
    }

    std::string take(std::size_t size) {
        std::string taken = received_.substr(0, size);
        received_.erase(0, size);
        return taken;
    }

    int socket_ = -1;
    bool timed_out_ = false;
    std::string received_;
};

// Answers "METHOD path?query body".
inline void echo(const HttpRequest& request, Responder responder) {
    HttpResponse response;
    response.content_type = "text/plain";
    response.body = std::string(request.method) + " " + std::string(request.path) + "?" +
                    std::string(request.query) + " " + std::string(request.body);
    responder.send(std::move(response));
}

class NetTest : public testing::Test {
protected:
    // Before the members that handlers of derived fixtures use are gone.
    void TearDown() override { server_.reset(); }

    void serve(HttpHandler handler, ServerOptions options = {}) {
        options.port = 0;
        auto server = Server::open(std::move(options), std::move(handler), metrics_);
        ASSERT_TRUE(server.has_value()) << server.error().message;
        server_ = std::move(*server);
        server_->start({});
    }
    std::uint16_t port() const { return server_->port(); }
    std::int64_t rejected(const std::string& reason) {
        return static_cast<std::int64_t>(
            metrics_.counter("credence_http_rejected_total", "", {{"reason", reason}}).value());
    }

    Metrics metrics_;
    std::unique_ptr<Server> server_;
};

inline const std::string kGet = "GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n";

}  // namespace credence::net::test
