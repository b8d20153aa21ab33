#include "capabilities/access/jwk_set.h"

#include <cjose/cjose.h>
#include <simdjson.h>

#include <algorithm>

namespace credence::access {
namespace {

constexpr std::size_t kMaxKeySetNesting = 16;

struct FreeJwk {
    void operator()(cjose_jwk_t* key) const { cjose_jwk_release(key); }
};
struct FreeJws {
    void operator()(cjose_jws_t* token) const { cjose_jws_release(token); }
};
using JwkHandle = std::unique_ptr<cjose_jwk_t, FreeJwk>;
using JwsHandle = std::unique_ptr<cjose_jws_t, FreeJws>;

std::string member_text(const simdjson::dom::element& object, std::string_view name) {
    std::string_view text;
    return object[name].get_string().get(text) == simdjson::SUCCESS ? std::string(text) : "";
}

bool is_for_signatures(const simdjson::dom::element& key) {
    const std::string use = member_text(key, "use");
    if (!use.empty() && use != "sig") {
        return false;
    }
    simdjson::dom::array operations;
    if (key["key_ops"].get_array().get(operations) != simdjson::SUCCESS) {
        return true;
    }
    return std::ranges::any_of(operations, [](const simdjson::dom::element& operation) {
        std::string_view text;
        return operation.get_string().get(text) == simdjson::SUCCESS && text == "verify";
    });
}

// "RSA", "P-256" …: what an algorithm needs of its key. Empty: none of ours (HS256, none).
std::string_view kind_of_algorithm(std::string_view algorithm) {
    if (algorithm.starts_with("RS") || algorithm.starts_with("PS")) {
        return "RSA";
    }
    if (algorithm == "ES256") {
        return "P-256";
    }
    if (algorithm == "ES384") {
        return "P-384";
    }
    return algorithm == "ES512" ? "P-521" : "";
}

// Nothing for a symmetric key and for an RSA key too short.
std::string_view kind_of_key(const cjose_jwk_t* key) {
    cjose_err error{};
    switch (cjose_jwk_get_kty(key, &error)) {
        case CJOSE_JWK_KTY_RSA:
            return cjose_jwk_get_keysize(key, &error) >= JwkSet::kMinRsaBits ? "RSA" : "";
        case CJOSE_JWK_KTY_EC:
            break;
        default:
            return "";
    }
    switch (cjose_jwk_EC_get_curve(key, &error)) {
        case CJOSE_JWK_EC_P_256:
            return "P-256";
        case CJOSE_JWK_EC_P_384:
            return "P-384";
        case CJOSE_JWK_EC_P_521:
            return "P-521";
        default:
            return "";
    }
}

std::unexpected<Error> not_a_key_set() {
    return fail(Code::invalid, "the issuer's signing keys are not a JWK Set");
}

}  // namespace

struct JwkSet::Key {
    JwkHandle handle;
    std::string_view kind;  // static text
    std::string id;
    std::string algorithm;  // empty: any of its kind
};

Result<JwkSet> JwkSet::parse(std::string_view json) {
    simdjson::dom::parser parser;
    simdjson::dom::element document;
    simdjson::dom::array keys;
    if (parser.allocate(json.size() + simdjson::SIMDJSON_PADDING, kMaxKeySetNesting) !=
            simdjson::SUCCESS ||
        parser.parse(json.data(), json.size()).get(document) != simdjson::SUCCESS ||
        document["keys"].get_array().get(keys) != simdjson::SUCCESS) {
        return not_a_key_set();
    }
    if (keys.size() > kMaxKeys) {
        return fail(Code::invalid, "the issuer has more than 64 signing keys");
    }
    JwkSet out;
    for (const simdjson::dom::element key : keys) {
        if (!key.is_object() || !is_for_signatures(key)) {
            continue;
        }
        const std::string text = simdjson::minify(key);
        cjose_err error{};
        JwkHandle handle(cjose_jwk_import(text.data(), text.size(), &error));
        const std::string_view kind = handle ? kind_of_key(handle.get()) : "";
        if (!kind.empty()) {
            out.keys_.push_back(std::make_shared<const Key>(
                Key{std::move(handle), kind, member_text(key, "kid"), member_text(key, "alg")}));
        }
    }
    if (out.keys_.empty()) {
        return fail(Code::invalid, "the issuer has no signing key that can be used");
    }
    return out;
}

const JwkSet::Key* JwkSet::find(const JwtHeader& header) const {
    const std::string_view kind = kind_of_algorithm(header.algorithm);
    const Key* found = nullptr;
    for (const auto& key : keys_) {
        const bool fits = key->kind == kind &&
                          (key->algorithm.empty() || key->algorithm == header.algorithm) &&
                          (header.key_id.empty() || key->id == header.key_id);
        if (!fits) {
            continue;
        }
        if (found != nullptr) {
            return nullptr;  // which of them is a guess
        }
        found = key.get();
    }
    return found;
}

Result<std::string> JwkSet::verify(const Key& key, std::string_view token) {
    cjose_err error{};
    const JwsHandle jws(cjose_jws_import(token.data(), token.size(), &error));
    if (!jws) {
        return refused_token("is malformed");
    }
    if (!cjose_jws_verify(jws.get(), key.handle.get(), &error)) {
        return refused_token("has a wrong signature");
    }
    std::uint8_t* payload = nullptr;
    std::size_t bytes = 0;
    if (!cjose_jws_get_plaintext(jws.get(), &payload, &bytes, &error)) {
        return refused_token("is malformed");
    }
    return std::string(reinterpret_cast<const char*>(payload), bytes);
}

}  // namespace credence::access
