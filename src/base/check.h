// Assertions by consequence. Bad input is never a CHECK: it is an Error.
#pragma once

#include <string_view>

namespace credence {

// Prints "file:line: CHECK failed: text (message)" to stderr and aborts.
[[noreturn]] void check_failed(const char* file, int line, const char* text,
                               std::string_view message);

}  // namespace credence

// A bug of ours: the process must not go on.  CHECK(count > 0, "queue lost an entry")
#define CHECK(condition, message)                                              \
    do {                                                                       \
        if (!(condition)) [[unlikely]] {                                       \
            ::credence::check_failed(__FILE__, __LINE__, #condition, message); \
        }                                                                      \
    } while (false)

// The same, in debug builds only.
#ifdef NDEBUG
#define DCHECK(condition, message) \
    do {                           \
    } while (false)
#else
#define DCHECK(condition, message) CHECK(condition, message)
#endif
