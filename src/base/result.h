// The return type of everything that can fail.
//
//   Result<Verification> verify(...) {
//       auto claim = TRY(rows.find(tx, id));          // returns the error to our caller
//       if (claim.closed) return fail(Code::conflict, "claim is closed", "claim_id");
//       return Verification{...};
//   }
//
// Error::message is safe to show to any client; details that are not go to the log.
// All functions here are thread-safe.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace credence {

// What went wrong, by consequence for the caller. Each surface has one table from here to its own
// vocabulary (HTTP status, JSON-RPC code, exit code).
enum class Code : std::uint8_t {
    invalid,
    unauthenticated,
    forbidden,
    not_found,
    conflict,
    too_large,
    exhausted,
    timeout,
    cancelled,
    unavailable,
    unsupported,
    internal,
};

struct Error {
    Code code = Code::internal;
    std::string message;  // one sentence, safe to show
    std::string field;    // path of the offending input ("items[3].name") or empty
    std::int64_t retry_after_ms =
        0;  // for exhausted and unavailable: when trying again makes sense
};

template <class T = void>
using Result = std::expected<T, Error>;

[[nodiscard]] inline std::unexpected<Error> fail(Code code, std::string message,
                                                 std::string field = {}) {
    return std::unexpected(Error{code, std::move(message), std::move(field)});
}

// "invalid", "not_found", ... : the wire spelling of a code.
std::string_view to_string(Code code);

namespace result_detail {

// The value of a result that has one. A function, so that a dropped value is not a warning.
template <class T, class E>
T take(std::expected<T, E>& result) {
    if constexpr (std::is_void_v<T>) {
        return;
    } else {
        return *std::move(result);
    }
}

}  // namespace result_detail
}  // namespace credence

#define CREDENCE_JOIN_INNER(a, b) a##b
#define CREDENCE_JOIN(a, b) CREDENCE_JOIN_INNER(a, b)
#define CREDENCE_TRY(name, expression)                       \
    __extension__({                                          \
        auto name = (expression);                            \
        if (!name) {                                         \
            return std::unexpected(std::move(name).error()); \
        }                                                    \
        ::credence::result_detail::take(name);               \
    })

// The value of a Result, or return its error from the enclosing function.
#define TRY(...) CREDENCE_TRY(CREDENCE_JOIN(try_result_, __COUNTER__), (__VA_ARGS__))
