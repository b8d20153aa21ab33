// Who has a database open: "<database>.lock", held shared by every program that uses the store and
// exclusively by a restore. Advisory (flock); gone with the process, however it ends.
#pragma once

#include <string>

#include "base/descriptor.h"
#include "base/result.h"

namespace credence::store {

class FileLock {
public:
    enum class Mode : unsigned char { shared, exclusive };

    // Does not wait. Code::conflict when it is held otherwise, Code::unavailable when the file
    // cannot be made.
    static Result<FileLock> take(const std::string& database_path, Mode mode);

private:
    Descriptor file_;
};

// Code::unavailable by errno, "what: No such file or directory"; the path goes to the log alone.
std::unexpected<Error> file_error(const char* what, const std::string& path);

// Makes the directory of a file (mode 0700) and its parents, where they are missing.
Result<void> make_parent_directory(const std::string& path);
// Makes an empty file (mode 0600) unless it is there.
Result<void> make_private_file(const std::string& path);
// Makes a rename or a new name in the file's directory durable.
Result<void> sync_parent_directory(const std::string& path);

}  // namespace credence::store
