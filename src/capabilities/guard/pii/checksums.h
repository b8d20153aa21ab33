// Arithmetic that tells real identifiers from numbers that merely look like them. Pure.
#pragma once

#include <string_view>

namespace credence::guard {

// ISO/IEC 7812-1 annex B (Luhn): digits only.
bool luhn_valid(std::string_view digits);
// A card number: 13 to 19 digits, an issuer's prefix and length, Luhn.
bool card_valid(std::string_view digits);
// Characters of an account of the country ("DE"), 0 when it has none. SWIFT IBAN registry.
std::size_t iban_length(std::string_view country);
// ISO 13616: country's length, ISO 7064 MOD 97-10. Letters upper case, no blanks.
bool iban_valid(std::string_view iban);
// US Social Security Administration: area not 000, 666 or 9xx; group not 00; serial not 0000.
bool ssn_valid(std::string_view digits);

enum class AddressKind { none, public_internet, private_network };
// Dotted quad; private: RFC 1918, loopback, link local, documentation, unspecified, multicast.
AddressKind ipv4_kind(std::string_view text);
// RFC 4291 text; private: loopback, link local, unique local, documentation, unspecified.
AddressKind ipv6_kind(std::string_view text);

// Shannon entropy of the bytes, bits a byte (Shannon 1948).
double entropy_bits(std::string_view text);

}  // namespace credence::guard
