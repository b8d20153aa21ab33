#!/usr/bin/python3
"""Reference numbers for src/stats/association/association_test.cpp.

Usage: /usr/bin/python3 tools/reference/association.py > src/stats/reference/association_reference.inc

Needs Debian's python3-scipy.
"""

import numpy as np
import scipy
import scipy.stats


def listed(values) -> str:
    return "{" + ", ".join(format(float(value), ".17g") for value in values) + "}"


def numbers(sessions: int, a: int, b: int, both: int) -> list[float]:
    table = np.array([[both, a - both], [b - both, sessions - a - b + both]])
    g_squared, g_p = scipy.stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")[:2]
    fisher = scipy.stats.fisher_exact(table)[1]
    expected = a * b / sessions
    posterior = scipy.stats.gamma(both + 0.5, scale=1 / (expected + 0.5))
    cells = table + 0.5
    log_odds = np.log(cells[0, 0] * cells[1, 1] / (cells[0, 1] * cells[1, 0]))
    half = scipy.stats.norm.ppf(0.975) * np.sqrt(np.sum(1 / cells))
    return [both / expected, posterior.mean(), posterior.ppf(0.025), posterior.ppf(0.975), log_odds,
            log_odds - half, log_odds + half, g_squared, g_p, fisher]


if __name__ == "__main__":
    print("// Printed by: /usr/bin/python3 tools/reference/association.py")
    print(f"// numpy {np.__version__}, scipy {scipy.__version__}")
    print("// sessions, a, b, both; lift, shrunk lift, low, high, log odds ratio, low, high, G2, p, Fisher's p")
    for case in [(91, 20, 20, 20), (8, 4, 4, 3), (1000, 100, 100, 10), (1000, 100, 100, 30),
                 (200, 100, 120, 40), (50, 10, 5, 0), (1000, 500, 400, 230), (10_000, 3_000, 200, 95),
                 (1_000_000, 50_000, 20_000, 1_200)]:
        print("{" + ",\n ".join((listed(case), listed(numbers(*case)))) + "},")
    print("// Sign test: fewer, n, p")
    for fewer, n in [(0, 1), (2, 10), (5, 10), (40, 100)]:
        print(f"// {fewer} {n} {scipy.stats.binomtest(fewer, n).pvalue:.17g}")
