"""Hostile claimants: whatever they send, no claim is confirmed that was not seen to hold, and no
score moves that should not."""

import concurrent.futures
import pathlib
import sqlite3

import support
import verification
from verification import cases

GOOD = {"return_code": 0, "output_contains": ["fine"], "metrics": {"value": 10}}

COMMANDS = {
    "echo": "echo 100% PASSED",
    "true": "true",
    "python_c": "python -c print(1)",
    "python3_c": "python3 -c 'print(1)'",
    "shell": "sh -c 'exit 0'",
    "cat_a_secret": "cat /etc/passwd",
    "exit": "exit 0",
    "semicolon": "pytest tests; id",
    "and": "pytest tests && id",
    "pipe": "pytest tests | tee x",
    "redirect": "pytest tests > /etc/passwd",
    "substitution": "pytest $(id)",
    "backquotes": "pytest `id`",
    "variable": "pytest $HOME",
    "newline": "pytest tests\nid",
    "nul": "pytest tests\0--co",
    "plugin": "pytest -p evil tests",
    "plugin_joined": "pytest -pevil tests",
    "override_ini": "pytest --override-ini=addopts=--co tests",
    "collect_only": "pytest --co tests",
    "config_file": "pytest -c evil.ini tests",
    "root_directory": "pytest --rootdir=/ tests",
    "double_dash": "pytest -- -p evil",
    "outside": "pytest ../other",
    "outside_later": "pytest tests/../../other",
    "absolute": "pytest /etc",
    "home": "pytest ~/tests",
    "quoted_option": "pytest '-p' evil",
    "escaped_option": "pytest \\-p evil",
    "path_to_the_program": "/usr/bin/pytest tests",
    "environment_prefix": "PYTHONPATH=evil pytest tests",
    "mypy_config": "mypy --config-file=evil.ini src",
    "ruff_config": "ruff check --config evil.toml src",
    "npm_script": "npm run evil",
    "unclosed_quote": "pytest 'tests",
    "empty": "",
    "blank": "   ",
    "endless": "pytest " + "a/" * 4000,
    "many": "pytest " + "a " * 5000,
}

CLAIMS = {
    "nothing": ({}, "claim_content"),
    "unknown_key": ({"return_code": 0, "trust_me": True}, "claim_content.trust_me"),
    "exact_match": ({"exact_match": {"stdout": "fine"}}, "claim_content.exact_match"),
    "empty_text": ({"output_contains": ""}, None),
    "empty_list": ({"output_contains": []}, None),
    "empty_item": ({"output_contains": ["fine", ""]}, None),
    "empty_expression": ({"output_matches": ""}, None),
    "broken_expression": ({"output_matches": "("}, "claim_content.output_matches"),
    "empty_metrics": ({"metrics": {}}, None),
    "infinite": ({"metrics": {"value": {"op": "le", "value": 1e308 * 10}}}, None),
    "tolerance_of_a_billion": ({"metrics": {"value": {"op": "eq", "value": 99, "relative_tolerance": 1e9}}}, None),
    "absolute_tolerance": ({"metrics": {"value": {"op": "eq", "value": 99, "absolute_tolerance": 1e9}}}, None),
    "negative_tolerance": ({"metrics": {"value": {"op": "eq", "value": 99, "relative_tolerance": -1}}}, None),
    "seed_tolerance_key": ({"metrics": {"value": 99}, "tolerance": 1e9}, "claim_content.tolerance"),
    "unknown_operator": ({"metrics": {"value": {"op": "!=", "value": 99}}}, None),
    "range_without_ends": ({"metrics": {"value": {"op": "range"}}}, None),
    "inverted_range": ({"metrics": {"value": {"op": "range", "low": 5, "high": 1}}}, None),
    "text_as_metric": ({"metrics": {"value": "10"}}, None),
    "list": ([], None),
    "text": ("fine", None),
    "null": (None, None),
    "deep": ({"metrics": {"value": {"op": {"op": {"op": {}}}}}}, None),
}

# A program's output, and a claim about it that must not be confirmed.
OUTPUTS = {
    "metric_that_is_not_printed": ('print("fine")', {"metrics": {"coverage": 0.99}}),
    "metric_that_differs": ('print(\'{"value": 12}\')', {"metrics": {"value": 10}}),
    "metric_over_a_bound": ('print(\'{"value": 12}\')', {"metrics": {"value": {"op": "le", "value": 10}}}),
    "metric_as_text": ('print(\'{"value": "10"}\')', {"metrics": {"value": 10}}),
    "metric_not_a_number": ('print(\'{"value": NaN}\')', {"metrics": {"value": 10}}),
    "metric_infinite": ('print(\'{"value": 1e999}\')', {"metrics": {"value": {"op": "ge", "value": 10}}}),
    "metric_true": ('print(\'{"value": true}\')', {"metrics": {"value": 1}}),
    "zero_claimed": ('print(\'{"value": 0.001}\')', {"metrics": {"value": {"op": "eq", "value": 0, "relative_tolerance": 0.05}}}),
    "half_a_report": ('print(\'{"value": 10\')', {"metrics": {"value": 10}}),
    "success_said_then_exit_1": ('print(\'{"value": 10}\'); import sys; sys.exit(1)', {"metrics": {"value": 10}}),
    "exit_code_that_differs": ('import sys; sys.exit(2)', {"return_code": 1}),
    "text_that_is_absent": ('print("not fine at all"[:3])', {"output_contains": ["fine"]}),
    "one_of_two_texts": ('print("fine")', {"output_contains": ["fine", "perfect"]}),
    "expression_without_match": ('print("a" * 50000 + "b")', {"output_matches": "(a+)+$"}),
    "text_cut_off_by_the_cap": ('print("x" * 3000000 + "fine")', {"output_contains": ["fine"]}),
    "crash": ("import ctypes; ctypes.string_at(0)", {"output_contains": ["Seg"]}),
}


class Claimants(verification.VerificationTest):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.recipe(verification.script_recipe("script"))
        cls.agent("alice-1", cls.alice)
        cls.agent("alice-2", cls.alice)
        cls.agent("bob-1", cls.bob)
        (cls.tree / "good.py").write_text('print("fine"); print(\'{"value": 10}\')\n')

    def assert_score_unmoved(self, agent_id: str, call) -> None:
        before = self.trust(agent_id)
        call()
        after = self.trust(agent_id)
        self.assertEqual(before["trust_score"], after["trust_score"])
        self.assertEqual(before["total_verifications"], after["total_verifications"])

    def claim_good(self, owner, agent_id: str, **more) -> support.Reply:
        return self.verify(owner, agent_id, GOOD, recipe="script",
                           parameters={"script": ["good.py"]}, **more)


@cases(COMMANDS)
class CommandsTest(Claimants):
    """A command that is no registered recipe is refused, and the answer says what is allowed."""

    def run_case(self, command: str) -> None:
        def attempt():
            reply = self.verify(self.alice, "alice-1", GOOD, verification_command=command)
            self.assert_refused(reply, "invalid")
        self.assert_score_unmoved("alice-1", attempt)

    def test_the_refusal_lists_what_is_allowed(self):
        problem = self.verify(self.alice, "alice-1", GOOD, verification_command="echo ok").json()
        self.assertEqual(problem["field"], "verification_command")
        for program in ("pytest", "ruff", "mypy", "npm"):
            self.assertIn(program, problem["detail"])


@cases(CLAIMS)
class ClaimsTest(Claimants):
    """A claim that asserts nothing, or in unknown words, is refused before anything runs."""

    def run_case(self, case) -> None:
        claim, field = case

        def attempt():
            reply = self.verify(self.alice, "alice-1", claim, recipe="script",
                                parameters={"script": ["good.py"]})
            self.assert_refused(reply, "invalid", field)
        self.assert_score_unmoved("alice-1", attempt)

    def test_a_number_that_is_not_json(self):
        body = (b'{"agent_id":"alice-1","claim_type":"custom","recipe":"script","parameters":'
                b'{"script":["good.py"]},"claim_content":{"metrics":{"value":NaN}}}')
        reply = self.server.post("/v1/verifications", body, headers=self.alice)
        self.assert_refused(reply, "invalid")


@cases(OUTPUTS)
class OutputsTest(Claimants):
    """What the recipe printed does not bear the claim out."""

    def run_case(self, case) -> None:
        program, claim = case
        self.write("case.py", program + "\n")
        verdict = self.must(self.verify(self.alice, "alice-1", claim, recipe="script",
                                        parameters={"script": ["case.py"]}))
        self.assertIn(verdict["outcome"], ("refuted", "inconclusive"), verdict)
        self.assertFalse(verdict["accurate"])


class RequestsTest(Claimants):
    """Recipes, trees and parameters."""

    def refused(self, code: str, **more) -> None:
        self.assert_score_unmoved("alice-1", lambda: self.assert_refused(
            self.verify(self.alice, "alice-1", GOOD, **more), code))

    def test_unknown_recipe(self):
        self.refused("not_found", recipe="nothing", parameters={})

    def test_neither_recipe_nor_command(self):
        self.refused("invalid")

    def test_both_recipe_and_command(self):
        self.refused("invalid", recipe="script", verification_command="pytest tests")

    def test_unknown_tree(self):
        self.refused("not_found", recipe="script", parameters={"script": ["good.py"]}, tree="other")

    def test_parameters_that_become_options_or_leave_the_tree(self):
        for value in ("-c", "--help", "../x.py", "a/../../x.py", "/etc/passwd", "", "a\nb", "a\0b"):
            with self.subTest(value=value):
                self.refused("invalid", recipe="script", parameters={"script": [value]})

    def test_unknown_parameter(self):
        self.refused("invalid", recipe="script", parameters={"script": ["good.py"], "argv": ["x"]})

    def test_two_values_for_one(self):
        self.refused("invalid", recipe="script", parameters={"script": ["good.py", "bad.py"]})

    def test_a_disabled_recipe(self):
        self.recipe(verification.script_recipe("closed", enabled=False))
        self.refused("not_found", recipe="closed", parameters={"script": ["good.py"]})

    def test_a_recipe_for_another_kind(self):
        self.recipe(verification.script_recipe("only_tests") | {"kinds": ["test_result"]})
        self.refused("invalid", recipe="only_tests", parameters={"script": ["good.py"]})

    def test_a_pinned_file_that_was_changed(self):
        self.write("judge.py", "print('fine')\n")
        self.recipe(verification.script_recipe("pinned", pins={"judge.py": "0" * 64}))
        reply = self.verify(self.alice, "alice-1", {"return_code": 0}, recipe="pinned",
                            parameters={"script": ["judge.py"]})
        if reply.status == 200:
            self.assertNotEqual(reply.json()["outcome"], "confirmed")
        else:
            self.assert_refused(reply, "conflict")

    def test_agents_write_no_recipes(self):
        reply = self.server.request("PUT", "/v1/recipes/mine", verification.script_recipe("mine"),
                                    headers=self.alice)
        self.assert_refused(reply, "forbidden")

    def test_agents_register_no_trees(self):
        for path in ("/", "/etc", "/proc", self.data, str(self.root)):
            reply = self.server.post("/v1/trees", {"name": "mine", "path": path}, headers=self.alice)
            self.assert_refused(reply, "forbidden")

    def test_not_even_an_operator_registers_the_data_directory(self):
        for path in ("/", "/proc", "/sys", "/dev", self.data, str(self.root)):
            reply = self.server.post("/v1/trees", {"name": "bad", "path": path})
            self.assert_refused(reply, "invalid")


class NamesTest(Claimants):
    """Who speaks for whom."""

    def test_slander(self):
        self.assert_score_unmoved("bob-1", lambda: self.assert_refused(
            self.claim_good(self.alice, "bob-1"), "forbidden"))

    def test_praise_of_oneself(self):
        self.assert_refused(self.claim_good(self.alice, "alice-1", verified_by_agent_id="alice-1"),
                            "forbidden")

    def test_praise_by_ones_second_agent(self):
        self.assert_refused(self.claim_good(self.alice, "alice-1", verified_by_agent_id="alice-2"),
                            "forbidden")

    def test_a_ring(self):
        carol = self.key("carol")
        dave = self.key("dave")
        self.agent("carol-1", carol)
        self.agent("dave-1", dave)
        self.must(self.claim_good(carol, "carol-1", verified_by_agent_id="dave-1"))
        self.assert_refused(self.claim_good(dave, "dave-1", verified_by_agent_id="carol-1"),
                            "forbidden")

    def test_a_longer_ring(self):
        names = ["erin", "frank", "grace"]
        keys = {name: self.key(name) for name in names}
        for name in names:
            self.agent(name, keys[name])
        self.must(self.claim_good(keys["erin"], "erin", verified_by_agent_id="frank"))
        self.must(self.claim_good(keys["frank"], "frank", verified_by_agent_id="grace"))
        self.assert_refused(self.claim_good(keys["grace"], "grace", verified_by_agent_id="erin"),
                            "forbidden")

    def test_unknown_agent(self):
        self.assert_refused(self.claim_good(self.alice, "nobody"), "not_found")

    def test_unknown_verifier(self):
        self.assert_refused(self.claim_good(self.alice, "alice-1", verified_by_agent_id="nobody"),
                            "not_found")

    def test_taking_a_name_that_is_taken(self):
        reply = self.server.post("/v1/agents", {"agent_id": "bob-1"}, headers=self.alice)
        self.assert_refused(reply, "conflict")

    def test_making_an_agent_in_the_name_of_another(self):
        reply = self.server.post("/v1/agents", {"agent_id": "puppet", "owner": "bob"},
                                 headers=self.alice)
        self.assert_refused(reply, "forbidden")

    def test_another_namespace(self):
        self.must(self.server.post("/v1/namespaces", {"name": "elsewhere"}))
        stranger = self.key("stranger", name_space="elsewhere")
        self.assert_refused(self.claim_good(stranger, "alice-1"), "not_found")
        self.assert_refused(self.server.get("/v1/trust/alice-1", headers=stranger), "not_found")
        self.assert_refused(self.server.get("/v1/agents/alice-1/verifications", headers=stranger),
                            "not_found")

    def test_a_farm_of_names_stops(self):
        farmer = self.key("farmer", requests_per_second=1e6)
        replies = [self.server.post("/v1/agents", {"agent_id": f"sybil-{i}"}, headers=farmer)
                   for i in range(1001)]
        self.assertEqual([reply.status for reply in replies[:1000]], [200] * 1000)
        self.assert_refused(replies[1000], "exhausted")
        # A fresh name is worth nothing: no gate opens for it.
        decision = self.must(self.server.post("/v1/trust/gate", {"agent_id": "sybil-1", "action": "merge"}))
        self.assertFalse(decision["allowed"])


class EvidenceTest(Claimants):
    """Repetition, replay, forged updates, and the log."""

    def test_the_same_claim_again_adds_nothing(self):
        self.agent("echo", self.alice)
        first = self.must(self.claim_good(self.alice, "echo"))
        self.assertEqual(first["outcome"], "confirmed", first)
        self.assertGreater(first["new_trust_score"], 0.5)
        for _ in range(20):
            again = self.must(self.claim_good(self.alice, "echo"))
            self.assertEqual((again["outcome"], again["weight"]), ("confirmed", 0))
        self.assertAlmostEqual(again["new_trust_score"], first["new_trust_score"], places=6)  # it fades

    def test_rephrasing_the_claim_is_worth_less_and_less(self):
        self.agent("rephraser", self.alice)
        weights = []
        for bound in range(11, 21):
            verdict = self.must(self.verify(
                self.alice, "rephraser", {"metrics": {"value": {"op": "le", "value": bound}}},
                recipe="script", parameters={"script": ["good.py"]}))
            self.assertEqual(verdict["outcome"], "confirmed")
            weights.append(verdict["weight"])
        self.assertEqual(weights, sorted(weights, reverse=True))
        self.assertLess(weights[-1], weights[0] / 5)

    def update(self, updates: list[dict], headers=None) -> support.Reply:
        return self.server.post("/v1/trust/updates", {"updates": updates}, headers=headers or self.alice)

    def test_an_applied_verification_is_not_applied_again(self):
        self.agent("replayer", self.alice)
        done = self.must(self.claim_good(self.alice, "replayer"))
        reply = self.update([{"agent_id": "replayer", "verification_id": done["verification_id"]}])
        self.assert_refused(reply, "not_found")

    def test_a_deferred_verification_counts_once_and_for_its_agent_only(self):
        self.agent("later", self.alice)
        done = self.must(self.claim_good(self.alice, "later", defer_trust=True))
        self.assertEqual(self.trust("later")["trust_score"], 0.5)
        mine = {"agent_id": "later", "verification_id": done["verification_id"]}
        self.assert_refused(self.update([mine | {"agent_id": "alice-1"}]), "not_found")
        self.assert_refused(self.update([mine], self.bob), "forbidden")
        self.assert_refused(self.update([mine, mine]), "conflict")
        self.assertEqual(self.trust("later")["trust_score"], 0.5)
        self.must(self.update([mine]))
        self.assertGreater(self.trust("later")["trust_score"], 0.5)
        self.assert_refused(self.update([mine]), "conflict")

    def test_a_made_up_verification(self):
        made_up = "01938f3e-0000-7000-8000-000000000000"
        self.assert_refused(self.update([{"agent_id": "alice-1", "verification_id": made_up}]),
                            "not_found")

    def test_manual_updates_need_an_administrator(self):
        item = {"agent_id": "alice-1", "claim_kind": "custom", "accurate": True, "reason": "because"}
        self.assert_score_unmoved("alice-1",
                                  lambda: self.assert_refused(self.update([item]), "forbidden"))
        reply = self.server.post("/v1/trust/alice-1/override",
                                 {"claim_kind": "custom", "trust_score": 1, "reason": "because"},
                                 headers=self.alice)
        self.assertEqual(reply.status, 403, reply.body)

    def test_sixty_four_writers_lose_no_update(self):
        self.agent("racer", self.alice)

        def claim(number: int) -> dict:
            return self.must(self.verify(
                self.alice, "racer", {"metrics": {"value": {"op": "le", "value": 100 + number}}},
                recipe="script", parameters={"script": ["good.py"]}))
        with concurrent.futures.ThreadPoolExecutor(64) as pool:
            verdicts = list(pool.map(claim, range(64)))
        self.assertEqual({verdict["outcome"] for verdict in verdicts}, {"confirmed"})
        self.assertEqual(len({verdict["seq"] for verdict in verdicts}), 64)
        # The later ones weigh nothing any more, but not one is missing.
        (kind,) = self.trust("racer")["kinds"]
        self.assertEqual(kind["total_verifications"] + kind["repeated_verifications"], 64)
        history = self.must(self.server.get("/v1/trust/racer/history?limit=100"))
        self.assertEqual(len(history["entries"]), 64)
        self.assertEqual(self.server.post("/v1/trust/replay", {}).status, 200)


TAMPERING = {
    "verdict_changed": "UPDATE verification SET outcome = 'confirmed' WHERE outcome = 'refuted'",
    "claim_changed": "UPDATE verification SET claim = '{\"return_code\":7}'",
    "output_changed": "UPDATE verification SET actual = replace(actual, 'fine', 'FINE')",
    "tree_changed": "UPDATE verification SET tree_digest = 'sha256:00'",
    "row_deleted": "DELETE FROM verification WHERE id = (SELECT id FROM verification LIMIT 1)",
    "log_entry_deleted": "DELETE FROM trust_log WHERE seq = 2",
    "last_entry_deleted": "DELETE FROM trust_log WHERE seq = (SELECT max(seq) FROM trust_log)",
    "log_reordered": "UPDATE trust_log SET seq = CASE seq WHEN 1 THEN 1001 WHEN 2 THEN 1 ELSE seq END; UPDATE trust_log SET seq = 2 WHERE seq = 1001",
    "weight_changed": "UPDATE trust_log SET weight = 1",
    "agent_changed": "UPDATE trust_log SET agent_id = 'bob-1' WHERE seq = 1",
    "reason_changed": "UPDATE trust_log SET actor = 'nobody' WHERE seq = 1",
}


@cases(TAMPERING)
class TamperingTest(Claimants):
    """Somebody who can write the database file, triggers and all, is found out."""

    def run_case(self, statements: str) -> None:
        self.agent("honest", self.alice) if self.server.get("/v1/agents/honest").status == 404 else None
        self.must(self.claim_good(self.alice, "honest"))
        self.must(self.verify(self.alice, "honest", {"return_code": 3}, recipe="script",
                              parameters={"script": ["good.py"]}))
        copy = str(self.root / "copy")
        self.must_run("backup", "create", copy + ".db", "--data", self.data)
        folder = pathlib.Path(copy)
        folder.mkdir(exist_ok=True)
        (folder / "credence.db").write_bytes(pathlib.Path(copy + ".db").read_bytes())
        self.addCleanup(lambda: [path.unlink() for path in folder.iterdir()])
        self.addCleanup(pathlib.Path(copy + ".db").unlink)
        self.assertEqual(support.run_credence("audit", "verify", "--data", copy).status, 0)
        with sqlite3.connect(folder / "credence.db") as database:
            for (name,) in database.execute(
                    "SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                database.execute(f'DROP TRIGGER "{name}"')
            database.executescript(statements)
        found = support.run_credence("audit", "verify", "--data", copy)
        self.assertNotEqual(found.status, 0, found.out)
        self.assertIn("broken", found.err + found.out)

    def must_run(self, *arguments: str) -> None:
        done = support.run_credence(*arguments)
        self.assertEqual(done.status, 0, done.err)

    def test_a_changed_score_is_found_by_replay(self):
        self.agent("humble", self.alice)
        self.must(self.verify(self.alice, "humble", {"return_code": 3}, recipe="script",
                              parameters={"script": ["good.py"]}))
        self.must(self.claim_good(self.alice, "alice-1"))
        with sqlite3.connect(pathlib.Path(self.data) / "credence.db", timeout=10) as database:
            database.execute("UPDATE trust_state SET state = (SELECT state FROM trust_state WHERE agent_id = 'alice-1')")
        self.assert_refused(self.server.post("/v1/trust/replay", {}), "conflict")
