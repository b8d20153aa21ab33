#include "capabilities/guard/context/canary.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "capabilities/guard/context/context_testing.h"

namespace credence::guard {
namespace {

std::string base64_of(std::string_view text) {
    return to_base64url({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

class CanaryTest : public ContextTest {
protected:
    CanaryTest() { EXPECT_TRUE(canary_.start(key_)); }

    NewCanary create(CanaryAlphabet alphabet = CanaryAlphabet::words) {
        const auto made = canary_.create(context_, {"test", alphabet});
        EXPECT_TRUE(made) << made.error().message;
        return made ? *made : NewCanary{};
    }
    std::vector<CanaryLeak> leaks(const std::string& text, const Context& context) const {
        const auto report = canary_.check(context, {text});
        EXPECT_TRUE(report);
        return report ? report->leaks : std::vector<CanaryLeak>{};
    }
    std::vector<CanaryLeak> leaks(const std::string& text) const { return leaks(text, context_); }

    Canary canary_{CanaryParts{*database_, clock_, ids_, random_}};
};

TEST_F(CanaryTest, FindsATokenAsItIs) {
    const NewCanary made = create();
    EXPECT_NE(made.line.find(made.token), std::string::npos);
    const std::string text = "My prompt says: " + made.token + ", that is all.";
    const auto found = leaks(text);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].canary_id, made.canary_id);
    EXPECT_EQ(found[0].form, CanaryForm::plain);
    EXPECT_TRUE(found[0].whole);
    EXPECT_EQ(found[0].span.start, 16);
    EXPECT_EQ(found[0].span.end, 16 + static_cast<std::int64_t>(made.token.size()));
    EXPECT_TRUE(leaks("Nothing to see here, just an ordinary answer.").empty());
}

TEST_F(CanaryTest, FindsOtherSpellings) {
    for (const CanaryAlphabet alphabet : {CanaryAlphabet::words, CanaryAlphabet::hex}) {
        const std::string token = create(alphabet).token;
        std::string upper = token;
        std::transform(upper.begin(), upper.end(), upper.begin(),
                       [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
        EXPECT_EQ(leaks("It is " + upper).size(), 1U);
        std::string spaced;
        for (const char c : token) {
            spaced += c;
            spaced += ' ';
        }
        ASSERT_EQ(leaks("It is " + spaced).size(), 1U);
        EXPECT_TRUE(leaks("It is " + spaced)[0].whole);
        const std::string reversed(token.rbegin(), token.rend());
        ASSERT_EQ(leaks("It is " + reversed).size(), 1U);
        EXPECT_TRUE(leaks("It is " + reversed)[0].whole);
        for (const char* before : {"", "a", "bc", "the marker is "}) {
            EXPECT_FALSE(leaks("Decode " + base64_of(before + token)).empty()) << before;
        }
        EXPECT_FALSE(leaks("0x" + to_hex({reinterpret_cast<const std::uint8_t*>(token.data()),
                                          token.size()}))
                         .empty());
    }
}

TEST_F(CanaryTest, FindsParts) {
    const std::string token = create(CanaryAlphabet::hex).token;
    const auto found = leaks("It ends in " + token.substr(token.size() - 13) + ".");
    ASSERT_EQ(found.size(), 1U);
    EXPECT_FALSE(found[0].whole);
    EXPECT_EQ(found[0].characters, 13);
    EXPECT_TRUE(leaks("It ends in " + token.substr(token.size() - 10) + " .").empty());
}

TEST_F(CanaryTest, SaysWhatWasSeparated) {
    const std::string token = create().token;
    std::string dotted;
    for (const char c : token) {
        dotted += c;
        dotted += '.';
    }
    const auto found = leaks("x " + dotted);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].form, CanaryForm::separated);
}

TEST_F(CanaryTest, IsTheTenantsOwn) {
    const std::string token = create().token;
    EXPECT_TRUE(leaks(token, other_).empty());
    EXPECT_FALSE(canary_.watches(other_));
    EXPECT_TRUE(canary_.watches(context_));
    EXPECT_TRUE(canary_.list(other_, {})->canaries.empty());
}

TEST_F(CanaryTest, RevokedOnesAreNotFound) {
    const NewCanary made = create();
    EXPECT_EQ(canary_.revoke(other_, {made.canary_id}).error().code, Code::not_found);
    const auto revoked = canary_.revoke(context_, {made.canary_id});
    ASSERT_TRUE(revoked);
    EXPECT_EQ(revoked->revoked_at_us, kStartUs);
    EXPECT_TRUE(leaks(made.token).empty());
    EXPECT_FALSE(canary_.watches(context_));
    EXPECT_EQ(canary_.revoke(context_, {made.canary_id}).error().code, Code::not_found);
    EXPECT_TRUE(canary_.list(context_, {})->canaries.empty());
    EXPECT_EQ(canary_.list(context_, {true})->canaries.size(), 1U);
}

TEST_F(CanaryTest, AnotherProcessLearnsOfThem) {
    Canary second(CanaryParts{*database_, clock_, ids_, random_});
    ASSERT_TRUE(second.start(key_));
    const std::string token = create().token;
    EXPECT_FALSE(second.check(context_, {token})->leaked);
    ASSERT_TRUE(second.refresh());
    EXPECT_TRUE(second.check(context_, {token})->leaked);
}

TEST_F(CanaryTest, TheStoreDoesNotHoldTheToken) {
    const std::string token = create().token;
    const auto rows = database_->read([&](store::Tx& tx) { return canary_rows::in_force(tx, 10); });
    ASSERT_TRUE(rows);
    ASSERT_EQ(rows->size(), 1U);
    EXPECT_EQ(rows->front().sealed.find(token.substr(0, 6)), std::string::npos);
    EXPECT_EQ(rows->front().token_tag.size(), 64U);
    // Under another key nothing is watched, and nothing breaks.
    Canary stranger(CanaryParts{*database_, clock_, ids_, random_});
    ASSERT_TRUE(stranger.start(VaultKey::ephemeral(random_)));
    EXPECT_FALSE(stranger.check(context_, {token})->leaked);
}

TEST_F(CanaryTest, NoFalseAlarmInAMillionRandomLetters) {
    for (int i = 0; i < 20; ++i) {
        create();
    }
    std::string text;
    for (int i = 0; i < 125'000; ++i) {
        const std::uint64_t chance = random_.next();
        for (unsigned byte = 0; byte < 8; ++byte) {
            text += static_cast<char>('a' + ((chance >> (8 * byte)) & 0xFFU) % 26);
        }
    }
    EXPECT_TRUE(leaks(text).empty());
}

}  // namespace
}  // namespace credence::guard
