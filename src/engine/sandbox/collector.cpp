#include "engine/sandbox/collector.h"

#include <fcntl.h>
#include <poll.h>
#include <sodium.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <optional>
#include <string>
#include <vector>

#include "base/text.h"
#include "base/units.h"

namespace credence::sandbox {
namespace {

constexpr std::size_t kReadBytes = std::size_t{64} << 10;
constexpr std::int64_t kMinimumFloodBytes = std::int64_t{1} << 20;
// How much longer than its limit a run may take before the supervisor itself is given up.
constexpr std::int64_t kGraceMs = 30'000;
// All processes are gone when the answer comes, so the streams end at once.
constexpr int kDrainMs = 2'000;
constexpr std::int64_t kNsPerMs = 1'000'000;

std::int64_t steady_ms() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return (static_cast<std::int64_t>(now.tv_sec) * kMsPerSecond) + (now.tv_nsec / kNsPerMs);
}

// One stream being taken in.
class Intake {
public:
    Intake(Descriptor source, std::int64_t keep_bytes)
        : source_(std::move(source)), keep_bytes_(keep_bytes) {
        crypto_hash_sha256_init(&hash_);
    }

    bool is_open() const { return source_.is_open(); }
    int descriptor() const { return source_.get(); }
    std::int64_t bytes() const { return stream_.bytes; }

    // Takes one block; closes the source at its end.
    void take(std::vector<char>& block) {
        const ssize_t got = ::read(source_.get(), block.data(), block.size());
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) {
            return;
        }
        if (got <= 0) {
            source_.reset();
            return;
        }
        crypto_hash_sha256_update(&hash_, reinterpret_cast<const unsigned char*>(block.data()),
                                  static_cast<unsigned long long>(got));
        stream_.bytes += got;
        const std::int64_t room =
            std::max<std::int64_t>(0, keep_bytes_ - static_cast<std::int64_t>(stream_.text.size()));
        stream_.text.append(block.data(),
                            static_cast<std::size_t>(std::min<std::int64_t>(room, got)));
    }

    Stream finish() {
        std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
        crypto_hash_sha256_final(&hash_, digest.data());
        stream_.sha256 = to_hex(digest);
        stream_.truncated =
            stream_.bytes > static_cast<std::int64_t>(stream_.text.size()) || source_.is_open();
        return std::move(stream_);
    }

private:
    Descriptor source_;
    std::int64_t keep_bytes_;
    crypto_hash_sha256_state hash_{};
    Stream stream_;
};

class Collector {
public:
    Collector(Ends ends, const Limits& limits)
        : control_(std::move(ends.control)),
          output_(std::move(ends.output), limits.output_bytes),
          error_(std::move(ends.error), limits.output_bytes),
          limits_(limits),
          deadline_ms_(steady_ms() + limits.wall_ms + kGraceMs),
          flood_bytes_(std::max(kMinimumFloodBytes, limits.output_bytes * kMaxFlood)),
          block_(kReadBytes) {}

    Result<Collected> collect() {
        while (!message_) {
            TRY(wait());
        }
        const std::int64_t until_ms = steady_ms() + kDrainMs;
        while ((output_.is_open() || error_.is_open()) && steady_ms() < until_ms) {
            poll_streams(-1, kDrainMs);
        }
        Collected collected;
        collected.answer = TRY(unpack_answer(message_->bytes));
        if (is_flooded_) {
            collected.answer.ending = Ending::signalled;
            collected.answer.signal = SIGKILL;
        }
        collected.output = output_.finish();
        collected.error = error_.finish();
        if (!message_->descriptors.empty()) {
            collected.report = read_report(std::move(message_->descriptors.front()));
        }
        return collected;
    }

private:
    Result<void> wait() {
        const std::int64_t left_ms = deadline_ms_ - steady_ms();
        if (left_ms <= 0) {
            return fail(Code::internal, "the sandbox did not answer in time");
        }
        if (poll_streams(control_.get(), static_cast<int>(left_ms))) {
            auto message = receive_message(control_.get());
            if (!message) {
                return fail(Code::unavailable, "the sandbox ended before it answered");
            }
            message_ = std::move(*message);
        }
        if (!is_flooded_ && std::max(output_.bytes(), error_.bytes()) > flood_bytes_) {
            is_flooded_ = true;
            // The end of what we say kills the run; its answer still comes.
            ::shutdown(control_.get(), SHUT_WR);
        }
        return {};
    }

    // True when the control socket has something.
    bool poll_streams(int control, int timeout_ms) {
        // A negative descriptor is ignored.
        std::array<pollfd, 3> waits{{{.fd = control, .events = POLLIN, .revents = 0},
                                     {.fd = output_.descriptor(), .events = POLLIN, .revents = 0},
                                     {.fd = error_.descriptor(), .events = POLLIN, .revents = 0}}};
        if (::poll(waits.data(), waits.size(), timeout_ms) <= 0) {
            return false;
        }
        if (waits[1].revents != 0) {
            output_.take(block_);
        }
        if (waits[2].revents != 0) {
            error_.take(block_);
        }
        return waits[0].revents != 0;
    }

    Stream read_report(Descriptor file) {
        Intake intake(std::move(file), limits_.output_bytes);
        // The size of a file is at most file_bytes; more would be a fault of ours.
        while (intake.is_open() && intake.bytes() <= limits_.file_bytes) {
            intake.take(block_);
        }
        return intake.finish();
    }

    Descriptor control_;
    Intake output_;
    Intake error_;
    Limits limits_;
    std::int64_t deadline_ms_;
    std::int64_t flood_bytes_;
    std::vector<char> block_;
    std::optional<Message> message_;
    bool is_flooded_ = false;
};

}  // namespace

Result<Collected> collect(Ends ends, const Limits& limits) {
    return Collector(std::move(ends), limits).collect();
}

}  // namespace credence::sandbox
