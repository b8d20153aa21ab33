// Our own small writer instead of a logging library: a library's asynchronous queue costs an
// allocation and a wake-up a line, and has one overflow policy for all levels. Here a call formats
// into a buffer of its thread and appends it under a short lock; one thread writes whole batches.
#include "base/log.h"

#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "base/clock.h"
#include "base/json.h"
#include "base/units.h"

namespace credence::log {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMaxBufferBytes = std::size_t{4} << 20;  // waiting to be written
constexpr std::size_t kUrgentBytes = kMaxBufferBytes / 4;      // write before the linger is over
constexpr std::size_t kMaxValueBytes = std::size_t{8} << 10;   // longer texts are cut
constexpr milliseconds kLinger{20};           // gathers a batch; what a killed process may lose
constexpr milliseconds kMaxFlushWait{5'000};  // a reader of stderr that hangs must not hang exit
constexpr std::size_t kSecondsBytes = sizeof("2025-01-01T00:00:00") - 1;

std::atomic<Level> minimum_level{Level::info};
std::atomic<void (*)(std::string_view)> current_sink{nullptr};

std::string_view name_of(Level level) {
    static constexpr std::array<std::string_view, 5> kNames{"debug", "info", "warning", "error",
                                                            "off"};
    return kNames[static_cast<std::size_t>(level)];
}

template <class Number>
void append_digits(Number number, std::string& out) {
    std::array<char, 32> text;
    const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), number);
    out.append(text.data(), end);
}

void append_time(std::string& out) {
    // Formatting the calendar costs more than the rest of a line: once a second is enough.
    thread_local std::int64_t cached_s = -1;
    thread_local std::string cached;
    const std::int64_t now_us = SystemClock().now_us();
    if (now_us / kUsPerSecond != cached_s) {
        cached = format_time_us(now_us).substr(0, kSecondsBytes);
        cached_s = now_us / kUsPerSecond;
    }
    out += cached;
    std::array<char, 8> fraction{'.', '0', '0', '0', '0', '0', '0', 'Z'};
    std::int64_t rest = now_us % kUsPerSecond;
    for (std::size_t digit = 6; digit > 0; --digit, rest /= 10) {
        fraction[digit] = static_cast<char>('0' + rest % 10);
    }
    out.append(fraction.data(), fraction.size());
}

struct AppendValue {
    std::string& out;

    void operator()(std::string_view text) const {
        append_json_string(text.substr(0, kMaxValueBytes), out);
    }
    void operator()(bool truth) const { out += truth ? "true" : "false"; }
    void operator()(std::int64_t number) const { append_digits(number, out); }
    void operator()(double number) const {
        if (std::isfinite(number)) {
            append_digits(number, out);
        } else {
            out += "null";  // JSON has no infinities
        }
    }
};

// One line, newline included.
void append_line(Level level, std::string_view event, Values values, std::string& out) {
    out += R"({"time":")";
    append_time(out);
    out += R"(","level":")";
    out += name_of(level);
    out += R"(","event":)";
    AppendValue{out}(event);
    for (const Value& value : values) {
        out += ',';
        append_json_string(value.key, out);
        out += ':';
        std::visit(AppendValue{out}, value.value);
    }
    out += "}\n";
}

void write_all(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = write(STDERR_FILENO, bytes.data(), bytes.size());
        if (written >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno == EAGAIN) {
            pollfd ready{.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
            poll(&ready, 1, -1);
        } else if (errno != EINTR) {
            return;  // nobody is left to tell
        }
    }
}

// The buffer and the thread that empties it.
class Writer {
public:
    void append(Level level, std::string_view line);
    void flush();

private:
    void start();
    void run();
    bool fits(std::string_view line) const {
        return waiting_.empty() || waiting_.size() + line.size() <= kMaxBufferBytes;
    }

    std::mutex mutex_;
    std::condition_variable wake_;     // to the thread: there is work, or it is urgent
    std::condition_variable drained_;  // to callers: a batch was taken or written
    std::string waiting_;
    std::uint64_t dropped_ = 0;
    std::uint64_t appended_bytes_ = 0;
    std::uint64_t written_bytes_ = 0;
    bool urgent_ = false;
    bool started_ = false;
    std::thread::id thread_;
};

// Never destroyed: destructors of other statics may still log.
Writer& writer() {
    static Writer& only = *new Writer;
    return only;
}

void Writer::start() {
    started_ = true;
    std::thread thread([this] { run(); });
    thread_ = thread.get_id();
    thread.detach();
    std::atexit([] { writer().flush(); });
}

void Writer::append(Level level, std::string_view line) {
    std::unique_lock lock(mutex_);
    if (!started_) {
        start();
    }
    if (!fits(line) && level < Level::warning) {
        ++dropped_;
        return;
    }
    drained_.wait(lock, [&] { return fits(line); });
    const bool was_empty = waiting_.empty();
    waiting_ += line;
    appended_bytes_ += line.size();
    const bool became_urgent =
        !urgent_ && (level >= Level::warning || waiting_.size() > kUrgentBytes);
    urgent_ = urgent_ || became_urgent;
    lock.unlock();
    // A wake-up is the dearest part of a call, so most calls make none.
    if (was_empty || became_urgent) {
        wake_.notify_one();
    }
}

void Writer::flush() {
    std::unique_lock lock(mutex_);
    if (!started_ || std::this_thread::get_id() == thread_) {
        return;
    }
    const std::uint64_t target_bytes = appended_bytes_;
    urgent_ = true;
    wake_.notify_one();
    drained_.wait_for(lock, kMaxFlushWait, [&] { return written_bytes_ >= target_bytes; });
}

void Writer::run() {
    pthread_setname_np(pthread_self(), "log");
    std::string batch;
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return !waiting_.empty(); });
        wake_.wait_for(lock, kLinger, [this] { return urgent_; });
        batch.clear();
        batch.swap(waiting_);
        const std::uint64_t taken_bytes = batch.size();
        const auto dropped = std::exchange(dropped_, 0);
        urgent_ = false;
        lock.unlock();
        drained_.notify_all();
        if (dropped > 0) {
            append_line(Level::warning, "log lines dropped", {{"count", dropped}}, batch);
        }
        write_all(batch);
        lock.lock();
        written_bytes_ += taken_bytes;
        drained_.notify_all();
    }
}

void write_line(Level level, std::string_view event, Values values) {
    if (!enabled(level)) {
        return;
    }
    thread_local std::string line;
    line.clear();
    append_line(level, event, values, line);
    if (const auto sink = current_sink.load(std::memory_order_acquire)) {
        sink(std::string_view(line).substr(0, line.size() - 1));
        return;
    }
    writer().append(level, line);
}

}  // namespace

void debug(std::string_view event, Values values) {
    write_line(Level::debug, event, values);
}

void info(std::string_view event, Values values) {
    write_line(Level::info, event, values);
}

void warning(std::string_view event, Values values) {
    write_line(Level::warning, event, values);
}

void error(std::string_view event, Values values) {
    write_line(Level::error, event, values);
}

void set_level(Level level) {
    minimum_level.store(level, std::memory_order_relaxed);
}

bool enabled(Level level) {
    return level != Level::off && level >= minimum_level.load(std::memory_order_relaxed);
}

void flush() {
    writer().flush();
}

void set_sink(void (*sink)(std::string_view line)) {
    flush();
    current_sink.store(sink, std::memory_order_release);
}

}  // namespace credence::log
