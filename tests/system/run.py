#!/usr/bin/env python3
"""Runs Python tests, one line each; last line "N passed, N failed".

Usage: tests/system/run.py [--list] [PATTERN…]     tests whose name contains a pattern; default all
       tests/system/run.py --plain FOLDER          the *_test.py of another folder

Under a sanitizer (CREDENCE_SANITIZER) classes marked release_only, and the crash loop, are left out.
"""

import faulthandler
import os
import pathlib
import sys
import time
import traceback
import unittest

HERE = pathlib.Path(__file__).resolve().parent
TEST_TIMEOUT_S = 600  # of one test: then its stack is printed and the run ends
SANITIZED_OUT = ("crash_test",)


class LineResult(unittest.TestResult):
    """Prints each test when it ended, with its time and, if it failed, why."""

    def __init__(self) -> None:
        super().__init__()
        self.passed = 0
        self.failed = 0
        self._begin = 0.0
        self._faults: list[str] = []

    def startTest(self, test) -> None:  # noqa: N802 (unittest's name)
        super().startTest(test)
        self._begin = time.monotonic()
        self._faults = []
        faulthandler.dump_traceback_later(TEST_TIMEOUT_S, exit=True)

    def stopTest(self, test) -> None:  # noqa: N802
        faulthandler.cancel_dump_traceback_later()
        super().stopTest(test)
        if self._faults:
            self.failed += 1
        else:
            self.passed += 1
        word = "FAILED" if self._faults else "ok"
        print(f"{word:<7}{test.id()} ({time.monotonic() - self._begin:.2f} s)", flush=True)
        for fault in self._faults:
            print("    " + fault.rstrip().replace("\n", "\n    "), flush=True)

    def addError(self, test, err) -> None:  # noqa: N802
        super().addError(test, err)
        text = "".join(traceback.format_exception(*err))
        if isinstance(test, unittest.TestCase):
            self._faults.append(text)
        else:  # setUpClass or a module that does not import: no startTest came before
            self.failed += 1
            print(f"FAILED {test.id()}\n{text}", flush=True)

    def addFailure(self, test, err) -> None:  # noqa: N802
        super().addFailure(test, err)
        self._faults.append("".join(traceback.format_exception(*err)))

    def addSubTest(self, test, subtest, err) -> None:  # noqa: N802
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._faults.append(f"{subtest}\n" + "".join(traceback.format_exception(*err)))

    def addSkip(self, test, reason) -> None:  # noqa: N802
        super().addSkip(test, reason)
        self._faults.append(f"skipped tests count as failures: {reason}")


def flatten(suite: unittest.TestSuite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from flatten(test)
        else:
            yield test


def chosen(test: unittest.TestCase, patterns: list[str]) -> bool:
    if patterns and not any(pattern in test.id() for pattern in patterns):
        return False
    if os.environ.get("CREDENCE_COVERAGE") and getattr(test, "release_only", False):
        return False  # budgets of time and memory are not those of an instrumented build
    if os.environ.get("CREDENCE_SANITIZER"):
        return not (getattr(test, "release_only", False) or test.id().startswith(SANITIZED_OUT))
    return True


def main() -> int:
    arguments = sys.argv[1:]
    folder = HERE
    if arguments[:1] == ["--plain"]:
        folder = pathlib.Path(arguments[1]).resolve()
        arguments = arguments[2:]
    listing = "--list" in arguments
    patterns = [argument for argument in arguments if argument != "--list"]
    loaded = unittest.defaultTestLoader.discover(str(folder), pattern="*_test.py", top_level_dir=str(folder))
    tests = [test for test in flatten(loaded) if chosen(test, patterns)]
    if listing:
        print("\n".join(test.id() for test in tests))
        return 0
    result = LineResult()
    unittest.TestSuite(tests).run(result)
    print(f"{result.passed} passed, {result.failed} failed")
    return 1 if result.failed or not result.passed else 0


if __name__ == "__main__":
    sys.exit(main())
