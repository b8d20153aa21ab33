// One I/O thread: its event loop, its members (connections), its coarse timer and its mailbox.
//
// Everything here but Mailbox belongs to the loop's thread. Members live in the loop's list until
// they remove themselves; deadlines are checked on a tick, a quarter of the smallest timeout and at
// most kMaxTickMs, because a timer per operation costs more than the rest of a request together.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "engine/net/transport.h"

namespace credence::net {

using Task = std::move_only_function<void()>;

// The way into a loop from other threads; outlives it. Thread-safe. Its length is bounded by its
// users: a connection has at most one answer and one flush under way.
class Mailbox {
public:
    Mailbox();
    ~Mailbox();
    Mailbox(const Mailbox&) = delete;
    Mailbox& operator=(const Mailbox&) = delete;

    // False once the loop has ended; the task is then dropped.
    bool post(Task task);
    bool on_thread() const;

private:
    friend class Loop;
    void open();
    void close();
    std::vector<Task> take();

    std::mutex mutex_;
    std::vector<Task> tasks_;
    bool closed_ = false;
    std::atomic<std::thread::id> thread_{};
    int event_ = -1;
};

// Something with deadlines that ends with its loop.
class LoopMember {
public:
    virtual ~LoopMember() = default;
    virtual void on_tick(std::int64_t now_ms) = 0;
    virtual void on_stop() = 0;  // finish what runs, then leave
    virtual void cut() = 0;      // leave now

private:
    friend class Loop;
    std::size_t index_ = 0;
};

class Loop {
public:
    static constexpr std::int64_t kMaxTickMs = 250;
    static constexpr std::int64_t kMinTickMs = 5;
    static constexpr int kAcceptsAtOnce = 64;
    static constexpr std::size_t kKeptScratchBytes = 256 * 1024;

    struct Parts {
        int listener = -1;  // a listening, non-blocking socket; the loop closes it
        std::int64_t tick_ms = kMaxTickMs;
        std::function<void(Loop&, int descriptor, std::string peer)> on_accept;
        std::function<void()> on_descriptors_exhausted;
    };

    explicit Loop(Parts parts);
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    // Serves until stopped; on_thread runs first.
    void run(const std::function<void()>& on_thread);
    // From any thread. The loop ends when its last member left.
    void begin_stop();
    void cut();

    const std::shared_ptr<Mailbox>& mailbox() const { return mailbox_; }
    // Runs the task on this thread, after what runs now.
    void defer(Task task);

    void add(std::shared_ptr<LoopMember> member);
    void remove(LoopMember& member);
    std::unique_ptr<Transport> make_transport(int descriptor);

    // Milliseconds of this loop's time: it stands still while the thread is held up, so that no
    // client pays for our own delay.
    std::int64_t now_ms() const { return now_ms_; }
    std::string_view date() const { return date_; }  // "Sun, 06 Nov 1994 08:49:37 GMT"
    bool stopping() const { return stopping_; }
    std::string& scratch() { return scratch_; }  // for one call's use

private:
    struct Asio;
    void wait_mail();
    void wait_accept();
    void accept_some();
    void tick();
    void update_time();
    void for_each(const std::function<void(LoopMember&)>& visit);

    Parts parts_;
    SystemClock clock_;
    std::shared_ptr<Mailbox> mailbox_;
    std::unique_ptr<Asio> asio_;
    std::vector<std::shared_ptr<LoopMember>> members_;
    std::string scratch_;
    std::string date_;
    std::int64_t date_s_ = 0;
    std::int64_t steady_ms_ = 0;
    std::int64_t now_ms_ = 0;
    bool stopping_ = false;
    bool accept_paused_ = false;
};

}  // namespace credence::net
