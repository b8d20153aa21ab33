#include "api/host.h"

namespace credence::patterns {

Result<void> install(Host&) {
    return {};
}

}  // namespace credence::patterns
