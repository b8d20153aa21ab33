// Who wants to hear about jobs. Behind Jobs::watch().
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "api/job.h"

namespace credence {

// Thread-safe. No lock is held while a watcher runs: it may call anything of Jobs.
class JobWatchers {
public:
    std::int64_t add(Jobs::Watcher watcher);
    // When it returns, no call of the watcher runs and none begins; called by the watcher itself,
    // it does not wait for that call.
    void remove(std::int64_t token);
    void tell(const JobNews& news);

private:
    struct Entry {
        std::int64_t token = 0;
        Jobs::Watcher told;
        int calls = 0;  // under way
        bool removed = false;
    };

    std::mutex mutex_;
    std::condition_variable ended_;
    std::vector<std::shared_ptr<Entry>> entries_;
    std::int64_t next_ = 1;
};

}  // namespace credence
