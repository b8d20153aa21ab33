#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "surface/mcp/json_rpc.h"
#include "surface/mcp/mcp.h"

namespace credence::surface {
namespace {

// Calls that may be unanswered at once; further input waits.
constexpr int kMaxInFlight = 16;

enum class Line : std::uint8_t { ok, too_long, end };

// Reads up to the next newline. A line beyond the limit is skipped to its end, so that the next one
// is read as a message of its own.
Line read_line(std::streambuf& in, std::string& line) {
    constexpr auto kEnd = std::char_traits<char>::eof();
    line.clear();
    bool too_long = false;
    for (auto next = in.sbumpc();; next = in.sbumpc()) {
        if (next == kEnd || next == '\n') {
            if (next == kEnd && line.empty() && !too_long) {
                return Line::end;
            }
            return too_long ? Line::too_long : Line::ok;
        }
        if (line.size() == kMaxMessageBytes) {
            too_long = true;
            continue;
        }
        line += std::char_traits<char>::to_char_type(next);
    }
}

// Owns the output stream for the session and counts what is still to be answered.
class Session {
public:
    explicit Session(std::ostream& out) : out_(out) {}

    void begin() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return in_flight_ < kMaxInFlight; });
        ++in_flight_;
    }

    // Writes the answer, unless empty, and ends what begin() began.
    void finish(std::string answer) {
        // A newline between two tokens is valid JSON and would break the framing.
        std::ranges::replace(answer, '\n', ' ');
        std::ranges::replace(answer, '\r', ' ');
        const std::scoped_lock lock(mutex_);
        if (!answer.empty()) {
            answer += '\n';
            out_.write(answer.data(), static_cast<std::streamsize>(answer.size()));
            out_.flush();
        }
        --in_flight_;
        changed_.notify_all();
    }

    void wait_for_all() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return in_flight_ == 0; });
    }

    bool broken() {
        const std::scoped_lock lock(mutex_);
        return !out_.good();
    }

private:
    std::ostream& out_;
    std::mutex mutex_;
    std::condition_variable changed_;
    int in_flight_ = 0;
};

// What a client hears that was not admitted; only requests are answered.
std::string refusal(std::string_view line, const Error& error) {
    const auto parsed = parse_rpc(line);
    if (!parsed) {
        return rpc_failure(parsed.error().id, parsed.error().error);
    }
    if (parsed->kind != RpcMessage::Kind::request) {
        return {};
    }
    std::string data;
    append_error_json(error, data);
    return rpc_failure(parsed->id, {RpcCode::internal_error, error.message, std::move(data)});
}

}  // namespace

int serve_mcp_stdio(Dispatcher& dispatcher, std::istream& in, std::ostream& out) {
    Mcp mcp(dispatcher);
    Session session(out);
    Credentials credentials;
    credentials.surface = "mcp";
    credentials.local = true;
    std::string line;
    for (Line read = read_line(*in.rdbuf(), line); read != Line::end && !session.broken();
         read = read_line(*in.rdbuf(), line)) {
        if (read == Line::ok && trim(line).empty()) {
            continue;
        }
        session.begin();
        if (read == Line::too_long) {
            session.finish(rpc_failure(
                "null", {RpcCode::invalid_request,
                         "a message has at most " + std::to_string(kMaxMessageBytes) + " bytes",
                         {}}));
            continue;
        }
        auto admission = dispatcher.admit(credentials);
        if (!admission) {
            session.finish(refusal(line, admission.error()));
            continue;
        }
        mcp.handle(admission->context, line,
                   [&session](std::string answer) { session.finish(std::move(answer)); });
    }
    session.wait_for_all();
    return session.broken() ? 1 : 0;
}

}  // namespace credence::surface
