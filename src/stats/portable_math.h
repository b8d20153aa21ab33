// Logarithm, exponential and log-gamma from the four basic operations, which IEEE 754 fixes to the
// last bit: results do not change with the C library, so a score can be recomputed bit for bit on
// another machine. Relative error below 1e-14. Pure and thread-safe.
#pragma once

namespace credence::stats {

// Natural logarithm; x > 0 and finite (CHECK).
double portable_log(double x);

// 0 below -700 and e^700 above 700, so that nothing overflows; x must not be NaN (CHECK).
double portable_exp(double x);

// ln Gamma(x) for x > 0: recurrence up to 12, then Stirling's series (DLMF 5.11.1).
double portable_log_gamma(double x);

}  // namespace credence::stats
