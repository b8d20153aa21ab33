"""kill -9 at random moments under write load: what was acknowledged stays, and a durable
subscriber has each event once and in order.

The program under test is tests/support/store_writer.cpp. CREDENCE_STORE_WRITER names the binary
(default build/release/store_writer), CREDENCE_CRASH_ROUNDS the number of kills (default 200),
CREDENCE_CRASH_SEED the seed (default 1)."""

import os
import pathlib
import random
import signal
import sqlite3
import subprocess
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("CREDENCE_STORE_WRITER", str(ROOT / "build/release/store_writer"))
ROUNDS = int(os.environ.get("CREDENCE_CRASH_ROUNDS", "200"))
SEED = int(os.environ.get("CREDENCE_CRASH_SEED", "1"))
WRITERS = 16
MAX_LINES = 120
SECONDS_ALLOWED = 60


def run_and_kill(directory, lines_wanted):
    """Starts the writer, kills it after that many lines; the numbers it acknowledged."""
    process = subprocess.Popen([BINARY, directory, str(WRITERS)], stdout=subprocess.PIPE)
    lines = []
    for _ in range(lines_wanted):
        line = process.stdout.readline()
        if not line:
            break
        lines.append(line)
    ended_early = len(lines) < lines_wanted
    process.send_signal(signal.SIGKILL)
    # What was already in the pipe had been acknowledged too.
    lines += process.stdout.read().splitlines(keepends=True)
    process.stdout.close()
    status = process.wait()
    numbers = {int(line) for line in lines if line.endswith(b"\n") and line != b"ready\n"}
    return numbers, ended_early, status


class Checker:
    """Looks at the database after each kill. Only what is new is compared each time; all() compares
    everything."""

    def __init__(self, test, path):
        self.test = test
        self.path = path
        self.acknowledged = set()
        self.checked_n = 0
        self.checked_seq = 0

    def _one(self, database, sql, *parameters):
        return database.execute(sql, parameters).fetchone()

    def after_kill(self, numbers):
        self.test.assertFalse(numbers & self.acknowledged, "a number was acknowledged twice")
        self.acknowledged |= numbers
        database = sqlite3.connect(self.path)
        try:
            tables = {row[0] for row in database.execute("SELECT name FROM sqlite_master")}
            if "delivery" not in tables:
                self.test.assertFalse(numbers, "rows were acknowledged before their table")
                return
            for number in numbers:
                row = self._one(database, "SELECT 1 FROM entry WHERE number = ?", number)
                self.test.assertIsNotNone(row, f"acknowledged row {number} is lost")
            self._deliveries(database)
        finally:
            database.close()

    def _deliveries(self, database):
        cursor = self._one(
            database, "SELECT seq FROM event_cursor WHERE subscriber = 'recorder'")
        if cursor is None:
            return
        (cursor,) = cursor
        last_seq = self.checked_seq
        for n, seq in database.execute(
                "SELECT n, seq FROM delivery WHERE n > ? ORDER BY n", (self.checked_n,)):
            self.test.assertGreater(seq, last_seq, "delivered out of order or twice")
            self.checked_n, last_seq = n, seq
        events = self._one(
            database, "SELECT COUNT(*) FROM event WHERE seq > ? AND seq <= ?",
            self.checked_seq, cursor)[0]
        seen = self._one(
            database, "SELECT COUNT(*) FROM seen WHERE seq > ?", self.checked_seq)[0]
        self.test.assertEqual(seen, events, "seen has gaps up to the cursor, or goes beyond it")
        self.test.assertLessEqual(last_seq, cursor)
        self.checked_seq = cursor

    def all(self):
        database = sqlite3.connect(self.path)
        try:
            stored = {row[0] for row in database.execute("SELECT number FROM entry")}
            self.test.assertFalse(self.acknowledged - stored, "acknowledged rows are lost")
            events = [row[0] for row in database.execute("SELECT seq FROM event ORDER BY seq")]
            self.test.assertEqual(len(events), len(stored), "each row has its event")
            seen = [row[0] for row in database.execute("SELECT seq FROM seen ORDER BY seq")]
            delivered = [row[0] for row in database.execute("SELECT seq FROM delivery ORDER BY n")]
            self.test.assertEqual(seen, events)
            self.test.assertEqual(delivered, events)
            self.test.assertEqual(self._one(database, "PRAGMA integrity_check")[0], "ok")
            return len(stored), len(self.acknowledged)
        finally:
            database.close()


class CrashTest(unittest.TestCase):
    def test_kill_at_random_moments(self):
        self.assertTrue(os.access(BINARY, os.X_OK), f"{BINARY} is not built")
        chance = random.Random(SEED)
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="crash_test.") as directory:
            checker = Checker(self, os.path.join(directory, "crash.db"))
            for number in range(ROUNDS):
                # Now and then before the first line: in the start, with its migration and recovery.
                lines = 0 if chance.random() < 0.1 else chance.randint(1, MAX_LINES)
                numbers, ended_early, status = run_and_kill(directory, lines)
                self.assertFalse(ended_early, f"round {number}: it ended itself, status {status}")
                with self.subTest(round=number, seed=SEED):
                    checker.after_kill(numbers)
            subprocess.run([BINARY, directory, "0"], check=True, timeout=SECONDS_ALLOWED)
            stored, acknowledged = checker.all()
        took = time.monotonic() - began
        print(f"{ROUNDS} kills in {took:.1f} s: {acknowledged} rows acknowledged, {stored} stored, "
              "each event delivered once and in order")
        self.assertGreater(acknowledged, ROUNDS)
        self.assertLess(took, SECONDS_ALLOWED)


if __name__ == "__main__":
    unittest.main()
