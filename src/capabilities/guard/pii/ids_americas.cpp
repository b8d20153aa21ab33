#include <algorithm>
#include <array>
#include <string>

#include "capabilities/guard/pii/checksums.h"
#include "capabilities/guard/pii/id_arithmetic.h"
#include "capabilities/guard/pii/national_ids.h"

namespace credence::guard {

namespace {

// Check digit 11 - sum mod 11, which is 0 above 9.
int mod_11_digit(std::string_view digits, std::span<const int> weights) {
    const int rest = weighted(digits, weights) % 11;
    return rest < 2 ? 0 : 11 - rest;
}

}  // namespace

bool us_itin_valid(std::string_view id) {
    if (!are_digits(id, 9) || id[0] != '9') {
        return false;
    }
    const int group = pair_at(id, 3);
    return (group >= 50 && group <= 65) || (group >= 70 && group <= 88) ||
           (group >= 90 && group <= 92) || (group >= 94 && group <= 99);
}

bool us_routing_valid(std::string_view id) {
    constexpr std::array<int, 9> kWeights = {3, 7, 1, 3, 7, 1, 3, 7, 1};
    if (!are_digits(id, 9)) {
        return false;
    }
    const int district = pair_at(id, 0);
    const bool known = district <= 12 || (district >= 21 && district <= 32) ||
                       (district >= 61 && district <= 72) || district == 80;
    return known && !same_digit(id) && weighted(id, kWeights) % 10 == 0;
}

bool us_medicare_valid(std::string_view id) {
    // C: 1-9, A: letter, N: digit, X: either. Letters S, L, O, I, B, Z are not used.
    constexpr std::string_view kFormat = "CAXNAXNAANN";
    constexpr std::string_view kLetters = "ACDEFGHJKMNPQRTUVWXY";
    if (id.size() != kFormat.size()) {
        return false;
    }
    for (std::size_t i = 0; i < id.size(); ++i) {
        const bool letter = kLetters.find(id[i]) != std::string_view::npos;
        const bool digit = is_digit(id[i]) && (kFormat[i] != 'C' || id[i] != '0');
        const bool fits = kFormat[i] == 'A' ? letter : kFormat[i] == 'X' ? letter || digit : digit;
        if (!fits) {
            return false;
        }
    }
    return true;
}

bool us_npi_valid(std::string_view id) {
    return are_digits(id, 10) && (id[0] == '1' || id[0] == '2') &&
           luhn_valid("80840" + std::string(id));
}

bool us_dea_valid(std::string_view id) {
    if (id.size() != 9 || !are_digits(id, 2, 7) ||
        std::string_view("ABCDEFGHJKLMPRSTUX").find(id[0]) == std::string_view::npos) {
        return false;
    }
    const int odd = digit_at(id, 2) + digit_at(id, 4) + digit_at(id, 6);
    const int even = digit_at(id, 3) + digit_at(id, 5) + digit_at(id, 7);
    return (odd + 2 * even) % 10 == digit_at(id, 8);
}

bool ca_sin_valid(std::string_view id) {
    return are_digits(id, 9) && id[0] != '0' && id[0] != '8' && luhn_valid(id);
}

bool br_cpf_valid(std::string_view id) {
    constexpr std::array<int, 10> kWeights = {11, 10, 9, 8, 7, 6, 5, 4, 3, 2};
    const std::span<const int> weights(kWeights);
    return are_digits(id, 11) && !same_digit(id) &&
           mod_11_digit(id, weights.subspan(1)) == digit_at(id, 9) &&
           mod_11_digit(id, weights) == digit_at(id, 10);
}

bool br_cnpj_valid(std::string_view id) {
    constexpr std::array<int, 13> kWeights = {6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2};
    const std::span<const int> weights(kWeights);
    return are_digits(id, 14) && !same_digit(id) &&
           mod_11_digit(id, weights.subspan(1)) == digit_at(id, 12) &&
           mod_11_digit(id, weights) == digit_at(id, 13);
}

bool mx_curp_valid(std::string_view id) {
    // The letter N with tilde is number 24, after N.
    const auto value = [](char c) {
        return is_digit(c) ? c - '0' : c <= 'N' ? c - 'A' + 10 : c - 'A' + 11;
    };
    if (id.size() != 18 || !are_digits(id, 4, 6) || !is_digit(id[17]) ||
        !is_day_of_month(pair_at(id, 8), pair_at(id, 6)) ||
        std::string_view("HMX").find(id[10]) == std::string_view::npos) {
        return false;
    }
    int sum = 0;
    for (std::size_t i = 0; i < 17; ++i) {
        if (!is_alphanumeric(id[i])) {
            return false;
        }
        sum += value(id[i]) * (18 - static_cast<int>(i));
    }
    return (10 - sum % 10) % 10 == digit_at(id, 17);
}

bool ar_cuit_valid(std::string_view id) {
    constexpr std::array<int, 11> kWeights = {5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1};
    if (!are_digits(id, 11)) {
        return false;
    }
    const int kind = pair_at(id, 0);
    return (kind == 20 || kind == 23 || kind == 24 || kind == 27 || kind == 30 || kind == 33 ||
            kind == 34) &&
           weighted(id, kWeights) % 11 == 0;
}

bool cl_rut_valid(std::string_view id) {
    if (id.size() < 8 || id.size() > 9 || !are_digits(id, 0, id.size() - 1)) {
        return false;
    }
    int sum = 0;
    int weight = 2;
    for (std::size_t i = id.size() - 1; i-- > 0;) {
        sum += weight * digit_at(id, i);
        weight = weight == 7 ? 2 : weight + 1;
    }
    const int check = 11 - sum % 11;
    return id.back() == (check == 11 ? '0' : check == 10 ? 'K' : static_cast<char>('0' + check));
}

}  // namespace credence::guard
