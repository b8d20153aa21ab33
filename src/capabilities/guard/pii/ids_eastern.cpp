#include <array>

#include "capabilities/guard/pii/checksums.h"
#include "capabilities/guard/pii/id_arithmetic.h"
#include "capabilities/guard/pii/national_ids.h"

namespace credence::guard {

bool pl_pesel_valid(std::string_view id) {
    constexpr std::array<int, 11> kWeights = {1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1};
    return are_digits(id, 11) && is_day_of_month(pair_at(id, 4), pair_at(id, 2) % 20) &&
           weighted(id, kWeights) % 10 == 0;
}

bool pl_nip_valid(std::string_view id) {
    constexpr std::array<int, 9> kWeights = {6, 5, 7, 2, 3, 4, 5, 6, 7};
    return are_digits(id, 10) && id[0] != '0' && !same_digit(id) &&
           weighted(id, kWeights) % 11 == digit_at(id, 9);
}

bool cz_birth_valid(std::string_view id) {
    if (!are_digits(id, 10) || remainder_of(id, 11) != 0) {
        return false;
    }
    const int month = pair_at(id, 2) % 50;
    return is_day_of_month(pair_at(id, 4), month > 20 ? month - 20 : month);
}

bool ro_cnp_valid(std::string_view id) {
    constexpr std::array<int, 12> kWeights = {2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9};
    if (!are_digits(id, 13) || id[0] == '0' || !is_day_of_month(pair_at(id, 5), pair_at(id, 3))) {
        return false;
    }
    const int rest = weighted(id, kWeights) % 11;
    return digit_at(id, 12) == (rest == 10 ? 1 : rest);
}

bool bg_egn_valid(std::string_view id) {
    constexpr std::array<int, 9> kWeights = {2, 4, 8, 5, 10, 9, 7, 3, 6};
    return are_digits(id, 10) && is_day_of_month(pair_at(id, 4), pair_at(id, 2) % 20) &&
           weighted(id, kWeights) % 11 % 10 == digit_at(id, 9);
}

bool baltic_code_valid(std::string_view id) {
    constexpr std::array<int, 10> kFirst = {1, 2, 3, 4, 5, 6, 7, 8, 9, 1};
    constexpr std::array<int, 10> kSecond = {3, 4, 5, 6, 7, 8, 9, 1, 2, 3};
    if (!are_digits(id, 11) || id[0] < '1' || id[0] > '6' ||
        !is_day_of_month(pair_at(id, 5), pair_at(id, 3))) {
        return false;
    }
    int rest = weighted(id, kFirst) % 11;
    rest = rest == 10 ? weighted(id, kSecond) % 11 : rest;
    return digit_at(id, 10) == rest % 10;
}

bool ru_snils_valid(std::string_view id) {
    constexpr std::array<int, 9> kWeights = {9, 8, 7, 6, 5, 4, 3, 2, 1};
    return are_digits(id, 11) && !same_digit(id) &&
           weighted(id, kWeights) % 101 % 100 == pair_at(id, 9);
}

bool ru_inn_valid(std::string_view id) {
    constexpr std::array<int, 11> kWeights = {3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8};
    const std::span<const int> weights(kWeights);
    if (same_digit(id)) {
        return false;
    }
    if (are_digits(id, 10)) {
        return weighted(id, weights.subspan(2)) % 11 % 10 == digit_at(id, 9);
    }
    return are_digits(id, 12) && weighted(id, weights.subspan(1)) % 11 % 10 == digit_at(id, 10) &&
           weighted(id, weights) % 11 % 10 == digit_at(id, 11);
}

bool tr_id_valid(std::string_view id) {
    if (!are_digits(id, 11) || id[0] == '0') {
        return false;
    }
    int odd = 0;
    int even = 0;
    for (std::size_t i = 0; i < 9; ++i) {
        (i % 2 == 0 ? odd : even) += digit_at(id, i);
    }
    const int tenth = ((odd * 7 - even) % 10 + 10) % 10;
    return digit_at(id, 9) == tenth && digit_at(id, 10) == (odd + even + tenth) % 10;
}

bool kr_rrn_valid(std::string_view id) {
    constexpr std::array<int, 12> kWeights = {2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5};
    if (!are_digits(id, 13) || !is_day_of_month(pair_at(id, 4), pair_at(id, 2))) {
        return false;
    }
    const bool foreign = id[6] >= '5' && id[6] <= '8';
    const int rest = weighted(id, kWeights) % 11;
    return digit_at(id, 12) == ((foreign ? 13 : 11) - rest) % 10;
}

bool kr_brn_valid(std::string_view id) {
    constexpr std::array<int, 9> kWeights = {1, 3, 7, 1, 3, 7, 1, 3, 5};
    if (!are_digits(id, 10) || same_digit(id)) {
        return false;
    }
    const int sum = weighted(id, kWeights) + digit_at(id, 8) * 5 / 10;
    return digit_at(id, 9) == (10 - sum % 10) % 10;
}

bool th_id_valid(std::string_view id) {
    constexpr std::array<int, 12> kWeights = {13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2};
    return are_digits(id, 13) && id[0] != '0' && !same_digit(id) &&
           (11 - weighted(id, kWeights) % 11) % 10 == digit_at(id, 12);
}

bool cn_resident_valid(std::string_view id) {
    constexpr std::array<int, 17> kWeights = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    if (id.size() != 18 || !are_digits(id, 0, 17) || id[0] < '1' || id[0] > '8' || id[1] > '7' ||
        !is_day_of_month(pair_at(id, 12), pair_at(id, 10))) {
        return false;
    }
    const int century = pair_at(id, 6);
    return century >= 18 && century <= 20 &&
           id[17] == "10X98765432"[static_cast<std::size_t>(weighted(id, kWeights) % 11)];
}

bool il_id_valid(std::string_view id) {
    return are_digits(id, 9) && luhn_valid(id) && !same_digit(id);
}

bool hk_id_valid(std::string_view id) {
    if (id.size() < 8 || id.size() > 9 || !are_digits(id, id.size() - 7, 6)) {
        return false;
    }
    const std::size_t letters = id.size() - 7;
    // A missing first letter counts as a blank, 36.
    int sum = letters == 1 ? 36 * 9 : (id[0] - 'A' + 10) * 9;
    sum += (id[letters - 1] - 'A' + 10) * 8;
    for (std::size_t i = 0; i < 6; ++i) {
        sum += digit_at(id, letters + i) * (7 - static_cast<int>(i));
    }
    const int check = id.back() == 'A' ? 10 : is_digit(id.back()) ? id.back() - '0' : -1;
    return check >= 0 && (sum + check) % 11 == 0;
}

bool tw_id_valid(std::string_view id) {
    constexpr std::string_view kOrder = "ABCDEFGHJKLMNPQRSTUVXYWZIO";
    constexpr std::array<int, 9> kWeights = {8, 7, 6, 5, 4, 3, 2, 1, 1};
    const std::size_t letter = id.empty() ? kOrder.npos : kOrder.find(id[0]);
    if (letter == kOrder.npos || id.size() != 10 || !are_digits(id, 1, 9) ||
        std::string_view("1289").find(id[1]) == std::string_view::npos) {
        return false;
    }
    const int value = static_cast<int>(letter) + 10;
    return (value / 10 + value % 10 * 9 + weighted(id.substr(1), kWeights)) % 10 == 0;
}

bool jp_my_number_valid(std::string_view id) {
    constexpr std::array<int, 11> kWeights = {6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2};
    if (!are_digits(id, 12) || same_digit(id)) {
        return false;
    }
    const int rest = weighted(id, kWeights) % 11;
    return digit_at(id, 11) == (rest < 2 ? 0 : 11 - rest);
}

bool my_nric_valid(std::string_view id) {
    return are_digits(id, 12) && is_day_of_month(pair_at(id, 4), pair_at(id, 2)) &&
           pair_at(id, 6) >= 1 && pair_at(id, 6) != 17 && pair_at(id, 6) != 18;
}

bool id_nik_valid(std::string_view id) {
    if (!are_digits(id, 16) || pair_at(id, 0) < 11 || pair_at(id, 0) > 97) {
        return false;
    }
    const int day = pair_at(id, 6);
    return is_day_of_month(day > 40 ? day - 40 : day, pair_at(id, 8));
}

}  // namespace credence::guard
