#include <algorithm>
#include <array>

#include "capabilities/guard/pii/checksums.h"
#include "capabilities/guard/pii/id_arithmetic.h"
#include "capabilities/guard/pii/national_ids.h"

namespace credence::guard {

namespace {

constexpr auto kVerhoeffProduct = std::to_array<std::string_view>(
    {"0123456789", "1234067895", "2340178956", "3401289567", "4012395678", "5987604321",
     "6598710432", "7659821043", "8765932104", "9876543210"});
constexpr auto kVerhoeffTurn =
    std::to_array<std::string_view>({"0123456789", "1576283094", "5803796142", "8916043527",
                                     "9453126870", "4286573901", "2793806415", "7046913258"});

// Postcode areas of Royal Mail, each between blanks.
constexpr std::string_view kPostcodeAreas =
    " AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY "
    "E EC EH EN EX "
    "FK FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M "
    "ME MK ML N NE NG "
    "NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA "
    "TD TF TN TQ TR TS "
    "TW UB W WA WC WD WF WN WR WS WV YO ZE ";

constexpr std::string_view kIndianStates =
    " AN AP AR AS BH BR CG CH DD DL DN GA GJ HP HR JH JK KA KL LA LD MH ML MN MP MZ NL OD OR PB PY "
    "RJ SK TN TR TS "
    "UA UK UP WB ";

bool listed(std::string_view list, std::string_view word) {
    const std::size_t at = list.find(word);
    return at != std::string_view::npos && list[at - 1] == ' ' && list[at + word.size()] == ' ';
}

}  // namespace

bool is_day_of_month(int day, int month) {
    constexpr std::array<int, 13> kDays = {0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month >= 1 && month <= 12 && day >= 1 && day <= kDays[static_cast<std::size_t>(month)];
}

bool mod_11_10_valid(std::string_view digits) {
    if (digits.size() < 2 || !are_digits(digits, digits.size())) {
        return false;
    }
    int product = 10;
    for (std::size_t i = 0; i + 1 < digits.size(); ++i) {
        const int sum = (digit_at(digits, i) + product) % 10;
        product = (sum == 0 ? 10 : sum) * 2 % 11;
    }
    return (product + digit_at(digits, digits.size() - 1)) % 10 == 1;
}

bool verhoeff_valid(std::string_view digits) {
    if (digits.empty() || !are_digits(digits, digits.size())) {
        return false;
    }
    std::size_t check = 0;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        const char turned =
            kVerhoeffTurn[i % 8][static_cast<std::size_t>(digits[digits.size() - 1 - i] - '0')];
        check = static_cast<std::size_t>(
            kVerhoeffProduct[check][static_cast<std::size_t>(turned - '0')] - '0');
    }
    return check == 0;
}

bool uk_nhs_valid(std::string_view id) {
    constexpr std::array<int, 9> kWeights = {10, 9, 8, 7, 6, 5, 4, 3, 2};
    if (!are_digits(id, 10) || same_digit(id)) {
        return false;
    }
    const int check = 11 - weighted(id, kWeights) % 11;
    return digit_at(id, 9) == (check == 11 ? 0 : check);
}

bool uk_nino_valid(std::string_view id) {
    if (id.size() < 8 || !are_digits(id, 2, 6)) {
        return false;
    }
    const auto in = [](std::string_view set, char c) { return set.find(c) != set.npos; };
    constexpr std::string_view kReserved = " BG GB KN NK NT TN ZZ ";
    return !in("DFIQUV", id[0]) && !in("DFIOQUV", id[1]) && !listed(kReserved, id.substr(0, 2)) &&
           (id.size() == 8 || (id[8] >= 'A' && id[8] <= 'D'));
}

bool uk_driving_valid(std::string_view id) {
    if (id.size() != 16 || !are_digits(id, 5, 6) || !is_upper(id[0])) {
        return false;
    }
    const int month = pair_at(id, 6);
    return is_day_of_month(pair_at(id, 8), month > 50 ? month - 50 : month);
}

bool uk_vehicle_valid(std::string_view id) {
    if (id.size() != 7 || !are_digits(id, 2, 2)) {
        return false;
    }
    const int age = pair_at(id, 2);
    return (age >= 2 && age <= 30) || (age >= 51 && age <= 80);
}

bool uk_postcode_valid(std::string_view id) {
    const std::size_t letters =
        static_cast<std::size_t>(std::find_if(id.begin(), id.end(), is_digit) - id.begin());
    if (letters < 1 || letters > 2 || id.size() < letters + 4 || id.size() > 7) {
        return false;
    }
    const std::string_view inward = id.substr(id.size() - 3);
    const auto unused = [](char c) {
        return std::string_view("CIKMOV").find(c) != std::string_view::npos;
    };
    return is_digit(inward[0]) && is_upper(inward[1]) && is_upper(inward[2]) &&
           !unused(inward[1]) && !unused(inward[2]) &&
           listed(kPostcodeAreas, id.substr(0, letters));
}

bool sg_fin_valid(std::string_view id) {
    constexpr std::array<int, 7> kWeights = {2, 7, 6, 5, 4, 3, 2};
    if (id.size() != 9 || !are_digits(id, 1, 7)) {
        return false;
    }
    int sum = weighted(id.substr(1), kWeights);
    sum += id[0] == 'T' || id[0] == 'G' ? 4 : id[0] == 'M' ? 3 : 0;
    const auto rest = static_cast<std::size_t>(sum % 11);
    switch (id[0]) {
        case 'S':
        case 'T':
            return id[8] == "JZIHGFEDCBA"[rest];
        case 'F':
        case 'G':
            return id[8] == "XWUTRQPNMLK"[rest];
        case 'M':
            return id[8] == "XWUTRQPNJLK"[rest];
        default:
            return false;
    }
}

bool au_abn_valid(std::string_view id) {
    constexpr std::array<int, 11> kWeights = {10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19};
    return are_digits(id, 11) && id[0] != '0' && (weighted(id, kWeights) - 10) % 89 == 0;
}

bool au_acn_valid(std::string_view id) {
    constexpr std::array<int, 8> kWeights = {8, 7, 6, 5, 4, 3, 2, 1};
    return are_digits(id, 9) && !same_digit(id) &&
           (10 - weighted(id, kWeights) % 10) % 10 == digit_at(id, 8);
}

bool au_tfn_valid(std::string_view id) {
    constexpr std::array<int, 9> kWeights = {1, 4, 3, 7, 5, 8, 6, 9, 10};
    return are_digits(id, 9) && !same_digit(id) && weighted(id, kWeights) % 11 == 0;
}

bool au_medicare_valid(std::string_view id) {
    constexpr std::array<int, 8> kWeights = {1, 3, 7, 9, 1, 3, 7, 9};
    return (are_digits(id, 10) || are_digits(id, 11)) && id[0] >= '2' && id[0] <= '6' &&
           weighted(id, kWeights) % 10 == digit_at(id, 8);
}

bool in_pan_valid(std::string_view id) {
    return id.size() == 10 && are_digits(id, 5, 4) &&
           std::string_view("PCHFATBLJG").find(id[3]) != std::string_view::npos;
}

bool in_aadhaar_valid(std::string_view id) {
    return are_digits(id, 12) && id[0] >= '2' && !same_digit(id) && verhoeff_valid(id);
}

bool in_gstin_valid(std::string_view id) {
    if (id.size() != 15 || !are_digits(id, 0, 2) || !in_pan_valid(id.substr(2, 10)) ||
        pair_at(id, 0) > 38) {
        return false;
    }
    int sum = 0;
    for (std::size_t i = 0; i < 14; ++i) {
        const int value = is_digit(id[i]) ? id[i] - '0' : id[i] - 'A' + 10;
        const int product = value * (i % 2 == 0 ? 1 : 2);
        sum += product / 36 + product % 36;
    }
    const int check = (36 - sum % 36) % 36;
    return id[14] ==
           (check < 10 ? static_cast<char>('0' + check) : static_cast<char>('A' + check - 10));
}

bool in_vehicle_valid(std::string_view id) {
    return id.size() >= 9 && listed(kIndianStates, id.substr(0, 2));
}

bool za_id_valid(std::string_view id) {
    return are_digits(id, 13) && is_day_of_month(pair_at(id, 4), pair_at(id, 2)) && id[10] <= '2' &&
           luhn_valid(id);
}

}  // namespace credence::guard
