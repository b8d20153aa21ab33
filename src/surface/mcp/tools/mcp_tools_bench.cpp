// What the tools cost in process, without transport: `mcp_tools_bench`. 300 operations.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "base/log.h"
#include "surface/mcp/protocol/request.h"
#include "surface/mcp/test_server.h"
#include "surface/mcp/tools/catalogue_tools.h"
#include "surface/mcp/tools/operation_index.h"
#include "surface/mcp/tools/operation_index_fixture.h"

namespace credence::surface::mcp {
namespace {

constexpr int kOperations = 300;
constexpr int kCore = 6;
constexpr int kRounds = 5;

class Silent final : public Exchange {
public:
    void notify(std::string) override {}
    void ask(std::string_view, std::string, std::function<void(Outcome)> done) override {
        done(std::unexpected(RpcError{}));
    }
    void answer(std::string message, std::optional<RpcCode>) override { bytes += message.size(); }
    void pause(std::int64_t) override {}
    std::size_t bytes = 0;
};

std::vector<Operation> many() {
    std::vector<Operation> out;
    for (int i = 0; i < kOperations; ++i) {
        out.push_back(test::make_operation("many", "tool" + std::to_string(i)));
        out.back().core = i < kCore;
    }
    return out;
}

// The best of some rounds: what it costs when nothing else runs.
template <class Work>
void measure(const char* what, int times, Work work) {
    double best = 0;
    for (int round = 0; round < kRounds; ++round) {
        const auto start = std::chrono::steady_clock::now();
        for (int i = 0; i < times; ++i) {
            work();
        }
        const std::chrono::duration<double, std::nano> took =
            std::chrono::steady_clock::now() - start;
        const double each = took.count() / times;
        best = round == 0 ? each : std::min(best, each);
    }
    std::printf("%-44s %12.0f ns\n", what, best);
}

class Bench {
public:
    explicit Bench(McpProfile profile) : server_(many()) {
        settings_.profile = profile;
        caller_.context.scopes = Scopes::all();
        tools_ = std::make_unique<CatalogueTools>(
            ToolParts{.dispatcher = server_.dispatcher(), .settings = settings_, .clock = clock_});
    }
    void list(const char* what) {
        std::size_t bytes = 0;
        measure(what, 200, [&] {
            std::vector<std::string> out;
            tools_->tools(caller_, out);
            bytes = 0;
            for (const std::string& tool : out) {
                bytes += tool.size() + 1;
            }
        });
        std::printf("%-44s %12zu bytes\n", what, bytes);
    }
    void call(const char* what, std::string_view name, std::string_view params) {
        const Members members = Members::parse(params).value_or(Members());
        const auto exchange = std::make_shared<Silent>();
        measure(what, 2'000, [&] {
            RpcMessage message;
            message.id = "1";
            message.method = "tools/call";
            message.params = members;
            const auto request = std::make_shared<Request>(
                Request::Parts{caller_, std::move(message), exchange, nullptr, 0});
            tools_->call_tool(name, request);
        });
    }

private:
    test::TestServer server_;
    ManualClock clock_{0};
    McpSettings settings_;
    Caller caller_;
    std::unique_ptr<CatalogueTools> tools_;
};

void search_published() {
    const testing::PublishedCatalogue catalogue = testing::published_catalogue();
    const auto requests = testing::labelled_requests();
    std::vector<OperationText> texts = catalogue.texts;
    while (texts.size() < kOperations) {  // as many as the limit is stated for
        texts.push_back(texts[texts.size() - catalogue.texts.size()]);
    }
    const OperationIndex index(texts);
    std::size_t next = 0;
    measure("search of 300 operations, labelled requests", static_cast<int>(requests.size()), [&] {
        index.search(requests[next++ % requests.size()].request, 5,
                     [](std::size_t) { return true; });
    });
}

}  // namespace
}  // namespace credence::surface::mcp

int main() {
    using credence::surface::McpProfile;
    using credence::surface::mcp::Bench;
    credence::log::set_level(credence::log::Level::off);
    Bench full(McpProfile::full);
    Bench core(McpProfile::core);
    full.list("tools/list, full");
    core.list("tools/list, core");
    core.call("call of a trivial operation", "many_tool7",
              R"({"name":"many_tool7","arguments":{"text":"a"}})");
    core.call("the same by call_operation", "call_operation",
              R"({"arguments":{"name":"many_tool7","arguments":{"text":"a"}}})");
    core.call("find_operations", "find_operations",
              R"({"arguments":{"query":"say tool number seven"}})");
    credence::surface::mcp::search_published();
    return 0;
}
