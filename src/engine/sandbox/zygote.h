// The server's side of the zygote.
#pragma once

#include <sys/types.h>

#include <mutex>
#include <span>
#include <string>

#include "base/result.h"
#include "engine/sandbox/channel.h"
#include "engine/sandbox/request.h"

namespace credence::sandbox {

inline constexpr int kZygoteSocket = 3;  // where the zygote finds its socket

// Keeps one zygote running. Thread-safe.
class Zygote {
public:
    explicit Zygote(std::string program) : program_(std::move(program)) {}
    ~Zygote();
    Zygote(const Zygote&) = delete;
    Zygote& operator=(const Zygote&) = delete;

    // Hands over one run with its LaunchDescriptors; starts the zygote if there is none, or if the
    // last one died. Code::unavailable when it does not start.
    Result<void> launch(std::span<const int> descriptors);
    // Of the running one, for tests; 0 when there is none.
    pid_t process() const;

private:
    Result<void> start();
    void stop();

    std::string program_;
    mutable std::mutex mutex_;
    Descriptor socket_;
    pid_t process_ = 0;
};

}  // namespace credence::sandbox
