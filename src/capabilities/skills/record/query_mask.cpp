#include "capabilities/skills/record/query_mask.h"

#include "base/text.h"
#include "capabilities/guard/vault/masker.h"
#include "capabilities/guard/vault/pii_cuts.h"
#include "capabilities/guard/vault/sanitise.h"
#include "capabilities/skills/record/record_check.h"

namespace credence::skills {
namespace {

Result<std::vector<guard::Cut>> values_in(std::string_view text) {
    return guard::pii_cuts(text, {});
}

}  // namespace

Result<std::optional<std::string>> QueryMask::mask(std::string_view query) const {
    if (!store_ || trim(query).empty()) {
        return std::nullopt;
    }
    // Redactions have no key: this one is never used.
    guard::Masker masks(guard::MaskFormat::redact, std::string(guard::Masker::kKeyBytes, '\0'));
    const guard::Sanitised done =
        TRY(guard::sanitise(to_valid_utf8(trim(query)), &values_in, masks));
    const std::string_view kept = record::cut_at_character(trim(done.text), kMaxStoredBytes);
    return kept.empty() ? std::nullopt : std::optional(std::string(kept));
}

}  // namespace credence::skills
