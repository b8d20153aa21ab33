#include "engine/sandbox/testing.h"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/check.h"
#include "engine/sandbox/tree_removal.h"

namespace credence::sandbox {

SandboxOptions testing_options(Runner runner) {
    SandboxOptions options;
    options.settings.runner = runner;
    options.zygote_program = CREDENCE_ZYGOTE;
    return options;
}

TestFolder::TestFolder()
    : path_((std::filesystem::temp_directory_path() / "credence-test-XXXXXX").string()) {
    constexpr mode_t kReadable = 0755;
    CHECK(::mkdtemp(path_.data()) != nullptr, "no temporary folder");
    CHECK(::chmod(path_.c_str(), kReadable) == 0, "no readable temporary folder");
}

TestFolder::~TestFolder() {
    remove_tree(path_);
}

std::string TestFolder::write(const std::string& name, const std::string& text,
                              unsigned mode) const {
    const std::filesystem::path path = std::filesystem::path(path_) / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    CHECK(::chmod(path.c_str(), mode) == 0, "a test file was not written");
    return path.string();
}

}  // namespace credence::sandbox
