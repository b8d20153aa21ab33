#include "capabilities/guard/vault/vault_key.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "base/check.h"
#include "base/descriptor.h"
#include "base/text.h"

namespace credence::guard {

namespace {

constexpr mode_t kFileMode = 0600;
constexpr mode_t kOthers = 0077;
constexpr std::size_t kMaxFileBytes = 256;
constexpr std::string_view kVersion = "1.";
constexpr char kDerivation[crypto_kdf_CONTEXTBYTES + 1] = "gdvault1";
constexpr std::uint64_t kSealing = 1;
constexpr std::uint64_t kTagging = 2;
constexpr std::uint64_t kNaming = 3;
constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
static_assert(VaultKey::kBytes == crypto_kdf_KEYBYTES);
static_assert(VaultKey::kBytes == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

std::span<const std::uint8_t> span_of(const Secret& secret) {
    return {bytes_of(secret.reveal()), secret.reveal().size()};
}

std::unexpected<Error> unusable() {
    return fail(Code::unavailable, "the key file of the vault is open to others or damaged");
}

// Each field behind its length, so that ("ab", "c") differs from ("a", "bc").
std::string joined(std::initializer_list<std::string_view> fields) {
    std::string out;
    for (const std::string_view field : fields) {
        const std::uint64_t size = field.size();
        for (unsigned shift = 0; shift < 64; shift += 8) {
            out.push_back(static_cast<char>((size >> shift) & 0xFFU));
        }
        out.append(field);
    }
    return out;
}

// Whole or not at all: written beside, then linked to its name unless that is taken.
Result<void> write_new(const std::string& path, const Secret& text, Random& random) {
    std::array<std::uint8_t, 8> chance{};
    random.fill(chance.data(), chance.size());
    const std::string beside = path + "." + to_hex(chance);
    bool written = false;
    {
        const Descriptor file(::open(
            beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kFileMode));
        written =
            file.is_open() && write_all(file.get(), text.reveal()) && ::fsync(file.get()) == 0;
    }
    const bool named = written && (::link(beside.c_str(), path.c_str()) == 0 || errno == EEXIST);
    ::unlink(beside.c_str());
    const std::size_t slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const Descriptor around(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!named || !around.is_open() || ::fsync(around.get()) != 0) {
        return fail(Code::unavailable, "the key file of the vault cannot be written");
    }
    return {};
}

// Nothing when there is no such file.
Result<std::optional<Secret>> read_key(const std::string& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!file.is_open()) {
        return errno == ENOENT ? Result<std::optional<Secret>>(std::nullopt) : unusable();
    }
    struct stat about{};
    if (::fstat(file.get(), &about) != 0 || !S_ISREG(about.st_mode) ||
        about.st_uid != ::geteuid() || (about.st_mode & kOthers) != 0) {
        return unusable();
    }
    std::string text(kMaxFileBytes, '\0');
    const ssize_t length = ::read(file.get(), text.data(), text.size());
    text.resize(length < 0 ? 0 : static_cast<std::size_t>(length));
    const Secret kept(std::move(text));
    auto bytes = from_hex(trim(kept.reveal()));
    if (!bytes || bytes->size() != VaultKey::kBytes) {
        return unusable();
    }
    Secret key(std::string(bytes->begin(), bytes->end()));
    sodium_memzero(bytes->data(), bytes->size());
    return std::optional(std::move(key));
}

}  // namespace

Digest keyed_digest(std::span<const std::uint8_t> key,
                    std::initializer_list<std::string_view> fields) {
    const std::string text = joined(fields);
    Digest digest{};
    crypto_generichash(digest.data(), digest.size(), bytes_of(text), text.size(), key.data(),
                       key.size());
    return digest;
}

VaultKey::VaultKey(std::span<const std::uint8_t> master) {
    const auto derive = [&](std::uint64_t number) {
        std::string key(kBytes, '\0');
        crypto_kdf_derive_from_key(reinterpret_cast<unsigned char*>(key.data()), key.size(), number,
                                   kDerivation, master.data());
        return Secret(std::move(key));
    };
    sealing_ = derive(kSealing);
    tagging_ = derive(kTagging);
    const Secret name = derive(kNaming);
    id_ = to_hex(span_of(name)).substr(0, kIdDigits);
}

Result<VaultKey> VaultKey::open(const std::string& path, Random& random) {
    auto key = TRY(read_key(path));
    if (!key) {
        std::array<std::uint8_t, kBytes> master{};
        random.fill(master.data(), master.size());
        const Secret text(to_hex(master) + "\n");
        sodium_memzero(master.data(), master.size());
        TRY(write_new(path, text, random));
        key = TRY(read_key(path));  // ours, or that of a process that was first
    }
    if (!key) {
        return fail(Code::unavailable, "the key file of the vault cannot be written");
    }
    return VaultKey(span_of(*key));
}

VaultKey VaultKey::ephemeral(Random& random) {
    std::array<std::uint8_t, kBytes> master{};
    random.fill(master.data(), master.size());
    VaultKey key(master);
    sodium_memzero(master.data(), master.size());
    return key;
}

Digest VaultKey::digest(std::initializer_list<std::string_view> fields) const {
    return keyed_digest(span_of(tagging_), fields);
}

std::string VaultKey::tag(std::initializer_list<std::string_view> fields) const {
    return to_hex(digest(fields));
}

std::string VaultKey::seal(std::string_view value, std::initializer_list<std::string_view> bound,
                           Random& random) const {
    const std::string place = joined(bound);
    std::vector<std::uint8_t> out(kNonceBytes + value.size() +
                                  crypto_aead_xchacha20poly1305_ietf_ABYTES);
    random.fill(out.data(), kNonceBytes);
    unsigned long long length = 0;
    const int done = crypto_aead_xchacha20poly1305_ietf_encrypt(
        out.data() + kNonceBytes, &length, bytes_of(value), value.size(), bytes_of(place),
        place.size(), nullptr, out.data(), bytes_of(sealing_.reveal()));
    CHECK(done == 0 && length + kNonceBytes == out.size(), "sealing failed");
    return std::string(kVersion) + id_ + "." + to_hex(out);
}

std::optional<std::string> VaultKey::unseal(std::string_view sealed,
                                            std::initializer_list<std::string_view> bound) const {
    const std::string head = std::string(kVersion) + id_ + ".";
    if (!sealed.starts_with(head)) {
        return std::nullopt;
    }
    const auto bytes = from_hex(sealed.substr(head.size()));
    if (!bytes || bytes->size() < kNonceBytes + crypto_aead_xchacha20poly1305_ietf_ABYTES) {
        return std::nullopt;
    }
    const std::string place = joined(bound);
    std::string value(bytes->size() - kNonceBytes - crypto_aead_xchacha20poly1305_ietf_ABYTES,
                      '\0');
    unsigned long long length = 0;
    const int done = crypto_aead_xchacha20poly1305_ietf_decrypt(
        reinterpret_cast<unsigned char*>(value.data()), &length, nullptr,
        bytes->data() + kNonceBytes, bytes->size() - kNonceBytes, bytes_of(place), place.size(),
        bytes->data(), bytes_of(sealing_.reveal()));
    return done == 0 ? std::optional(std::move(value)) : std::nullopt;
}

}  // namespace credence::guard
