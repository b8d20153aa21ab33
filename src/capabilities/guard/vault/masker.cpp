#include "capabilities/guard/vault/masker.h"

#include <sodium.h>

#include <algorithm>
#include <span>

#include "capabilities/guard/vault/vault_key.h"

namespace credence::guard {

Masker::Masker(MaskFormat format, Random& random) : format_(format) {
    random.fill(key_.data(), key_.size());
}

Masker::Masker(MaskFormat format, const std::string& key) : format_(format) {
    crypto_generichash(key_.data(), key_.size(), reinterpret_cast<const unsigned char*>(key.data()),
                       key.size(), nullptr, 0);
}

Masker::Tag Masker::tag_of(const MaskItem& item) const {
    return keyed_digest(key_, {item.label, item.canonical});
}

Result<std::string> Masker::mask_for(const MaskItem& item, const std::vector<std::string>& taken) {
    if (format_ == MaskFormat::redact) {
        return redact_mask(item.label);
    }
    const Tag tag = tag_of(item);
    if (format_ == MaskFormat::hash) {
        return hash_mask(item.label, std::span(tag).first(kMaskTagBytes));
    }
    if (const auto known = masks_.find(tag); known != masks_.end()) {
        return known->second;
    }
    std::int64_t& last = last_number_[item.label];
    std::string mask;
    do {
        if (last >= kMaxMaskNumber || masks_.size() >= kMaxValues) {
            return fail(Code::exhausted, "too many different values to mask");
        }
        mask = number_mask(item.label, ++last);
    } while (std::binary_search(taken.begin(), taken.end(), mask));
    masks_.emplace(tag, mask);
    return mask;
}

Result<std::vector<std::string>> Masker::masks_for(const std::vector<MaskItem>& items,
                                                   const std::vector<std::string>& taken) {
    std::vector<std::string> masks;
    masks.reserve(items.size());
    for (const MaskItem& item : items) {
        masks.push_back(TRY(mask_for(item, taken)));
    }
    return masks;
}

}  // namespace credence::guard
