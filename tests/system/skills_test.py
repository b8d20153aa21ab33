"""Skills through the real program: a whole session over HTTP, the document's six MCP tools by their
names, what the former system left, and a person's erasure."""

import json
import pathlib
import sqlite3

import skills_former
import support

MCP_TOOLS = ("get_real_time_metrics", "detect_anomalies", "get_skill_trend",
             "get_collaborative_recommendations", "get_community_baselines", "get_skill_dependencies")


class SkillsTest(support.SystemTest):
    def setUp(self) -> None:
        self.data = self.folder()
        self.server = self.serve("--set", "access.requests_per_second=0", data=self.data)

    def call(self, method: str, path: str, body=None, status: int = 200):
        reply = self.server.request(method, path, body=body)
        self.assertEqual(reply.status, status, reply.body[:800])
        return reply.json()

    def session(self, **fields) -> str:
        return self.call("POST", "/v1/skills/sessions", fields)["session_id"]

    def track(self, session: str, skill: str, **fields) -> int:
        body = {"session_id": session, "skill_name": skill, "completed": True, **fields}
        return self.call("POST", "/v1/skills/invocations", body)["invocation_id"]

    def tool(self, name: str, arguments: dict) -> dict:
        reply = self.server.post("/mcp", {"jsonrpc": "2.0", "id": 1, "method": "tools/call",
                                          "params": {"name": name, "arguments": arguments}},
                                 headers={"Accept": "application/json, text/event-stream"})
        self.assertEqual(reply.status, 200, reply.body[:400])
        return reply.json()

    def test_the_documents_walk(self):
        session = self.session(project_path="/test/project")
        first = self.track(session, "test-skill", duration_seconds=5.0)
        self.assertIsInstance(first, int)
        self.assertGreater(self.track(session, "test-skill", completed=False, error_type="Timeout"), first)
        opened = self.call("POST", "/v1/skills/invocations/open", {"session_id": session, "skill_name": "other"})
        self.call("POST", f"/v1/skills/invocations/open/{opened['handle']}/completion", {"completed": True})
        metrics = self.call("GET", "/v1/skills/metrics/test-skill")
        self.assertEqual(metrics["total_invocations"], 2)
        self.assertEqual(metrics["completion_rate"]["value"], 0.5)
        self.assertEqual(metrics["completion_rate"]["n"], 2)
        self.assertEqual(metrics["avg_duration_seconds"], 5.0)
        top = self.call("GET", "/v1/skills/real-time?limit=5")["top_skills"]
        self.assertEqual([(skill["skill_name"], skill["invocation_count"]) for skill in top],
                         [("test-skill", 2), ("other", 1)])
        summary = self.call("POST", f"/v1/skills/sessions/{session}/end", {})
        self.assertEqual(summary["total_invocations"], 3)
        self.assertEqual(summary["distinct_skills"], 2)
        self.assertEqual(self.call("GET", "/v1/skills/health")["status"], "healthy")

    def test_the_six_tools_answer_with_data_without_and_to_nonsense(self):
        arguments = {"get_skill_trend": {"skill_name": "pytest-run"},
                     "get_collaborative_recommendations": {"user_id": "user123", "limit": 5},
                     "get_skill_dependencies": {"skill_name": "pytest-run"}}
        lists = {"get_real_time_metrics": "top_skills", "detect_anomalies": "anomalies",
                 "get_collaborative_recommendations": "recommendations",
                 "get_community_baselines": "baselines", "get_skill_dependencies": "dependencies"}
        for name in MCP_TOOLS:
            with self.subTest(name, store="empty"):
                result = self.tool(name, arguments.get(name, {}))["result"]
                if name in ("get_skill_trend", "get_skill_dependencies"):
                    self.assertTrue(result["isError"])  # no such skill
                else:
                    self.assertEqual(result["structuredContent"][lists[name]], [])
        for number in range(30):
            session = self.session(user_id=f"user{number % 10}")
            self.track(session, "pytest-run", duration_seconds=1.0)
            self.track(session, "coverage-report", duration_seconds=1.0)
            self.track(self.session(user_id="someone else"), f"alone-{number}")
        for name in MCP_TOOLS:
            with self.subTest(name, store="filled"):
                result = self.tool(name, arguments.get(name, {}))["result"]
                self.assertFalse(result.get("isError"), result)
        found = self.tool("get_real_time_metrics", {"limit": 1})["result"]["structuredContent"]["top_skills"]
        self.assertEqual([skill["invocation_count"] for skill in found], [30])
        partner = self.tool("get_skill_dependencies", {"skill_name": "pytest-run"})
        partner = partner["result"]["structuredContent"]["dependencies"][0]
        self.assertEqual((partner["skill_b"], partner["co_occurrence_count"]), ("coverage-report", 30))
        trend = self.tool("get_skill_trend", {"skill_name": "pytest-run"})["result"]["structuredContent"]
        self.assertEqual(trend["trend"], "insufficient_data")
        for name in MCP_TOOLS:
            with self.subTest(name, store="nonsense"):
                reply = self.tool(name, {"no_such_field": 1})
                self.assertTrue(reply.get("error") or reply["result"]["isError"])
        reply = self.tool("get_real_time_metrics", {"limit": -1})
        self.assertIn("limit", json.dumps(reply))

    def test_a_hundred_skills_and_a_thousand_invocations_are_small(self):
        """The former system's document expects about 15 MB."""
        for number in range(50):
            session = self.session(user_id=f"user{number}", project_path="/srv/app")
            items = [{"session_id": session, "skill_name": f"skill-{(number * 20 + step) % 100}", "completed": True,
                      "duration_seconds": step / 7, "user_query": f"do the thing number {step}",
                      "workflow_phase": "execution"} for step in range(20)]
            self.call("POST", "/v1/skills/invocations/batch", {"items": items})
        self.call("POST", "/v1/skills/search", {"query": "the thing"})
        self.server.stop()
        size = (pathlib.Path(self.data) / "credence.db").stat().st_size
        with sqlite3.connect(pathlib.Path(self.data) / "credence.db") as connection:
            self.assertEqual(connection.execute("SELECT count(*), count(DISTINCT skill_name) FROM skill_invocation")
                             .fetchone(), (1000, 100))
        print(f"database of 100 skills and 1,000 invocations: {size / 1e6:.2f} MB")
        self.assertLess(size, 15_000_000)

    def test_erasing_a_person_leaves_no_trace_in_the_file(self):
        session = self.session(user_id="grace.hopper@example.com")
        self.track(session, "compile", user_query="mail grace.hopper@example.com the compiler")
        kept = self.session(user_id="someone")
        self.track(kept, "compile")
        held = self.call("POST", "/v1/skills/users/export", {"user_id": "grace.hopper@example.com"})
        self.assertEqual(len(held["invocations"]), 1)
        user_hash = held["user_id"]
        self.assertRegex(user_hash, "^[0-9a-f]{64}$")
        self.call("POST", "/v1/skills/search", {"query": "the compiler"})
        erased = self.call("POST", "/v1/skills/users/erasure", {"user_id": "grace.hopper@example.com"})
        self.assertEqual(erased["invocations"], 1)
        self.assertEqual(self.call("GET", "/v1/skills/metrics/compile")["total_invocations"], 1)
        self.assertEqual(self.call("POST", "/v1/skills/search", {"query": "the compiler"})["matches"], [])
        self.server.stop()
        with sqlite3.connect(pathlib.Path(self.data) / "credence.db") as connection:
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        for file in pathlib.Path(self.data).rglob("*"):
            if file.is_file():
                self.assertNotIn(b"grace.hopper", file.read_bytes(), file)
        dump = "\n".join(sqlite3.connect(pathlib.Path(self.data) / "credence.db").iterdump())
        self.assertNotIn(user_hash, dump)


class FormerSystemTest(support.SystemTest):
    def run_import(self, data: str, file: str) -> dict:
        done = support.run_credence("skills", "import", file, "--data", data, "--json")
        self.assertEqual(done.status, 0, done.err)
        return done.json()

    def skills_of(self, data: str) -> dict:
        with sqlite3.connect(pathlib.Path(data) / "credence.db") as connection:
            rows = connection.execute("SELECT skill_name, total_invocations, completed_invocations,"
                                      " round(total_duration_seconds, 3) FROM skill_metrics ORDER BY 1").fetchall()
        return {row[0]: row[1:] for row in rows}

    expected = {"git-commit": (3, 3, 2.0), "git-push": (1, 0, 0.0), "pytest-run": (3, 2, 5.0)}

    def test_each_layout_comes_over_once(self):
        for version in (1, 2, 3, 4):
            with self.subTest(version=version):
                data = self.folder()
                file = skills_former.database(self.folder(), version)
                before = pathlib.Path(file).read_bytes()
                report = self.run_import(data, file)
                self.assertEqual(report["layout"], f"sqlite_v{version}")
                self.assertEqual((report["total"], report["imported"], report["skipped"]),
                                 (len(skills_former.ROWS), skills_former.IMPORTED, 1))
                self.assertEqual(report["reasons"], {"no_time": 1})
                self.assertEqual(report["mended"]["duration_dropped"], 1)
                self.assertEqual(report["mended"]["time_with_blank"], 1)
                self.assertEqual(report["mended"]["time_without_offset_taken_for_utc"], 3)
                self.assertEqual(report["mended"]["session_renamed"], 1)
                self.assertEqual([row["skill_name"] for row in report["differences"]], ["git-push"])
                self.assertEqual(report["differences"][0]["old_completion_rate"], 1)
                self.assertEqual(self.skills_of(data), self.expected)
                again = self.run_import(data, file)
                self.assertEqual((again["imported"], again["already_there"]), (0, skills_former.IMPORTED))
                self.assertEqual(self.skills_of(data), self.expected)
                self.assertEqual(pathlib.Path(file).read_bytes(), before)

    def test_v4_brings_what_was_declared_and_says_what_stays(self):
        data = self.folder()
        report = self.run_import(data, skills_former.database(self.folder(), 4))
        self.assertEqual(report["left_out"], {"ab_test_configs": 1})
        self.assertEqual(report["taxonomy_entries"], 4)
        with sqlite3.connect(pathlib.Path(data) / "credence.db") as connection:
            self.assertEqual(connection.execute(
                "SELECT skill_a, skill_b, declared_lift FROM skill_dependencies"
                " WHERE declared_lift IS NOT NULL").fetchall(), [("coverage-report", "pytest-run", 2.8)])
            self.assertEqual(connection.execute("SELECT count(*) FROM skill_invocation WHERE embedding IS NOT NULL")
                             .fetchone(), (1,))
            dump = "\n".join(connection.iterdump())
        self.assertNotIn("ada@example.com", dump)

    def test_an_export_and_its_database_are_the_same_rows(self):
        data = self.folder()
        report = self.run_import(data, skills_former.export(self.folder()))
        self.assertEqual((report["layout"], report["imported"], report["skipped"]),
                         ("json", skills_former.IMPORTED, 1))
        self.assertEqual(self.skills_of(data), self.expected)
        again = self.run_import(data, skills_former.database(self.folder(), 4))
        self.assertEqual((again["imported"], again["already_there"]), (0, skills_former.IMPORTED))

    def test_a_grown_file_adds_what_is_new(self):
        data = self.folder()
        file = skills_former.database(self.folder(), 3)
        self.run_import(data, file)
        with sqlite3.connect(file) as connection:
            connection.execute("INSERT INTO skill_invocation (skill_name, invoked_at, session_id, completed)"
                               " VALUES ('pytest-run', '2026-02-12T00:00:00Z', 's1', 1)")
        report = self.run_import(data, file)
        self.assertEqual((report["imported"], report["already_there"]), (1, skills_former.IMPORTED))
        self.assertEqual(self.skills_of(data)["pytest-run"], (4, 3, 5.0))

    def test_what_is_no_such_file_is_said(self):
        folder = pathlib.Path(self.folder())
        (folder / "text").write_text("hello")
        (folder / "list.json").write_text('{"rows": []}')
        (folder / "broken.db").write_bytes(b"SQLite format 3\0" + b"\xff" * 4096)
        with sqlite3.connect(folder / "other.db") as connection:
            connection.execute("CREATE TABLE t (x)")
        for name in ("missing", "text", "list.json", "broken.db", "other.db"):
            with self.subTest(name):
                done = support.run_credence("skills", "import", str(folder / name), "--data", self.folder(), "--json")
                self.assertIn(done.status, (2, 4), done.out)
                self.assertIn('"file"', done.err + done.out)


if __name__ == "__main__":
    support.unittest.main()
