// The server's end of a run: takes in both streams without ever blocking the program, and waits for
// the supervisor's answer.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "engine/sandbox/channel.h"
#include "engine/sandbox/request.h"
#include "engine/sandbox/sandbox.h"

namespace credence::sandbox {

// A program that writes more than this many times what is kept is killed.
inline constexpr std::int64_t kMaxFlood = 64;

struct Ends {
    Descriptor control;
    Descriptor output;  // to read from
    Descriptor error;
};

struct Collected {
    Answer answer;
    Stream output;
    Stream error;
    std::optional<Stream> report;
};

// Blocks until everything is known. Code::unavailable when the supervisor vanishes.
Result<Collected> collect(Ends ends, const Limits& limits);

}  // namespace credence::sandbox
