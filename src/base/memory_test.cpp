#include "base/memory.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <fstream>
#include <string>

namespace credence {
namespace {

constexpr std::size_t kPages = 64;

// A file of kPages pages of 'x', mapped as the constants of a program are, and every page read.
class Mapped {
public:
    Mapped() {
        const int file = ::mkstemp(path_.data());
        const std::string text(size_, 'x');
        EXPECT_EQ(::write(file, text.data(), text.size()), static_cast<ssize_t>(text.size()));
        bytes_ = static_cast<const char*>(
            ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0));
        ::close(file);
    }
    Mapped(const Mapped&) = delete;
    Mapped& operator=(const Mapped&) = delete;
    ~Mapped() {
        ::munmap(const_cast<char*>(bytes_), size_);
        ::unlink(path_.c_str());
    }

    std::size_t page() const { return page_; }
    std::string_view text() const { return {bytes_, size_}; }

    // Of this mapping, by the kernel's account.
    std::size_t resident_pages() const {
        std::ifstream maps("/proc/self/smaps");
        bool here = false;
        for (std::string line; std::getline(maps, line);) {
            here = here || line.find(path_) != std::string::npos;
            if (here && line.starts_with("Rss:")) {
                return std::stoul(line.substr(4)) * 1024 / page_;
            }
        }
        return 0;
    }

private:
    std::size_t page_ = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    std::size_t size_ = kPages * page_;
    std::string path_ = testing::TempDir() + "credence_pages_XXXXXX";
    const char* bytes_ = nullptr;
};

TEST(Memory, WholePagesLeaveAndComeBackUnchanged) {
    const Mapped mapped;
    ASSERT_EQ(mapped.resident_pages(), kPages);
    release_pages(mapped.text());
    EXPECT_EQ(mapped.resident_pages(), 0U);
    EXPECT_EQ(mapped.text(), std::string(mapped.text().size(), 'x'));
    EXPECT_EQ(mapped.resident_pages(), kPages);
}

TEST(Memory, APageSharedWithOthersStays) {
    const Mapped mapped;
    release_pages(mapped.text().substr(1, mapped.page() * 3));
    EXPECT_EQ(mapped.resident_pages(), kPages - 2);
    release_pages(mapped.text().substr(10 * mapped.page() + 1, mapped.page() - 2));
    release_pages({});
    EXPECT_EQ(mapped.resident_pages(), kPages - 2);
}

}  // namespace
}  // namespace credence
