#include "surface/mcp/protocol/request_state.h"

#include <sodium.h>

#include <vector>

#include "base/random.h"
#include "base/text.h"

namespace credence::surface::mcp {
namespace {

constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t kExpiryBytes = 8;
static_assert(std::tuple_size_v<StateSeal::Key> == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

using Bytes = std::vector<std::uint8_t>;

void append_u64(std::uint64_t value, Bytes& out) {
    for (std::size_t i = 0; i < kExpiryBytes; ++i) {
        out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    }
}

std::int64_t read_expiry(const Bytes& bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < kExpiryBytes; ++i) {
        value |= static_cast<std::uint64_t>(bytes[i]) << (8 * i);
    }
    return static_cast<std::int64_t>(value);
}

// Each part with its length, so that no two lists of parts give the same bytes.
void append_part(std::string_view part, Bytes& out) {
    append_u64(part.size(), out);
    out.insert(out.end(), part.begin(), part.end());
}

// What the state is bound to: authenticated with it, but not sent.
Bytes binding(const Caller& caller, const RpcMessage& request) {
    const Member& arguments = request.params["arguments"];
    Bytes salient;
    append_part(request.params["name"].json(), salient);
    append_part(request.params["uri"].json(), salient);
    append_part(arguments.is_absent() ? "{}" : arguments.json(), salient);
    Bytes out;
    append_part(caller.context.tenant, out);
    append_part(caller.context.name_space, out);
    append_part(caller.context.actor, out);
    append_part(request.method, out);
    append_part(sha256_hex({reinterpret_cast<const char*>(salient.data()), salient.size()}), out);
    return out;
}

std::optional<Bytes> decode(std::string_view text) {
    constexpr std::size_t kMostBytes =
        StateSeal::kMaxStateBytes + kNonceBytes + kExpiryBytes + kTagBytes;
    if (text.size() > (kMostBytes + 2) / 3 * 4) {
        return std::nullopt;
    }
    Bytes out(text.size());
    std::size_t size = 0;
    const char* end = nullptr;
    if (sodium_base642bin(out.data(), out.size(), text.data(), text.size(), nullptr, &size, &end,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        end != text.data() + text.size() || size < kNonceBytes + kExpiryBytes + kTagBytes) {
        return std::nullopt;
    }
    out.resize(size);
    return out;
}

}  // namespace

std::string StateSeal::seal(const Caller& caller, const RpcMessage& request, std::string_view state,
                            std::int64_t now_us) const {
    Bytes plain;
    append_u64(static_cast<std::uint64_t>(now_us + kLifeUs), plain);
    plain.insert(plain.end(), state.begin(), state.end());
    const Bytes bound = binding(caller, request);
    Bytes out(kNonceBytes + plain.size() + kTagBytes);
    // 24 random bytes do not repeat: the reason for the extended nonce.
    SystemRandom().fill(out.data(), kNonceBytes);
    crypto_aead_xchacha20poly1305_ietf_encrypt(out.data() + kNonceBytes, nullptr, plain.data(),
                                               plain.size(), bound.data(), bound.size(), nullptr,
                                               out.data(), key_.data());
    return to_base64url(out);
}

std::optional<std::string> StateSeal::open(const Caller& caller, const RpcMessage& request,
                                           std::string_view sealed, std::int64_t now_us) const {
    const auto bytes = decode(sealed);
    if (!bytes) {
        return std::nullopt;
    }
    const Bytes bound = binding(caller, request);
    Bytes plain(bytes->size() - kNonceBytes - kTagBytes);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain.data(), nullptr, nullptr,
                                                   bytes->data() + kNonceBytes,
                                                   bytes->size() - kNonceBytes, bound.data(),
                                                   bound.size(), bytes->data(), key_.data()) != 0 ||
        read_expiry(plain) <= now_us) {
        return std::nullopt;
    }
    return std::string(plain.begin() + kExpiryBytes, plain.end());
}

}  // namespace credence::surface::mcp
