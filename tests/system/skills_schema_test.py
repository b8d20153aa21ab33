"""The schema of the skills: what the document counts in it, and V3 untouched by V4 going and coming,
also when the program is killed in between."""

import hashlib
import pathlib
import random
import sqlite3
import subprocess

import support

ROUNDS = 200
LONGEST_LIFE_S = 0.06  # after it a migration is killed, if it still runs

V4_TABLES = ("skill_metrics_cache", "skill_time_series", "skill_anomalies", "skill_community_baselines",
             "skill_user_interactions", "skill_clusters", "skill_cluster_membership", "ab_test_configs",
             "ab_test_assignments", "ab_test_outcomes", "skill_categories", "skill_category_mapping",
             "skill_dependencies", "skill_modalities")
V4_VIEWS = ("v_realtime_skill_dashboard", "v_skill_effectiveness_trend", "v_community_baseline_comparison",
            "v_skill_dependency_network", "v_ab_test_summary", "v_multimodal_skill_catalog")
V3_TABLES = ("skill_session", "skill_open_invocation", "skill_invocation", "skill_metrics", "skill_counter",
             "session_skills", "mv_daily_skills", "skill_query", "skill_search_head")


def database_of(data: str) -> str:
    return str(pathlib.Path(data) / "credence.db")


def names_in(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def fingerprint(connection: sqlite3.Connection) -> dict[str, str]:
    """Hashes of the schema and of the rows of V3. When a version was applied is not among them."""
    schema = connection.execute(
        "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name LIKE '%skill%' OR name LIKE 'ab_test%'"
        " OR name LIKE 'trg_%' OR name LIKE 'v_%' ORDER BY name, type").fetchall()
    rows = [connection.execute(f"SELECT * FROM {table} ORDER BY rowid" if table != "skill_search_head"
                               else f"SELECT * FROM {table} ORDER BY tenant").fetchall()
            for table in V3_TABLES]
    rows.append(connection.execute("SELECT version, description, applied_at_us FROM skill_migrations"
                                   " WHERE version <= 3 ORDER BY version").fetchall())
    rows.append(connection.execute("SELECT rowid, * FROM skill_invocation_fts ORDER BY rowid").fetchall())
    return {"schema": hashlib.sha256(repr(schema).encode()).hexdigest(),
            "rows": hashlib.sha256(repr(rows).encode()).hexdigest()}


def fill(connection: sqlite3.Connection) -> None:
    chance = random.Random(3)
    for session in range(40):
        connection.execute(
            "INSERT INTO skill_session (tenant, session_id, name_space, started_at_us) VALUES (?, ?, ?, ?)",
            ("default", f"s{session}", "default", 1_700_000_000_000_000 + session))
        for step in range(25):
            connection.execute(
                "INSERT INTO skill_invocation (tenant, skill_name, invoked_at_us, session_id, completed,"
                " duration_seconds, user_query, workflow_phase, created_at_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                ("default", f"skill-{chance.randrange(100)}", 1_700_000_000_000_000 + step, f"s{session}",
                 chance.randrange(2), chance.random() * 9, "run the tests", "execution", 1_700_000_000_000_000))
    connection.commit()


class SkillsSchemaTest(support.SystemTest):
    def migrated(self) -> str:
        data = self.folder()
        done = support.run_credence("migrate", "up", "--data", data)
        self.assertEqual(done.status, 0, done.err)
        return data

    def count(self, connection: sqlite3.Connection, sql: str) -> int:
        return connection.execute(sql).fetchone()[0]

    def test_the_documents_checks_give_its_numbers(self):
        data = self.migrated()
        with sqlite3.connect(database_of(data)) as connection:
            self.assertEqual(self.count(connection, "SELECT COUNT(*) FROM sqlite_master WHERE type='table'"
                                        f" AND name IN ({names_in(V4_TABLES)})"), 14)
            self.assertEqual(self.count(connection, "SELECT COUNT(*) FROM sqlite_master WHERE type='view'"
                                        f" AND name IN ({names_in(V4_VIEWS)})"), 6)
            self.assertEqual(self.count(connection, "SELECT COUNT(*) FROM sqlite_master WHERE type='trigger'"
                                        " AND name LIKE 'trg_%'"), 3)
            self.assertEqual(len(connection.execute(
                "SELECT * FROM skill_migrations WHERE version = 4").fetchall()), 1)
        done = support.run_credence("skills", "initialize-taxonomy", "--data", data, "--json")
        self.assertEqual(done.status, 0, done.err)
        with sqlite3.connect(database_of(data)) as connection:
            for table, rows in (("skill_categories", 6), ("skill_modalities", 4), ("skill_dependencies", 4)):
                self.assertEqual(self.count(connection, f"SELECT COUNT(*) FROM {table}"), rows, table)

    def test_every_view_answers(self):
        data = self.migrated()
        with sqlite3.connect(database_of(data)) as connection:
            fill(connection)
            views = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'view'")]
            self.assertEqual(len(views), 13)
            for view in views:
                connection.execute(f"SELECT * FROM {view}").fetchall()
            self.assertEqual(self.count(connection, "SELECT sum(total_invocations) FROM v_top_skills"), 1000)
            self.assertEqual(self.count(connection, "SELECT count(*) FROM v_session_skill_summary"), 40)

    def migrate(self, data: str, down: bool, life_s: float | None) -> None:
        arguments = ["down", "skills", "1"] if down else ["up"]
        process = subprocess.Popen([support.BINARY, "migrate", *arguments, "--data", data],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, env=support.environment())
        try:
            process.wait(timeout=life_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def test_v3_survives_v4_going_and_coming_and_kills(self):
        data = self.migrated()
        with sqlite3.connect(database_of(data)) as connection:
            fill(connection)
            v4 = fingerprint(connection)
        self.migrate(data, down=True, life_s=None)
        with sqlite3.connect(database_of(data)) as connection:
            v3 = fingerprint(connection)
        self.assertNotEqual(v3["schema"], v4["schema"])
        self.assertEqual(v3["rows"], v4["rows"])
        chance = random.Random(11)
        killed_between = 0
        down = False
        for step in range(ROUNDS * 2):
            # Every other step runs to its end, so that the rounds go on.
            life_s = chance.uniform(0, LONGEST_LIFE_S) * support.SLOWDOWN if chance.random() < 0.5 else None
            self.migrate(data, down, life_s)
            with sqlite3.connect(database_of(data)) as connection:
                seen = fingerprint(connection)
                recorded = self.count(connection, "SELECT count(*) FROM skill_migrations WHERE version = 4")
            self.assertEqual(seen["rows"], v3["rows"], f"step {step}")
            self.assertIn(seen["schema"], (v3["schema"], v4["schema"]), f"step {step}")
            is_v4 = seen["schema"] == v4["schema"]
            self.assertEqual(recorded, 1 if is_v4 else 0)
            reached = is_v4 != down
            killed_between += 0 if reached else 1
            down = not down if reached else down
        self.assertGreater(killed_between, ROUNDS // 20)


if __name__ == "__main__":
    support.unittest.main()
