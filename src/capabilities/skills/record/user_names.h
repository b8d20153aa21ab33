// Who a user is, without saying who: a keyed hash. The key lies beside the store, never in it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"

namespace credence::skills {

// Immutable once open, so thread-safe.
class UserNames {
public:
    static constexpr std::size_t kKeyBytes = 32;
    using Key = std::array<std::uint8_t, kKeyBytes>;

    // Reads <data_directory>/skills_user.key (mode 0600), or makes it once; without a directory a
    // key of this process. Code::unavailable where it cannot be read, made, or is not 32 bytes.
    static Result<UserNames> open(const std::string& data_directory, Random& random);

    // 64 hexadecimal digits: keyed BLAKE2b of tenant and user.
    std::string hash(std::string_view tenant, std::string_view user_id) const;

    // A key of its own for another purpose ("experiments"), from the same file.
    Key derived(std::string_view purpose) const;

private:
    explicit UserNames(const Key& key) : key_(key) {}
    Key key_;
};

}  // namespace credence::skills
