"""Resources, prompts, completion and skills of the MCP surface, over standard input and output."""

import hashlib
import json
import queue
import re
import subprocess
import threading

import support

LEGACY = "2025-11-25"
MODERN = "2026-07-28"
# In a prompt or a skill: `name_of_something`, which must be an operation's tool or a field's name.
NAMED = re.compile(r"`([a-z]+(?:_[a-z]+)+)`")
CLAIM_KEYS = {"return_code", "output_contains", "output_matches"}  # of claim_content, which is free JSON
SKILL_NAME = re.compile(r"(?!.*--)[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?")


class Client:
    """`credence mcp` and a session with it."""

    def __init__(self, data: str) -> None:
        self.process = subprocess.Popen(
            [support.BINARY, "mcp", "--data", data, "--set", "mcp.profile=full", "--set", "log.level=error"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env=support.environment())
        self.lines: queue.Queue[dict] = queue.Queue()
        self.notices: list[dict] = []
        threading.Thread(target=self._read, daemon=True).start()
        self._id = 0
        self.request("initialize", protocolVersion=LEGACY, capabilities={},
                     clientInfo={"name": "test", "version": "1"})
        self._send({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def _read(self) -> None:
        for line in self.process.stdout:
            self.lines.put(json.loads(line))

    def _send(self, message: dict) -> None:
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def _next(self) -> dict:
        return self.lines.get(timeout=support.REPLY_TIMEOUT_S)

    def ask(self, method: str, **params) -> dict:
        """The whole answer; notifications on the way are kept."""
        self._id += 1
        self._send({"jsonrpc": "2.0", "id": self._id, "method": method, "params": params})
        while (message := self._next()).get("id") != self._id:
            self.notices.append(message)
        return message

    def request(self, method: str, **params) -> dict:
        answer = self.ask(method, **params)
        if "result" not in answer:
            raise AssertionError(f"{method} {params}: {answer}")
        return answer["result"]

    def modern(self, method: str, **params) -> dict:
        meta = {"io.modelcontextprotocol/protocolVersion": MODERN,
                "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
                "io.modelcontextprotocol/clientCapabilities": {}}
        return self.ask(method, _meta=meta, **params)

    def call(self, tool: str, **arguments) -> dict:
        result = self.request("tools/call", name=tool, arguments=arguments)
        if result.get("isError"):
            raise AssertionError(f"{tool}: {result}")
        return result["structuredContent"]

    def updated(self, uris: set[str]) -> None:
        """Waits until each was told of."""
        told = {notice["params"]["uri"] for notice in self.notices
                if notice["method"] == "notifications/resources/updated"}
        while not uris <= told:
            message = self._next()
            if message.get("method") == "notifications/resources/updated":
                told.add(message["params"]["uri"])

    def pages(self, method: str, member: str) -> list[dict]:
        items, cursor = [], {}
        while True:
            page = self.request(method, **cursor)
            items += page[member]
            if "nextCursor" not in page:
                return items
            cursor = {"cursor": page["nextCursor"]}

    def text(self, uri: str) -> str:
        contents = self.request("resources/read", uri=uri)["contents"]
        assert len(contents) == 1 and contents[0]["uri"] == uri, contents
        return contents[0]["text"]

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(timeout=15 * support.SLOWDOWN)
        self.process.stdout.close()


def fields_of(schema, found: set[str]) -> None:
    if isinstance(schema, dict):
        properties = schema.get("properties")
        if isinstance(properties, dict):
            found.update(properties)
        for value in schema.get("enum", []):
            found.add(str(value))
        parameters = schema.get("parameters")
        if isinstance(parameters, list):
            found.update(parameter["name"] for parameter in parameters)
        for value in schema.values():
            fields_of(value, found)
    elif isinstance(schema, list):
        for value in schema:
            fields_of(value, found)


class McpContentTest(support.SystemTest):
    def client(self) -> Client:
        client = Client(self.folder())
        self.addCleanup(client.close)
        return client

    def test_reads_and_watches_resources(self):
        client = self.client()
        templates = {item["uriTemplate"] for item in client.pages("resources/templates/list", "resourceTemplates")}
        self.assertLessEqual({"credence://agents/{agent_id}", "credence://patterns/{pattern_id}",
                              "credence://verifications/{verification_id}", "credence://docs/{module}"}, templates)
        self.assertGreaterEqual(len(templates), 12)
        listed = {item["uri"] for item in client.pages("resources/list", "resources")}
        self.assertLessEqual({"credence://agents", "credence://events", "credence://flags", "credence://audit",
                              "credence://docs/guard", "credence://openapi"}, listed)

        watched = {"credence://agents", "credence://agents/coder", "credence://agents/coder/trust",
                   "credence://events"}
        for uri in watched:
            client.request("resources/subscribe", uri=uri)
        client.call("agents_create", agent_id="coder")
        client.updated(watched)
        self.assertEqual(json.loads(client.text("credence://agents/coder"))["agent_id"], "coder")
        self.assertEqual([agent["agent_id"] for agent in json.loads(client.text("credence://agents"))["agents"]],
                         ["coder"])
        newest = json.loads(client.text("credence://events"))["events"][0]
        self.assertEqual((newest["name"], newest["data"]["agent_id"]), ("agent_created", "coder"))
        self.assertIn("guard.scan", client.text("credence://docs/guard"))
        self.assertEqual(json.loads(client.text("credence://openapi"))["openapi"], "3.1.0")

        # Another agent's change is not this one's.
        client.notices.clear()
        client.request("resources/unsubscribe", uri="credence://events")
        client.request("resources/unsubscribe", uri="credence://agents")
        client.call("agents_create", agent_id="tester")
        client.call("agents_retire", agent_id="coder")
        client.updated({"credence://agents/coder"})
        self.assertEqual({notice["params"]["uri"] for notice in client.notices} - watched, set())

    def test_says_what_cannot_be_read(self):
        client = self.client()
        for uri in ("credence://agents/nobody", "credence://nowhere", "skill://nothing/SKILL.md"):
            with self.subTest(uri=uri):
                old = client.ask("resources/read", uri=uri)["error"]
                self.assertEqual((old["code"], old["data"]["uri"]), (-32002, uri))
                new = client.modern("resources/read", uri=uri)["error"]
                self.assertEqual((new["code"], new["data"]["uri"]), (-32602, uri))
        read = client.modern("resources/read", uri="credence://flags")["result"]
        self.assertEqual((read["ttlMs"], read["cacheScope"]), (0, "private"))

    def known_names(self, client: Client) -> tuple[set[str], set[str]]:
        """Tools, and everything else a text may name: fields, values, arguments."""
        tools, others = set(), set()
        for tool in client.pages("tools/list", "tools"):
            tools.add(tool["name"])
        # The lists of tools are brief; the document has every field.
        fields_of(json.loads(client.text("credence://openapi")), others)
        return tools, others | CLAIM_KEYS

    def test_prompts_name_what_exists(self):
        client = self.client()
        tools, others = self.known_names(client)
        prompts = client.pages("prompts/list", "prompts")
        self.assertLessEqual({"review_claim", "investigate_agent", "scan_document", "compare_skills", "review_skill",
                              "find_fix", "prepare_release"}, {prompt["name"] for prompt in prompts})
        self.assertEqual(prompts, client.pages("prompts/list", "prompts"))
        for prompt in prompts:
            with self.subTest(prompt=prompt["name"]):
                given = {argument["name"]: f"<{argument['name']}> {{agent_id}}" for argument in prompt["arguments"]}
                result = client.request("prompts/get", name=prompt["name"], arguments=given)
                self.assertEqual(len(result["messages"]), 1)
                self.assertEqual(result["messages"][0]["role"], "user")
                text = result["messages"][0]["content"]["text"]
                for value in given.values():
                    self.assertIn(value, text)
                named = set(NAMED.findall(text))
                self.assertEqual(named - tools - others, set())
                self.assertGreaterEqual(len(named & tools), 3)
                for argument in prompt["arguments"]:
                    if argument["required"]:
                        less = {name: value for name, value in given.items() if name != argument["name"]}
                        error = client.ask("prompts/get", name=prompt["name"], arguments=less)["error"]
                        self.assertEqual(error["code"], -32602)
                        self.assertIn(argument["name"], error["message"])
        self.assertEqual(client.ask("prompts/get", name="nothing")["error"]["code"], -32602)

    def test_completes(self):
        client = self.client()
        for agent in ("coder", "cook", "tester"):
            client.call("agents_create", agent_id=agent)

        def values(ref: dict, name: str, value: str) -> list[str]:
            return client.request("completion/complete", ref=ref,
                                  argument={"name": name, "value": value})["completion"]["values"]

        claim = {"type": "ref/prompt", "name": "review_claim"}
        self.assertEqual(values(claim, "agent_id", "co"), ["coder", "cook"])
        self.assertEqual(values(claim, "claim", "co"), [])
        agent = {"type": "ref/resource", "uri": "credence://agents/{agent_id}/trust"}
        self.assertEqual(values(agent, "agent_id", "t"), ["tester"])
        scan = {"type": "ref/prompt", "name": "scan_document"}
        self.assertEqual(values(scan, "source_kind", "tool"), ["tool_result", "tool_description"])
        recipe = {"type": "ref/resource", "uri": "credence://recipes/{name}"}
        self.assertIn("pytest", values(recipe, "name", "py"))
        unknown = client.ask("completion/complete", ref={"type": "ref/prompt", "name": "nothing"},
                             argument={"name": "a", "value": ""})
        self.assertEqual(unknown["error"]["code"], -32602)

    def test_skills_are_what_they_say(self):
        client = self.client()
        tools, others = self.known_names(client)
        listed = client.modern("skills/list")["result"]
        self.assertIn("ttlMs", listed)
        skills = listed["skills"]
        self.assertGreaterEqual(len(skills), 5)
        for skill in skills:
            with self.subTest(skill=skill["uri"]):
                name = skill["frontmatter"]["name"]
                self.assertTrue(SKILL_NAME.fullmatch(name))
                self.assertEqual(skill["uri"], f"skill://{name}/SKILL.md")
                self.assertNotIn("_meta", skill)  # nobody used it
                self.assertIn(skill["uri"], [file["uri"] for file in skill["resources"]])
                for file in skill["resources"]:
                    text = client.text(file["uri"])
                    self.assertEqual(file["digest"], "sha256:" + hashlib.sha256(text.encode()).hexdigest())
                    self.assertEqual(file["size"], len(text.encode()))
                    self.assertEqual(set(NAMED.findall(text)) - tools - others, set())
        folder = client.modern("resources/directory/read", uri="skill://verify-a-claim")["result"]["resources"]
        self.assertEqual([(item["name"], item["mimeType"]) for item in folder],
                         [("verify-a-claim", "text/markdown"), ("references", "inode/directory")])

    def test_skills_carry_how_they_did(self):
        client = self.client()
        client.call("skills_create_session", session_id="s", project_path="/srv")
        for completed in (True, True, True, False):
            client.call("skills_track_invocation", session_id="s", skill_name="verify-a-claim", completed=completed)
        metrics = client.call("skills_get_skill_metrics", skill_name="verify-a-claim")["completion_rate"]
        skill = client.modern("skills/get", uri="skill://verify-a-claim/SKILL.md")["result"]["skill"]
        effect = skill["_meta"]["credence/effectiveness"]
        self.assertEqual((effect["n"], effect["success_rate"], effect["lower"], effect["upper"], effect["method"]),
                         (metrics["n"], metrics["value"], metrics["low"], metrics["high"], metrics["method"]))
        self.assertEqual(effect["trend"], "insufficient_data")
        others = [entry for entry in client.modern("skills/list")["result"]["skills"] if "_meta" in entry]
        self.assertEqual([entry["frontmatter"]["name"] for entry in others], ["verify-a-claim"])
