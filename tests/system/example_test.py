"""The capability of CONTRIBUTING.md works on every surface."""

import json
import pathlib

import support

PROGRAM = str(pathlib.Path(support.BINARY).with_name("credence_with_greeter"))
MAX_LINES = 60


class ExampleTest(support.SystemTest):
    def setUp(self):
        ordinary = support.BINARY
        support.BINARY = PROGRAM
        self.addCleanup(setattr, support, "BINARY", ordinary)

    def test_command_line(self):
        done = support.run_credence("greeter", "greet", "Ada", "--tone", "formal", "--json")
        self.assertEqual((done.status, done.json()), (0, {"text": "Good day, Ada"}), done.err)
        done = support.run_credence("greeter", "greet", "local")
        self.assertEqual(done.status, 5, done.err)

    def test_http_and_openapi(self):
        server = self.serve()
        reply = server.post("/v1/greetings", {"name": "Ada"})
        self.assertEqual((reply.status, reply.json()), (200, {"text": "Hello, Ada"}))
        self.assert_problem(server.post("/v1/greetings", {}), 400, "invalid", "name")
        paths = server.get("/openapi.json").json()["paths"]
        self.assertEqual(paths["/v1/greetings"]["post"]["operationId"], "greeter.greet")

    def test_mcp(self):
        call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call",
                "params": {"name": "greeter_greet", "arguments": {"name": "Ada"}}}
        done = support.run_credence("mcp", "--data", self.folder(), stdin=json.dumps(call) + "\n")
        self.assertEqual(json.loads(done.out)["result"]["structuredContent"], {"text": "Hello, Ada"})

    def test_is_as_small_as_promised(self):
        folder = support.ROOT / "examples/greeter"
        lines = sum(len(path.read_text().splitlines()) for path in folder.iterdir())
        self.assertLessEqual(lines, MAX_LINES)


if __name__ == "__main__":
    support.unittest.main()
