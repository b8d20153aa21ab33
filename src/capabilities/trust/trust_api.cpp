#include "api/host.h"

namespace credence::trust {

Result<void> install(Host&) {
    return {};
}

}  // namespace credence::trust
