#include "capabilities/guard/text/markup.h"

#include <algorithm>
#include <array>
#include <string>

namespace credence::guard {

namespace {

constexpr std::size_t kMaxTag = 200;        // bytes between '<' and '>'
constexpr std::size_t kMaxName = 8;         // letters of a tag's name
constexpr std::size_t kMaxPieceBytes = 48;  // bytes of the pieces of a word

bool is_name_letter(char c) {
    return static_cast<unsigned char>((c | 0x20) - 'a') < 26 ||
           static_cast<unsigned char>(c) >= 0x80;
}

bool is_inline(std::string_view name) {
    constexpr std::array<std::string_view, 26> kInline = {
        "b",   "i",   "u",    "s",     "em",   "strong", "span", "a",   "font",
        "sub", "sup", "code", "small", "q",    "big",    "mark", "wbr", "tt",
        "ins", "del", "kbd",  "var",   "abbr", "cite",   "bdo",  "bdi"};
    return std::find(kInline.begin(), kInline.end(), name) != kInline.end();
}

struct Mark {
    std::size_t end = 0;  // 0: no mark here
    bool joins = false;   // it does not part words where it is shown
    bool strong = false;  // does not stand inside words by itself
};

// Finds the next end of a tag or comment; each byte is searched once, however often it is asked.
class NextEnd {
public:
    NextEnd(std::string_view text, std::string_view wanted) : text_(text), wanted_(wanted) {}
    // Where the first one from `at` on begins, if it is near.
    std::size_t from(std::size_t at) {
        if (!known_ || (found_ != std::string_view::npos && found_ < at)) {
            found_ = text_.find(wanted_, at);
            known_ = true;
        }
        return found_ != std::string_view::npos && found_ - at <= kMaxTag ? found_
                                                                          : std::string_view::npos;
    }

private:
    std::string_view text_;
    std::string_view wanted_;
    std::size_t found_ = 0;
    bool known_ = false;
};

class Mending {
public:
    explicit Mending(std::string_view text)
        : text_(text), out_(text), tag_end_(text, ">"), comment_end_(text, "-->") {}

    Rewritten run() {
        while (at_ < text_.size()) {
            at_ = text_.find_first_of("<*`~_", at_);
            if (at_ == std::string_view::npos) {
                break;
            }
            if (at_ == 0 || !is_name_letter(text_[at_ - 1])) {
                ++at_;
                continue;
            }
            word();
        }
        return out_.finish();
    }

private:
    // The tag or comment that begins at `at`.
    Mark read_tag(std::size_t at) {
        if (text_.substr(at, 4) == "<!--") {
            const std::size_t end = comment_end_.from(at + 4);
            return end == std::string_view::npos ? Mark{} : Mark{end + 3, true, true};
        }
        const std::size_t end = tag_end_.from(at);
        if (end == std::string_view::npos || end < at + 2) {
            return {};
        }
        std::string name;
        for (std::size_t i = at + (text_[at + 1] == '/' ? 2 : 1);
             i < end && name.size() < kMaxName && is_name_letter(text_[i]); ++i) {
            name.push_back(static_cast<char>(text_[i] | 0x20));
        }
        return name.empty() ? Mark{} : Mark{end + 1, is_inline(name), false};
    }

    // The mark between two letters that begins at `at`.
    Mark read_mark(std::size_t at) {
        const char c = text_[at];
        if (c == '<') {
            return read_tag(at);
        }
        std::size_t end = at;
        while (end < text_.size() && text_[end] == c && end - at < 3) {
            ++end;
        }
        const bool emphasis =
            c == '*' || c == '`' || (c == '~' && end - at == 2) || (c == '_' && end - at == 2);
        return emphasis ? Mark{end, true, false} : Mark{};
    }

    // The rest of a word whose first piece ends at at_.
    void word() {
        std::array<ByteSpan, 16> marks;
        std::size_t count = 0;
        bool strong = false;
        std::size_t end = at_;
        while (count < marks.size() && end - at_ < kMaxTag * 4) {
            std::size_t next = end;
            bool block = false;
            while (next < text_.size()) {  // marks beside each other
                const Mark mark = read_mark(next);
                if (mark.end == 0) {
                    break;
                }
                block = block || !mark.joins;
                strong = strong || mark.strong;
                next = mark.end;
            }
            if (next == end || next >= text_.size() || !is_name_letter(text_[next]) || block) {
                end = std::max(next, end);
                break;
            }
            marks[count++] = {end, next};
            end = next;
            while (end < text_.size() && is_name_letter(text_[end]) &&
                   end - next < kMaxPieceBytes) {
                ++end;
            }
        }
        // One mark inside a word may be a sign of mathematics or a footnote.
        if (count >= 2 || (count == 1 && strong)) {
            for (std::size_t i = 0; i < count; ++i) {
                out_.copy_to(marks[i].start);
                out_.replace("", marks[i].end);
            }
        }
        at_ = std::max(end, at_ + 1);
    }

    std::string_view text_;
    Rewriter out_;
    NextEnd tag_end_;
    NextEnd comment_end_;
    std::size_t at_ = 0;
};

}  // namespace

Rewritten mend_words(std::string_view raw) {
    return Mending(raw).run();
}

}  // namespace credence::guard
