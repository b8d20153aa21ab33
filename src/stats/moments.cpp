#include "stats/moments.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace credence::stats {
namespace {

void check_finite(const UserPair& user) {
    CHECK(std::isfinite(user.y) && std::isfinite(user.x), "a user's sums are finite");
}

}  // namespace

void Moments::add(double y) {
    CHECK(std::isfinite(y), "a user's value is finite");
    ++users;
    const double from_old_mean = y - mean;
    mean += from_old_mean / static_cast<double>(users);
    squares += from_old_mean * (y - mean);
}

void Moments::replace(double before, double after) {
    CHECK(users > 0, "no user to replace");
    CHECK(std::isfinite(before) && std::isfinite(after), "a user's value is finite");
    const double n = static_cast<double>(users);
    const double change = after - before;
    squares += change * (2 * (before - mean) + change * (1 - 1 / n));
    squares = std::max(0.0, squares);
    mean += change / n;
}

void Moments::merge(const Moments& other) {
    if (other.users == 0) {
        return;
    }
    const double mine = static_cast<double>(users);
    const double theirs = static_cast<double>(other.users);
    const double between = other.mean - mean;
    squares += other.squares + between * between * mine * theirs / (mine + theirs);
    mean += between * theirs / (mine + theirs);
    users += other.users;
}

void PairMoments::add(const UserPair& user) {
    check_finite(user);
    ++users;
    const double n = static_cast<double>(users);
    const double dy = user.y - mean_y;
    const double dx = user.x - mean_x;
    mean_y += dy / n;
    mean_x += dx / n;
    yy += dy * (user.y - mean_y);
    xy += dx * (user.y - mean_y);
    xx += dx * (user.x - mean_x);
}

void PairMoments::replace(const UserPair& before, const UserPair& after) {
    CHECK(users > 0, "no user to replace");
    check_finite(before);
    check_finite(after);
    const double n = static_cast<double>(users);
    const double rest = 1 - 1 / n;
    const double dy = after.y - before.y;
    const double dx = after.x - before.x;
    const double y = before.y - mean_y;
    const double x = before.x - mean_x;
    yy = std::max(0.0, yy + dy * (2 * y + dy * rest));
    xy += x * dy + y * dx + dx * dy * rest;
    xx = std::max(0.0, xx + dx * (2 * x + dx * rest));
    mean_y += dy / n;
    mean_x += dx / n;
}

void PairMoments::merge(const PairMoments& other) {
    if (other.users == 0) {
        return;
    }
    const double mine = static_cast<double>(users);
    const double theirs = static_cast<double>(other.users);
    const double weight = mine * theirs / (mine + theirs);
    const double dy = other.mean_y - mean_y;
    const double dx = other.mean_x - mean_x;
    yy += other.yy + dy * dy * weight;
    xy += other.xy + dx * dy * weight;
    xx += other.xx + dx * dx * weight;
    mean_y += dy * theirs / (mine + theirs);
    mean_x += dx * theirs / (mine + theirs);
    users += other.users;
}

}  // namespace credence::stats
