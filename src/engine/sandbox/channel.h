// What the server, the zygote, the supervisors and the inits tell each other: short messages with
// file descriptors over SOCK_SEQPACKET sockets, and packed numbers and texts inside them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/descriptor.h"
#include "base/result.h"

namespace credence::sandbox {

inline constexpr std::size_t kMaxMessageBytes = 4096;
inline constexpr std::size_t kMaxMessageDescriptors = 4;

struct Pair {
    Descriptor first;   // of a pipe: the end to read from
    Descriptor second;  // of a pipe: the end to write to
};
Result<Pair> make_socket_pair();
Result<Pair> make_pipe();
// An anonymous file in memory with these bytes, to be read from its beginning.
Result<Descriptor> make_memory_file(std::string_view bytes);
// Everything in it; at most max_bytes, else Code::too_large.
Result<std::string> read_memory_file(int descriptor, std::size_t max_bytes);

struct Message {
    std::string bytes;
    std::vector<Descriptor> descriptors;
};
// Code::unavailable when the other side is gone.
Result<void> send_message(int socket, std::string_view bytes, std::span<const int> descriptors);
// Blocks. Code::cancelled at the end of the stream; a message is never empty.
Result<Message> receive_message(int socket);

// "what: No such file or directory" from errno, as Code::unavailable.
std::unexpected<Error> system_failure(std::string_view what);

class Packer {
public:
    void number(std::int64_t value);
    void text(std::string_view value);
    const std::string& bytes() const { return bytes_; }

private:
    std::string bytes_;
};

// Reads what Packer wrote. After anything malformed good() stays false and all values are empty.
class Unpacker {
public:
    explicit Unpacker(std::string_view bytes) : rest_(bytes) {}
    std::int64_t number();
    std::string text();
    // A number in [0, max], for how many items follow.
    std::size_t count(std::size_t max);
    bool good() const { return good_; }

private:
    std::string_view rest_;
    bool good_ = true;
};

}  // namespace credence::sandbox
