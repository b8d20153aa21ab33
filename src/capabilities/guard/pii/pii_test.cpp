#include "capabilities/guard/pii/pii.h"

#include <gtest/gtest.h>

namespace credence::guard {
namespace {

std::string found(Detector detector, const std::string& text) {
    std::vector<Detected> items;
    find_pii(text, items);
    for (const Detected& item : items) {
        if (item.detector == detector) {
            return text.substr(item.span.start, item.span.end - item.span.start);
        }
    }
    return "";
}

std::size_t count(const std::string& text) {
    std::vector<Detected> items;
    find_pii(text, items);
    return items.size();
}

TEST(Pii, Email) {
    EXPECT_EQ(found(Detector::email, "To: jane.doe+x@mail.example.org."),
              "jane.doe+x@mail.example.org");
    EXPECT_EQ(found(Detector::email, "@everyone"), "");
    EXPECT_EQ(found(Detector::email, "a@b"), "");
    EXPECT_EQ(found(Detector::email, "pip install x@1.2.3"), "");
}

TEST(Pii, Cards) {
    EXPECT_EQ(found(Detector::credit_card, "pay 4111-1111-1111-1111 now"), "4111-1111-1111-1111");
    EXPECT_EQ(found(Detector::credit_card, "378282246310005"), "378282246310005");
    EXPECT_EQ(found(Detector::credit_card, "order 4111111111111112"), "");
    EXPECT_EQ(found(Detector::credit_card, "id4111111111111111"), "");
}

TEST(Pii, Iban) {
    EXPECT_EQ(found(Detector::iban, "to DE89 3704 0044 0532 0130 00 please"),
              "DE89 3704 0044 0532 0130 00");
    EXPECT_EQ(found(Detector::iban, "DE89 3704 0044 0532 0130 01"), "");
}

TEST(Pii, SocialSecurityNumber) {
    EXPECT_EQ(found(Detector::us_ssn, "is 219-09-9998."), "219-09-9998");
    EXPECT_EQ(found(Detector::us_ssn, "my ssn: 219099998"), "219099998");
    EXPECT_EQ(found(Detector::us_ssn, "code 219099998"), "");
}

TEST(Pii, Phones) {
    EXPECT_EQ(found(Detector::phone, "ring +44 20 7946 0958 today"), "+44 20 7946 0958");
    EXPECT_EQ(found(Detector::phone, "call me: 555-0132 77"), "555-0132 77");
    EXPECT_EQ(found(Detector::phone, "415-555-0132"), "415-555-0132");
    EXPECT_EQ(found(Detector::phone, "invoice 4155550132"), "");
}

TEST(Pii, Addresses) {
    EXPECT_EQ(found(Detector::public_address, "host 8.8.8.8:53"), "8.8.8.8");
    EXPECT_EQ(found(Detector::private_address, "10.0.0.1"), "10.0.0.1");
    EXPECT_EQ(found(Detector::public_address, "at 2606:4700:4700::1111 ok"),
              "2606:4700:4700::1111");
    EXPECT_EQ(found(Detector::mac_address, "00:1A:2b:3c:4d:5e"), "00:1A:2b:3c:4d:5e");
}

TEST(Pii, LeavesOrdinaryNumbersAlone) {
    EXPECT_EQ(count("In 2024-05-12 at 10:30:15 we shipped v1.2.3 (build 20240512)."), 0U);
    EXPECT_EQ(count("sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"), 0U);
    EXPECT_EQ(count("std::vector<int> x{1, 2, 3}; a::b::c"), 0U);
    EXPECT_EQ(count("3.14159265358979, 1,000,000"), 0U);
}

TEST(Pii, IsBounded) {
    std::string many;
    for (int i = 0; i < 1000; ++i) {
        many += "a@example.org ";
    }
    EXPECT_LE(count(many), kMaxDetected);
}

std::vector<Detected> with(const PiiOptions& options, const std::string& text) {
    std::vector<Detected> items;
    find_pii(text, options, items);
    return items;
}

TEST(Pii, OrdinaryKindsOnlyWhenAsked) {
    const std::string text =
        "Born on 31 October 1975, see https://example.org/a on 2024-05-12 10:30.";
    EXPECT_EQ(found(Detector::birth_date, text), "31 October 1975");
    EXPECT_EQ(found(Detector::url, text), "");
    PiiOptions options;
    options.kinds = all_pii(false);
    const auto items = with(options, text);
    ASSERT_EQ(items.size(), 3U);
    EXPECT_EQ(items[1].detector, Detector::url);
    EXPECT_EQ(text.substr(items[1].span.start, items[1].span.end - items[1].span.start),
              "https://example.org/a");
    EXPECT_EQ(text.substr(items[2].span.start, items[2].span.end - items[2].span.start),
              "2024-05-12 10:30");
}

TEST(Pii, AllowListAndConfidence) {
    PiiOptions options;
    options.allow = {"*@own.example.org", "8.8.*"};
    EXPECT_EQ(with(options, "a@own.example.org b@other.example.org").size(), 1U);
    EXPECT_TRUE(with(options, "8.8.8.8").empty());
    options.minimum_confidence = 0.99;
    EXPECT_TRUE(with(options, "219-09-9998").empty());
}

TEST(Pii, NamesOnlyWhenAsked) {
    const std::string text = "My name is Anneliese Quist, I live in Trondheim at 12 Long Street.";
    EXPECT_EQ(count(text), 0U);
    PiiOptions options;
    options.include_partial = true;
    const auto items = with(options, text);
    ASSERT_EQ(items.size(), 3U);
    EXPECT_EQ(items[0].detector, Detector::person);
    EXPECT_EQ(text.substr(items[0].span.start, items[0].span.end - items[0].span.start),
              "Anneliese Quist");
    EXPECT_EQ(items[1].detector, Detector::location);
    EXPECT_EQ(items[2].detector, Detector::street_address);
}

}  // namespace
}  // namespace credence::guard
