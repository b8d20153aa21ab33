#include "engine/sandbox/channel.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace credence::sandbox {

std::unexpected<Error> system_failure(std::string_view what) {
    const char* problem = ::strerrordesc_np(errno);
    return fail(Code::unavailable,
                std::string(what) + ": " + (problem != nullptr ? problem : "unknown error"));
}

Result<Pair> make_socket_pair() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        return system_failure("no socket for the sandbox");
    }
    return Pair{.first = Descriptor(ends[0]), .second = Descriptor(ends[1])};
}

Result<Pair> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return system_failure("no pipe for the sandbox");
    }
    return Pair{.first = Descriptor(ends[0]), .second = Descriptor(ends[1])};
}

Result<Descriptor> make_memory_file(std::string_view bytes) {
    Descriptor file(::memfd_create("credence-sandbox", MFD_CLOEXEC));
    if (!file.is_open()) {
        return system_failure("no memory file for the sandbox");
    }
    if (!write_all(file.get(), bytes)) {
        return system_failure("the sandbox's memory file cannot be written");
    }
    if (::lseek(file.get(), 0, SEEK_SET) != 0) {
        return system_failure("the sandbox's memory file cannot be rewound");
    }
    return file;
}

Result<std::string> read_memory_file(int descriptor, std::size_t max_bytes) {
    struct stat status{};
    if (::fstat(descriptor, &status) != 0) {
        return system_failure("a request cannot be read");
    }
    const auto size = static_cast<std::size_t>(status.st_size);
    if (size > max_bytes) {
        return fail(Code::too_large, "a request to the sandbox is too large");
    }
    std::string bytes(size, '\0');
    std::size_t done = 0;
    while (done < size) {
        const ssize_t got =
            ::pread(descriptor, bytes.data() + done, size - done, static_cast<off_t>(done));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return system_failure("a request cannot be read");
        }
        done += static_cast<std::size_t>(got);
    }
    return bytes;
}

Result<void> send_message(int socket, std::string_view bytes, std::span<const int> descriptors) {
    iovec part{.iov_base = const_cast<char*>(bytes.data()), .iov_len = bytes.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * kMaxMessageDescriptors)> room{};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    if (!descriptors.empty()) {
        const std::size_t size = descriptors.size_bytes();
        header.msg_control = room.data();
        header.msg_controllen = CMSG_SPACE(size);
        cmsghdr* control = CMSG_FIRSTHDR(&header);
        control->cmsg_level = SOL_SOCKET;
        control->cmsg_type = SCM_RIGHTS;
        control->cmsg_len = CMSG_LEN(size);
        std::memcpy(CMSG_DATA(control), descriptors.data(), size);
    }
    ssize_t sent = -1;
    do {
        sent = ::sendmsg(socket, &header, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    if (sent < 0) {
        return system_failure("a message of the sandbox cannot be sent");
    }
    return {};
}

Result<Message> receive_message(int socket) {
    Message message;
    message.bytes.resize(kMaxMessageBytes);
    iovec part{.iov_base = message.bytes.data(), .iov_len = message.bytes.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * kMaxMessageDescriptors)> room{};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = room.data();
    header.msg_controllen = room.size();
    ssize_t got = -1;
    do {
        got = ::recvmsg(socket, &header, MSG_CMSG_CLOEXEC);
    } while (got < 0 && errno == EINTR);
    for (cmsghdr* control = CMSG_FIRSTHDR(&header); got >= 0 && control != nullptr;
         control = CMSG_NXTHDR(&header, control)) {
        if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_RIGHTS) {
            continue;
        }
        const std::size_t count = (control->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
            int number = -1;
            std::memcpy(&number, CMSG_DATA(control) + (i * sizeof(int)), sizeof(int));
            message.descriptors.emplace_back(number);
        }
    }
    if (got == 0 || (got < 0 && errno == ECONNRESET)) {
        return fail(Code::cancelled, "the other side of the sandbox is gone");
    }
    if (got < 0) {
        return system_failure("a message of the sandbox cannot be received");
    }
    if ((header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
        return fail(Code::internal, "a message of the sandbox is too long");
    }
    message.bytes.resize(static_cast<std::size_t>(got));
    return message;
}

void Packer::number(std::int64_t value) {
    std::array<char, sizeof value> raw{};
    std::memcpy(raw.data(), &value, sizeof value);
    bytes_.append(raw.data(), raw.size());
}

void Packer::text(std::string_view value) {
    number(static_cast<std::int64_t>(value.size()));
    bytes_.append(value);
}

std::int64_t Unpacker::number() {
    std::int64_t value = 0;
    if (!good_ || rest_.size() < sizeof value) {
        good_ = false;
        return 0;
    }
    std::memcpy(&value, rest_.data(), sizeof value);
    rest_.remove_prefix(sizeof value);
    return value;
}

std::string Unpacker::text() {
    const std::int64_t size = number();
    if (!good_ || size < 0 || static_cast<std::uint64_t>(size) > rest_.size()) {
        good_ = false;
        return {};
    }
    std::string value(rest_.substr(0, static_cast<std::size_t>(size)));
    rest_.remove_prefix(static_cast<std::size_t>(size));
    return value;
}

std::size_t Unpacker::count(std::size_t max) {
    const std::int64_t value = number();
    if (!good_ || value < 0 || static_cast<std::uint64_t>(value) > max) {
        good_ = false;
        return 0;
    }
    return static_cast<std::size_t>(value);
}

}  // namespace credence::sandbox
