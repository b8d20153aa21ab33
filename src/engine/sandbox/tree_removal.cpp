#include "engine/sandbox/tree_removal.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>
#include <vector>

#include "base/log.h"
#include "engine/sandbox/channel.h"

namespace credence::sandbox {
namespace {

constexpr int kMaxDepth = 32;       // deeper folders are first moved up
constexpr int kMaxRounds = 10'000;  // each moves at least one folder up, or is the last

class Removal {
public:
    explicit Removal(int root) : root_(root) {}

    // Empties the folder; true if nothing was left for another round.
    bool empty(int folder, int depth) {
        bool is_whole = true;
        for (const std::string& name : names_in(folder)) {
            if (::unlinkat(folder, name.c_str(), 0) == 0) {
                continue;
            }
            if (depth >= kMaxDepth) {
                move_up(folder, name);
                is_whole = false;
                continue;
            }
            // Read, write and search, whatever the program left.
            ::fchmodat(folder, name.c_str(), S_IRWXU, 0);
            const Descriptor child(
                ::openat(folder, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
            if (child.is_open()) {
                is_whole = empty(child.get(), depth + 1) && is_whole;
            }
            ::unlinkat(folder, name.c_str(), AT_REMOVEDIR);
        }
        return is_whole;
    }

private:
    static std::vector<std::string> names_in(int folder) {
        std::vector<std::string> names;
        const int own = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        const std::unique_ptr<DIR, int (*)(DIR*)> listing(own < 0 ? nullptr : ::fdopendir(own),
                                                          &::closedir);
        for (const dirent* entry = nullptr;
             listing != nullptr && (entry = ::readdir(listing.get())) != nullptr;) {
            const std::string name = entry->d_name;
            if (name != "." && name != "..") {
                names.push_back(name);
            }
        }
        return names;
    }

    void move_up(int folder, const std::string& name) {
        const std::string higher = ".credence-removed-" + std::to_string(next_++);
        ::fchmodat(folder, name.c_str(), S_IRWXU, 0);  // moving a folder writes its ".."
        ::renameat(folder, name.c_str(), root_, higher.c_str());
    }

    int root_;
    int next_ = 0;
};

}  // namespace

void remove_tree(const std::string& path) {
    const Descriptor root(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (root.is_open()) {
        ::fchmod(root.get(), S_IRWXU);
        Removal removal(root.get());
        for (int round = 0; round < kMaxRounds && !removal.empty(root.get(), 0); ++round) {
        }
    }
    if (::rmdir(path.c_str()) != 0) {
        log::warning("a copied tree cannot be removed", {{"path", path}});
    }
}

}  // namespace credence::sandbox
