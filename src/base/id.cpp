#include "base/id.h"

#include "base/clock.h"
#include "base/random.h"
#include "base/text.h"

namespace credence {
namespace {

constexpr std::size_t kTextBytes = 36;
constexpr std::uint32_t kSequenceMax = 0xFFF;  // rand_a has 12 bits

bool is_dash_position(std::size_t at) {
    return at == 8 || at == 13 || at == 18 || at == 23;
}

}  // namespace

std::string format_uuid(const UuidBytes& bytes) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out(kTextBytes, '-');
    std::size_t at = 0;
    for (const std::uint8_t byte : bytes) {
        if (is_dash_position(at)) {
            ++at;
        }
        out[at++] = kDigits[byte >> 4];
        out[at++] = kDigits[byte & 0xF];
    }
    return out;
}

Result<UuidBytes> parse_uuid(std::string_view text) {
    if (text.size() != kTextBytes) {
        return fail(Code::invalid, "must be a UUID of 36 characters");
    }
    UuidBytes bytes{};
    std::size_t nibble = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (is_dash_position(at)) {
            if (text[at] != '-') {
                return fail(Code::invalid, "must be a UUID in the form 8-4-4-4-12");
            }
            continue;
        }
        const unsigned value = hex_value(text[at]);
        if (value > 15) {
            return fail(Code::invalid, "must be a UUID of hexadecimal digits");
        }
        std::uint8_t& byte = bytes[nibble / 2];
        byte = static_cast<std::uint8_t>((unsigned{byte} << 4U) | value);
        ++nibble;
    }
    return bytes;
}

UuidBytes IdMaker::make_bytes() {
    UuidBytes bytes;
    random_.fill(bytes.data() + 8, 8);  // rand_b; its two top bits become the variant

    const auto now_ms = static_cast<std::uint64_t>(clock_.now_us() / 1000);
    std::uint64_t at_ms = 0;
    std::uint32_t sequence = 0;
    {
        const std::scoped_lock lock(mutex_);
        if (now_ms > last_ms_) {
            last_ms_ = now_ms;
            sequence_ = 0;
        } else if (sequence_ < kSequenceMax) {
            ++sequence_;
        } else {
            // RFC 9562, 6.2: on rollover the timestamp may run ahead of the clock.
            ++last_ms_;
            sequence_ = 0;
        }
        at_ms = last_ms_;
        sequence = sequence_;
    }

    for (std::size_t i = 0; i < 6; ++i) {
        bytes[i] = static_cast<std::uint8_t>(at_ms >> (40 - 8 * i));
    }
    bytes[6] = static_cast<std::uint8_t>(0x70 | sequence >> 8);
    bytes[7] = static_cast<std::uint8_t>(sequence);
    bytes[8] = static_cast<std::uint8_t>(0x80 | (bytes[8] & 0x3F));
    return bytes;
}

}  // namespace credence
