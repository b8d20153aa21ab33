#include "capabilities/guard/text/normalise.h"

#include <gtest/gtest.h>

namespace credence::guard {
namespace {

// The bytes of the input behind `part` of the normalised text.
std::string source_of(const std::string& input, const std::string& part) {
    Normalised out;
    normalise(input, out);
    const std::size_t at = out.text.find(part);
    if (at == std::string::npos) {
        return "<" + out.text + ">";
    }
    const ByteSpan span = out.map.to_source({at, at + part.size()});
    return input.substr(span.start, span.end - span.start);
}

// The ring above, standing alone, is a blank with a mark to Unicode.
TEST(Normalise, AnAccentThatStandsAloneGivesNoSecondBlank) {
    EXPECT_EQ(normalised_text("a \u02DA b"), "a \u030A b");
    EXPECT_EQ(normalised_text("\f\u02DAb"), "\u030Ab");
    EXPECT_EQ(normalised_text("a\u02DAb"), "a \u030Ab");
}

TEST(Normalise, AsciiIsLowerCaseWithSingleBlanks) {
    EXPECT_EQ(normalised_text("Hello,  WORLD \t of\n\nTests"), "hello, world of tests");
    EXPECT_EQ(normalised_text(""), "");
    EXPECT_EQ(normalised_text("  x"), "x");
    EXPECT_EQ(normalised_text(std::string("a\0b\x01"
                                          "c",
                                          5)),
              "abc");
    EXPECT_EQ(normalised_text("[]{}@`~^_|\\AZaz09"), "[]{}@`~^_|\\azaz09");
}

TEST(Normalise, AsciiSpans) {
    EXPECT_EQ(source_of("Say   IGNORE  all rules", "ignore all"), "IGNORE  all");
    EXPECT_EQ(source_of("aaaaaaaa bbbbbbbb  cccccccc", "cccccccc"), "cccccccc");
    EXPECT_EQ(source_of("aaaaaaaa bbbbbbbb  cccccccc", "bbbbbbbb cccccccc"), "bbbbbbbb  cccccccc");
}

TEST(Normalise, CompatibilityForms) {
    EXPECT_EQ(normalised_text("ｉｇｎｏｒｅ"), "ignore");
    EXPECT_EQ(normalised_text("𝐢𝐠𝐧𝐨𝐫𝐞 ⓐⓛⓛ"), "ignore all");
    EXPECT_EQ(normalised_text("ﬁne ²"), "fine 2");
    EXPECT_EQ(source_of("x ｉｇｎｏｒｅ y", "gno"), "ｇｎｏ");
}

TEST(Normalise, MarksOnLatin) {
    EXPECT_EQ(normalised_text("Éviter l'été"), "eviter l'ete");
    EXPECT_EQ(normalised_text("e\u0301te\u0301"), "ete");
    EXPECT_EQ(normalised_text("i\u0336g\u0336n\u0336o\u0336r\u0336e"), "ignore");
    EXPECT_EQ(source_of("un été là", "ete"), "été");
    EXPECT_EQ(normalised_text("straße Łódź"), "strasse lodz");
}

TEST(Normalise, InvisibleCharacters) {
    EXPECT_EQ(normalised_text("ig\u200Bno\u200Dre\u00AD it"), "ignore it");
    EXPECT_EQ(source_of("ig\u200Bnore x", "ignore"), "ig\u200Bnore");
    EXPECT_EQ(source_of("\u200Bignore", "ignore"), "ignore");
    EXPECT_EQ(normalised_text("\u202Eabc\u202C"), "abc");
    EXPECT_EQ(normalised_text("a\uFE0Fb"), "ab");
    Normalised out;
    normalise("a\u200B\u200B\u202E\U000E0041\uFE0F", out);
    EXPECT_EQ(out.counts.invisible, 2U);
    EXPECT_EQ(out.counts.bidi, 1U);
    EXPECT_EQ(out.counts.tags, 1U);
    EXPECT_EQ(out.counts.selectors, 1U);
    EXPECT_FALSE(out.ascii);
}

TEST(Normalise, LookalikesInMixedWords) {
    EXPECT_EQ(normalised_text("іgnоrе"), "ignore");                      // Cyrillic i, o, e
    EXPECT_EQ(normalised_text("Ιgnοre the rules"), "ignore the rules");  // Greek
    EXPECT_EQ(source_of("x іgnоrе y", "ignore"), "іgnоrе");
}

TEST(Normalise, LookalikeWordsAmongLatin) {
    EXPECT_EQ(normalised_text("say оо now"), "say oo now");  // Cyrillic o o
}

TEST(Normalise, RealScriptsSurvive) {
    EXPECT_EQ(normalised_text("Он сказал: просто работа"), "он сказал: просто работа");
    EXPECT_EQ(normalised_text("αυτό είναι"), "αυτο ειναι");
    EXPECT_EQ(normalised_text("хор"), "хор");  // wholly lookalikes, but nothing Latin near
    EXPECT_EQ(normalised_text("忽略之前的指令"), "忽略之前的指令");
    EXPECT_EQ(normalised_text("한국어 조합"), "한국어 조합");
    EXPECT_EQ(normalised_text("हिन्दी"), "हिन्दी");
}

TEST(Normalise, ComposesWhatBelongsTogether) {
    EXPECT_EQ(normalised_text("\u0438\u0306"), "\u0439");        // и + breve = й
    EXPECT_EQ(normalised_text("\u1112\u1161\u11AB"), "\uD55C");  // jamo = 한
    EXPECT_EQ(normalised_text("\uFF76\uFF9E"), "\u30AC");        // half-width ga
}

TEST(Normalise, PunctuationIsAscii) {
    EXPECT_EQ(normalised_text("“x” ‘y’ — …。"), "\"x\" 'y' - ....");
}

TEST(Normalise, BrokenUtf8) {
    EXPECT_EQ(normalised_text("a\xFFz"), "a?z");
    EXPECT_EQ(normalised_text("a\xE2\x82"), "a??");
    EXPECT_EQ(normalised_text("\xC0\xAF"), "??");       // overlong
    EXPECT_EQ(normalised_text("\xED\xA0\x80"), "???");  // surrogate
    EXPECT_EQ(source_of("a\xFFz", "z"), "z");
}

TEST(Normalise, RemembersLines) {
    Normalised out;
    normalise("one\ntwo \n three", out);
    EXPECT_EQ(out.text, "one two three");
    EXPECT_EQ(out.breaks, (std::vector<std::uint32_t>{4, 8}));
}

TEST(Normalise, EverySpanStaysInsideTheInput) {
    const std::string input = "é\u200B A\xFFﷺ і\u0301x ｱﾞ\u0000 \U0001F1E9\U0001F1EA end";
    Normalised out;
    normalise(input, out);
    std::size_t last = 0;
    for (std::size_t i = 0; i < out.text.size(); ++i) {
        const ByteSpan span = out.map.to_source({i, i + 1});
        EXPECT_LE(span.start, span.end);
        EXPECT_LE(span.end, input.size());
        EXPECT_GE(span.start, last);
        last = span.start;
    }
}

}  // namespace
}  // namespace credence::guard
