#!/usr/bin/python3
"""Reference numbers for src/stats/trend/trend_test.cpp and rate_trend_test.cpp.

Usage: /usr/bin/python3 tools/reference/trends.py mann_kendall > src/stats/reference/trend_reference.inc
       /usr/bin/python3 tools/reference/trends.py rates > src/stats/reference/rate_trend_reference.inc

Needs Debian's python3-scipy and python3-statsmodels. The formulas are written again here, in the
plainest way, from scipy's own parts where it has them.
"""

import itertools
import sys
import warnings

import numpy as np
import scipy
import scipy.optimize
import scipy.stats
import statsmodels
import statsmodels.api as sm
from statsmodels.tsa.stattools import acf


def listed(values) -> str:
    return "{" + ", ".join(format(float(value), ".17g") for value in values) + "}"


def header(topic: str) -> None:
    print(f"// Printed by: /usr/bin/python3 tools/reference/trends.py {topic}")
    print(f"// numpy {np.__version__}, scipy {scipy.__version__}, statsmodels {statsmodels.__version__}")


def slope_interval(slopes: np.ndarray, reach: float) -> tuple[float, float]:
    """The slopes that the sign statistic does not reject, by trying between all of them."""
    kept = []
    edges = np.concatenate([[slopes[0] - 1], (slopes[1:] + slopes[:-1]) / 2, [slopes[-1] + 1]])
    for index, edge in enumerate(edges):
        if abs(np.sum(slopes > edge) - np.sum(slopes < edge)) <= reach * (1 + 1e-12):
            kept.append(index)
    return slopes[kept[0] - 1], slopes[kept[-1]]


def mann_kendall(times, values) -> list[float]:
    n = len(times)
    pairs = list(itertools.combinations(range(n), 2))
    statistic = sum(np.sign(values[j] - values[i]) for i, j in pairs)
    ties = np.unique(values, return_counts=True)[1]
    variance = (n * (n - 1) * (2 * n + 5) - np.sum(ties * (ties - 1) * (2 * ties + 5))) / 18
    slopes = np.sort([(values[j] - values[i]) / (times[j] - times[i]) for i, j in pairs])
    slope = scipy.stats.theilslopes(values, times)[0]
    ranks = scipy.stats.rankdata(values - slope * (times - times[0]))
    first = acf(ranks, nlags=1, fft=False)[1]
    factor = 1
    if n >= 8 and first > scipy.stats.norm.ppf(0.9) / np.sqrt(n) - 2 / n:
        rho = min(0.99, (n * first + 2) / (n - 4))
        lags = np.arange(1, n)
        factor += 2 / (n * (n - 1) * (n - 2)) * np.sum(
            (n - lags) * (n - lags - 1) * (n - lags - 2) * rho ** lags)
    variance *= factor
    if len(ties) == n and factor == 1:
        p = scipy.stats.kendalltau(times, values, method="exact").pvalue
    else:
        p = 2 * scipy.stats.norm.sf(max(0, abs(statistic) - 1) / np.sqrt(variance))
    low, high = slope_interval(slopes, scipy.stats.norm.ppf(0.975) * np.sqrt(variance))
    return [statistic, variance, factor, p, slope, low, high]


def print_mann_kendall() -> None:
    header("mann_kendall")
    print("// times; values; statistic, variance, factor, p, slope, low, high")
    random = np.random.default_rng(7)
    noise = scipy.signal.lfilter([1], [1, -0.7], random.normal(size=60))
    days = np.arange
    cases = [
        ([1, 2, 3, 4, 10, 12, 18], [9, 15, 19, 20, 45, 55, 78]),  # Sen 1968
        (days(10), random.normal(size=10) + 0.2 * days(10)),
        (days(14), np.round(random.normal(size=14) * 2)),  # ties
        (np.cumsum(random.integers(1, 4, size=20)), random.normal(size=20)),
        (days(60), noise),
        (days(60), noise + 0.05 * days(60)),
    ]
    for times, values in cases:
        numbers = mann_kendall(np.asarray(times, float), np.asarray(values, float))
        print("{" + ",\n ".join(listed(part) for part in (times, values, numbers)) + "},")


class Penalised:
    """Log-likelihood of a logistic line with Jeffreys' penalty, by direct maximisation."""

    def __init__(self, times, successes, counts):
        self.design = sm.add_constant(times - times.mean())
        self.successes, self.counts = successes, counts

    def __call__(self, line) -> float:
        odds = self.design @ line
        weights = self.counts * np.exp(-np.logaddexp(0, odds) - np.logaddexp(0, -odds))
        information = self.design.T @ (weights[:, None] * self.design)
        sign, log_determinant = np.linalg.slogdet(information)
        return (self.successes @ odds - self.counts @ np.logaddexp(0, odds)
                + (log_determinant / 2 if sign > 0 else -1e9))

    def best(self, slope=None) -> tuple[np.ndarray, float]:
        if slope is not None:
            reach = 20 + abs(slope) * np.abs(self.design[:, 1]).max()
            found = scipy.optimize.minimize_scalar(lambda level: -self(np.array([level, slope])),
                                                   bounds=(-reach, reach), method="bounded",
                                                   options={"xatol": 1e-11, "maxiter": 1000})
            return np.array([found.x, slope]), -found.fun
        line = np.array([np.log((self.successes.sum() + 0.5) / ((self.counts - self.successes).sum() + 0.5)), 0])
        for _ in range(2):
            line = scipy.optimize.minimize(lambda x: -self(x), line, method="Nelder-Mead",
                                           options={"xatol": 1e-12, "fatol": 1e-14, "maxiter": 2000}).x
        return line, self(line)


def share_change(likelihood, line, times) -> float:
    shares = 1 / (1 + np.exp(-likelihood.design @ line))
    return (shares[-1] - shares[0]) / (times[-1] - times[0])


def penalised(times, successes, counts) -> list[float]:
    likelihood = Penalised(times, successes, counts)
    line, top = likelihood.best()
    shares = 1 / (1 + np.exp(-likelihood.design @ line))
    freedom = len(times) - 2
    dispersion = max(1, np.sum((successes - counts * shares) ** 2 / (counts * shares * (1 - shares))) / freedom)
    statistic = max(0, 2 * (top - likelihood.best(0)[1]) / dispersion)
    critical = scipy.stats.f.ppf(0.95, 1, freedom)
    ends = []
    for direction in (-1, 1):
        def excess(slope):
            return 2 * (top - likelihood.best(slope)[1]) / dispersion - critical
        step = 0.05
        while excess(line[1] + direction * step) < 0:
            step *= 2
        slope = scipy.optimize.brentq(excess, line[1] + direction * step / 2 * (step > 0.05),
                                      line[1] + direction * step, xtol=1e-12)
        ends.append(likelihood.best(slope)[0])
    return [dispersion, scipy.stats.f.sf(statistic, 1, freedom), line[1], ends[0][1], ends[1][1],
            share_change(likelihood, line, times), share_change(likelihood, ends[0], times),
            share_change(likelihood, ends[1], times)]


def unpenalised(times, successes, counts) -> list[float]:
    """Dispersion (Pearson), p of F from deviances, slope: statsmodels."""
    outcomes = np.column_stack([successes, counts - successes])
    options = {"tol": 1e-14, "maxiter": 200}
    full = sm.GLM(outcomes, sm.add_constant(times), family=sm.families.Binomial()).fit(**options)
    flat = sm.GLM(outcomes, np.ones(len(times)), family=sm.families.Binomial()).fit(**options)
    shares = full.fittedvalues  # statsmodels' own scale leaves the counts out
    dispersion = (np.sum((successes - counts * shares) ** 2 / (counts * shares * (1 - shares)))
                  / full.df_resid)
    statistic = (flat.deviance - full.deviance) / dispersion
    return [dispersion, scipy.stats.f.sf(statistic, 1, full.df_resid), full.params[1]]


def print_rates() -> None:
    header("rates")
    print("// days; successes; n; with penalty: dispersion, p, slope, low, high, share a day, low, high;")
    print("// without: dispersion, p, slope (empty where no such fit exists)")
    random = np.random.default_rng(11)
    days = np.arange(14.0)
    falling = random.binomial(20, 0.9 - 0.02 * days)
    uneven = random.integers(1, 60, size=14)
    noisy = random.binomial(40, random.beta(8, 4, size=14))
    cases = [
        (days, falling, np.full(14, 20)),
        (days, random.binomial(uneven, 0.7), uneven),
        (days, noisy, np.full(14, 40)),
        (np.array([1.0, 2, 5, 6, 9, 10]), np.array([9, 8, 10, 7, 6, 5]), np.full(6, 10)),
        (days, np.where(days < 13, 20, 0), np.full(14, 20)),  # all failures on the last day
        (days, np.full(14, 20), np.full(14, 20)),  # no failures
    ]
    for times, successes, counts in cases:
        separated = np.all((successes == 0) | (successes == counts))
        parts = (times, successes, counts, penalised(times, successes, counts),
                 [] if separated else unpenalised(times, successes, counts))
        print("{" + ",\n ".join(listed(part) for part in parts) + "},")


if __name__ == "__main__":
    import scipy.signal
    warnings.simplefilter("ignore")
    {"mann_kendall": print_mann_kendall, "rates": print_rates}[sys.argv[1]]()
