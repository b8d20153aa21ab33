#include "api/host.h"
#include "capabilities/guard/memory/memory.h"

namespace credence::guard {
namespace {

constexpr const char* kRead = "guard:read";
constexpr const char* kWrite = "guard:write";
constexpr std::int64_t kFeedBytes = 64 << 20;
constexpr std::int64_t kFlushMs = 5'000;
constexpr std::int64_t kMaintainMs = 10'000;

// What is read of the event of the same name.
struct NamespaceRemoved {
    std::string name;
};

void describe(Describe<NamespaceRemoved>& d) {
    d.field<&NamespaceRemoved::name>("");
}

void serve_operations(Host& host, Memory& memory) {
    host.serve<&Memory::add>(memory, "Remember a confirmed threat")
        .post("/v1/guard/memory/threats")
        .needs(kWrite);
    host.serve<&Memory::search>(memory, "Find known threats near a text")
        .post("/v1/guard/memory/search")
        .effect(Effect::read)
        .needs(kRead)
        .positional("text");
    host.serve<&Memory::get>(memory, "Show a known threat")
        .get("/v1/guard/memory/threats/{threat_id}")
        .needs(kRead)
        .positional("threat_id");
    host.serve<&Memory::list>(memory, "List known threats, oldest first")
        .get("/v1/guard/memory/threats")
        .needs(kRead);
    host.serve<&Memory::delete_>(memory, "Forget a threat")
        .del("/v1/guard/memory/threats/{threat_id}")
        .needs(kWrite)
        .positional("threat_id");
    host.serve<&Memory::import_>(memory, "Remember the confirmed threats of a feed, all or none")
        .post("/v1/guard/memory/import")
        .needs(kWrite)
        .within_ms(120'000)
        .up_to_bytes(kFeedBytes)
        .positional("items", Positional::json_lines);
    host.serve<&Memory::export_>(memory, "Give known threats out as a feed")
        .get("/v1/guard/memory/export")
        .needs(kRead)
        .within_ms(120'000);
    host.serve<&Memory::stats>(memory, "Show the state of the threat memory")
        .get("/v1/guard/memory/stats")
        .needs(kRead)
        .on(Lane::direct);
}

}  // namespace

Result<Memory*> serve_memory(Host& host) {
    const auto settings = TRY(host.settings<MemorySettings>("guardmemory"));
    if (!ThreatEmbedder::is_dimension(static_cast<std::size_t>(settings.dimension))) {
        return fail(Code::invalid, "dimension must be a multiple of 64 from 256 to 4096",
                    "guardmemory.dimension");
    }
    const MemoryParts parts{host.database(), host.clock(), host.ids(), host.metrics()};
    Memory& memory = host.keep(std::make_unique<Memory>(parts, settings));
    serve_operations(host, memory);
    host.on_start([&memory] { return memory.load(); });
    host.every({"guard.memory_hits", kFlushMs, [&memory] { return memory.flush_hits(); }});
    host.every({"guard.memory_upkeep", kMaintainMs, [&memory] { return memory.maintain(); }});
    host.on_stop([&memory] { static_cast<void>(memory.flush_hits()); });
    host.events().subscribe(
        "guard.memory_namespaces", {"namespace_removed"},
        [&memory](store::Tx& tx, const store::StoredEvent& event) -> Result<void> {
            const auto gone = TRY(from_json<NamespaceRemoved>(event.body.text));
            return memory.forget(tx, {event.tenant, gone.name});
        });
    return &memory;
}

}  // namespace credence::guard
