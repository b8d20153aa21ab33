// Masks that stay the same for as long as the masker lives, without keeping any value: equal values
// are known by a keyed digest. Nothing can be unmasked. Not thread-safe; one for each text or
// conversation.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/random.h"
#include "capabilities/guard/vault/mask_source.h"
#include "capabilities/guard/vault/masks.h"

namespace credence::guard {

class Masker final : public MaskSource {
public:
    static constexpr std::size_t kMaxValues = 100'000;  // more: Code::exhausted
    static constexpr std::size_t kKeyBytes = 32;

    // A key of chance: masks of different maskers cannot be compared.
    Masker(MaskFormat format, Random& random);
    // Hashed masks are equal wherever this key (kKeyBytes or more) is used.
    Masker(MaskFormat format, const std::string& key);

    Result<std::vector<std::string>> masks_for(const std::vector<MaskItem>& items,
                                               const std::vector<std::string>& taken) override;

private:
    using Tag = std::array<std::uint8_t, 32>;
    Tag tag_of(const MaskItem& item) const;
    Result<std::string> mask_for(const MaskItem& item, const std::vector<std::string>& taken);

    MaskFormat format_;
    std::array<std::uint8_t, kKeyBytes> key_{};
    std::map<Tag, std::string> masks_;
    std::map<std::string, std::int64_t> last_number_;  // by label
};

}  // namespace credence::guard
