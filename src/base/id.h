// Typed UUIDv7 identifiers (RFC 9562): the ids of two entities do not mix.
//
//   using ClaimId = Id<struct ClaimTag>;
//   ClaimId id = ids.make<ClaimId>();
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.h"

namespace credence {

class Clock;
class Random;

using UuidBytes = std::array<std::uint8_t, 16>;

// Lower-case 8-4-4-4-12 text.
std::string format_uuid(const UuidBytes& bytes);
// Accepts exactly that form (either case); anything else is Code::invalid.
Result<UuidBytes> parse_uuid(std::string_view text);

template <class Tag>
class Id {
public:
    static constexpr std::string_view kFormat = "uuid";
    static constexpr bool kSecret = false;

    Id() = default;
    explicit Id(const UuidBytes& bytes) : bytes_(bytes) {}
    static Result<Id> parse(std::string_view text) { return Id(TRY(parse_uuid(text))); }
    std::string to_string() const { return format_uuid(bytes_); }
    const UuidBytes& bytes() const { return bytes_; }
    auto operator<=>(const Id&) const = default;

private:
    UuidBytes bytes_{};
};

using RequestId = Id<struct RequestTag>;

// Makes ids: strictly increasing within a process, also inside one millisecond. Thread-safe.
class IdMaker {
public:
    IdMaker(const Clock& clock, Random& random) : clock_(clock), random_(random) {}
    UuidBytes make_bytes();
    template <class T>
    T make() {
        return T(make_bytes());
    }

private:
    const Clock& clock_;
    Random& random_;
    std::mutex mutex_;
    std::uint64_t last_ms_ = 0;
    std::uint32_t sequence_ = 0;  // 12 bits of rand_a count within a millisecond
};

}  // namespace credence
