// A real sandbox for unit tests, whose program is not credence: the zygote is a small one beside
// it. Link credence_sandbox_testing (TEST_LINK in CMakeLists.txt).
#pragma once

#include <string>

#include "engine/sandbox/sandbox.h"

namespace credence::sandbox {

// Default settings but for the runner, and the zygote that the build made.
SandboxOptions testing_options(Runner runner = Runner::automatic);

// A folder of its own below the temporary one, mode 0755; removed at the end of scope.
class TestFolder {
public:
    TestFolder();
    ~TestFolder();
    TestFolder(const TestFolder&) = delete;
    TestFolder& operator=(const TestFolder&) = delete;
    const std::string& path() const { return path_; }
    // Writes a file below it, with the folders on the way; returns its path.
    std::string write(const std::string& name, const std::string& text, unsigned mode = 0644) const;

private:
    std::string path_;
};

}  // namespace credence::sandbox
