#include "surface/mcp/session/line_writer.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>

namespace credence::surface::mcp {
namespace {

bool write_whole(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const ssize_t done = ::write(descriptor, text.data(), text.size());
        if (done >= 0) {
            text.remove_prefix(static_cast<std::size_t>(done));
        } else if (errno == EAGAIN) {
            pollfd wait{descriptor, POLLOUT, 0};
            ::poll(&wait, 1, -1);
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

}  // namespace

void LineWriter::append(std::string& text) {
    // A newline between two tokens is valid JSON and would break the framing.
    if (text.find_first_of("\r\n") != std::string::npos) {
        std::replace_if(
            text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    }
    queued_ += text;
    queued_ += '\n';
}

// Whoever finds nobody writing writes all there is, also what others add meanwhile.
void LineWriter::drain(std::unique_lock<std::mutex>& lock) {
    if (writing_) {
        return;
    }
    writing_ = true;
    std::string batch;
    while (!queued_.empty()) {
        batch.clear();
        batch.swap(queued_);
        if (broken_) {
            continue;
        }
        lock.unlock();
        const bool written = write_whole(descriptor_, batch);
        lock.lock();
        broken_ = broken_ || !written;
        changed_.notify_all();
    }
    writing_ = false;
    changed_.notify_all();
}

void LineWriter::write(std::string text) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return queued_.size() < kMaxQueued; });
    append(text);
    drain(lock);
}

void LineWriter::write_later(std::string text) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return queued_.size() < kMaxQueued; });
    append(text);
    if (queued_.size() >= kBatchBytes) {
        drain(lock);
    }
}

void LineWriter::write_or_drop(std::string text) {
    std::unique_lock lock(mutex_);
    if (queued_.size() < kMaxQueued) {
        append(text);
        drain(lock);
    }
}

void LineWriter::flush() {
    std::unique_lock lock(mutex_);
    drain(lock);
}

bool LineWriter::broken() const {
    const std::scoped_lock lock(mutex_);
    return broken_;
}

}  // namespace credence::surface::mcp
