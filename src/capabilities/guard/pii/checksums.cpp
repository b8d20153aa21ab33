#include "capabilities/guard/pii/checksums.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/text.h"
#include "capabilities/guard/pii/bytes.h"

namespace credence::guard {

namespace {

bool all_digits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

int prefix(std::string_view digits, std::size_t length) {
    int value = 0;
    std::from_chars(digits.data(), digits.data() + length, value);
    return value;
}

struct IbanLength {
    std::string_view country;
    std::size_t length;
};

// Registry of SWIFT, by country.
constexpr auto kIbanLengths = std::to_array<IbanLength>({
    {"AD", 24}, {"AE", 23}, {"AL", 28}, {"AT", 20}, {"AZ", 28}, {"BA", 20}, {"BE", 16}, {"BG", 22},
    {"BH", 22}, {"BI", 27}, {"BR", 29}, {"BY", 28}, {"CH", 21}, {"CR", 22}, {"CY", 28}, {"CZ", 24},
    {"DE", 22}, {"DJ", 27}, {"DK", 18}, {"DO", 28}, {"EE", 20}, {"EG", 29}, {"ES", 24}, {"FI", 18},
    {"FK", 18}, {"FO", 18}, {"FR", 27}, {"GB", 22}, {"GE", 22}, {"GI", 23}, {"GL", 18}, {"GR", 27},
    {"GT", 28}, {"HN", 28}, {"HR", 21}, {"HU", 28}, {"IE", 22}, {"IL", 23}, {"IQ", 23}, {"IS", 26},
    {"IT", 27}, {"JO", 30}, {"KW", 30}, {"KZ", 20}, {"LB", 28}, {"LC", 32}, {"LI", 21}, {"LT", 20},
    {"LU", 20}, {"LV", 21}, {"LY", 25}, {"MC", 27}, {"MD", 24}, {"ME", 22}, {"MK", 19}, {"MN", 20},
    {"MR", 27}, {"MT", 31}, {"MU", 30}, {"NI", 28}, {"NL", 18}, {"NO", 15}, {"OM", 23}, {"PK", 24},
    {"PL", 28}, {"PS", 29}, {"PT", 25}, {"QA", 29}, {"RO", 24}, {"RS", 22}, {"RU", 33}, {"SA", 24},
    {"SC", 31}, {"SD", 18}, {"SE", 24}, {"SI", 19}, {"SK", 24}, {"SM", 27}, {"SO", 23}, {"ST", 25},
    {"SV", 28}, {"TL", 23}, {"TN", 24}, {"TR", 26}, {"UA", 29}, {"VA", 22}, {"VG", 24}, {"XK", 20},
    {"YE", 30},
});

// Groups of an IPv6 address part ("2001:db8"); nothing when malformed. Empty text has no groups.
std::optional<std::vector<unsigned>> hex_groups(std::string_view part) {
    std::vector<unsigned> groups;
    if (part.empty()) {
        return groups;
    }
    for (const std::string_view group : split(part, ':')) {
        unsigned value = 0;
        const auto [end, error] =
            std::from_chars(group.data(), group.data() + group.size(), value, 16);
        if (group.empty() || group.size() > 4 || error != std::errc() ||
            end != group.data() + group.size()) {
            return std::nullopt;
        }
        groups.push_back(value);
    }
    return groups;
}

}  // namespace

bool luhn_valid(std::string_view digits) {
    if (!all_digits(digits)) {
        return false;
    }
    int sum = 0;
    bool twice = false;
    for (std::size_t i = digits.size(); i-- > 0;) {
        int digit = digits[i] - '0';
        if (twice) {
            digit = digit * 2 - (digit > 4 ? 9 : 0);
        }
        sum += digit;
        twice = !twice;
    }
    return sum % 10 == 0;
}

bool card_valid(std::string_view digits) {
    const std::size_t n = digits.size();
    if (n < 13 || n > 19 || !luhn_valid(digits)) {
        return false;
    }
    const int two = prefix(digits, 2);
    const int four = prefix(digits, 4);
    const bool visa = digits[0] == '4' && (n == 13 || n == 16 || n == 19);
    const bool mastercard = n == 16 && ((two >= 51 && two <= 55) || (four >= 2221 && four <= 2720));
    const bool amex = n == 15 && (two == 34 || two == 37);
    const bool diners = n == 14 && (two == 36 || two == 38 || two == 39 || two == 30);
    const bool discover = n >= 16 && (four == 6011 || two == 65 || (four >= 6440 && four <= 6499));
    const bool jcb =
        (n == 16 && four >= 3528 && four <= 3589) || (n == 15 && (four == 2131 || four == 1800));
    const bool maestro = two == 50 || (two >= 56 && two <= 58) || two == 63 || two == 67;
    const bool union_pay = n >= 16 && two == 62;
    return visa || mastercard || amex || diners || discover || jcb || maestro || union_pay;
}

std::size_t iban_length(std::string_view country) {
    const auto known = std::lower_bound(
        kIbanLengths.begin(), kIbanLengths.end(), country,
        [](const IbanLength& entry, std::string_view wanted) { return entry.country < wanted; });
    return known == kIbanLengths.end() || known->country != country ? 0 : known->length;
}

bool iban_valid(std::string_view iban) {
    if (iban.size() < 15 || iban_length(iban.substr(0, 2)) != iban.size()) {
        return false;
    }
    unsigned remainder = 0;
    for (std::size_t i = 0; i < iban.size(); ++i) {
        const char c = iban[(i + 4) % iban.size()];
        if (is_digit(c)) {
            remainder = (remainder * 10 + static_cast<unsigned>(c - '0')) % 97;
        } else if (c >= 'A' && c <= 'Z') {
            remainder = (remainder * 100 + static_cast<unsigned>(c - 'A') + 10) % 97;
        } else {
            return false;
        }
    }
    return remainder == 1;
}

bool ssn_valid(std::string_view digits) {
    if (digits.size() != 9 || !all_digits(digits)) {
        return false;
    }
    const std::string_view area = digits.substr(0, 3);
    return area != "000" && area != "666" && area[0] != '9' && digits.substr(3, 2) != "00" &&
           digits.substr(5) != "0000";
}

AddressKind ipv4_kind(std::string_view text) {
    const auto parts = split(text, '.');
    if (parts.size() != 4) {
        return AddressKind::none;
    }
    std::array<int, 4> octets{};
    for (std::size_t i = 0; i < 4; ++i) {
        if (!all_digits(parts[i]) || parts[i].size() > 3 ||
            (parts[i].size() > 1 && parts[i][0] == '0')) {
            return AddressKind::none;
        }
        octets[i] = prefix(parts[i], parts[i].size());
        if (octets[i] > 255) {
            return AddressKind::none;
        }
    }
    const auto [a, b, c, d] = octets;
    const bool documentation = (a == 192 && b == 0 && c == 2) ||
                               (a == 198 && b == 51 && c == 100) ||
                               (a == 203 && b == 0 && c == 113);
    const bool local = a == 0 || a == 10 || a == 127 || a >= 224 || (a == 169 && b == 254) ||
                       (a == 172 && b >= 16 && b <= 31) || (a == 192 && b == 168) ||
                       (a == 100 && b >= 64 && b <= 127);
    return documentation || local ? AddressKind::private_network : AddressKind::public_internet;
}

AddressKind ipv6_kind(std::string_view text) {
    const std::size_t gap = text.find("::");
    const bool compressed = gap != std::string_view::npos;
    const auto head = hex_groups(compressed ? text.substr(0, gap) : text);
    const auto tail = compressed ? hex_groups(text.substr(gap + 2)) : std::vector<unsigned>{};
    if (!head || !tail) {
        return AddressKind::none;
    }
    const std::size_t groups = head->size() + tail->size();
    if (compressed ? groups > 7 : groups != 8) {
        return AddressKind::none;
    }
    const unsigned first = head->empty() ? 0 : (*head)[0];
    const unsigned second = head->size() > 1 ? (*head)[1] : 0;
    const bool local = first == 0 || (first & 0xFE00U) == 0xFC00U || (first & 0xFFC0U) == 0xFE80U ||
                       (first & 0xFF00U) == 0xFF00U || (first == 0x2001 && second == 0xDB8);
    return local ? AddressKind::private_network : AddressKind::public_internet;
}

double entropy_bits(std::string_view text) {
    if (text.empty()) {
        return 0;
    }
    std::array<std::size_t, 256> counts{};
    for (const char c : text) {
        ++counts[static_cast<unsigned char>(c)];
    }
    double bits = 0;
    for (const std::size_t count : counts) {
        if (count > 0) {
            const double share = static_cast<double>(count) / static_cast<double>(text.size());
            bits -= share * std::log2(share);
        }
    }
    return bits;
}

}  // namespace credence::guard
