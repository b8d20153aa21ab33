// The yardstick for net: as little HTTP server as can answer the benchmark's request. One thread,
// raw epoll; finds the end of the head and Content-Length by memmem, reads field "text" of the JSON
// body with simdjson, answers the same bytes as empty_server. Serves only well-behaved clients.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <simdjson.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::size_t kBufferBytes = 4096;
constexpr std::size_t kPaddingBytes = 64;
constexpr int kEventsAtOnce = 256;
constexpr std::string_view kReply = R"({"verdict":"allow","score":0.0123,"matches":[],)"
                                    R"("rules_version":"2025-01-01","latency_us":12.5})";

struct Client {
    int descriptor = -1;
    std::size_t size = 0;
    std::array<char, kBufferBytes + kPaddingBytes> buffer;
};

std::string make_reply(std::string_view status, std::string_view body) {
    std::string reply = "HTTP/1.1 " + std::string(status);
    reply += "\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Type: application/json";
    reply += "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
    reply += body;
    return reply;
}

const char* find(std::string_view in, std::string_view what) {
    return static_cast<const char*>(::memmem(in.data(), in.size(), what.data(), what.size()));
}

class Baseline {
public:
    bool listen(std::uint16_t port) {
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        const int on = 1;
        ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        epoll_ = ::epoll_create1(0);
        return ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0 &&
               ::listen(listener_, 1024) == 0 && watch(listener_, nullptr);
    }

    void run() {
        std::array<epoll_event, kEventsAtOnce> events{};
        while (true) {
            const int count = ::epoll_wait(epoll_, events.data(), kEventsAtOnce, -1);
            for (int i = 0; i < count; ++i) {
                auto* client = static_cast<Client*>(events[static_cast<std::size_t>(i)].data.ptr);
                client == nullptr ? accept() : serve(*client);
            }
        }
    }

private:
    bool watch(int descriptor, Client* client) const {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = client;
        return ::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) == 0;
    }

    void accept() const {
        const int descriptor = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
        if (descriptor < 0) {
            return;
        }
        const int on = 1;
        ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        auto client = std::make_unique<Client>();
        client->descriptor = descriptor;
        watch(descriptor, client.get());
        static_cast<void>(client.release());  // ends itself
    }

    void serve(Client& client) {
        const ssize_t count = ::recv(client.descriptor, client.buffer.data() + client.size,
                                     kBufferBytes - client.size, 0);
        if (count <= 0) {
            if (count == 0 || errno != EAGAIN) {
                ::close(client.descriptor);
                delete &client;
            }
            return;
        }
        client.size += static_cast<std::size_t>(count);
        while (answer(client)) {
        }
    }

    bool answer(Client& client) {
        const std::string_view input(client.buffer.data(), client.size);
        const char* end = find(input, "\r\n\r\n");
        if (end == nullptr) {
            return false;
        }
        const std::string_view head(input.data(), static_cast<std::size_t>(end - input.data()));
        std::size_t body_size = 0;
        if (const char* field = find(head, "Content-Length: "); field != nullptr) {
            std::from_chars(field + 16, end, body_size);
        }
        const std::size_t total = head.size() + 4 + body_size;
        if (input.size() < total) {
            return false;
        }
        auto document = parser_.iterate(end + 4, body_size, body_size + kPaddingBytes);
        const bool ok = document.error() == simdjson::SUCCESS &&
                        document["text"].get_string().error() == simdjson::SUCCESS;
        const std::string& reply = ok ? good_ : bad_;
        const ssize_t sent = ::send(client.descriptor, reply.data(), reply.size(), MSG_NOSIGNAL);
        static_cast<void>(sent);
        client.size -= total;
        std::memmove(client.buffer.data(), client.buffer.data() + total, client.size);
        return client.size > 0;
    }

    int listener_ = -1;
    int epoll_ = -1;
    simdjson::ondemand::parser parser_;
    const std::string good_ = make_reply("200 OK", kReply);
    const std::string bad_ = make_reply("400 Bad Request", "");
};

}  // namespace

int main(int count, char** arguments) {
    std::uint16_t port = 18080;
    if (count > 1) {
        std::from_chars(arguments[1], arguments[1] + std::strlen(arguments[1]), port);
    }
    Baseline baseline;
    if (!baseline.listen(port)) {
        std::perror("epoll_baseline");
        return 1;
    }
    baseline.run();
}
