#!/usr/bin/env python3
"""House rules that a compiler cannot check.

Usage: tools/tidy.py [ROOT]     prints "file:line: message" for each finding; exit status 1 if any

Rules: floors (includes point down), sizes (line, function, file), banned names, SQL in its rooms
and never without a tenant, a README per module, a golden test per operation, no heavy header
included from a header, no left-over notes, no paths of one person's machine.
"""

import dataclasses
import pathlib
import re
import sys
from collections.abc import Iterator

MAX_LINE = 100
MAX_FUNCTION_LINES = 70
MAX_FILE_LINES = 400

FLOORS = {"base": 0, "stats": 0, "engine": 1, "api": 2, "capabilities": 3, "surface": 4, "app": 5}
OUTGOING = "src/engine/net/client.h"  # a capability serves nobody, but may ask another server
ENGINE_EDGES = {"llm": {"store", "net"}, "telemetry": {"net"}}
TEXT_SUFFIXES = {".h", ".cpp", ".in", ".py", ".cmake", ".sql", ".md", ".mjs", ".js", ".css", ".html",
                 ".toml", ".yaml", ".yml", ".sh"}
SKIPPED_FOLDERS = {"build", "node_modules", ".git", "__pycache__"}

HEAVY_HEADERS = re.compile(
    r"(boost/)?asio|boost/beast|nlohmann/|toml\+\+|CLI/|spdlog/|fmt/|simdjson|sqlite3\.h|hs(/hs)?\.h"
    r"|curl/|unicode/|sodium\.h|openssl/|benchmark/|gtest/")

# What must not appear, where it may appear all the same, and what to do instead.
BANNED = [
    (r"\bstd::w?regex\b", r"$^", "std::regex is neither linear nor fast: write a scanner"),
    (r"\b(system_clock|high_resolution_clock)::now\b", r"^src/base/", "time comes from Clock"),
    # Condition variables wait by the real clock, also when Clock stands still.
    (r"\bsteady_clock::now\b",
     r"^src/(base|engine)/|^src/api/job|_(test|bench)\.cpp$|^tests/mcp/fixtures/timer\."
     r"|^src/surface/mcp/(session/stdio_session|tasks/job_follower)\.",
     "time comes from Clock"),
    (r"\bstd::random_device\b", r"^src/base/", "chance comes from Random"),
    (r"\b(sleep_for|sleep_until|usleep|nanosleep)\b|(?<![\w.:])sleep\s*\(", r"^src/base/|_bench\.cpp$",
     "wait for a condition, not for time"),
    (r"\bstd::j?thread\b(?!::)",
     r"^src/(base|engine|app)/|^src/api/job|_(test|bench)\.cpp$|^tests/mcp/fixtures/timer\."
     r"|^src/surface/(http/mcp_endpoint_parts|mcp/tasks/job_follower)\.",  # time out what clients leave
     "use a WorkerPool, a Schedule or a job"),
    (r"\bstd::c(out|err|log)\b|(?<![\w:])(std::)?v?f?printf\s*\(",
     # guard/tool holds commands of the command line, which follow a file or train for minutes.
     r"^src/(surface/cli|app)/|^src/base/(check|log)\.cpp$|_(test|bench|compiler|trainer|probe)\.cpp$"
     r"|^src/capabilities/guard/tool/",
     "use log:: or return the text"),
    (r"\bnew\s+[\w:]+\s*\([^;]*\bTRY\(", r"$^", "an early return inside new leaks: TRY before it"),
    (r"\busing\s+namespace\b(?![\w\s:]*literals\s*;)", r"$^", "name what you use"),
    (r"\b(rand|srand|gets|strcpy|strcat|sprintf|system|popen)\s*\(", r"$^", "unsafe C function"),
]

SQL = re.compile(
    r"\b(SELECT\b.+\bFROM|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM"
    r"|CREATE\s+(UNIQUE\s+)?(TABLE|INDEX)|ALTER\s+TABLE|DROP\s+TABLE)\b", re.S)
# store_test.cpp, test_server.h, net_test_support.h, access_fixture.h, job_testing.h
FOR_TESTS = re.compile(r"[/_](test|testing|fixture|bench|fuzz)(_\w+)?\.(h|cpp)$")
# Lists of harmful and harmless commands that tests of the guard read: data, never run.
CORPUS = r"^src/capabilities/guard/code/(dangerous|harmless)_corpus\.h$"
SQL_ROOMS = re.compile(rf"^src/engine/store/|_rows\.cpp$|/migrations/|{FOR_TESTS.pattern}|{CORPUS}")
LEFTOVER = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX)\b")
MACHINE_PATH = re.compile(r"(?<![\w.~])/(work/(main|shared)|home/[a-z]+|tmp/fresh-root)\b")
MACHINE_PATH_ROOMS = re.compile(
    rf"^rules/|^tests/(corpus|golden)/|_(test|fuzz)\.cpp$|_test\.py$|{CORPUS}")


@dataclasses.dataclass(frozen=True, order=True)
class Finding:
    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


@dataclasses.dataclass
class Source:
    """One C++ file: as written, without comments, and without comments and string contents."""

    path: str
    text: str
    code: str
    bare: str


TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<mark>[^(\s]*)\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'", re.S)


def read_source(root: pathlib.Path, path: pathlib.Path) -> Source:
    text = path.read_text(errors="replace")

    def blank(part: str) -> str:
        return re.sub(r"[^\n]", " ", part)

    def without_comment(match: re.Match) -> str:
        part = match.group()
        return blank(part) if part.startswith(("//", "/*")) else part

    def without_text(match: re.Match) -> str:
        part = match.group()
        if part.startswith(("//", "/*")):
            return blank(part)
        return '"' + blank(part[1:-1]) + '"'

    return Source(str(path.relative_to(root)), text, TOKEN.sub(without_comment, text),
                  TOKEN.sub(without_text, text))


def line_of(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


def room_of(path: str) -> tuple[str, str]:
    """("capabilities", "trust") for src/capabilities/trust/x.h; the room of base, api, app is ""."""
    parts = pathlib.PurePosixPath(path).parts
    floor = parts[1]
    return floor, parts[2] if floor in ("engine", "capabilities", "surface") and len(parts) > 3 else ""


def declared_edges(root: pathlib.Path) -> dict[str, set[str]]:
    edges = {}
    for lists in (root / "src" / "capabilities").glob("*/CMakeLists.txt"):
        match = re.search(r"\bDEPENDS\s+([a-z_\s]+)", lists.read_text())
        edges[lists.parent.name] = set(match.group(1).split()) if match else set()
    return edges


def check_floors(source: Source, edges: dict[str, set[str]]) -> Iterator[Finding]:
    floor, room = room_of(source.path)
    if floor not in FLOORS:
        yield Finding(source.path, 1, f"src/{floor} is not a floor of the house")
        return
    for match in re.finditer(r'^\s*#\s*include\s+"([^"]+)"', source.code, re.M):
        target = "src/" + match.group(1)
        line = line_of(source.code, match.start(1))
        target_floor, target_room = room_of(target)
        if target_floor not in FLOORS:
            yield Finding(source.path, line, f'"{match.group(1)}": include from the src/ root')
            continue
        if floor == "capabilities" and target == OUTGOING:
            continue
        message = include_fault(source.path, (floor, room), (target_floor, target_room), edges)
        if message:
            yield Finding(source.path, line, message)


def include_fault(path: str, here: tuple[str, str], there: tuple[str, str],
                  edges: dict[str, set[str]]) -> str:
    if here == there:
        return ""
    floor, room = here
    target_floor, target_room = there
    if FLOORS[target_floor] > FLOORS[floor]:
        return f"includes point down only: {floor} may not include {target_floor}"
    if floor == "surface" and target_floor == "capabilities":
        return "a surface sees only the Catalog, never a capability"
    if floor == "capabilities" and there == ("engine", "net") and not FOR_TESTS.search(path):
        return "capabilities know nothing of HTTP (but may ask others: engine/net/client.h)"
    if floor == target_floor == "capabilities" and target_room not in edges.get(room, set()):
        return f"capabilities do not include each other (or declare DEPENDS {target_room})"
    if floor == target_floor == "engine" and target_room not in ENGINE_EDGES.get(room, set()):
        return f"engine/{room} may not include engine/{target_room}"
    if floor == "base" and target_floor == "stats":
        return "base may not include stats"
    return ""


def check_sizes(source: Source) -> Iterator[Finding]:
    lines = source.text.split("\n")
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_LINE:
            yield Finding(source.path, number, f"line of {len(line)} columns, at most {MAX_LINE}")
    if source.path.startswith("src/") and len(lines) - 1 > MAX_FILE_LINES:
        yield Finding(source.path, 1, f"file of {len(lines) - 1} lines, at most {MAX_FILE_LINES}")
    for begin, end in functions(source.bare):
        length = end - begin + 1
        if length > MAX_FUNCTION_LINES:
            yield Finding(source.path, begin,
                          f"function of {length} lines, at most {MAX_FUNCTION_LINES}")


TABLE = re.compile(r"=\s*(std::to_array\s*(<[\w:\s]*>)?\s*\()?\s*$")
SCOPE = re.compile(r"\b(namespace|class|struct|union|enum)\b|extern\s*\"")


def functions(bare: str) -> Iterator[tuple[int, int]]:
    """First and last line of each outermost function body."""
    bare = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: re.sub(r"[^\n]", " ", m.group()), bare,
                  flags=re.M)
    depth_of_body = 0  # braces open since the body began
    begin = 0
    is_table = False  # a constant's initialiser, not a function
    header_start = 0
    for match in re.finditer(r"[{};]", bare):
        symbol, offset = match.group(), match.start()
        if depth_of_body == 0:
            header = bare[header_start:offset]
            header_start = match.end()
            if symbol == "{" and not opens_scope(header):
                depth_of_body, begin = 1, offset
                is_table = bool(TABLE.search(header))
        elif symbol == "{":
            depth_of_body += 1
        elif symbol == "}":
            depth_of_body -= 1
            if depth_of_body == 0:
                header_start = match.end()
                if offset > begin and not is_table:
                    yield line_of(bare, begin), line_of(bare, offset)


def opens_scope(header: str) -> bool:
    header = re.sub(r"template\s*<[^{]*?>\s*(?=class|struct|[\w:])", "", header)
    return bool(SCOPE.search(header)) and "(" not in re.sub(r"alignas\s*\([^)]*\)", "", header)


def check_names(source: Source) -> Iterator[Finding]:
    for pattern, allowed, advice in BANNED:
        if re.search(allowed, source.path):
            continue
        for match in re.finditer(pattern, source.bare):
            yield Finding(source.path, line_of(source.bare, match.start()),
                          f"{match.group().strip(' (')} is banned here: {advice}")
    if source.path.endswith(".h"):
        if "#pragma once" not in source.bare:
            yield Finding(source.path, 1, "header without #pragma once")
        for match in re.finditer(r"^\s*#\s*include\s+<([^>]+)>", source.bare, re.M):
            if HEAVY_HEADERS.match(match.group(1)) and not FOR_TESTS.search(source.path):
                yield Finding(source.path, line_of(source.bare, match.start(1)),
                              f"<{match.group(1)}> is heavy: include it in .cpp files only")


DEFINED = re.compile(r"^(?:inline (?:constexpr|const) [^=;{(]*?\b(k\w+)\s*(?:\[\]|=|\{)"
                     r"|(?:struct|class|enum class) (\w+)(?: final)?(?: : [^{;]*)?\s*\{)", re.M)


def check_defined_once(sources: list[Source]) -> Iterator[Finding]:
    """The linker keeps one of two things of one name, silently, whichever it meets first."""
    seen: dict[tuple[str, str], str] = {}
    for source in sources:
        if not source.path.startswith("src/") or not source.path.endswith(".h"):
            continue
        rooms = " ".join(re.findall(r"^namespace ([\w:]+)", source.bare, re.M))
        for match in DEFINED.finditer(source.bare):
            name = match.group(1) or match.group(2)
            first = seen.setdefault((rooms, name), source.path)
            if first != source.path:
                yield Finding(source.path, line_of(source.bare, match.start()),
                              f"{name} is defined in {first} too, in the same namespace")


LITERALS = re.compile(r'(?:R"(?P<mark>[^(\s]*)\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"|\s+(?=R?"))+', re.S)


def check_sql(source: Source) -> Iterator[Finding]:
    for match in LITERALS.finditer(source.code):
        statement = match.group()
        found = SQL.search(statement)
        if not found:
            continue
        line = line_of(source.code, match.start() + found.start())
        if not SQL_ROOMS.search(source.path):
            yield Finding(source.path, line, "SQL lives in *_rows.cpp, engine/store and migrations")
        elif needs_tenant(source.path) and "tenant" not in statement:
            yield Finding(source.path, line, "SQL statement without tenant")


def needs_tenant(path: str) -> bool:
    return path.endswith("_rows.cpp") and not path.startswith("src/engine/")


def check_text(path: str, text: str) -> Iterator[Finding]:
    for number, line in enumerate(text.split("\n"), 1):
        if LEFTOVER.search(line):
            yield Finding(path, number, "left-over note: do it, or write it in the docs")
        if MACHINE_PATH.search(line) and not MACHINE_PATH_ROOMS.search(path):
            yield Finding(path, number, "path of one machine")


def check_modules(root: pathlib.Path) -> Iterator[Finding]:
    for lists in sorted((root / "src").rglob("CMakeLists.txt")):
        folder = lists.parent
        if folder.name in ("src", "surface") or (folder / "README.md").exists():
            continue
        yield Finding(str(folder.relative_to(root)), 1, "module without README.md")


def snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def check_golden(source: Source, root: pathlib.Path) -> Iterator[Finding]:
    if source.path.endswith("_test.cpp"):
        return
    for match in re.finditer(r"\bserve<\s*&(?:\w+::)*(\w+)::(\w+)\s*>", source.bare):
        module, verb = snake_case(match.group(1)), match.group(2).removesuffix("_")
        if not (root / "tests" / "golden" / module / f"{verb}.test").exists():
            yield Finding(source.path, line_of(source.bare, match.start()),
                          f"operation {module}.{verb} has no tests/golden/{module}/{verb}.test")


def files(root: pathlib.Path) -> Iterator[pathlib.Path]:
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        if path.is_file() and not SKIPPED_FOLDERS.intersection(parts):
            yield path


def check_tree(root: pathlib.Path) -> list[Finding]:
    findings = list(check_modules(root)) if (root / "src").is_dir() else []
    edges = declared_edges(root)
    headers = []
    for path in files(root):
        name = str(path.relative_to(root))
        if path.suffix in TEXT_SUFFIXES or name == "dev" or path.name == "CMakeLists.txt":
            findings += check_text(name, path.read_text(errors="replace"))
        if path.suffix not in (".h", ".cpp"):
            continue
        source = read_source(root, path)
        findings += check_sizes(source)
        if path.suffix == ".h":
            headers.append(source)
        if name.startswith("src/"):
            findings += [*check_floors(source, edges), *check_names(source), *check_sql(source)]
            if name.startswith("src/capabilities/"):
                findings += check_golden(source, root)
    return sorted([*findings, *check_defined_once(headers)])


def main() -> int:
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent)
    findings = check_tree(root.resolve())
    for finding in findings:
        print(finding)
    print(f"tidy: {len(findings)} findings" if findings else "tidy: clean", file=sys.stderr)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
