#include "engine/sandbox/request.h"

#include "engine/sandbox/channel.h"

namespace credence::sandbox {
namespace {

constexpr std::size_t kMaxItems = 65'536;  // the real limits are stricter: validate.cpp
constexpr std::size_t kMaxFailureBytes = 1024;

void pack_limits(const Limits& limits, Packer& out) {
    for (const std::int64_t value :
         {limits.wall_ms, limits.cpu_ms, limits.memory_bytes, limits.scratch_bytes,
          limits.file_bytes, limits.output_bytes, limits.processes, limits.open_files}) {
        out.number(value);
    }
}

void unpack_limits(Unpacker& in, Limits& limits) {
    for (std::int64_t* value :
         {&limits.wall_ms, &limits.cpu_ms, &limits.memory_bytes, &limits.scratch_bytes,
          &limits.file_bytes, &limits.output_bytes, &limits.processes, &limits.open_files}) {
        *value = in.number();
    }
}

}  // namespace

std::string pack(const Request& request) {
    const Command& command = request.command;
    Packer out;
    out.number(static_cast<std::int64_t>(request.runner));
    out.text(request.bubblewrap);
    out.number(request.user_id);
    out.number(static_cast<std::int64_t>(command.argv.size()));
    for (const std::string& argument : command.argv) {
        out.text(argument);
    }
    out.number(static_cast<std::int64_t>(command.environment.size()));
    for (const auto& [name, value] : command.environment) {
        out.text(name);
        out.text(value);
    }
    out.text(command.tree);
    out.number(command.writable_tree ? 1 : 0);
    out.text(command.folder);
    out.number(static_cast<std::int64_t>(command.read_only.size()));
    for (const std::string& path : command.read_only) {
        out.text(path);
    }
    out.text(command.report_file);
    pack_limits(command.limits, out);
    return out.bytes();
}

Result<Request> unpack_request(std::string_view bytes) {
    Unpacker in(bytes);
    Request request;
    Command& command = request.command;
    request.runner = in.number() == static_cast<std::int64_t>(Runner::bubblewrap)
                         ? Runner::bubblewrap
                         : Runner::native;
    request.bubblewrap = in.text();
    request.user_id = in.number();
    for (std::size_t left = in.count(kMaxItems); left > 0 && in.good(); --left) {
        command.argv.push_back(in.text());
    }
    for (std::size_t left = in.count(kMaxItems); left > 0 && in.good(); --left) {
        std::string name = in.text();
        command.environment[std::move(name)] = in.text();
    }
    command.tree = in.text();
    command.writable_tree = in.number() != 0;
    command.folder = in.text();
    for (std::size_t left = in.count(kMaxItems); left > 0 && in.good(); --left) {
        command.read_only.push_back(in.text());
    }
    command.report_file = in.text();
    unpack_limits(in, command.limits);
    if (!in.good() || command.argv.empty()) {
        return fail(Code::internal, "a request to the sandbox is broken");
    }
    return request;
}

std::string pack(const Answer& answer) {
    Packer out;
    out.number(static_cast<std::int64_t>(answer.fate));
    out.number(static_cast<std::int64_t>(answer.ending));
    out.number(answer.exit_code);
    out.number(answer.signal);
    out.number(answer.duration_us);
    out.number(answer.cpu_us);
    out.text(std::string_view(answer.message).substr(0, kMaxFailureBytes));
    return out.bytes();
}

Result<Answer> unpack_answer(std::string_view bytes) {
    Unpacker in(bytes);
    Answer answer;
    answer.fate = static_cast<Fate>(in.count(static_cast<std::size_t>(Fate::told_on_stderr)));
    answer.ending = static_cast<Ending>(in.count(static_cast<std::size_t>(Ending::not_started)));
    answer.exit_code = in.number();
    answer.signal = in.number();
    answer.duration_us = in.number();
    answer.cpu_us = in.number();
    answer.message = in.text();
    if (!in.good()) {
        return fail(Code::internal, "an answer of the sandbox is broken");
    }
    return answer;
}

}  // namespace credence::sandbox
