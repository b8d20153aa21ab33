// Any bytes handed to the MCP surface are answered once in every era, with JSON-RPC or with
// nothing.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/json.h"
#include "base/log.h"
#include "surface/mcp/mcp.h"
#include "surface/mcp/test_exchange.h"
#include "surface/mcp/test_server.h"

namespace {

using credence::surface::Mcp;
namespace mcp = credence::surface::mcp;
namespace test = credence::surface::test;

struct Target {
    Target() : mcp(server.mcp_parts()) {
        credence::log::set_level(credence::log::Level::off);
        caller.context.scopes = credence::Scopes::all();
    }
    test::TestServer server;
    Mcp mcp;
    mcp::Caller caller;
};

void check_answer(const std::string& answer) {
    if (!answer.empty()) {
        CHECK(credence::validate_json(answer).has_value(), answer);
        CHECK(answer.starts_with(R"({"jsonrpc":"2.0","id":)"), answer);
        CHECK(answer.find('\n') == std::string::npos, answer);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Target target;
    const auto parsed = mcp::parse_rpc({reinterpret_cast<const char*>(data), size});
    if (!parsed) {
        check_answer(mcp::rpc_failure(parsed.error().id, parsed.error().error));
        return 0;
    }
    if (parsed->kind == mcp::RpcMessage::Kind::response) {
        return 0;
    }
    for (const mcp::Revision revision : mcp::kRevisions) {
        target.caller.revision = revision;
        const auto exchange = std::make_shared<test::HeardExchange>();
        const auto request = target.mcp.handle(target.caller, *parsed, exchange);
        target.mcp.end_subscriptions();
        CHECK(exchange->answers().size() == 1, "every message is answered exactly once");
        check_answer(exchange->answers().front());
    }
    return 0;
}
