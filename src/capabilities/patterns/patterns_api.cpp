#include "api/host.h"
#include "base/json.h"
#include "capabilities/patterns/patterns.h"
#include "capabilities/patterns/patterns_prompts.h"
#include "capabilities/trust/agents.h"

namespace credence::patterns {

// Section [embeddings].
struct EmbeddingSettings {
    std::string url;
    std::string model;
    Secret key;
    std::int64_t dimension = 0;
    std::int64_t timeout_ms = 10'000;
    std::int64_t query_timeout_ms = 500;
    std::int64_t exact_up_to = 40'000;
};

void describe(Describe<EmbeddingSettings>& d) {
    d.field<&EmbeddingSettings::url>(
         "OpenAI-compatible server for embeddings, https://host/v1; empty: the built-in embedder")
        .or_default();
    d.field<&EmbeddingSettings::model>("Its model").or_default();
    d.field<&EmbeddingSettings::key>("Its API key").or_default();
    d.field<&EmbeddingSettings::dimension>("Numbers in a vector of the model")
        .between(0, 8192)
        .or_default();
    d.field<&EmbeddingSettings::timeout_ms>("How long a batch may take")
        .between(100, 600'000)
        .or_default();
    d.field<&EmbeddingSettings::query_timeout_ms>(
         "How long a query waits for its vector; then only words count")
        .between(10, 60'000)
        .or_default();
    d.field<&EmbeddingSettings::exact_up_to>(
         "Patterns of a tenant that are compared one by one; beyond, candidates are picked first")
        .between(0, 10'000'000)
        .or_default();
}

namespace {

constexpr std::int64_t kUpkeepMs = 6 * 3600 * 1000;
constexpr std::int64_t kEmbedMs = 5000;
constexpr int kEmbedAtOnce = 64;
constexpr std::int64_t kBatchBytes = 16 << 20;
constexpr const char* kRead = "patterns:read";
constexpr const char* kWrite = "patterns:write";
constexpr const char* kAdmin = "patterns:admin";

// What the module reads of the event of the same name.
struct RemovedNamespace {
    std::string name;
};

void describe(Describe<RemovedNamespace>& d) {
    d.field<&RemovedNamespace::name>("");
}

SearchOptions options_of(const EmbeddingSettings& settings) {
    SearchOptions options;
    options.query_timeout_ms = settings.query_timeout_ms;
    options.exact_up_to = static_cast<std::size_t>(settings.exact_up_to);
    if (!settings.url.empty()) {
        options.remote =
            llm::EmbeddingOptions{settings.url, settings.model, settings.key,
                                  static_cast<int>(settings.dimension), settings.timeout_ms};
    }
    return options;
}

Result<PatternSearch*> keep_search(Host& host) {
    const auto settings = TRY(host.settings<EmbeddingSettings>("embeddings"));
    auto opened =
        TRY(open_search(options_of(settings), host.database(), host.clock(), host.metrics()));
    PatternSearch& search = host.keep(std::move(opened));
    host.every({"patterns.embed", kEmbedMs, [&search]() -> Result<void> {
                    TRY(search.embed_pending(kEmbedAtOnce));
                    return {};
                }});
    return &search;
}

void serve_patterns(Host& host, Patterns& patterns) {
    host.serve<&Patterns::create>(patterns, "Store a pattern").post("/v1/patterns").needs(kWrite);
    host.serve<&Patterns::learn_pattern>(patterns, "Store what an agent learned, as text")
        .post("/v1/patterns/learned")
        .needs(kWrite)
        .core()
        .mcp_name("learn_pattern");
    host.serve<&Patterns::batch_create>(patterns, "Store many patterns, all or none")
        .post("/v1/patterns/batch")
        .needs(kWrite)
        .up_to_bytes(kBatchBytes)
        .positional("items", Positional::json_lines)
        .describe("The error tells what is wrong with each item, up to twenty of them.");
    host.serve<&Patterns::get>(patterns, "Show a pattern")
        .get("/v1/patterns/{pattern_id}")
        .needs(kRead)
        .positional("pattern_id")
        .resource("credence://patterns/{pattern_id}", "patterns.list");
    host.serve<&Patterns::list>(patterns, "List an agent's own patterns, the most credible first")
        .get("/v1/patterns")
        .needs(kRead);
    host.serve<&Patterns::search>(patterns, "Search patterns by words and by meaning")
        .post("/v1/patterns/search")
        .needs(kRead)
        .effect(Effect::read);
    host.serve<&Patterns::update>(patterns, "Change a pattern")
        .patch("/v1/patterns/{pattern_id}")
        .needs(kWrite)
        .positional("pattern_id")
        .describe("New pattern_data keeps only as much confidence as a new version would.");
    host.serve<&Patterns::delete_>(patterns, "Delete a pattern and its uses")
        .del("/v1/patterns/{pattern_id}")
        .needs(kWrite)
        .positional("pattern_id");
    host.serve<&Patterns::share>(patterns, "Share a pattern with an agent of the namespace")
        .post("/v1/patterns/{pattern_id}/shares")
        .needs(kWrite)
        .positional("pattern_id");
    host.serve<&Patterns::revoke>(patterns, "Take a shared pattern back from an agent")
        .del("/v1/patterns/{pattern_id}/shares/{with_agent_id}")
        .needs(kWrite)
        .positional("pattern_id");
    host.serve<&Patterns::create_version>(patterns, "Store the next version of a pattern")
        .post("/v1/patterns/{pattern_id}/versions")
        .needs(kWrite)
        .positional("pattern_id");
    host.serve<&Patterns::list_versions>(patterns, "List the versions of a pattern, newest first")
        .get("/v1/patterns/{pattern_id}/versions")
        .needs(kRead)
        .positional("pattern_id");
    host.serve<&Patterns::evolve>(patterns, "Make a new version by changing some fields")
        .post("/v1/patterns/{pattern_id}/evolution")
        .needs(kWrite)
        .positional("pattern_id")
        .mcp_name("evolve_pattern");
}

void serve_uses(Host& host, Patterns& patterns) {
    host.serve<&Patterns::apply_pattern>(patterns, "Find patterns for a task, and take one")
        .post("/v1/patterns/applications")
        .needs(kWrite)
        .core()
        .mcp_name("apply_pattern")
        .describe("Searching alone is not applying: a use is recorded only with `take`.");
    host.serve<&Patterns::use>(patterns, "Record that an agent used a pattern")
        .post("/v1/patterns/{pattern_id}/uses")
        .needs(kWrite)
        .positional("pattern_id")
        .not_idempotent()
        .describe(
            "What the agent says of success is counted apart; confidence moves when the "
            "use is verified (a claim with pattern_id) or confirmed by a human.");
    host.serve<&Patterns::confirm_use>(patterns, "Say, as a human, whether a use succeeded")
        .post("/v1/patterns/uses/{use_id}/confirmation")
        .needs(kAdmin)
        .positional("use_id");
    host.serve<&Patterns::recommend>(patterns, "Recommend patterns of others to an agent")
        .post("/v1/patterns/recommendations")
        .needs(kRead)
        .effect(Effect::read);
}

void serve_reports(Host& host, Patterns& patterns) {
    host.serve<&Patterns::get_analytics>(patterns, "Figures over patterns and their uses")
        .get("/v1/patterns/analytics")
        .needs(kRead)
        .mcp_name("get_pattern_analytics");
    host.serve<&Patterns::reliability>(patterns, "How far to rely on a pattern, and why")
        .get("/v1/patterns/{pattern_id}/reliability")
        .needs(kRead)
        .positional("pattern_id")
        .resource("credence://patterns/{pattern_id}/reliability", "patterns.list");
    host.serve<&Patterns::suggest_learning_opportunities>(patterns,
                                                          "What would be worth learning next")
        .get("/v1/patterns/opportunities")
        .needs(kRead)
        .mcp_name("suggest_learning_opportunities");
    host.serve<&Patterns::find_duplicates>(patterns, "Find patterns that say the same")
        .get("/v1/patterns/duplicates")
        .needs(kRead);
    host.serve<&Patterns::merge>(patterns, "Make one pattern part of another")
        .post("/v1/patterns/{pattern_id}/merge")
        .needs(kWrite)
        .positional("pattern_id");
    host.serve<&Patterns::find_mature>(patterns, "Find patterns that proved themselves")
        .get("/v1/patterns/mature")
        .needs(kRead)
        .mcp_name("find_mature_patterns");
    host.serve<&Patterns::promote>(patterns, "Propose a mature pattern as a skill")
        .post("/v1/patterns/{pattern_id}/promotion")
        .needs(kWrite)
        .positional("pattern_id")
        .mcp_name("promote_pattern_to_skill");
}

}  // namespace

Result<void> install(Host& host) {
    const auto settings = TRY(host.settings<PatternsSettings>("patterns"));
    PatternSearch* const search = TRY(keep_search(host));
    auto made = std::make_unique<Patterns>(PatternsParts{
        host.database(), host.clock(), host.ids(), host.find<trust::Gate>(), *search,
        [](store::Tx& tx, const Context& context, const std::string& agent_id) -> Result<void> {
            TRY(trust::Agents::speak_for(tx, context, agent_id));
            return {};
        },
        [](store::Tx& tx, const Context& context,
           const std::string& agent_id) -> Result<std::string> {
            return TRY(trust::Agents::find(tx, context, agent_id)).owner;
        },
        settings});
    Patterns& patterns = host.keep(std::move(made));
    host.find<trust::Listeners>().add(patterns);
    host.every({"patterns.upkeep", kUpkeepMs, [&patterns] { return patterns.upkeep(); }});
    host.events().subscribe(
        "patterns", {"namespace_removed"},
        [&patterns](store::Tx& tx, const store::StoredEvent& event) -> Result<void> {
            const auto removed = TRY(from_json<RemovedNamespace>(event.body.text));
            return patterns.drop_namespace(tx, event.tenant, removed.name);
        });
    serve_patterns(host, patterns);
    serve_uses(host, patterns);
    serve_reports(host, patterns);
    offer_prompts(host);
    return {};
}

}  // namespace credence::patterns
