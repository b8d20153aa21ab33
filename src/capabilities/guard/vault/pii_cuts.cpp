#include "capabilities/guard/vault/pii_cuts.h"

#include <algorithm>

namespace credence::guard {

std::vector<Cut> pii_cuts(std::string_view text, PiiOptions options) {
    options.max_found = std::max(options.max_found, kMaxPiiFound);
    std::vector<Detected> found;
    find_pii(text, options, found);
    std::vector<Cut> cuts;
    cuts.reserve(found.size());
    for (const Detected& item : found) {
        const PiiKind* kind = pii_kind(item.detector);
        const bool secret = kind != nullptr && kind->group == PiiGroup::secret;
        cuts.push_back({item.span, CutAction::mask, item.detector,
                        secret ? Category::secrets : Category::pii});
    }
    return cuts;
}

}  // namespace credence::guard
