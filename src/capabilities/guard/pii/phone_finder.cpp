#include <algorithm>
#include <array>

#include "capabilities/guard/pii/bytes.h"
#include "capabilities/guard/pii/number_finder.h"

namespace credence::guard {

namespace {

constexpr std::size_t kMinDigits = 6;
constexpr std::size_t kMaxDigits = 17;  // fifteen of E.164 behind "00"
constexpr std::size_t kMaxGroups = 8;
constexpr std::size_t kMaxExtension = 6;

struct Number {
    std::size_t start = 0;
    std::size_t end = 0;
    std::size_t digits = 0;
    std::array<std::size_t, kMaxGroups> groups{};
    std::size_t group_count = 0;
    char separator = '\0';  // the last one between groups
    bool plus = false;
    bool bracket = false;  // the first group, or the second, stands in brackets
};

// Signs between two groups: at most one blank or hyphen and one bracket.
std::size_t separators(std::string_view text, std::size_t at, Number& number) {
    std::size_t end = at;
    for (int i = 0; i < 3 && end < text.size(); ++i) {
        const char c = text[end];
        const std::size_t gap = gap_bytes(text, end);
        if (gap > 0) {
            number.separator = gap == 1 ? c : ' ';
            end += gap;
        } else if (c == '.' || c == '/') {
            number.separator = c;
            ++end;
        } else if (c == '(' || c == ')') {
            number.bracket = true;
            ++end;
        } else {
            break;
        }
    }
    return end;
}

// Two signs at most, of which one is a bracket: "5 - 3" and "a. 5" part numbers.
bool may_join(std::string_view between) {
    const bool bracket = between.find_first_of("()") != std::string_view::npos;
    return bracket
               ? between.size() <= 3
               : between.size() == 1 || (between.size() <= 3 && between.find(' ') == between.npos &&
                                         is_wide(between[0]));
}

bool isolated_before(std::string_view text, std::size_t start) {
    if (start == 0) {
        return true;
    }
    const char before = text[start - 1];
    const bool digit = start > 1 && is_alphanumeric(text[start - 2]);
    return !is_alphanumeric(before) && before != '_' && before != '$' && before != '=' &&
           !(digit && (before == '.' || before == ',' || before == '-' || before == '/' ||
                       before == ':' || before == '+'));
}

Number read_number(std::string_view text, std::size_t at) {
    Number number;
    number.start = at;
    if (number.start > 0 && text[number.start - 1] == '(') {
        // "(030) 1234", not "(1898-1902)".
        std::size_t close = at;
        while (close < text.size() && close - at < 6 && is_digit(text[close])) {
            ++close;
        }
        number.bracket = close < text.size() && text[close] == ')';
        number.start -= number.bracket ? 1 : 0;
    }
    if (number.start > 0 && text[number.start - 1] == '+') {
        --number.start;
        number.plus = true;
    }
    if (!isolated_before(text, number.start)) {
        return number;
    }
    std::size_t end = at;
    while (number.group_count < kMaxGroups) {
        std::size_t size = 0;
        while (end < text.size() && is_digit(text[end]) && number.digits <= kMaxDigits) {
            ++end;
            ++size;
            ++number.digits;
        }
        number.groups[number.group_count] = size;
        ++number.group_count;
        number.end = end;
        const char kept = number.separator;
        const std::size_t next = separators(text, end, number);
        if (next == end || next >= text.size() || !is_digit(text[next]) ||
            !may_join(text.substr(end, next - end))) {
            number.separator = kept;
            break;
        }
        end = next;
    }
    return number;
}

// "x1234", " ext. 12": part of the number.
std::size_t extension_end(std::string_view text, std::size_t end) {
    std::size_t at = end;
    if (at < text.size() && text[at] == ' ') {
        ++at;
    }
    const std::string_view rest = text.substr(at, 5);
    std::size_t skip = 0;
    for (const std::string_view word : {"ext. ", "ext.", "ext ", "x", "#"}) {
        if (skip == 0 && rest.starts_with(word)) {
            skip = word.size();
        }
    }
    std::size_t stop = at + skip;
    while (skip > 0 && stop < text.size() && is_digit(text[stop]) &&
           stop - at - skip < kMaxExtension) {
        ++stop;
    }
    return skip > 0 && stop > at + skip ? stop : end;
}

bool isolated_behind(std::string_view text, std::size_t end) {
    if (end >= text.size()) {
        return true;
    }
    const char next = text[end];
    const bool digit = end + 1 < text.size() && is_digit(text[end + 1]);
    return !is_alphanumeric(next) && next != '_' && next != '%' && next != ':' &&
           !(digit && (next == ',' || next == '.' || next == '-' || next == '/'));
}

bool is_year(std::string_view digits) {
    return digits.starts_with("19") || digits.starts_with("20");
}

// What it is worth without a word that says so; 0: nothing.
double by_shape(std::string_view text, std::size_t at, const Number& number) {
    const auto& groups = number.groups;
    const std::size_t n = number.digits;
    if (number.plus) {
        return n >= 8 && n <= 15 && text[at] != '0' ? 0.95 : 0;
    }
    const bool split = number.group_count > 1;
    if (split && text.substr(at).starts_with("00") && n >= 10 && text[at + 2] != '0') {
        return 0.8;
    }
    const std::size_t skip = groups[0] == 1 && text[at] == '1' ? 1 : 0;
    const bool american = number.group_count == skip + 3 && groups[skip] == 3 &&
                          groups[skip + 1] == 3 && groups[skip + 2] == 4;
    if (american && (number.bracket || number.separator == '-' || number.separator == '.')) {
        return 0.85;
    }
    const bool bracketed = number.start < at && split;
    if (bracketed && groups[0] >= 2 && groups[0] <= 5 && n >= 7 && n <= 12) {
        return groups[0] == 4 && is_year(text.substr(at, 4)) ? 0 : 0.7;
    }
    const bool long_groups = std::all_of(groups.begin(), groups.begin() + number.group_count,
                                         [](std::size_t size) { return size >= 2; });
    // "7 000 000 000" is an amount.
    const bool thousands = at > 1 && is_digit(text[at - 2]);
    if (split && text[at] == '0' && !thousands && n >= 9 && n <= 11 && long_groups &&
        groups[0] >= 2) {
        return 0.6;
    }
    return 0;
}

}  // namespace

std::optional<Detected> find_phone(std::string_view text, std::size_t at, CueScanner& cues) {
    if (at >= text.size() || !is_digit(text[at])) {
        return std::nullopt;
    }
    Number number = read_number(text, at);
    if (number.digits < kMinDigits || number.digits > kMaxDigits) {
        return std::nullopt;
    }
    const std::size_t extended = extension_end(text, number.end);
    const bool extension = extended > number.end;
    number.end = extended;
    if (!isolated_behind(text, number.end)) {
        return std::nullopt;
    }
    double confidence = by_shape(text, at, number);
    const std::size_t distance = cues.before(Cue::phone, at);
    const bool followed = distance > kCueReach && cues.after(Cue::phone, number.end);
    const bool named = distance <= kCueReach || extension || followed;
    const bool years = number.group_count == 2 && number.groups[0] == 4 && number.groups[1] == 4 &&
                       is_year(text.substr(at, 2)) && is_year(text.substr(number.end - 4, 2));
    if ((confidence <= 0 && !named) || (years && !number.plus)) {
        return std::nullopt;
    }
    const bool other = cues.before(Cue::identifier, at) < std::min(distance, kCueReach) ||
                       cues.before(Cue::version, at) < std::min<std::size_t>(distance, 8) ||
                       cues.before(Cue::card, at) < distance;
    const bool enough = number.digits >= 7 || number.group_count > 2 || followed;
    if (named && enough && !other && number.digits <= 15) {
        confidence = std::max(confidence, 0.9);
    }
    if (confidence <= 0 || (other && confidence < 0.75)) {
        return std::nullopt;
    }
    return Detected{Detector::phone, {number.start, number.end}, confidence};
}

}  // namespace credence::guard
