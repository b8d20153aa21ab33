"""Bad input on the real program: each kind gets its documented error, and the server keeps answering."""

import contextlib
import json
import resource
import select
import socket
import time

import support

SCAN = "/v1/guard/scan"
BODY_LIMIT_BYTES = 8 * 1024 * 1024
HEAD_LIMIT_BYTES = 16 * 1024
IDLE_CONNECTIONS = 10_000
IDLE_RSS_MB = 200


class HostileTest(support.SystemTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.data = support.tempfile.mkdtemp(prefix="credence-test-")
        cls.addClassCleanup(support.shutil.rmtree, cls.data, ignore_errors=True)
        cls.server = support.Server(
            cls.data, "--set", "server.head_timeout_ms=300", "--set", "server.body_timeout_ms=300")
        cls.addClassCleanup(cls.server.stop)

    def tearDown(self):
        self.assert_alive(self.server)
        reply = self.server.post(SCAN, {"text": "hello"})
        self.assertEqual(reply.status, 200, reply.body)

    def raw(self, text: str | bytes, **options) -> bytes:
        data = text if isinstance(text, bytes) else text.encode("latin-1")
        return support.exchange(self.server, data, **options)

    def assert_refused(self, received: bytes, status: int) -> None:
        """One answer with that status, and the connection closed after it."""
        self.assertEqual(support.statuses(received), [status], received[:500])

    def assert_invalid(self, body, field: str) -> None:
        self.assert_problem(self.server.post(SCAN, body), 400, "invalid", field)


class BodyTest(HostileTest):
    def test_malformed_json(self):
        for body in (b"", b"{", b"}", b"nul", b'{"text": }', b'{"text": "a",}', b'{"text": "a"} x',
                     b"{'text': 'a'}", b'{"text": "a\n"}', b'{"text": "\\ud800"}', b'{"text": "\\x41"}',
                     b"[1,2", b'{"text": 01}', b"\x00", b"\xef\xbb\xbf{}", b"NaN", b'{"a":Infinity}'):
            with self.subTest(body):
                self.assert_problem(self.server.post(SCAN, body), 400, "invalid")

    def test_wrong_types(self):
        for value in (1, 1.5, True, None, [], {}, ["a"]):
            with self.subTest(value):
                self.assert_invalid({"text": value}, "text")
        for body in ([], "text", 1, None, True):
            with self.subTest(body):
                self.assert_problem(self.server.post(SCAN, body), 400, "invalid")

    def test_missing_field(self):
        self.assert_invalid({}, "text")

    def test_unknown_field(self):
        self.assert_invalid({"text": "a", "txet": "b"}, "txet")

    def test_unknown_enumerator(self):
        self.assert_invalid({"text": "a", "direction": "sideways"}, "direction")

    def test_duplicate_keys(self):
        self.assert_invalid(b'{"text": "a", "text": "b"}', "text")

    def test_invalid_utf8(self):
        for text in (b"\xff", b"\xc3", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82"):
            with self.subTest(text):
                self.assert_problem(self.server.post(SCAN, b'{"text": "' + text + b'"}'), 400, "invalid")

    def test_deep_nesting(self):
        deep = 10_000
        for body in (b"[" * deep + b"]" * deep, b'{"text":' * deep + b"1" + b"}" * deep, b"[" * deep,
                     b'{"text":' + b"[" * deep + b"]" * deep + b"}"):
            with self.subTest(body[:20]):
                self.assert_problem(self.server.post(SCAN, body), 400, "invalid")

    def test_huge_numbers_and_strings_of_digits(self):
        for number in (b"9" * 400, b"1e999999", b"-0.0e-999999", b"1" * 100_000):
            self.assert_problem(self.server.post(SCAN, b'{"text": ' + number + b"}"), 400, "invalid")

    def test_ten_mebibyte_body(self):
        body = json.dumps({"text": "a" * (10 * 1024 * 1024)}).encode()
        head = f"POST {SCAN} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" \
               f"Content-Length: {len(body)}\r\n\r\n"
        received = self.raw(head.encode() + body)
        self.assert_refused(received, 413)
        self.assertIn(b'"code":"too_large"', received.replace(b'": ', b'":'))

    def test_ten_mebibyte_chunked_body(self):
        chunk = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"
        head = f"POST {SCAN} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        self.assert_refused(self.raw(head.encode() + chunk * 160 + b"0\r\n\r\n"), 413)

    def test_text_over_its_own_limit(self):
        reply = self.server.post(SCAN, {"text": "a" * (3 * 1024 * 1024)})
        self.assertIn(reply.status, (400, 413), reply.body[:300])
        self.assertIn(reply.json()["code"], ("invalid", "too_large"))

    def test_content_types(self):
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
            with self.subTest(kind):
                reply = self.server.post(SCAN, b'{"text": "a"}', headers={"Content-Type": kind})
                self.assertEqual(reply.status, 415, reply.body)
        reply = self.server.post(SCAN, b'{"text": "a"}',
                                 headers={"Content-Type": "application/json; charset=utf-8"})
        self.assertEqual(reply.status, 200, reply.body)


class FramingTest(HostileTest):
    def test_slow_head_is_cut(self):
        begin = time.monotonic()
        with self.server.connect() as connection:
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: local")
            received = support.read_all(connection)
        self.assert_refused(received, 408)
        self.assertLess(time.monotonic() - begin, 5 * support.SLOWDOWN)

    def test_slow_head_byte_by_byte_is_cut(self):
        """A byte now and then must not extend the limit: it holds for the whole head."""
        begin = time.monotonic()
        with self.server.connect(timeout_s=0.1) as connection:
            received = b""
            while time.monotonic() - begin < 5 * support.SLOWDOWN:
                try:
                    connection.sendall(b"X")
                    chunk = connection.recv(65536)
                except TimeoutError:
                    continue
                except OSError:
                    break
                received += chunk
                if not chunk:
                    break
        self.assertLess(time.monotonic() - begin, 4 * support.SLOWDOWN, "never cut")
        self.assertIn(support.statuses(received), ([408], []), received)

    def test_slow_body_is_cut(self):
        received = self.raw(f"POST {SCAN} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{{")
        self.assert_refused(received, 408)

    def test_half_closed_after_a_request_is_answered(self):
        received = self.raw("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n", close_writing=True)
        self.assertEqual(support.statuses(received), [200])

    def test_half_closed_inside_a_head_or_body(self):
        for text in ("", "GET", "GET /health HTTP/1.1\r\nHost: localhost\r\n",
                     f"POST {SCAN} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{{"):
            with self.subTest(text):
                received = self.raw(text, close_writing=True)
                self.assertIn(support.statuses(received), ([], [400], [408]), received)

    def test_garbage(self):
        for text in ("\r\n" * 3 + "x\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
                     "GET\r\n\r\n", "GET /\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET / FTP/1.1\r\n\r\n",
                     "G@T / HTTP/1.1\r\nHost: localhost\r\n\r\n", " GET / HTTP/1.1\r\n\r\n",
                     "GET / HTTP/1.1\r\nHost localhost\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n",
                     "GET / HTTP/1.1\r\nHost: localhost\r\nA b: c\r\n\r\n",
                     "GET / HTTP/1.1\r\nHost: localhost\r\nA: b\x00c\r\n\r\n"):
            with self.subTest(text):
                received = self.raw(text)
                self.assertIn(support.statuses(received), ([400], [505], [400, 400]), received[:300])

    def test_http2_preface(self):
        self.assert_refused(self.raw("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505)

    def test_header_bombs(self):
        many = "".join(f"X-{number}: y\r\n" for number in range(5000))
        for head in (f"X: {'a' * (HEAD_LIMIT_BYTES * 2)}\r\n", many, f"{'a' * HEAD_LIMIT_BYTES * 2}: x\r\n"):
            with self.subTest(head[:10]):
                received = self.raw(f"GET /health HTTP/1.1\r\nHost: localhost\r\n{head}\r\n")
                self.assert_refused(received, 431)

    def test_endless_head(self):
        self.assert_refused(self.raw("GET /" + "a" * 200_000), 431)

    def test_long_target(self):
        received = self.raw(f"GET /{'a' * 9000} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        self.assertIn(support.statuses(received), ([400], [414], [431]), received[:300])

    def test_smuggling_shapes(self):
        """Two readings of where a body ends must not both be possible: refuse and close."""
        inner = "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"
        for headers, body in (
                ("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n" + inner),
                ("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n" + inner),
                ("Content-Length: 2\r\nContent-Length: 50\r\n", "{}" + inner),
                ("Content-Length: +2\r\n", "{}" + inner), ("Content-Length: -1\r\n", inner),
                ("Content-Length: 0x2\r\n", "{}" + inner), ("Content-Length: 2, 2\r\n", "{}" + inner),
                ("Content-Length: 99999999999999999999\r\n", inner),
                ("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n" + inner),
                ("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n" + inner),
                ("Transfer-Encoding: gzip\r\n", inner),
                ("Transfer-Encoding : chunked\r\n", "0\r\n\r\n" + inner),
                ("Transfer-Encoding: chunked\r\n", "g\r\n\r\n" + inner),
                ("Transfer-Encoding: chunked\r\n", "-1\r\n\r\n" + inner),
                ("Transfer-Encoding: chunked\r\n", "fffffffffffffffff\r\n" + inner)):
            with self.subTest(headers):
                received = self.raw(f"POST {SCAN} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n{body}")
                found = support.statuses(received)
                self.assertEqual(len(found), 1, received[:500])
                self.assertIn(found[0], (400, 413, 501), received[:500])
                self.assertNotIn(b"smuggled", received)

    def test_pipelined_requests_are_answered_in_order(self):
        one = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"
        missing = "GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n"
        last = "GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        self.assertEqual(support.statuses(self.raw(one + missing + one + last)), [200, 404, 200, 200])

    def test_reset_in_the_middle_of_an_answer(self):
        for _ in range(50):
            with self.server.connect() as connection:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
                connection.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n")


class TargetTest(HostileTest):
    def test_path_tricks(self):
        for path in ("/v1/../../../etc/passwd", "/..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc/passwd",
                     "//etc/passwd", "/v1//guard/scan", "/V1/GUARD/SCAN", "/v1/guard/scan/", "/v1/guard",
                     "/v1/guard/scan%00", "/v1/guard%2fscan", "/v1/guard/scan;x=1", "/docs/../health",
                     "/v1/keys/%2e%2e", "/v1/keys/..%5c..%5cx", "/%", "/%zz", "/%c0%ae%c0%ae/"):
            with self.subTest(path):
                received = self.raw(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                self.assertIn(support.statuses(received), ([400], [404], [405]), received[:300])
                self.assertNotIn(b"root:", received)

    def test_wrong_method(self):
        reply = self.server.get(SCAN)
        self.assertEqual(reply.status, 405, reply.body)
        self.assertIn("POST", reply.headers.get("allow", ""))
        self.assertEqual(self.server.request("BREW", SCAN).status in (400, 405, 501), True)

    def test_unknown_path(self):
        self.assert_problem(self.server.get("/v1/nowhere"), 404, "not_found")

    def test_unknown_query_parameter(self):
        self.assert_problem(self.server.get("/v1/keys?nonsense=1"), 400, "invalid", "nonsense")

    def test_foreign_host_is_refused_on_loopback(self):
        """DNS rebinding: a browser page must not reach the local server under its own name."""
        received = self.raw("GET /v1/keys HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
        self.assertIn(support.statuses(received), ([400], [403], [421]), received[:300])

    def test_missing_host(self):
        self.assertIn(support.statuses(self.raw("GET /health HTTP/1.1\r\n\r\n")), ([400],))


@support.release_only
class ManyConnectionsTest(support.SystemTest):
    def test_ten_thousand_idle_connections(self):
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = IDLE_CONNECTIONS + 500
        self.assertTrue(hard == resource.RLIM_INFINITY or hard >= wanted, f"RLIMIT_NOFILE is {hard}")
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))  # the server inherits it
        server = self.serve("--set", "server.head_timeout_ms=60000")
        with contextlib.ExitStack() as connections:
            idle = [connections.enter_context(server.connect()) for _ in range(IDLE_CONNECTIONS)]
            for connection in idle[::2]:
                connection.sendall(b"GET /health HTTP/1.1\r\nX: ")
            self.assert_alive(server)
            self.assertEqual(server.post(SCAN, {"text": "hello"}).status, 200)
            closed = [one for one in idle if poll_readable(one)]
            self.assertEqual(len(closed), 0, "the server closed idle connections early")
            self.assertLess(server.rss_mb(), IDLE_RSS_MB)
        self.assert_alive(server)

    def test_connections_over_the_limit_are_told(self):
        # One thread accepts in the order of arrival, so that the 21st is the one too many.
        server = self.serve("--set", "server.max_connections=20", "--set", "server.io_threads=1")
        with contextlib.ExitStack() as connections:
            for _ in range(20):
                connections.enter_context(server.connect())
            received = support.exchange(server, b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
            self.assertIn(support.statuses(received), ([503], []), received)
        deadline = time.monotonic() + support.REPLY_TIMEOUT_S
        while True:  # the server notices the 20 closes in its own time
            with contextlib.suppress(OSError, support.http.client.HTTPException):
                if server.get("/health/live").status == 200:
                    break
            self.assertLess(time.monotonic(), deadline, "never recovered")

    def test_memory_stays_bounded_under_large_bodies(self):
        server = self.serve()
        body = json.dumps({"text": "a" * 900_000}).encode()
        for _ in range(100):
            self.assertEqual(server.post(SCAN, body).status, 200)
        before = server.rss_mb()
        for _ in range(100):
            self.assertEqual(server.post(SCAN, body).status, 200)
        self.assertLess(server.rss_mb(), before * 1.2 + 16)
        self.assertLess(server.rss_mb(), IDLE_RSS_MB)


def poll_readable(connection: socket.socket) -> bool:
    poller = select.poll()
    poller.register(connection, select.POLLIN)
    return bool(poller.poll(0))
