#include "api/host.h"
#include "base/log.h"
#include "base/memory.h"
#include "capabilities/guard/aidefence.h"
#include "capabilities/guard/context/scanner_judge.h"
#include "capabilities/guard/context/serve_context.h"
#include "capabilities/guard/guard.h"
#include "capabilities/guard/guard_prompts.h"
#include "capabilities/guard/memory/memory.h"
#include "capabilities/guard/tool/tool.h"

namespace credence::guard {

namespace {

constexpr auto kTextBytes = static_cast<std::int64_t>(8 * kMaxScanBytes);
constexpr std::int64_t kMediaBytes = 32 << 20;
constexpr std::int64_t kBatchBytes = 64 << 20;
constexpr std::int64_t kBatchMs = 600'000;

void serve_scans(Host& host, Guard& guard) {
    host.serve<&Guard::scan>(guard, "Judge a text for prompt attacks, harmful code and secrets")
        .post("/v1/guard/scan")
        .effect(Effect::read)
        .needs("guard:read")
        .on(Lane::direct)
        .up_to_bytes(kMediaBytes)
        .core()
        .positional("text", Positional::file);
    host.serve<&Guard::scan_batch>(guard, "Judge many texts")
        .post("/v1/guard/batches")
        .effect(Effect::read)
        .needs("guard:read")
        .on(Lane::background)
        .within_ms(kBatchMs)
        .up_to_bytes(kBatchBytes)
        .positional("items", Positional::json_lines);
    host.serve<&Guard::explain>(guard, "Say step by step why a text is judged as it is")
        .post("/v1/guard/explanations")
        .effect(Effect::read)
        .needs("guard:read")
        .on(Lane::direct)
        .up_to_bytes(kMediaBytes)
        .positional("text", Positional::file);
    host.serve<&Guard::is_safe>(guard, "Say whether a text may pass")
        .post("/v1/guard/is_safe")
        .effect(Effect::read)
        .needs("guard:read")
        .on(Lane::direct)
        .up_to_bytes(kTextBytes)
        .positional("text", Positional::file);
    host.serve<&Guard::has_pii>(guard, "Say whether a text holds personal data or secrets")
        .post("/v1/guard/has_pii")
        .effect(Effect::read)
        .needs("guard:read")
        .on(Lane::direct)
        .up_to_bytes(kTextBytes)
        .positional("text", Positional::file);
    host.serve<&Guard::evaluate>(guard, "Measure recall and false positives on labelled texts")
        .post("/v1/guard/evaluate")
        .effect(Effect::read)
        .needs("guard:read")
        .on(Lane::background)
        .within_ms(kBatchMs)
        .up_to_bytes(8 << 20)
        .positional("samples", Positional::json_lines);
}

void serve_cleaning(Host& host, Guard& guard) {
    host.serve<&Guard::sanitise>(guard, "Mask values and cut attacks out of a text")
        .post("/v1/guard/sanitise")
        .needs("guard:write")
        .up_to_bytes(kTextBytes)
        .positional("text", Positional::file);
    host.serve<&Guard::unmask>(guard, "Put values back where their masks stand")
        .post("/v1/guard/unmask")
        .effect(Effect::read)
        .needs("guard:unmask")
        .up_to_bytes(kTextBytes)
        .positional("text", Positional::file);
    host.serve<&Guard::erase_vault>(guard, "Forget all values of a vault")
        .del("/v1/guard/vaults/{vault_id}")
        .needs("guard:write")
        .positional("vault_id");
}

void serve_rules(Host& host, Guard& guard) {
    host.serve<&Guard::rules>(guard, "List the detection rules in force")
        .get("/v1/guard/rules")
        .needs("guard:read")
        .on(Lane::direct);
    host.serve<&Guard::packs>(guard, "List the rule packs")
        .get("/v1/guard/packs")
        .needs("guard:read")
        .on(Lane::direct);
    host.serve<&Guard::reload_packs>(guard, "Read your own rule packs again")
        .post("/v1/guard/packs/reload")
        .within_ms(120'000)
        .needs("guard:admin");
    host.serve<&Guard::set_pack>(guard, "Switch a rule pack on or off")
        .put("/v1/guard/packs/{name}")
        .needs("guard:admin")
        .positional("name");
    host.serve<&Guard::get_policy>(guard, "Show what is done about findings")
        .get("/v1/guard/policy")
        .needs("guard:read");
    host.serve<&Guard::set_policy>(guard, "Say what is to be done about findings")
        .put("/v1/guard/policy")
        .needs("guard:admin");
    host.serve<&Guard::set_features>(guard, "Switch parts of the guard on or off")
        .put("/v1/guard/features")
        .needs("guard:admin");
}

void serve_records(Host& host, Guard& guard) {
    host.serve<&Guard::feedback>(guard, "Say whether a verdict was right")
        .post("/v1/guard/feedback")
        .needs("guard:write")
        .up_to_bytes(kTextBytes);
    host.serve<&Guard::list_feedback>(guard, "List what people said about verdicts")
        .get("/v1/guard/feedback")
        .needs("guard:read");
    host.serve<&Guard::list_detections>(guard, "List texts that were not simply allowed")
        .get("/v1/guard/detections")
        .needs("guard:read");
    host.serve<&Guard::stats>(guard, "Show counts, latencies and precision")
        .get("/v1/guard/stats")
        .needs("guard:read");
}

Result<GuardSettings> settings_of(Host& host) {
    auto settings = TRY(host.settings<GuardSettings>("guard"));
    const Variables variables = process_variables();
    TRY(apply_variables(variables, settings));
    TRY(check_settings(settings));
    if (const auto level = TRY(log_level_of(variables))) {
        log::set_level(*level);
    }
    return settings;
}

// Null when there is none that fits the rules: then they judge alone, and the log says so.
const Model* model_of(Host& host, const RuleSet& rules) {
    auto model = Model::load_embedded(rules.signal_names());
    if (!model) {
        log::error("learned model not loaded", {{"error", model.error().message}});
        return nullptr;
    }
    return &host.keep(std::move(*model));
}

}  // namespace

Result<void> install(Host& host) {
    const GuardSettings settings = TRY(settings_of(host));
    auto& packs =
        host.keep(TRY(RulePacks::open({settings.packs_directory, settings.disabled_packs})));
    for (const std::string& error : packs.errors()) {
        log::error("rule pack not taken", {{"error", error}});
    }
    GuardParts parts{settings, host.clock(), host.metrics(), &packs};
    parts.model = model_of(host, *packs.rules());
    parts.memory = TRY(serve_memory(host));
    parts.reads_media = true;
    parts.database = &host.database();
    parts.ids = &host.ids();
    parts.random = &host.random();
    parts.data_directory = host.data_directory();
    auto& guard = host.keep(std::make_unique<Guard>(parts));
    serve_scans(host, guard);
    serve_cleaning(host, guard);
    serve_rules(host, guard);
    serve_records(host, guard);
    serve_aidefence(host, guard);
    offer_prompts(host);
    TRY(tool::serve_tool(host));
    guard.watch_for(*TRY(serve_context(host, judge_by(guard.scanner()),
                                       {settings.flag_threshold, settings.block_threshold})));
    host.on_start([&guard] {
        release_free_heap();  // loading the rules leaves megabytes of it
        return guard.start();
    });
    host.on_stop([&guard] {
        if (const auto flushed = guard.flush(); !flushed) {
            log::error("detections lost", {{"error", flushed.error().message}});
        }
    });
    host.every({"guard.refresh", settings.refresh_ms, [&guard] { return guard.refresh(); }});
    host.every({"guard.detections", Guard::kFlushMs, [&guard] { return guard.flush(); }});
    host.every({"guard.upkeep", Guard::kUpkeepMs, [&guard] { return guard.upkeep(); }});
    return {};
}

}  // namespace credence::guard
