#include "engine/sandbox/tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/descriptor.h"
#include "base/text.h"
#include "engine/sandbox/channel.h"
#include "engine/sandbox/tree_removal.h"

namespace credence::sandbox {
namespace {

constexpr std::size_t kMaxTreePathBytes = 2048;
constexpr std::size_t kCopyBytes = std::size_t{128} << 10;
constexpr mode_t kCopiedFolderMode = 0755;
constexpr mode_t kCopiedFileMode = 0644;
constexpr mode_t kProgramMode = 0755;
constexpr mode_t kAnyExecute = 0111;
constexpr std::string_view kFormatName = "credence-tree-1\n";
constexpr std::string_view kSkipped = ".git";

std::unexpected<Error> tree_failure(Code code, std::string_view what, const std::string& path) {
    return fail(code, std::string(what), to_valid_utf8(path.empty() ? "." : path));
}

std::unexpected<Error> access_failure(const std::string& path) {
    const Code code = errno == ENOENT ? Code::not_found : Code::unavailable;
    return tree_failure(code, system_failure("the tree cannot be read").error().message, path);
}

struct TreeEntry {
    std::string path;
    char type = 'f';  // f, d or l
    bool is_program = false;
    std::int64_t bytes = 0;
    std::string sha256 = {};  // of the content; of a link: of its target
};

class Hash {
public:
    Hash() { crypto_hash_sha256_init(&state_); }
    void add(std::string_view bytes) {
        crypto_hash_sha256_update(&state_, reinterpret_cast<const unsigned char*>(bytes.data()),
                                  bytes.size());
    }
    std::string finish() {
        std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
        crypto_hash_sha256_final(&state_, digest.data());
        return to_hex(digest);
    }

private:
    crypto_hash_sha256_state state_{};
};

std::string fold(std::vector<TreeEntry>& entries) {
    std::ranges::sort(entries, {}, &TreeEntry::path);
    Hash hash;
    hash.add(kFormatName);
    for (const TreeEntry& entry : entries) {
        Packer line;
        line.number(entry.type);
        line.number(entry.is_program ? 1 : 0);
        line.text(entry.path);
        line.number(entry.bytes);
        line.text(entry.sha256);
        hash.add(line.bytes());
    }
    return "sha256:" + hash.finish();
}

Result<void> write_copy(int descriptor, std::string_view bytes, const std::string& path) {
    if (!write_all(descriptor, bytes)) {
        return tree_failure(Code::unavailable,
                            system_failure("the copy cannot be written").error().message, path);
    }
    return {};
}

// Whom the copies belong to; nobody else when we are not root.
using Owner = std::optional<uid_t>;

// Walks one folder, and copies it if there is a place to copy to.
class Walk {
public:
    Walk(const TreeLimits& limits, Owner owner)
        : limits_(limits), owner_(owner), block_(kCopyBytes) {}

    // `to` is -1 when nothing is copied. Takes `from`.
    Result<void> folder(Descriptor from, int to, const std::string& path, std::int64_t depth) {
        if (depth > limits_.depth) {
            return tree_failure(Code::too_large, "the tree is too deep", path);
        }
        const int number = from.release();
        const std::unique_ptr<DIR, int (*)(DIR*)> listing(::fdopendir(number), &::closedir);
        if (listing == nullptr) {
            ::close(number);
            return access_failure(path);
        }
        while (true) {
            errno = 0;
            const dirent* entry = ::readdir(listing.get());
            if (entry == nullptr) {
                break;
            }
            const std::string name = entry->d_name;
            if (name != "." && name != ".." && name != kSkipped) {
                TRY(one(number, to, path, name, depth));
            }
        }
        return errno == 0 ? Result<void>() : access_failure(path);
    }

    // Copies an open file's content, or only reads it; adds its entry.
    Result<void> file(const Descriptor& from, int to, TreeEntry entry) {
        Hash hash;
        while (true) {
            const ssize_t got = ::read(from.get(), block_.data(), block_.size());
            if (got < 0 && errno == EINTR) {
                continue;
            }
            if (got < 0) {
                return access_failure(entry.path);
            }
            if (got == 0) {
                break;
            }
            const std::string_view part(block_.data(), static_cast<std::size_t>(got));
            entry.bytes += got;
            TRY(count_bytes(got, entry.path));
            hash.add(part);
            if (to >= 0) {
                TRY(write_copy(to, part, entry.path));
            }
        }
        entry.sha256 = hash.finish();
        entries_.push_back(std::move(entry));
        return {};
    }

    std::string digest() { return fold(entries_); }
    const std::vector<TreeEntry>& entries() const { return entries_; }
    std::int64_t files() const { return files_; }
    std::int64_t bytes() const { return bytes_; }

private:
    Result<void> count_bytes(std::int64_t more, const std::string& path) {
        bytes_ += more;
        return bytes_ > limits_.bytes ? Result<void>(tree_failure(
                                            Code::too_large, "the tree has too many bytes", path))
                                      : Result<void>();
    }

    Result<void> one(int from, int to, const std::string& parent, const std::string& name,
                     std::int64_t depth) {
        TreeEntry entry;
        entry.path = parent.empty() ? name : parent + "/" + name;
        if (entry.path.size() > kMaxTreePathBytes) {
            return tree_failure(Code::too_large, "a path in the tree is too long",
                                entry.path.substr(0, kMaxTreePathBytes));
        }
        if (++files_ > limits_.files) {
            return tree_failure(Code::too_large, "the tree has too many files", entry.path);
        }
        struct stat status{};
        if (::fstatat(from, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
            return access_failure(entry.path);
        }
        if (S_ISLNK(status.st_mode)) {
            return link(from, to, name, std::move(entry));
        }
        if (!S_ISDIR(status.st_mode) && !S_ISREG(status.st_mode)) {
            return special(entry.path);
        }
        // What was looked at may have been replaced since: the opened file is looked at again.
        Descriptor opened(::openat(from, name.c_str(),
                                   O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
        if (!opened.is_open() || ::fstat(opened.get(), &status) != 0) {
            return access_failure(entry.path);
        }
        if (S_ISDIR(status.st_mode)) {
            return subfolder(std::move(opened), to, name, {std::move(entry), depth});
        }
        if (!S_ISREG(status.st_mode)) {
            return special(entry.path);
        }
        entry.is_program = (status.st_mode & kAnyExecute) != 0;
        Descriptor copy;
        if (to >= 0) {
            const mode_t mode = entry.is_program ? kProgramMode : kCopiedFileMode;
            copy = Descriptor(::openat(to, name.c_str(),
                                       O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
            TRY(settle(copy.get(), mode, entry.path));
        }
        return file(opened, copy.get(), std::move(entry));
    }

    struct Place {
        TreeEntry entry;
        std::int64_t depth = 0;
    };

    Result<void> subfolder(Descriptor from, int to, const std::string& name, Place place) {
        const std::string path = place.entry.path;
        place.entry.type = 'd';
        entries_.push_back(std::move(place.entry));
        Descriptor copy;
        if (to >= 0) {
            if (::mkdirat(to, name.c_str(), kCopiedFolderMode) != 0) {
                return access_failure(path);
            }
            copy = Descriptor(
                ::openat(to, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
            TRY(settle(copy.get(), kCopiedFolderMode, path));
        }
        return folder(std::move(from), copy.get(), path, place.depth + 1);
    }

    Result<void> link(int from, int to, const std::string& name, TreeEntry entry) {
        std::array<char, PATH_MAX> target{};
        const ssize_t size = ::readlinkat(from, name.c_str(), target.data(), target.size() - 1);
        if (size < 0) {
            return access_failure(entry.path);
        }
        entry.type = 'l';
        entry.bytes = size;
        entry.sha256 = sha256_hex({target.data(), static_cast<std::size_t>(size)});
        TRY(count_bytes(size, entry.path));
        if (to >= 0 && (::symlinkat(target.data(), to, name.c_str()) != 0 ||
                        (owner_ && ::fchownat(to, name.c_str(), *owner_, *owner_,
                                              AT_SYMLINK_NOFOLLOW) != 0))) {
            return access_failure(entry.path);
        }
        entries_.push_back(std::move(entry));
        return {};
    }

    // Mode whatever the mask, and owner.
    Result<void> settle(int copy, mode_t mode, const std::string& path) {
        if (copy < 0 || ::fchmod(copy, mode) != 0 ||
            (owner_ && ::fchown(copy, *owner_, *owner_) != 0)) {
            return tree_failure(Code::unavailable,
                                system_failure("the copy cannot be made").error().message, path);
        }
        return {};
    }

    static std::unexpected<Error> special(const std::string& path) {
        return tree_failure(Code::invalid, "a socket, pipe or device is no part of a tree", path);
    }

    TreeLimits limits_;
    Owner owner_;
    std::vector<char> block_;
    std::vector<TreeEntry> entries_;
    std::int64_t files_ = 0;
    std::int64_t bytes_ = 0;
};

Result<Descriptor> open_source(const std::string& path, bool must_be_folder) {
    struct stat status{};
    Descriptor source(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!source.is_open() || ::fstat(source.get(), &status) != 0) {
        return access_failure(path);
    }
    if (!S_ISDIR(status.st_mode) && (must_be_folder || !S_ISREG(status.st_mode))) {
        return tree_failure(Code::invalid, must_be_folder ? "not a folder" : "not a file or folder",
                            path);
    }
    return source;
}

Result<std::string> make_staging(const SandboxSettings& settings) {
    std::string parent = settings.staging;
    if (parent.empty()) {
        const char* temporary = std::getenv("TMPDIR");
        parent = temporary != nullptr && *temporary == '/' ? temporary : "/tmp";
    } else if (::mkdir(parent.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
        return fail(Code::unavailable, system_failure("the staging folder").error().message);
    }
    std::string path = parent + "/credence-tree-XXXXXX";
    if (::mkdtemp(path.data()) == nullptr) {
        return fail(Code::unavailable, system_failure("the staging folder").error().message);
    }
    return path;
}

}  // namespace

TreeSnapshot::TreeSnapshot(TreeSnapshot&& other) noexcept
    : digest(std::move(other.digest)),
      files(std::exchange(other.files, 0)),
      bytes(std::exchange(other.bytes, 0)),
      path_(std::exchange(other.path_, {})) {}

TreeSnapshot& TreeSnapshot::operator=(TreeSnapshot&& other) noexcept {
    std::swap(digest, other.digest);
    std::swap(files, other.files);
    std::swap(bytes, other.bytes);
    std::swap(path_, other.path_);
    return *this;
}

TreeSnapshot::~TreeSnapshot() {
    if (!path_.empty()) {
        remove_tree(path_);
    }
}

Result<TreeSnapshot> snapshot_tree(const std::string& folder, const TreeLimits& limits,
                                   const SandboxSettings& settings) {
    Descriptor source = TRY(open_source(folder, true));
    TreeSnapshot snapshot(TRY(make_staging(settings)));
    const Descriptor copy(
        ::open(snapshot.path().c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    const Owner owner =
        ::geteuid() == 0 ? Owner(static_cast<uid_t>(settings.user_id)) : std::nullopt;
    if (!copy.is_open() || (owner && ::fchown(copy.get(), *owner, *owner) != 0)) {
        return fail(Code::unavailable, system_failure("the staging folder").error().message);
    }
    Walk walk(limits, owner);
    TRY(walk.folder(std::move(source), copy.get(), "", 0));
    snapshot.digest = walk.digest();
    snapshot.files = walk.files();
    snapshot.bytes = walk.bytes();
    return snapshot;
}

Result<std::string> tree_digest(const std::string& folder, const TreeLimits& limits) {
    Descriptor source = TRY(open_source(folder, false));
    struct stat status{};
    if (::fstat(source.get(), &status) != 0) {
        return access_failure(folder);
    }
    Walk walk(limits, std::nullopt);
    if (S_ISREG(status.st_mode)) {
        TRY(walk.file(source, -1, {.path = folder}));
        return "sha256:" + walk.entries().front().sha256;
    }
    TRY(walk.folder(std::move(source), -1, "", 0));
    return walk.digest();
}

}  // namespace credence::sandbox
