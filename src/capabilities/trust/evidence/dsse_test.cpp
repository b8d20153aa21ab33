#include "capabilities/trust/evidence/dsse.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "base/text.h"

namespace credence::trust {
namespace {

std::string raw(std::string_view hex) {
    const auto bytes = from_hex(hex);
    EXPECT_TRUE(bytes.has_value());
    return {bytes->begin(), bytes->end()};
}

SigningKey key_from(std::string_view seed_hex) {
    auto key = SigningKey::from_seed(Secret(raw(seed_hex)));
    EXPECT_TRUE(key.has_value());
    return *std::move(key);
}

// RFC 8032, section 7.1, tests 1 to 3.
struct Rfc8032 {
    std::string_view seed;
    std::string_view public_key;
    std::string_view message;
    std::string_view signature;
};
constexpr Rfc8032 kVectors[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
     "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
     "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
     "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
};

class DsseTest : public ::testing::Test {
protected:
    SigningKey key_ = key_from(kVectors[0].seed);
    SigningKey other_ = key_from(kVectors[1].seed);
    std::string payload_ = R"({"_type":"x"})";
    Envelope envelope_ = seal(key_, kInTotoPayloadType, payload_);

    Result<Opened> open_it() const {
        return open(envelope_, kInTotoPayloadType, {key_.public_key()});
    }
    void expect_refused(Code code, const std::string& field) const {
        const auto opened = open_it();
        ASSERT_FALSE(opened.has_value());
        EXPECT_EQ(opened.error().code, code) << opened.error().message;
        EXPECT_EQ(opened.error().field, field);
    }
};

TEST_F(DsseTest, EncodesLikeThePublishedExample) {
    EXPECT_EQ(pre_authentication_encoding("http://example.com/HelloWorld", "hello world"),
              "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    EXPECT_EQ(pre_authentication_encoding("", ""), "DSSEv1 0  0 ");
    // Lengths are of bytes.
    EXPECT_EQ(pre_authentication_encoding("t", "\xC3\xA9"), "DSSEv1 1 t 2 \xC3\xA9");
}

TEST_F(DsseTest, SignsAsRfc8032) {
    for (const Rfc8032& vector : kVectors) {
        const SigningKey key = key_from(vector.seed);
        const std::string message = raw(vector.message);
        EXPECT_EQ(to_hex(key.public_key()), vector.public_key);
        const std::string signature = key.sign(message);
        EXPECT_EQ(signature, raw(vector.signature));
        EXPECT_TRUE(verify_signature(key.public_key(), message, signature));
        EXPECT_FALSE(verify_signature(key.public_key(), message + "x", signature));
        EXPECT_FALSE(verify_signature(key.public_key(), message, signature.substr(1)));
    }
    EXPECT_FALSE(SigningKey::from_seed(Secret("short")).has_value());
}

TEST_F(DsseTest, NamesKeysByTheirDigest) {
    const std::string bytes = raw(kVectors[0].public_key);
    EXPECT_EQ(key_.id(), sha256_hex(bytes).substr(0, 32));
    EXPECT_EQ(read_public_key(public_key_text(key_.public_key())), key_.public_key());
    const std::vector<std::string> wrong{"", "AAAA", "not base64!", "=", std::string(200, 'A')};
    for (const std::string& bad : wrong) {
        const auto key = read_public_key(bad);
        ASSERT_FALSE(key.has_value()) << bad;
        EXPECT_EQ(key.error().code, Code::invalid);
    }
}

TEST_F(DsseTest, ReadsBothAlphabets) {
    const std::string bytes = "\xFB\xFF\xFE";
    EXPECT_EQ(to_base64(bytes), "+//+");
    EXPECT_EQ(from_base64("+//+"), bytes);
    EXPECT_EQ(from_base64("-__-"), bytes);
    EXPECT_EQ(from_base64("aGk="), std::string("hi"));
    EXPECT_EQ(from_base64("aGk"), std::string("hi"));
    EXPECT_EQ(to_base64(""), "");
    for (const char* bad : {"aGk=x", "a", "aGk=\n", "+_-/", "a Gk="}) {
        EXPECT_FALSE(from_base64(bad).has_value()) << bad;
    }
}

TEST_F(DsseTest, OpensWhatItSealed) {
    const auto opened = open_it();
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    EXPECT_EQ(opened->payload, payload_);
    EXPECT_EQ(opened->keyids, std::vector<std::string>{key_.id()});
    // The same bytes each time.
    EXPECT_EQ(to_json(seal(key_, kInTotoPayloadType, payload_)), to_json(envelope_));
    EXPECT_EQ(to_json(envelope_).substr(0, 34), R"({"payload":"eyJfdHlwZSI6IngifQ==",)");
    EXPECT_NE(to_json(envelope_).find(R"("payloadType":"application/vnd.in-toto+json")"),
              std::string::npos);
}

TEST_F(DsseTest, TheKeyIdIsOnlyAHint) {
    envelope_.signatures[0].keyid.clear();
    EXPECT_TRUE(open_it().has_value());
    // A trusted id over another's signature proves nothing.
    envelope_ = seal(other_, kInTotoPayloadType, payload_);
    envelope_.signatures[0].keyid = key_.id();
    expect_refused(Code::conflict, "envelope.signatures");
}

TEST_F(DsseTest, RefusesEveryChangedBit) {
    const Envelope good = envelope_;
    for (std::size_t i = 0; i < payload_.size(); ++i) {
        std::string changed = payload_;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        envelope_.payload = to_base64(changed);
        expect_refused(Code::conflict, "envelope.signatures");
    }
    envelope_ = good;
    const std::string signature = *from_base64(good.signatures[0].sig);
    for (std::size_t i = 0; i < signature.size(); ++i) {
        std::string changed = signature;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        envelope_.signatures[0].sig = to_base64(changed);
        expect_refused(Code::conflict, "envelope.signatures");
    }
}

TEST_F(DsseTest, RefusesMalformedEnvelopes) {
    const Envelope good = envelope_;
    envelope_.payload.pop_back();
    envelope_.payload.pop_back();
    envelope_.payload.pop_back();
    expect_refused(Code::invalid, "envelope.payload");
    envelope_ = good;
    envelope_.payload = to_base64(payload_.substr(1));
    expect_refused(Code::conflict, "envelope.signatures");
    envelope_ = good;
    envelope_.payloadType = "application/json";
    expect_refused(Code::invalid, "envelope.payloadType");
    envelope_ = good;
    envelope_.signatures.clear();
    expect_refused(Code::invalid, "envelope.signatures");
    envelope_.signatures.assign(kMaxSignatures + 1, good.signatures[0]);
    expect_refused(Code::invalid, "envelope.signatures");
    envelope_.signatures.assign(2, good.signatures[0]);
    expect_refused(Code::invalid, "envelope.signatures[1].keyid");
    envelope_ = good;
    envelope_.signatures[0].sig = "AAAA";
    expect_refused(Code::invalid, "envelope.signatures[0].sig");
}

TEST_F(DsseTest, TakesOneOfSeveralSigners) {
    envelope_.signatures.insert(envelope_.signatures.begin(),
                                seal(other_, kInTotoPayloadType, payload_).signatures[0]);
    const auto opened = open_it();
    ASSERT_TRUE(opened.has_value());
    EXPECT_EQ(opened->keyids, std::vector<std::string>{key_.id()});
    const auto both = open(envelope_, kInTotoPayloadType, {key_.public_key(), other_.public_key()});
    ASSERT_TRUE(both.has_value());
    EXPECT_EQ(both->keyids.size(), 2U);
    const auto none = open(envelope_, kInTotoPayloadType, {});
    ASSERT_FALSE(none.has_value());
    EXPECT_EQ(none.error().code, Code::conflict);
}

TEST_F(DsseTest, RandomKeysDiffer) {
    SeededRandom random(5);
    const SigningKey one = SigningKey::make(random);
    const SigningKey two = SigningKey::make(random);
    EXPECT_NE(one.id(), two.id());
    SeededRandom again(5);
    EXPECT_EQ(SigningKey::make(again).id(), one.id());
}

}  // namespace
}  // namespace credence::trust
