#!/usr/bin/python3
"""Reference numbers for src/stats: shrinkage, calibration, online logistic, forecast quality, rankings,
similar users and item similarity.

Usage: /usr/bin/python3 tools/reference/recommendation.py > src/stats/reference/recommendation_reference.inc
Needs Debian's python3-numpy and python3-scipy.
"""

import hashlib
import math

import numpy
from scipy import optimize, stats


def show(name: str, values) -> None:
    values = numpy.atleast_1d(numpy.asarray(values, dtype=float))
    numbers = ", ".join(repr(float(value)) for value in values)
    print(f"inline constexpr std::array<double, {len(values)}> {name}{{{numbers}}};")


def fit_prior(successes, n):
    """Kleinman's weighted moments, iterated: the fixed point found as a root instead of by rounds."""
    x, n = numpy.asarray(successes, float), numpy.asarray(n, float)

    def moments(rho):
        w = n / (1 + (n - 1) * rho)
        p = (w * x / n).sum() / w.sum()
        s = (w * (x / n - p) ** 2).sum()
        a = (w * (1 - w / w.sum()) / n).sum()
        b = (w * (1 - w / w.sum())).sum()
        return p, (s / (p * (1 - p)) - a) / (b - a)

    rho = optimize.brentq(lambda r: moments(r)[1] - r, 1e-12, 0.999, xtol=1e-15, rtol=1e-14)
    p = moments(rho)[0]
    strength = (1 - rho) / rho
    return p * strength, (1 - p) * strength


def shrinkage() -> None:
    # Hits of 18 players in their first 45 at bats of 1970: Efron and Morris (1975), table 1.
    hits = [18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7]
    show("kBaseballPrior", fit_prior(hits, [45] * 18))
    successes, n = [9, 1, 40, 52, 3, 3, 700], [10, 1, 80, 75, 9, 6, 1000]
    prior = fit_prior(successes, n)
    show("kUnevenPrior", prior)
    posteriors = [stats.beta(prior[0] + s, prior[1] + m - s) for s, m in zip(successes, n)]
    show("kUnevenMeans", [p.mean() for p in posteriors])
    show("kUnevenLow", [p.ppf(0.025) for p in posteriors])
    show("kUnevenHigh", [p.ppf(0.975) for p in posteriors])
    show("kUnevenBounds", [p.ppf(0.05) for p in posteriors])


def rows(count):
    """Margins and outcomes from whole numbers, so that both languages build the same."""
    margins = [((i * 37) % 101 - 40) / 20 for i in range(count)]
    outcomes = [(i * 53 + i // 7) % 100 < 100 / (1 + math.exp(-0.7 * m - 0.2))
                for i, m in enumerate(margins)]
    return numpy.array(margins), numpy.array(outcomes)


def calibration() -> None:
    margins, outcomes = rows(400)
    plus, minus = outcomes.sum(), (~outcomes).sum()
    target = numpy.where(outcomes, (plus + 1) / (plus + 2), 1 / (minus + 2))

    def loss(ab):
        score = ab[0] * margins + ab[1]
        return (numpy.logaddexp(0, score) - target * score).sum()

    def gradient(ab):
        excess = 1 / (1 + numpy.exp(-(ab[0] * margins + ab[1]))) - target
        return [(excess * margins).sum(), excess.sum()]

    found = optimize.root(gradient, optimize.minimize(loss, [1.0, 0.0], jac=gradient).x, tol=1e-14)
    show("kPlattOutcomes", [plus])
    show("kPlattScale", found.x)


def ftrl() -> None:
    alpha, beta, l1, l2 = 0.1, 1.0, 0.05, 0.5
    z, squares = numpy.zeros(3), numpy.zeros(3)

    def weights():
        return numpy.where(numpy.abs(z) <= l1, 0,
                           -(z - numpy.sign(z) * l1) / ((beta + numpy.sqrt(squares)) / alpha + l2))

    for i in range(200):
        x = numpy.array([1, ((i * 7) % 11 - 5) / 5, ((i * 3) % 7 - 3) / 3])
        y = (i * 29) % 10 < 5 + 3 * x[1]
        w = weights()
        gradient = (1 / (1 + math.exp(-(0.3 + w @ x))) - y) * x
        sigma = (numpy.sqrt(squares + gradient ** 2) - numpy.sqrt(squares)) / alpha
        z, squares = z + gradient - sigma * w, squares + gradient ** 2
    show("kFtrlWeights", weights())


def forecasts() -> None:
    margins, outcomes = rows(400)
    p = 1 / (1 + numpy.exp(-margins))
    y = outcomes.astype(float)
    base = 0.6
    show("kLogLoss", [-stats.bernoulli.logpmf(y, p).mean(), -stats.bernoulli.logpmf(y, base).mean()])
    show("kBrier", [((p - y) ** 2).mean(), ((base - y) ** 2).mean()])
    order = numpy.argsort(p, kind="stable")
    bin_of, total = numpy.zeros(len(p), int), 0.0
    for rank, position in enumerate(order):
        tied = rank > 0 and p[position] == p[order[rank - 1]]
        bin_of[position] = bin_of[order[rank - 1]] if tied else rank * 10 // len(p)
    for each in range(10):
        total += abs((p - y)[bin_of == each].sum())
    show("kEce", [total / len(p), abs(base - y.mean())])


def similar() -> None:
    """Users by items as a dense matrix."""
    has = numpy.array([[(u * u + 3 * i * u + i * 7) % 5 < 2 for i in range(12)] for u in range(9)])
    idf = numpy.log1p(len(has) / has.sum(axis=0))
    v = has * idf
    length = numpy.sqrt((v ** 2).sum(axis=1))
    common = (has[:, None, :] & has[None, :, :]).sum(axis=2)
    score = v @ v.T / numpy.outer(length, length) * common / (common + 5)
    show("kUserScores", [score[0, other] for other in range(1, 9)])
    show("kUserCommon", [common[0, other] for other in range(1, 9)])


def items() -> None:
    users, catalogue, now, half_life = 8, 6, 1000, 500
    w = numpy.zeros((users, catalogue))
    for u in range(users):
        for i in range(catalogue):
            n = (u * 5 + i * 3 + u * i) % 4
            if n:
                w[u, i] = math.log1p(n) * (0.25 + 0.75 * ((u + i) % (n + 1) + 1) / (n + 2)) * 0.5 ** (
                    (now - 100 * ((u + 2 * i) % 9)) / half_life)
    v = w * numpy.log1p(catalogue / (w > 0).sum(axis=1, keepdims=True))
    both = (w > 0).T.astype(int) @ (w > 0).astype(int)
    length = numpy.sqrt((v ** 2).sum(axis=0))
    similarity = v.T @ v / numpy.outer(length, length) * both / (both + 10)
    show("kItemSimilarities", [similarity[0, other] for other in range(1, catalogue)])
    show("kItemUsers", [both[0, other] for other in range(1, catalogue)])


def assignment() -> None:
    key = bytes(range(32))

    def position(experiment: bytes, user: bytes) -> float:
        text = b"credence.assignment.1"
        for part in (experiment, user):
            text += len(part).to_bytes(8, "little") + part
        word = int.from_bytes(hashlib.blake2b(text, digest_size=32, key=key).digest()[:8], "little")
        return (word >> 11) / 2 ** 53

    show("kPositions", [position(b"button", b"alice"), position(b"button", b"bob"), position(b"", b""),
                        position("gr\u00f6\u00dfe".encode(), b"a" * 300)])


def main() -> None:
    print("// Written by: /usr/bin/python3 tools/reference/recommendation.py"
          " > src/stats/reference/recommendation_reference.inc")
    print("// clang-format off")
    print("#pragma once\n\n#include <array>\n\nnamespace credence::stats::recommendation_reference {")
    shrinkage()
    calibration()
    ftrl()
    forecasts()
    similar()
    items()
    assignment()
    print("}  // namespace credence::stats::recommendation_reference")
    print("// clang-format on")


main()
