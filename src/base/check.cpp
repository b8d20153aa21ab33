#include "base/check.h"

#include <cstdio>
#include <cstdlib>

#include "base/log.h"

namespace credence {

void check_failed(const char* file, int line, const char* text, std::string_view message) {
    log::flush();
    std::fprintf(stderr, "%s:%d: CHECK failed: %s (%.*s)\n", file, line, text,
                 static_cast<int>(message.size()), message.data());
    std::abort();
}

}  // namespace credence
