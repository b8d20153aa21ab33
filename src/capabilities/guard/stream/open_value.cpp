#include "capabilities/guard/stream/open_value.h"

#include <algorithm>

namespace credence::guard {

namespace {

bool is_token(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("_-.+/=~%").find(c) != std::string_view::npos;
}

}  // namespace

void OpenValue::until_line_with(std::string_view last) {
    state_ = State::words;
    last_ = last;
    bytes_ = 0;
}

void OpenValue::while_token() {
    state_ = State::token;
    bytes_ = 0;
}

std::size_t OpenValue::skip(std::string_view text, std::size_t from) {
    std::size_t at = from;
    if (state_ == State::words) {
        const std::size_t found = text.find(last_, from);
        if (found == std::string_view::npos) {
            const std::size_t kept = std::min(text.size() - from, last_.size() - 1);
            at = text.size() - kept;
        } else {
            at = found + last_.size();
            state_ = State::line;
            bytes_ = 0;
            from = at;
        }
    }
    if (state_ == State::line) {
        while (at < text.size() && text[at] != '\n' && bytes_ + (at - from) < kMaxLineBytes) {
            ++at;
        }
        if (at < text.size()) {
            state_ = State::none;
        }
    } else if (state_ == State::token) {
        while (at < text.size() && is_token(text[at])) {
            ++at;
        }
        if (at < text.size()) {
            state_ = State::none;
        }
    }
    bytes_ += at - from;
    if (bytes_ > kMaxBytes) {
        state_ = State::none;
    }
    return at;
}

}  // namespace credence::guard
