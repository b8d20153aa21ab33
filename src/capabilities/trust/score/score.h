// The arithmetic of trust in one agent for one kind of claim: a pure fold over its log.
//
// Posterior. A Beta distribution over the share of the agent's claims that hold, prior Beta(1, 1):
// a counted claim of weight w multiplies what is known by 1 - (1 - memory) w and adds w, so that at
// most 1 / (1 - memory) claims are remembered whatever their weights. Idle evidence halves every
// half_life. The lower bound is the 5 % quantile: the share is above it with probability 95 %.
//
// Change. A Bernoulli CUSUM (E. S. Page, "Continuous inspection schemes", Biometrika 41 (1954);
// M. R. Reynolds and Z. G. Stoumbos, "A CUSUM chart for monitoring a proportion when inspecting
// continuously", Journal of Quality Technology 31 (1999)) of the agent against its own past: the
// baseline is what it did before the statistic last left zero. Its alarm forgets that past and
// leaves the evidence since then, which is Page's estimate of when the change happened.
//
// Only the four basic operations of IEEE 754 are used (stats/portable_math.h; compiled without
// contraction), so that replaying a log gives the same bits everywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/shape.h"
#include "capabilities/trust/claims/claim.h"
#include "capabilities/trust/score/policy.h"

namespace credence::trust {

// Not settings: every server must fold the same log to the same score. The figures are tuned by
// trust_simulation.
struct Parameters {
    double memory = 0.998;                                                  // 500 claims
    std::int64_t half_life_us = std::int64_t{180} * 24 * 3600 * 1'000'000;  // 0: never
    std::int64_t idle_noticed_us = std::int64_t{3600} * 1'000'000;          // by what is held
    double level = 0.05;                                                    // of the lower bound
    double ewma_rate = 0.1;                                                 // the seed's
    double hold_width = 0.05;     // hysteresis of tiers and gates
    double hold_minimum_n = 12;   // nothing is held before
    double tier_minimum_n = 4.5;  // five claims of full weight: the seed's is_reliable
    double cusum_limit = 5.2;     // alarm above it
    double cusum_drop = 0.35;     // the fall it looks for: baseline - drop
    double cusum_highest = 0.95;  // baselines are taken to be at most this …
    double cusum_lowest = 0.4;    // … and at least this
    double cusum_minimum_n = 20;  // baseline claims before it watches
    double fall_limit = 2.3;      // an alarm is borne out at ten to one …
    double acquit_limit = 4.6;    // … and ends at a hundred to one against
    double alarm_minimum_n = 12;  // or, borne out, after this many claims that hold it off
};
inline constexpr Parameters kParameters{};

inline constexpr std::size_t kLatestAttempts = 20;
inline constexpr double kMaxWeight = 1000;  // of one entry: an override's pseudo-evidence

enum class EntryKind : std::uint8_t {
    evidence,       // a verification's outcome, or an administrator's observation
    deferred,       // recorded, moves nothing until it is applied
    override_,      // an administrator's statement: pseudo-evidence replaces what was known
    alarm_cleared,  // by an administrator
};

// What the fold reads of a log entry.
struct Observation {
    EntryKind kind = EntryKind::evidence;
    Outcome outcome = Outcome::error;
    double strength = 0;  // of the recipe, (0, 1]; of an override: its pseudo-claims
    double novelty = 0;   // [0, 1]; 0: a repetition
    double target = 0;    // of an override: the mean it states
    std::int64_t at_us = 0;
};

struct ScoreState {
    double alpha = 1;
    double beta = 1;
    double ewma = 0.5;    // as the seed's formula has it, unweighted
    double held = 0;      // the lower bound behind a backlash of hold_width
    double bound = 0.05;  // lower_bound() as of the last change
    double cusum = 0;
    double baseline_good = 0;  // before the statistic last left zero
    double baseline_bad = 0;
    double pending_good = 0;  // since then
    double pending_bad = 0;
    double usual = 0;                // the level that the baseline shows
    double suspected = 0;            // and the one that the watch looks for
    double doubt = 0;                // log-likelihood ratio since the alarm, of the fall
    double since_alarm = 0;          // claims since then
    std::int64_t verifications = 0;  // that counted: conclusive and new
    std::int64_t accurate = 0;
    std::int64_t inconclusive = 0;
    std::int64_t errors = 0;
    std::int64_t repeated = 0;  // conclusive, but nothing new
    std::int64_t overrides = 0;
    std::int64_t alarms = 0;
    std::int64_t last_change_us = 0;
    bool alarmed = false;
    bool fallen = false;  // and the claims since have borne it out: the past is forgotten
    Tier tier = Tier::unknown;
    std::string latest;  // outcomes of the latest attempts, oldest first: c, r, i, e

    bool operator==(const ScoreState&) const = default;
};

// Total: whatever the observation holds, the result has no NaN and stays in range. Time that runs
// backwards counts as standing still.
ScoreState fold(ScoreState state, const Observation& observation,
                const Parameters& parameters = kParameters);

// The same knowledge at a later time: what idleness has worn off.
ScoreState aged(ScoreState state, std::int64_t now_us, const Parameters& parameters = kParameters);

double mean(const ScoreState& state);
// alpha + beta without the prior.
double effective_n(const ScoreState& state);
double lower_bound(const ScoreState& state, const Parameters& parameters = kParameters);
double upper_bound(const ScoreState& state, const Parameters& parameters = kParameters);
// The share of the latest attempts that said nothing: inconclusive or error. 0 without attempts.
double inconclusive_share(const ScoreState& state);
Tier tier_of(double held, double effective_n, bool alarmed,
             const Parameters& parameters = kParameters);

// The novelty of a conclusive claim: 0 for one that had this outcome before, else
// 2^-k for k other claims of the same effort with this outcome, so that any number of claims on one
// run of one recipe weighs less than two. By outcome, so that lies after many truths count in full.
double novelty_of(bool repeated, std::int64_t same_effort);
inline constexpr std::int64_t kMaxSameEffort = 20;  // beyond: 0

// Exact text: doubles as 16 hexadecimal digits of their bits. Equal texts are equal states.
std::string encode_state(const ScoreState& state);
// Code::internal for anything that encode_state did not write.
Result<ScoreState> decode_state(std::string_view text);
// One double in that form.
std::string exact_text(double value);

}  // namespace credence::trust
