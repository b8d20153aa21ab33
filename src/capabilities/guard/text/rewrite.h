// A text derived from another by replacing parts of it, with the way back.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "capabilities/guard/text/offset_map.h"

namespace credence::guard {

struct Rewritten {
    std::string text;
    OffsetMap map;            // positions in text -> bytes of the source
    std::size_t count = 0;    // parts replaced
    std::size_t letters = 0;  // of them, by one ASCII letter
};

// Writes left to right; every call names the end, in the source, of what it consumes.
class Rewriter {
public:
    // Borrows source for its own life.
    explicit Rewriter(std::string_view source) : source_(source) { result_.map.add(0, 0); }

    std::size_t at() const { return at_; }
    // The last byte written, or 0.
    char last() const { return result_.text.empty() ? '\0' : result_.text.back(); }
    std::size_t written() const { return result_.text.size(); }

    // Copies up to `end` unchanged.
    void copy_to(std::size_t end) {
        result_.text.append(source_.substr(at_, end - at_));
        at_ = end;
    }
    // Writes `text` for what lies between here and `end`.
    void replace(std::string_view text, std::size_t end) {
        skip_to(end, text);
        ++result_.count;
        const bool letter =
            text.size() == 1 && static_cast<unsigned char>((text[0] | 0x20) - 'a') < 26;
        result_.letters += letter ? 1 : 0;
    }
    // The same, not counted.
    void skip_to(std::size_t end, std::string_view text = {}) {
        result_.map.add(result_.text.size(), at_);
        result_.text.append(text);
        at_ = end;
        result_.map.add(result_.text.size(), at_);
    }
    Rewritten finish() {
        copy_to(source_.size());
        return finish_here();
    }
    // Leaves out what was not consumed.
    Rewritten finish_here() {
        result_.map.finish(result_.text.size(), at_);
        return std::move(result_);
    }

private:
    std::string_view source_;
    std::size_t at_ = 0;
    Rewritten result_;
};

}  // namespace credence::guard
