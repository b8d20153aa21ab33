#include "surface/mcp/session/stdio.h"

#include <poll.h>

#include <memory>
#include <string_view>

#include "surface/mcp/session/line_reader.h"
#include "surface/mcp/session/stdio_session.h"

namespace credence::surface {
namespace {

constexpr int kQuietMs = 1'000;  // between looks at questions nobody answers

}  // namespace

int serve_mcp_stdio(Mcp& mcp, Dispatcher& dispatcher, int input, int output, StdioLimits limits) {
    const auto session = std::make_shared<mcp::StdioSession>(mcp, dispatcher, output, limits);
    mcp::LineReader lines(input, limits.max_line_bytes);
    std::string_view line;
    using Line = mcp::LineReader::Line;
    for (Line read = lines.next(line); read != Line::end && !session->broken();
         read = lines.next(line)) {
        if (read == Line::ok) {
            session->take(line);
        } else if (read == Line::too_long) {
            session->refuse_long_line();
        } else {
            session->flush();
            pollfd wait{input, POLLIN, 0};
            if (::poll(&wait, 1, kQuietMs) == 0) {
                session->expire();
                continue;
            }
            lines.fill();
        }
    }
    session->end();
    return session->broken() ? 1 : 0;
}

}  // namespace credence::surface
