#include "surface/mcp/session/line_reader.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

#include "surface/mcp/session/line_writer.h"

namespace credence::surface::mcp {
namespace {

// The lines of a text that comes through a pipe; "?" is one that was too long.
std::vector<std::string> lines_of(const std::string& text, std::size_t max_bytes) {
    int ends[2] = {};
    EXPECT_EQ(::pipe(ends), 0);
    std::thread writer([&] {
        std::size_t done = 0;
        while (done < text.size()) {
            const ssize_t wrote = ::write(ends[1], text.data() + done, text.size() - done);
            if (wrote <= 0) {
                break;
            }
            done += static_cast<std::size_t>(wrote);
        }
        ::close(ends[1]);
    });
    std::vector<std::string> out;
    LineReader reader(ends[0], max_bytes);
    std::string_view line;
    for (auto read = reader.next(line); read != LineReader::Line::end; read = reader.next(line)) {
        if (read == LineReader::Line::none) {
            reader.fill();
        } else {
            out.emplace_back(read == LineReader::Line::ok ? line : "?");
        }
    }
    writer.join();
    ::close(ends[0]);
    return out;
}

using Lines = std::vector<std::string>;

TEST(LineReader, SplitsAtNewlinesOnly) {
    EXPECT_EQ(lines_of("", 10), Lines{});
    EXPECT_EQ(lines_of("a\n\nb\r\nc", 10), (Lines{"a", "", "b\r", "c"}));
    EXPECT_EQ(lines_of("a\n", 10), (Lines{"a"}));
}

TEST(LineReader, LongLinesAreSkippedWhole) {
    EXPECT_EQ(lines_of("1234567890\n12345678901\nx\n", 10), (Lines{"1234567890", "?", "x"}));
    const std::string huge(3 * LineReader::kBlockBytes, 'x');
    EXPECT_EQ(lines_of(huge + "\nok\n" + huge, 100), (Lines{"?", "ok", "?"}));
    EXPECT_EQ(lines_of(huge + "\n", huge.size()), (Lines{huge}));
}

TEST(LineWriter, KeepsMessagesOnTheirLines) {
    int ends[2] = {};
    ASSERT_EQ(::pipe(ends), 0);
    LineWriter writer(ends[1]);
    writer.write_later("{\n\"a\":\r1}");
    writer.write("b");
    writer.write_later("c");
    writer.flush();
    char read[64] = {};
    const ssize_t got = ::read(ends[0], read, sizeof(read));
    EXPECT_EQ(std::string(read, static_cast<std::size_t>(got)), "{ \"a\": 1}\nb\nc\n");
    EXPECT_FALSE(writer.broken());
    ::close(ends[0]);
    ::close(ends[1]);
}

}  // namespace
}  // namespace credence::surface::mcp
