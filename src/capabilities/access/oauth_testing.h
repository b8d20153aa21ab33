// For tests: keys made by OpenSSL, their JWKs, and tokens signed with them.
#pragma once

#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"

namespace credence::access {

inline std::string encode_part(std::string_view bytes) {
    return to_base64url({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

// A pair of keys that signs RS256 (RSA, 2048 bits) or ES256 (P-256).
class SigningKey {
public:
    static SigningKey rsa(std::string id, unsigned bits = 2048) {
        return {EVP_RSA_gen(bits), std::move(id), "RS256"};
    }
    static SigningKey p256(std::string id) { return {EVP_EC_gen("P-256"), std::move(id), "ES256"}; }

    const std::string& id() const { return id_; }
    const std::string& algorithm() const { return algorithm_; }

    // `more`: further members, as R"(,"use":"enc")".
    std::string jwk(std::string_view more = {}) const {
        std::string out = R"({"kid":")" + id_ + "\"";
        if (algorithm_ == "RS256") {
            out += R"(,"kty":"RSA","n":")" + number(OSSL_PKEY_PARAM_RSA_N) + R"(","e":")" +
                   number(OSSL_PKEY_PARAM_RSA_E) + "\"";
        } else {
            out += R"(,"kty":"EC","crv":"P-256","x":")" + number(OSSL_PKEY_PARAM_EC_PUB_X, 32) +
                   R"(","y":")" + number(OSSL_PKEY_PARAM_EC_PUB_Y, 32) + "\"";
        }
        return out.append(more) + "}";
    }

    std::string sign(std::string_view text) const {
        std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
        const auto* data = reinterpret_cast<const unsigned char*>(text.data());
        std::size_t size = 0;
        EXPECT_EQ(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()), 1);
        EXPECT_EQ(EVP_DigestSign(context.get(), nullptr, &size, data, text.size()), 1);
        std::string out(size, '\0');
        auto* to = reinterpret_cast<unsigned char*>(out.data());
        EXPECT_EQ(EVP_DigestSign(context.get(), to, &size, data, text.size()), 1);
        out.resize(size);
        return algorithm_ == "RS256" ? out : raw_of_der(out);
    }

    // The header with this key's algorithm and id.
    std::string header() const {
        return R"({"alg":")" + algorithm_ + R"(","typ":"at+jwt","kid":")" + id_ + "\"}";
    }
    std::string token(std::string_view claims) const { return token(header(), claims); }
    std::string token(std::string_view header, std::string_view claims) const {
        const std::string signed_part = encode_part(header) + '.' + encode_part(claims);
        return signed_part + '.' + encode_part(sign(signed_part));
    }

private:
    SigningKey(EVP_PKEY* key, std::string id, std::string algorithm)
        : key_(key, &EVP_PKEY_free), id_(std::move(id)), algorithm_(std::move(algorithm)) {}

    std::string number(const char* name, int bytes = 0) const {
        BIGNUM* value = nullptr;
        EXPECT_EQ(EVP_PKEY_get_bn_param(key_.get(), name, &value), 1) << name;
        const int size = bytes > 0 ? bytes : BN_num_bytes(value);
        std::vector<std::uint8_t> out(static_cast<std::size_t>(size));
        EXPECT_EQ(BN_bn2binpad(value, out.data(), size), size);
        BN_free(value);
        return to_base64url(out);
    }

    // RFC 7518 section 3.4: R and S, 32 bytes each.
    static std::string raw_of_der(const std::string& der) {
        const auto* from = reinterpret_cast<const unsigned char*>(der.data());
        ECDSA_SIG* signature = d2i_ECDSA_SIG(nullptr, &from, static_cast<long>(der.size()));
        EXPECT_NE(signature, nullptr);
        std::array<unsigned char, 64> out{};
        BN_bn2binpad(ECDSA_SIG_get0_r(signature), out.data(), 32);
        BN_bn2binpad(ECDSA_SIG_get0_s(signature), out.data() + 32, 32);
        ECDSA_SIG_free(signature);
        return {out.begin(), out.end()};
    }

    std::shared_ptr<EVP_PKEY> key_;
    std::string id_;
    std::string algorithm_;
};

// Made once: an RSA key takes a tenth of a second.
inline const SigningKey& rsa_key() {
    static const SigningKey key = SigningKey::rsa("rsa-1");
    return key;
}
inline const SigningKey& ec_key() {
    static const SigningKey key = SigningKey::p256("ec-1");
    return key;
}

inline std::string key_set(const std::vector<std::string>& keys) {
    std::string out = R"({"keys":[)";
    for (const std::string& key : keys) {
        out += out.ends_with('[') ? "" : ",";
        out += key;
    }
    return out + "]}";
}

// A token whose signature is an HMAC with `secret`: alg HS256.
inline std::string hmac_token(std::string_view header, std::string_view claims,
                              std::string_view secret) {
    const std::string signed_part = encode_part(header) + '.' + encode_part(claims);
    std::array<unsigned char, 32> mac{};
    unsigned size = 0;
    HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const unsigned char*>(signed_part.data()), signed_part.size(), mac.data(),
         &size);
    return signed_part + '.' + to_base64url({mac.data(), size});
}

}  // namespace credence::access
