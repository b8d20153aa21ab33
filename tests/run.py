#!/usr/bin/env python3
"""Runs every kind of test, in order, and adds up the cases.

Stages: tidy, unit, golden, system, mcp. A stage that cannot run counts as one failure: nothing
passes by absence. The last line of output is always "N passed, N failed".
"""

import argparse
import dataclasses
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent
STAGES = ("tidy", "unit", "golden", "system", "mcp")
STAGE_TIMEOUT_S = 1800


@dataclasses.dataclass
class Outcome:
    passed: int
    failed: int
    note: str = ""


def run(command: list[str], **options) -> tuple[int, str]:
    """Runs with its output shown as it comes; returns the exit status and the output."""
    process = subprocess.Popen(
        command, cwd=options.pop("cwd", ROOT), text=True, errors="replace",
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    watchdog = threading.Timer(STAGE_TIMEOUT_S, process.kill)
    watchdog.start()
    lines = []
    try:
        for line in process.stdout:
            sys.stdout.write(line)
            sys.stdout.flush()
            lines.append(line)
        status = process.wait()
    except BaseException:
        process.kill()
        process.wait()
        raise
    finally:
        watchdog.cancel()
    return status, "".join(lines)


def tally(status: int, output: str, pattern: str, note: str = "") -> Outcome:
    """Counts from the program's own last words; a bad status or no words at all is a failure."""
    found = re.findall(pattern, output)
    if not found:
        return Outcome(0, 1, "ended without a result")
    passed, failed = (int(number) for number in found[-1])
    if status != 0 and failed == 0:
        return Outcome(passed, 1, f"exit status {status}")
    if passed + failed == 0:
        return Outcome(0, 1, "no tests found")
    return Outcome(passed, failed, note)


def stage_tidy(_: argparse.Namespace) -> Outcome:
    status, _output = run([sys.executable, "tools/tidy.py"])
    unit_status, output = run([sys.executable, "tests/system/run.py", "--plain", "tools"])
    outcome = tally(unit_status, output, r"(\d+) passed, (\d+) failed")
    if status == 0:
        outcome.passed += 1
    else:
        outcome.failed += 1
    return outcome


def stage_unit(arguments: argparse.Namespace) -> Outcome:
    """Counts the single cases inside each unit-test program; one that died counts as a failure."""
    results = ROOT / "build" / arguments.preset / "unit-results"
    shutil.rmtree(results, ignore_errors=True)
    results.mkdir(parents=True)
    junit = results / "ctest.junit"
    status, _ = run(
        ["ctest", "--test-dir", f"build/{arguments.preset}", "--output-on-failure", "--no-tests=error",
         "--parallel", "2", "--output-junit", str(junit)],
        env={**os.environ, "GTEST_OUTPUT": f"xml:{results}/"})
    if not junit.exists():
        return Outcome(0, 1, "ctest did not run")
    outcome = Outcome(0, 0)
    for case in xml.etree.ElementTree.parse(junit).getroot().iter("testcase"):
        name = case.get("name", "")
        inside = results / (name.removeprefix("unit.") + "_test.xml")
        passed, failed = count_gtest(inside)
        if case.get("status") != "run" and failed == 0:
            failed = 1  # it crashed, timed out or could not start
        elif passed + failed == 0:
            passed = 1  # a test that is not a gtest program
        outcome.passed += passed
        outcome.failed += failed
    if status != 0 and outcome.failed == 0:
        outcome = Outcome(outcome.passed, 1, f"ctest: exit status {status}")
    return outcome


def count_gtest(path: pathlib.Path) -> tuple[int, int]:
    if not path.exists():
        return 0, 0
    try:
        suites = xml.etree.ElementTree.parse(path).getroot()
    except xml.etree.ElementTree.ParseError:
        return 0, 1
    tests = int(suites.get("tests", "0"))
    failures = sum(int(suites.get(kind, "0")) for kind in ("failures", "errors", "disabled"))
    failures += sum(1 for case in suites.iter("testcase") if case.get("result") == "skipped")
    return max(0, tests - failures), failures


def stage_golden(arguments: argparse.Namespace) -> Outcome:
    status, output = run([sys.executable, "tests/golden/run.py"], env=environment(arguments))
    return tally(status, output, r"(\d+) golden cases passed, (\d+) failed")


def stage_system(arguments: argparse.Namespace) -> Outcome:
    status, output = run([sys.executable, "tests/system/run.py"], env=environment(arguments))
    return tally(status, output, r"(\d+) passed, (\d+) failed")


def stage_mcp(arguments: argparse.Namespace) -> Outcome:
    folder = ROOT / "tests" / "mcp"
    lock = folder / "package-lock.json"
    if not lock.exists():
        return Outcome(0, 1, "tests/mcp/package-lock.json is missing")
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    stamp = folder / "node_modules" / ".installed-for"
    if not stamp.exists() or stamp.read_text() != wanted:
        print("installing the MCP client packages …", flush=True)
        status, _ = run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund",
                         "--fetch-retries=5"], cwd=folder)
        if status != 0:
            return Outcome(0, 1, "npm ci failed")
        stamp.write_text(wanted)
    # The suite needs Node.js 22, Debian 12 has 18: one of the packages is Node.js itself.
    # Not by .bin: npm 9 unlinks it together with the package for the other processor.
    node = next(folder.glob("node_modules/node-linux-*/bin/node"), None)
    if node is None:
        return Outcome(0, 1, "tests/mcp/node_modules has no Node.js for this machine")
    results = ROOT / "build" / arguments.preset / "mcp.tap"
    results.unlink(missing_ok=True)
    status, _ = run(
        [str(node), "--test", "--test-concurrency=2",
         "--test-reporter=spec", "--test-reporter-destination=stdout",
         "--test-reporter=tap", f"--test-reporter-destination={results}",
         *sorted(path.name for path in folder.glob("*.test.mjs"))],
        cwd=folder, env=environment(arguments))
    output = results.read_text() if results.exists() else ""
    passed, failed = re.findall(r"^# pass (\d+)", output, re.M), re.findall(
        r"^# (?:fail|cancelled|skipped|todo) (\d+)", output, re.M)
    summary = f"{passed[-1]} passed, {sum(map(int, failed))} failed" if passed and failed else ""
    return tally(status, summary, r"(\d+) passed, (\d+) failed")


def environment(arguments: argparse.Namespace) -> dict[str, str]:
    build = ROOT / "build" / arguments.preset
    sanitizer = arguments.preset if arguments.preset in ("asan", "tsan") else ""
    return {**os.environ, "CREDENCE_BINARY": str(build / "credence"), "CREDENCE_SANITIZER": sanitizer,
            "CREDENCE_COVERAGE": "1" if arguments.preset == "coverage" else "",
            "CREDENCE_STORE_WRITER": str(build / "store_writer")}


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", default="release", help="which build to test")
    parser.add_argument("--stage", action="append", choices=STAGES, help="only this stage; repeat for more")
    return parser.parse_args()


def main() -> int:
    arguments = parse_arguments()
    rows = []
    for stage in arguments.stage or STAGES:
        print(f"\n== {stage}", flush=True)
        begin = time.monotonic()
        try:
            outcome = globals()[f"stage_{stage}"](arguments)
        except (OSError, subprocess.SubprocessError) as error:
            outcome = Outcome(0, 1, str(error))
        rows.append((stage, outcome, time.monotonic() - begin))
    print(f"\n{'stage':<8} {'passed':>7} {'failed':>7} {'seconds':>8}")
    for stage, outcome, seconds in rows:
        print(f"{stage:<8} {outcome.passed:>7} {outcome.failed:>7} {seconds:>8.1f}  {outcome.note}")
    passed = sum(outcome.passed for _, outcome, _ in rows)
    failed = sum(outcome.failed for _, outcome, _ in rows)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
