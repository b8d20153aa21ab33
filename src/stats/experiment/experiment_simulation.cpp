#include "stats/experiment/experiment_simulation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>

#include "base/check.h"
#include "base/random.h"
#include "stats/experiment/betting.h"
#include "stats/experiment/contrast.h"
#include "stats/experiment/sample_ratio.h"
#include "stats/experiment/sequential.h"
#include "stats/intervals_exact.h"
#include "stats/tails.h"

namespace credence::stats {
namespace {

constexpr double kAlpha = 0.05;
constexpr double kEffectScale = 0.05;
constexpr double kOldMinRows = 100;
constexpr std::int64_t kMinUsersOfRatio = 100;

// Uniform on [0, 1).
double uniform(Random& random) {
    return static_cast<double>(random.next() >> 11) * 0x1p-53;
}

bool coin(Random& random, double chance) {
    return uniform(random) < chance;
}

// When a rule first raised its voice, run by run.
struct Tally {
    std::string_view rule;
    std::vector<double> users_at_alarm;
    bool raised = false;  // in this run

    void raise(double users) {
        if (!raised) {
            raised = true;
            users_at_alarm.push_back(users);
        }
    }
};

SimulationRow row_of(std::string_view scenario, std::int64_t runs, Tally& tally) {
    SimulationRow row;
    row.scenario = scenario;
    row.rule = tally.rule;
    row.runs = runs;
    row.alarms = static_cast<std::int64_t>(tally.users_at_alarm.size());
    row.rate = clopper_pearson({row.alarms, runs}, 0.9);
    if (!tally.users_at_alarm.empty()) {
        const auto middle = tally.users_at_alarm.begin() + row.alarms / 2;
        std::nth_element(tally.users_at_alarm.begin(), middle, tally.users_at_alarm.end());
        row.median_users = *middle;
    }
    return row;
}

// The old rule: Student's pooled t-test on rows.
bool rows_differ(const std::array<UserPair, 2>& rows) {
    const double n1 = rows[0].x;
    const double n2 = rows[1].x;
    if (std::min(n1, n2) < kOldMinRows) {
        return false;
    }
    const double p1 = rows[0].y / n1;
    const double p2 = rows[1].y / n2;
    const double pooled =
        (n1 * p1 * (1 - p1) + n2 * p2 * (1 - p2)) / (n1 + n2 - 2) * (1 / n1 + 1 / n2);
    if (pooled <= 0) {
        return false;
    }
    return 2 * student_tail(std::fabs(p2 - p1) / std::sqrt(pooled), n1 + n2 - 2) < kAlpha;
}

struct User {
    bool treatment = false;
    bool own_coin = false;
    UserPair rows;
};

// One experiment under way.
class Play {
public:
    Play(const ExperimentScenario& scenario, const SimulationSize& size, Random& random)
        : scenario_(scenario),
          size_(size),
          random_(random),
          users_(static_cast<std::size_t>(size.users)),
          betting_(scenario.treatment_share) {}

    // Row number `row` happens.
    void step(std::int64_t row) {
        User& user = users_[pick(row)];
        if (user.rows.x == 0) {
            user.treatment = coin(random_, scenario_.treatment_share);
            user.own_coin = coin(random_, chance(user));
        }
        const UserPair before = user.rows;
        const bool repeats = scenario_.icc > 0 && coin(random_, std::sqrt(scenario_.icc));
        const double outcome = (repeats ? user.own_coin : coin(random_, chance(user))) ? 1 : 0;
        user.rows.x += 1;
        user.rows.y += outcome;
        PairMoments& arm = arms_[user.treatment ? 1 : 0];
        if (before.x == 0) {
            arm.add(user.rows);
        } else {
            arm.replace(before, user.rows);
        }
        rows_[user.treatment ? 1 : 0].x += 1;
        rows_[user.treatment ? 1 : 0].y += outcome;
        if (scenario_.arrival == Arrival::one_by_one &&
            user.rows.x == static_cast<double>(size_.rows_per_user)) {
            betting_.add(user.treatment, user.rows.y / user.rows.x);
        }
    }

    [[nodiscard]] std::optional<Contrast> contrast() const {
        const auto control = arm_ratio(arms_[0], 1);
        const auto treatment = arm_ratio(arms_[1], 1);
        if (!control || !treatment) {
            return std::nullopt;
        }
        return difference(*control, *treatment);
    }

    [[nodiscard]] const std::array<UserPair, 2>& rows() const { return rows_; }
    [[nodiscard]] const Betting& betting() const { return betting_; }

    [[nodiscard]] double users() const {
        return static_cast<double>(arms_[0].users + arms_[1].users);
    }

private:
    [[nodiscard]] double chance(const User& user) const {
        return user.treatment ? scenario_.treatment : scenario_.control;
    }

    std::size_t pick(std::int64_t row) {
        switch (scenario_.arrival) {
            case Arrival::one_by_one:
                return static_cast<std::size_t>(row / size_.rows_per_user);
            case Arrival::returning:
                return static_cast<std::size_t>(row % size_.users);
            case Arrival::uneven:
                break;
        }
        const double draw = uniform(random_);
        return static_cast<std::size_t>(draw * draw * static_cast<double>(size_.users));
    }

    const ExperimentScenario& scenario_;
    const SimulationSize& size_;
    Random& random_;
    std::vector<User> users_;
    std::array<PairMoments, 2> arms_;
    std::array<UserPair, 2> rows_;
    Betting betting_;
};

struct ExperimentTallies {
    Tally peeking{.rule = "rows_t_peeking", .users_at_alarm = {}};
    Tally once{.rule = "users_once", .users_at_alarm = {}};
    Tally always{.rule = "users_always_valid", .users_at_alarm = {}};
    Tally betting{.rule = "users_betting", .users_at_alarm = {}};

    void start() {
        for (Tally* tally : {&peeking, &once, &always, &betting}) {
            tally->raised = false;
        }
    }
};

void look_at(const Play& play, ExperimentTallies& tallies) {
    const double users = play.users();
    if (!tallies.peeking.raised && rows_differ(play.rows())) {
        tallies.peeking.raise(users);
    }
    if (!tallies.betting.raised && alarm(play.betting().log_e(), kAlpha)) {
        tallies.betting.raise(users);
    }
    if (tallies.always.raised) {
        return;
    }
    if (const auto contrast = play.contrast()) {
        const auto seen = look(*contrast, {.effect_scale = kEffectScale});
        if (seen && seen->different) {
            tallies.always.raise(users);
        }
    }
}

void run_once(Play& play, const SimulationSize& size, ExperimentTallies& tallies) {
    const std::int64_t rows = size.users * size.rows_per_user;
    std::int64_t look_number = 1;
    for (std::int64_t row = 0; row < rows; ++row) {
        play.step(row);
        if (row + 1 >= rows * look_number / size.looks) {
            look_at(play, tallies);
            ++look_number;
        }
    }
    const auto contrast = play.contrast();
    if (contrast && fixed_horizon_p(*contrast) < kAlpha) {
        tallies.once.raise(play.users());
    }
}

// Heads among `flips` tosses, four from each draw: the chance is rounded to 1/65536.
std::int64_t heads(Random& random, std::int64_t flips, double chance) {
    constexpr int kLaneBits = 16;
    const auto limit = static_cast<std::uint64_t>(std::lround(std::ldexp(chance, kLaneBits)));
    std::int64_t count = 0;
    std::uint64_t draw = 0;
    for (std::int64_t flip = 0; flip < flips; ++flip) {
        draw = flip % 4 == 0 ? random.next() : draw >> kLaneBits;
        count += (draw & 0xffffU) < limit ? 1 : 0;
    }
    return count;
}

}  // namespace

std::vector<ExperimentScenario> experiment_scenarios() {
    return {
        {.name = "A/A, icc 0", .icc = 0},
        {.name = "A/A, icc 0.17", .icc = 0.17},
        {.name = "A/A, icc 0.17, returning users", .icc = 0.17, .arrival = Arrival::returning},
        {.name = "A/A, icc 0.17, uneven users", .icc = 0.17, .arrival = Arrival::uneven},
        {.name = "A/A, rate 0.98, icc 0.17", .control = 0.98, .treatment = 0.98, .icc = 0.17},
        {.name = "A/A, rate 0.9, one user in ten treated, icc 0.17",
         .control = 0.9,
         .treatment = 0.9,
         .icc = 0.17,
         .treatment_share = 0.1},
        {.name = "A/B 0.80 to 0.85, icc 0.17", .treatment = 0.85, .icc = 0.17},
    };
}

std::vector<SimulationRow> simulate_experiment(const ExperimentScenario& scenario,
                                               const SimulationSize& size, std::uint64_t seed) {
    CHECK(size.runs > 0 && size.looks > 0 && size.users > 0 && size.rows_per_user > 0,
          "sizes are positive");
    CHECK(size.looks <= size.users * size.rows_per_user, "a look needs a new row");
    SeededRandom random(seed);
    ExperimentTallies tallies;
    for (std::int64_t run = 0; run < size.runs; ++run) {
        tallies.start();
        Play play(scenario, size, random);
        run_once(play, size, tallies);
    }
    std::vector<SimulationRow> table;
    for (Tally* tally : {&tallies.peeking, &tallies.once, &tallies.always}) {
        table.push_back(row_of(scenario.name, size.runs, *tally));
    }
    if (scenario.arrival == Arrival::one_by_one) {
        table.push_back(row_of(scenario.name, size.runs, tallies.betting));
    }
    return table;
}

std::vector<SimulationRow> simulate_sample_ratio(double treatment_weight,
                                                 const SampleRatioSize& size, std::uint64_t seed) {
    CHECK(size.runs > 0 && size.looks > 0 && size.users >= size.looks, "sizes are positive");
    CHECK(treatment_weight > 0, "a weight is positive");
    SeededRandom random(seed);
    Tally once{.rule = "chi_squared_once", .users_at_alarm = {}};
    Tally peeking{.rule = "chi_squared_peeking", .users_at_alarm = {}};
    Tally always{.rule = "sample_ratio_always_valid", .users_at_alarm = {}};
    const std::array<double, 2> weights{1, 1};
    for (std::int64_t run = 0; run < size.runs; ++run) {
        once.raised = peeking.raised = always.raised = false;
        std::array<std::int64_t, 2> users{};
        for (std::int64_t look_number = 1; look_number <= size.looks; ++look_number) {
            const std::int64_t seen = size.users * look_number / size.looks;
            const std::int64_t fresh = seen - users[0] - users[1];
            const std::int64_t treated =
                heads(random, fresh, treatment_weight / (1 + treatment_weight));
            users[0] += fresh - treated;
            users[1] += treated;
            const SampleRatio ratio{users, weights};
            const bool mismatch = sample_ratio_p(ratio) < size.alpha;
            if (mismatch && seen >= kMinUsersOfRatio) {
                peeking.raise(static_cast<double>(seen));
            }
            if (mismatch && look_number == size.looks) {
                once.raise(static_cast<double>(seen));
            }
            if (!always.raised && alarm(sample_ratio_log_e(ratio), size.alpha)) {
                always.raise(static_cast<double>(seen));
            }
        }
    }
    const std::string_view name =
        treatment_weight == 1 ? "arms 1:1 as meant" : "arms out of proportion";
    std::vector<SimulationRow> table;
    for (Tally* tally : {&once, &peeking, &always}) {
        table.push_back(row_of(name, size.runs, *tally));
    }
    return table;
}

}  // namespace credence::stats
