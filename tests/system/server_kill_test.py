"""kill -9 of the real server under write load: every acknowledged change is there, with its event,
its audit entry, and an unbroken chain. (crash_test.py does the same to the store alone, more often.)"""

import contextlib
import http.client
import json
import random
import sqlite3
import threading

import support

ROUNDS = 25
WRITERS = 8
MAX_ACKNOWLEDGED = 60  # in one round, before the kill


class Load:
    """Creates keys on several connections until the server dies; remembers what was acknowledged."""

    def __init__(self, server: support.Server, kill_after: int) -> None:
        self.server = server
        self.kill_after = kill_after
        self.acknowledged: list[str] = []
        self.lock = threading.Lock()

    def write(self) -> None:
        connection = http.client.HTTPConnection(self.server.address, self.server.port,
                                                timeout=support.REPLY_TIMEOUT_S)
        with contextlib.suppress(OSError, http.client.HTTPException):
            while True:
                reply = support.send(connection, "POST", "/v1/keys",
                                     {"name": "load", "scopes": ["guard:read"]})
                if reply.status == 200:
                    self.note(reply.json()["id"])
        connection.close()

    def note(self, key_id: str) -> None:
        with self.lock:
            self.acknowledged.append(key_id)
            if len(self.acknowledged) == self.kill_after:
                self.server.process.kill()

    def run(self) -> list[str]:
        threads = [threading.Thread(target=self.write) for _ in range(WRITERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.server.kill()
        return self.acknowledged


class ServerKillTest(support.SystemTest):
    def test_what_was_acknowledged_survives(self):
        data = self.folder()
        chance = random.Random(7)
        acknowledged: list[str] = []
        for _ in range(ROUNDS):
            server = support.Server(data, "--set", "access.requests_per_second=0")
            acknowledged += Load(server, chance.randint(1, MAX_ACKNOWLEDGED)).run()
        self.assertGreaterEqual(len(acknowledged), ROUNDS)
        with contextlib.closing(sqlite3.connect(f"{data}/credence.db")) as database:
            stored = {row[0] for row in database.execute("SELECT id FROM api_key")}
            events = database.execute(
                "SELECT seq, body FROM event WHERE name = 'key_created' ORDER BY seq").fetchall()
            audited = database.execute(
                "SELECT COUNT(*) FROM audit WHERE operation = 'keys.create'").fetchone()[0]
        self.assertEqual(set(acknowledged) - stored, set())
        announced = [json.loads(body)["id"] for _, body in events]
        self.assertEqual(len(announced), len(set(announced)))
        self.assertEqual(set(announced), stored)
        self.assertGreaterEqual(audited, len(acknowledged))
        done = support.run_credence("audit", "verify", "--data", data)
        self.assertEqual(done.status, 0, done.err)


if __name__ == "__main__":
    support.unittest.main()
