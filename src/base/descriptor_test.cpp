#include "base/descriptor.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <thread>

namespace credence {
namespace {

Descriptor opened() {
    return Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

bool is_closed(int number) {
    struct stat status{};
    return ::fstat(number, &status) != 0 && errno == EBADF;
}

TEST(Descriptor, ClosesAtTheEndOfTheScope) {
    int number = -1;
    {
        const Descriptor file = opened();
        ASSERT_TRUE(file.is_open());
        number = file.get();
        EXPECT_FALSE(is_closed(number));
    }
    EXPECT_TRUE(is_closed(number));
}

TEST(Descriptor, HasOneOwner) {
    Descriptor first = opened();
    const int number = first.get();
    Descriptor second(std::move(first));
    EXPECT_EQ(second.get(), number);
    EXPECT_FALSE(first.is_open());  // NOLINT(bugprone-use-after-move): moved from means none
    first = Descriptor(second.release());
    EXPECT_EQ(first.get(), number);
    EXPECT_FALSE(second.is_open());
    EXPECT_FALSE(is_closed(number));
}

TEST(Descriptor, AssignmentClosesWhatWasHeld) {
    Descriptor file = opened();
    const int number = file.get();
    file = Descriptor();
    EXPECT_FALSE(file.is_open());
    EXPECT_TRUE(is_closed(number));
}

TEST(Descriptor, ResetClosesOnceAndKeepsErrno) {
    Descriptor file = opened();
    const int number = file.get();
    errno = ENOENT;
    file.reset();
    file.reset();
    EXPECT_EQ(errno, ENOENT);
    EXPECT_FALSE(file.is_open());
    EXPECT_TRUE(is_closed(number));
}

TEST(WriteAll, WritesMoreThanAPipeHoldsAtOnce) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    const Descriptor out(ends[0]);
    Descriptor in(ends[1]);
    const std::string sent(1'000'000, 'x');
    bool is_written = false;
    std::thread writer([&] {
        is_written = write_all(in.get(), sent);
        in.reset();
    });
    std::string received;
    std::array<char, 4096> block{};
    for (ssize_t got = 0; (got = ::read(out.get(), block.data(), block.size())) > 0;) {
        received.append(block.data(), static_cast<std::size_t>(got));
    }
    writer.join();
    EXPECT_TRUE(is_written);
    EXPECT_EQ(received, sent);
}

TEST(WriteAll, SaysWhyItCannot) {
    const Descriptor only_to_read = opened();
    EXPECT_TRUE(write_all(only_to_read.get(), ""));
    EXPECT_FALSE(write_all(only_to_read.get(), "x"));
    EXPECT_EQ(errno, EBADF);
}

}  // namespace
}  // namespace credence
