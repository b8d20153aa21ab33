"""The transports of MCP against the real program: stdio framing, sessions, streams, kill and resume."""

import concurrent.futures
import json
import pathlib
import re
import socket
import subprocess
import time
import unittest

import support

ACCEPT = "application/json, text/event-stream"
SESSIONS = 1000
META = {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {}}


def message(method: str, params: dict | None = None, number: int | str | None = 1) -> dict:
    out = {"jsonrpc": "2.0", "method": method}
    if number is not None:
        out["id"] = number
    if params is not None:
        out["params"] = params
    return out


def initialize(revision: str = "2025-11-25") -> dict:
    return message("initialize", {"protocolVersion": revision, "capabilities": {},
                                  "clientInfo": {"name": "system test", "version": "1"}})


def head_of(connection: socket.socket) -> tuple[str, bytes]:
    """The head of a reply, and what came of its body with it."""
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(65536)
        if not piece:
            break
        received += piece
    head, _, rest = received.partition(b"\r\n\r\n")
    return head.decode(), rest


def read_until(connection: socket.socket, text: str, received: bytes = b"") -> str:
    while text.encode() not in received:
        piece = connection.recv(65536)
        if not piece:
            break
        received += piece
    return received.decode()


class McpTransportTest(support.SystemTest):
    def post(self, server: support.Server, body: dict, session: str = "", **headers: str):
        fields = {"Accept": ACCEPT, **headers}
        if session:
            fields["Mcp-Session-Id"] = session
        return server.post("/mcp", body, headers=fields)

    def begin(self, server: support.Server, revision: str = "2025-11-25", **headers: str) -> str:
        reply = self.post(server, initialize(revision), **headers)
        self.assertEqual(reply.status, 200, reply.body)
        session = reply.headers["mcp-session-id"]
        ready = self.post(server, message("notifications/initialized", number=None), session, **headers)
        self.assertEqual(ready.status, 202)
        return session

    def open_stream(self, server: support.Server, session: str, last_event: str = "") -> socket.socket:
        connection = server.connect()
        more = f"Last-Event-ID: {last_event}\r\n" if last_event else ""
        connection.sendall(f"GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n"
                           f"Mcp-Session-Id: {session}\r\n{more}\r\n".encode())
        self.addCleanup(connection.close)
        return connection

    def listen(self, server: support.Server) -> tuple[socket.socket, str]:
        """A modern subscription and what it has said up to its acknowledgement."""
        body = json.dumps(message("subscriptions/listen",
                                  {"notifications": {"toolsListChanged": True}, "_meta": META}))
        connection = server.connect()
        connection.sendall(
            (f"POST /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: {ACCEPT}\r\n"
             "Content-Type: application/json\r\nMCP-Protocol-Version: 2026-07-28\r\n"
             f"Mcp-Method: subscriptions/listen\r\nContent-Length: {len(body)}\r\n\r\n{body}").encode())
        self.addCleanup(connection.close)
        return connection, read_until(connection, "notifications/subscriptions/acknowledged")


class StdioTest(McpTransportTest):
    def speak(self, *lines: str, arguments: tuple[str, ...] = ()) -> list[dict]:
        done = support.run_credence("mcp", "--data", self.folder(), *arguments,
                                    stdin="".join(line + "\n" for line in lines))
        self.assertEqual(done.status, 0, done.err)
        return [json.loads(line) for line in done.out.splitlines()]

    def test_malformed_framing_loses_nothing(self):
        ping = json.dumps(message("ping", number="after"))
        answers = self.speak("{", "[]", '"text"', "\x00\x01", "", "   ", '{"jsonrpc":"1.0","id":1}',
                             "x" * (9 << 20), json.dumps([message("ping")]), ping)
        self.assertEqual(answers[-1], {"jsonrpc": "2.0", "id": "after", "result": {}})
        codes = [answer["error"]["code"] for answer in answers[:-1]]
        self.assertEqual(len(codes), 7, answers)
        self.assertEqual(codes[0], -32700)
        self.assertTrue(set(codes) <= {-32700, -32600}, codes)

    def test_three_revisions_and_both_eras(self):
        for revision in ("2025-06-18", "2025-11-25"):
            first, second = self.speak(json.dumps(initialize(revision)),
                                       json.dumps(message("tools/list", number=2)))
            self.assertEqual(first["result"]["protocolVersion"], revision)
            self.assertTrue(second["result"]["tools"])
        discovered, listed, missing = self.speak(
            json.dumps(message("server/discover", {"_meta": META})),
            json.dumps(message("tools/list", {"_meta": META}, 2)),
            json.dumps(message("server/discover", number=3)))
        self.assertIn("2026-07-28", discovered["result"]["supportedVersions"])
        self.assertEqual(listed["result"]["resultType"], "complete")
        self.assertEqual(missing["error"]["code"], -32602)

    def test_profile_flag(self):
        listing = json.dumps(message("tools/list"))
        core = self.speak(listing)[0]["result"]["tools"]
        full = self.speak(listing, arguments=("--profile", "full"))[0]["result"]["tools"]
        self.assertLess(len(core), len(full))
        self.assertNotEqual(support.run_credence("mcp", "--profile").status, 0)
        self.assertNotEqual(support.run_credence("mcp", "nonsense").status, 0)

    def test_help_starts_nothing(self):
        for command in ("serve", "mcp"):
            folder = pathlib.Path(self.folder())
            done = support.run_credence(command, "--help", "--data", str(folder / "none"))
            self.assertEqual(done.status, 0, done.err)
            self.assertIn(f"Usage: credence {command}", done.out)
            self.assertFalse((folder / "none").exists())

    def test_a_client_that_hangs_up_ends_the_process(self):
        process = subprocess.Popen([support.BINARY, "mcp", "--data", self.folder()],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, env=support.environment())
        self.addCleanup(process.kill)
        process.stdin.write(json.dumps(message("ping")).encode() + b"\n")
        process.stdin.flush()
        self.assertIn(b"result", process.stdout.readline())
        process.stdout.close()
        process.stdin.write(json.dumps(message("ping")).encode() + b"\n")
        process.stdin.flush()
        self.assertEqual(process.wait(timeout=support.REPLY_TIMEOUT_S), 1)
        process.stdin.close()

    def test_works_beside_a_server(self):
        server = self.serve()
        done = support.run_credence("mcp", "--data", server.data,
                                    stdin=json.dumps(message("tools/list")) + "\n")
        self.assertEqual(done.status, 0, done.err)
        self.assertTrue(json.loads(done.out)["result"]["tools"])


class SessionTest(McpTransportTest):
    def test_thousand_sessions_at_once(self):
        server = self.serve()

        def one(_: int) -> str:
            while True:
                reply = self.post(server, initialize())
                if reply.status != 429:
                    break
                time.sleep(0.05)  # the caller's rate limit, not ours
            self.assertEqual(reply.status, 200, reply.body)
            session = reply.headers["mcp-session-id"]
            listed = self.post(server, message("ping", number=2), session)
            while listed.status == 429:
                time.sleep(0.05)
                listed = self.post(server, message("ping", number=2), session)
            self.assertEqual(listed.json(), {"jsonrpc": "2.0", "id": 2, "result": {}})
            return session

        with concurrent.futures.ThreadPoolExecutor(max_workers=32) as pool:
            sessions = list(pool.map(one, range(SESSIONS)))
        self.assertEqual(len(set(sessions)), SESSIONS)
        self.assert_alive(server)

    def test_ended_and_unknown_sessions_are_not_found(self):
        server = self.serve()
        session = self.begin(server)
        self.assertEqual(server.request("DELETE", "/mcp", headers={"Mcp-Session-Id": session}).status, 204)
        for absent in (session, "0" * 32, "../x"):
            self.assertEqual(self.post(server, message("ping"), absent).status, 404)

    def test_another_callers_session_is_not_found(self):
        data = self.folder()
        keys = []
        for name in ("one", "two"):
            done = support.run_credence("keys", "create", name, "--scopes", "*", "--data", data, "--json")
            self.assertEqual(done.status, 0, done.err)
            keys.append(f"Bearer {done.json()['key']}")
        server = self.serve("--set", "access.require_keys=true", data=data)
        session = self.begin(server, Authorization=keys[0])
        self.assertEqual(self.post(server, message("ping"), session, Authorization=keys[0]).status, 200)
        self.assertEqual(self.post(server, message("ping"), session, Authorization=keys[1]).status, 404)
        stolen = server.request("GET", "/mcp", headers={
            "Accept": "text/event-stream", "Mcp-Session-Id": session, "Authorization": keys[1]})
        self.assertEqual(stolen.status, 404)
        self.assertEqual(self.post(server, message("ping"), session).status, 401)

    def test_standalone_stream_is_primed_and_resumed(self):
        server = self.serve()
        session = self.begin(server)
        connection = self.open_stream(server, session)
        head, rest = head_of(connection)
        self.assertIn("200", head.splitlines()[0])
        self.assertIn("text/event-stream", head)
        first = re.search(r"id: (\S+)", read_until(connection, "data: ", rest)).group(1)
        connection.close()
        resumed, _ = head_of(self.open_stream(server, session, last_event=first))
        self.assertIn("200", resumed.splitlines()[0])
        for absent, status in (("99-1", "404"), ("nonsense", "400")):
            refused, _ = head_of(self.open_stream(server, session, last_event=absent))
            self.assertIn(status, refused.splitlines()[0])

    def test_half_closed_streams_are_let_go(self):
        server = self.serve()
        session = self.begin(server)
        for _ in range(20):
            connection = self.open_stream(server, session)
            head, _ = head_of(connection)
            self.assertIn("200", head.splitlines()[0])
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(support.REPLY_TIMEOUT_S)
            while connection.recv(65536):
                pass
            connection.close()
        self.assertEqual(self.post(server, message("ping"), session).status, 200)

    def test_subscriptions_survive_and_stop_with_the_server(self):
        server = self.serve()
        connection, said = self.listen(server)
        self.assertIn("200", said.splitlines()[0])
        self.assertIn("X-Accel-Buffering: no", said)
        began = time.monotonic()
        server.stop()
        self.assertLess(time.monotonic() - began, 5 * support.SLOWDOWN, "streams must not delay a stop")
        while connection.recv(65536):
            pass

    def test_kill_and_resume(self):
        data = self.folder()
        server = self.serve(data=data)
        session = self.begin(server)
        connection = self.open_stream(server, session)
        head_of(connection)
        server.kill()
        again = self.serve(data=data)
        self.assertEqual(self.post(again, message("ping"), session).status, 404)
        refused, _ = head_of(self.open_stream(again, session, last_event="1-0"))
        self.assertIn("404", refused.splitlines()[0])
        fresh = self.begin(again)
        self.assertEqual(self.post(again, message("ping"), fresh).status, 200)

    def test_streams_nobody_reads_hold_up_nobody(self):
        server = self.serve()
        session = self.begin(server)
        connections = [self.open_stream(server, session) for _ in range(3)]
        for connection in connections:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        # Others are served while nobody reads those.
        for number in range(50):
            self.assertEqual(self.post(server, message("tools/list", number=number), session).status, 200)
        self.assert_alive(server)


if __name__ == "__main__":
    unittest.main()
