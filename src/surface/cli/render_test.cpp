#include "surface/cli/render.h"

#include <gtest/gtest.h>

namespace credence::surface {
namespace {

std::string render(std::string_view json, bool color = false) {
    std::string out;
    EXPECT_TRUE(render_json(json, color, out)) << json;
    return out;
}

TEST(Render, ObjectsTablesTimesAndDurations) {
    EXPECT_EQ(render(R"({"verdict":"block","score":0.973145,"elapsed_us":12,"tags":["a","b"],)"
                     R"("span":{"begin":3,"end":10},"none":{},"empty":[],"note":null,)"
                     R"("threats":[{"category":"injection","severity":"high","score":0.5,)"
                     R"("span":{"begin":1}},{"category":"pii","score":0.123456,"rule":"r1"}],)"
                     R"("created_at_us":1735689600000000})"),
              "verdict:       block\n"
              "score:         0.9731\n"
              "elapsed_us:    12 us\n"
              "tags:          a, b\n"
              "span:\n"
              "  begin: 3\n"
              "  end:   10\n"
              "none:          (none)\n"
              "empty:         (none)\n"
              "note:          -\n"
              "threats:\n"
              "  category   severity   score  begin  rule\n"
              "  injection  high         0.5      1\n"
              "  pii                  0.1235         r1\n"
              "created_at_us: 2025-01-01T00:00:00.000000Z\n");
}

TEST(Render, OtherRoots) {
    EXPECT_EQ(render("{}"), "ok\n");
    EXPECT_EQ(render("[]"), "(none)\n");
    EXPECT_EQ(render("[1,2.50001]"), "1, 2.5\n");
    EXPECT_EQ(render("\"text\""), "text\n");
    EXPECT_EQ(render(R"([{"a":1},{"a":22,"b":true}])"), " a  b\n 1\n22  true\n");
    std::string out;
    EXPECT_FALSE(render_json("nonsense", false, out));
}

TEST(Render, ColoursVerdictsAndSeveritiesOnlyWhenAsked) {
    EXPECT_EQ(render(R"({"verdict":"allow"})", true), "verdict: \x1b[32mallow\x1b[0m\n");
    EXPECT_EQ(render(R"({"verdict":"flag"})", true), "verdict: \x1b[33mflag\x1b[0m\n");
    EXPECT_EQ(render(R"({"verdict":"block"})", true), "verdict: \x1b[31mblock\x1b[0m\n");
    EXPECT_EQ(render(R"({"verdict":"block"})"), "verdict: block\n");
    EXPECT_EQ(render(R"([{"severity":"high","n":1},{"severity":"low","n":2}])", true),
              "\x1b[1mseverity\x1b[0m  \x1b[1mn\x1b[0m\n"
              "\x1b[31mhigh\x1b[0m      1\n"
              "low       2\n");
}

TEST(Render, TextCannotDriveTheTerminal) {
    EXPECT_EQ(displayable("a\x1b[31mb\n\tc\x7f"), "a\\x1b[31mb\\n\\tc\\x7f");
    EXPECT_EQ(displayable("x\u202ey\u0085z\u2066"), "x\\u202ey\\x85z\\u2066");
    EXPECT_EQ(displayable("grüße \u4f60 \U0001f600"), "grüße \u4f60 \U0001f600");
    EXPECT_EQ(displayable("bad\xff"), "bad\ufffd");
    EXPECT_EQ(render(R"({"k\u001b":"v\u001b"})"), "k\\x1b: v\\x1b\n");
}

TEST(Render, LongCellsAreCut) {
    const std::string row = R"([{"text":")" + std::string(80, 'x') + R"(","n":1}])";
    EXPECT_EQ(render(row),
              "text" + std::string(56, ' ') + "  n\n" + std::string(59, 'x') + "…  1\n");
}

TEST(Render, Durations) {
    EXPECT_EQ(format_duration_us(0), "0 us");
    EXPECT_EQ(format_duration_us(999), "999 us");
    EXPECT_EQ(format_duration_us(1500), "1.5 ms");
    EXPECT_EQ(format_duration_us(2'250'000), "2.25 s");
    EXPECT_EQ(format_duration_us(86'400'000'000), "86400 s");
}

}  // namespace
}  // namespace credence::surface
