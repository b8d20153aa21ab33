#!/usr/bin/env python3
"""Reference numbers for the tests of experiments, src/stats/reference/experiment_reference.inc, from scipy and statsmodels.

Usage: /usr/bin/python3 tools/reference/experiment.py > src/stats/reference/experiment_reference.inc
Needs Debian's python3-scipy and python3-statsmodels. Deterministic.
"""

import math

import numpy as np
import scipy
import statsmodels
import statsmodels.api as sm
from scipy import integrate, special, stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestIndPower
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint


def number(value: float) -> str:
    return repr(float(value))


def constant(name: str, value: float) -> None:
    print(f"inline constexpr double {name} = {number(value)};")


def table(name: str, struct: str, rows: list[tuple]) -> None:
    print(f"inline constexpr {struct} {name}[] = {{")
    for row in rows:
        print("    {" + ", ".join(str(x) if isinstance(x, (int, np.integer)) else number(x) for x in row) + "},")
    print("};")


def values(name: str, numbers) -> None:
    print(f"inline constexpr double {name}[] = {{" + ", ".join(number(x) for x in numbers) + "};")


def tails() -> None:
    table("kNormalTails", "TailRow", [(z, 0.0, stats.norm.sf(z)) for z in (-3.0, 0.0, 1.0, 1.96, 6.0, 30.0)])
    table("kStudentTails", "TailRow",
          [(t, df, stats.t.sf(t, df)) for t in (0.5, 2.0, 9.0) for df in (3.5, 30.0, 2000.0)])
    table("kChiSquaredTails", "TailRow",
          [(x, df, stats.chi2.sf(x, df)) for x in (0.1, 3.84, 40.0) for df in (1.0, 2.0, 7.0)])


def intervals() -> None:
    cases = [(0, 1), (1, 1), (0, 20), (20, 20), (7, 20), (81, 263), (500, 1000), (3, 100_000), (99_000, 100_000)]
    rows = []
    for successes, n in cases:
        for confidence in (0.9, 0.95, 0.999):
            low, high = proportion_confint(successes, n, alpha=1 - confidence, method="beta")
            low = 0.0 if successes == 0 else low
            high = 1.0 if successes == n else high
            rows.append((successes, n, confidence, low, high))
    table("kClopperPearson", "ClopperPearsonRow", rows)
    rows = []
    for x1, n1, x2, n2 in [(48, 80, 56, 70), (3, 10, 9, 10), (0, 20, 10, 10), (5, 84, 1, 56), (400, 1000, 431, 990)]:
        low, high = confint_proportions_2indep(x2, n2, x1, n1, compare="diff", method="newcomb", alpha=0.05)
        rows.append((x1, n1, x2, n2, low, high))
    table("kNewcombe", "NewcombeRow", rows)


def contrasts() -> None:
    """The users that the test makes again: sums of integers, so both sides agree to the last bit."""
    arms = []
    for arm, n in ((0, 40), (1, 55)):
        y, x = [], []
        for user in range(n):
            rows = 1 + (user * 7 + arm * 3) % 9
            x.append(rows)
            y.append((user * user * 5 + user * 3 + arm * 2) % (rows + 1))
        arms.append((np.array(y, float), np.array(x, float)))
    (y0, x0), (y1, x1) = arms
    test = stats.ttest_ind(y1, y0, equal_var=False)
    constant("kWelchP", test.pvalue)
    interval = sm.stats.CompareMeans(sm.stats.DescrStatsW(y1), sm.stats.DescrStatsW(y0)).tconfint_diff(
        alpha=0.05, usevar="unequal")
    constant("kWelchLow", interval[0])
    constant("kWelchHigh", interval[1])
    # The cluster-robust variance of a weighted mean: least squares on rows with users as clusters.
    # A row's success is spread evenly (y / x): the sums of a cluster are all that the variance sees.
    for name, (y, x) in (("Control", (y0, x0)), ("Treatment", (y1, x1))):
        groups = np.repeat(np.arange(len(x)), x.astype(int))
        rows = np.repeat(y / x, x.astype(int))
        fit = sm.OLS(rows, np.ones(len(rows))).fit(cov_type="cluster", cov_kwds={"groups": groups,
                                                                                  "use_correction": False})
        n = len(x)
        constant(f"kRatio{name}", fit.params[0])
        # use_correction=False divides by n, the delta method by n - 1.
        constant(f"kRatioVariance{name}", fit.cov_params()[0, 0] * n / (n - 1))
    theta = (np.sum((x0 - x0.mean()) * (y0 - y0.mean())) + np.sum((x1 - x1.mean()) * (y1 - y1.mean()))) / (
        np.sum((x0 - x0.mean()) ** 2) + np.sum((x1 - x1.mean()) ** 2))
    # theta is the slope of y on x and the arm; the arm's coefficient is the adjusted difference.
    design = np.column_stack([np.ones(95), np.r_[np.zeros(40), np.ones(55)], np.r_[x0, x1]])
    fit = sm.OLS(np.r_[y0, y1], design).fit()
    assert abs(fit.params[2] - theta) < 1e-12
    constant("kCupedTheta", fit.params[2])
    constant("kCupedDifference", fit.params[1])
    a0, a1 = y0 - theta * x0, y1 - theta * x1
    constant("kCupedVariance", a0.var(ddof=1) / 40 + a1.var(ddof=1) / 55)


def mixture() -> None:
    """E = integral of N(d; delta, V) / N(d; 0, V) over delta ~ N(0, tau^2), done numerically."""
    rows = []
    for d, variance, tau in ((0.05, 0.0004, 0.05), (0.01, 0.0001, 0.1), (-2.0, 0.25, 1.0), (0.0, 1.0, 3.0)):
        def integrand(delta: float) -> float:
            return math.exp((2 * d * delta - delta * delta) / (2 * variance)) * stats.norm.pdf(delta, 0, tau)
        e, _ = integrate.quad(integrand, -12 * tau, 12 * tau, points=[0, d], epsabs=0, epsrel=1e-13, limit=2000)
        rows.append((d, variance, tau, math.log(e)))
    table("kMixtures", "MixtureRow", rows)


def sample_ratio() -> None:
    def log_beta(a):
        return np.sum(special.gammaln(a)) - special.gammaln(np.sum(a))
    rows = []
    for a, b, c in ((0, 0, 0), (10, 12, 9), (100, 60, 80), (24_000, 26_000, 25_100), (900_000, 905_000, 899_000)):
        counts = np.array([a, b, c], float)
        shares = np.array([2, 1, 1]) / 4 if a == 100 else np.ones(3) / 3
        e = []
        for part, k in ((0.8, 3000), (0.2, 100)):
            prior = k * shares
            e.append(math.log(part) + log_beta(prior + counts) - log_beta(prior) - np.sum(counts * np.log(shares)))
        chi = stats.chisquare(counts, counts.sum() * shares) if counts.sum() else (0.0, 1.0)
        rows.append((a, b, c, chi[0], chi[1], special.logsumexp(e)))
    table("kSampleRatios", "SampleRatioRow", rows)


def multiplicity() -> None:
    # The fifteen p-values of Benjamini and Hochberg (1995), section 4.
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528,
         0.7590, 1.0000]
    p = p[7:] + p[:7]
    values("kPValues", p)
    values("kBenjaminiHochberg", multipletests(p, method="fdr_bh")[1])
    values("kHolm", multipletests(p, method="holm")[1])


def power() -> None:
    solver = TTestIndPower()
    rows = [(d, n, a, solver.power(d, n, a)) for d in (0.1, 0.5, 1.0) for n in (5, 64, 1000) for a in (0.05, 0.001)]
    table("kMeanPowers", "MeanPowerRow", rows)
    rows = [(d, a, b, math.ceil(solver.solve_power(d, power=b, alpha=a)))
            for d in (0.05, 0.2, 0.8) for a in (0.05, 0.01) for b in (0.8, 0.95)]
    table("kMeanUsers", "MeanUsersRow", rows)
    constant("kDetectable500", solver.solve_power(None, nobs1=500, power=0.8, alpha=0.05))


STRUCTS = {
    "TailRow": "double x, degrees, tail;",
    "ClopperPearsonRow": "std::int64_t successes, n; double confidence, low, high;",
    "NewcombeRow": "std::int64_t x1, n1, x2, n2; double low, high;",
    "MixtureRow": "double difference, variance, scale, log_e;",
    "SampleRatioRow": "std::int64_t a, b, c; double chi_squared, p, log_e;",
    "MeanPowerRow": "double difference; std::int64_t users; double alpha, power;",
    "MeanUsersRow": "double difference, alpha, power; std::int64_t users;",
}


def main() -> None:
    print("// Made by: /usr/bin/python3 tools/reference/experiment.py > src/stats/reference/experiment_reference.inc")
    print(f"// scipy {scipy.__version__}, statsmodels {statsmodels.__version__.split('+')[0]}. Not edited by hand.")
    print("// clang-format off\n#pragma once\n\n#include <cstdint>\n")
    print("namespace credence::stats {")
    for name, fields in STRUCTS.items():
        print(f"struct {name} {{ {fields} }};")
    for part in (tails, intervals, contrasts, mixture, sample_ratio, multiplicity, power):
        part()
    print("}  // namespace credence::stats")


main()
