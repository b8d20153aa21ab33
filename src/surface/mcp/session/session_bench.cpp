// What an idle session costs: resident memory of 10,000 of them.
//
//   mcp_session_bench [--most BYTES]     fails when one costs more (default 20480)
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "surface/mcp/session/sessions.h"

namespace credence::surface::mcp {
namespace {

constexpr std::int64_t kSessions = 10'000;

// Resident memory of this process (proc(5), statm).
std::int64_t resident_bytes() {
    std::ifstream in("/proc/self/statm");
    std::int64_t size = 0;
    std::int64_t resident = 0;
    in >> size >> resident;
    return resident * ::sysconf(_SC_PAGESIZE);
}

int run(std::int64_t most_bytes) {
    const SystemClock clock;
    SystemRandom random;
    McpSettings settings;
    settings.max_sessions = kSessions;
    Notices notices;
    Sessions sessions(settings, clock, random);
    Context context;
    context.tenant = "default";
    context.actor = "01890a5d-ac96-774b-bcce-b302099a8057";
    const auto before = resident_bytes();
    for (std::int64_t i = 0; i < kSessions; ++i) {
        auto session =
            sessions.create(context, {Revision::r2025_11_25, {}, "a client of the usual kind"});
        if (!session) {
            std::fprintf(stderr, "%s\n", session.error().message.c_str());
            return 1;
        }
        // As after a usual beginning: the standalone stream was there and said something.
        (*session)->open_standalone([](std::int64_t) {
            return Carrier{nullptr, std::make_shared<std::atomic<bool>>(true)};
        });
        (*session)->send_standalone(rpc_notification("notifications/tools/list_changed", {}));
        (*session)->client().listen(notices, [held = std::weak_ptr(*session)](const Notice&) {});
    }
    const std::int64_t each = (resident_bytes() - before) / kSessions;
    std::printf("idle MCP session: %lld bytes (at most %lld)\n", static_cast<long long>(each),
                static_cast<long long>(most_bytes));
    return each <= most_bytes ? 0 : 1;
}

}  // namespace
}  // namespace credence::surface::mcp

int main(int argc, char** argv) {
    const bool given = argc == 3 && std::string_view(argv[1]) == "--most";
    return credence::surface::mcp::run(given ? std::atoll(argv[2]) : 20'480);
}
