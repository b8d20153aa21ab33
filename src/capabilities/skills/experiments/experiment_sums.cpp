#include "capabilities/skills/experiments/experiment_sums.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace credence::skills {
namespace {

using MaybePair = std::optional<stats::UserPair>;

// An outcome is never taken back, so a user who is in stays in.
void change_user(StoredMoments& stored, const MaybePair& before, const MaybePair& after) {
    if (!after) {
        return;
    }
    stats::PairMoments moments = stored.pair();
    if (before) {
        moments.replace(*before, *after);
    } else {
        moments.add(*after);
    }
    stored.set(moments);
}

MaybePair share_of(std::int64_t n, double sum, double x) {
    if (n == 0) {
        return std::nullopt;
    }
    return stats::UserPair{sum / static_cast<double>(n), x};
}

MaybePair judged_pair(const UserTotals& user) {
    if (user.judged == 0) {
        return std::nullopt;
    }
    return stats::UserPair{static_cast<double>(user.completed), static_cast<double>(user.judged)};
}

MaybePair completion_pair(const UserTotals& user, double x) {
    return share_of(user.judged, static_cast<double>(user.completed), x);
}

MaybePair duration_pair(const UserTotals& user, double x) {
    return share_of(user.timed, user.log_duration_sum, x);
}

MaybePair rating_pair(const UserTotals& user, double x) {
    return share_of(user.rated, static_cast<double>(user.rating_sum), x);
}

}  // namespace

void UserTotals::add(const RecordOutcome& outcome) {
    ++outcomes;
    if (outcome.completed) {
        ++judged;
        completed += *outcome.completed ? 1 : 0;
    }
    if (outcome.duration_seconds) {
        ++timed;
        duration_sum_seconds += *outcome.duration_seconds;
        log_duration_sum += std::log(std::max(*outcome.duration_seconds, kLeastLoggedSeconds));
    }
    if (outcome.user_rating) {
        ++rated;
        rating_sum += *outcome.user_rating;
    }
}

stats::PairMoments StoredMoments::pair() const {
    return {users, mean_y, mean_x, yy, xy, xx};
}

stats::Moments StoredMoments::outcome() const {
    return {users, mean_y, yy};
}

void StoredMoments::set(const stats::PairMoments& moments) {
    *this = {moments.users, moments.mean_y, moments.mean_x, moments.yy, moments.xy, moments.xx};
}

void ArmSums::change(const UserTotals& before, const UserTotals& after, double covariate) {
    users += before.outcomes == 0 && after.outcomes > 0 ? 1 : 0;
    outcomes += after.outcomes - before.outcomes;
    change_user(completed_of_judged, judged_pair(before), judged_pair(after));
    change_user(completion, completion_pair(before, covariate), completion_pair(after, covariate));
    change_user(duration, duration_pair(before, covariate), duration_pair(after, covariate));
    change_user(rating, rating_pair(before, covariate), rating_pair(after, covariate));
}

std::int64_t ArmSums::users_of(TestMetric metric) const {
    switch (metric) {
        case TestMetric::completion_rate:
            return completion.users;
        case TestMetric::duration_seconds:
            return duration.users;
        case TestMetric::user_rating:
            return rating.users;
    }
    return 0;
}

ExperimentSums ExperimentSums::of(std::size_t arms, std::size_t metrics) {
    CHECK(arms >= 2 && metrics >= 1, "an experiment compares arms");
    ExperimentSums sums;
    sums.arms.resize(arms);
    sums.evidence.resize(metrics * (arms - 1));
    return sums;
}

void ExperimentSums::settle() {
    if (settled) {
        return;
    }
    settled = true;
    adjusted = covariate_users > 0;
    covariate_default = adjusted ? covariate_sum / static_cast<double>(covariate_users) : 0;
}

double ExperimentSums::covariate_of(const std::optional<double>& known) const {
    return adjusted ? known.value_or(covariate_default) : 0;
}

StoredEvidence& ExperimentSums::evidence_of(std::size_t metric, std::size_t arm) {
    return evidence.at(metric * (arms.size() - 1) + arm - 1);
}

const StoredEvidence& ExperimentSums::evidence_of(std::size_t metric, std::size_t arm) const {
    return evidence.at(metric * (arms.size() - 1) + arm - 1);
}

}  // namespace credence::skills
