#include "capabilities/trust/evidence/markdown.h"

#include <gtest/gtest.h>

namespace credence::trust {
namespace {

TEST(Markdown, MakesControlsVisible) {
    EXPECT_EQ(visible("plain\n\ttext"), "plain\n\ttext");
    EXPECT_EQ(visible("\x1b[31mred\x07\r\x7f"), "\\x1b[31mred\\x07\\x0d\\x7f");
    EXPECT_EQ(visible(std::string_view("a\0b", 3)), "a\\x00b");
    EXPECT_EQ(visible("a\xC2\x9B"
                      "b"),
              "a\\x9bb");  // one-character CSI
    EXPECT_EQ(visible("\xC2\xA9 \xE2\x82\xAC"), "\xC2\xA9 \xE2\x82\xAC");
    EXPECT_EQ(visible("a\xE2\x80\xAE"
                      "b"),
              "a\\u{202e}b");  // right-to-left override
    EXPECT_EQ(visible("\xEF\xBB\xBFx\xE2\x80\x8B\xE2\x81\xA6"), "\\u{feff}x\\u{200b}\\u{2066}");
    EXPECT_EQ(visible("\xFF"), "\xEF\xBF\xBD");
}

TEST(Markdown, FencesOutlastWhatIsInside) {
    EXPECT_EQ(fenced("x"), "```text\nx\n```\n");
    EXPECT_EQ(fenced(""), "```text\n```\n");
    EXPECT_EQ(fenced("a\n```\n# Confirmed\n"), "````text\na\n```\n# Confirmed\n````\n");
    const std::string hostile(50, '`');
    EXPECT_TRUE(fenced(hostile).starts_with(hostile + "`text\n"));
    // Escaping cannot join two runs into a longer one unseen: the fence counts what is shown.
    EXPECT_EQ(fenced("``\x01``"), "```text\n``\\x01``\n```\n");
}

TEST(Markdown, SpansStayOnTheirLine) {
    EXPECT_EQ(code_span("a"), "`a`");
    EXPECT_EQ(code_span(""), "(empty)");
    EXPECT_EQ(code_span("a`b"), "``a`b``");
    EXPECT_EQ(code_span("`"), "`` ` ``");
    EXPECT_EQ(code_span("a|b\nc"), "`a\\|b\\nc`");
}

}  // namespace
}  // namespace credence::trust
