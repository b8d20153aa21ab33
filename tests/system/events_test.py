"""The event feed over WebSocket: order, resume without gap or duplicate, and slow consumers."""

import base64
import concurrent.futures
import contextlib
import hashlib
import json
import os
import socket
import struct
import threading

import support

ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, section 1.3
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
WRITERS = 32
ROTATIONS = 100  # of each writer's key in a round: one event each
MAX_ROUNDS = 40  # 18 MB of events: by then the buffers of the kernel (10 MB) and ours (1 MB) are full


class Closed(Exception):
    def __init__(self, code: int = 1006, reason: str = "") -> None:
        super().__init__(f"{code} {reason}")
        self.code = code


class Feed:
    """A minimal WebSocket client."""

    def __init__(self, server: support.Server, path: str, receive_buffer_bytes: int = 0) -> None:
        self.socket = socket.socket()
        if receive_buffer_bytes:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer_bytes)
        self.socket.settimeout(support.REPLY_TIMEOUT_S)
        self.socket.connect((server.address, server.port))
        self.reader = self.socket.makefile("rb", 65536)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {server.address}:{server.port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
        head = self._read_head()
        accept = base64.b64encode(hashlib.sha1((key + ACCEPT_SUFFIX).encode()).digest()).decode()
        if " 101 " not in head.split("\r\n")[0] or accept not in head:
            raise AssertionError(f"no upgrade: {head}")
        self.hello = self.event()  # from here on the position in the log is fixed
        if self.hello.get("type") != "hello":
            raise AssertionError(f"no hello: {self.hello}")

    def _read_head(self) -> str:
        lines = []
        while (line := self.reader.readline()) not in (b"\r\n", b""):
            lines.append(line.decode())
        return "".join(lines)

    def _take(self, count: int) -> bytes:
        taken = self.reader.read(count)
        if len(taken) < count:
            raise Closed
        return taken

    def frame(self) -> tuple[int, bytes]:
        first, second = self._take(2)
        length = second & 0x7F
        if second & 0x80:
            raise AssertionError("a server must not mask")
        if length == 126:
            (length,) = struct.unpack(">H", self._take(2))
        elif length == 127:
            (length,) = struct.unpack(">Q", self._take(8))
        if not first & 0x80:
            raise AssertionError("events come unfragmented")
        return first & 0x0F, self._take(length)

    def event(self) -> dict:
        """The next text message; answers pings, raises Closed."""
        while True:
            kind, payload = self.frame()
            if kind == TEXT:
                return json.loads(payload)
            if kind == PING:
                self.send(PONG, payload)
            elif kind == CLOSE:
                code = struct.unpack(">H", payload[:2])[0] if len(payload) >= 2 else 1005
                raise Closed(code, payload[2:].decode())

    def send(self, kind: int, payload: bytes) -> None:
        mask = os.urandom(4)
        head = bytes([0x80 | kind])
        if len(payload) < 126:
            head += bytes([0x80 | len(payload)])
        elif len(payload) < 65536:
            head += bytes([0x80 | 126]) + struct.pack(">H", len(payload))
        else:
            head += bytes([0x80 | 127]) + struct.pack(">Q", len(payload))
        masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
        self.socket.sendall(head + mask + masked)

    def close(self) -> None:
        self.reader.close()
        self.socket.close()

    def __enter__(self) -> "Feed":
        return self

    def __exit__(self, *_) -> None:
        self.close()


class EventsTest(support.SystemTest):
    def setUp(self):
        # Hundreds of keys a second are the load here, not the subject.
        self.server = self.serve("--set", "access.requests_per_second=1000000")

    def feed(self, path: str = "/v1/events", **options) -> Feed:
        feed = Feed(self.server, path, **options)
        self.addCleanup(feed.close)
        return feed

    def create_keys(self, count: int, prefix: str = "key") -> list[str]:
        connection = support.http.client.HTTPConnection(self.server.address, self.server.port,
                                                        timeout=support.REPLY_TIMEOUT_S)
        with contextlib.closing(connection):
            ids = []
            for number in range(count):
                reply = support.send(connection, "POST", "/v1/keys",
                                     {"name": f"{prefix}-{number}", "scopes": ["guard:read"]})
                self.assertIn(reply.status, (200, 201), reply.body)
                ids.append(reply.json()["id"])
            return ids

    def events_about(self, feed: Feed, ids: list[str]) -> list[dict]:
        """Reads until the last of the ids was seen; returns every event on the way."""
        events = []
        while True:
            events.append(feed.event())
            if ids[-1] in json.dumps(events[-1]):
                return events

    def assert_covers(self, events: list[dict], ids: list[str]) -> None:
        """Each id appears once, in order, and sequence numbers only grow."""
        known = set(ids)
        seen = [event["data"]["id"] for event in events if event["data"].get("id") in known]
        self.assertEqual(seen, ids)
        numbers = [event["seq"] for event in events]
        self.assertEqual(numbers, sorted(set(numbers)))

    def test_events_arrive_in_order(self):
        feed = self.feed()
        ids = self.create_keys(50)
        self.assert_covers(self.events_about(feed, ids), ids)

    def test_resume_has_no_gap_and_no_duplicate(self):
        ids = self.create_keys(30)
        with self.feed("/v1/events?after=0") as feed:
            first = []
            while not first or ids[9] not in json.dumps(first[-1]):
                first.append(feed.event())
        ids += self.create_keys(30, "later")
        rest = self.events_about(self.feed(f"/v1/events?after={first[-1]['seq']}"), ids)
        self.assert_covers(first + rest, ids)

    def test_resume_while_events_are_written(self):
        """The change from stored to live events must not lose or repeat one."""
        self.create_keys(20)
        ids: list[str] = []
        writer = threading.Thread(target=lambda: ids.extend(self.create_keys(200, "live")))
        writer.start()
        feeds = [self.feed("/v1/events?after=0") for _ in range(10)]
        writer.join()
        for feed in feeds:
            self.assert_covers(self.events_about(feed, ids), ids)

    def test_resume_survives_a_restart(self):
        ids = self.create_keys(5)
        feed = self.feed("/v1/events?after=0")
        last = self.events_about(feed, ids)[-1]["seq"]
        self.server.stop()
        self.server = self.serve(data=self.server.data)
        later = self.create_keys(5)
        self.assert_covers(self.events_about(self.feed(f"/v1/events?after={last}"), later), later)

    def test_topics_filter(self):
        self.create_keys(1)
        with self.feed("/v1/events?after=0") as feed:
            event = feed.event()
        self.assertEqual(event["name"], "key_created", event)
        other = self.feed("/v1/events?after=0&topics=key_revoked")
        (key_id,) = self.create_keys(1, "second")
        self.assertEqual(self.server.request("DELETE", f"/v1/keys/{key_id}").status, 200)
        revoked = other.event()  # the first thing it sees
        self.assertEqual((revoked["name"], revoked["data"]["id"]), ("key_revoked", key_id))
        both = self.feed("/v1/events?after=0&topics=key_created,key_revoked")
        names = [both.event()["name"] for _ in range(3)]
        self.assertEqual(names, ["key_created", "key_created", "key_revoked"])

    def test_after_beyond_the_end_is_refused(self):
        with self.assertRaises(Closed) as caught:
            self.feed("/v1/events?after=1000000")
        self.assertEqual(caught.exception.code, 1008)

    def test_many_clients_see_the_same(self):
        feeds = [self.feed() for _ in range(100)]
        ids = self.create_keys(20)
        first = self.events_about(feeds[0], ids)
        self.assert_covers(first, ids)
        for feed in feeds[1:]:
            self.assertEqual(self.events_about(feed, ids), first)

    def test_slow_consumer_is_dropped_and_delays_nobody(self):
        """One client that never reads is cut off; another keeps up; the writer is not held."""
        self.server.stop()
        # Durability is not the subject, and many writers fill the queue sooner.
        self.server = self.serve("--set", "access.requests_per_second=1000000",
                                 "--set", "store.full_sync=false",
                                 "--set", "server.write_timeout_ms=1000")
        keys = self.create_keys(WRITERS)
        slow = self.feed(receive_buffer_bytes=65536)
        quick = self.feed()
        numbers: list[int] = []
        for _ in range(MAX_ROUNDS):
            self.rotate_at_once(keys)
            numbers += [quick.event()["seq"] for _ in range(WRITERS * ROTATIONS)]
            if self.slow_is_cut():
                break
        self.assertTrue(self.slow_is_cut(), f"{len(numbers)} events were kept for a client that reads none")
        self.assertEqual(numbers, sorted(set(numbers)))
        with self.assertRaises((Closed, ConnectionError)) as caught:
            while True:
                slow.event()
        if isinstance(caught.exception, Closed):
            self.assertIn(caught.exception.code, (1006, 1008, 1013))
        self.assert_alive(self.server)

    def rotate_at_once(self, keys: list[str]) -> None:
        """WRITERS * ROTATIONS events: a connection for each key, its requests pipelined."""
        def rotate(key_id: str) -> int:
            one = (f"POST /v1/keys/{key_id}/rotation HTTP/1.1\r\nHost: localhost\r\n"
                   "Content-Type: application/json\r\nContent-Length: 2\r\n%s\r\n{}")
            data = (one % "") * (ROTATIONS - 1) + one % "Connection: close\r\n"
            return support.statuses(support.exchange(self.server, data.encode())).count(200)

        with concurrent.futures.ThreadPoolExecutor(WRITERS) as pool:
            self.assertEqual(list(pool.map(rotate, keys)), [ROTATIONS] * WRITERS)

    def slow_is_cut(self) -> bool:
        """Only the quick client is left, by the server's own count."""
        return support.metric(self.server, "credence_event_listeners") == 1

    def test_upgrade_shapes(self):
        self.assertEqual(self.server.get("/v1/events").status, 426)
        for after in ("x", "-1", "1.5", "99999999999999999999999"):
            received = support.exchange(self.server, (
                f"GET /v1/events?after={after} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                "Connection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
                "Sec-WebSocket-Version: 13\r\n\r\n").encode(), close_writing=True)
            self.assertEqual(support.statuses(received), [400], received[:300])

    def test_unmasked_and_oversized_frames_close_the_connection(self):
        for data in (b"\x81\x02hi", b"\x81\xff" + struct.pack(">Q", 1 << 40) + b"\0\0\0\0",
                     b"\xf1\x80\0\0\0\0", b"\x89\xfe\x01\x00\0\0\0\0"):
            with self.subTest(data), self.feed() as feed:
                feed.socket.sendall(data)
                with self.assertRaises((Closed, ConnectionError)):
                    feed.event()
        self.assert_alive(self.server)

    def test_shutdown_closes_feeds_with_going_away(self):
        feed = self.feed()
        stopping = threading.Thread(target=self.server.stop)
        stopping.start()
        with self.assertRaises(Closed) as caught:
            feed.event()
        stopping.join()
        self.assertEqual(caught.exception.code, 1001)
