#include "stats/experiment/betting.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/check.h"

namespace credence::stats {
namespace {

constexpr double kBoldest = 0.9;  // of the largest bet that cannot lose everything

}  // namespace

Betting::Betting(double treatment_share) : treatment_share_(treatment_share) {
    CHECK(treatment_share > 0 && treatment_share < 1, "both arms have a chance");
    double bet = kBoldest * std::min(treatment_share, 1 - treatment_share);
    for (std::size_t index = 0; index < kBets; index += 2) {
        bets_[index] = bet;
        bets_[index + 1] = -bet;
        bet /= std::numbers::sqrt2;
    }
}

void Betting::add(bool treatment, double outcome) {
    CHECK(outcome >= 0 && outcome <= 1, "an outcome lies in [0, 1]");
    // One imagined user of 1/2, so that the first real one meets a mean as well.
    const double mean = (sum_ + 0.5) / static_cast<double>(users_ + 1);
    const double step =
        treatment ? (outcome - mean) / treatment_share_ : (mean - outcome) / (1 - treatment_share_);
    for (std::size_t index = 0; index < kBets; ++index) {
        log_wealth_[index] += std::log1p(bets_[index] * step);
    }
    sum_ += outcome;
    ++users_;
}

void Betting::merge(const Betting& other) {
    CHECK(treatment_share_ == other.treatment_share_, "parts of different experiments");
    for (std::size_t index = 0; index < kBets; ++index) {
        log_wealth_[index] += other.log_wealth_[index];
    }
    sum_ += other.sum_;
    users_ += other.users_;
}

double Betting::log_e() const {
    const double best = *std::max_element(log_wealth_.begin(), log_wealth_.end());
    double sum = 0;
    for (const double wealth : log_wealth_) {
        sum += std::exp(wealth - best);
    }
    return best + std::log(sum / static_cast<double>(kBets));
}

}  // namespace credence::stats
