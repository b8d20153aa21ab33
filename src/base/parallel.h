// The same work on many items, on several threads, for programs that compute (training, measuring).
// A server has its WorkerPool.
#pragma once

#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

namespace credence {

// Calls work(i) once for each i below count, on up to `threads` threads, this one among them;
// returns when all is done. Which thread takes which item is open, so work must not depend on it.
template <class Work>
void in_parallel(std::size_t count, std::size_t threads, const Work& work) {
    std::atomic<std::size_t> next = 0;
    const auto run = [&] {
        for (std::size_t i = next++; i < count; i = next++) {
            work(i);
        }
    };
    std::vector<std::jthread> workers;
    for (std::size_t i = 1; i < threads && i < count; ++i) {
        workers.emplace_back(run);
    }
    run();
}

}  // namespace credence
