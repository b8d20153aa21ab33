// Tells interested threads that the log has grown: coalesced, on one thread of its own so that a
// slow handler delays no feed.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

namespace credence::store {

// Thread-safe.
class Watchers {
public:
    using Watcher = std::function<void(std::int64_t last_seq)>;

    ~Watchers() { stop(); }
    void start();
    void stop();
    void notify(std::int64_t last_seq);
    std::int64_t add(Watcher watcher);
    // When it returns the watcher is not running and will not run again, except when called from
    // within the watcher itself.
    void remove(std::int64_t token);

private:
    void run();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::int64_t, std::shared_ptr<const Watcher>> watchers_;
    std::int64_t next_token_ = 1;
    std::int64_t running_token_ = 0;
    std::thread::id running_thread_;
    std::int64_t newest_ = 0;
    std::int64_t told_ = 0;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace credence::store
