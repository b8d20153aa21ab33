#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/random.h"
#include "base/text.h"
#include "capabilities/trust/claims/recipe.h"
#include "capabilities/trust/claims/recipe_template.h"

namespace credence::trust {
namespace {

using Strings = std::vector<std::string>;

TEST(SplitWords, FollowsPosixQuoting) {
    const std::vector<std::pair<std::string, Strings>> table = {
        {"", {}},
        {"  \t ", {}},
        {"a b\tc", {"a", "b", "c"}},
        {"'a b' \"c d\"", {"a b", "c d"}},
        {"a'b'\"c\"d", {"abcd"}},
        {"'' \"\"", {"", ""}},
        {R"(a\ b \'c)", {"a b", "'c"}},
        {R"("a\"b\\c\d\$e")", {R"(a"b\c\d$e)"}},
        {"'$HOME `x` *' \"~\"", {"$HOME `x` *", "~"}},
        {"tests/a.py::'t[1]'", {"tests/a.py::t[1]"}},
    };
    for (const auto& [line, words] : table) {
        const auto split = split_words(line, "f");
        ASSERT_TRUE(split.has_value()) << line;
        EXPECT_EQ(*split, words) << line;
    }
}

TEST(SplitWords, RefusesWhatAShellWouldDo) {
    for (const char* line :
         {"a;b", "a|b", "a&b", "a<b", "a>b", "a(b", "a)b", "a$b", "a`b",  "a\nb", "a*",
          "a?",  "a[b", "~",   "a#b", "!a",  "'a",  "\"a", "a\\", "a\rb", "\x7f"}) {
        const auto split = split_words(line, "f");
        EXPECT_FALSE(split.has_value()) << line;
    }
    std::string many;
    for (int i = 0; i < 600; ++i) {
        many += "a ";
    }
    EXPECT_EQ(split_words(many, "f").error().code, Code::too_large);
}

Result<Strings> argv_of(const std::string& command) {
    const auto& recipes = shipped_recipes();
    const auto parsed = TRY(parse_command(command, recipes));
    return expand(recipes[parsed.recipe], parsed.arguments);
}

std::string name_of(const std::string& command) {
    const auto parsed = parse_command(command, shipped_recipes());
    return parsed ? shipped_recipes()[parsed->recipe].name : "refused";
}

TEST(Command, FindsItsRecipe) {
    const std::vector<std::pair<std::string, std::string>> table = {
        {"pytest", "pytest"},
        {"pytest tests/unit -v", "refused"},
        {"pytest -v tests/unit", "pytest"},
        {"python -m pytest 'tests/test a.py'", "pytest"},
        {"pytest -v --tb=short --maxfail=1", "pytest"},
        {"ruff check src", "ruff"},
        {"ruff check --select ALL", "ruff"},
        {"mypy --strict src/a.py src/b.py", "mypy"},
        {"npm test -- --coverage", "npm-test"},
        {"npm test", "npm-test"},
        {"ctest", "ctest"},
        {"cargo test", "cargo-test"},
        {"go test ./...", "go-test"},
        {"make check", "make-check"},
        {"promtool check rules a.yml b.yml", "promtool-check-rules"},
        {"promtool test rules a.yml", "promtool-test-rules"},
        {"promtool check rules", "refused"},
    };
    for (const auto& [command, name] : table) {
        EXPECT_EQ(name_of(command), name) << command;
    }
    EXPECT_EQ(argv_of("ruff").value().back(), ".");
    EXPECT_EQ(argv_of("pytest a b").value().back(), "b");
}

TEST(Command, RefusesEverythingElseAndSaysWhatIsAllowed) {
    for (const char* command : {"",
                                "echo \"100% PASSED\"",
                                "python -c 'print(1)'",
                                "python",
                                "pip install x",
                                "cat /etc/passwd",
                                "true",
                                "pytest -p plugin",
                                "pytest --rootdir=/",
                                "pytest -c own.ini",
                                "pytest; true",
                                "pytest && true",
                                "pytest $(id)",
                                "pytest ../other",
                                "pytest /etc",
                                "pytest @args",
                                "pytest 'a\nb'",
                                "sh -c pytest",
                                "/usr/bin/pytest",
                                "./pytest",
                                "PYTHONPATH=x pytest",
                                "mypy --config-file=x",
                                "ruff check --config x",
                                "npm test --prefix /x",
                                "npm run x",
                                "make",
                                "make check SHELL=/bin/sh",
                                "go test -exec x",
                                "cargo test --config x",
                                "pytest \xff",
                                "'pytest -v'",
                                "pytest ''"}) {
        const auto parsed = parse_command(command, shipped_recipes());
        ASSERT_FALSE(parsed.has_value()) << command;
        EXPECT_EQ(parsed.error().code, Code::invalid);
        EXPECT_EQ(parsed.error().field, "verification_command");
        EXPECT_NE(parsed.error().message.find("pytest {paths...}"), std::string::npos)
            << parsed.error().message;
    }
    const auto why = parse_command("pytest ../other", shipped_recipes());
    EXPECT_NE(why.error().message.find("must stay inside the tree"), std::string::npos);
    EXPECT_EQ(parse_command(std::string(20'000, 'a'), shipped_recipes()).error().code,
              Code::too_large);
}

TEST(Command, SwitchedOffRecipesAreNotAllowed) {
    std::vector<Recipe> recipes = shipped_recipes();
    for (Recipe& recipe : recipes) {
        recipe.enabled = false;
    }
    const auto parsed = parse_command("pytest", recipes);
    ASSERT_FALSE(parsed.has_value());
    EXPECT_NE(parsed.error().message.find("no commands are allowed"), std::string::npos);
}

TEST(Command, ParametersInTheMiddleAndBehindOptions) {
    Recipe recipe;
    recipe.name = "t";
    recipe.summary = "s";
    recipe.kinds = {ClaimKind::custom};
    recipe.argv = {"/bin/t", "--n={n}", "{files...}", "end"};
    recipe.commands = {"t --n={n} {files...} end"};
    recipe.parameters["n"].type = ParameterType::integer;
    recipe.parameters["n"].maximum = 9;
    recipe.parameters["files"].many = true;
    ASSERT_TRUE(check_recipe(recipe).has_value());
    const auto parsed = parse_command("t --n=3 a b end", {recipe});
    ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
    EXPECT_EQ(parsed->arguments, (Arguments{{"n", {"3"}}, {"files", {"a", "b"}}}));
    EXPECT_TRUE(parse_command("t --n=3 end", {recipe}).has_value());
    EXPECT_FALSE(parse_command("t --n=3", {recipe}).has_value());
    EXPECT_FALSE(parse_command("t --m=3 end", {recipe}).has_value());
    EXPECT_FALSE(parse_command("t --n=33 end", {recipe}).has_value());
    EXPECT_FALSE(parse_command("t --n=3 a b", {recipe}).has_value());
}

// What may stand in an argv of a recipe: its literals, or a value that is neither an option nor
// outside the tree.
bool is_within_shape(const Recipe& recipe, const Strings& argv) {
    const std::set<std::string> literals(recipe.argv.begin(), recipe.argv.end());
    if (argv.empty() || argv.front() != recipe.argv.front()) {
        return false;
    }
    return std::ranges::all_of(argv, [&](const std::string& argument) {
        if (literals.contains(argument)) {
            return true;
        }
        const auto parts = split(argument, '/');
        return !argument.empty() && argument.front() != '-' && argument.front() != '/' &&
               argument.front() != '@' && std::ranges::find(parts, "..") == parts.end() &&
               std::ranges::none_of(argument, [](char c) {
                   return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
               });
    });
}

class Mutator {
public:
    explicit Mutator(std::uint64_t seed) : random_(seed) {}

    std::uint64_t below(std::uint64_t limit) { return random_.next() % limit; }

    std::string mutate(std::string text) {
        static const Strings kPieces = {
            "-",    "--",   "-c ",        "..", "/",     "../",       "@",    "'",   "\"",
            "\\",   ";",    "|",          "&&", "$(id)", "`",         "\n",   " ",   "\t",
            "*",    "~",    "=",          "{",  "}",     "--config=", "-p x", "%00", "/etc/passwd",
            "\xff", "\x7f", "{paths...}", "…",  ":",     "./",        "-o",   " -- "};
        for (std::uint64_t edits = 1 + below(4); edits > 0; --edits) {
            const std::size_t at = text.empty() ? 0 : below(text.size() + 1);
            switch (below(4)) {
                case 0:
                    text.insert(at, 1, static_cast<char>(below(256)));
                    break;
                case 1:
                    if (at < text.size()) {
                        text.erase(at, 1 + below(3));
                    }
                    break;
                default:
                    text.insert(at, kPieces[below(kPieces.size())]);
            }
        }
        return text;
    }

private:
    SeededRandom random_;
};

TEST(Command, TenThousandMutatedCommandsNeverEscape) {
    Mutator mutator(2025);
    Strings seeds = {"pytest tests/test_a.py", "python -m pytest 'a b'",     "ruff check src lib",
                     "mypy --strict \"x y\"",  "promtool check rules a.yml", "npm test"};
    int accepted = 0;
    for (int i = 0; i < 10'000; ++i) {
        const std::string command = mutator.mutate(seeds[mutator.below(seeds.size())]);
        const auto parsed = parse_command(command, shipped_recipes());
        if (!parsed) {
            continue;
        }
        const Recipe& recipe = shipped_recipes()[parsed->recipe];
        const auto argv = expand(recipe, parsed->arguments);
        ASSERT_TRUE(argv.has_value()) << command;
        ASSERT_TRUE(is_within_shape(recipe, *argv)) << command;
        ++accepted;
    }
    EXPECT_GT(accepted, 500);  // else nothing was tried
    EXPECT_LT(accepted, 9'000);
}

TEST(Expand, TenThousandMutatedValuesNeverEscape) {
    Mutator mutator(7);
    const Strings seeds = {"tests/test_a.py", "a", "src/x/y.yml", "a b", "t.py::test[1]"};
    int accepted = 0;
    for (int i = 0; i < 10'000; ++i) {
        const Recipe& recipe = shipped_recipes()[mutator.below(shipped_recipes().size())];
        Arguments arguments;
        const std::string name = recipe.parameters.empty() || mutator.below(50) == 0
                                     ? mutator.mutate("paths")
                                     : recipe.parameters.begin()->first;
        for (std::uint64_t count = 1 + mutator.below(3); count > 0; --count) {
            arguments[name].push_back(mutator.mutate(seeds[mutator.below(seeds.size())]));
        }
        const auto argv = expand(recipe, arguments);
        if (argv) {
            ASSERT_TRUE(is_within_shape(recipe, *argv)) << arguments.begin()->second.front();
            ++accepted;
        }
    }
    EXPECT_GT(accepted, 300);
}

}  // namespace
}  // namespace credence::trust
