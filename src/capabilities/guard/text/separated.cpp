#include "capabilities/guard/text/separated.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "capabilities/guard/text/language.h"
#include "capabilities/guard/text/words.h"

namespace credence::guard {

namespace {

constexpr std::size_t kMinLetters = 5;   // in a stretch
constexpr std::size_t kMaxGap = 4;       // bytes between two letters of a word
constexpr std::size_t kMaxWordGap = 8;   // bytes between two words
constexpr std::size_t kMinGapless = 10;  // letters without a wider gap that are parted by the list
constexpr std::size_t kMinRunTogether = 14;

constexpr std::array<bool, 256> make_separators() {
    std::array<bool, 256> separators{};
    for (const char c : std::string_view(" -.*_|/~+,;:\n\r\t")) {
        separators[static_cast<unsigned char>(c)] = true;
    }
    return separators;
}

constexpr auto kSeparator = make_separators();

bool is_separator(char c) {
    return kSeparator[static_cast<unsigned char>(c)];
}

bool is_text_byte(char c) {
    return is_ascii_letter(c) || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
}

// Bytes of the character at `at`, one for anything but a UTF-8 lead byte. Marks (U+0300..) stay
// with their letter.
std::size_t width(std::string_view text, std::size_t at) {
    const auto lead = static_cast<unsigned char>(text[at]);
    std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    while (bytes < 12 && at + bytes + 1 < text.size() &&
           (static_cast<unsigned char>(text[at + bytes]) == 0xCC ||
            static_cast<unsigned char>(text[at + bytes]) == 0xCD)) {
        bytes += 2;
    }
    return std::min(bytes, text.size() - at);
}

struct Unit {
    std::size_t at;
    std::size_t bytes;
    bool begins_word;
};

// Reads one stretch of characters kept apart by the same separator.
class Stretch {
public:
    Stretch(std::string_view text, std::size_t at) : text_(text), at_(at) {}

    // True when it is a disguise; end() says where reading stopped.
    bool read() {
        bool begins_word = false;
        while (at_ < text_.size() && !is_separator(text_[at_])) {
            const std::size_t next = at_ + width(text_, at_);
            std::size_t after = next;
            while (after < text_.size() && after - next < kMaxWordGap &&
                   is_separator(text_[after])) {
                ++after;
            }
            if (next < text_.size() && after == next) {
                break;  // the first letter of an ordinary word
            }
            add({at_, next - at_, begins_word});
            const std::string_view gap = text_.substr(next, after - next);
            if (units_.size() == 1) {
                separator_ = gap;
            }
            begins_word = gap != separator_;
            at_ = after;
            if (after >= text_.size() || gap.size() > kMaxWordGap || separator_.size() > kMaxGap ||
                (begins_word && gap.size() < separator_.size() && !has_blank(gap))) {
                break;
            }
        }
        return letters_ >= kMinLetters && letters_ * 5 >= units_.size() * 3 && reads_well();
    }

    std::size_t end() const { return end_; }

    void write(Rewriter& out) const {
        std::vector<std::size_t> starts;
        if (words_ == 0 && units_.size() >= kMinGapless && ascii_) {
            starts = Words::embedded().segment(joined_).starts;
        }
        std::size_t next = 0;
        for (std::size_t i = 0; i < units_.size(); ++i) {
            while (next < starts.size() && starts[next] < i) {
                ++next;
            }
            const bool parted = next < starts.size() && starts[next] == i;
            if (i > 0 && (units_[i].begins_word || parted)) {
                out.skip_to(units_[i].at, " ");
            } else if (i > 0) {
                out.skip_to(units_[i].at);
            }
            out.copy_to(units_[i].at + units_[i].bytes);
        }
        out.replace("", end_);
    }

private:
    static bool has_blank(std::string_view gap) {
        return gap.find_first_of(" \n\t") != std::string_view::npos;
    }

    void add(Unit unit) {
        words_ += unit.begins_word ? 1 : 0;
        letters_ += is_ascii_letter(text_[unit.at]) || unit.bytes > 1 ? 1 : 0;
        ascii_ = ascii_ && unit.bytes == 1;
        joined_.push_back(static_cast<char>(is_ascii_letter(text_[unit.at]) ? text_[unit.at] | 0x20
                                                                            : text_[unit.at]));
        units_.push_back(unit);
        end_ = unit.at + unit.bytes;
    }

    // Lists ("a, b, c, d, e", initials) do not.
    bool reads_well() const {
        if (!ascii_) {
            return true;
        }
        int score = 0;
        int pairs = 0;
        for (std::size_t i = 1; i < joined_.size(); ++i) {
            if (is_ascii_letter(joined_[i - 1]) && is_ascii_letter(joined_[i])) {
                score += pair_score(joined_[i - 1], joined_[i]);
                ++pairs;
            }
        }
        return pairs >= 4 && score > 0;
    }

    std::string_view text_;
    std::size_t at_;
    std::size_t end_ = 0;
    std::string_view separator_;
    std::size_t letters_ = 0;
    std::size_t words_ = 0;  // wider gaps
    bool ascii_ = true;
    std::string joined_;
    std::vector<Unit> units_;
};

bool is_lower(char c) {
    return static_cast<unsigned char>(c - 'a') < 26;
}

}  // namespace

Rewritten join_separated(std::string_view raw) {
    Rewriter out(raw);
    std::size_t at = 0;
    while (at + 3 < raw.size()) {
        const bool start = is_text_byte(raw[at]) && (at == 0 || !is_text_byte(raw[at - 1]));
        const std::size_t next = start ? at + width(raw, at) : raw.size();
        if (next >= raw.size() || !is_separator(raw[next])) {
            ++at;
            continue;
        }
        Stretch stretch(raw, at);
        if (stretch.read()) {
            out.copy_to(at);
            stretch.write(out);
        }
        // What was read once is not read again, so this stays linear.
        at = std::max(stretch.end(), at + 1);
    }
    return out.finish();
}

Rewritten part_run_together(std::string_view text) {
    Rewriter out(text);
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at;
        while (end < text.size() && is_lower(text[end])) {
            ++end;
        }
        if (end - at >= kMinRunTogether && end - at <= Words::kMaxSegment) {
            const Words::Segmented parts = Words::embedded().segment(text.substr(at, end - at));
            if (parts.keys >= 2 && parts.starts.size() >= 3 && parts.known * 10 >= (end - at) * 9) {
                for (std::size_t i = 1; i < parts.starts.size(); ++i) {
                    out.copy_to(at + parts.starts[i]);
                    out.skip_to(at + parts.starts[i], " ");
                }
                out.copy_to(end);
                out.replace("", end);
            }
        }
        at = end + 1;
    }
    return out.finish();
}

}  // namespace credence::guard
