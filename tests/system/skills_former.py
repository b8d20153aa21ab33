"""Databases and exports as the former system left them, made from the description of its tables."""

import json
import pathlib
import sqlite3
import struct

CORE = """
CREATE TABLE skill_invocation (id INTEGER PRIMARY KEY AUTOINCREMENT, skill_name TEXT NOT NULL,
    invoked_at TEXT NOT NULL, session_id TEXT NOT NULL, workflow_path TEXT, completed BOOLEAN DEFAULT 0,
    duration_seconds REAL, user_query TEXT, alternatives_considered TEXT, selection_rank INTEGER,
    follow_up_actions TEXT, error_type TEXT, created_at TEXT DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE skill_metrics (skill_name TEXT PRIMARY KEY, total_invocations INTEGER DEFAULT 0,
    completed_invocations INTEGER DEFAULT 0, abandoned_invocations INTEGER DEFAULT 0,
    completion_rate REAL DEFAULT 0);
CREATE TABLE skill_migrations (version TEXT PRIMARY KEY, applied_at TEXT);
"""
LATER = {
    2: "ALTER TABLE skill_invocation ADD COLUMN embedding BLOB;",
    3: "ALTER TABLE skill_invocation ADD COLUMN workflow_phase TEXT;"
       "ALTER TABLE skill_invocation ADD COLUMN workflow_step_id TEXT;",
    4: "CREATE TABLE skill_metrics_cache (skill_name TEXT PRIMARY KEY);"
       "CREATE TABLE skill_categories (category_id INTEGER PRIMARY KEY, category_name TEXT UNIQUE,"
       " parent_category_id INTEGER, description TEXT, domain TEXT);"
       "CREATE TABLE skill_category_mapping (skill_name TEXT, category_id INTEGER, confidence_score REAL);"
       "CREATE TABLE skill_modalities (skill_name TEXT PRIMARY KEY, modality_type TEXT, input_format TEXT,"
       " output_format TEXT, requires_human_review BOOLEAN DEFAULT 0);"
       "CREATE TABLE skill_dependencies (skill_a TEXT, skill_b TEXT, co_occurrence_count INTEGER, lift_score REAL);"
       "CREATE TABLE ab_test_configs (test_id INTEGER PRIMARY KEY, test_name TEXT);"
       "INSERT INTO skill_categories VALUES (1, 'Testing', NULL, 'Runs tests', 'testing');"
       "INSERT INTO skill_category_mapping VALUES ('pytest-run', 1, 1.0);"
       "INSERT INTO skill_modalities VALUES ('pytest-run', 'testing', 'python_tests', 'test_results', 0);"
       "INSERT INTO skill_dependencies VALUES ('pytest-run', 'coverage-report', 1, 2.8);"
       "INSERT INTO skill_dependencies VALUES ('git-push', 'git-commit', 20, 0.05);"
       "INSERT INTO ab_test_configs VALUES (1, 'search');",
}
EMBEDDING = struct.pack("<384f", *([0.0] * 10 + [1.0] + [0.0] * 373))

# skill, time, session, completed, seconds, query, rank, follow-ups, error: one of each fault there was.
ROWS = [
    ("pytest-run", "2026-02-10T12:00:00+00:00", "s1", 1, 5.0, "run the tests", 1, '["git-commit"]', None),
    ("pytest-run", "2026-02-10T14:30:00+02:00", "s1", 0, 2.0, "run the tests", 2, None, "KeyError: [1]"),
    ("pytest-run", "2026-02-11 09:00:00", "s2", 1, None, "test mail to ada@example.com", None, None, ""),
    ("git-commit", "2026-02-11T09:05:00", "s2", 1, -3.0, None, 0, "{broken", None),
    ("git-commit", "2026-02-11T09:05:00", "s2", 1, 1.0, None, None, None, None),
    ("git-commit", "2026-02-11T09:05:00", "s2", 1, 1.0, None, None, None, None),
    ("git-push", "last tuesday", "s2", 1, 1.0, None, None, None, None),
    ("git-push", "2026-02-11T10:00:00Z", "session with blanks", 0, 1.5, None, None, None, "$.."),
]
IMPORTED = len(ROWS) - 1  # all but the one without a time


def database(folder: str, version: int) -> str:
    path = str(pathlib.Path(folder) / f"former_v{version}.db")
    with sqlite3.connect(path) as connection:
        connection.executescript(CORE)
        for number in range(2, version + 1):
            connection.executescript(LATER[number])
        for row in ROWS:
            connection.execute(
                "INSERT INTO skill_invocation (skill_name, invoked_at, session_id, completed, duration_seconds,"
                " user_query, selection_rank, follow_up_actions, error_type) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        if version >= 2:
            connection.execute("UPDATE skill_invocation SET embedding = ? WHERE id = 1", (EMBEDDING,))
            connection.execute("UPDATE skill_invocation SET embedding = x'0102' WHERE id = 2")
        if version >= 3:
            connection.execute("UPDATE skill_invocation SET workflow_phase = 'execution' WHERE skill_name = 'pytest-run'")
        # Percentages; git-push's do not follow from the rows.
        connection.executemany("INSERT INTO skill_metrics VALUES (?, ?, ?, ?, ?)",
                               [("pytest-run", 3, 2, 1, 66.67), ("git-commit", 3, 3, 0, 100.0),
                                ("git-push", 9, 9, 0, 100.0)])
    return path


def export(folder: str) -> str:
    names = ("skill_name", "invoked_at", "session_id", "completed", "duration_seconds", "user_query",
             "selection_rank", "follow_up_actions", "error_type")
    rows = [dict(zip(names, row, strict=True)) for row in ROWS]
    rows[0]["follow_up_actions"] = ["git-commit"]  # a list, where the database has its text
    path = pathlib.Path(folder) / "former.json"
    path.write_text(json.dumps({"invocations": rows, "metrics": {
        "pytest-run": {"total_invocations": 3, "completion_rate": 66.67}}}))
    return str(path)
