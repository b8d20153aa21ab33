// The fold as Prometheus metrics, equal to it after each refresh, also right after a start:
//
//   skill_invocations_total{tenant,skill_name,workflow_phase,completed}  counter
//   skill_duration_seconds{tenant,skill_name,workflow_phase}             histogram of completed
//   ones skill_completion_rate{tenant,skill_name}                             gauge, 0 to 1
//   skill_active_sessions{tenant}                                        gauge
//   anomalies_detected_total{tenant,anomaly_type,skill_name}             counter
//
// A phase that is not known is "unknown". After an erasure counters are smaller: a scraper takes
// that for a restart. Series are given out in the order of appearance; when a family has about
// Metrics::kMaxSeries, further skills and phases are added up in the series with tenant, skill
// and phase "other" (the rate, which cannot be added, is left out).
//
// Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/metrics.h"
#include "base/result.h"
#include "capabilities/skills/state/ledger.h"
#include "engine/store/database.h"

namespace credence::skills {

class Exposition {
public:
    // Listens to the ledger, so: before the ledger is first read. Both outlive the last fold.
    Exposition(store::Database& database, Ledger& ledger, Metrics& metrics);
    ~Exposition();

    // Reads every tenant's figures, folding what their checkpoints lack, and counts anomalies of
    // the store. At the start, on a thread that may wait for the store.
    Result<void> start();

    // Brings what was folded since the last call to the metrics. After each Ledger::follow().
    Result<void> refresh();

    // Counts open sessions; some ms with many. Every ten seconds or so.
    Result<void> refresh_sessions();

    // One was found and stored.
    void anomaly_detected(std::string_view tenant, std::string_view type, std::string_view skill);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace credence::skills
