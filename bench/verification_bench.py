#!/usr/bin/env python3
"""What a verification costs beyond the program it runs: whole requests over HTTP, as a durable job.

Usage: bench/verification_bench.py [--bin build/release] [--rounds 200]

For each runner this host supports: p50 and p95 of (answer - program's own time), where the program
is /bin/true on a tree of three files. Baseline of the same run: fork and exec of /bin/true alone.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests" / "system"))

BUDGET_MS = {"bubblewrap": 10.0, "native": 3.0}


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def baseline(rounds: int) -> list[float]:
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0)
        times.append((time.perf_counter() - begin) * 1e3)
    return times


def measure(support, runner: str, rounds: int, folder: str) -> tuple[list[float], list[float]] | None:
    tree = pathlib.Path(folder) / "tree"
    tree.mkdir(exist_ok=True)
    for name in ("a.txt", "b.txt", "c.txt"):
        (tree / name).write_text(name * 100)
    server = support.Server(f"{folder}/{runner}", "--set", f"sandbox.runner={runner}")
    try:
        server.post("/v1/trees", {"name": "default", "path": str(tree)})
        server.post("/v1/agents", {"agent_id": "bench"})
        reply = server.request("PUT", "/v1/recipes/true", {
            "summary": "Nothing", "kinds": ["custom"], "argv": ["/bin/true"], "report": "none"})
        if reply.status != 200:
            raise SystemExit(f"no recipe: {reply.body!r}")
        overhead, child = [], []
        for round_number in range(rounds + 5):
            begin = time.perf_counter()
            answer = server.post("/v1/verifications", {
                "agent_id": "bench", "claim_type": "custom", "recipe": "true",
                "claim_content": {"return_code": 0}}, headers={"Prefer": "wait=30"})
            took_ms = (time.perf_counter() - begin) * 1e3
            verdict = answer.json()
            if verdict.get("outcome") == "error":
                print(f"{runner}: not usable here: {verdict['reason']}")
                return None
            if verdict.get("outcome") != "confirmed":
                raise SystemExit(json.dumps(verdict))
            if round_number >= 5:
                overhead.append(took_ms - verdict["duration_us"] / 1e3)
                child.append(verdict["duration_us"] / 1e3)
        return overhead, child
    finally:
        server.stop()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--bin", default="build/release")
    parser.add_argument("--rounds", type=int, default=200)
    arguments = parser.parse_args()
    os.environ["CREDENCE_BINARY"] = str(pathlib.Path(arguments.bin) / "credence")
    import support  # reads CREDENCE_BINARY

    alone = baseline(arguments.rounds)
    print("\nverification of /bin/true, request to answer, beyond the program's own time [ms]")
    print(f"{'runner':<12} {'p50':>7} {'p95':>7} {'budget p95':>11} {'program p50':>12} {'n':>5}")
    print(f"{'(fork+exec)':<12} {percentile(alone, .5):7.2f} {percentile(alone, .95):7.2f} {'':>11} {'':>12} "
          f"{len(alone):5}")
    with tempfile.TemporaryDirectory(prefix="credence-bench-") as folder:
        for runner in ("native", "bubblewrap"):
            measured = measure(support, runner, arguments.rounds, folder)
            if measured is None:
                continue
            overhead, child = measured
            p95 = percentile(overhead, .95)
            verdict = "" if p95 <= BUDGET_MS[runner] else "  OVER BUDGET"
            print(f"{runner:<12} {percentile(overhead, .5):7.2f} {p95:7.2f} {BUDGET_MS[runner]:11.1f} "
                  f"{percentile(child, .5):12.2f} {len(overhead):5}{verdict}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
