#include "engine/store/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/log.h"

namespace credence::store {
namespace {

constexpr mode_t kPrivateDirectory = 0700;
constexpr mode_t kPrivateFile = 0600;

std::string parent_of(const std::string& path) {
    const std::size_t slash = path.find_last_of('/');
    if (slash == std::string::npos) {
        return ".";
    }
    return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

std::unexpected<Error> file_error(const char* what, const std::string& path) {
    const std::string problem = std::strerror(errno);
    log::error(what, {{"path", path}, {"problem", problem}});
    return fail(Code::unavailable, std::string(what) + ": " + problem);
}

Result<FileLock> FileLock::take(const std::string& database_path, Mode mode) {
    const std::string path = database_path + ".lock";
    FileLock lock;
    lock.file_ = Descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kPrivateFile));
    if (!lock.file_.is_open()) {
        return file_error("the store's lock file cannot be opened", path);
    }
    const int operation = (mode == Mode::shared ? LOCK_SH : LOCK_EX) | LOCK_NB;
    if (::flock(lock.file_.get(), operation) != 0) {
        if (errno == EWOULDBLOCK) {
            return fail(Code::conflict, mode == Mode::shared
                                            ? "the store is being restored by another program"
                                            : "the store is in use by another program");
        }
        return file_error("the store's lock file cannot be locked", path);
    }
    return lock;
}

Result<void> make_parent_directory(const std::string& path) {
    const std::string parent = parent_of(path);
    struct stat status{};
    if (::stat(parent.c_str(), &status) == 0) {
        if (!S_ISDIR(status.st_mode)) {
            errno = ENOTDIR;
            return file_error("the store's directory cannot be made", parent);
        }
        return {};
    }
    TRY(make_parent_directory(parent));
    if (::mkdir(parent.c_str(), kPrivateDirectory) != 0 && errno != EEXIST) {
        return file_error("the store's directory cannot be made", parent);
    }
    return {};
}

Result<void> make_private_file(const std::string& path) {
    const Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kPrivateFile));
    if (!file.is_open()) {
        return file_error("the store's file cannot be opened", path);
    }
    return {};
}

Result<void> sync_parent_directory(const std::string& path) {
    const std::string parent = parent_of(path);
    const Descriptor directory(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory.is_open() || ::fsync(directory.get()) != 0) {
        return file_error("the store's directory cannot be synced", parent);
    }
    return {};
}

}  // namespace credence::store
