// The predictors of the tenants: trained from the log, kept by version in the store, the newest of
// each in memory while it is asked.
//
// A predictor knows what was known when it was trained; training again brings it up to date. Of a
// user it holds sums under 64 bits of the keyed hash. forget_user() takes these out of every stored
// version, weights and sums over everybody stay; a version that fewer than community_min_users
// users stand behind is dropped whole, for there the sums are nearly the person.
// Thread-safe; at most kMaxTenants are in memory, the one idle longest leaves.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/context.h"
#include "base/clock.h"
#include "base/result.h"
#include "capabilities/skills/predict/prediction.h"
#include "capabilities/skills/predict/training.h"
#include "capabilities/skills/skills_parts.h"
#include "engine/store/database.h"
#include "stats/predict/predictor.h"

namespace credence::skills {

// What is asked of a predictor.
struct PredictionQuestion {
    std::string skill_name;
    std::string workflow_phase;  // empty: unknown
    std::string user_hash;       // likewise
};

struct PredictorAnswer {
    std::int64_t version = 0;
    std::int64_t trained_at_us = 0;
    stats::Estimate estimate;
    std::vector<stats::Contribution> contributions;
    PredictorEvaluation evaluation;
};

class PredictorShelf {
public:
    static constexpr std::int64_t kMaxOutcomes = 500'000;  // the newest of the window
    static constexpr std::int64_t kMaxVersions = 5;        // kept
    static constexpr std::size_t kMaxTenants = 16;         // in memory
    static constexpr std::int64_t kRetrainAfterUs = 86'400'000'000;
    static constexpr std::int64_t kMaxRetrained = 4;  // tenants, in one call of retrain_due()

    PredictorShelf(store::Database& database, const Clock& clock, const SkillsSettings& settings)
        : database_(database), clock_(clock), settings_(settings) {}

    // Code::conflict as train() says, and where the log was being erased from meanwhile.
    Result<PredictorVersion> train(const Context& context, std::int64_t days);
    // Trains anew, over as many days as before, those that were trained and are a day old; the
    // tenants that have too little now are left as they are.
    Result<void> retrain_due();

    // Code::not_found.
    Result<PredictorVersion> about(const std::string& tenant,
                                   std::optional<std::int64_t> version) const;
    // nullopt: nothing was trained yet.
    Result<std::optional<PredictorAnswer>> ask(const std::string& tenant,
                                               const PredictionQuestion& question);

    Result<void> forget_user(const std::string& tenant, std::string_view user_hash);

private:
    // In memory; answering takes outcomes in whose time came, hence the lock.
    struct Served {
        PredictorVersion about;
        std::mutex mutex;
        stats::Predictor predictor;
    };
    struct Kept {
        std::shared_ptr<Served> served;
        std::int64_t asked_at_us = 0;
    };

    Result<std::vector<TrainingRow>> read_log(const std::string& tenant, std::int64_t since_us);
    Result<std::shared_ptr<Served>> newest(const std::string& tenant);
    Result<std::shared_ptr<Served>> load(const std::string& tenant);
    Result<PredictorVersion> store(const Context& context, const TrainedPredictor& trained,
                                   std::optional<std::int64_t> epoch);
    Result<void> forget_in(const std::string& tenant, std::int64_t version, std::uint64_t user);
    std::uint64_t erasures() const;

    store::Database& database_;
    const Clock& clock_;
    const SkillsSettings& settings_;
    mutable std::mutex mutex_;  // of what follows
    std::map<std::string, Kept> kept_;
    std::uint64_t erasures_ = 0;
};

}  // namespace credence::skills
