"""Code under test that tries to judge itself: the shipped pytest recipe against real pytest."""

import verification
from verification import cases

FAILING = "def test_sum():\n    assert 1 + 1 == 3\n"
PASSING = "def test_sum():\n    assert 1 + 1 == 2\n"
CLAIM = {"return_code": 0, "metrics": {"passed": {"op": "ge", "value": 1}, "failed": 0}}

# Files beside a failing test; with each of them the claim "all tests pass" stays unconfirmed.
TRICKS = {
    "conftest_rewrites_the_outcome": {"conftest.py": """
import pytest
@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    outcome.get_result().outcome = "passed"
"""},
    "conftest_skips_collection": {"tests/conftest.py": "collect_ignore_glob = ['*']\n"},
    "conftest_exits": {"conftest.py": "import os\nprint('=== 1 passed in 0.01s ===')\nos._exit(0)\n"},
    "pytest_ini_deselects": {"pytest.ini": "[pytest]\naddopts = --co -q\n"},
    "tox_ini_deselects": {"tox.ini": "[pytest]\naddopts = -k nothing\n"},
    "setup_cfg_deselects": {"setup.cfg": "[tool:pytest]\naddopts = --co\n"},
    "pyproject_loads_a_plugin": {
        "pyproject.toml": "[tool.pytest.ini_options]\naddopts = '-p evil'\npythonpath = '.'\n",
        "evil.py": "import os\nprint('=== 1 passed in 0.01s ===')\nos._exit(0)\n"},
    "module_named_pytest": {"pytest.py": "print('=== 1 passed in 0.01s ===')\n"},
    "module_named_sitecustomize": {"sitecustomize.py": "import os\nprint('=== 1 passed in 0.01s ===')\nos._exit(0)\n"},
    "module_named_json": {"json.py": "import os\nprint('=== 1 passed in 0.01s ===')\nos._exit(0)\n"},
    "tests_is_a_symlink_to_somewhere_else": {},
}

# Tests that lie.
LIARS = {
    "prints_a_summary_and_exits": "import os\ndef test_x():\n    os.write(1, b'=== 1 passed in 0.01s ===\\n')\n    os._exit(0)\n",
    "exits_at_import": "import os\nos.write(1, b'=== 1 passed in 0.01s ===\\n')\nos._exit(0)\n",
    "prints_a_summary_and_fails": "def test_x():\n    print('=== 1 passed in 0.01s ===')\n    assert False\n",
    "kills_pytest": "import os, signal\ndef test_x():\n    os.write(1, b'=== 1 passed in 0.01s ===\\n')\n    os.kill(os.getpid(), signal.SIGKILL)\n",
    "skips_itself": "import pytest\ndef test_x():\n    pytest.skip('not today')\n",
    "has_no_tests": "def helper():\n    pass\n",
    "does_not_parse": "def test_x(:\n",
    "expects_to_fail": "import pytest\n@pytest.mark.xfail\ndef test_x():\n    assert False\n",
}


class PytestTest(verification.VerificationTest):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.agent("coder", cls.alice)

    def tearDown(self) -> None:
        for path in sorted(self.tree.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()

    def claim(self, claim=None) -> dict:
        return self.must(self.verify(self.alice, "coder", claim or CLAIM, claim_type="test_result",
                                     verification_command="pytest tests"))


class HonestTest(PytestTest):
    """The recipe does confirm what is true: otherwise the refusals below would prove nothing."""

    def test_passing_tests_are_confirmed(self):
        self.write("tests/test_sum.py", PASSING)
        verdict = self.claim()
        self.assertEqual(verdict["outcome"], "confirmed", verdict)
        self.assertEqual(verdict["actual"]["metrics"]["passed"], 1)
        self.assertEqual(verdict["recipe"], "pytest")

    def test_failing_tests_are_refuted(self):
        self.write("tests/test_sum.py", FAILING)
        self.assertEqual(self.claim()["outcome"], "refuted")

    def test_a_true_claim_of_failure_is_confirmed(self):
        self.write("tests/test_sum.py", FAILING)
        verdict = self.claim({"return_code": 1, "metrics": {"failed": 1}})
        self.assertEqual(verdict["outcome"], "confirmed", verdict)


@cases(TRICKS)
class TricksTest(PytestTest):
    def run_case(self, files: dict[str, str]) -> None:
        if files:
            self.write("tests/test_sum.py", FAILING)
        else:
            (self.tree / "tests").symlink_to("/usr/lib")
        for name, text in files.items():
            self.write(name, text)
        verdict = self.claim()
        self.assertIn(verdict["outcome"], ("refuted", "inconclusive"), verdict)


@cases(LIARS)
class LiarsTest(PytestTest):
    def run_case(self, text: str) -> None:
        self.write("tests/test_liar.py", text)
        verdict = self.claim()
        self.assertIn(verdict["outcome"], ("refuted", "inconclusive"), verdict)
