// Exact evidence against "the arms have the same mean", without any approximation, from the coin
// that assigned the users: an e-value that holds at every look and from the first user on, for
// outcomes in [0, 1] (success rate of a user, say).
//
// A user in treatment (chance w, known) with outcome y gives the step
//   s = (y - m) / w in treatment, -(y - m) / (1 - w) in control,
// m the mean of the users before. Without a difference its mean is 0 given the past, and |s| is at
// most 1 / min(w, 1 - w), so for a bet b with |b| < min(w, 1 - w) the product of (1 + b s) is a
// fair game's wealth: P(it ever reaches 1/alpha) <= alpha (Ville 1939). The e-value is the mean
// wealth of 32 bets: 16 sizes falling by sqrt(2), each in both directions. Not knowing the right
// bet costs a factor of at most 32 of wealth. I. Waudby-Smith, A. Ramdas, "Estimating means of
// bounded random variables by betting", Journal of the Royal Statistical Society B 86 (2024); S.
// Howard et al., Annals of Statistics 49 (2021), 4.2.
//
// Each user counts ONCE, when the window after the assignment closes; users, not rows. State of 32
// numbers an experiment, nothing a user; parts counted apart are merged and stay exact, because
// each part's m and the bets are settled before the user. Needs the true chance w: run
// sample_ratio.h beside it. Plain value, not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace credence::stats {

class Betting {
public:
    static constexpr std::size_t kBets = 32;

    // The chance of treatment among these two arms, 0 < w < 1 (CHECK).
    explicit Betting(double treatment_share);

    // Outcome in [0, 1] (CHECK).
    void add(bool treatment, double outcome);

    // Users of the same experiment, counted elsewhere: same treatment_share (CHECK).
    void merge(const Betting& other);

    // Natural logarithm of the e-value; 0 without users.
    [[nodiscard]] double log_e() const;

    [[nodiscard]] std::int64_t users() const { return users_; }

private:
    double treatment_share_;
    std::array<double, kBets> bets_{};
    std::array<double, kBets> log_wealth_{};
    double sum_ = 0;  // of outcomes
    std::int64_t users_ = 0;
};

}  // namespace credence::stats
