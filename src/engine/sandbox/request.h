// The order for one run, as it travels from the server to a supervisor, and the answer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "engine/sandbox/sandbox.h"

namespace credence::sandbox {

inline constexpr std::size_t kMaxRequestBytes = std::size_t{4} << 20;

struct Request {
    Runner runner = Runner::native;  // never automatic
    std::string bubblewrap;
    std::int64_t user_id = 0;
    Command command;  // folder: absolute, as seen inside
};
std::string pack(const Request& request);
Result<Request> unpack_request(std::string_view bytes);

// What became of it.
enum class Fate : std::uint8_t {
    ended,           // as `ending` says
    failed,          // the sandbox could not be set up; nothing ran
    bad_folder,      // the folder does not exist inside; nothing ran
    told_on_stderr,  // bubblewrap ran nothing and told why where the program would have written
};
struct Answer {
    Fate fate = Fate::failed;
    Ending ending = Ending::not_started;
    std::int64_t exit_code = -1;
    std::int64_t signal = 0;
    std::int64_t duration_us = 0;
    std::int64_t cpu_us = 0;
    std::string message = {};  // of a failure
};
std::string pack(const Answer& answer);
Result<Answer> unpack_answer(std::string_view bytes);

}  // namespace credence::sandbox
