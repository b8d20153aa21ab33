#include "engine/net/transport.h"

#include <sys/socket.h>

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cerrno>

namespace credence::net {

namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;
// A concrete executor: any_io_executor costs an allocation and a virtual call per operation.
using Socket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;

namespace {

Flow flow_of(const ErrorCode& error) {
    if (!error) {
        return Flow::ok;
    }
    if (error == asio::error::operation_aborted) {
        return Flow::cancelled;
    }
    return error == asio::error::eof ? Flow::closed : Flow::failed;
}

Moved moved_of(ssize_t count) {
    if (count >= 0) {
        return {static_cast<std::size_t>(count), Flow::ok};
    }
    const bool later = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
    return {0, later ? Flow::would_block : Flow::failed};
}

class PlainTransport final : public Transport {
public:
    PlainTransport(asio::io_context& context, int descriptor) : socket_(context) {
        ErrorCode ignored;  // the protocol is only remembered, v4 serves for both
        socket_.assign(asio::ip::tcp::v4(), descriptor, ignored);
        socket_.native_non_blocking(true, ignored);
    }

    Moved read(std::span<char> into) override {
        Moved moved = moved_of(::recv(socket_.native_handle(), into.data(), into.size(), 0));
        if (moved.flow == Flow::ok && moved.size == 0 && !into.empty()) {
            moved.flow = Flow::closed;
        }
        return moved;
    }

    Moved write(std::string_view data) override {
        return moved_of(::send(socket_.native_handle(), data.data(), data.size(), MSG_NOSIGNAL));
    }

    Moved start_read(std::span<char> into, const std::shared_ptr<TransportEvents>& to) override {
        if (into.empty()) {
            socket_.async_wait(Socket::wait_read,
                               [to](ErrorCode error) { to->on_read({0, flow_of(error)}); });
        } else {
            // Not read() first: after a short read asio knows that the socket is drained and
            // waits at once, so this is one system call a request where reading first is two.
            socket_.async_read_some(
                asio::buffer(into.data(), into.size()),
                [to](ErrorCode error, std::size_t size) { to->on_read({size, flow_of(error)}); });
        }
        return {0, Flow::would_block};
    }

    void start_write_wait(const std::shared_ptr<TransportEvents>& to) override {
        socket_.async_wait(Socket::wait_write, [to](ErrorCode error) {
            if (error != asio::error::operation_aborted) {
                to->on_writable();
            }
        });
    }

    void cancel_read() override {
        ErrorCode ignored;
        socket_.cancel(ignored);
    }

    void shutdown_write() override {
        ErrorCode ignored;
        socket_.shutdown(Socket::shutdown_send, ignored);
    }

    void close() override {
        ErrorCode ignored;
        socket_.close(ignored);
    }

private:
    Socket socket_;
};

}  // namespace

std::unique_ptr<Transport> make_plain_transport(asio::io_context& context, int descriptor) {
    return std::make_unique<PlainTransport>(context, descriptor);
}

}  // namespace credence::net
