#include "capabilities/trust/evidence/key_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>

#include "base/descriptor.h"
#include "base/text.h"

namespace credence::trust {
namespace {

constexpr mode_t kFolderMode = 0700;
constexpr mode_t kFileMode = 0600;
constexpr mode_t kOthers = 0077;
constexpr std::size_t kMaxFileBytes = 256;

Result<void> make_folder(const std::string& path) {
    if (::mkdir(path.c_str(), kFolderMode) != 0 && errno != EEXIST) {
        return fail(Code::unavailable, "the folder of signing keys cannot be made");
    }
    struct stat about{};
    if (::lstat(path.c_str(), &about) != 0 || !S_ISDIR(about.st_mode) ||
        about.st_uid != ::geteuid() || (about.st_mode & kOthers) != 0) {
        return fail(Code::unavailable, "the folder of signing keys must be ours alone (mode 0700)");
    }
    return {};
}

std::unexpected<Error> unusable(const std::string& keyid) {
    return fail(Code::unavailable,
                "the private half of signing key " + keyid +
                    " is missing, open to others or damaged; rotate the signing key");
}

}  // namespace

std::string KeyFolder::file_of(const std::string& keyid) const {
    return path_ + "/" + keyid + ".ed25519";
}

Result<void> KeyFolder::keep(const SigningKey& key) {
    const std::lock_guard lock(mutex_);
    if (seeds_.contains(key.id())) {
        return fail(Code::conflict, "this signing key exists already");
    }
    if (!path_.empty()) {
        TRY(make_folder(path_));
        const Descriptor file(::open(file_of(key.id()).c_str(),
                                     O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                                     kFileMode));
        if (!file.is_open()) {
            return errno == EEXIST ? fail(Code::conflict, "this signing key exists already")
                                   : fail(Code::unavailable, "a signing key cannot be written");
        }
        const Secret text(to_base64(key.seed().reveal()) + "\n");
        const Descriptor folder(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (!write_all(file.get(), text.reveal()) || ::fsync(file.get()) != 0 ||
            !folder.is_open() || ::fsync(folder.get()) != 0) {
            ::unlink(file_of(key.id()).c_str());
            return fail(Code::unavailable, "a signing key cannot be written");
        }
    }
    seeds_.emplace(key.id(), key.seed());
    return {};
}

Result<SigningKey> KeyFolder::read(const std::string& keyid) const {
    const Descriptor file(::open(file_of(keyid).c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    struct stat about{};
    if (!file.is_open() || ::fstat(file.get(), &about) != 0 || !S_ISREG(about.st_mode) ||
        (about.st_mode & kOthers) != 0) {
        return unusable(keyid);
    }
    std::string text(kMaxFileBytes, '\0');
    const ssize_t length = ::read(file.get(), text.data(), text.size());
    text.resize(length < 0 ? 0 : static_cast<std::size_t>(length));
    const Secret kept(std::move(text));
    auto seed = from_base64(trim(kept.reveal()));
    if (!seed) {
        return unusable(keyid);
    }
    auto key = SigningKey::from_seed(Secret(*std::move(seed)));
    if (!key || key->id() != keyid) {
        return unusable(keyid);
    }
    return key;
}

Result<SigningKey> KeyFolder::find(const std::string& keyid) {
    const std::lock_guard lock(mutex_);
    if (const auto known = seeds_.find(keyid); known != seeds_.end()) {
        return SigningKey::from_seed(known->second);
    }
    // The id comes from the database: it must not name a file elsewhere.
    if (path_.empty() || keyid.size() != kKeyIdDigits || !from_hex(keyid)) {
        return unusable(keyid);
    }
    auto key = TRY(read(keyid));
    seeds_.emplace(keyid, key.seed());
    return key;
}

void KeyFolder::forget(const std::string& keyid) {
    const std::lock_guard lock(mutex_);
    if (seeds_.erase(keyid) > 0 && !path_.empty()) {
        ::unlink(file_of(keyid).c_str());
    }
}

}  // namespace credence::trust
