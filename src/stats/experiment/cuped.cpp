#include "stats/experiment/cuped.h"

namespace credence::stats {
namespace {

struct Adjustment {
    double theta = 0;
    double mean_x = 0;  // of both arms together
};

std::optional<ArmSummary> adjusted(const PairMoments& arm, const Adjustment& adjustment) {
    const double theta = adjustment.theta;
    Moments moments;
    moments.users = arm.users;
    moments.mean = arm.mean_y - theta * (arm.mean_x - adjustment.mean_x);
    moments.squares = arm.yy - 2 * theta * arm.xy + theta * theta * arm.xx;
    if (moments.squares < kRounding * arm.yy) {
        moments.squares = 0;  // x says all of y: what is left is rounding
    }
    return arm_mean(moments, 0);
}

}  // namespace

std::optional<Cuped> cuped(const PairMoments& control, const PairMoments& treatment) {
    if (control.users < 2 || treatment.users < 2) {
        return std::nullopt;
    }
    const double spread = control.xx + treatment.xx;
    const double n_control = static_cast<double>(control.users);
    const double n_treatment = static_cast<double>(treatment.users);
    const Adjustment adjustment{
        spread > 0 ? (control.xy + treatment.xy) / spread : 0,
        (control.mean_x * n_control + treatment.mean_x * n_treatment) / (n_control + n_treatment)};
    const auto left = adjusted(control, adjustment);
    const auto right = adjusted(treatment, adjustment);
    const auto plain_left = adjusted(control, {});
    const auto plain_right = adjusted(treatment, {});
    if (!left || !right || !plain_left || !plain_right) {
        return std::nullopt;
    }
    return Cuped{
        *left, *right, adjustment.theta,
        (left->variance + right->variance) / (plain_left->variance + plain_right->variance)};
}

}  // namespace credence::stats
