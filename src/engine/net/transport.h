// One byte stream to a peer, plain or TLS, without asio in sight. Belongs to one loop's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/result.h"

namespace boost::asio {
class io_context;
}

namespace credence::net {

enum class Flow : std::uint8_t {
    ok,
    would_block,
    closed,     // the peer ended its side
    failed,     // the connection is broken
    cancelled,  // by cancel_read() or close()
};

struct Moved {
    std::size_t size = 0;
    Flow flow = Flow::ok;
};

// Who is told when a started operation ends. Called by the loop, never from inside a Transport
// call.
class TransportEvents {
public:
    virtual ~TransportEvents() = default;
    virtual void on_read(Moved moved) = 0;
    virtual void on_writable() = 0;
};

// At most one started read and one started write at a time; they keep their events alive.
class Transport {
public:
    virtual ~Transport() = default;

    // Without waiting.
    virtual Moved read(std::span<char> into) = 0;
    virtual Moved write(std::string_view data) = 0;

    // Reads into `into`, or with an empty span only waits for something to read (answered with size
    // 0 and Flow::ok). Flow::would_block: on_read() will be called; anything else is the answer.
    virtual Moved start_read(std::span<char> into, const std::shared_ptr<TransportEvents>& to) = 0;
    virtual void start_write_wait(const std::shared_ptr<TransportEvents>& to) = 0;
    // Ends a started read with Flow::cancelled, unless it ended already.
    virtual void cancel_read() = 0;

    virtual void shutdown_write() = 0;
    virtual void close() = 0;  // started operations end with Flow::cancelled
};

// Takes over a connected, non-blocking socket.
std::unique_ptr<Transport> make_plain_transport(boost::asio::io_context& context, int descriptor);

// The server's certificate; shared by all threads once made.
class TlsContext {
public:
    // Code::invalid with the file's name when the files do not hold a matching pair.
    static Result<std::unique_ptr<TlsContext>> open(const std::string& certificate_file,
                                                    const std::string& key_file);
    virtual ~TlsContext() = default;
    virtual std::unique_ptr<Transport> wrap(std::unique_ptr<Transport> plain) const = 0;
};

}  // namespace credence::net
