#include "capabilities/guard/pii/crypto_addresses.h"

#include <algorithm>
#include <array>
#include <bit>
#include <string>
#include <vector>

#include "base/text.h"
#include "capabilities/guard/pii/bytes.h"

namespace credence::guard {

namespace {

constexpr std::string_view kBitcoinAlphabet =
    "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
constexpr std::string_view kRippleAlphabet =
    "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz";
constexpr std::size_t kPayload = 25;  // version, twenty bytes of hash, four of checksum

// The 25 bytes of an address; empty when it is not one.
std::vector<std::uint8_t> base58_bytes(std::string_view token, std::string_view alphabet) {
    std::array<std::uint8_t, kPayload> bytes{};
    for (const char c : token) {
        const std::size_t digit = alphabet.find(c);
        if (digit == std::string_view::npos) {
            return {};
        }
        auto carry = static_cast<unsigned>(digit);
        for (std::size_t i = kPayload; i-- > 0;) {
            carry += bytes[i] * 58U;
            bytes[i] = static_cast<std::uint8_t>(carry);
            carry >>= 8U;
        }
        if (carry != 0) {
            return {};
        }
    }
    return {bytes.begin(), bytes.end()};
}

std::string sha256(std::string_view bytes) {
    const auto digest = from_hex(sha256_hex(bytes));
    return digest ? std::string(digest->begin(), digest->end()) : std::string();
}

// Keccak-f[1600] (FIPS 202 without its padding, as Ethereum uses it), one block.
void keccak_permute(std::array<std::uint64_t, 25>& a) {
    constexpr std::array<std::uint64_t, 24> kRound = {
        0x0000000000000001, 0x0000000000008082, 0x800000000000808A, 0x8000000080008000,
        0x000000000000808B, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
        0x000000000000008A, 0x0000000000000088, 0x0000000080008009, 0x000000008000000A,
        0x000000008000808B, 0x800000000000008B, 0x8000000000008089, 0x8000000000008003,
        0x8000000000008002, 0x8000000000000080, 0x000000000000800A, 0x800000008000000A,
        0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008};
    constexpr std::array<int, 24> kTurn = {1,  3,  6,  10, 15, 21, 28, 36, 45, 55, 2,  14,
                                           27, 41, 56, 8,  25, 43, 62, 18, 39, 61, 20, 44};
    constexpr std::array<std::size_t, 24> kLane = {10, 7,  11, 17, 18, 3, 5,  16, 8,  21, 24, 4,
                                                   15, 23, 19, 13, 12, 2, 20, 14, 22, 9,  6,  1};
    for (const std::uint64_t round : kRound) {
        std::array<std::uint64_t, 5> column{};
        for (std::size_t x = 0; x < 5; ++x) {
            column[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
        }
        for (std::size_t x = 0; x < 5; ++x) {
            const std::uint64_t mixed = column[(x + 4) % 5] ^ std::rotl(column[(x + 1) % 5], 1);
            for (std::size_t y = 0; y < 25; y += 5) {
                a[y + x] ^= mixed;
            }
        }
        std::uint64_t moved = a[1];
        for (std::size_t i = 0; i < 24; ++i) {
            const std::uint64_t turned = std::rotl(moved, kTurn[i]);
            moved = a[kLane[i]];
            a[kLane[i]] = turned;
        }
        for (std::size_t y = 0; y < 25; y += 5) {
            const std::array<std::uint64_t, 5> row = {a[y], a[y + 1], a[y + 2], a[y + 3], a[y + 4]};
            for (std::size_t x = 0; x < 5; ++x) {
                a[y + x] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
            }
        }
        a[0] ^= round;
    }
}

// First twenty bytes of the hash of at most 135 bytes.
std::array<std::uint8_t, 20> keccak_head(std::string_view text) {
    constexpr std::size_t kRate = 136;
    std::array<std::uint8_t, kRate> block{};
    std::copy_n(text.begin(), std::min(text.size(), kRate - 1), block.begin());
    block[text.size()] ^= 0x01U;
    block[kRate - 1] ^= 0x80U;
    std::array<std::uint64_t, 25> state{};
    for (std::size_t i = 0; i < kRate; ++i) {
        state[i / 8] |= static_cast<std::uint64_t>(block[i]) << (8 * (i % 8));
    }
    keccak_permute(state);
    std::array<std::uint8_t, 20> head{};
    for (std::size_t i = 0; i < head.size(); ++i) {
        head[i] = static_cast<std::uint8_t>(state[i / 8] >> (8 * (i % 8)));
    }
    return head;
}

}  // namespace

bool base58check_valid(std::string_view token, std::string_view alphabet) {
    const auto bytes = base58_bytes(token, alphabet);
    if (bytes.empty()) {
        return false;
    }
    const std::string payload(bytes.begin(), bytes.end() - 4);
    const std::string check = sha256(sha256(payload));
    return std::equal(bytes.end() - 4, bytes.end(), check.begin(),
                      [](std::uint8_t a, char b) { return a == static_cast<std::uint8_t>(b); });
}

bool bech32_valid(std::string_view token) {
    constexpr std::string_view kAlphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    constexpr std::array<std::uint32_t, 5> kGenerator = {0x3B6A57B2, 0x26508E6D, 0x1EA119FA,
                                                         0x3D4233DD, 0x2A1462B3};
    const std::size_t one = token.rfind('1');
    if (one == std::string_view::npos || one < 1 || token.size() < one + 7 || token.size() > 110) {
        return false;
    }
    std::uint32_t sum = 1;
    const auto feed = [&](std::uint32_t value) {
        const std::uint32_t top = sum >> 25U;
        sum = ((sum & 0x1FFFFFFU) << 5U) ^ value;
        for (std::size_t i = 0; i < kGenerator.size(); ++i) {
            sum ^= ((top >> i) & 1U) != 0 ? kGenerator[i] : 0;
        }
    };
    const std::string small = to_lower(token);
    for (std::size_t i = 0; i < one; ++i) {
        feed(static_cast<std::uint32_t>(small[i]) >> 5U);
    }
    feed(0);
    for (std::size_t i = 0; i < one; ++i) {
        feed(static_cast<std::uint32_t>(small[i]) & 31U);
    }
    for (std::size_t i = one + 1; i < small.size(); ++i) {
        const std::size_t value = kAlphabet.find(small[i]);
        if (value == std::string_view::npos) {
            return false;
        }
        feed(static_cast<std::uint32_t>(value));
    }
    return sum == 1 || sum == 0x2BC830A3;
}

bool eip55_valid(std::string_view token) {
    if (token.size() != 42 || !token.starts_with("0x")) {
        return false;
    }
    const std::string_view digits = token.substr(2);
    if (digits.find_first_not_of(digits[0]) == std::string_view::npos) {
        return false;  // made up
    }
    if (!std::all_of(digits.begin(), digits.end(), is_hex_digit)) {
        return false;
    }
    const std::string small = to_lower(digits);
    const bool one_case = small == digits || std::none_of(digits.begin(), digits.end(), [](char c) {
                              return c >= 'a' && c <= 'f';
                          });
    if (one_case) {
        return true;
    }
    const auto hash = keccak_head(small);
    for (std::size_t i = 0; i < digits.size(); ++i) {
        const unsigned nibble = i % 2 == 0 ? hash[i / 2] >> 4U : hash[i / 2] & 15U;
        if (is_letter(digits[i]) && is_upper(digits[i]) != (nibble >= 8)) {
            return false;
        }
    }
    return true;
}

Detector crypto_address_kind(std::string_view token) {
    const std::size_t n = token.size();
    if (n < kMinCryptoAddress || n > kMaxCryptoAddress) {
        return Detector::none;
    }
    if (n == 42 && token.starts_with("0x")) {
        return eip55_valid(token) ? Detector::crypto_ethereum : Detector::none;
    }
    const std::string head = to_lower(token.substr(0, 5));
    if (head.starts_with("bc1") || head.starts_with("tb1")) {
        return bech32_valid(token) ? Detector::crypto_bitcoin : Detector::none;
    }
    if (head.starts_with("ltc1") || head.starts_with("addr1") || head.starts_with("cosmo")) {
        return bech32_valid(token) ? Detector::crypto_other : Detector::none;
    }
    if (n > 35) {
        return Detector::none;
    }
    switch (token[0]) {
        case '1':
        case '3':
            return base58check_valid(token, kBitcoinAlphabet) ? Detector::crypto_bitcoin
                                                              : Detector::none;
        case 'L':
        case 'M':
        case 'D':
        case 'X':
        case 'T':
        case 'A':
        case 't':
            return base58check_valid(token, kBitcoinAlphabet) ? Detector::crypto_other
                                                              : Detector::none;
        case 'r':
            return base58check_valid(token, kRippleAlphabet) ? Detector::crypto_other
                                                             : Detector::none;
        default:
            return Detector::none;
    }
}

}  // namespace credence::guard
