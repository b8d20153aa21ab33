#include "engine/net/websocket_frames.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace credence::net {

namespace {

constexpr std::size_t kMaxControlBytes = 125;
constexpr std::size_t kMaskBytes = 4;
constexpr std::size_t kKeptInputBytes = 4096;

std::uint8_t byte_at(std::string_view bytes, std::size_t at) {
    return static_cast<std::uint8_t>(bytes[at]);
}

void append_big_endian(std::string& out, std::uint64_t number, int bytes) {
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
        out += static_cast<char>(number >> shift & 0xff);
    }
}

bool is_control(Opcode opcode) {
    return opcode >= Opcode::close;
}

// Codes a peer may send (RFC 6455, 7.4).
bool is_wire_code(std::uint16_t code) {
    if (code >= 3000 && code <= 4999) {
        return true;
    }
    return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}

void unmask(char* data, std::size_t size, const std::array<char, kMaskBytes>& mask) {
    for (std::size_t i = 0; i < size; ++i) {
        data[i] = static_cast<char>(data[i] ^ mask[i % kMaskBytes]);
    }
}

}  // namespace

void append_frame(std::string& out, Opcode opcode, std::string_view payload) {
    out += static_cast<char>(0x80 | static_cast<int>(opcode));
    if (payload.size() <= 125) {
        out += static_cast<char>(payload.size());
    } else if (payload.size() <= 0xffff) {
        out += static_cast<char>(126);
        append_big_endian(out, payload.size(), 2);
    } else {
        out += static_cast<char>(127);
        append_big_endian(out, payload.size(), 8);
    }
    out += payload;
}

void append_close_frame(std::string& out, std::uint16_t code, std::string_view reason) {
    std::string payload;
    if (code != kCloseNoCode) {
        append_big_endian(payload, code, 2);
        std::size_t size = std::min(reason.size(), kMaxControlBytes - 2);
        while (size < reason.size() && (byte_at(reason, size) & 0xc0) == 0x80) {
            --size;  // not through the middle of a character
        }
        payload += reason.substr(0, size);
    }
    append_frame(out, Opcode::close, payload);
}

void FrameReader::append(std::string_view bytes) {
    input_ += bytes;
}

FrameReader::Event FrameReader::fail_with(std::uint16_t code) {
    code_ = code;
    failed_ = true;
    return Event::failed;
}

FrameReader::Event FrameReader::next() {
    if (failed_) {
        return Event::failed;
    }
    while (true) {
        if (clear_message_) {
            clear_message_ = false;
            message_.clear();
            if (message_.capacity() > kKeptInputBytes) {
                message_ = {};
            }
        }
        if (at_ == input_.size()) {
            at_ = 0;
            input_.clear();
            if (input_.capacity() > kKeptInputBytes) {
                input_ = {};
            }
        }
        Frame frame;
        if (const Event event = read_frame(frame); event != Event::text) {
            return event;
        }
        char* data = input_.data() + at_ + frame.header_size;
        std::array<char, kMaskBytes> mask{};
        for (std::size_t i = 0; i < kMaskBytes; ++i) {
            mask[i] = *(data - kMaskBytes + i);
        }
        unmask(data, frame.payload_size, mask);
        at_ += frame.header_size + frame.payload_size;
        if (const Event event = accept(frame, {data, frame.payload_size});
            event != Event::need_more) {
            return event;
        }
    }
}

FrameReader::Event FrameReader::read_frame(Frame& frame) {
    // What was read is dropped before more is kept, so the input stays below one frame and a read.
    if (at_ > kKeptInputBytes) {
        input_.erase(0, at_);
        at_ = 0;
    }
    const std::string_view bytes = std::string_view(input_).substr(at_);
    if (bytes.size() < 2) {
        return Event::need_more;
    }
    const std::uint8_t first = byte_at(bytes, 0);
    const std::uint8_t second = byte_at(bytes, 1);
    frame.final = (first & 0x80) != 0;
    frame.opcode = static_cast<Opcode>(first & 0x0f);
    if ((first & 0x70) != 0 || (second & 0x80) == 0) {
        return fail_with(kCloseProtocol);  // reserved bits, or not masked
    }
    std::uint64_t size = second & 0x7f;
    const int extra = size == 126 ? 2 : size == 127 ? 8 : 0;
    frame.header_size = 2 + static_cast<std::size_t>(extra) + kMaskBytes;
    if (bytes.size() < frame.header_size) {
        return Event::need_more;
    }
    if (extra > 0) {
        size = 0;
        for (int i = 0; i < extra; ++i) {
            size = size << 8 | byte_at(bytes, std::size_t{2} + static_cast<std::size_t>(i));
        }
        if (size < (extra == 2 ? 126U : 0x10000U) || size >> 63 != 0) {
            return fail_with(kCloseProtocol);  // not the shortest form
        }
    }
    frame.payload_size = static_cast<std::size_t>(size);
    if (const Event event = check_frame(frame); event != Event::text) {
        return event;
    }
    return bytes.size() - frame.header_size < frame.payload_size ? Event::need_more : Event::text;
}

FrameReader::Event FrameReader::check_frame(const Frame& frame) {
    switch (frame.opcode) {
        case Opcode::text:
        case Opcode::continuation:
            if (in_message_ != (frame.opcode == Opcode::continuation)) {
                return fail_with(kCloseProtocol);
            }
            if (frame.payload_size > max_message_bytes_ - message_.size()) {
                return fail_with(kCloseTooLarge);
            }
            return Event::text;
        case Opcode::binary:
            return fail_with(kCloseNotText);
        case Opcode::close:
        case Opcode::ping:
        case Opcode::pong:
            if (!frame.final || frame.payload_size > kMaxControlBytes) {
                return fail_with(kCloseProtocol);
            }
            return Event::text;
    }
    return fail_with(kCloseProtocol);
}

FrameReader::Event FrameReader::accept(const Frame& frame, std::string_view data) {
    payload_ = data;
    if (is_control(frame.opcode)) {
        if (frame.opcode == Opcode::close) {
            return accept_close(data);
        }
        return frame.opcode == Opcode::ping ? Event::ping : Event::pong;
    }
    message_ += data;
    in_message_ = !frame.final;
    if (!frame.final) {
        return Event::need_more;
    }
    if (!is_valid_utf8(message_)) {
        return fail_with(kCloseBadText);
    }
    payload_ = message_;
    clear_message_ = true;
    return Event::text;
}

FrameReader::Event FrameReader::accept_close(std::string_view data) {
    code_ = kCloseNoCode;
    if (data.empty()) {
        return Event::close;
    }
    if (data.size() == 1) {
        return fail_with(kCloseProtocol);
    }
    code_ = static_cast<std::uint16_t>(byte_at(data, 0) << 8 | byte_at(data, 1));
    payload_ = data.substr(2);
    if (!is_wire_code(code_)) {
        return fail_with(kCloseProtocol);
    }
    if (!is_valid_utf8(payload_)) {
        return fail_with(kCloseBadText);
    }
    return Event::close;
}

}  // namespace credence::net
