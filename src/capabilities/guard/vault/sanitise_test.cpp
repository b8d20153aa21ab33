#include "capabilities/guard/vault/sanitise.h"

#include <gtest/gtest.h>

#include <random>

#include "capabilities/guard/vault/canonical.h"
#include "capabilities/guard/vault/invisible.h"
#include "capabilities/guard/vault/masker.h"

namespace credence::guard {
namespace {

// Finds "E@digits" as e-mail addresses (either case), "ATTACK" and "%BLOB%" as attacks, and, to be
// awkward, any value behind "password=", also when it is a mask.
Result<std::vector<Cut>> find_cuts(std::string_view text) {
    std::vector<Cut> cuts;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if ((text[i] == 'E' || text[i] == 'e') && text.substr(i + 1, 1) == "@") {
            std::size_t end = i + 2;
            while (end < text.size() && text[end] >= '0' && text[end] <= '9') {
                ++end;
            }
            if (end > i + 2) {
                cuts.push_back({{i, end}, CutAction::mask, Detector::email, {}});
            }
        } else if (text.substr(i).starts_with("ATTACK")) {
            cuts.push_back({{i, i + 6}, CutAction::remove, {}, Category::jailbreak});
        } else if (text.substr(i).starts_with("OVERRIDE")) {
            cuts.push_back(
                {{i, i + 8}, CutAction::remove_sentence, {}, Category::prompt_injection});
        } else if (text.substr(i).starts_with("password=")) {
            const std::size_t end = std::min(text.find(' ', i), text.size());
            if (end > i + 9) {
                cuts.push_back({{i + 9, end}, CutAction::mask, Detector::assigned_password, {}});
            }
        }
    }
    return cuts;
}

Sanitised clean(std::string_view text, MaskFormat format = MaskFormat::number) {
    SeededRandom random(3);
    Masker masker(format, random);
    auto out = sanitise(text, find_cuts, masker);
    EXPECT_TRUE(out.has_value()) << out.error().message;
    return out ? *out : Sanitised{};
}

TEST(Sanitise, EqualValuesGetEqualMasks) {
    const Sanitised out = clean("E@1 E@2 e@1 E@3");
    EXPECT_EQ(out.text, "[EMAIL_1] [EMAIL_2] [EMAIL_1] [EMAIL_3]");
    EXPECT_EQ(out.masked, 4);
    ASSERT_EQ(out.cuts.size(), 4U);
    EXPECT_EQ(out.cuts[2].instead, "[EMAIL_1]");
    EXPECT_EQ(out.cuts[2].span, (ByteSpan{8, 11}));
    EXPECT_FALSE(out.collapsed);
}

TEST(Sanitise, FormatsWithoutANumber) {
    EXPECT_EQ(clean("a E@1", MaskFormat::redact).text, "a [EMAIL]");
    const std::string once = clean("E@1 e@1 E@2", MaskFormat::hash).text;
    ASSERT_EQ(once.size(), 3 * 28 + 2U) << once;
    EXPECT_EQ(once.substr(0, 28), once.substr(29, 28));
    EXPECT_NE(once.substr(0, 28), once.substr(58, 28));
    EXPECT_EQ(find_masks(once).size(), 3U);
}

TEST(Sanitise, CleanTextStaysInOneRound) {
    const Sanitised out = clean("Nothing here: Привет, 世界 🙂.\n");
    EXPECT_EQ(out.text, "Nothing here: Привет, 世界 🙂.\n");
    EXPECT_EQ(out.rounds, 1);
    EXPECT_TRUE(out.cuts.empty());
}

TEST(Sanitise, MasksAreNotMaskedAgain) {
    EXPECT_EQ(clean("password=[EMAIL_7] password=E@1").text,
              "password=[EMAIL_7] password=[EMAIL_1]");
    EXPECT_EQ(clean("password=[EMAIL_7]x").text, "password=[EMAIL_7][ASSIGNED_PASSWORD_1]");
    EXPECT_EQ(clean("password=[NOTHING_7]").text, "password=[ASSIGNED_PASSWORD_1]");
}

TEST(Sanitise, ANewValueNeverGetsAMaskThatStandsThere) {
    EXPECT_EQ(clean("[EMAIL_1] [EMAIL_2] E@9").text, "[EMAIL_1] [EMAIL_2] [EMAIL_3]");
}

TEST(Sanitise, AttacksAreCutAndNamed) {
    const Sanitised out = clean("Hello ATTACK world");
    EXPECT_EQ(out.text, "Hello [REMOVED_JAILBREAK] world");
    EXPECT_EQ(out.removed, 1);
    EXPECT_EQ(out.cuts.at(0).category, Category::jailbreak);
}

TEST(Sanitise, ASentenceGoesWhole) {
    EXPECT_EQ(clean("First. Now OVERRIDE all of it, please! Last.").text,
              "First. [REMOVED_PROMPT_INJECTION] Last.");
    EXPECT_EQ(clean("line\nNow OVERRIDE it\nline").text, "line\n[REMOVED_PROMPT_INJECTION]\nline");
    EXPECT_EQ(clean("字。OVERRIDE 字。字").text, "字。[REMOVED_PROMPT_INJECTION]字");
    // Far from any end, only the attack itself.
    const std::string far(400, 'x');
    EXPECT_EQ(clean(far + " OVERRIDE " + far).text, far + " [REMOVED_PROMPT_INJECTION] " + far);
}

TEST(Sanitise, AnAttackTakesTheMasksInside) {
    EXPECT_EQ(clean("Ok. OVERRIDE and send to E@1 [EMAIL_4].").text,
              "Ok. [REMOVED_PROMPT_INJECTION]");
}

TEST(Sanitise, WhatComesTogetherByStrippingIsFound) {
    const Sanitised out = clean("AT\u200BTA\u200CCK");
    EXPECT_EQ(out.text, "[REMOVED_JAILBREAK]");
    EXPECT_EQ(out.invisible_bytes, 6U);
    EXPECT_EQ(out.cuts.at(0).span, std::nullopt);
}

TEST(Sanitise, ATextThatDoesNotComeToRestGoes) {
    const CutFinder restless = [](std::string_view text) -> Result<std::vector<Cut>> {
        const std::size_t at = text.find_first_of("abc");
        if (at == std::string_view::npos) {
            return std::vector<Cut>{};
        }
        return std::vector<Cut>{{{at, at + 1}, CutAction::remove, {}, Category::jailbreak}};
    };
    SeededRandom random(3);
    Masker masker(MaskFormat::number, random);
    const auto out = sanitise(std::string(100, 'a'), restless, masker);
    ASSERT_TRUE(out.has_value()) << out.error().message;
    EXPECT_EQ(out->text, "[REMOVED_JAILBREAK]");
    EXPECT_TRUE(out->collapsed);
}

TEST(Sanitise, FailsWhenTheFinderDoes) {
    SeededRandom random(3);
    Masker masker(MaskFormat::number, random);
    const CutFinder broken = [](std::string_view) -> Result<std::vector<Cut>> {
        return fail(Code::internal, "broken");
    };
    EXPECT_FALSE(sanitise("x", broken, masker).has_value());
}

// Texts of every piece that matters, in every order.
std::string random_text(std::mt19937_64& chance) {
    static const std::vector<std::string> kPieces = {
        "E@1",       "e@12",       "ATTACK",     "OVERRIDE",
        "password=", "[EMAIL_1]",  "[EMAIL]",    "[REMOVED_PII]",
        " ",         ". ",         "\n",         "word",
        "[",         "]",          "_1",         "\u200B",
        "AT",        "TACK",       "E",          "@3",
        "\u200D",    "я",          "🙂",         "\uFE0F",
        "\xC3",      "\xA9",       "[EMAIL_01]", "[email_2]",
        "¡",         "\U000E0041", "\u202E",     "7"};
    std::string text;
    for (std::size_t count = chance() % 30; count > 0; --count) {
        text += kPieces[chance() % kPieces.size()];
    }
    return text;
}

TEST(Sanitise, IsIdempotentOnRandomTexts) {
    std::mt19937_64 chance(11);
    for (int i = 0; i < 5000; ++i) {
        const std::string text = random_text(chance);
        const Sanitised once = clean(text);
        const Sanitised twice = clean(once.text);
        ASSERT_EQ(twice.text, once.text) << text;
        ASSERT_TRUE(twice.cuts.empty()) << text;
        ASSERT_EQ(once.text.find("ATTACK"), std::string::npos) << text;
        ASSERT_EQ(without_invisible(once.text), once.text) << text;
    }
}

TEST(Invisible, GoesWithoutHarmToWriting) {
    EXPECT_EQ(without_invisible("a\u200Bb\u00ADc\u202Ed\u2066e\uFEFFf"), "abcdef");
    EXPECT_EQ(without_invisible("hi\U000E0068\U000E0069"), "hi");
    EXPECT_EQ(without_invisible("a\uFE0Fb\U000E0100c"), "abc");
    for (const std::string kept :
         {"می\u200Cخواهم", "क्\u200Dष", "👨\u200D👩\u200D👧", "❤\uFE0F", "1\uFE0F\u20E3", "é à ü",
          "🏴\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F", "a\tb\r\nc"}) {
        EXPECT_EQ(without_invisible(kept), kept);
    }
    EXPECT_EQ(without_invisible("a\u200Db"), "ab");
    EXPECT_EQ(without_invisible("\x01 a\x1B[0m"), " a[0m");
}

TEST(Canonical, SpellingsOfOneValueAreOne) {
    EXPECT_EQ(canonical_value(Detector::email, "Ann@Example.COM"), "ann@example.com");
    EXPECT_EQ(canonical_value(Detector::credit_card, "4111-1111 1111\u00A01111"),
              "4111111111111111");
    EXPECT_EQ(canonical_value(Detector::iban, "de89 3704 0044"), "DE8937040044");
    EXPECT_EQ(canonical_value(Detector::phone, "+1 (415) 555-0100"), "+14155550100");
    EXPECT_EQ(canonical_value(Detector::phone, "0044 20 7946"), "+44207946");
    EXPECT_EQ(canonical_value(Detector::person, " Ann  Lee"), "ann lee");
    EXPECT_EQ(canonical_value(Detector::crypto_bitcoin, "1aB"), "1aB");
    EXPECT_EQ(canonical_value(Detector::github_token, "gH p_"), "gH p_");
}

TEST(Masker, SaysWhenItIsFull) {
    SeededRandom random(3);
    Masker masker(MaskFormat::number, random);
    std::vector<MaskItem> items(Masker::kMaxValues + 1);
    for (std::size_t i = 0; i < items.size(); ++i) {
        items[i] = {"EMAIL", std::to_string(i), "x"};
    }
    EXPECT_EQ(masker.masks_for(items, {}).error().code, Code::exhausted);
}

TEST(Masker, HashedMasksDependOnTheKey) {
    Masker one(MaskFormat::hash, std::string(32, 'a'));
    Masker same(MaskFormat::hash, std::string(32, 'a'));
    Masker other(MaskFormat::hash, std::string(32, 'b'));
    const std::vector<MaskItem> items = {{"EMAIL", "a@b", "a@b"}};
    EXPECT_EQ(one.masks_for(items, {}).value(), same.masks_for(items, {}).value());
    EXPECT_NE(one.masks_for(items, {}).value(), other.masks_for(items, {}).value());
}

}  // namespace
}  // namespace credence::guard
