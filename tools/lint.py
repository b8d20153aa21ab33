#!/usr/bin/env python3
"""Runs clang-tidy over src/ in parallel, and remembers what was clean.

Usage: tools/lint.py [FILE…]     default: every .cpp of src/ in build/dev/compile_commands.json

A file is checked again only when it, a header of ours that it includes, its compile command or
.clang-tidy changed (build/lint-cache).
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "dev"
CACHE = ROOT / "build" / "lint-cache"
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)


def inputs_of(file: pathlib.Path) -> set[pathlib.Path]:
    """The file and, transitively, the headers of ours that it includes."""
    found: set[pathlib.Path] = set()
    waiting = [file]
    while waiting:
        current = waiting.pop()
        if current in found or not current.exists():
            continue
        found.add(current)
        for name in INCLUDE.findall(current.read_text(errors="replace")):
            waiting += [ROOT / "src" / name, current.parent / name]
    return found


def fingerprint(file: pathlib.Path, command: str) -> str:
    digest = hashlib.sha256(command.encode())
    digest.update((ROOT / ".clang-tidy").read_bytes())
    for path in sorted(inputs_of(file)):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def lint(file: pathlib.Path, command: str) -> tuple[pathlib.Path, bool, str]:
    stamp = CACHE / fingerprint(file, command)
    if stamp.exists():
        return file, True, ""
    done = subprocess.run(["clang-tidy-19", "--quiet", "-p", str(BUILD), str(file)], cwd=ROOT, text=True,
                          capture_output=True, check=False)
    if done.returncode == 0:
        stamp.touch()
        return file, True, ""
    return file, False, done.stdout + ("" if "error:" in done.stdout else done.stderr)


def main() -> int:
    commands = {pathlib.Path(entry["file"]): entry["command"]
                for entry in json.loads((BUILD / "compile_commands.json").read_text())}
    wanted = [pathlib.Path(name).resolve() for name in sys.argv[1:]] or sorted(
        file for file in commands if file.is_relative_to(ROOT / "src"))
    CACHE.mkdir(parents=True, exist_ok=True)
    begin = time.monotonic()
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = [pool.submit(lint, file, commands.get(file, "")) for file in wanted]
        for number, job in enumerate(concurrent.futures.as_completed(jobs), 1):
            file, clean, output = job.result()
            failed += not clean
            word = "ok" if clean else "FAILED"
            print(f"[{number}/{len(jobs)}, {time.monotonic() - begin:.0f} s] {word} "
                  f"{file.relative_to(ROOT)}", flush=True)
            if not clean:
                print(output, flush=True)
    print(f"clang-tidy: {len(jobs) - failed} files clean, {failed} with findings")
    return 1 if failed or not jobs else 0


if __name__ == "__main__":
    sys.exit(main())
