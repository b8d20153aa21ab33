#include "capabilities/guard/code/code_features.h"

#include <algorithm>
#include <bit>

#include "capabilities/guard/code/code_shapes.h"
#include "capabilities/guard/code/code_vocabulary.h"
#include "capabilities/guard/code/scan.h"
#include "capabilities/guard/code/targets.h"

namespace credence::guard {

namespace {

constexpr std::size_t kMaxFeatureBytes = 120;
constexpr std::size_t kFirstTargetGroup = 120;

// kinds of features
constexpr std::uint32_t kPair = 0x9E3779B1U;
constexpr std::uint32_t kHead = 0x85EBCA77U;
constexpr std::uint32_t kCalled = 0xC2B2AE3DU;
constexpr std::uint32_t kPiped = 0x27D4EB2FU;
constexpr std::uint32_t kTogether = 0x165667B1U;
constexpr std::uint32_t kGroup = 0x2545F491U;
constexpr std::uint32_t kTarget = 0x68E31DA4U;
constexpr std::uint32_t kQuoted = 0x5BD1E995U;

// A target that names itself is a telling name, not structure.
constexpr std::uint32_t kIgnoredTargets = kTargetConfessed;

constexpr ByteSet kPathEnds(" \t\n\r|;&()<>`'\",{}[]");
constexpr ByteSet kOperators("|&;<>$`=+%!*[]{}()@^:?,.");

std::uint32_t mix(std::uint32_t a, std::uint32_t b) {
    std::uint32_t value = a ^ (b + 0x9E3779B9U + (a << 6U) + (a >> 2U));
    value *= 0x85EBCA6BU;
    value ^= value >> 13U;
    value *= 0xC2B2AE35U;
    return value ^ (value >> 16U);
}

std::uint32_t named(std::string_view name) {
    return mix(word_hash(name), 1);
}

// Many words and hardly a sign: a sentence.
bool is_prose(std::string_view line) {
    std::size_t signs = 0;
    std::size_t blanks = 0;
    for (const char c : line) {
        signs += !is_letter(c) && !is_blank(c) && c != ',' && c != '.' && c != '\'' ? 1U : 0U;
        blanks += is_blank(c) ? 1U : 0U;
    }
    return blanks >= 6 && signs * 25 < line.size();
}

}  // namespace

std::span<const std::uint16_t> CodeFeatures::of(std::string_view lower) {
    text_ = lower.substr(0, kMaxPieceBytes);
    for (const std::uint16_t bucket : set_) {
        seen_[bucket / 64U] = 0;
    }
    set_.clear();
    groups_.fill(false);
    quote_ = '\0';
    std::size_t begin = 0;
    while (begin < text_.size()) {
        const std::size_t end = std::min(text_.find('\n', begin), text_.size());
        line(begin, end);
        begin = end + 1;
    }
    pair_groups();
    return set_;
}

void CodeFeatures::line(std::size_t begin, std::size_t end) {
    start_command();
    piped_from_ = 0;
    call_ = 0;
    while (begin < end && is_blank(text_[begin])) {
        ++begin;
    }
    const std::string_view whole = text_.substr(begin, end - begin);
    if (is_prose(whole)) {
        return emit(named("#prose"));
    }
    if (whole.starts_with("#!")) {
        return emit(named("#shebang"));
    }
    for (std::size_t i = begin; i < end;) {
        const char c = text_[i];
        const bool comment = quote_ == '\0' && (i == begin || is_blank(at(i - 1))) &&
                             ((c == '#' && (is_blank(at(i + 1)) || i == begin)) ||
                              (c == '/' && at(i + 1) == '/' && is_blank(at(i + 2))));
        if (comment) {
            return;
        }
        i = is_blank(c) ? i + 1 : token(i, end);
    }
}

std::size_t CodeFeatures::token(std::size_t at_index, std::size_t end) {
    const char c = text_[at_index];
    const char next = at(at_index + 1);
    if (c == '\'' || c == '"') {
        return quote(at_index);
    }
    if (c == '\\') {
        if (next == 'x' || next == 'u') {
            atom(named("#escape"));
        }
        return at_index + 2;
    }
    if (c == '/' || c == '~' || (c == '.' && (next == '/' || next == '.')) ||
        (c == '$' && text_.substr(at_index).starts_with("$home"))) {
        return path(at_index, end);
    }
    if (c == '-' && (is_letter(next) || next == '-') &&
        (at_index == 0 || is_blank(text_[at_index - 1]) || is_quote_sign(text_[at_index - 1]))) {
        return flag(at_index, end);
    }
    if (is_digit(c)) {
        return number(at_index, end);
    }
    if (is_name(c)) {
        return word(at_index, end);
    }
    return sign(at_index, end);
}

std::size_t CodeFeatures::quote(std::size_t at_index) {
    const char c = text_[at_index];
    if (quote_ == '\0') {
        quote_ = c;
        outer_head_ = head_;
        const std::uint32_t before = before_;
        start_command();
        before_ = before;
    } else if (quote_ == c) {
        quote_ = '\0';
        head_ = outer_head_;
    }
    return at_index + 1;
}

// Operators and brackets.
std::size_t CodeFeatures::sign(std::size_t at_index, std::size_t end) {
    const char c = text_[at_index];
    if (!kOperators.has(c)) {
        return at_index + 1;
    }
    std::size_t size = 1;
    while (size < 3 && at_index + size < end && kOperators.has(text_[at_index + size]) &&
           c != '(' && c != ')' && c != ',' && c != '.') {
        ++size;
    }
    const std::string_view text = text_.substr(at_index, size);
    const std::uint32_t hash = named(text);
    if (c == '|' || c == '&' || c == ';' || c == '`' || text.starts_with("$(")) {
        emit(hash);
        emit(mix(hash, head_));
        piped_from_ = c == '|' && size == 1 ? head_ : 0;
        start_command();
        return at_index + size;
    }
    if (c != ',' && c != '.' && c != ')' && c != '(') {
        atom(hash);
    }
    return at_index + size;
}

std::size_t CodeFeatures::flag(std::size_t at_index, std::size_t end) {
    std::size_t stop = at_index;
    while (stop < end && (is_name(text_[stop]) || text_[stop] == '-')) {
        ++stop;
    }
    const std::string_view text =
        text_.substr(at_index, std::min(stop - at_index, kMaxFeatureBytes));
    const std::uint32_t plain = word_hash(text);
    const std::uint8_t group = word_group(plain);
    if (group != 0) {
        known(plain, group, false);
    } else {
        const bool is_short = text.size() <= 5 && !text.starts_with("--");
        atom(is_short ? mix(plain, 2) : named("--"));
    }
    return stop;
}

std::size_t CodeFeatures::number(std::size_t at_index, std::size_t end) {
    std::size_t stop = at_index;
    int dots = 0;
    while (stop < end && (is_name(text_[stop]) || text_[stop] == '.')) {
        dots += text_[stop] == '.' ? 1 : 0;
        ++stop;
    }
    const std::string_view text =
        text_.substr(at_index, std::min(stop - at_index, kMaxFeatureBytes));
    if (dots == 3) {
        const bool local = starts_any(text, "127.", "0.0.0.0");
        const bool inside = starts_any(text, "10.", "192.168.", "172.");
        atom(named(local ? "#loopback" : inside ? "#inside" : "#address"));
        saw(kFirstTargetGroup + (local ? 21U : 22U));
    } else if (dots == 0) {
        atom(named(number_class(text)));
    } else {
        atom(named("#fraction"));
    }
    return std::max(stop, at_index + 1);
}

std::size_t CodeFeatures::word(std::size_t at_index, std::size_t end) {
    std::size_t stop = at_index;
    const bool may_join = head_ == 0 || quote_ != '\0';
    while (stop < end && (is_name(text_[stop]) || (may_join && text_[stop] == '-' &&
                                                   stop + 1 < end && is_letter(text_[stop + 1])))) {
        ++stop;
    }
    const char next = at(stop);
    const bool is_path =
        next == '/' || (next == ':' && (at(stop + 1) == '/' || at(stop + 1) == '\\'));
    if ((is_path || next == '@') && stop < end) {
        return path(at_index, end);
    }
    const std::string_view text =
        text_.substr(at_index, std::min(stop - at_index, kMaxFeatureBytes));
    const std::uint32_t hash = word_hash(text);
    const std::uint8_t group = word_group(hash);
    if (group == 0) {
        if (next == '.' && is_letter(at(stop + 1)) && !is_name(at(at_index - 1))) {
            const std::size_t close = std::min(kPathEnds.find_in(text_, stop), end);
            const std::string_view file = text_.substr(at_index, close - at_index);
            if (at(close) != '(' && !ending_class(file).empty()) {
                return path(at_index, end);
            }
        }
        unknown(text, next == '(');
    } else {
        known(hash, group, next == '(');
    }
    return stop;
}

std::size_t CodeFeatures::path(std::size_t at_index, std::size_t end) {
    const std::size_t stop =
        std::max(std::min(kPathEnds.find_in(text_, at_index), end), at_index + 1);
    targets(text_.substr(at_index, std::min(stop - at_index, kMaxFeatureBytes)));
    return stop;
}

// The classes of what a word points at, each beside the command and the call that it is given to.
void CodeFeatures::targets(std::string_view text) {
    std::uint32_t bits = target_of(text) & ~kIgnoredTargets;
    const std::uint32_t before = before_;
    const auto put = [&](std::uint32_t hash) {
        before_ = before;
        atom(hash);
    };
    const bool is_url = text.find("://") != std::string_view::npos;
    put(named(is_url ? "#url" : root_class(text)));
    if (const std::string_view ending = ending_class(text); !ending.empty()) {
        put(named(ending));
    }
    if (text.find('*') != std::string_view::npos) {
        put(named("#pattern"));
    }
    while (bits != 0) {
        const auto bit = static_cast<std::uint32_t>(std::countr_zero(bits));
        bits &= bits - 1;
        put(mix(kTarget, bit));
        saw(kFirstTargetGroup + bit);
    }
    before_ = named(is_url ? "#url" : root_class(text));
}

void CodeFeatures::known(std::uint32_t hash, std::uint8_t group, bool called) {
    saw(group);
    emit(mix(kGroup, group));
    if (call_ != 0) {
        emit(mix(mix(kCalled, call_), group));
    }
    if (head_ != 0) {
        emit(mix(mix(kHead, head_), group));
    }
    atom(hash);
    if (called) {
        call_ = hash;
    }
    if (head_ == 0 && !is_prefix(hash)) {
        head_ = hash;
        if (piped_from_ != 0) {
            emit(mix(mix(kPiped, piped_from_), hash));
        }
        emit(mix(kHead, hash));
    }
}

// A name that the text invented: only its shape counts.
void CodeFeatures::unknown(std::string_view text, bool called) {
    const bool long_code = text.size() >= 24;
    atom(named(called ? "#call" : long_code ? "#long" : "#name"));
    if (head_ == 0) {
        head_ = named("#name");
    }
}

void CodeFeatures::start_command() {
    head_ = 0;
    before_ = 0;
}

void CodeFeatures::atom(std::uint32_t hash) {
    const std::uint32_t quoted = quote_ != '\0' ? mix(hash, kQuoted) : hash;
    emit(quoted);
    emit(mix(mix(kPair, before_), hash));
    if (head_ != 0) {
        emit(mix(mix(kHead, head_), hash));
    }
    if (call_ != 0) {
        emit(mix(mix(kCalled, call_), hash));
    }
    before_ = hash;
}

void CodeFeatures::emit(std::uint32_t hash) {
    const auto bucket = static_cast<std::uint16_t>(mix(hash, 3) % kFeatureBuckets);
    std::uint64_t& slot = seen_[bucket / 64U];
    const std::uint64_t bit = std::uint64_t{1} << (bucket % 64U);
    if ((slot & bit) == 0 && set_.size() < kMaxFeatures) {
        slot |= bit;
        set_.push_back(bucket);
    }
}

void CodeFeatures::saw(std::size_t group) {
    groups_[group] = true;
}

// What occurs together anywhere in the piece: groups of program words and classes of targets.
void CodeFeatures::pair_groups() {
    std::array<std::uint32_t, kMaxGroups> seen{};
    std::size_t count = 0;
    for (std::uint32_t i = 0; i < kMaxGroups; ++i) {
        if (groups_[i]) {
            seen[count++] = i;
        }
    }
    for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t j = i + 1; j < count; ++j) {
            emit(mix(mix(kTogether, seen[i]), seen[j]));
        }
    }
}

}  // namespace credence::guard
