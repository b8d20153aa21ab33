#!/usr/bin/env python3
"""Compares HTTP servers on one core, pairwise against a reference.

    bench/http_bench.py --bin build/release
    bench/http_bench.py --candidate 'name|command line|url[|method[|body]]' ...

Without --candidate: epoll_baseline (the reference) and empty_server from --bin. The first candidate
is the reference; every other one is run directly after it, pair by pair, because the speed of a
shared host drifts and only ratios taken within seconds of each other mean anything. The server runs
on core 0, wrk (one thread, 64 connections) on core 1. CPU time is the server's own, all threads.
Needs wrk and Linux.
"""
import argparse
import http.client
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
from dataclasses import dataclass

BODY_BYTES = 322
MAX_DRIFT = 1.5
START_TIMEOUT_S = 20

LUA = """
wrk.method = os.getenv("BENCH_METHOD")
wrk.body = os.getenv("BENCH_BODY")
wrk.headers["Content-Type"] = "application/json"
function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d\\n", summary.requests, summary.duration,
    errors.status + errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
"""


def default_body():
    start, end = '{"text":"', '","direction":"input"}'
    filler = "Please summarise the attached quarterly report for the finance team. "
    return start + (filler * 9)[: BODY_BYTES - len(start) - len(end)] + end


@dataclass
class Candidate:
    name: str
    command: list
    url: str
    method: str = "POST"
    body: str = ""
    against: str = ""  # name of the candidate it is compared with; empty: the first


@dataclass
class Run:
    rate: float      # requests a second
    cpu_us: float    # server CPU a request
    p50_us: float
    p99_us: float
    errors: int


def parse_candidate(text):
    parts = text.split("|", 4)
    if len(parts) < 3:
        sys.exit(f"not 'name|command|url[|method[|body]]': {text}")
    method = parts[3] if len(parts) > 3 and parts[3] else "POST"
    body = parts[4] if len(parts) > 4 else default_body()
    return Candidate(parts[0], shlex.split(parts[1]), parts[2], method, body)


def credence(folder, port):
    """The real server with one network thread; everything on but the rate limit."""
    return [os.path.join(folder, "credence_with_greeter"), "serve", "--data", tempfile.mkdtemp(),
            "--listen", f"127.0.0.1:{port}", "--set", "server.io_threads=1",
            "--set", "access.requests_per_second=0"]


def default_candidates(folder):
    return [
        Candidate("raw epoll", [os.path.join(folder, "epoll_baseline"), "18080"],
                  "http://127.0.0.1:18080/v1/guard/scan", "POST", default_body()),
        Candidate("net, empty", [os.path.join(folder, "empty_server"), "18081"],
                  "http://127.0.0.1:18081/v1/guard/scan", "POST", default_body()),
        Candidate("credence, empty operation", credence(folder, 18082),
                  "http://127.0.0.1:18082/v1/greetings", "POST", '{"name":"Ada"}'),
        Candidate("credence, guard.scan", credence(folder, 18083),
                  "http://127.0.0.1:18083/v1/guard/scan", "POST", default_body(),
                  against="credence, empty operation"),
    ]


def ask_once(candidate):
    """The status of one request, or None while nobody answers."""
    url = urllib.parse.urlsplit(candidate.url)
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=2)
    path = url.path + ("?" + url.query if url.query else "")
    try:
        connection.request(candidate.method, path or "/", candidate.body,
                           {"Content-Type": "application/json"})
        return connection.getresponse().status
    except OSError:
        return None
    finally:
        connection.close()


def start(candidate):
    process = subprocess.Popen(["taskset", "-c", "0"] + candidate.command,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            sys.exit(f"{candidate.name}: ended with {process.returncode} at start")
        status = ask_once(candidate)
        if status is not None:
            if status >= 400:
                stop(process)
                sys.exit(f"{candidate.name}: answers {status}, nothing to measure")
            return process
        time.sleep(0.05)
    stop(process)
    sys.exit(f"{candidate.name}: did not answer within {START_TIMEOUT_S} s")


def stop(process):
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def cpu_ns(pid):
    total = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{thread}/schedstat", encoding="ascii") as file:
                total += int(file.read().split()[0])
        except (OSError, IndexError, ValueError):
            continue
    return total


def drive(candidate, script, seconds, connections):
    environment = dict(os.environ, BENCH_METHOD=candidate.method, BENCH_BODY=candidate.body)
    command = ["taskset", "-c", "1", "wrk", "-t1", f"-c{connections}", f"-d{seconds}s",
               "-s", script, candidate.url]
    output = subprocess.run(command, env=environment, capture_output=True, text=True,
                            timeout=seconds + 30, check=False)
    for line in output.stdout.splitlines():
        if line.startswith("RESULT "):
            return [int(word) for word in line.split()[1:]]
    sys.exit(f"wrk failed: {output.stdout}{output.stderr}")


def measure(candidate, script, options):
    process = start(candidate)
    try:
        before = cpu_ns(process.pid)
        requests, duration_us, errors, p50_us, p99_us = drive(
            candidate, script, options.seconds, options.connections)
        cpu = cpu_ns(process.pid) - before
    finally:
        stop(process)
    if requests == 0:
        sys.exit(f"{candidate.name}: no request was answered")
    return Run(requests / (duration_us / 1e6), cpu / 1000 / requests, p50_us, p99_us, errors)


def show_row(name, runs, reference_runs, against=""):
    def middle(values):
        return statistics.median(values)

    against = f" vs {against}" if against else ""
    rate = [mine.rate / ref.rate for mine, ref in zip(runs, reference_runs)]
    cpu = [mine.cpu_us / ref.cpu_us for mine, ref in zip(runs, reference_runs)]
    print(f"{name:<26} {middle([r.rate for r in runs]):>10.0f} "
          f"{middle([r.cpu_us for r in runs]):>9.2f} "
          f"{middle([r.p50_us for r in runs]):>8.0f} {middle([r.p99_us for r in runs]):>8.0f}   "
          f"{middle(rate):.2f} [{min(rate):.2f}..{max(rate):.2f}]   "
          f"{middle(cpu):.2f} [{min(cpu):.2f}..{max(cpu):.2f}]   "
          f"{sum(r.errors for r in runs)}{against}")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default="build/release", help="folder of the default candidates")
    parser.add_argument("--candidate", action="append", default=[],
                        help="name|command line|url[|method[|body]]; added to the defaults")
    parser.add_argument("--only", action="store_true", help="without the default candidates")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--connections", type=int, default=64)
    options = parser.parse_args()

    candidates = [] if options.only else default_candidates(options.bin)
    candidates += [parse_candidate(text) for text in options.candidate]
    if len(candidates) < 2:
        sys.exit("nothing to compare")
    reference, others = candidates[0], candidates[1:]
    by_name = {candidate.name: candidate for candidate in candidates}
    runs = {candidate.name: [] for candidate in others}
    references = {candidate.name: [] for candidate in others}
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(LUA)
        script.flush()
        for _ in range(options.pairs):
            for candidate in others:
                against = by_name.get(candidate.against, reference)
                references[candidate.name].append(measure(against, script.name, options))
                runs[candidate.name].append(measure(candidate, script.name, options))

    all_references = [run for candidate in others if not candidate.against
                      for run in references[candidate.name]]
    print(f"{options.pairs} pairs of {options.seconds} s, {options.connections} connections, "
          "medians; ratios are pairwise, against the first line or the one named")
    print(f"{'server':<26} {'req/s':>10} {'CPU us':>9} {'p50 us':>8} {'p99 us':>8}   "
          f"{'req/s ratio':<19}  {'CPU ratio':<19}  errors")
    show_row(reference.name, all_references, all_references)
    for candidate in others:
        show_row(candidate.name, runs[candidate.name], references[candidate.name],
                 candidate.against)
    costs = [run.cpu_us for run in all_references]
    drift = max(costs) / min(costs)
    if drift > MAX_DRIFT:
        print(f"unreliable: reference varied more than {MAX_DRIFT}x ({drift:.2f}x)")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
