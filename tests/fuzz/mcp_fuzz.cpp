// Any bytes handed to the MCP surface are answered once, with JSON-RPC or with nothing.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/json.h"
#include "base/log.h"
#include "surface/mcp/mcp.h"
#include "surface/mcp/test_server.h"

namespace {

struct Target {
    Target() : mcp(server.dispatcher()) {
        credence::log::set_level(credence::log::Level::off);
        context.scopes = credence::Scopes::all();
    }
    credence::surface::test::TestServer server;
    credence::surface::Mcp mcp;
    credence::Context context;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Target target;
    int calls = 0;
    std::string answer;
    target.mcp.handle(target.context, std::string_view(reinterpret_cast<const char*>(data), size),
                      [&](std::string text) {
                          answer = std::move(text);
                          ++calls;
                      });
    CHECK(calls == 1, "every message is answered exactly once");
    if (!answer.empty()) {
        CHECK(credence::validate_json(answer).has_value(), answer);
        CHECK(answer.starts_with(R"({"jsonrpc":"2.0","id":)"), answer);
        CHECK(answer.find('\n') == std::string::npos, answer);
    }
    return 0;
}
