"""Starts and stops the real program for tests; speaks plain HTTP to it. Standard library only."""

import contextlib
import dataclasses
import http.client
import json
import os
import pathlib
import queue
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BINARY = str(pathlib.Path(os.environ.get("CREDENCE_BINARY", ROOT / "build/release/credence")).resolve())
SANITIZER = os.environ.get("CREDENCE_SANITIZER", "")
SLOWDOWN = 10 if SANITIZER else 1  # how much patience the build under test needs
START_TIMEOUT_S = 10 * SLOWDOWN
REPLY_TIMEOUT_S = 10 * SLOWDOWN
SANITIZER_REPORT = re.compile(r"ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|runtime error:|CHECK failed")


def environment(**extra: str) -> dict[str, str]:
    """The caller's environment without settings of ours, so that each test says what it means."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CREDENCE_")}
    return {**kept, **extra}


def promtool() -> str:
    return os.environ.get("PROMTOOL") or shutil.which("promtool") or "promtool"


@dataclasses.dataclass
class Reply:
    status: int
    headers: dict[str, str]  # names in lower case
    body: bytes

    def json(self):
        return json.loads(self.body)


@dataclasses.dataclass
class Finished:
    """A program that ended."""

    status: int
    out: str
    err: str

    def json(self):
        return json.loads(self.out)


def run_credence(*arguments: str, stdin: str = "", env: dict[str, str] | None = None,
                 timeout_s: float = 60 * SLOWDOWN) -> Finished:
    done = subprocess.run([BINARY, *arguments], input=stdin, text=True, capture_output=True,
                          env=env or environment(), timeout=timeout_s, check=False)
    if SANITIZER_REPORT.search(done.stderr):
        raise AssertionError(f"credence {' '.join(arguments)}: {done.stderr}")
    return Finished(done.returncode, done.stdout, done.stderr)


class Server:
    """`credence serve` on a free port. Ready when it says so in its log; never waits by time."""

    def __init__(self, data: str, *arguments: str, listen: str = "127.0.0.1:0",
                 env: dict[str, str] | None = None) -> None:
        self.data = data
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(
            [BINARY, "serve", "--data", data, "--listen", listen, *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            errors="replace", env=env or environment())
        self.log: list[str] = []
        self._listening: queue.Queue[dict | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()
        try:
            line = self._listening.get(timeout=START_TIMEOUT_S)
        except queue.Empty:
            line = None
        if line is None:
            self.kill()
            raise AssertionError(f"the server did not start:\n{''.join(self.log)}")
        self.ready_after_s = time.monotonic() - self.started_at
        self.address = line.get("address", "127.0.0.1")
        self.port = int(line["port"])

    def _read_log(self) -> None:
        for line in self.process.stderr:
            self.log.append(line)
            with contextlib.suppress(ValueError):
                entry = json.loads(line)
                if isinstance(entry, dict) and entry.get("event") == "listening":
                    self._listening.put(entry)
        self._listening.put(None)

    @property
    def pid(self) -> int:
        return self.process.pid

    def rss_mb(self) -> float:
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"^VmRSS:\s+(\d+) kB", status, re.M).group(1)) / 1024

    def stop(self, expect: int = 0) -> None:
        """SIGTERM; must end in time, with this status and a clean log."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(timeout=15 * SLOWDOWN)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"the server did not stop:\n{self.tail()}") from None
        self._reader.join(timeout=10)
        self.process.stderr.close()
        if status != expect or SANITIZER_REPORT.search("".join(self.log)):
            raise AssertionError(f"the server ended with {status}:\n{self.tail()}")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self._reader.join(timeout=10)
        self.process.stderr.close()

    def tail(self) -> str:
        return "".join(self.log[-60:])

    def connect(self, timeout_s: float = REPLY_TIMEOUT_S) -> socket.socket:
        return socket.create_connection((self.address, self.port), timeout=timeout_s)

    def request(self, method: str, path: str, body=None, headers: dict[str, str] | None = None,
                timeout_s: float = REPLY_TIMEOUT_S) -> Reply:
        """One request on its own connection. A body that is not bytes travels as JSON."""
        connection = http.client.HTTPConnection(self.address, self.port, timeout=timeout_s)
        try:
            return send(connection, method, path, body, headers)
        finally:
            connection.close()

    def get(self, path: str, **options) -> Reply:
        return self.request("GET", path, **options)

    def post(self, path: str, body, **options) -> Reply:
        return self.request("POST", path, body, **options)


def send(connection: http.client.HTTPConnection, method: str, path: str, body=None,
         headers: dict[str, str] | None = None) -> Reply:
    """One request on a connection that may be kept."""
    sent = dict(headers or {})
    if body is not None:
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        sent.setdefault("Content-Type", "application/json")
    connection.request(method, path, body=body, headers=sent)
    response = connection.getresponse()
    return Reply(response.status, {name.lower(): value for name, value in response.getheaders()},
                 response.read())


def exchange(server: Server, data: bytes, *, close_writing: bool = False,
             timeout_s: float = REPLY_TIMEOUT_S) -> bytes:
    """Sends raw bytes and returns all that comes back until the server closes (or goes quiet)."""
    with server.connect(timeout_s) as connection:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(data)
            if close_writing:
                connection.shutdown(socket.SHUT_WR)
        return read_all(connection)


def read_all(connection: socket.socket) -> bytes:
    received = b""
    with contextlib.suppress(ConnectionResetError, TimeoutError):
        while chunk := connection.recv(65536):
            received += chunk
    return received


def statuses(received: bytes) -> list[int]:
    return [int(code) for code in re.findall(rb"HTTP/1\.[01] (\d{3})", received)]


def metric(server: Server, name: str) -> float:
    """The value of a series without labels, as scraped now."""
    found = re.search(rf"^{name} (\S+)$", server.get("/metrics").body.decode(), re.M)
    if not found:
        raise AssertionError(f"/metrics has no {name}")
    return float(found.group(1))


class SystemTest(unittest.TestCase):
    """Base of system tests: temporary folders, and servers that are stopped cleanly at the end."""

    maxDiff = None

    def folder(self) -> str:
        path = tempfile.mkdtemp(prefix="credence-test-")
        self.addCleanup(shutil.rmtree, path, ignore_errors=True)
        return path

    def serve(self, *arguments: str, data: str | None = None, **options) -> Server:
        server = Server(data or self.folder(), *arguments, **options)

        def finish() -> None:
            if server.process.poll() is None:
                server.stop()

        self.addCleanup(finish)
        return server

    def assert_alive(self, server: Server) -> None:
        self.assertEqual(server.get("/health/live").status, 200, server.tail())

    def assert_problem(self, reply: Reply, status: int, code: str, field: str | None = None) -> dict:
        """An application/problem+json of that status, code and, when given, field."""
        self.assertEqual(reply.status, status, reply.body[:500])
        self.assertTrue(reply.headers["content-type"].startswith("application/problem+json"),
                        reply.headers)
        problem = reply.json()
        self.assertEqual(problem["status"], status)
        self.assertEqual(problem["code"], code, problem)
        self.assertTrue(problem["title"] and problem["type"] and problem["detail"], problem)
        if "request_id" in problem or status not in (401, 404, 405, 429):  # those precede admission
            self.assertRegex(problem["request_id"], r"^[0-9a-f-]{36}$")
        if field is not None:
            self.assertEqual(problem.get("field"), field, problem)
        return problem


def release_only(test_class: type) -> type:
    """Marks budgets (memory, time, many connections) that a sanitizer build cannot meet."""
    test_class.release_only = True
    return test_class
