// Tail probabilities of the three distributions that tests refer to, and their inverses. Boost.Math
// behind it (relative error below 1e-12 in the tails that doubles can hold); pure, thread-safe,
// nothing throws. Microseconds a call.
#pragma once

namespace credence::stats {

// P(Z > z) of the standard normal.
double normal_tail(double z);

// The z with P(Z > z) = tail; 0 < tail < 1 (CHECK).
double normal_tail_quantile(double tail);

// P(T > t) of Student's distribution; degrees_of_freedom > 0 (CHECK), the normal from 1e9 up.
double student_tail(double t, double degrees_of_freedom);

// The t with P(T > t) = tail; 0 < tail < 1 (CHECK).
double student_tail_quantile(double tail, double degrees_of_freedom);

// P(T > t) when T has a noncentral t distribution: the power of a t-test.
double noncentral_student_tail(double t, double degrees_of_freedom, double noncentrality);

// P(X > x) of the chi-squared distribution; degrees_of_freedom > 0 (CHECK). 1 for x <= 0.
double chi_squared_tail(double x, double degrees_of_freedom);

}  // namespace credence::stats
