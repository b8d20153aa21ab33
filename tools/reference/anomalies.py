#!/usr/bin/env python3
"""Reference numbers for the anomaly tests of src/stats, from scipy and exact rational arithmetic.

Usage: /usr/bin/python3 tools/reference/anomalies.py > src/stats/reference/anomaly_reference.inc

Needs Debian's python3-scipy (1.10.1 made the committed numbers). Everything here is computed another
way than in the C++: the beta-binomial by exact fractions or scipy, the mixtures by adding up scipy's
distributions, the change points by trying every segmentation.
"""

import itertools
import math
from fractions import Fraction

import numpy as np
from scipy import special, stats

DISPERSIONS = [0, 0.003, 0.01, 0.02, 0.04, 0.07, 0.12, 0.2, 0.3, 0.5]
VOLUME_DISPERSIONS = [0, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3, 6]


def row(*values):
    print("    {" + ", ".join(repr(float(v)) if not isinstance(v, int) else str(v) for v in values) + "},")


def table(name, kind, rows):
    print(f"inline constexpr {kind} {name}[] = {{")
    for values in rows:
        row(*values)
    print("};")


def rising(x, count):
    product = Fraction(1)
    for i in range(count):
        product *= x + i
    return product


def exact_beta_binomial(alpha, beta, n, k):
    """P(X <= k), P(X >= k) as fractions, rounded once."""
    def probability(i):
        return (math.comb(n, i) * rising(alpha, i) * rising(beta, n - i) / rising(alpha + beta, n))
    return (float(sum(probability(i) for i in range(k + 1))),
            float(sum(probability(i) for i in range(k, n + 1))))


def beta_binomials():
    shapes = [("1", "1", 10, 3), ("1/2", "1/2", 7, 0), ("401/2", "1/2", 5, 0), ("361/2", "41/2", 50, 25),
              ("361/2", "41/2", 50, 50), ("3/2", "1/2", 20, 19), ("1/4", "3/4", 30, 12), ("7/3", "5/2", 100, 80),
              ("1000", "3", 200, 150), ("1/5", "20", 40, 6)]
    for alpha, beta, n, k in shapes:
        a, b = Fraction(alpha), Fraction(beta)
        yield float(a), float(b), n, k, *exact_beta_binomial(a, b, n, k)


def gammas():
    for shape, rate, x in [(0.5, 1, 0.2), (1, 2, 1.5), (3.5, 0.5, 20), (100.5, 10, 8), (2000.5, 168, 12.5)]:
        d = stats.gamma(shape, scale=1 / rate)
        yield shape, rate, x, d.cdf(x), d.ppf(0.025), d.ppf(0.975)


def negative_binomials():
    for mean, size, k in [(10, 2.5, 0), (10, 2.5, 25), (3.2, 0.4, 9), (500, 40, 300), (500, 4000, 560), (0.3, 7, 4)]:
        d = stats.nbinom(size, size / (size + mean))
        yield mean, size, k, d.cdf(k), d.sf(k - 1)


RATE_PERIODS = [(9, 10), (5, 10), (10, 10), (3, 9), (8, 8), (0, 0), (12, 12), (2, 7), (20, 21), (1, 1)]
RATE_RECENT = [(3, 6), (1, 5)]


def rate_case():
    """The mixture of beta-binomials of rate_anomaly.h, by scipy's distributions."""
    def above(x):
        return (1 + x / 0.02) ** -2
    middles = [(a + b) / 2 for a, b in zip(DISPERSIONS, DISPERSIONS[1:])]
    edges = [1.0] + [above(m) for m in middles] + [0.0]
    parts = []
    for step, rho in enumerate(DISPERSIONS):
        effective = [(s / (1 + (n - 1) * rho), n / (1 + (n - 1) * rho)) for s, n in RATE_PERIODS if n]
        s, n = sum(e[0] for e in effective), sum(e[1] for e in effective)
        a, b = 0.5 + s, 0.5 + n - s
        m = a / (a + b)
        if rho == 0:
            log_likelihood = sum(stats.binom.logpmf(x, t, m) for x, t in RATE_PERIODS if t)
        else:
            c = 1 / rho - 1
            log_likelihood = sum(stats.betabinom.logpmf(x, t, m * c, (1 - m) * c) for x, t in RATE_PERIODS if t)
        parts.append((math.log(edges[step] - edges[step + 1]) + log_likelihood, m, a + b, rho))
    logs = np.array([p[0] for p in parts])
    weights = np.exp(logs - special.logsumexp(logs))
    k, n = sum(r[0] for r in RATE_RECENT), sum(r[1] for r in RATE_RECENT)
    shared = sum(t * (t - 1) for _, t in RATE_RECENT) / (n * (n - 1))
    low = high = 0.0
    for w, (_, m, count, rho) in zip(weights, parts):
        correlation = 1 - (1 - 1 / (count + 1)) * (1 - rho * shared)
        c = 1 / correlation - 1
        d = stats.betabinom(n, m * c, (1 - m) * c)
        low += w * d.cdf(k)
        high += w * d.sf(k - 1)
    mean = float(sum(w * p[1] for w, p in zip(weights, parts)))
    return [mean, low, high, *weights]


VOLUME_PERIODS = [(12, 1), (3, 1), (0, 1), (30, 2), (8, 1), (17, 1), (5, 0.5), (1, 1)]
VOLUME_RECENT = [(30, 1), (22, 1)]


def volume_case():
    events, exposure = sum(p[0] for p in VOLUME_PERIODS), sum(p[1] for p in VOLUME_PERIODS)
    rate, plain = (events + 0.5) / exposure, events / exposure
    logs, shapes = [], []
    for d in VOLUME_DISPERSIONS:
        means = [rate * t for _, t in VOLUME_PERIODS]
        if d == 0:
            logs.append(sum(stats.poisson.logpmf(y, m) for (y, _), m in zip(VOLUME_PERIODS, means)))
        else:
            logs.append(sum(stats.nbinom.logpmf(y, 1 / d, 1 / (1 + d * m))
                            for (y, _), m in zip(VOLUME_PERIODS, means)))
        shapes.append(0.5 + sum(plain * t / (1 + d * plain * t) for _, t in VOLUME_PERIODS))
    weights = np.exp(np.array(logs) - special.logsumexp(logs))
    k, t = sum(r[0] for r in VOLUME_RECENT), sum(r[1] for r in VOLUME_RECENT)
    squares = sum(r[1] ** 2 for r in VOLUME_RECENT) / t ** 2
    low = high = 0.0
    for w, shape, d in zip(weights, shapes, VOLUME_DISPERSIONS):
        size = 1 / ((1 + 1 / shape) * (1 + 1.25 * d * squares) - 1)
        distribution = stats.nbinom(size, size / (size + rate * t))
        low += w * distribution.cdf(k)
        high += w * distribution.sf(k - 1)
    return [rate, low, high, *weights]


DURATIONS = [1.2, 0.9, 1.1, 1.4, 0.8, 1.0, 1.3, 55.0, 0.95, 1.05, 1.15, 0.7, 1.25, 1.02, 0.98, 1.6, 0.85, 1.08,
             0.001, 1.33, 0.92, 1.18]
RECENT_DURATIONS = [1.9, 1.4, 2.2, 1.7, 90.0, 1.5]


def duration_case():
    logs, recent = np.log(DURATIONS), np.log(RECENT_DURATIONS)
    scale = stats.median_abs_deviation(logs, scale="normal")
    half_pi = math.pi / 2
    error = scale * math.sqrt(half_pi / (len(recent) + half_pi - 1) + half_pi / (len(logs) + half_pi - 1))
    t = (np.median(recent) - np.median(logs)) / error
    df = 0.15 * (len(logs) - 1)
    return [np.median(logs), scale, t, stats.t.cdf(t, df), stats.t.sf(t, df)]


RATE_SERIES = [(5, 5), (4, 5), (5, 5), (5, 5), (4, 4), (1, 5), (0, 5), (2, 6), (1, 5), (0, 3), (5, 5), (6, 6), (5, 5), (4, 4)]
MEAN_SERIES = [0.1, -0.4, 0.3, 0.2, -0.1, 4.9, 5.3, 5.1, 4.6, 5.2, 5.0, 1.1, 0.9, 1.3, 0.8]


def every_segmentation(cost, n):
    best = None
    for count in range(4):
        for starts in itertools.combinations(range(1, n), count):
            edges = [0, *starts, n]
            value = sum(cost(a, b) for a, b in zip(edges, edges[1:])) + 3 * math.log(n) * count
            if best is None or value < best[0]:
                best = (value, starts)
    return list(best[1])


def rate_cost(a, b):
    s, n = sum(p[0] for p in RATE_SERIES[a:b]), sum(p[1] for p in RATE_SERIES[a:b])
    return -2 * float(special.xlogy(s, s / n) + special.xlogy(n - s, (n - s) / n))


def mean_cost(a, b):
    sigma = stats.norm.ppf(0.75) ** -1 / math.sqrt(2) * np.median(np.abs(np.diff(MEAN_SERIES)))
    x = np.array(MEAN_SERIES[a:b])
    return float(((x - x.mean()) ** 2).sum()) / sigma ** 2


def numbers(name, kind, values):
    print(f"inline constexpr {kind} {name}[] = {{" + ", ".join(repr(float(v)) if kind == "double" else str(v) for v in values) + "};")


HEAD = """// Made by: /usr/bin/python3 tools/reference/anomalies.py > src/stats/reference/anomaly_reference.inc
// clang-format off
#pragma once
#include <cstddef>
#include <cstdint>
namespace credence::stats::reference {
struct BetaBinomialCase { double alpha, beta; std::int64_t n, k; double at_most, at_least; };
struct GammaCase { double shape, rate, x, cdf, low, high; };
struct NegativeBinomialCase { double mean, size; std::int64_t k; double at_most, at_least; };"""


def main():
    print(HEAD)
    print("// alpha, beta, n, k, P(X <= k), P(X >= k): exact rational arithmetic.")
    table("kBetaBinomials", "BetaBinomialCase", beta_binomials())
    print("// shape, rate, x, P(X <= x), 2.5 % and 97.5 % quantiles: scipy.stats.gamma.")
    table("kGammas", "GammaCase", gammas())
    print("// mean, size, k, P(X <= k), P(X >= k): scipy.stats.nbinom.")
    table("kNegativeBinomials", "NegativeBinomialCase", negative_binomials())
    print("// mean, P(at most), P(at least), then the weights of the dispersions.")
    numbers("kRateCase", "double", rate_case())
    numbers("kVolumeCase", "double", volume_case())
    print("// median, scale, t, P(below), P(above).")
    numbers("kDurationCase", "double", duration_case())
    print("// Starts of the segments.")
    numbers("kRateChanges", "std::size_t", every_segmentation(rate_cost, len(RATE_SERIES)))
    numbers("kMeanChanges", "std::size_t", every_segmentation(mean_cost, len(MEAN_SERIES)))
    print("}  // namespace credence::stats::reference")
    print("// clang-format on")


if __name__ == "__main__":
    main()
