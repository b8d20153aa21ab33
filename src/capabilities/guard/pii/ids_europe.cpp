#include <algorithm>
#include <array>

#include "capabilities/guard/pii/checksums.h"
#include "capabilities/guard/pii/id_arithmetic.h"
#include "capabilities/guard/pii/national_ids.h"

namespace credence::guard {

namespace {

int cross_sum(int number) {
    return number / 10 + number % 10;
}

int document_value(char c) {
    return is_digit(c) ? c - '0' : c - 'A' + 10;
}

// Vowels and letters that look like digits are not used.
constexpr std::string_view kDocumentAlphabet = "0123456789CFGHJKLMNPRTVWXYZ";
constexpr std::string_view kDniLetters = "TRWAGMYFPDXBNJZSQVHLCKE";

}  // namespace

bool es_nif_valid(std::string_view id) {
    if (id.size() != 9 || !are_digits(id, 1, 7)) {
        return false;
    }
    const bool special = id[0] == 'K' || id[0] == 'L' || id[0] == 'M';
    if (!special && !is_digit(id[0])) {
        return false;
    }
    const int value = remainder_of(id.substr(special ? 1 : 0, special ? 7 : 8), 23);
    return id[8] == kDniLetters[static_cast<std::size_t>(value)];
}

bool es_nie_valid(std::string_view id) {
    if (id.size() != 9 || id[0] < 'X' || id[0] > 'Z' || !are_digits(id, 1, 7)) {
        return false;
    }
    const int first = id[0] - 'X';
    const int value = (first * (10'000'000 % 23) + remainder_of(id.substr(1, 7), 23)) % 23;
    return id[8] == kDniLetters[static_cast<std::size_t>(value)];
}

bool it_fiscal_code_valid(std::string_view id) {
    constexpr std::array<int, 26> kOdd = {1,  0,  5, 7, 9, 13, 15, 17, 19, 21, 2,  4,  18,
                                          20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23};
    constexpr std::string_view kMonths = "ABCDEHLMPRST";
    if (id.size() != 16 || kMonths.find(id[8]) == std::string_view::npos) {
        return false;
    }
    int sum = 0;
    for (std::size_t i = 0; i < 15; ++i) {
        if (!is_digit(id[i]) && !is_upper(id[i])) {
            return false;
        }
        const int value = is_digit(id[i]) ? id[i] - '0' : id[i] - 'A';
        sum += i % 2 == 0 ? kOdd[static_cast<std::size_t>(value)] : value;
    }
    return id[15] == 'A' + sum % 26;
}

bool pt_nif_valid(std::string_view id) {
    constexpr std::array<int, 8> kWeights = {9, 8, 7, 6, 5, 4, 3, 2};
    if (!are_digits(id, 9) || id[0] == '0' || id[0] == '4' || id[0] == '7' || same_digit(id)) {
        return false;
    }
    const int check = 11 - weighted(id, kWeights) % 11;
    return digit_at(id, 8) == (check >= 10 ? 0 : check);
}

bool gr_amka_valid(std::string_view id) {
    return are_digits(id, 11) && is_day_of_month(pair_at(id, 0), pair_at(id, 2)) && luhn_valid(id);
}

bool de_tax_id_valid(std::string_view id) {
    if (!are_digits(id, 11) || id[0] == '0') {
        return false;
    }
    std::array<int, 10> counts{};
    for (std::size_t i = 0; i < 10; ++i) {
        ++counts[static_cast<std::size_t>(digit_at(id, i))];
    }
    const auto repeated = std::count_if(counts.begin(), counts.end(), [](int n) { return n > 1; });
    const bool often = std::any_of(counts.begin(), counts.end(), [](int n) { return n > 3; });
    return repeated == 1 && !often && mod_11_10_valid(id);
}

bool de_serial_valid(std::string_view id) {
    const auto digits = std::count_if(id.begin(), id.end(), is_digit);
    return id.size() == 9 && is_upper(id[0]) && digits >= 4 &&
           id.find_first_not_of(kDocumentAlphabet) == std::string_view::npos;
}

bool de_document_valid(std::string_view id) {
    constexpr std::array<int, 3> kWeights = {7, 3, 1};
    if (id.size() != 10 || !is_digit(id[9]) || !is_upper(id[0])) {
        return false;
    }
    int sum = 0;
    for (std::size_t i = 0; i < 9; ++i) {
        if (kDocumentAlphabet.find(id[i]) == std::string_view::npos) {
            return false;
        }
        sum += document_value(id[i]) * kWeights[i % 3];
    }
    return sum % 10 == digit_at(id, 9);
}

bool de_social_security_valid(std::string_view id) {
    constexpr std::array<int, 12> kWeights = {2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1};
    if (id.size() != 12 || !are_digits(id, 0, 8) || !is_upper(id[8]) || !are_digits(id, 9, 3) ||
        !is_day_of_month((pair_at(id, 2) - 1) % 50 + 1, pair_at(id, 4))) {
        return false;
    }
    const int letter = id[8] - 'A' + 1;
    int sum = 0;
    for (std::size_t i = 0; i < 12; ++i) {
        const int digit = i < 8    ? digit_at(id, i)
                          : i == 8 ? letter / 10
                          : i == 9 ? letter % 10
                                   : digit_at(id, i - 1);
        sum += cross_sum(digit * kWeights[i]);
    }
    return sum % 10 == digit_at(id, 11);
}

bool de_health_valid(std::string_view id) {
    if (id.size() != 10 || !is_upper(id[0]) || !are_digits(id, 1, 9)) {
        return false;
    }
    const int letter = id[0] - 'A' + 1;
    int sum = cross_sum(letter / 10) + cross_sum(letter % 10 * 2);
    for (std::size_t i = 1; i < 9; ++i) {
        sum += cross_sum(digit_at(id, i) * (i % 2 == 1 ? 1 : 2));
    }
    return sum % 10 == digit_at(id, 9);
}

bool de_vat_valid(std::string_view id) {
    return id.size() == 11 && id.starts_with("DE") && id[2] != '0' && mod_11_10_valid(id.substr(2));
}

bool de_driving_valid(std::string_view id) {
    if (id.size() != 11) {
        return false;
    }
    int sum = 0;
    for (std::size_t i = 0; i < 9; ++i) {
        if (!is_alphanumeric(id[i])) {
            return false;
        }
        sum += document_value(id[i]) * (9 - static_cast<int>(i));
    }
    const int rest = sum % 11;
    return id[9] == (rest == 10 ? 'X' : static_cast<char>('0' + rest));
}

bool fr_nir_valid(std::string_view id) {
    if (id.size() != 15 || !are_digits(id, 0, 5) || !are_digits(id, 7, 8) || id[0] < '1' ||
        id[0] > '8') {
        return false;
    }
    const int month = pair_at(id, 3);
    const bool corsica = id[5] == '2' && (id[6] == 'A' || id[6] == 'B');
    if ((!corsica && !are_digits(id, 5, 2)) ||
        !((month >= 1 && month <= 12) || (month >= 20 && month <= 42) || month >= 50)) {
        return false;
    }
    std::array<char, 13> number{};
    std::copy_n(id.begin(), number.size(), number.begin());
    if (corsica) {
        number[5] = '1';
        number[6] = id[6] == 'A' ? '9' : '8';
    }
    return 97 - remainder_of({number.data(), number.size()}, 97) == pair_at(id, 13);
}

bool be_national_valid(std::string_view id) {
    if (!are_digits(id, 11) || pair_at(id, 2) % 20 > 12 || pair_at(id, 4) > 31) {
        return false;
    }
    const int before = remainder_of(id.substr(0, 9), 97);
    const int since = (2 * (1'000'000'000 % 97) + before) % 97;
    return 97 - before == pair_at(id, 9) || 97 - since == pair_at(id, 9);
}

bool nl_bsn_valid(std::string_view id) {
    constexpr std::array<int, 9> kWeights = {9, 8, 7, 6, 5, 4, 3, 2, -1};
    return are_digits(id, 9) && !same_digit(id) && weighted(id, kWeights) % 11 == 0;
}

bool ch_ahv_valid(std::string_view id) {
    constexpr std::array<int, 13> kWeights = {1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1};
    return are_digits(id, 13) && id.starts_with("756") && weighted(id, kWeights) % 10 == 0;
}

bool at_insurance_valid(std::string_view id) {
    constexpr std::array<int, 10> kWeights = {3, 7, 9, 0, 5, 8, 4, 2, 1, 6};
    return are_digits(id, 10) && id[0] != '0' && pair_at(id, 6) >= 1 && pair_at(id, 6) <= 15 &&
           pair_at(id, 4) <= 31 && weighted(id, kWeights) % 11 == digit_at(id, 3);
}

bool ie_pps_valid(std::string_view id) {
    constexpr std::array<int, 7> kWeights = {8, 7, 6, 5, 4, 3, 2};
    constexpr std::string_view kLetters = "WABCDEFGHIJKLMNOPQRSTUV";
    if (id.size() < 8 || id.size() > 9 || !are_digits(id, 0, 7) || !is_upper(id[7])) {
        return false;
    }
    int sum = weighted(id, kWeights);
    if (id.size() == 9) {
        if (id[8] < 'A' || id[8] > 'W') {
            return false;
        }
        sum += id[8] == 'W' ? 0 : 9 * (id[8] - 'A' + 1);
    }
    return kLetters[static_cast<std::size_t>(sum % 23)] == id[7];
}

bool se_personal_valid(std::string_view id) {
    const std::string_view ten = id.size() == 12 ? id.substr(2) : id;
    if (!are_digits(ten, 10) ||
        (id.size() == 12 && !id.starts_with("19") && !id.starts_with("20"))) {
        return false;
    }
    const int day = pair_at(ten, 4);
    return is_day_of_month(day > 60 ? day - 60 : day, pair_at(ten, 2)) && luhn_valid(ten);
}

bool no_birth_valid(std::string_view id) {
    constexpr std::array<int, 10> kFirst = {3, 7, 6, 1, 8, 9, 4, 5, 2, 1};
    constexpr std::array<int, 11> kSecond = {5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1};
    if (!are_digits(id, 11)) {
        return false;
    }
    const int day = pair_at(id, 0);
    return is_day_of_month(day > 40 ? day - 40 : day, pair_at(id, 2)) &&
           weighted(id, kFirst) % 11 == 0 && weighted(id, kSecond) % 11 == 0;
}

bool dk_cpr_valid(std::string_view id) {
    return are_digits(id, 10) && is_day_of_month(pair_at(id, 0), pair_at(id, 2));
}

bool fi_hetu_valid(std::string_view id) {
    constexpr std::string_view kLetters = "0123456789ABCDEFHJKLMNPRSTUVWXY";
    if (id.size() != 11 || !are_digits(id, 0, 6) || !are_digits(id, 7, 3) ||
        std::string_view("-+ABCDEFYXWVU").find(id[6]) == std::string_view::npos ||
        !is_day_of_month(pair_at(id, 0), pair_at(id, 2))) {
        return false;
    }
    const int value =
        remainder_of(id.substr(0, 6), 31) * (1000 % 31) + remainder_of(id.substr(7, 3), 31);
    return id[10] == kLetters[static_cast<std::size_t>(value % 31)];
}

}  // namespace credence::guard
