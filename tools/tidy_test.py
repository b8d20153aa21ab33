"""Each rule of tidy.py, on the smallest tree that breaks it and the smallest that does not."""

import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import tidy  # noqa: E402


class TidyTest(unittest.TestCase):
    def findings(self, files: dict[str, str]) -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in files.items():
                path = root / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            return [str(finding) for finding in tidy.check_tree(root)]

    def assert_clean(self, files: dict[str, str]) -> None:
        self.assertEqual(self.findings(files), [])

    def assert_finds(self, files: dict[str, str], *expected: str) -> None:
        findings = self.findings(files)
        self.assertEqual(len(findings), len(expected), findings)
        for finding, start in zip(findings, expected):
            self.assertIn(start, finding)

    def test_includes_may_point_down(self):
        self.assert_clean({"src/api/a.h": '#pragma once\n#include "base/b.h"\n',
                           "src/surface/http/s.cpp": '#include "engine/net/server.h"\n',
                           "src/engine/llm/l.cpp": '#include "engine/net/client.h"\n'})

    def test_includes_may_not_point_up(self):
        self.assert_finds({"src/base/b.cpp": '// why\n#include "api/context.h"\n'},
                          "src/base/b.cpp:2: includes point down only")
        self.assert_finds({"src/engine/store/b.cpp": '#include "api/context.h"\n'}, "engine may not")
        self.assert_finds({"src/capabilities/trust/t.cpp": '#include "surface/http/h.h"\n'},
                          "capabilities may not include surface")

    def test_two_headers_do_not_define_one_name(self):
        once = "#pragma once\nnamespace n {\ninline constexpr int kMany = 3;\nstruct Row {\n};\n}\n"
        self.assert_finds({"src/base/a.h": once, "src/base/b.h": once}, "kMany is defined in src/base/a.h too",
                          "Row is defined in src/base/a.h too")
        self.assert_clean({"src/base/a.h": once, "src/base/b.h": once.replace("namespace n", "namespace m"),
                           "src/base/c.h": "#pragma once\nnamespace n {\nstruct Row;\nstruct Row::Part {\n};\n}\n"})

    def test_surfaces_do_not_see_capabilities(self):
        self.assert_finds({"src/surface/http/s.cpp": '#include "capabilities/guard/guard.h"\n'},
                          "a surface sees only the Catalog")

    def test_capabilities_include_each_other_only_when_declared(self):
        include = {"src/capabilities/workflow/w.cpp": '#include "capabilities/tools/tools.h"\n',
                   "src/capabilities/workflow/README.md": "x"}
        lists = "src/capabilities/workflow/CMakeLists.txt"
        self.assert_finds({**include, lists: "credence_module(workflow SOURCES w.cpp)"},
                          "capabilities do not include each other")
        self.assert_clean({**include, lists: "credence_module(workflow SOURCES w.cpp DEPENDS tools)"})

    def test_engine_rooms_are_separate(self):
        self.assert_finds({"src/engine/net/n.cpp": '#include "engine/store/database.h"\n'},
                          "engine/net may not include engine/store")

    def test_includes_start_at_the_root(self):
        self.assert_finds({"src/base/b.cpp": '#include "b.h"\n'}, "include from the src/ root")

    def test_line_length_counts_characters(self):
        self.assert_clean({"src/base/b.cpp": "// " + "é" * 97 + "\n"})
        self.assert_finds({"src/base/b.cpp": "\n// " + "x" * 98 + "\n"}, "src/base/b.cpp:2: line of 101")

    def test_function_length(self):
        def function(lines: int) -> str:
            return "namespace a {\nint f(int b) {\n" + "    ++b;\n" * (lines - 2) + "}\n}  // namespace a\n"

        self.assert_clean({"src/base/b.cpp": function(70)})
        self.assert_finds({"src/base/b.cpp": function(71)}, "src/base/b.cpp:2: function of 71 lines")

    def test_function_length_inside_a_class_and_after_an_initialiser_list(self):
        text = ("struct A {\n    A(int b) : b_{b}, c_(b) {\n" + "        ++b;\n" * 80 + "    }\n    int b_;\n};\n")
        self.assert_finds({"src/base/b.cpp": text}, "function of 82 lines")

    def test_strings_and_comments_hide_braces(self):
        text = 'void f() {\n    g("{");  // {\n    g(R"x({)x");\n    char c = \'{\';\n}\n' + "int x;\n" * 80
        self.assert_clean({"src/base/b.cpp": text})

    def test_file_length(self):
        self.assert_finds({"src/base/b.cpp": "int x;\n" * 401}, "file of 401 lines")

    def test_banned_names(self):
        for code, word in [("std::regex r;", "std::regex"),
                           ("auto t = std::chrono::steady_clock::now();", "steady_clock::now"),
                           ("std::random_device d;", "random_device"),
                           ("std::this_thread::sleep_for(x);", "sleep_for"),
                           ("std::thread t;", "std::thread"), ("std::cout << 1;", "std::cout"),
                           ("std::printf(x);", "printf"), ("using namespace std;", "using namespace")]:
            with self.subTest(code):
                self.assert_finds({"src/capabilities/guard/g.cpp": code + "\n"}, word)

    def test_banned_names_where_they_are_at_home(self):
        self.assert_clean({"src/base/clock.cpp": "auto t = std::chrono::system_clock::now();\n",
                           "src/engine/store/w.cpp": "std::thread t;\n",
                           "src/app/main.cpp": "std::printf(x);\n",
                           "src/api/job.cpp": "std::thread t;\n",
                           "src/api/x.cpp": "std::snprintf(a, b, c); // std::cout\n"
                                            "using namespace std::chrono_literals;\n"
                                            'auto a = "std::regex";\nstd::thread::id i;\n'})

    def test_sql_has_its_rooms(self):
        self.assert_finds({"src/capabilities/t/t.cpp": 'f("SELECT a FROM b WHERE tenant = $1");\n'},
                          "SQL lives in")
        self.assert_clean({"src/capabilities/t/t_rows.cpp": 'f("SELECT a "\n  "FROM b WHERE tenant = $1");\n',
                           "src/engine/store/s.cpp": 'f("DELETE FROM b");\n'})

    def test_sql_names_the_tenant(self):
        self.assert_finds(
            {"src/capabilities/t/t_rows.cpp": 'f("UPDATE a SET b = 1 WHERE tenant = $1");\n\n'
                                              'f("DELETE FROM a"\n  " WHERE id = $1");\n'},
            "t_rows.cpp:3: SQL statement without tenant")

    def test_modules_have_a_readme(self):
        lists = {"src/stats/CMakeLists.txt": "", "src/CMakeLists.txt": "", "src/surface/CMakeLists.txt": ""}
        self.assert_finds(lists, "src/stats:1: module without README.md")
        self.assert_clean({**lists, "src/stats/README.md": "what"})

    def test_operations_have_a_golden_test(self):
        files = {"src/capabilities/trust/trust_api.cpp": "host.serve<&FineTrust::verify_claim>(trust, 1);\n"}
        self.assert_finds(files, "operation fine_trust.verify_claim has no tests/golden/fine_trust/")
        self.assert_clean({**files, "tests/golden/fine_trust/verify_claim.test": ""})

    def test_heavy_headers_stay_in_sources(self):
        for name in ("boost/asio.hpp", "nlohmann/json.hpp", "sqlite3.h", "CLI/CLI.hpp", "hs/hs.h"):
            self.assert_finds({"src/base/b.h": f"#pragma once\n#include <{name}>\n"}, f"<{name}> is heavy")
            self.assert_clean({"src/base/b.cpp": f"#include <{name}>\n"})

    def test_headers_have_pragma_once(self):
        self.assert_finds({"src/base/b.h": "int x;\n"}, "without #pragma once")

    def test_notes_and_machine_paths(self):
        self.assert_finds({"bench/b.py": "# TO" + "DO later\n"}, "left-over note")
        self.assert_finds({"docs/a.md": "see /ho" + "me/someone/x\n"}, "path of one machine")
        self.assert_clean({"build/x.py": "# TO" + "DO\n", "docs/a.md": "mktemp XXXXXX; ~/home/x\n"})


if __name__ == "__main__":
    unittest.main()
