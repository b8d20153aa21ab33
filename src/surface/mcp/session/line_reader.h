// Lines of a file descriptor, read in blocks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace credence::surface::mcp {

// Used by one thread.
class LineReader {
public:
    static constexpr std::size_t kBlockBytes = std::size_t{256} << 10;

    LineReader(int descriptor, std::size_t max_line_bytes);

    enum class Line : std::uint8_t { ok, too_long, none, end };

    // The next line without its end, from what has been read; `none`: fill() first. A line beyond
    // the limit is reported once and skipped to its end. The text is valid until the next call.
    Line next(std::string_view& line);
    // Waits for input; at its end what is left is the last line.
    void fill();

private:
    int descriptor_;
    std::size_t max_line_bytes_;
    std::string buffer_;
    std::size_t begin_ = 0;    // of the line under way
    std::size_t scanned_ = 0;  // no newline before this
    bool skipping_ = false;
    bool ended_ = false;
};

}  // namespace credence::surface::mcp
