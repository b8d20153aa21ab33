#include "capabilities/skills/state/exposition.h"

#include <algorithm>
#include <limits>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "capabilities/skills/state/exposition_rows.h"

namespace credence::skills {
namespace {

constexpr std::string_view kInvocationsHelp = "Skills used, by how it went";
constexpr std::string_view kDurationHelp = "How long completed skills took";
constexpr std::string_view kRateHelp = "Share of a skill's invocations that were completed";
constexpr std::string_view kSessionsHelp = "Sessions that have not ended";
constexpr std::string_view kAnomaliesHelp = "Anomalies found";
constexpr std::string_view kOther = "other";

// One place of each family is left for "other"; a phase has two counters.
constexpr std::size_t kMaxPhaseSeries = Metrics::kMaxSeries / 2 - 1;
constexpr std::size_t kMaxSkillSeries = Metrics::kMaxSeries - 1;

void add_total(PhaseTotal& sum, const PhaseTotal& total) {
    sum.invocations += total.invocations;
    sum.completed += total.completed;
    sum.timed += total.timed;
    sum.duration_sum_seconds += total.duration_sum_seconds;
    for (std::size_t i = 0; i < sum.buckets.size(); ++i) {
        sum.buckets[i] += total.buckets[i];
    }
}

struct PhaseSeries {
    Counter& completed;
    Counter& not_completed;
    Histogram& duration;

    void set(const PhaseTotal& total) {
        completed.set(static_cast<std::uint64_t>(total.completed));
        not_completed.set(static_cast<std::uint64_t>(total.invocations - total.completed));
        duration.set(total.buckets, total.duration_sum_seconds);
    }
};

struct PhaseKey {
    std::string tenant;
    std::string skill;
    std::string phase;
    auto operator<=>(const PhaseKey&) const = default;
};

struct PhaseEntry {
    PhaseSeries series;
    std::uint64_t round = 0;  // when the tenant was last brought up to date
};

}  // namespace

struct Exposition::Impl {
    store::Database& database;
    Ledger& ledger;
    Metrics& metrics;

    std::mutex folded_mutex;
    std::set<std::string> folded;  // tenants, since the last refresh

    std::mutex mutex;  // of what follows
    std::uint64_t round = 0;
    std::map<PhaseKey, PhaseEntry> phases;
    std::map<std::pair<std::string, std::string>, NumberGauge*> rates;  // by tenant and skill
    std::map<std::string, PhaseTotal> others;                           // by tenant
    std::map<std::string, Gauge*> sessions;                             // by tenant

    PhaseSeries make_series(std::string_view tenant, std::string_view skill,
                            std::string_view phase);
    void set_phase(const PhaseKey& key, const PhaseTotal& total, PhaseTotal& other);
    void set_rate(const std::string& tenant, const SkillFigures& skill);
    void bring(const std::string& tenant, const SkillState& state);
    void clear_gone(const std::string& tenant, const SkillState& state);
    void bring_others();
};

PhaseSeries Exposition::Impl::make_series(std::string_view tenant, std::string_view skill,
                                          std::string_view phase) {
    Labels labels = {{"tenant", std::string(tenant)},
                     {"skill_name", std::string(skill)},
                     {"workflow_phase", std::string(phase)}};
    Histogram& duration =
        metrics.histogram("skill_duration_seconds", kDurationHelp, labels, kDurationBounds);
    labels.emplace_back("completed", "true");
    Counter& completed = metrics.counter("skill_invocations_total", kInvocationsHelp, labels);
    labels.back().second = "false";
    Counter& not_completed = metrics.counter("skill_invocations_total", kInvocationsHelp, labels);
    return {completed, not_completed, duration};
}

void Exposition::Impl::set_phase(const PhaseKey& key, const PhaseTotal& total, PhaseTotal& other) {
    auto found = phases.find(key);
    if (found == phases.end()) {
        if (phases.size() >= kMaxPhaseSeries) {
            add_total(other, total);
            return;
        }
        const std::string_view phase = key.phase.empty() ? "unknown" : std::string_view(key.phase);
        found = phases.emplace(key, PhaseEntry{make_series(key.tenant, key.skill, phase), 0}).first;
    }
    found->second.series.set(total);
    found->second.round = round;
}

void Exposition::Impl::set_rate(const std::string& tenant, const SkillFigures& skill) {
    PhaseTotal sum;
    for (const auto& [phase, total] : skill.phases) {
        add_total(sum, total);
    }
    auto found = rates.find({tenant, skill.name});
    if (found == rates.end()) {
        if (rates.size() >= kMaxSkillSeries || sum.invocations == 0) {
            return;
        }
        NumberGauge& gauge = metrics.number_gauge("skill_completion_rate", kRateHelp,
                                                  {{"tenant", tenant}, {"skill_name", skill.name}});
        found = rates.emplace(std::pair(tenant, skill.name), &gauge).first;
    }
    if (sum.invocations > 0) {
        found->second->set(static_cast<double>(sum.completed) /
                           static_cast<double>(sum.invocations));
    }
}

// What was erased altogether counts nothing any more.
void Exposition::Impl::clear_gone(const std::string& tenant, const SkillState& state) {
    for (auto entry = phases.lower_bound({tenant, "", ""});
         entry != phases.end() && entry->first.tenant == tenant; ++entry) {
        if (entry->second.round != round) {
            entry->second.series.set({});
        }
    }
    for (auto entry = rates.lower_bound({tenant, ""});
         entry != rates.end() && entry->first.first == tenant; ++entry) {
        if (!state.find(entry->first.second)) {
            entry->second->set(std::numeric_limits<double>::quiet_NaN());
        }
    }
}

void Exposition::Impl::bring(const std::string& tenant, const SkillState& state) {
    ++round;
    PhaseTotal other;
    for (const SkillFigures& skill : state.skills()) {
        for (const auto& [phase, total] : skill.phases) {
            set_phase({tenant, skill.name, phase}, total, other);
        }
        set_rate(tenant, skill);
    }
    clear_gone(tenant, state);
    if (other.invocations > 0 || others.contains(tenant)) {
        others[tenant] = other;
    }
}

void Exposition::Impl::bring_others() {
    if (others.empty()) {
        return;
    }
    PhaseTotal sum;
    for (const auto& [tenant, total] : others) {
        add_total(sum, total);
    }
    make_series(kOther, kOther, kOther).set(sum);
}

Exposition::Exposition(store::Database& database, Ledger& ledger, Metrics& metrics)
    : impl_(new Impl{.database = database,
                     .ledger = ledger,
                     .metrics = metrics,
                     .folded_mutex = {},
                     .folded = {},
                     .mutex = {},
                     .phases = {},
                     .rates = {},
                     .others = {},
                     .sessions = {}}) {
    ledger.on_folded([impl = impl_.get()](const std::string& tenant, std::int64_t) {
        const std::scoped_lock lock(impl->folded_mutex);
        impl->folded.insert(tenant);
    });
}

Exposition::~Exposition() = default;

Result<void> Exposition::start() {
    for (const std::string& tenant : TRY(impl_->ledger.tenants())) {
        const std::scoped_lock lock(impl_->folded_mutex);
        impl_->folded.insert(tenant);
    }
    TRY(refresh());
    const auto found = TRY(impl_->database.read([](store::Tx& tx) {
        return exposition_rows::anomalies(tx, static_cast<std::int64_t>(Metrics::kMaxSeries));
    }));
    for (const auto& row : found) {
        impl_->metrics
            .counter("anomalies_detected_total", kAnomaliesHelp,
                     {{"tenant", row.tenant},
                      {"anomaly_type", row.anomaly_type},
                      {"skill_name", row.skill_name}})
            .add(static_cast<std::uint64_t>(row.anomalies));
    }
    return refresh_sessions();
}

Result<void> Exposition::refresh() {
    std::set<std::string> tenants;
    {
        const std::scoped_lock lock(impl_->folded_mutex);
        tenants.swap(impl_->folded);
    }
    for (const std::string& tenant : tenants) {
        TRY(impl_->ledger.read(tenant, [&](const SkillState& state) -> Result<void> {
            const std::scoped_lock lock(impl_->mutex);
            impl_->bring(tenant, state);
            return {};
        }));
    }
    if (!tenants.empty()) {
        const std::scoped_lock lock(impl_->mutex);
        impl_->bring_others();
    }
    return {};
}

Result<void> Exposition::refresh_sessions() {
    const auto open = TRY(impl_->database.read([](store::Tx& tx) {
        return exposition_rows::open_sessions(tx, static_cast<std::int64_t>(Metrics::kMaxSeries));
    }));
    const std::scoped_lock lock(impl_->mutex);
    for (const auto& [tenant, gauge] : impl_->sessions) {
        gauge->set(0);
    }
    for (const auto& row : open) {
        Gauge*& gauge = impl_->sessions[row.tenant];
        if (gauge == nullptr) {
            gauge = &impl_->metrics.gauge("skill_active_sessions", kSessionsHelp,
                                          {{"tenant", row.tenant}});
        }
        gauge->set(row.sessions);
    }
    return {};
}

void Exposition::anomaly_detected(std::string_view tenant, std::string_view type,
                                  std::string_view skill) {
    impl_->metrics
        .counter("anomalies_detected_total", kAnomaliesHelp,
                 {{"tenant", std::string(tenant)},
                  {"anomaly_type", std::string(type)},
                  {"skill_name", std::string(skill)}})
        .add();
}

}  // namespace credence::skills
