#include "api/host.h"

namespace credence::flags {

Result<void> install(Host&) {
    return {};
}

}  // namespace credence::flags
