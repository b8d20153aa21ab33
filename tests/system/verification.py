"""A server with agents, trees and recipes, for tests of verification and trust."""

import json
import os
import pathlib
import shutil
import tempfile
import unittest

import support

PYTHON = "/usr/bin/python3"
AGENT_SCOPES = ["agents:read", "agents:write", "trust:read", "trust:write", "patterns:read",
                "patterns:write", "recipes:read", "trees:read", "jobs:read"]
WAIT = {"Prefer": "wait=60"}


def script_recipe(name: str, **more) -> dict:
    """Runs one Python file of the tree; its evidence is the JSON it prints."""
    return {"name": name, "summary": "Runs a script of the tree",
            "kinds": ["test_result", "performance_metric", "code_quality", "security_finding",
                      "deployment_status", "custom"],
            "argv": [PYTHON, "-I", "{script}"],
            "parameters": {"script": {"type": "path", "required": True, "many": False, "choices": [],
                                      "minimum": 0, "maximum": 0, "doc": "Script"}},
            "commands": [f"{name} {{script}}"], "report": "json", "strength": 0.5, **more}


class VerificationTest(unittest.TestCase):
    """One server for the whole class. Without a key one is the operator; agents have keys."""

    maxDiff = None
    arguments: tuple[str, ...] = ()
    environment: dict[str, str] = {}

    @classmethod
    def setUpClass(cls) -> None:
        cls.root = pathlib.Path(tempfile.mkdtemp(prefix="credence-test-"))
        cls.addClassCleanup(shutil.rmtree, cls.root, ignore_errors=True)
        cls.tree = cls.root / "project"
        cls.tree.mkdir()
        cls.data = str(cls.root / "data")
        cls.server = support.Server(cls.data, *cls.arguments,
                                    env=support.environment(**cls.environment))
        cls.addClassCleanup(cls.stop_server)
        cls.must(cls.server.post("/v1/trees", {"name": "default", "path": str(cls.tree)}))
        cls.alice = cls.key("alice")
        cls.bob = cls.key("bob")

    @classmethod
    def stop_server(cls) -> None:
        if cls.server.process.poll() is None:
            cls.server.stop()

    @staticmethod
    def must(reply: support.Reply):
        if reply.status not in (200, 201):
            raise AssertionError(f"{reply.status}: {reply.body[:800]!r}")
        return reply.json()

    @classmethod
    def key(cls, name: str, **more) -> dict[str, str]:
        made = cls.must(cls.server.post("/v1/keys", {"name": name, "scopes": AGENT_SCOPES, **more}))
        return {"Authorization": "Bearer " + made["key"]}

    @classmethod
    def agent(cls, agent_id: str, owner: dict[str, str]) -> str:
        cls.must(cls.server.post("/v1/agents", {"agent_id": agent_id}, headers=owner))
        return agent_id

    @classmethod
    def recipe(cls, recipe: dict) -> None:
        cls.must(cls.server.request("PUT", "/v1/recipes/" + recipe["name"],
                                    {key: value for key, value in recipe.items() if key != "name"}))

    def write(self, name: str, text: str) -> None:
        path = self.tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def verify(self, owner: dict[str, str], agent_id: str, claim: object, **more) -> support.Reply:
        body = {"agent_id": agent_id, "claim_type": "custom", "claim_content": claim, **more}
        return self.server.post("/v1/verifications", body, headers={**owner, **WAIT}, timeout_s=90)

    def trust(self, agent_id: str, headers: dict[str, str] | None = None) -> dict:
        return self.must(self.server.get(f"/v1/trust/{agent_id}", headers=headers or {}))

    def assert_refused(self, reply: support.Reply, code: str, field: str | None = None) -> None:
        problem = reply.json()
        self.assertGreaterEqual(reply.status, 400, problem)
        self.assertEqual(problem["code"], code, problem)
        if field is not None:
            self.assertEqual(problem.get("field", ""), field, problem)


def cases(table: dict[str, object]):
    """Makes one test of each entry: `run(self, value)` is called for it."""

    def decorate(test_class):
        for name, value in table.items():
            def test(self, value=value):
                self.run_case(value)
            test.__name__ = "test_" + name
            test.__qualname__ = f"{test_class.__qualname__}.test_{name}"
            setattr(test_class, test.__name__, test)
        return test_class

    return decorate


def processes_with(marker: str) -> list[int]:
    """Processes of this machine whose command line or environment holds the marker."""
    found = []
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            text = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
        except OSError:
            continue
        if marker.encode() in text and int(folder.name) != os.getpid():
            found.append(int(folder.name))
    return found


def dump(value: object) -> str:
    return json.dumps(value)
