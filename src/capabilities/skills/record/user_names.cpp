#include "capabilities/skills/record/user_names.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <span>

#include "base/descriptor.h"
#include "base/text.h"

namespace credence::skills {
namespace {

constexpr mode_t kKeyMode = 0600;
constexpr mode_t kKeyOthers = 0077;
static_assert(UserNames::kKeyBytes == crypto_generichash_KEYBYTES);

std::unexpected<Error> unusable_key() {
    return fail(Code::unavailable, "the key file of user names is open to others or damaged");
}

// BLAKE2b-256 with a key; each field behind its length, so that ("ab", "c") differs from
// ("a", "bc").
UserNames::Key keyed_hash(const UserNames::Key& key,
                          std::initializer_list<std::string_view> fields) {
    crypto_generichash_state state;
    UserNames::Key out{};
    crypto_generichash_init(&state, key.data(), key.size(), out.size());
    for (const std::string_view field : fields) {
        std::array<unsigned char, 8> size{};
        for (unsigned i = 0; i < size.size(); ++i) {
            size[i] = static_cast<unsigned char>((std::uint64_t{field.size()} >> (8 * i)) & 0xFFU);
        }
        crypto_generichash_update(&state, size.data(), size.size());
        crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(field.data()),
                                  field.size());
    }
    crypto_generichash_final(&state, out.data(), out.size());
    return out;
}

// Nothing when there is no such file.
Result<std::optional<UserNames::Key>> read_user_key(const std::string& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!file.is_open()) {
        return errno == ENOENT ? Result<std::optional<UserNames::Key>>(std::nullopt)
                               : unusable_key();
    }
    struct stat about{};
    if (::fstat(file.get(), &about) != 0 || !S_ISREG(about.st_mode) ||
        about.st_uid != ::geteuid() || (about.st_mode & kKeyOthers) != 0 ||
        about.st_size != static_cast<off_t>(UserNames::kKeyBytes)) {
        return unusable_key();
    }
    UserNames::Key key{};
    if (::read(file.get(), key.data(), key.size()) != static_cast<ssize_t>(key.size())) {
        return unusable_key();
    }
    return std::optional(key);
}

// Whole or not at all: written beside, then linked to its name unless that is taken.
Result<void> write_user_key(const std::string& folder, const std::string& path, Random& random) {
    UserNames::Key key{};
    random.fill(key.data(), key.size());
    std::array<std::uint8_t, 8> chance{};
    random.fill(chance.data(), chance.size());
    const std::string beside = path + "." + to_hex(chance);
    bool written = false;
    {
        const Descriptor file(
            ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kKeyMode));
        const std::string_view bytes(reinterpret_cast<const char*>(key.data()), key.size());
        written = file.is_open() && write_all(file.get(), bytes) && ::fsync(file.get()) == 0;
    }
    sodium_memzero(key.data(), key.size());
    const bool named = written && (::link(beside.c_str(), path.c_str()) == 0 || errno == EEXIST);
    ::unlink(beside.c_str());
    const Descriptor around(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!named || !around.is_open() || ::fsync(around.get()) != 0) {
        return fail(Code::unavailable, "the key file of user names cannot be written");
    }
    return {};
}

}  // namespace

Result<UserNames> UserNames::open(const std::string& data_directory, Random& random) {
    if (data_directory.empty()) {
        Key key{};
        random.fill(key.data(), key.size());
        return UserNames(key);
    }
    const std::string path = data_directory + "/skills_user.key";
    auto key = TRY(read_user_key(path));
    if (!key) {
        TRY(write_user_key(data_directory, path, random));
        key = TRY(read_user_key(path));  // ours, or that of a process that was first
    }
    if (!key) {
        return fail(Code::unavailable, "the key file of user names cannot be written");
    }
    return UserNames(*key);
}

std::string UserNames::hash(std::string_view tenant, std::string_view user_id) const {
    return to_hex(keyed_hash(key_, {"user", tenant, user_id}));
}

UserNames::Key UserNames::derived(std::string_view purpose) const {
    return keyed_hash(key_, {"key", purpose});
}

}  // namespace credence::skills
