#!/usr/bin/env python3
"""What MCP costs: beside REST over HTTP, over stdio, and per idle session.

    bench/mcp_bench.py [--bin build/release] [--seconds 3] [--pairs 5]

The operation is the example's greeting, which does nothing. Over HTTP the server has one network
thread on core 0. One connection is measured twice, beside a server of raw epoll that answers a
constant: with wrk on the same core, which is the work, and on the other core, where waking a
sleeping core costs more than the work does. With 64 connections wrk runs on core 1; REST and MCP
are measured in pairs, because the speed of a shared host drifts and only ratios taken within
seconds of each other mean anything. Budgets: 60 us p50 of a call on one connection, half the rate
of REST, 50,000 calls a second over stdio, 20 KB an idle session. Needs wrk and Linux.
"""
import argparse
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time

PORT = 18090
RAW_PORT = 18091
RAW = "raw epoll"
MODERN = "2026-07-28"
LEGACY = "2025-11-25"
START_TIMEOUT_S = 20
STDIO_CALLS = 200_000
SESSIONS = 5_000

LUA = """
wrk.method = "POST"
wrk.body = os.getenv("BENCH_BODY")
for line in string.gmatch(os.getenv("BENCH_HEADERS"), "[^\\n]+") do
  local name, value = string.match(line, "([^:]+): (.*)")
  wrk.headers[name] = value
end
function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d\\n", summary.requests, summary.duration,
    errors.status + errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
"""

ARGUMENTS = {"name": "Ada"}
JSON_ONLY = {"Content-Type": "application/json"}
MCP_HEADERS = {"Content-Type": "application/json",
               "Accept": "application/json, text/event-stream"}


def call(params=None):
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call",
            "params": {"name": "greeter_greet", "arguments": ARGUMENTS, **(params or {})}}


def modern_meta():
    prefix = "io.modelcontextprotocol/"
    return {"_meta": {prefix + "protocolVersion": MODERN, prefix + "clientCapabilities": {}}}


CASES = [
    ("REST", "/v1/greetings", JSON_ONLY, ARGUMENTS),
    ("MCP " + LEGACY, "/mcp", {**MCP_HEADERS, "MCP-Protocol-Version": LEGACY}, call()),
    ("MCP " + MODERN, "/mcp",
     {**MCP_HEADERS, "MCP-Protocol-Version": MODERN, "Mcp-Method": "tools/call",
      "Mcp-Name": "greeter_greet"}, call(modern_meta())),
]


def start(program):
    process = subprocess.Popen(
        ["taskset", "-c", "0", program, "serve", "--data", tempfile.mkdtemp(), "--listen",
         f"127.0.0.1:{PORT}", "--set", "server.io_threads=1", "--set",
         "access.requests_per_second=0", "--set", "log.level=warning"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=1)
            connection.request("GET", "/health/ready")
            if connection.getresponse().status == 200:
                return process
        except OSError:
            time.sleep(0.05)
        if process.poll() is not None:
            sys.exit("the server ended at start")
    sys.exit("the server did not start")


def stop(process):
    process.terminate()
    process.wait(20)


def check(case):
    name, path, headers, body = case
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=5)
    connection.request("POST", path, json.dumps(body), headers)
    response = connection.getresponse()
    text = response.read().decode()
    if response.status != 200 or "Ada" not in text:
        sys.exit(f"{name}: answers {response.status}, nothing to measure: {text[:300]}")


def drive(case, script, seconds, connections, core=1):
    name, path, headers, body = case
    port = RAW_PORT if name == RAW else PORT
    environment = dict(os.environ, BENCH_BODY=json.dumps(body),
                       BENCH_HEADERS="\n".join(f"{k}: {v}" for k, v in headers.items()))
    output = subprocess.run(
        ["taskset", "-c", str(core), "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s",
         script, f"http://127.0.0.1:{port}{path}"],
        env=environment, capture_output=True, text=True, timeout=seconds + 30, check=False)
    for line in output.stdout.splitlines():
        if line.startswith("RESULT "):
            requests, duration_us, errors, p50_us, p99_us = (int(w) for w in line.split()[1:])
            return requests / (duration_us / 1e6), p50_us, p99_us, errors
    sys.exit(f"wrk failed: {output.stdout}{output.stderr}")


def one_connection(script, options, core):
    raw = (RAW, "/", JSON_ONLY, ARGUMENTS)
    where = "the same core" if core == 0 else "another core"
    print(f"{'wrk on ' + where:<22} {'p50 us':>8} {'p99 us':>8}")
    for case in [raw, *CASES]:
        runs = [drive(case, script, options.seconds, 1, core) for _ in range(options.pairs)]
        print(f"{case[0]:<22} {statistics.median(r[1] for r in runs):>8.0f} "
              f"{statistics.median(r[2] for r in runs):>8.0f}")


def over_http(program, options):
    process = start(program)
    raw = subprocess.Popen(["taskset", "-c", "0", os.path.join(options.bin, "epoll_baseline"),
                            str(RAW_PORT)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(LUA)
        script.flush()
        try:
            for case in CASES:
                check(case)
                drive(case, script.name, 1, 1)  # warm
            one_connection(script.name, options, 0)
            one_connection(script.name, options, 1)
            print(f"\n{'64 connections':<22} {'calls/s':>9}   ratio to REST in the same pair")
            rates = {case[0]: [] for case in CASES}
            for _ in range(options.pairs):
                for case in CASES:
                    rates[case[0]].append(drive(case, script.name, options.seconds, 64)[0])
            for name, values in rates.items():
                ratios = [mine / rest for mine, rest in zip(values, rates["REST"])]
                print(f"{name:<22} {statistics.median(values):>9.0f}   "
                      f"{statistics.median(ratios):.2f} [{min(ratios):.2f}..{max(ratios):.2f}]")
        finally:
            stop(raw)
            stop(process)


def over_stdio(program):
    process = subprocess.Popen(
        [program, "mcp", "--data", tempfile.mkdtemp()],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def exchange(message):
        process.stdin.write(json.dumps(message).encode() + b"\n")
        process.stdin.flush()
        return process.stdout.readline()

    exchange({"jsonrpc": "2.0", "id": 0, "method": "initialize",
              "params": {"protocolVersion": LEGACY, "capabilities": {},
                         "clientInfo": {"name": "bench", "version": "1"}}})
    block = b"".join(json.dumps({**call(), "id": i}).encode() + b"\n" for i in range(STDIO_CALLS))
    begin = time.monotonic()
    writer = threading.Thread(target=lambda: (process.stdin.write(block), process.stdin.flush()))
    writer.start()
    answered = 0
    while answered < STDIO_CALLS:
        piece = os.read(process.stdout.fileno(), 1 << 20)
        if not piece:
            sys.exit("the server ended")
        answered += piece.count(b"\n")
    seconds = time.monotonic() - begin
    writer.join()
    process.stdin.close()
    process.wait(20)
    print(f"\nstdio: {STDIO_CALLS / seconds:.0f} calls/s ({STDIO_CALLS} calls, written ahead)")


def resident_bytes(process):
    with open(f"/proc/{process.pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def idle_sessions(program):
    process = start(program)
    try:
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=5)
        body = json.dumps({"jsonrpc": "2.0", "id": 0, "method": "initialize",
                           "params": {"protocolVersion": LEGACY, "capabilities": {"roots": {}},
                                      "clientInfo": {"name": "bench", "version": "1"}}})

        def opened(count):
            for _ in range(count):
                connection.request("POST", "/mcp", body, MCP_HEADERS)
                response = connection.getresponse()
                if not response.getheader("Mcp-Session-Id"):
                    sys.exit(f"no session: {response.status} {response.read()[:200]}")
                response.read()

        opened(200)  # what the first ones cost once
        before = resident_bytes(process)
        opened(SESSIONS)
        each = (resident_bytes(process) - before) / SESSIONS
        print(f"idle session: {each / 1000:.1f} KB resident each ({SESSIONS} sessions)")
    finally:
        stop(process)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default="build/release")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2)
    options = parser.parse_args()
    program = os.path.join(options.bin, "credence_with_greeter")
    over_http(program, options)
    over_stdio(program)
    idle_sessions(program)


if __name__ == "__main__":
    main()
