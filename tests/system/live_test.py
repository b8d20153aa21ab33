"""The live feed on its own port, as its clients meet it, and the Prometheus exporter."""

import base64
import contextlib
import hashlib
import http.client
import json
import os
import re
import selectors
import socket
import struct
import subprocess
import threading
import time

import support

ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, section 1.3
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
CLIENTS, STALLED = 1000, 100
LOAD_S = 10


class Closed(Exception):
    def __init__(self, code: int = 1006, reason: str = "") -> None:
        super().__init__(f"{code} {reason}")
        self.code = code
        self.reason = reason


def frame(kind: int, payload: bytes, final: bool = True, reserved: int = 0, masked: bool = True) -> bytes:
    head = bytes([(0x80 if final else 0) | reserved << 4 | kind])
    bit = 0x80 if masked else 0
    if len(payload) < 126:
        head += bytes([bit | len(payload)])
    elif len(payload) < 65536:
        head += bytes([bit | 126]) + struct.pack(">H", len(payload))
    else:
        head += bytes([bit | 127]) + struct.pack(">Q", len(payload))
    if not masked:
        return head + payload
    mask = os.urandom(4)
    return head + mask + bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))


class Client:
    """A WebSocket client without comfort: what it sends is up to the test."""

    def __init__(self, port: int, path: str = "/", headers: dict[str, str] | None = None,
                 receive_buffer_bytes: int = 0) -> None:
        self.socket = socket.socket()
        if receive_buffer_bytes:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer_bytes)
        self.socket.settimeout(support.REPLY_TIMEOUT_S)
        self.socket.connect(("127.0.0.1", port))
        self.reader = self.socket.makefile("rb", 65536)
        key = base64.b64encode(os.urandom(16)).decode()
        sent = {"Host": f"localhost:{port}", "Upgrade": "websocket", "Connection": "Upgrade",
                "Sec-WebSocket-Key": key, "Sec-WebSocket-Version": "13", **(headers or {})}
        lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
        self.socket.sendall(f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode())
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = self.reader.readline()
            if not line:
                break
            head += line
        self.status = int(head.split()[1]) if head else 0
        accept = base64.b64encode(hashlib.sha1((key + ACCEPT_SUFFIX).encode()).digest())
        if self.status == 101 and accept not in head:
            raise AssertionError(f"no upgrade: {head}")

    def _take(self, count: int) -> bytes:
        taken = self.reader.read(count)
        if len(taken) < count:
            raise Closed
        return taken

    def read_frame(self) -> tuple[int, bytes]:
        first, second = self._take(2)
        if second & 0x80 or first & 0x70:
            raise AssertionError("a server must not mask or use reserved bits")
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack(">H", self._take(2))
        elif length == 127:
            (length,) = struct.unpack(">Q", self._take(8))
        return first & 0x0F, self._take(length)

    def message(self, *, answer_pings: bool = True) -> dict:
        """The next text message; raises Closed."""
        while True:
            kind, payload = self.read_frame()
            if kind == TEXT:
                return json.loads(payload)
            if kind == PING and answer_pings:
                self.socket.sendall(frame(PONG, payload))
            elif kind == CLOSE:
                code = struct.unpack(">H", payload[:2])[0] if len(payload) >= 2 else 1005
                raise Closed(code, payload[2:].decode())

    def message_of(self, *types: str) -> dict:
        """The next message of one of these types; others are passed over."""
        while (message := self.message())["type"] not in types:
            pass
        return message

    def say(self, message) -> None:
        self.socket.sendall(frame(TEXT, json.dumps(message).encode()))

    def ask(self, message, *types: str) -> dict:
        self.say(message)
        return self.message_of(*types)

    def close(self) -> None:
        self.reader.close()
        self.socket.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def logged_port(server: support.Server, event: str) -> int:
    """Logged before "listening", so it is there."""
    for line in server.log:
        with contextlib.suppress(ValueError):
            entry = json.loads(line)
            if entry.get("event") == event:
                return entry["port"]
    raise AssertionError(f"no '{event}' in the log:\n{server.tail()}")


class LiveCase(support.SystemTest):
    def serve_live(self, *arguments: str, **options) -> support.Server:
        server = self.serve("--set", "live.enabled=true", "--set", "live.listen=127.0.0.1:0",
                            "--set", "access.requests_per_second=1000000", *arguments, **options)
        self.live_port = logged_port(server, "live feed listening")
        return server

    def client(self, path: str = "/events", **options) -> Client:
        client = Client(self.live_port, path, **options)
        self.addCleanup(client.close)
        return client

    def joined(self, path: str = "/events", **options) -> Client:
        client = self.client(path, **options)
        self.assertEqual(client.status, 101)
        self.assertEqual(client.message()["type"], "connected")
        return client

    def create_keys(self, count: int, prefix: str = "key", headers: dict | None = None) -> list[str]:
        connection = http.client.HTTPConnection(self.server.address, self.server.port,
                                                timeout=support.REPLY_TIMEOUT_S)
        with contextlib.closing(connection):
            ids = []
            for number in range(count):
                reply = support.send(connection, "POST", "/v1/keys",
                                     {"name": f"{prefix}-{number}", "scopes": ["guard:read"]}, headers)
                self.assertIn(reply.status, (200, 201), reply.body)
                ids.append(reply.json()["id"])
            return ids

    def assert_closed(self, client: Client, code: int) -> Closed:
        with self.assertRaises(Closed) as caught:
            while True:
                client.message()
        self.assertEqual(caught.exception.code, code, caught.exception)
        return caught.exception


class WebSocketRules(LiveCase):
    """RFC 6455, the server's duties."""

    def setUp(self):
        self.server = self.serve_live()

    def test_handshake(self):
        for headers, status in (({"Upgrade": "h2c"}, 426), ({"Connection": "close"}, 426),
                                ({"Sec-WebSocket-Version": "8"}, 426), ({"Sec-WebSocket-Key": "short"}, 426),
                                ({"Connection": "keep-alive, Upgrade"}, 101)):
            with self.subTest(headers):
                self.assertEqual(self.client(headers=headers).status, status)
        self.assertEqual(self.client("/nothing").status, 404)

    def test_fragments_with_control_frames_between(self):
        client = self.joined()
        client.socket.sendall(frame(TEXT, b'{"type":', final=False) + frame(PING, b"a") +
                              frame(CONTINUATION, b'"pi', final=False) + frame(PONG, b"unasked") +
                              frame(CONTINUATION, b'ng"}'))
        self.assertEqual(client.read_frame(), (PONG, b"a"))
        self.assertEqual(client.message()["type"], "pong")

    def test_a_byte_at_a_time(self):
        client = self.joined()
        for byte in frame(TEXT, b'{"type":"ping"}'):
            client.socket.sendall(bytes([byte]))
        self.assertEqual(client.message()["type"], "pong")

    def test_pings_are_answered_with_their_data(self):
        client = self.joined()
        for payload in (b"", b"x", b"y" * 125):
            client.socket.sendall(frame(PING, payload))
            self.assertEqual(client.read_frame(), (PONG, payload))

    def test_bad_frames_close_with_the_right_code(self):
        text = "äöü".encode()
        cases = {
            "unmasked": (frame(TEXT, b"{}", masked=False), 1002),
            "reserved bit 1": (frame(TEXT, b"{}", reserved=4), 1002),
            "reserved bit 2": (frame(TEXT, b"{}", reserved=2), 1002),
            "reserved bit 3": (frame(TEXT, b"{}", reserved=1), 1002),
            "reserved opcode 3": (frame(3, b""), 1002),
            "reserved opcode 11": (frame(11, b""), 1002),
            "fragmented ping": (frame(PING, b"", final=False), 1002),
            "long ping": (frame(PING, b"x" * 126), 1002),
            "continuation of nothing": (frame(CONTINUATION, b"x"), 1002),
            "text within a text": (frame(TEXT, b"a", final=False) + frame(TEXT, b"b"), 1002),
            "not the shortest length": (b"\x81\xfe\x00\x02\0\0\0\0{}", 1002),
            "length with the highest bit": (b"\x81\xff" + struct.pack(">Q", 1 << 63) + b"\0\0\0\0", 1002),
            "close with one byte": (frame(CLOSE, b"x"), 1002),
            "close with a bad code": (frame(CLOSE, struct.pack(">H", 1005)), 1002),
            "close with an unknown code": (frame(CLOSE, struct.pack(">H", 2999)), 1002),
            "close with bad text": (frame(CLOSE, struct.pack(">H", 1000) + b"\xff"), 1007),
            "bad text": (frame(TEXT, b'"\xc3\x28"'), 1007),
            "an overlong form": (frame(TEXT, b'"\xc0\xaf"'), 1007),
            "a surrogate": (frame(TEXT, b'"\xed\xa0\x80"'), 1007),
            "text cut in a character": (frame(TEXT, text[:3], final=False) +
                                        frame(CONTINUATION, b""), 1007),
            "binary": (frame(BINARY, b"{}"), 1003),
            "too large": (frame(TEXT, b"x" * 20_000), 1009),
            "too large in parts": (frame(TEXT, b"x" * 10_000, final=False) +
                                   frame(CONTINUATION, b"x" * 10_000), 1009),
        }
        for name, (data, code) in cases.items():
            with self.subTest(name):
                client = self.joined()
                client.socket.sendall(data)
                self.assert_closed(client, code)
        self.assert_alive(self.server)

    def test_text_split_within_a_character_is_whole_again(self):
        client = self.joined()
        text = json.dumps({"type": "täter"}, ensure_ascii=False).encode()
        at = text.index("ä".encode()) + 1
        client.socket.sendall(frame(TEXT, text[:at], final=False) + frame(CONTINUATION, text[at:]))
        self.assertEqual(client.message()["type"], "error")

    def test_close_codes_are_echoed(self):
        for code in (1000, 1001, 1003, 1008, 1011, 3000, 4999):
            with self.subTest(code):
                client = self.joined()
                client.socket.sendall(frame(CLOSE, struct.pack(">H", code) + b"bye"))
                self.assert_closed(client, code)
                self.assertEqual(client.reader.read(), b"")  # and then it hangs up
        client = self.joined()
        client.socket.sendall(frame(CLOSE, b""))
        self.assert_closed(client, 1005)

    def test_nothing_counts_after_a_close(self):
        client = self.joined()
        client.socket.sendall(frame(CLOSE, struct.pack(">H", 1000)) + frame(TEXT, b'{"type":"ping"}'))
        self.assert_closed(client, 1000)


class LiveProtocolTest(LiveCase):
    """What the messages say, on the feed of everything that happens."""

    def setUp(self):
        self.server = self.serve_live()

    def test_welcome(self):
        self.create_keys(2)
        client = self.client()
        welcome = client.message()
        self.assertEqual({**welcome, "timestamp_us": 0, "message": ""},
                         {"type": "connected", "message": "", "feed": "events", "authenticated": False,
                          "seq": 2, "timestamp_us": 0})
        self.assertGreater(welcome["timestamp_us"], 1_600_000_000_000_000)

    def test_events_come_as_they_happen(self):
        client = self.joined()
        ids = self.create_keys(20)
        events = [client.message() for _ in ids]
        self.assertEqual([event["data"]["id"] for event in events], ids)
        self.assertEqual({event["type"] for event in events}, {"event"})
        self.assertEqual({event["name"] for event in events}, {"key_created"})
        seqs = [event["seq"] for event in events]
        self.assertEqual(seqs, sorted(set(seqs)))

    def test_subscriptions_by_topic(self):
        client = self.joined()
        confirmed = client.ask({"type": "subscribe", "topics": ["key_revoked"]},
                               "subscription_confirmed", "error")
        self.assertEqual(confirmed["topics"], ["key_revoked"])
        (key_id,) = self.create_keys(1)
        self.assertEqual(self.server.request("DELETE", f"/v1/keys/{key_id}").status, 200)
        self.assertEqual(client.message()["name"], "key_revoked")
        self.assertEqual(client.ask({"type": "unsubscribe"}, "unsubscribed")["type"], "unsubscribed")
        self.create_keys(3)
        self.assertEqual(client.ask({"type": "ping"}, "pong", "event")["type"], "pong")
        client.ask({"type": "subscribe", "topics": ["key_*"]}, "subscription_confirmed")
        self.create_keys(1)
        self.assertEqual(client.message()["name"], "key_created")

    def test_what_is_no_message_is_answered_and_ends_it(self):
        client = self.joined()
        for text, field in (("{broken", None), ("[]", None), ("{}", "type"), ('{"type":"dance"}', "type"),
                            ('{"type":"ping","x":1}', "x"), ('{"type":"subscribe","skill":"x"}', "skill"),
                            ('{"type":"resume","after":"x"}', "after"), ('{"type":"snapshot"}', "type"),
                            ('{"token":"x"}', "token")):
            with self.subTest(text):
                client.socket.sendall(frame(TEXT, text.encode()))
                error = client.message()
                self.assertEqual((error["type"], error.get("field")), ("error", field), error)
                self.assertIn(error["code"], ("invalid", "unsupported"))
        client.say({"type": "dance"})
        self.assert_closed(client, 1008)

    def test_a_flood_of_messages_ends_it(self):
        client = self.joined()
        client.socket.sendall(frame(TEXT, b'{"type":"ping"}') * 500)
        self.assert_closed(client, 1008)
        self.assert_alive(self.server)

    def test_heartbeats(self):
        self.server.stop()
        self.server = self.serve_live("--set", "live.heartbeat_ms=100")
        client = self.joined()
        self.create_keys(1)
        client.message_of("event")
        for _ in range(3):
            beat = client.message_of("heartbeat")
            self.assertEqual(beat["seq"], 1)

    def test_resume_has_no_gap_and_no_repeat(self):
        ids = self.create_keys(400)  # beyond what is kept in memory
        client = self.joined("/events?after=0")
        events = [client.message() for _ in range(150)]
        client.close()
        ids += self.create_keys(30, "later")
        rest = self.joined(f"/events?after={events[-1]['seq']}")
        while (message := rest.message())["type"] == "event":
            events.append(message)
        self.assertEqual((message["type"], message["replayed"]), ("resumed", 280))
        self.assertEqual([event["data"]["id"] for event in events], ids)
        ids += self.create_keys(1, "live")
        self.assertEqual(rest.message()["data"]["id"], ids[-1])

    def test_resume_while_events_are_written(self):
        ids: list[str] = []
        writer = threading.Thread(target=lambda: ids.extend(self.create_keys(300)))
        writer.start()
        clients = [self.joined("/events?after=0") for _ in range(20)]
        writer.join()
        for client in clients:
            seen = [client.message_of("event")["data"]["id"] for _ in ids]
            self.assertEqual(seen, ids)

    def test_resume_by_message_and_after_a_restart(self):
        ids = self.create_keys(5)
        self.server.stop()
        self.server = self.serve_live(data=self.server.data)
        client = self.joined()
        client.say({"type": "resume", "after": 2})
        seen = [client.message_of("event")["data"]["id"] for _ in range(3)]
        self.assertEqual(seen, ids[2:])
        self.assertEqual(client.message()["type"], "resumed")
        client.say({"type": "resume", "after": 1_000_000})
        self.assertEqual(client.message()["field"], "after")
        beyond = self.joined("/events?after=1000000")
        self.assert_closed(beyond, 1008)

    def test_foreign_pages_are_refused(self):
        self.assertEqual(self.client(headers={"Origin": "https://evil.example"}).status, 403)
        self.assertEqual(self.client(headers={"Host": "evil.example"}).status, 421)
        self.assertEqual(self.client(headers={"Origin": "http://localhost:3000"}).status, 101)

    def test_health_and_shutdown(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.live_port, timeout=support.REPLY_TIMEOUT_S)
        with contextlib.closing(connection):
            reply = support.send(connection, "GET", "/health")
        self.assertEqual((reply.status, reply.json()), (200, {"status": "ready"}))
        client = self.joined()
        self.server.stop()
        self.assert_closed(client, 1001)

    def test_too_many_clients(self):
        self.server.stop()
        self.server = self.serve_live("--set", "live.max_clients=3")
        kept = [self.joined() for _ in range(3)]
        self.assertEqual(self.client().status, 503)
        kept[0].socket.sendall(frame(CLOSE, struct.pack(">H", 1000)))
        self.assert_closed(kept[0], 1000)
        deadline = time.monotonic() + support.REPLY_TIMEOUT_S
        while self.client().status != 101:
            self.assertLess(time.monotonic(), deadline)

    def test_many_clients_hear_the_same(self):
        clients = [self.joined() for _ in range(100)]
        ids = self.create_keys(10)
        for client in clients:
            self.assertEqual([client.message()["data"]["id"] for _ in ids], ids)
        metrics = self.server.get("/metrics").body.decode()
        self.assertIn('credence_live_clients{feed="events"} 100', metrics)
        self.assertIn('credence_live_messages_total{feed="events",type="event"} 1000', metrics)


class LiveKeysTest(LiveCase):
    """Where keys are required."""

    def setUp(self):
        data = self.folder()
        made = support.run_credence("keys", "create", "--name", "admin", "--scopes", "*", "--json", "--data", data)
        self.key = made.json()["secret"] if "secret" in made.json() else made.json()["key"]
        weak = support.run_credence("keys", "create", "--name", "weak", "--scopes", "guard:read", "--json",
                                    "--data", data)
        self.weak = weak.json()["secret"] if "secret" in weak.json() else weak.json()["key"]
        self.server = self.serve_live("--set", "access.require_keys=true",
                                      "--set", "live.token_timeout_ms=1000", data=data)

    def test_a_key_in_the_header(self):
        client = self.client(headers={"Authorization": f"Bearer {self.key}"})
        welcome = client.message()
        self.assertEqual((welcome["type"], welcome["authenticated"]), ("connected", True))
        self.assertEqual(self.client(headers={"Authorization": "Bearer wrong"}).status, 401)
        self.assertEqual(self.client(headers={"Authorization": f"Bearer {self.weak}"}).status, 403)

    def test_a_key_in_the_first_message(self):
        client = self.client()
        client.say({"token": self.key})
        welcome = client.message()
        self.assertEqual((welcome["type"], welcome["authenticated"]), ("connected", True))
        headers = {"Authorization": f"Bearer {self.key}"}
        ids = self.create_keys(1, headers=headers)
        self.assertEqual(client.message()["data"]["id"], ids[0])

    def test_without_a_key_nothing_is_told(self):
        for first in ({"token": "wrong"}, {"token": self.weak}, {"type": "ping"}, None):
            with self.subTest(first):
                client = self.client()
                if first is not None:
                    client.say(first)
                self.assert_closed(client, 4001)  # the silent one when its time is up


class SlowClientTest(LiveCase):
    def test_a_client_whose_queue_is_full_is_dropped_with_a_reason(self):
        self.server = self.serve_live("--set", "live.max_queued_bytes=16384", "--set", "live.ping_ms=600000",
                                      "--set", "store.full_sync=false")
        slow = self.joined(receive_buffer_bytes=4096)
        quick = self.joined()
        writers = self.create_keys(1)
        count = 1
        dropped = 'credence_live_dropped_total{feed="events",reason="slow"} 1'
        quick.message_of("event")
        one = (f"POST /v1/keys/{writers[0]}/rotation HTTP/1.1\r\nHost: localhost\r\n"
               "Content-Type: application/json\r\nContent-Length: 2\r\n%s\r\n{}")
        batch = ((one % "") * 499 + one % "Connection: close\r\n").encode()
        for _ in range(60):
            statuses = support.statuses(support.exchange(self.server, batch))
            self.assertEqual(statuses.count(200), 500)
            for _ in range(500):
                quick.message_of("event")
            count += 500
            if dropped in self.server.get("/metrics").body.decode():
                break
        else:
            self.fail(f"{count} events were kept for a client that reads none")
        with self.assertRaises((Closed, ConnectionError)) as caught:
            while True:
                slow.message()
        if isinstance(caught.exception, Closed) and caught.exception.code == 1013:
            self.assertIn("resume with after=", caught.exception.reason)
        quick.say({"type": "ping"})
        self.assertEqual(quick.message_of("pong")["seq"], count)


@support.release_only
class LoadTest(LiveCase):
    def test_only_the_stalled_are_dropped(self):
        """A thousand clients, a tenth of which never reads; one event a second."""
        self.server = self.serve_live("--set", "live.ping_ms=1000", "--set", "live.heartbeat_ms=60000")
        stalled = [self.joined(receive_buffer_bytes=4096) for _ in range(STALLED)]
        reading = [self.joined() for _ in range(CLIENTS - STALLED)]
        self.assertEqual(self.gauge("credence_live_clients"), CLIENTS)
        counts = self.read_all_for(reading, LOAD_S)
        self.assertEqual(self.gauge("credence_live_clients"), CLIENTS - STALLED)
        self.assertEqual(self.gauge("credence_live_dropped_total", 'reason="silent"'), STALLED)
        self.assertEqual(set(counts), {LOAD_S}, f"{len(stalled)} stalled")

    def gauge(self, name: str, label: str = "") -> int:
        found = re.search(rf'^{name}{{feed="events"[^}}]*{label}}} (\d+)$',
                          self.server.get("/metrics").body.decode(), re.M)
        return int(found.group(1)) if found else 0

    def read_all_for(self, clients: list[Client], seconds: int) -> list[int]:
        """An event a second; how many each client was told."""
        writer = threading.Thread(target=self.write_each_second, args=(seconds,))
        counts = [0] * len(clients)
        buffers = [b""] * len(clients)
        with selectors.DefaultSelector() as selector:
            for number, client in enumerate(clients):
                client.socket.setblocking(False)
                selector.register(client.socket, selectors.EVENT_READ, number)
            writer.start()
            while writer.is_alive() or min(counts) < seconds:
                ready = selector.select(timeout=5)
                if not ready:
                    break
                for key, _ in ready:
                    number = key.data
                    received = clients[number].socket.recv(65536)
                    if not received:
                        selector.unregister(key.fileobj)
                        continue
                    buffers[number] = self.take_frames(clients[number], buffers[number] + received, counts, number)
        writer.join()
        return counts

    @staticmethod
    def take_frames(client: Client, data: bytes, counts: list[int], number: int) -> bytes:
        while len(data) >= 2:
            length, at = data[1] & 0x7F, 2
            if length == 126:
                if len(data) < 4:
                    break
                length, at = struct.unpack(">H", data[2:4])[0], 4
            if len(data) < at + length:
                break
            if data[0] & 0x0F == PING:
                client.socket.sendall(frame(PONG, data[at:at + length]))
            elif data[0] & 0x0F == TEXT:
                counts[number] += 1
            data = data[at + length:]
        return data

    def write_each_second(self, seconds: int) -> None:
        begin = time.monotonic()
        for number in range(seconds):
            self.create_keys(1, f"load-{number}")
            threading.Event().wait(max(0.0, begin + number + 1 - time.monotonic()))


class SkillsFeedTest(LiveCase):
    """The feed "skills" at "/": snapshot, deltas, filters (skill analytics)."""

    def setUp(self):
        self.server = self.serve_live("--set", "skills.live_interval_ms=100")
        reply = self.server.post("/v1/skills/sessions", {"session_id": "one"})
        self.assertIn(reply.status, (200, 201), reply.body)

    def track(self, skill: str, server: support.Server | None = None, **more) -> None:
        reply = (server or self.server).post("/v1/skills/invocations",
                                 {"session_id": "one", "skill_name": skill, "completed": True,
                                  "duration_seconds": 2.0, "user_id": "somebody", **more})
        self.assertIn(reply.status, (200, 201), reply.body)

    def test_snapshot_then_deltas(self):
        self.track("pytest-run")
        client = self.joined("/")
        snapshot = client.message_of("snapshot")
        (row,) = snapshot["data"]["top_skills"]
        self.assertEqual((row["skill_name"], row["invocation_count"], row["total_invocations"]),
                         ("pytest-run", 1, 1))
        self.assertEqual(snapshot["data"]["anomalies"], [])
        self.track("ruff-check")
        while True:
            update = client.message_of("metrics_update")
            self.assertGreater(update["seq"], snapshot["seq"])
            if any(row["skill_name"] == "ruff-check" for row in update["data"]["changed"]):
                break
        self.assertEqual([row["skill_name"] for row in update["data"]["top_skills"]],
                         ["pytest-run", "ruff-check"])
        self.assertNotIn("somebody", json.dumps(update))

    def test_a_filtered_client_hears_of_its_skill_only(self):
        client = self.joined("/")
        confirmed = client.ask({"type": "subscribe", "skill": "quiet"}, "subscription_confirmed")
        self.assertEqual((confirmed["skill"], confirmed["skills"]), ("quiet", ["quiet"]))
        for number in range(12):  # all of them used more than the one it asks for
            for _ in range(2):
                self.track(f"busy-{number}")
        self.track("quiet")
        update = client.message_of("metrics_update")
        self.assertEqual([row["skill_name"] for row in update["data"]["changed"]], ["quiet"])
        self.assertEqual(update["data"]["top_skills"], [])
        client.ask({"type": "subscribe", "skill": None}, "subscription_confirmed")
        self.track("busy-1")
        update = client.message_of("metrics_update")
        self.assertEqual([row["skill_name"] for row in update["data"]["changed"]], ["busy-1"])

    def test_the_same_events_are_a_topic_of_the_event_feed(self):
        self.track("pytest-run")
        live = self.joined("/")
        live.message_of("snapshot")
        self.track("pytest-run")
        update = live.message_of("metrics_update")
        feed = Client(self.server.port, "/v1/events?after=0&topics=skill_metrics_updated")
        self.addCleanup(feed.close)
        self.assertEqual(feed.message()["type"], "hello")
        events = [feed.message()]
        while events[-1]["seq"] < update["seq"]:
            events.append(feed.message())
        self.assertEqual(events[-1]["data"], update["data"])
        again = Client(self.server.port,
                       f"/v1/events?after={update['seq'] - 1}&topics=skill_metrics_updated")
        self.addCleanup(again.close)
        again.message()
        self.assertEqual(again.message()["seq"], update["seq"])

    def test_resume_of_updates(self):
        client = self.joined("/")
        snapshot = client.message_of("snapshot")
        client.close()
        for _ in range(3):
            self.track("pytest-run")
            self.wait_for_updates()
        rest = self.joined(f"/?after={snapshot['seq']}")
        total = 0
        while (message := rest.message())["type"] != "resumed":
            for row in message.get("data", {}).get("changed", []):
                if row["skill_name"] == "pytest-run":
                    total = row["total_invocations"]
        self.assertEqual(total, 3)

    def wait_for_updates(self) -> None:
        probe = self.joined("/")
        probe.message_of("snapshot", "metrics_update")
        self.track("probe")
        while not any(row["skill_name"] == "probe"
                      for row in probe.message_of("metrics_update")["data"]["changed"]):
            pass
        probe.close()

    def test_counters_are_there_after_a_restart(self):
        for _ in range(3):
            self.track("pytest-run")
        port = self.server.port
        self.await_three(port)
        self.server.stop()
        exporter_port = free_port()
        self.serve("--set", "prometheus.enabled=true", "--set", f"prometheus.listen=127.0.0.1:{exporter_port}",
                   data=self.server.data)
        self.await_three(exporter_port)

    def await_three(self, port: int) -> None:
        """The figures follow the log by a schedule."""
        pattern = re.compile(r'^skill_invocations_total\{[^}]*skill_name="pytest-run"[^}]*\} 3(\.0)?$', re.M)
        deadline = time.monotonic() + support.REPLY_TIMEOUT_S
        while not pattern.search(text := scrape(port).body.decode()):
            self.assertLess(time.monotonic(), deadline, re.findall("(?m)^skill_.*$", text))


def scrape(port: int, path: str = "/metrics", headers: dict | None = None) -> support.Reply:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=support.REPLY_TIMEOUT_S)
    with contextlib.closing(connection):
        return support.send(connection, "GET", path, None, headers)


class ExporterTest(support.SystemTest):
    def exporter(self, *arguments: str, **options) -> tuple[support.Server, int]:
        port = free_port()
        server = self.serve("--set", "prometheus.enabled=true",
                            "--set", f"prometheus.listen=127.0.0.1:{port}", *arguments, **options)
        self.assertEqual(logged_port(server, "prometheus exporter listening"), port)
        return server, port

    def test_metrics_and_health(self):
        server, port = self.exporter()
        server.post("/v1/guard/scan", {"text": "hello"})
        reply = scrape(port)
        self.assertEqual(reply.status, 200)
        self.assertEqual(reply.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8")
        self.assertIn(b'credence_operation_calls_total{operation="guard.scan",outcome="ok"} 1', reply.body)
        checked = subprocess.run([support.promtool(), "check", "metrics"], input=reply.body,
                                 capture_output=True, timeout=60, check=False)
        self.assertEqual((checked.returncode, checked.stdout + checked.stderr), (0, b""))
        self.assertEqual(scrape(port, "/health").json(), {"status": "ready"})
        self.assertEqual(scrape(port, "/").status, 404)
        self.assertEqual(scrape(port, headers={"Host": "evil.example"}).status, 421)

    def test_open_metrics_for_who_asks(self):
        _, port = self.exporter()
        reply = scrape(port, headers={"Accept": "application/openmetrics-text;version=1.0.0,*/*;q=0.1"})
        self.assertTrue(reply.headers["content-type"].startswith("application/openmetrics-text"))
        text = reply.body.decode()
        self.assertTrue(text.endswith("\n# EOF\n"))
        self.assertIn("# TYPE credence_operation_calls counter\n", text)
        self.assertNotRegex(text, r"# TYPE \S+_total counter")

    def test_its_own_path(self):
        _, port = self.exporter("--set", "prometheus.path=/scrape")
        self.assertEqual(scrape(port, "/scrape").status, 200)
        self.assertEqual(scrape(port).status, 404)

    def test_ports_are_checked(self):
        with socket.socket() as busy:
            busy.bind(("127.0.0.1", 0))
            busy.listen()
            taken = f"127.0.0.1:{busy.getsockname()[1]}"
            for section, listen in (("prometheus", "127.0.0.1:0"), ("prometheus", "127.0.0.1:65536"),
                                    ("prometheus", "127.0.0.1:-1"), ("prometheus", "9090"),
                                    ("prometheus", taken), ("live", taken), ("live", "nowhere"),
                                    ("live", "0.0.0.0:0"), ("prometheus", "0.0.0.0:9")):
                with self.subTest(section=section, listen=listen):
                    ended = support.run_credence(
                        "serve", "--data", self.folder(), "--listen", "127.0.0.1:0",
                        "--set", f"{section}.enabled=true", "--set", f"{section}.listen={listen}")
                    self.assertNotEqual(ended.status, 0)
                    self.assertIn(f"{section}.listen", ended.err + ended.out)

    def test_keys_where_they_are_required(self):
        data = self.folder()
        made = support.run_credence("keys", "create", "--name", "scraper", "--scopes", "system:read", "--json",
                                    "--data", data)
        key = made.json()["secret"] if "secret" in made.json() else made.json()["key"]
        _, port = self.exporter("--set", "access.require_keys=true", data=data)
        self.assertEqual(scrape(port).status, 401)
        self.assertEqual(scrape(port, headers={"Authorization": f"Bearer {key}"}).status, 200)
        self.assertEqual(scrape(port, "/health").status, 200)

    def test_both_listeners_are_in_the_printed_configuration(self):
        text = support.run_credence("config", "print").out
        for section, listen in (("live", "127.0.0.1:8765"), ("prometheus", "127.0.0.1:9090")):
            (found,) = re.findall(rf"(?m)^\[{section}\]$([^\[]*)", text)
            self.assertIn("enabled = false", found)
            self.assertIn(f'listen = "{listen}"', found)
