// Wires the module: its settings, its parts, its operations, its periodic work.
#include "api/host.h"
#include "base/json.h"
#include "base/log.h"
#include "base/units.h"
#include "capabilities/skills/experiments/experiments.h"
#include "capabilities/skills/insight/anomaly_watch.h"
#include "capabilities/skills/insight/baseline_cache.h"
#include "capabilities/skills/live/skills_live.h"
#include "capabilities/skills/people/baselines.h"
#include "capabilities/skills/people/community.h"
#include "capabilities/skills/predict/predictor_shelf.h"
#include "capabilities/skills/record/query_mask.h"
#include "capabilities/skills/record/retention.h"
#include "capabilities/skills/record/session_rows.h"
#include "capabilities/skills/record/user_names.h"
#include "capabilities/skills/search/search_index.h"
#include "capabilities/skills/search/search_rows.h"
#include "capabilities/skills/skills.h"
#include "capabilities/skills/skills_prompts.h"
#include "capabilities/skills/state/exposition.h"
#include "capabilities/skills/state/ledger.h"
#include "capabilities/trust/signing_keys.h"

namespace credence::skills {

void describe(Describe<SkillsSettings>& d) {
    constexpr double kMaxDays = 36'500;
    d.field<&SkillsSettings::keep_invocations_days>(
         "Days that single invocations are kept; their figures stay; 0: for ever")
        .between(0, kMaxDays)
        .or_default();
    d.field<&SkillsSettings::keep_queries_days>(
         "Days that what users asked is kept (masked); 0: for ever")
        .between(0, kMaxDays)
        .or_default();
    d.field<&SkillsSettings::keep_hours_days>("Days that hourly figures are kept; 0: for ever")
        .between(0, kMaxDays)
        .or_default();
    d.field<&SkillsSettings::store_queries>("Whether to keep what users asked at all").or_default();
    d.field<&SkillsSettings::open_invocation_hours>(
         "Hours after which an invocation that never ended counts as abandoned")
        .between(1, 8'760)
        .or_default();
    d.field<&SkillsSettings::community_min_users>(
         "Nothing is told of what fewer users stand behind (k-anonymity)")
        .between(2, 1'000'000)
        .or_default();
    d.field<&SkillsSettings::exploration_share>(
         "Share of recommendations that try what is hardly known")
        .between(0, 1)
        .or_default();
    d.field<&SkillsSettings::anomaly_baseline_days>("Days that an hour is compared with")
        .between(1, 60)
        .or_default();
    d.field<&SkillsSettings::anomaly_false_discovery_rate>(
         "Share of false ones among the anomalies of a check, at most")
        .between(0.000001, 0.5)
        .or_default();
    d.field<&SkillsSettings::anomaly_check_seconds>(
         "Seconds between looks for a closed hour to check")
        .between(1, 3'600)
        .or_default();
    d.field<&SkillsSettings::live_keep_hours>(
         "Hours that messages of the live feed are kept to resume from; other events stay")
        .between(1, 8'760)
        .or_default();
    d.field<&SkillsSettings::live_interval_ms>("Milliseconds between messages of the live feed")
        .between(50, 60'000)
        .or_default();
}

namespace {

constexpr std::int64_t kFollowMs = 100;
constexpr std::int64_t kSearchMs = 5'000;
constexpr std::int64_t kSessionsMs = 10'000;
constexpr std::int64_t kRefreshMs = 30'000;
constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kHourMs = 3'600'000;

SkillsParts make_parts(Host& host, const SkillsSettings& settings) {
    return {.database = host.database(),
            .clock = host.clock(),
            .random = host.random(),
            .ids = host.ids(),
            .settings = settings};
}

Result<void> fill_parts(Host& host, SkillsParts& parts) {
    const SkillsSettings& settings = parts.settings;
    parts.ledger = &host.keep(
        std::make_unique<Ledger>(host.database(), host.clock(), host.metrics(), settings));
    auto names = TRY(UserNames::open(host.data_directory(), host.random()));
    parts.users = &host.keep(std::make_unique<UserNames>(std::move(names)));
    parts.mask = &host.keep(std::make_unique<QueryMask>(settings));
    parts.search =
        &host.keep(std::make_unique<SearchIndex>(host.database(), host.clock(), settings));
    auto trusted = TRY(trusted_keys_of(TRY(host.settings<CommunitySettings>("community"))));
    auto& keys = host.find<trust::SigningKeys>();
    parts.community = &host.keep(std::make_unique<Community>(CommunityParts{
        .database = host.database(),
        .clock = host.clock(),
        .settings = settings,
        .ledger = *parts.ledger,
        .key = parts.users->derived("community"),
        .trusted_keys = std::move(trusted),
        .signing_key = [&keys](const Context& context) { return keys.active(context); }}));
    parts.predictors =
        &host.keep(std::make_unique<PredictorShelf>(host.database(), host.clock(), settings));
    parts.baselines = &host.keep(
        std::make_unique<Baselines>(*parts.ledger, host.database(), host.clock(), settings));
    return {};
}

// What beside the service itself holds something of a user.
void join_erasure(SkillsParts& parts, Experiments& experiments) {
    parts.erasing = [&experiments](store::Tx& tx, std::string_view tenant,
                                   std::string_view user) -> Result<void> {
        TRY(experiments.forget_user(tx, tenant, user));
        return search_rows::forget_all(tx, tenant);
    };
    parts.erased = [&community = *parts.community, &predictors = *parts.predictors](
                       const std::string& tenant, std::string_view user) -> Result<void> {
        community.forget(tenant);
        return predictors.forget_user(tenant, user);
    };
}

// The fold of the log, its checkpoints, and what tells of it.
void schedule_fold(Host& host, const SkillsParts& parts, Exposition& exposition) {
    Ledger& ledger = *parts.ledger;
    host.every({"skills.follow", kFollowMs,
                [&ledger, &exposition, counted = std::make_shared<bool>(false)]() -> Result<void> {
                    // Not at the start: counting may mean to fold a log that a command filled.
                    if (!*counted) {
                        TRY(exposition.start());
                        *counted = true;
                    }
                    TRY(ledger.follow());
                    return exposition.refresh();
                }});
    host.every({"skills.checkpoint", kMinuteMs, [&ledger] { return ledger.checkpoint(); }});
    host.every(
        {"skills.sessions", kSessionsMs, [&exposition] { return exposition.refresh_sessions(); }});
    auto& live = host.keep(std::make_unique<SkillsLive>(parts));
    ledger.on_folded([&live](const std::string& tenant, std::int64_t) { live.folded(tenant); });
    host.every({"skills.live", parts.settings.live_interval_ms, [&live] { return live.tick(); }});
    host.every({"skills.live_upkeep", kHourMs, [&live] { return live.forget_old(); }});
    serve_live(host, live);
    host.on_stop([&ledger] {
        if (const auto saved = ledger.checkpoint(); !saved) {
            log::warning("skills: no checkpoint at the end", {{"error", saved.error().message}});
        }
    });
}

void schedule_upkeep(Host& host, const SkillsParts& parts) {
    host.every({"skills.search", kSearchMs, [&search = *parts.search] { return search.upkeep(); }});
    host.every({"skills.baselines", kRefreshMs,
                [&baselines = *parts.baselines] { return baselines.refresh(); }});
    host.every({"skills.community", kRefreshMs,
                [&community = *parts.community] { return community.refresh(); }});
    host.every({"skills.predictors", kHourMs,
                [&predictors = *parts.predictors] { return predictors.retrain_due(); }});
    host.every({"skills.retention", kHourMs, [parts]() -> Result<void> {
                    TRY(Retention(parts).run());
                    return {};
                }});
}

// What the module reads of the event of the same name.
struct RemovedNamespace {
    std::string name;
};

void describe(Describe<RemovedNamespace>& d) {
    d.field<&RemovedNamespace::name>("");
}

void follow_namespaces(Host& host) {
    host.events().subscribe("skills.namespaces", {"namespace_removed"},
                            [](store::Tx& tx, const store::StoredEvent& event) -> Result<void> {
                                const auto gone = TRY(from_json<RemovedNamespace>(event.body.text));
                                return session_rows::leave_namespace(tx, event.tenant, gone.name,
                                                                     event.seq);
                            });
}

void schedule_watch(Host& host, const SkillsParts& parts, Exposition& exposition) {
    auto& watch = host.keep(std::make_unique<AnomalyWatch>(
        host.database(), *parts.baselines, host.clock(), host.ids(),
        [&exposition](const std::string& tenant, const SkillAnomalyDetected& anomaly) {
            exposition.anomaly_detected(tenant, enumerator_of(anomaly.anomaly_type),
                                        anomaly.skill_name);
        }));
    host.every({"skills.anomalies", parts.settings.anomaly_check_seconds * kMsPerSecond,
                [&watch] { return watch.run(); }});
}

Experiments& install_experiments(Host& host, UserNames& users) {
    auto& experiments = host.keep(std::make_unique<Experiments>(
        ExperimentsParts{.database = host.database(),
                         .clock = host.clock(),
                         .key = users.derived("experiments"),
                         .user_hash = [&users](std::string_view tenant, std::string_view user_id) {
                             return users.hash(tenant, user_id);
                         }}));
    serve_experiments(host, experiments);
    host.every({"experiments.complete_ended", kMinuteMs,
                [&experiments] { return experiments.complete_ended(); }});
    return experiments;
}

}  // namespace

Result<void> install(Host& host) {
    const auto& settings =
        host.keep(std::make_unique<SkillsSettings>(TRY(host.settings<SkillsSettings>("skills"))));
    SkillsParts parts = make_parts(host, settings);
    TRY(fill_parts(host, parts));
    join_erasure(parts, install_experiments(host, *parts.users));
    auto& skills = host.keep(std::make_unique<Skills>(parts));
    serve_record(host, skills);
    serve_insight(host, skills);
    serve_search(host, skills);
    serve_people(host, skills);
    serve_predict(host, skills);
    serve_taxonomy(host, skills);
    serve_import(host, skills);
    offer_prompts(host);
    auto& exposition =
        host.keep(std::make_unique<Exposition>(host.database(), *parts.ledger, host.metrics()));
    schedule_fold(host, parts, exposition);
    schedule_upkeep(host, parts);
    schedule_watch(host, parts, exposition);
    follow_namespaces(host);
    return {};
}

}  // namespace credence::skills
