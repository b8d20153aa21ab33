#include "base/random.h"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/check.h"

namespace credence {
namespace {

constexpr std::size_t kPoolBytes = 512;  // drawn ahead by each thread
constexpr std::size_t kSmallBytes = 16;  // requests up to here are served from the pool

void fill_from_system(std::uint8_t* to, std::size_t bytes) {
    while (bytes > 0) {
        const ssize_t got = getrandom(to, bytes, 0);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        // Without chance there are no safe keys or ids: the process must not go on.
        CHECK(got > 0, "getrandom failed");
        to += got;
        bytes -= static_cast<std::size_t>(got);
    }
}

// A system call for the eight bytes of an id would cost more than the rest of the id. Keys are
// longer than kSmallBytes and never wait here. The program never forks
// without exec, which would give two processes the same pool.
struct Pool {
    std::array<std::uint8_t, kPoolBytes> bytes;
    std::size_t used = kPoolBytes;
};

}  // namespace

std::uint64_t Random::next() {
    std::uint64_t value = 0;
    fill(&value, sizeof value);
    return value;
}

void SystemRandom::fill(void* out, std::size_t bytes) {
    auto* to = static_cast<std::uint8_t*>(out);
    if (bytes > kSmallBytes) {
        fill_from_system(to, bytes);
        return;
    }
    thread_local Pool pool;
    if (pool.used + bytes > kPoolBytes) {
        fill_from_system(pool.bytes.data(), kPoolBytes);
        pool.used = 0;
    }
    std::uint8_t* from = pool.bytes.data() + pool.used;
    std::copy_n(from, bytes, to);
    std::fill_n(from, bytes, std::uint8_t{0});  // what was handed out is not kept
    pool.used += bytes;
}

void SeededRandom::fill(void* out, std::size_t bytes) {
    const std::scoped_lock lock(mutex_);
    auto* to = static_cast<std::uint8_t*>(out);
    while (bytes > 0) {
        const std::uint64_t word = engine_();
        const std::size_t taken = std::min(bytes, sizeof word);
        std::memcpy(to, &word, taken);
        to += taken;
        bytes -= taken;
    }
}

}  // namespace credence
