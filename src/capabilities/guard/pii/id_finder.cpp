#include "capabilities/guard/pii/id_finder.h"

#include <algorithm>
#include <array>

#include "capabilities/guard/pii/bytes.h"
#include "capabilities/guard/pii/id_shapes.h"

namespace credence::guard {

namespace {

constexpr std::size_t kMaxFirstGroup = 20;  // letters and digits in a row that a row can begin with
constexpr std::size_t kMaxCompact = 24;     // of a number without separators
constexpr std::size_t kRowsPerGroup = 64;   // rows whose first group has one length
constexpr std::size_t kNamedBytes = 24;     // cue to value
constexpr std::size_t kIdentifierReach = 24;
constexpr double kNamed = 0.95;   // with its context word
constexpr double kChecked = 0.8;  // without, but checked
constexpr double kShaped = 0.55;  // without, by spelling only

// What may follow the first group of a row.
enum Follows : unsigned { ends = 1, gap = 2, hyphen = 4, dot = 8, slash = 16, other = 32 };

struct Entry {
    std::uint8_t row = 0;
    std::uint8_t follows = 0;
    std::uint8_t second = 0;  // length of the second group; 0: any
    bool digit_first = false;
};

struct Bucket {
    std::array<Entry, kRowsPerGroup> entries{};
    std::size_t count = 0;
};

constexpr bool is_group(char c) {
    return c == '9' || c == '#' || is_letter(c) || is_digit(c);
}

constexpr std::uint8_t follows_of(char c) {
    switch (c) {
        case '-':
            return gap | hyphen;
        case '_':
            return hyphen;
        case '~':
            return gap | hyphen | dot | slash;
        case '.':
            return dot;
        case '/':
            return slash;
        default:
            return c == ' ' ? static_cast<std::uint8_t>(gap) : static_cast<std::uint8_t>(other);
    }
}

// Length of the group that begins at `from`; 0 when it may have several.
constexpr std::uint8_t second_length(std::string_view spelling, std::size_t from) {
    std::size_t end = from;
    while (end < spelling.size() && is_group(spelling[end])) {
        ++end;
    }
    return end < spelling.size() && spelling[end] == '~' ? std::uint8_t{0}
                                                         : static_cast<std::uint8_t>(end - from);
}

// Rows by the length of the first run of letters and digits; optional separators give a row several
// lengths.
constexpr auto kBuckets = [] {
    std::array<Bucket, kMaxFirstGroup + 1> buckets{};
    for (std::size_t row = 0; row < kIdShapes.size(); ++row) {
        const std::string_view spelling = kIdShapes[row].spelling;
        std::size_t length = 0;
        bool open = true;
        for (std::size_t i = 0; i <= spelling.size() && open; ++i) {
            if (i < spelling.size() && is_group(spelling[i])) {
                ++length;
                continue;
            }
            const bool last = i == spelling.size();
            Bucket& bucket = buckets[length];
            bucket.entries[bucket.count] = {
                static_cast<std::uint8_t>(row), last ? std::uint8_t{ends} : follows_of(spelling[i]),
                last ? std::uint8_t{0} : second_length(spelling, i + 1), is_digit(spelling[0])};
            ++bucket.count;
            open = !last && spelling[i] == '~';
        }
    }
    return buckets;
}();
static_assert(kIdShapes.size() < 256);

struct Compact {
    std::array<char, kMaxCompact> bytes{};
    std::size_t size = 0;
    std::string_view view() const { return {bytes.data(), size}; }
};

// Bytes of `text` at `at` that one character of a spelling takes; SIZE_MAX when it does not fit.
std::size_t step(char c, std::string_view text, std::size_t at) {
    if (c == '~' || c == '-') {
        const std::size_t gap = gap_bytes(text, at);
        if (gap > 0) {
            return gap;
        }
        const bool sign = c == '~' && at < text.size() && (text[at] == '.' || text[at] == '/');
        return sign ? 1 : c == '~' ? 0 : SIZE_MAX;
    }
    if (at >= text.size()) {
        return SIZE_MAX;
    }
    const char have = text[at];
    if (c == '_') {
        return have == '-' ? 1 : gap_bytes(text, at) == 3 ? 3 : SIZE_MAX;
    }
    const bool fits = c == '9'   ? is_digit(have)
                      : c == '#' ? is_alphanumeric(have)
                      : c == 'A' ? is_letter(have)
                                 : upper(have) == c;
    return fits ? 1 : SIZE_MAX;
}

// End of the text that is spelt so, and its letters and digits; 0 when it is not.
std::size_t spelt(std::string_view spelling, std::string_view text, std::size_t at,
                  Compact& compact) {
    compact.size = 0;
    for (const char c : spelling) {
        const std::size_t bytes = step(c, text, at);
        if (bytes == SIZE_MAX) {
            return 0;
        }
        if (bytes == 1 &&
            (is_alphanumeric(text[at]) || (text[at] == '+' && spelling.back() == '#') ||
             (text[at] == '-' && spelling.size() > 6 && spelling[6] == '_' &&
              spelling.back() == '#'))) {
            if (compact.size == kMaxCompact) {
                return 0;
            }
            compact.bytes[compact.size] = upper(text[at]);
            ++compact.size;
        }
        at += bytes;
    }
    return at;
}

// Not a part of something longer: "12-219-09-9998", "219-09-9998.5".
bool stands_alone(std::string_view text, std::size_t start, std::size_t end) {
    if (end < text.size()) {
        const char next = text[end];
        const bool more = end + 1 < text.size() && is_alphanumeric(text[end + 1]);
        const bool digit = more && is_digit(text[end + 1]);
        if (is_alphanumeric(next) || next == '_' || next == '@' || next == '%' ||
            ((next == '-' || next == '/' || next == '=') && more) ||
            ((next == '.' || next == ',' || next == ':') && digit)) {
            return false;
        }
    }
    if (start == 0) {
        return true;
    }
    const char before = text[start - 1];
    const bool after_digit = start > 1 && is_digit(text[start - 2]);
    const bool after_any = start > 1 && is_alphanumeric(text[start - 2]);
    return !is_alphanumeric(before) && before != '_' && before != '$' && before != '@' &&
           !((before == '.' || before == ',' || before == ':') && after_digit) &&
           !((before == '-' || before == '/' || before == '=' || before == '+') && after_any &&
             before != '=');
}

// Lower case letters in a number that is told by its letters alone are rather a word or a code.
bool has_lower(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

struct Candidate {
    const IdShape* shape = nullptr;
    std::size_t end = 0;
    std::size_t distance = CueScanner::kFar;
};

bool better(const Candidate& a, const Candidate& b) {
    if (a.end != b.end) {
        return a.end > b.end;
    }
    if (a.distance != b.distance) {
        return a.distance < b.distance;
    }
    return b.shape == nullptr;
}

std::size_t group_length(std::string_view text, std::size_t at) {
    std::size_t length = 0;
    while (at + length < text.size() && length <= kMaxFirstGroup &&
           is_alphanumeric(text[at + length])) {
        ++length;
    }
    return length;
}

struct Next {
    std::uint8_t follows = 0;
    std::size_t length = 0;  // of the group behind the separator
};

Next next_group(std::string_view text, std::size_t end) {
    if (end >= text.size()) {
        return {};
    }
    const char c = text[end];
    const std::size_t bytes = gap_bytes(text, end);
    Next next;
    next.follows = c == '-'    ? std::uint8_t{hyphen}
                   : c == ' '  ? std::uint8_t{gap}
                   : bytes > 0 ? static_cast<std::uint8_t>(gap | hyphen)
                   : c == '.'  ? std::uint8_t{dot}
                   : c == '/'  ? std::uint8_t{slash}
                               : std::uint8_t{other};
    next.length = group_length(text, end + std::max<std::size_t>(bytes, 1));
    return next;
}

Candidate try_row(const IdShape& shape, std::string_view text, std::size_t at, CueScanner& cues) {
    Candidate candidate{&shape, 0, CueScanner::kFar};
    const bool needs = shape.need == Need::cue;
    const auto distance = [&] {
        return std::min(cues.before(shape.cue, at), cues.before(shape.other, at));
    };
    if (needs) {
        candidate.distance = distance();
        const bool vague = shape.cue == Cue::national_id;  // "tracking_id" is none
        if (candidate.distance == CueScanner::kFar ||
            (vague && cues.before(Cue::identifier, at) <= kIdentifierReach)) {
            return candidate;
        }
    }
    Compact compact;
    const std::size_t end = spelt(shape.spelling, text, at, compact);
    if (end == 0 || (shape.check != nullptr && !shape.check(compact.view())) ||
        !stands_alone(text, at, end)) {
        return candidate;
    }
    candidate.distance = needs ? candidate.distance : distance();
    const bool named = candidate.distance != CueScanner::kFar;
    const bool loud = !has_lower(text.substr(at, end - at));
    candidate.end = loud || (named && shape.check != nullptr) ? end : 0;
    return candidate;
}

}  // namespace

std::optional<Detected> find_id(std::string_view text, std::size_t at, CueScanner& cues) {
    const std::size_t length = group_length(text, at);
    if (length == 0 || length > kMaxFirstGroup) {
        return std::nullopt;
    }
    const Next next = next_group(text, at + length);
    Candidate best;
    const Bucket& bucket = kBuckets[length];
    const bool digit_first = is_digit(text[at]);
    for (std::size_t i = 0; i < bucket.count; ++i) {
        const Entry& entry = bucket.entries[i];
        if (entry.digit_first != digit_first || (entry.follows & (next.follows | ends)) == 0 ||
            (entry.follows != ends && entry.second != 0 && entry.second != next.length)) {
            continue;
        }
        const Candidate candidate = try_row(kIdShapes[entry.row], text, at, cues);
        if (candidate.end > 0 && (best.shape == nullptr || better(candidate, best))) {
            best = candidate;
        }
    }
    if (best.shape == nullptr) {
        return std::nullopt;
    }
    const bool named = best.distance != CueScanner::kFar;
    const double confidence = named ? kNamed : best.shape->check != nullptr ? kChecked : kShaped;
    return Detected{best.shape->detector, {at, best.end}, confidence};
}

std::optional<Detected> find_named_id(std::string_view text, std::size_t at, CueScanner& cues) {
    constexpr std::array<std::pair<Detector, Cue>, 3> kNamedKinds = {
        {{Detector::us_driver_license, Cue::licence},
         {Detector::bank_account, Cue::bank},
         {Detector::passport, Cue::passport}}};
    const std::size_t length = group_length(text, at);
    const std::string_view value = text.substr(at, length);
    const auto digits =
        static_cast<std::size_t>(std::count_if(value.begin(), value.end(), is_digit));
    if (length < 6 || length > 17 || digits < 5 || !stands_alone(text, at, at + length)) {
        return std::nullopt;
    }
    Detected best;
    std::size_t nearest = kNamedBytes;
    for (const auto& [detector, cue] : kNamedKinds) {
        const std::size_t distance = cues.before(cue, at);
        const bool fits = detector == Detector::bank_account ? digits == length
                          : detector == Detector::passport
                              ? length <= 10
                              : length >= 7 && (length - digits <= 3 || length >= 12);
        if (fits && distance < nearest) {
            nearest = distance;
            best = {detector, {at, at + length}, 0.7};
        }
    }
    return best.detector == Detector::none ? std::nullopt : std::optional(best);
}

}  // namespace credence::guard
