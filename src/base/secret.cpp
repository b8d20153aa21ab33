#include "base/secret.h"

#include <sodium.h>

namespace credence {

Secret::~Secret() {
    // The whole capacity: what a longer, earlier text left behind is wiped too.
    sodium_memzero(text_.data(), text_.capacity());
}

}  // namespace credence
