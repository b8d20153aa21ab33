// Follows jobs for requests that wait for them, without holding a thread for each: Jobs says that
// something changed, a worker looks, and one thread of our own keeps the deadlines.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "api/job.h"
#include "base/clock.h"
#include "base/worker_pool.h"

namespace credence::surface::mcp {

// Thread-safe. Callbacks run on workers, those of one job one after another.
class JobFollower {
public:
    static constexpr std::size_t kMaxFollowed = 20'000;
    static constexpr std::size_t kMaxLater = 20'000;  // tasks for a pool that was full
    static constexpr std::int64_t kTickMs = 100;      // how late a deadline is noticed at most
    // Jobs that another process runs are looked at this often, so many at a time.
    static constexpr std::int64_t kPollMs = 1'000;
    static constexpr std::size_t kMaxPolled = 64;
    // Progress of a job is told to `changed` at most this often.
    static constexpr std::int64_t kChangedEveryMs = 1'000;

    struct Parts {
        Jobs& jobs;
        WorkerPool& pool;
        const Clock& clock;
        // Whether anybody wants to know of jobs that nobody follows; must not block.
        std::function<bool()> wanted;
        // After a change of any job while wanted(); the tenant is the job's.
        std::function<void(const std::string& tenant, const JobRecord&,
                           std::optional<Progress::State>)>
            changed;
    };
    explicit JobFollower(Parts parts);
    ~JobFollower();
    JobFollower(const JobFollower&) = delete;
    JobFollower& operator=(const JobFollower&) = delete;

    struct Wish {
        std::string tenant;
        JobId id;
        std::int64_t until_us = 0;  // Clock::steady_us(); 0: as long as it takes
        std::function<bool(const JobRecord&)> ended;
        std::function<void(const Progress::State&)> progress = {};
        // Once, with the job as it then is; not after forget().
        std::function<void(Result<JobRecord>)> done;
    };
    // A token for forget(); 0 when too many are followed already.
    std::int64_t follow(Wish wish);
    void forget(std::int64_t token);

    // Runs it on a worker; false when the pool's queue is full. Nothing runs after destruction.
    bool on_pool(std::function<void()> task);
    // Runs it on a worker as soon as one takes it; false when too much waits already.
    bool later(std::function<void()> task);

private:
    // Pool tasks outlive us in the pool's queue: they ask here whether they may still run.
    struct Gate {
        std::mutex mutex;
        std::condition_variable left;
        bool closed = false;
        int inside = 0;
        bool enter();
        void leave();
        void close();
    };
    struct Look {
        std::string tenant;
        bool read = false;   // the store must be asked
        bool again = false;  // something happened since it began
    };

    void noted(const JobNews& news);
    void unlist(const JobId& id, std::int64_t token);
    void want_look(const std::string& tenant, const JobId& id, bool read);
    void look(const JobId& id);
    void look_once(const JobId& id, const Look& look);
    void tell_progress(const JobId& id, const Progress::State& state);
    void tell_ended(const JobId& id, const Result<JobRecord>& job);
    bool changed_due(const JobId& id, bool always);
    void keep_time();
    void expire(std::int64_t now_us);
    void poll();
    void push_later();

    Parts parts_;
    std::shared_ptr<Gate> gate_ = std::make_shared<Gate>();
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::map<std::int64_t, Wish> followed_;
    std::multimap<JobId, std::int64_t> by_job_;
    std::map<JobId, Look> looks_;
    std::map<JobId, std::int64_t> changed_at_us_;  // running jobs; when `changed` was told last
    std::deque<std::function<void()>> later_;
    std::int64_t next_ = 1;
    std::int64_t polled_ = 0;  // the last token that was polled
    std::int64_t watch_ = 0;
    std::thread thread_;
};

}  // namespace credence::surface::mcp
