// Which of many tests to believe. p-values in, adjusted p-values out, in the same order: a test is
// accepted at level alpha where its adjusted value is at most alpha.
//
//   Benjamini-Hochberg   expected share of false ones among the accepted <= alpha, for independent
//   or
//                        positively dependent tests: adjusted(i) = min over j >= i of m p(j) / j in
//                        ascending order. Y. Benjamini, Y. Hochberg, Journal of the Royal
//                        Statistical Society B 57 (1995); dependence: Benjamini, Yekutieli (2001).
//   Holm                 chance of any false one <= alpha, whatever the dependence: adjusted(i) =
//   max
//                        over j <= i of (m - j + 1) p(j). S. Holm, Scandinavian Journal of
//                        Statistics 6 (1979).
//   e-values             (e-BH) as Benjamini-Hochberg with p = 1 / e, but under ANY dependence and
//   any
//                        moment of looking: R. Wang, A. Ramdas, Journal of the Royal Statistical
//                        Society B 84 (2022). Current e-values only, not the best of all looks.
// Always-valid p-values (sequential.h) may go into the first two. Values outside [0, 1] or not a
// number are a CHECK. Pure, thread-safe, O(m log m).
#pragma once

#include <span>
#include <vector>

namespace credence::stats {

std::vector<double> benjamini_hochberg(std::span<const double> p_values);

std::vector<double> holm(std::span<const double> p_values);

// Natural logarithms of e-values in, adjusted p-values out.
std::vector<double> e_benjamini_hochberg(std::span<const double> log_e_values);

}  // namespace credence::stats
