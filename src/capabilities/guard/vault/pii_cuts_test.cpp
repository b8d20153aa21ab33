// Sanitising with the real finder of personal data.
#include "capabilities/guard/vault/pii_cuts.h"

#include <gtest/gtest.h>

#include <random>

#include "capabilities/guard/vault/masker.h"

namespace credence::guard {
namespace {

Sanitised clean_pii(std::string_view text, MaskFormat format) {
    SeededRandom random(3);
    Masker masker(format, random);
    const CutFinder finder = [](std::string_view part) { return pii_cuts(part, {}); };
    auto out = sanitise(text, finder, masker);
    EXPECT_TRUE(out.has_value()) << out.error().message;
    return out ? *out : Sanitised{};
}

TEST(SanitisePii, SpellingsOfOneValueShareAMask) {
    EXPECT_EQ(clean_pii("Card 4111-1111-1111-1111, again 4111 1111 1111 1111; ann@example.org and "
                        "Ann@Example.org.",
                        MaskFormat::number)
                  .text,
              "Card [CREDIT_CARD_1], again [CREDIT_CARD_1]; [EMAIL_1] and [EMAIL_1].");
}

// Cues, values, parts of values and masks in every order.
std::string random_pii_text(std::mt19937_64& chance) {
    static const std::vector<std::string> kPieces = {"phone",
                                                     "password",
                                                     "my ssn is ",
                                                     "card",
                                                     "iban ",
                                                     "api_key",
                                                     "email",
                                                     ": ",
                                                     " = ",
                                                     "\"",
                                                     " ",
                                                     " ",
                                                     ", ",
                                                     ". ",
                                                     "4111 1111 1111 1111",
                                                     "4111",
                                                     "1111",
                                                     "+44 20 7946 0958",
                                                     "536-22-8741",
                                                     "ann@example.org",
                                                     "@example.org",
                                                     "ann",
                                                     "DE89 3704 0044 0532 0130 00",
                                                     "203.0.113.77",
                                                     "hX9$kq2!vLp0",
                                                     "(415) 555-0132",
                                                     "-",
                                                     "555-0132",
                                                     "\n",
                                                     "[EMAIL_1]",
                                                     "[PHONE_2]",
                                                     "[CREDIT_CARD]",
                                                     "[ASSIGNED_PASSWORD_1]",
                                                     "x",
                                                     "7",
                                                     "https://u:p4ss@host.example/",
                                                     "2001:db8::1",
                                                     "\u200B",
                                                     "т",
                                                     "00:1B:44:11:3A:B7",
                                                     "-----BEGIN RSA PRIVATE"
                                                     " KEY-----\n"};
    std::string text;
    for (std::size_t count = chance() % 24; count > 0; --count) {
        text += kPieces[chance() % kPieces.size()];
    }
    return text;
}

TEST(SanitisePii, IsIdempotentOnRandomTexts) {
    std::mt19937_64 chance(17);
    int collapsed = 0;
    int masked = 0;
    for (int i = 0; i < 3000; ++i) {
        const MaskFormat format = static_cast<MaskFormat>(i % 3);
        const std::string text = random_pii_text(chance);
        const Sanitised once = clean_pii(text, format);
        const Sanitised twice = clean_pii(once.text, format);
        ASSERT_EQ(twice.text, once.text) << text;
        ASSERT_TRUE(twice.cuts.empty()) << text;
        collapsed += once.collapsed ? 1 : 0;
        masked += once.masked > 0 ? 1 : 0;
    }
    EXPECT_EQ(collapsed, 0);
    EXPECT_GT(masked, 1500);
}

}  // namespace
}  // namespace credence::guard
