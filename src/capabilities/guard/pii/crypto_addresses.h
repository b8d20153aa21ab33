// Addresses of crypto currencies by their checksums. Pure; O(length), at most kMaxCryptoAddress
// characters.
#pragma once

#include <string_view>

#include "capabilities/guard/kinds.h"

namespace credence::guard {

inline constexpr std::size_t kMinCryptoAddress = 25;
inline constexpr std::size_t kMaxCryptoAddress = 112;

// crypto_bitcoin, crypto_ethereum, crypto_other, or none. Base58Check: first four bytes of a double
// SHA-256 (Bitcoin, Litecoin, Dogecoin, Dash, Tron; Ripple with its own alphabet); bech32 and
// bech32m: BIP 173 and BIP 350; Ethereum: EIP-55 when the letters are of both cases, else forty
// hexadecimal digits behind "0x".
Detector crypto_address_kind(std::string_view token);

bool base58check_valid(std::string_view token, std::string_view alphabet);
bool bech32_valid(std::string_view token);
bool eip55_valid(std::string_view token);

}  // namespace credence::guard
