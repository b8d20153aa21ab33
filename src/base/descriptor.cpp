#include "base/descriptor.h"

#include <unistd.h>

#include <cerrno>

namespace credence {

void Descriptor::reset() {
    if (number_ < 0) {
        return;
    }
    const int problem = errno;
    ::close(release());
    errno = problem;
}

bool write_all(int descriptor, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

}  // namespace credence
