#include "capabilities/guard/pii/checksums.h"

#include <gtest/gtest.h>

namespace credence::guard {
namespace {

TEST(Checksums, LuhnKnowsAWrongDigit) {
    EXPECT_TRUE(luhn_valid("79927398713"));
    EXPECT_FALSE(luhn_valid("79927398710"));
    EXPECT_FALSE(luhn_valid(""));
    EXPECT_FALSE(luhn_valid("7992739871x"));
}

TEST(Checksums, CardsNeedAnIssuer) {
    EXPECT_TRUE(card_valid("4111111111111111"));
    EXPECT_TRUE(card_valid("5500005555555559"));
    EXPECT_TRUE(card_valid("2223003122003222"));
    EXPECT_TRUE(card_valid("378282246310005"));
    EXPECT_TRUE(card_valid("6011000990139424"));
    EXPECT_TRUE(card_valid("3530111333300000"));
    EXPECT_FALSE(card_valid("4111111111111112"));
    EXPECT_FALSE(card_valid("0000000000000000"));  // passes Luhn, issued by nobody
    EXPECT_FALSE(card_valid("41111111"));
}

TEST(Checksums, IbanByCountry) {
    EXPECT_TRUE(iban_valid("DE89370400440532013000"));
    EXPECT_TRUE(iban_valid("GB82WEST12345698765432"));
    EXPECT_TRUE(iban_valid("FR1420041010050500013M02606"));
    EXPECT_FALSE(iban_valid("DE89370400440532013001"));
    EXPECT_FALSE(iban_valid("DE8937040044053201300"));
    EXPECT_FALSE(iban_valid("XX89370400440532013000"));
    EXPECT_FALSE(iban_valid(""));
}

TEST(Checksums, SocialSecurityAreas) {
    EXPECT_TRUE(ssn_valid("219099998"));
    EXPECT_FALSE(ssn_valid("000123456"));
    EXPECT_FALSE(ssn_valid("666123456"));
    EXPECT_FALSE(ssn_valid("900123456"));
    EXPECT_FALSE(ssn_valid("123001234"));
    EXPECT_FALSE(ssn_valid("123450000"));
}

TEST(Checksums, Addresses) {
    EXPECT_EQ(ipv4_kind("8.8.8.8"), AddressKind::public_internet);
    EXPECT_EQ(ipv4_kind("192.168.1.1"), AddressKind::private_network);
    EXPECT_EQ(ipv4_kind("172.31.0.1"), AddressKind::private_network);
    EXPECT_EQ(ipv4_kind("172.32.0.1"), AddressKind::public_internet);
    EXPECT_EQ(ipv4_kind("256.1.1.1"), AddressKind::none);
    EXPECT_EQ(ipv4_kind("1.2.3"), AddressKind::none);
    EXPECT_EQ(ipv4_kind("01.2.3.4"), AddressKind::none);
    EXPECT_EQ(ipv6_kind("2606:4700:4700::1111"), AddressKind::public_internet);
    EXPECT_EQ(ipv6_kind("fe80::1"), AddressKind::private_network);
    EXPECT_EQ(ipv6_kind("::1"), AddressKind::private_network);
    EXPECT_EQ(ipv6_kind("1:2:3:4:5:6:7:8"), AddressKind::public_internet);
    EXPECT_EQ(ipv6_kind("1:2:3"), AddressKind::none);
    EXPECT_EQ(ipv6_kind("12345::1"), AddressKind::none);
    EXPECT_EQ(ipv6_kind("1::2::3"), AddressKind::none);
}

TEST(Checksums, Entropy) {
    EXPECT_DOUBLE_EQ(entropy_bits("aaaa"), 0);
    EXPECT_DOUBLE_EQ(entropy_bits("abab"), 1);
    EXPECT_DOUBLE_EQ(entropy_bits("abcd"), 2);
    EXPECT_DOUBLE_EQ(entropy_bits(""), 0);
}

}  // namespace
}  // namespace credence::guard
