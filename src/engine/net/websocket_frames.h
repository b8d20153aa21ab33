// RFC 6455 framing, the server's side, without sockets. Not thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace credence::net {

enum class Opcode : std::uint8_t {
    continuation = 0,
    text = 1,
    binary = 2,
    close = 8,
    ping = 9,
    pong = 10,
};

// Close codes we send.
inline constexpr std::uint16_t kCloseNormal = 1000;
inline constexpr std::uint16_t kCloseGoingAway = 1001;
inline constexpr std::uint16_t kCloseProtocol = 1002;
inline constexpr std::uint16_t kCloseNotText = 1003;
inline constexpr std::uint16_t kCloseNoCode = 1005;  // never on the wire
inline constexpr std::uint16_t kCloseBadText = 1007;
inline constexpr std::uint16_t kCloseTooLarge = 1009;
inline constexpr std::uint16_t kCloseInternal = 1011;
inline constexpr std::uint16_t kCloseSlow = 1013;

// Appends one whole, unmasked frame.
void append_frame(std::string& out, Opcode opcode, std::string_view payload);
// The reason is cut to 123 bytes.
void append_close_frame(std::string& out, std::uint16_t code, std::string_view reason);

// Takes bytes and yields what they say.
class FrameReader {
public:
    enum class Event : std::uint8_t { need_more, text, ping, pong, close, failed };

    explicit FrameReader(std::size_t max_message_bytes) : max_message_bytes_(max_message_bytes) {}

    void append(std::string_view bytes);
    Event next();
    // The message, the ping's or pong's data, or the close reason; until the next call.
    std::string_view payload() const { return payload_; }
    // Of a close frame (kCloseNoCode when it had none), or the code to fail with.
    std::uint16_t code() const { return code_; }

private:
    struct Frame {
        Opcode opcode = Opcode::text;
        bool final = false;
        std::size_t header_size = 0;
        std::size_t payload_size = 0;
    };
    Event fail_with(std::uint16_t code);
    Event read_frame(Frame& frame);  // text: a whole frame is there
    Event check_frame(const Frame& frame);
    Event accept(const Frame& frame, std::string_view data);
    Event accept_close(std::string_view data);

    std::size_t max_message_bytes_;
    std::string input_;
    std::size_t at_ = 0;
    std::string message_;
    std::string_view payload_;
    std::uint16_t code_ = 0;
    bool in_message_ = false;
    bool clear_message_ = false;
    bool failed_ = false;
};

}  // namespace credence::net
