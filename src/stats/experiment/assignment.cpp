#include "stats/experiment/assignment.h"

#include <sodium.h>

#include <cmath>

#include "base/check.h"

namespace credence::stats {
namespace {

constexpr std::string_view kAssignmentLabel = "credence.assignment.1";
constexpr unsigned kBitsPerByte = 8;
constexpr unsigned kDroppedBits = 11;  // 64 - 53
constexpr double kShareRounding = 1e-9;
constexpr std::size_t kDigestBytes = 32;

class AssignmentHash {
public:
    explicit AssignmentHash(const AssignmentKey& key) {
        static_assert(kAssignmentKeyBytes <= crypto_generichash_KEYBYTES_MAX);
        CHECK(crypto_generichash_init(&state_, key.data(), key.size(), kDigestBytes) == 0,
              "no BLAKE2b");
    }

    void add(std::string_view bytes) {
        crypto_generichash_update(&state_, reinterpret_cast<const unsigned char*>(bytes.data()),
                                  bytes.size());
    }

    void add_with_length(std::string_view bytes) {
        std::array<unsigned char, sizeof(std::uint64_t)> length{};
        for (std::size_t i = 0; i < length.size(); ++i) {
            length[i] = static_cast<unsigned char>(
                (std::uint64_t{bytes.size()} >> (kBitsPerByte * i)) & 0xffU);
        }
        crypto_generichash_update(&state_, length.data(), length.size());
        add(bytes);
    }

    std::uint64_t first_word() {
        std::array<unsigned char, kDigestBytes> digest{};
        crypto_generichash_final(&state_, digest.data(), digest.size());
        std::uint64_t word = 0;
        for (std::size_t i = 0; i < sizeof word; ++i) {
            word |= std::uint64_t{digest[i]} << (kBitsPerByte * i);
        }
        return word;
    }

private:
    crypto_generichash_state state_;
};

double sum_of_shares(std::span<const double> shares) {
    double sum = 0;
    for (const double share : shares) {
        sum += share;
    }
    return sum;
}

}  // namespace

double assignment_position(const AssignmentKey& key, std::string_view experiment,
                           std::string_view user) {
    AssignmentHash hash(key);
    hash.add(kAssignmentLabel);
    hash.add_with_length(experiment);
    hash.add_with_length(user);
    return static_cast<double>(hash.first_word() >> kDroppedBits) * 0x1.0p-53;
}

bool valid_arm_shares(std::span<const double> shares) {
    for (const double share : shares) {
        if (!std::isfinite(share) || share < 0) {
            return false;
        }
    }
    const double sum = sum_of_shares(shares);
    return shares.size() >= 2 && sum > 0 && sum <= 1 + kShareRounding;
}

std::optional<std::size_t> choose_arm(double position, std::span<const double> shares) {
    CHECK(position >= 0 && position < 1, "a position is in [0, 1)");
    CHECK(valid_arm_shares(shares), "shares that are no division of everybody");
    double end = 0;
    std::optional<std::size_t> last;
    for (std::size_t arm = 0; arm < shares.size(); ++arm) {
        end += shares[arm];
        if (shares[arm] > 0) {
            if (position < end) {
                return arm;
            }
            last = arm;
        }
    }
    // Ten shares of 0.1 add up to a little less than 1: the last arm owns the rest.
    return end >= 1 - kShareRounding ? last : std::nullopt;
}

}  // namespace credence::stats
