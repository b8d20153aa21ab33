#include "capabilities/guard/context/serve_context.h"

#include "api/host.h"
#include "capabilities/guard/context/conversation.h"
#include "capabilities/guard/context/tool_watch.h"

namespace credence::guard {

namespace {

constexpr const char* kRead = "guard:read";
constexpr const char* kWrite = "guard:write";
constexpr auto kTextBytes = static_cast<std::int64_t>(8 * kMaxTurnBytes);
constexpr std::int64_t kToolsBytes = 8 << 20;
constexpr std::int64_t kUpkeepMs = 600'000;

// What is read of the event of the same name.
struct NamespaceRemoved {
    std::string name;
};

void describe(Describe<NamespaceRemoved>& d) {
    d.field<&NamespaceRemoved::name>("");
}

void serve_conversations(Host& host, Conversation& conversation) {
    host.serve<&Conversation::scan>(conversation, "Judge a turn within its conversation")
        .post("/v1/guard/conversations/{conversation_id}/turns")
        .needs(kWrite)
        .not_idempotent()
        .up_to_bytes(kTextBytes)
        .positional("conversation_id");
    host.serve<&Conversation::get>(conversation, "Show how a conversation stands")
        .get("/v1/guard/conversations/{conversation_id}")
        .needs(kRead)
        .positional("conversation_id");
    host.serve<&Conversation::end>(conversation, "Forget a conversation")
        .del("/v1/guard/conversations/{conversation_id}")
        .needs(kWrite)
        .positional("conversation_id");
}

void serve_canaries(Host& host, Canary& canary) {
    host.serve<&Canary::create>(canary, "Make a token that proves a leak when it shows up")
        .post("/v1/guard/canaries")
        .needs(kWrite)
        .not_idempotent()
        .positional("purpose");
    host.serve<&Canary::check>(canary, "Look for leaked canaries in an output")
        .post("/v1/guard/canaries/check")
        .effect(Effect::read)
        .needs(kRead)
        .on(Lane::direct)
        .up_to_bytes(kTextBytes)
        .positional("text", Positional::file);
    host.serve<&Canary::list>(canary, "List canaries, newest first")
        .get("/v1/guard/canaries")
        .needs(kRead);
    host.serve<&Canary::revoke>(canary, "Stop looking for a canary")
        .del("/v1/guard/canaries/{canary_id}")
        .needs(kWrite)
        .positional("canary_id");
}

void serve_tools(Host& host, ToolWatch& watch) {
    host.serve<&ToolWatch::scan>(watch, "Judge a server's tools and notice those that changed")
        .post("/v1/guard/tools/scan")
        .needs(kWrite)
        .up_to_bytes(kToolsBytes)
        .within_ms(120'000)
        .positional("server_name");
    host.serve<&ToolWatch::approve>(watch, "Trust what a tool says of itself now")
        .post("/v1/guard/tools/approve")
        .needs(kWrite);
    host.serve<&ToolWatch::list>(watch, "List pinned tools").get("/v1/guard/tools").needs(kRead);
    host.serve<&ToolWatch::forget>(watch, "Forget a server's tools, or one of them")
        .post("/v1/guard/tools/forget")
        .needs(kWrite)
        .positional("server_name");
}

}  // namespace

Result<Canary*> serve_context(Host& host, TextJudge judge, const Thresholds& thresholds) {
    const auto settings = TRY(host.settings<ContextSettings>("guardcontext"));
    auto& conversation = host.keep(std::make_unique<Conversation>(ConversationParts{
        host.database(), host.clock(), host.random(), judge, thresholds, settings}));
    auto& canary = host.keep(std::make_unique<Canary>(
        CanaryParts{host.database(), host.clock(), host.ids(), host.random()}));
    auto& watch = host.keep(std::make_unique<ToolWatch>(
        ToolWatchParts{host.database(), host.clock(), judge, thresholds.flag, thresholds.block}));
    serve_conversations(host, conversation);
    serve_canaries(host, canary);
    serve_tools(host, watch);
    host.on_start([&host, &conversation, &canary]() -> Result<void> {
        // The guard's own key: whoever opens it first makes it.
        const std::string& directory = host.data_directory();
        VaultKey key = directory.empty()
                           ? VaultKey::ephemeral(host.random())
                           : TRY(VaultKey::open(directory + "/guard-vault.key", host.random()));
        conversation.start(key);
        return canary.start(std::move(key));
    });
    host.every({"guard.canaries", settings.refresh_ms, [&canary] { return canary.refresh(); }});
    host.every(
        {"guard.conversations", kUpkeepMs, [&conversation] { return conversation.upkeep(); }});
    host.events().subscribe(
        "guard.context_namespaces", {"namespace_removed"},
        [&conversation, &canary](store::Tx& tx, const store::StoredEvent& event) -> Result<void> {
            const auto gone = TRY(from_json<NamespaceRemoved>(event.body.text));
            TRY(conversation.forget(tx, event.tenant, gone.name));
            TRY(canary.forget(tx, event.tenant, gone.name));
            return tool_rows::forget(tx, event.tenant, gone.name);
        });
    return &canary;
}

}  // namespace credence::guard
