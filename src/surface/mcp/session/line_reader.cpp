#include "surface/mcp/session/line_reader.h"

#include <unistd.h>

#include <cerrno>

namespace credence::surface::mcp {

LineReader::LineReader(int descriptor, std::size_t max_line_bytes)
    : descriptor_(descriptor), max_line_bytes_(max_line_bytes) {}

LineReader::Line LineReader::next(std::string_view& line) {
    const std::size_t newline = buffer_.find('\n', scanned_);
    const bool whole = newline != std::string::npos;
    const std::size_t end = whole ? newline : buffer_.size();
    scanned_ = end;
    const bool too_long = end - begin_ > max_line_bytes_;
    if (!whole && !ended_) {
        if (too_long) {
            skipping_ = true;
            begin_ = end;  // what it had is not needed
        }
        return Line::none;
    }
    if (!whole && end == begin_ && !skipping_) {
        return Line::end;
    }
    line = std::string_view(buffer_).substr(begin_, end - begin_);
    begin_ = scanned_ = whole ? end + 1 : end;
    const bool skipped = skipping_ || too_long;
    skipping_ = false;
    return skipped ? Line::too_long : Line::ok;
}

void LineReader::fill() {
    buffer_.erase(0, begin_);
    scanned_ -= begin_;
    begin_ = 0;
    const std::size_t held = buffer_.size();
    buffer_.resize(held + kBlockBytes);
    ssize_t got = 0;
    do {
        got = ::read(descriptor_, buffer_.data() + held, kBlockBytes);
    } while (got < 0 && errno == EINTR);
    buffer_.resize(held + static_cast<std::size_t>(got > 0 ? got : 0));
    ended_ = got <= 0;
}

}  // namespace credence::surface::mcp
