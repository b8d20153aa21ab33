// Arrays that are scanned whole by every query: aligned to cache lines and, from 2 MiB on, in huge
// pages, without which misses of the address tables take half of a scan over a million vectors.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>
#include <vector>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace credence::vectors {

template <class T>
struct LargeAllocator {
    using value_type = T;
    static constexpr std::size_t kLine = 64;
    static constexpr std::size_t kHugePage = std::size_t{2} << 20;

    LargeAllocator() = default;
    template <class U>
    explicit LargeAllocator(const LargeAllocator<U>&) {}

    T* allocate(std::size_t count) {
        const std::size_t bytes = count * sizeof(T);
        const std::size_t unit = bytes >= kHugePage ? kHugePage : kLine;
        void* memory = std::aligned_alloc(unit, (bytes + unit - 1) / unit * unit);
        if (memory == nullptr) {
            throw std::bad_alloc();
        }
#if defined(__linux__)
        if (unit == kHugePage) {
            madvise(memory, bytes, MADV_HUGEPAGE);  // only a wish: small pages work as well
        }
#endif
        return static_cast<T*>(memory);
    }
    void deallocate(T* memory, std::size_t) { std::free(memory); }

    template <class U>
    bool operator==(const LargeAllocator<U>&) const {
        return true;
    }
};

template <class T>
using LargeArray = std::vector<T, LargeAllocator<T>>;

}  // namespace credence::vectors
