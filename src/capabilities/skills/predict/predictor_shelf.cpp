#include "capabilities/skills/predict/predictor_shelf.h"

#include <algorithm>
#include <limits>
#include <unordered_map>

#include "base/json.h"
#include "base/text.h"
#include "base/units.h"
#include "capabilities/skills/predict/predictor_rows.h"

namespace credence::skills {
namespace {

constexpr std::int64_t kRowsOfStep = 20'000;
constexpr std::int64_t kMaxReadSteps = 10'000;
constexpr std::int64_t kMaxClockError = kUsPerDay;  // of whoever says when something was invoked

std::string hex_of(const std::string& bytes) {
    return to_hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

Result<stats::Predictor> predictor_of(const std::string& model) {
    const auto bytes = from_hex(model);
    auto predictor = bytes ? stats::Predictor::from_bytes(
                                 {reinterpret_cast<const char*>(bytes->data()), bytes->size()},
                                 predictor_options())
                           : Result<stats::Predictor>(fail(Code::invalid, "not hexadecimal"));
    if (!predictor) {
        return fail(Code::internal, "a stored predictor is damaged; train again");
    }
    return predictor;
}

Result<PredictorVersion> version_of(const predictor_rows::StoredPredictor& stored) {
    auto evaluation = TRY(from_json<PredictorEvaluation>(stored.evaluation));
    const bool useful = is_useful(evaluation);
    return PredictorVersion{stored.version,       stored.trained_at_us, stored.outcomes,
                            stored.first_at_us,   stored.last_at_us,    useful,
                            std::move(evaluation)};
}

// Numbers of names, each made once.
class NameNumbers {
public:
    std::uint64_t of(const std::string& name) {
        if (name.empty()) {
            return 0;
        }
        const auto [entry, fresh] = numbers_.try_emplace(name, 0);
        if (fresh) {
            entry->second = name_number(name);
        }
        return entry->second;
    }

private:
    std::unordered_map<std::string, std::uint64_t> numbers_;
};

TrainingRow training_row(const predictor_rows::OutcomeRow& row, NameNumbers& names) {
    return {.situation = {.skill = names.of(row.skill_name),
                          .phase = names.of(row.workflow_phase),
                          .user = row.user_id.empty() ? 0 : user_number(row.user_id),
                          .at_us = row.invoked_at_us},
            .known_at_us = known_at_us({row.invoked_at_us, row.duration_seconds}),
            .session = name_number(row.session_id),
            .success = row.completed};
}

}  // namespace

std::uint64_t PredictorShelf::erasures() const {
    const std::lock_guard lock(mutex_);
    return erasures_;
}

Result<std::vector<TrainingRow>> PredictorShelf::read_log(const std::string& tenant,
                                                          std::int64_t since_us) {
    std::vector<TrainingRow> rows;
    NameNumbers names;
    std::int64_t before_id = std::numeric_limits<std::int64_t>::max();
    for (std::int64_t step = 0; step < kMaxReadSteps; ++step) {
        const auto found = TRY(database_.read([&](store::Tx& tx) {
            return predictor_rows::outcomes_before(tx, tenant, before_id, kRowsOfStep);
        }));
        for (const predictor_rows::OutcomeRow& row : found) {
            if (row.invoked_at_us >= since_us && std::ssize(rows) < kMaxOutcomes) {
                rows.push_back(training_row(row, names));
            }
        }
        // Ids follow the time of writing, which is not before the use but for wrong clocks.
        const bool older = !found.empty() && found.back().created_at_us < since_us - kMaxClockError;
        if (older || std::ssize(found) < kRowsOfStep || std::ssize(rows) >= kMaxOutcomes) {
            break;
        }
        before_id = found.back().id;
    }
    // The order of writing, for those of one instant.
    std::ranges::reverse(rows);
    return rows;
}

Result<PredictorVersion> PredictorShelf::train(const Context& context, std::int64_t days) {
    const std::int64_t now_us = clock_.now_us();
    const std::uint64_t erasures_before = erasures();
    const auto epoch = TRY(
        database_.read([&](store::Tx& tx) { return predictor_rows::epoch(tx, context.tenant); }));
    std::vector<TrainingRow> rows = TRY(read_log(context.tenant, now_us - days * kUsPerDay));
    TrainedPredictor trained = TRY(skills::train(std::move(rows), now_us));
    trained.evaluation.days = days;
    if (erasures() != erasures_before) {
        return fail(Code::conflict, "a user was erased meanwhile; train again");
    }
    const PredictorVersion stored = TRY(store(context, trained, epoch));
    const std::lock_guard lock(mutex_);
    kept_.erase(context.tenant);
    return stored;
}

Result<PredictorVersion> PredictorShelf::store(const Context& context,
                                               const TrainedPredictor& trained,
                                               std::optional<std::int64_t> epoch) {
    const stats::PredictorHistory& history = trained.predictor.history();
    const predictor_rows::StoredPredictor draft{.trained_at_us = clock_.now_us(),
                                                .outcomes = history.outcomes,
                                                .first_at_us = history.first_at_us,
                                                .last_at_us = history.last_at_us,
                                                .evaluation = to_json(trained.evaluation),
                                                .model = hex_of(trained.predictor.to_bytes())};
    return database_.write([&](store::Tx& tx) -> Result<PredictorVersion> {
        // What was erased while we learned must not come back.
        const auto epoch_now = TRY(predictor_rows::epoch(tx, context.tenant));
        if (epoch && epoch_now && *epoch != *epoch_now) {
            return fail(Code::conflict, "rows were removed from the log meanwhile; train again");
        }
        predictor_rows::StoredPredictor stored = draft;
        stored.version = TRY(predictor_rows::newest_version(tx, context.tenant)) + 1;
        TRY(predictor_rows::insert(tx, context.tenant, stored, kMaxVersions));
        PredictorVersion version = TRY(version_of(stored));
        TRY(tx.emit(context,
                    SkillPredictorTrained{version.version, version.outcomes, version.useful}));
        return version;
    });
}

Result<void> PredictorShelf::retrain_due() {
    const std::int64_t before_us = clock_.now_us() - kRetrainAfterUs;
    const auto due = TRY(database_.read([&](store::Tx& tx) {
        return predictor_rows::tenants_before(tx, before_us, kMaxRetrained);
    }));
    for (const std::string& tenant : due) {
        Context context;
        context.tenant = tenant;
        context.actor = "system";
        const PredictorVersion known = TRY(about(tenant, std::nullopt));
        const auto trained = train(context, known.evaluation.days);
        if (!trained && trained.error().code != Code::conflict) {
            return std::unexpected(trained.error());
        }
    }
    return {};
}

Result<PredictorVersion> PredictorShelf::about(const std::string& tenant,
                                               std::optional<std::int64_t> version) const {
    return database_.read([&](store::Tx& tx) -> Result<PredictorVersion> {
        const auto found = TRY(predictor_rows::find_about(tx, tenant, version));
        if (!found) {
            return fail(Code::not_found,
                        version ? "no such version is kept" : "no predictor was trained yet",
                        version ? "version" : "");
        }
        return version_of(*found);
    });
}

Result<std::shared_ptr<PredictorShelf::Served>> PredictorShelf::load(const std::string& tenant) {
    const auto stored = TRY(database_.read(
        [&](store::Tx& tx) { return predictor_rows::find(tx, tenant, std::nullopt); }));
    if (!stored) {
        return nullptr;
    }
    auto served = std::make_shared<Served>();
    served->about = TRY(version_of(*stored));
    served->predictor = TRY(predictor_of(stored->model));
    return served;
}

Result<std::shared_ptr<PredictorShelf::Served>> PredictorShelf::newest(const std::string& tenant) {
    // Another process may have trained.
    const std::int64_t version = TRY(
        database_.read([&](store::Tx& tx) { return predictor_rows::newest_version(tx, tenant); }));
    std::uint64_t erasures_before = 0;
    {
        const std::lock_guard lock(mutex_);
        erasures_before = erasures_;
        const auto found = kept_.find(tenant);
        if (found != kept_.end() && found->second.served->about.version == version) {
            found->second.asked_at_us = clock_.steady_us();
            return found->second.served;
        }
    }
    if (version == 0) {
        return nullptr;
    }
    auto served = TRY(load(tenant));
    const std::lock_guard lock(mutex_);
    if (served != nullptr && erasures_ == erasures_before) {
        if (kept_.size() >= kMaxTenants && !kept_.contains(tenant)) {
            kept_.erase(std::ranges::min_element(
                kept_, {}, [](const auto& entry) { return entry.second.asked_at_us; }));
        }
        kept_.insert_or_assign(tenant, Kept{served, clock_.steady_us()});
    }
    return served;
}

Result<std::optional<PredictorAnswer>> PredictorShelf::ask(const std::string& tenant,
                                                           const PredictionQuestion& question) {
    const std::shared_ptr<Served> served = TRY(newest(tenant));
    if (served == nullptr) {
        return std::nullopt;
    }
    const std::lock_guard lock(served->mutex);
    stats::Predictor& predictor = served->predictor;
    // A clock that went back does not make it younger than what it knows.
    const std::int64_t at_us = std::max(clock_.now_us(), predictor.history().last_at_us + 1);
    const auto opened = predictor.open(
        {.skill = name_number(question.skill_name),
         .phase = question.workflow_phase.empty() ? 0 : name_number(question.workflow_phase),
         .user = question.user_hash.empty() ? 0 : user_number(question.user_hash),
         .at_us = at_us});
    if (!opened) {
        return fail(Code::internal, "the predictor does not answer");
    }
    return PredictorAnswer{.version = served->about.version,
                           .trained_at_us = served->about.trained_at_us,
                           .estimate = stats::Predictor::estimate_of(*opened),
                           .contributions = predictor.contributions(*opened),
                           .evaluation = served->about.evaluation};
}

Result<void> PredictorShelf::forget_in(const std::string& tenant, std::int64_t version,
                                       std::uint64_t user) {
    const auto stored = TRY(
        database_.read([&](store::Tx& tx) { return predictor_rows::find(tx, tenant, version); }));
    if (!stored) {
        return {};
    }
    const PredictorVersion known = TRY(version_of(*stored));
    auto predictor = predictor_of(stored->model);
    // What cannot be read cannot be cleaned either.
    const bool drop = !predictor || known.evaluation.users < settings_.community_min_users;
    std::string model;
    if (!drop) {
        predictor->forget_user(user);
        model = hex_of(predictor->to_bytes());
    }
    return database_.write([&](store::Tx& tx) -> Result<void> {
        return drop ? predictor_rows::remove(tx, tenant, version)
                    : predictor_rows::put_model(tx, tenant, version, model);
    });
}

Result<void> PredictorShelf::forget_user(const std::string& tenant, std::string_view user_hash) {
    {
        const std::lock_guard lock(mutex_);
        ++erasures_;
        kept_.erase(tenant);
    }
    const std::uint64_t user = user_number(user_hash);
    const auto versions =
        TRY(database_.read([&](store::Tx& tx) { return predictor_rows::versions(tx, tenant); }));
    for (const std::int64_t version : versions) {
        TRY(forget_in(tenant, version, user));
    }
    // Nor what was loaded meanwhile.
    const std::lock_guard lock(mutex_);
    ++erasures_;
    kept_.erase(tenant);
    return {};
}

}  // namespace credence::skills
