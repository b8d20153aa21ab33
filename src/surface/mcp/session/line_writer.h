// Lines to a file descriptor, several to a system call when they are ready together.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>

namespace credence::surface::mcp {

// Thread-safe.
class LineWriter {
public:
    static constexpr std::size_t kBatchBytes = std::size_t{64} << 10;  // held back at most
    static constexpr std::size_t kMaxQueued = std::size_t{32} << 20;   // then writers wait

    explicit LineWriter(int descriptor) : descriptor_(descriptor) {}

    // Line ends inside the text become spaces. Waits while too much is queued.
    void write(std::string text);
    // The same, but leaves it to the next flush() unless much is waiting.
    void write_later(std::string text);
    // The same as write(), but drops the text where write() would wait.
    void write_or_drop(std::string text);
    void flush();
    // The reader of our output is gone.
    bool broken() const;

private:
    void append(std::string& text);
    void drain(std::unique_lock<std::mutex>& lock);

    int descriptor_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::string queued_;
    bool writing_ = false;
    bool broken_ = false;
};

}  // namespace credence::surface::mcp
