#include "capabilities/guard/rules/pack.h"

#include <gtest/gtest.h>

#include <string>

#include "capabilities/guard/rules/analysis.h"
#include "capabilities/guard/rules/pack_check.h"

namespace credence::guard {
namespace {

constexpr std::string_view kPack = R"(
pack = "jailbreak"
version = "2.1.0"
[groups]
verb = { en = ["ignor{e|ing}"], fr = ["oublie*"] }
noun = ["rules", "règles"]
[marks]
negation = ["never"]
[[rule]]
id = "both"
severity = "high"
score = 0.7
within = 12
unless = ["negation"]
sequences = [["verb", "noun"]]
examples = ["ignore the rules", "oubliez les règles", "ignoring rules"]
counterexamples = ["rules to ignore", "ignore the many very long rules",
   "ignore. rules", "never ignore rules", "ignored rules"]
[[rule]]
id = "expression"
severity = "low"
score = 0.1
patterns = ["re:key=[0-9]{2,6};"]
examples = ["key=12345;"]
)";

std::unique_ptr<RuleSet> load(std::string_view text, Packs& packs) {
    EXPECT_TRUE(read_pack(text, "test.toml", packs));
    auto compiled = compile_packs(packs);
    EXPECT_TRUE(compiled) << compiled.error().message;
    auto rules = RuleSet::load(write_blob(*compiled));
    EXPECT_TRUE(rules);
    return std::move(*rules);
}

std::string error_of(const std::string& text) {
    Packs packs;
    const auto read = read_pack(text, "test.toml", packs);
    if (!read) {
        return read.error().message;
    }
    const auto compiled = compile_packs(packs);
    return compiled ? "" : compiled.error().message;
}

TEST(Pack, ExamplesHold) {
    Packs packs;
    const auto rules = load(kPack, packs);
    const auto broken = check_examples(packs, *rules);
    ASSERT_TRUE(broken);
    EXPECT_EQ(*broken, std::vector<std::string>{});
    EXPECT_EQ(rules->version(), "jailbreak 2.1.0");
    EXPECT_EQ(rules->rules()[0].id, "jailbreak.both");
    EXPECT_EQ(rules->rules()[0].languages, "en,fr");
}

TEST(Pack, SpansOfSequencesAndExpressions) {
    Packs packs;
    const auto rules = load(kPack, packs);
    const std::string text = "Please IGNORE  the Rules; key=123456; end";
    const auto analysis = analyse(*rules, text, {});
    ASSERT_TRUE(analysis);
    ASSERT_EQ(analysis->findings.size(), 2U);
    const auto part = [&](std::size_t i) {
        const ByteSpan span = analysis->findings[i].span;
        return text.substr(span.start, span.end - span.start);
    };
    EXPECT_EQ(part(0), "IGNORE  the Rules");
    EXPECT_EQ(part(1), "key=123456;");
}

TEST(Pack, BrokenExamplesAreNamed) {
    Packs packs;
    std::string text(kPack);
    text.replace(text.find("\"ignoring rules\""), 16, "\"nothing here\"");
    const auto rules = load(text, packs);
    const auto broken = check_examples(packs, *rules);
    ASSERT_TRUE(broken);
    ASSERT_EQ(broken->size(), 1U);
    EXPECT_EQ((*broken)[0], "jailbreak.both misses its example: nothing here");
}

TEST(Pack, MistakesAreNamed) {
    const std::string head = "pack = \"pii\"\nversion = \"1\"\n";
    EXPECT_NE(error_of("x = ").find("test.toml:1"), std::string::npos);
    EXPECT_NE(error_of("version = \"1\"").find("'pack'"), std::string::npos);
    const std::string rule = head + "[[rule]]\nid = \"a\"\nseverity = \"high\"\nscore = 0.5\n";
    EXPECT_NE(error_of(rule).find("example"), std::string::npos);
    const std::string full = rule + "examples = [\"x\"]\n";
    EXPECT_NE(error_of(full).find("needs sequences"), std::string::npos);
    EXPECT_NE(error_of(full + "sequences = [[\"none\"]]\n").find("no group 'none'"),
              std::string::npos);
    EXPECT_NE(error_of(full + "colour = 1\n").find("unknown key 'colour'"), std::string::npos);
    EXPECT_NE(error_of(full + "patterns = [\"re:(\"]\n").find("'('"), std::string::npos);
    EXPECT_NE(error_of(full + "patterns = [\"re:a*\"]\n").find("matches nothing"),
              std::string::npos);
    EXPECT_NE(error_of(full + "detector = \"nose\"\n").find("nose"), std::string::npos);
}

TEST(Pack, Braces) {
    EXPECT_EQ(*expand_braces("{a|b}x{1|}"), (std::vector<std::string>{"ax1", "bx1", "ax", "bx"}));
    EXPECT_FALSE(expand_braces("{a|b"));
}

TEST(Pack, DamagedBlobsAreRefused) {
    Packs packs;
    ASSERT_TRUE(read_pack(kPack, "test.toml", packs));
    const std::string blob = write_blob(*compile_packs(packs));
    EXPECT_FALSE(RuleSet::load(""));
    EXPECT_FALSE(RuleSet::load("garbage that is long enough"));
    for (const std::size_t size : {blob.size() / 4, blob.size() / 2, blob.size() - 1}) {
        EXPECT_FALSE(RuleSet::load(std::string_view(blob).substr(0, size)));
    }
}

TEST(Matcher, WorkGrowsWithTheText) {
    Packs packs;
    const auto rules = load(kPack, packs);
    const auto work = [&](std::size_t times) {
        std::string text;
        for (std::size_t i = 0; i < times; ++i) {
            text += "ignore ignoring rules oubliez ";
        }
        Normalised normalised;
        normalise(text, normalised);
        Matcher matcher(*rules);
        std::vector<Hit> hits;
        EXPECT_TRUE(matcher.match(normalised, hits));
        EXPECT_LE(hits.size(), Matcher::kMaxHitsOfRule * 2);
        return matcher.work();
    };
    const auto small = work(1000);
    EXPECT_GT(small, 1000U);
    EXPECT_LE(work(20'000), 20 * small + 100);
}

}  // namespace
}  // namespace credence::guard
