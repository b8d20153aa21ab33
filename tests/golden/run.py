#!/usr/bin/env python3
"""Replays tests/golden/<module>/<operation>.test against the real program.

Usage: tests/golden/run.py [--mode http|mcp] [--update] [FILE…]

Each file runs on a fresh, empty data folder, once per mode: http (`credence serve --testing`) and
mcp (`credence mcp --testing`, stdio). --update rewrites the expectations from what http answers.
The format is in tests/golden/README.md.
"""

import argparse
import dataclasses
import datetime
import json
import math
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "system"))
import support  # noqa: E402

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
DIRECTIVE = re.compile(r"(call|clock|fails|file)\b|#")


@dataclasses.dataclass
class Step:
    line: int
    clock: str = ""  # a clock step has no operation, nor has a file
    file: str = ""
    content: str = ""
    operation: str = ""
    request: object = None
    expected: object = None
    fails: tuple[str, ...] = ()  # code, or code and field
    expected_lines: range = range(0)  # where the expectation stands in the file, for --update


@dataclasses.dataclass
class Failed(Exception):
    """An operation's error."""

    code: str
    field: str
    message: str


class FormatError(Exception):
    pass


def parse(text: str) -> list[Step]:
    lines = text.split("\n")
    steps: list[Step] = []
    fails: tuple[str, ...] = ()
    index = 0
    while index < len(lines):
        line = lines[index]
        word, _, rest = line.partition(" ")
        if not line.strip() or line.startswith("#"):
            index += 1
        elif word == "clock":
            steps.append(Step(index + 1, clock=rest.strip()))
            index += 1
        elif word == "file":
            index += 1
            begin = index
            while index < len(lines) and lines[index].startswith("|"):
                index += 1
            content = "".join(text.removeprefix("|").removeprefix(" ") + "\n" for text in lines[begin:index])
            steps.append(Step(begin, file=rest.strip(), content=content))
        elif word == "fails":
            fails = tuple(rest.split())
            if len(fails) not in (1, 2):
                raise FormatError(f"{index + 1}: fails CODE [FIELD]")
            index += 1
        elif word == "call":
            step, index = parse_call(lines, index, fails)
            steps.append(step)
            fails = ()
        else:
            raise FormatError(f"{index + 1}: expected call, clock, fails or #")
    if fails:
        raise FormatError("fails without a call after it")
    return steps


def parse_call(lines: list[str], index: int, fails: tuple[str, ...]) -> tuple[Step, int]:
    first = index
    operation, _, text = lines[index].removeprefix("call ").strip().partition(" ")
    index += 1
    while index < len(lines) and lines[index].strip() and lines[index] != "----" \
            and not DIRECTIVE.match(lines[index]):
        text += "\n" + lines[index]
        index += 1
    step = Step(first + 1, operation=operation, request=parse_json(text or "{}", first + 1), fails=fails)
    if fails:
        return step, index
    if index >= len(lines) or lines[index] != "----":
        raise FormatError(f"{first + 1}: call needs ---- and an expectation, or fails CODE before it")
    begin = index = index + 1
    while index < len(lines) and lines[index].strip() and not DIRECTIVE.match(lines[index]):
        index += 1
    step.expected_lines = range(begin, index)
    text = "\n".join(lines[begin:index])
    step.expected = parse_json(text, begin + 1) if text else None
    return step, index


def parse_json(text: str, line: int):
    try:
        return json.loads(text)
    except ValueError as error:
        raise FormatError(f"{line}: {error}") from None


def matches(expected, actual, names: dict[str, object]) -> bool:
    """Exact comparison, but for "<any>", "<any integer>" and "$name" (the first use binds it)."""
    if expected == "<any>":
        return True
    if expected == "<any integer>":
        return isinstance(actual, int) and not isinstance(actual, bool)
    if isinstance(expected, str) and re.fullmatch(r"\$\w+", expected):
        return names.setdefault(expected, actual) == actual
    if isinstance(expected, str) and isinstance(actual, str) and "$" in expected:
        for name in sorted(names, key=len, reverse=True):
            expected = expected.replace(name, str(names[name]))
    if isinstance(expected, dict) and isinstance(actual, dict):
        return expected.keys() == actual.keys() and all(
            matches(value, actual[key], names) for key, value in expected.items())
    if isinstance(expected, list) and isinstance(actual, list):
        return len(expected) == len(actual) and all(
            matches(one, other, names) for one, other in zip(expected, actual))
    if isinstance(expected, bool) != isinstance(actual, bool):
        return False
    if isinstance(expected, float) and isinstance(actual, float):
        return math.isclose(expected, actual, rel_tol=1e-12)  # the last bits are the compiler's
    return expected == actual


def substitute(value, names: dict[str, object]):
    """Replaces "$name" in a request by what an earlier answer bound to it, and $work in a path."""
    if isinstance(value, str) and value in names:
        return names[value]
    if isinstance(value, str) and value.startswith("$work/"):
        return names["$work"] + value.removeprefix("$work")
    if isinstance(value, dict):
        return {key: substitute(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [substitute(item, names) for item in value]
    return value


def merge(old, actual):
    """The new expectation: what was answered, with the placeholders of the old one kept."""
    if isinstance(old, str) and re.fullmatch(r"<any.*>|\$\w+", old):
        return old
    if isinstance(old, dict) and isinstance(actual, dict):
        return {key: merge(old.get(key), value) for key, value in actual.items()}
    if isinstance(old, list) and isinstance(actual, list):
        return [merge(old[i] if i < len(old) else None, value) for i, value in enumerate(actual)]
    return actual


def generalise(value, names: dict[str, object]):
    """Ids are made anew by each run: known ones become their name, others "<any>"."""
    if isinstance(value, str) and UUID.fullmatch(value):
        return next((name for name, bound in names.items() if bound == value), "<any>")
    if isinstance(value, str):
        known = {bound: name for name, bound in names.items() if isinstance(bound, str)}
        return UUID.sub(lambda found: known.get(found.group(), found.group()), value)
    if isinstance(value, dict):
        return {key: generalise(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [generalise(item, names) for item in value]
    return value


def microseconds(text: str) -> int:
    moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (moment - EPOCH) // datetime.timedelta(microseconds=1)


class Http:
    """The REST mode: the mapping from operation to request is read from /openapi.json, once."""

    operations: dict[str, tuple[str, str, dict[str, str]]] = {}
    tools: dict[str, str] = {}  # MCP tool by operation

    def __init__(self, data: str, _clock: str) -> None:
        self.server = support.Server(data, "--testing")
        if not self.operations:
            self.learn(self.server)

    @classmethod
    def learn(cls, server: "support.Server") -> None:
        document = server.get("/openapi.json").json()
        for path, methods in document["paths"].items():
            for method, entry in methods.items():
                if isinstance(entry, dict) and "operationId" in entry:
                    places = {p["name"]: p["in"] for p in entry.get("parameters", []) if "name" in p}
                    cls.operations[entry["operationId"]] = (method.upper(), path, places)
                    if "x-mcp-tool" in entry:
                        cls.tools[entry["operationId"]] = entry["x-mcp-tool"]

    def set_clock(self, text: str) -> None:
        reply = self.server.post("/testing/clock", {"now_us": microseconds(text)})
        if reply.status // 100 != 2:
            raise AssertionError(f"/testing/clock answered {reply.status}: {reply.body!r}")

    def call(self, operation: str, request: dict):
        known = self.operations.get(operation)
        if known is None:
            raise AssertionError(f"/openapi.json has no operation {operation}")
        method, path, places = known
        body, query = {}, {}
        for name, value in request.items():
            place = places.get(name)
            if place == "path":
                path = path.replace("{" + name + "}", urllib.parse.quote(as_text(value), safe=""))
            elif place == "query" or method in ("GET", "DELETE"):
                query[name] = as_text(value)
            else:
                body[name] = value
        if query:
            path += "?" + urllib.parse.urlencode(query)
        reply = self.server.request(method, path, None if method in ("GET", "DELETE") else body,
                                    headers={"Prefer": "wait=30"})
        answer = reply.json()
        if reply.status >= 400:
            raise Failed(answer["code"], answer.get("field", ""), answer["detail"])
        return answer

    def close(self) -> None:
        self.server.stop()


def as_text(value) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return ",".join(as_text(item) for item in value)
    return json.dumps(value)


class Mcp:
    """The MCP mode: JSON-RPC lines over the program's standard streams."""

    def __init__(self, data: str, clock: str) -> None:
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [support.BINARY, "mcp", "--testing", "--data", data], text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=self.errors,
            env=support.environment(**({"CREDENCE_TESTING_CLOCK": clock} if clock else {})))
        self.watchdog = threading.Timer(60 * support.SLOWDOWN, self.process.kill)
        self.watchdog.start()
        self.next_id = 0
        self.ask("initialize", {"protocolVersion": "2025-11-25", "capabilities": {},
                                "clientInfo": {"name": "golden", "version": "1"}})
        self.tell("notifications/initialized")

    def tell(self, method: str, **more) -> None:
        self.process.stdin.write(json.dumps({"jsonrpc": "2.0", "method": method, **more}) + "\n")
        self.process.stdin.flush()

    def ask(self, method: str, params: dict) -> dict:
        self.next_id += 1
        self.tell(method, id=self.next_id, params=params)
        for line in self.process.stdout:
            answer = json.loads(line)
            if answer.get("id") != self.next_id:
                continue
            if "error" in answer:
                data = answer["error"].get("data") or {}
                raise Failed(data.get("code", str(answer["error"]["code"])), data.get("field", ""),
                             answer["error"]["message"])
            return answer["result"]
        self.errors.seek(0)
        raise AssertionError("credence mcp ended: " + self.errors.read()[-2000:])

    def call(self, operation: str, request: dict):
        result = self.ask("tools/call", {"name": Http.tools[operation], "arguments": request})
        content = result.get("structuredContent")
        text = json.loads(result["content"][0]["text"])
        if result.get("isError"):
            problem = content or text
            raise Failed(problem["code"], problem.get("field", ""), problem.get("message", ""))
        if content != text:
            raise AssertionError(f"structuredContent and content differ: {content} {text}")
        return content

    def close(self) -> None:
        self.process.stdin.close()
        status = self.process.wait(timeout=30 * support.SLOWDOWN)
        self.watchdog.cancel()
        self.process.stdout.close()
        self.errors.seek(0)
        log = self.errors.read()
        self.errors.close()
        if status != 0 or support.SANITIZER_REPORT.search(log):
            raise AssertionError(f"credence mcp ended with {status}: {log[-2000:]}")


def difference(step: Step, client, names: dict[str, object]) -> str:
    """Runs one call; empty when it answered as expected."""
    try:
        actual = client.call(step.operation, substitute(step.request, names))
    except Failed as failed:
        wanted = tuple(step.fails)
        if wanted and wanted == (failed.code, failed.field)[:len(wanted)]:
            return ""
        return f"expected {'failure ' + ' '.join(wanted) if wanted else 'success'}, " \
               f"got {failed.code} {failed.field}: {failed.message}"
    if step.fails:
        return f"expected failure {' '.join(step.fails)}, got {json.dumps(actual, ensure_ascii=False)}"
    if matches(step.expected, actual, names):
        return ""
    return f"expected {json.dumps(step.expected, ensure_ascii=False)}\n" \
           f"     got {json.dumps(actual, ensure_ascii=False)}"


class Run:
    def __init__(self) -> None:
        self.passed = 0
        self.failed = 0

    def fault(self, path: pathlib.Path, step_line: int, mode: str, message: str) -> None:
        self.failed += 1
        print(f"{os.path.relpath(path)}:{step_line}: [{mode}] {message}", flush=True)

    def replay(self, path: pathlib.Path, steps: list[Step], mode: str) -> None:
        data = tempfile.mkdtemp(prefix="credence-golden-")
        names: dict[str, object] = {"$work": data + "-work"}
        line = 1
        client = None
        try:
            first_clock = next((step.clock for step in steps if step.clock), "")
            client = {"http": Http, "mcp": Mcp}[mode](data, first_clock)
            for step in steps:
                line = step.line
                if step.clock:
                    if mode == "http":
                        client.set_clock(step.clock)
                elif step.file:
                    write_file(names, step)
                elif message := difference(step, client, names):
                    self.fault(path, line, mode, message)
                else:
                    self.passed += 1
        except Exception as error:  # noqa: BLE001  whatever broke this file must not hide the others
            self.fault(path, line, mode, f"{type(error).__name__}: {error}")
        finally:
            try:
                if client:
                    client.close()
            except Exception as error:  # noqa: BLE001
                self.fault(path, line, mode, f"{type(error).__name__}: {error}")
            shutil.rmtree(data, ignore_errors=True)
            shutil.rmtree(data + "-work", ignore_errors=True)


def write_file(names: dict[str, object], step: Step) -> None:
    path = pathlib.Path(names["$work"]) / step.file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(step.content)


def update(path: pathlib.Path, steps: list[Step]) -> None:
    """Rewrites the expectations, last first so that line numbers stay true."""
    data = tempfile.mkdtemp(prefix="credence-golden-")
    client = Http(data, "")
    names: dict[str, object] = {"$work": data + "-work"}
    answers: list[tuple[Step, object]] = []
    try:
        for step in steps:
            if step.clock:
                client.set_clock(step.clock)
            elif step.file:
                write_file(names, step)
            elif step.fails:
                difference(step, client, names)
            else:
                answer = client.call(step.operation, substitute(step.request, names))
                merged = merge(step.expected, answer)
                matches(merged, answer, names)
                answers.append((step, generalise(merged, names)))
    finally:
        client.close()
        shutil.rmtree(data, ignore_errors=True)
        shutil.rmtree(data + "-work", ignore_errors=True)
    lines = path.read_text().split("\n")
    for step, merged in reversed(answers):
        text = json.dumps(merged, ensure_ascii=False)
        if len(text) > 100:
            text = json.dumps(merged, ensure_ascii=False, indent=2)
        lines[step.expected_lines.start:step.expected_lines.stop] = text.split("\n")
    path.write_text("\n".join(lines))


def suits_mcp(steps: list[Step]) -> bool:
    """The clock of stdio mode is set once, and operations hidden from MCP cannot be called."""
    calls_seen = False
    for step in steps:
        if step.clock and calls_seen:
            return False
        calls_seen = calls_seen or bool(step.operation)
    return all(step.operation in Http.tools for step in steps if step.operation)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--mode", choices=("http", "mcp"))
    parser.add_argument("--update", action="store_true")
    parser.add_argument("files", nargs="*", type=pathlib.Path)
    arguments = parser.parse_args()
    run = Run()
    data = tempfile.mkdtemp(prefix="credence-golden-")
    Http(data, "").close()  # learns the operations
    shutil.rmtree(data, ignore_errors=True)
    counts = {"http": 0, "mcp": 0}
    for path in [file.resolve() for file in arguments.files] or sorted(HERE.rglob("*.test")):
        try:
            steps = parse(path.read_text())
        except FormatError as error:
            run.fault(path, 1, "format", str(error))
            continue
        if arguments.update:
            update(path, steps)
        modes = [arguments.mode] if arguments.mode else ["http", "mcp"]
        for mode in modes:
            if mode == "http" or (not arguments.update and suits_mcp(steps)):
                counts[mode] += 1
                run.replay(path, steps, mode)
    print(f"{counts['http']} files over http, {counts['mcp']} over mcp")
    print(f"{run.passed} golden cases passed, {run.failed} failed")
    return 1 if run.failed or not run.passed else 0


if __name__ == "__main__":
    sys.exit(main())
