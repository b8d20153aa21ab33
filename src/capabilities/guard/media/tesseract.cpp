#include "capabilities/guard/media/tesseract.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

#include "base/descriptor.h"

namespace credence::guard {
namespace {

constexpr std::int64_t kMemoryBytes = std::int64_t{1} << 30;
constexpr const char* kPictureName = "picture";

// A new folder of our own, removed with all that is in it.
class Folder {
public:
    explicit Folder(const std::string& parent) {
        std::error_code error;
        std::string path =
            parent.empty() ? std::filesystem::temp_directory_path(error).string() : parent;
        path += "/credence-picture-XXXXXX";
        if (::mkdtemp(path.data()) != nullptr) {
            path_ = path;
            // The program may run as another user.
            ::chmod(path_.c_str(), 0755);
        }
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        std::error_code error;
        if (!path_.empty()) {
            std::filesystem::remove_all(path_, error);
        }
    }
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

bool write_file(const std::string& path, std::string_view bytes) {
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
    return file.is_open() && write_all(file.get(), bytes);
}

}  // namespace

Result<std::string> Tesseract::read(std::string_view file, std::string_view) const {
    std::error_code error;
    if (!std::filesystem::exists(options_.program, error)) {
        return fail(Code::unavailable, "tesseract is not installed");
    }
    const Folder folder(options_.folder);
    if (folder.path().empty() || !write_file(folder.path() + "/" + kPictureName, file)) {
        return fail(Code::unavailable, "the picture could not be stored for tesseract");
    }
    sandbox::Command command;
    command.argv = {options_.program, std::string(sandbox::kTreeMount) + "/" + kPictureName,
                    "stdout"};
    if (!options_.languages.empty()) {
        command.argv.insert(command.argv.end(), {"-l", options_.languages});
    }
    command.environment = {{"OMP_THREAD_LIMIT", "1"}};
    command.tree = folder.path();
    command.limits.wall_ms = options_.limit_ms;
    command.limits.cpu_ms = options_.limit_ms;
    command.limits.memory_bytes = kMemoryBytes;
    command.limits.output_bytes = static_cast<std::int64_t>(kMaxMediaTextBytes);
    const sandbox::Finished finished = TRY(sandbox_.run(command));
    switch (finished.ending) {
        case sandbox::Ending::timed_out:
            return fail(Code::timeout, "tesseract took too long");
        case sandbox::Ending::not_started:
            return fail(Code::unavailable, "tesseract cannot be run here");
        case sandbox::Ending::signalled:
            return fail(Code::unsupported, "tesseract was ended while reading the picture");
        case sandbox::Ending::exited:
            break;
    }
    if (finished.exit_code != 0) {
        return fail(Code::unsupported, "tesseract does not read the picture");
    }
    return finished.output.text;
}

}  // namespace credence::guard
