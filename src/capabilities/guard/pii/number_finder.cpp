#include "capabilities/guard/pii/number_finder.h"

#include <algorithm>
#include <array>
#include <span>

#include "capabilities/guard/pii/bytes.h"
#include "capabilities/guard/pii/checksums.h"

namespace credence::guard {

namespace {

constexpr std::size_t kMaxCardDigits = 19;
constexpr std::size_t kMaxIban = 34;
constexpr std::size_t kCardIdentifierReach = 20;  // "order number 4111…" is an order number

bool joined_after(std::string_view text, std::size_t end) {
    if (end >= text.size()) {
        return false;
    }
    const bool digit_next = end + 1 < text.size() && is_digit(text[end + 1]);
    const bool any_next = end + 1 < text.size() && is_alphanumeric(text[end + 1]);
    return is_alphanumeric(text[end]) || text[end] == '_' ||
           (digit_next && (text[end] == '.' || text[end] == ',')) || (any_next && text[end] == '-');
}

bool joined_before(std::string_view text, std::size_t start) {
    if (start == 0) {
        return false;
    }
    const char before = text[start - 1];
    const bool after_digit = start > 1 && is_digit(text[start - 2]);
    return is_alphanumeric(before) || before == '_' || before == '$' ||
           (after_digit && (before == '.' || before == ',' || before == '-'));
}

// Groups as printed: 4-4-4-4(-3), 4-6-5, 4-6-4, or none.
bool printed_as_card(std::span<const std::size_t> groups) {
    if (groups.size() == 1) {
        return true;
    }
    if (groups.size() == 3) {
        return groups[0] == 4 && groups[1] == 6 && (groups[2] == 5 || groups[2] == 4);
    }
    if (groups.size() < 4 || groups.size() > 5) {
        return false;
    }
    const bool fours =
        std::all_of(groups.begin(), groups.begin() + 3, [](std::size_t size) { return size == 4; });
    return fours && groups.back() <= 4;
}

}  // namespace

std::optional<Detected> find_card(std::string_view text, std::size_t at, CueScanner& cues) {
    if (at >= text.size() || text[at] < '1' || text[at] > '6' || joined_before(text, at)) {
        return std::nullopt;
    }
    std::array<char, kMaxCardDigits> digits{};
    std::array<std::size_t, 5> groups{};
    std::size_t size = 0;
    std::size_t group = 0;
    std::size_t end = at;
    while (end < text.size()) {
        if (is_digit(text[end])) {
            if (size == kMaxCardDigits) {
                return std::nullopt;
            }
            digits[size] = text[end];
            ++size;
            ++groups[group];
            ++end;
            continue;
        }
        const std::size_t gap = gap_bytes(text, end);
        if (gap == 0 || end + gap >= text.size() || !is_digit(text[end + gap]) || size >= 16 ||
            group + 1 == groups.size() || groups[group] > 6) {
            break;
        }
        end += gap;
        ++group;
    }
    const std::string_view number(digits.data(), size);
    if (size < 13 || !printed_as_card({groups.data(), group + 1}) || joined_after(text, end) ||
        !card_valid(number)) {
        return std::nullopt;
    }
    const bool named = cues.before(Cue::card, at) != CueScanner::kFar;
    const bool other = cues.before(Cue::identifier, at) < kCardIdentifierReach;
    const bool usual = size == 15 || size == 16;
    if (!named && (other || (!usual && group == 0))) {
        return std::nullopt;
    }
    return Detected{Detector::credit_card, {at, end}, named ? 1.0 : 0.9};
}

std::optional<Detected> find_iban(std::string_view text, std::size_t at) {
    if (at + 15 > text.size() || !is_letter(text[at]) || !is_letter(text[at + 1]) ||
        !is_digit(text[at + 2]) || !is_digit(text[at + 3])) {
        return std::nullopt;
    }
    const std::array<char, 2> country = {upper(text[at]), upper(text[at + 1])};
    const std::size_t length = iban_length({country.data(), country.size()});
    std::array<char, kMaxIban> compact{};
    std::size_t size = 0;
    std::size_t end = at;
    while (end < text.size() && size < length) {
        const std::size_t gap = gap_bytes(text, end);
        if (gap > 0) {
            end += gap;
        } else if (is_alphanumeric(text[end])) {
            compact[size] = upper(text[end]);
            ++size;
            ++end;
        } else {
            break;
        }
    }
    if (size != length || length == 0 || (end < text.size() && is_alphanumeric(text[end])) ||
        !iban_valid({compact.data(), size})) {
        return std::nullopt;
    }
    return Detected{Detector::iban, {at, end}, 1.0};
}

}  // namespace credence::guard
