#include "capabilities/trust/claims/recipe.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <limits>

#include "base/json.h"

namespace credence::trust {
namespace {

Recipe example() {
    Recipe recipe;
    recipe.name = "script";
    recipe.summary = "Run a script of the tree";
    recipe.kinds = {ClaimKind::test_result, ClaimKind::custom};
    recipe.argv = {"/usr/bin/python3", "-I",        "{script}", "--level={level}",
                   "--mode={mode}",    "{words...}"};
    recipe.commands = {"python3 {script} {words...}"};
    RecipeParameter script;
    script.required = true;
    recipe.parameters["script"] = script;
    RecipeParameter level;
    level.type = ParameterType::integer;
    level.minimum = -3;
    level.maximum = 9;
    level.fallback = "1";
    recipe.parameters["level"] = level;
    RecipeParameter mode;
    mode.type = ParameterType::choice;
    mode.choices = {"fast", "slow"};
    recipe.parameters["mode"] = mode;
    RecipeParameter words;
    words.type = ParameterType::word;
    words.many = true;
    recipe.parameters["words"] = words;
    recipe.report = ReportFormat::json;
    recipe.report_file = "/tmp/report.json";
    recipe.environment["LC_ALL"] = "C.UTF-8";
    recipe.read_only = {"/opt/tools"};
    recipe.folder = "sub/folder";
    recipe.pins["check.py"] = std::string(64, 'a');
    recipe.trees = {"default"};
    return recipe;
}

TEST(Recipe, AGoodOneIsAccepted) {
    const auto checked = check_recipe(example());
    EXPECT_TRUE(checked.has_value()) << checked.error().field << " " << checked.error().message;
}

struct Change {
    std::string field;
    std::function<void(Recipe&)> apply;
};

void expect_recipes_refused(const std::vector<Change>& changes) {
    for (const Change& change : changes) {
        Recipe recipe = example();
        change.apply(recipe);
        const auto checked = check_recipe(recipe);
        ASSERT_FALSE(checked.has_value()) << change.field;
        EXPECT_EQ(checked.error().code, Code::invalid);
        EXPECT_EQ(checked.error().field, change.field) << checked.error().message;
    }
}

TEST(Recipe, RefusesWrongNamesAndNumbers) {
    expect_recipes_refused({
        {"name", [](Recipe& r) { r.name = "Upper"; }},
        {"name", [](Recipe& r) { r.name = std::string(65, 'a'); }},
        {"name", [](Recipe& r) { r.name.clear(); }},
        {"summary", [](Recipe& r) { r.summary.clear(); }},
        {"summary", [](Recipe& r) { r.summary = "two\nlines"; }},
        {"kinds", [](Recipe& r) { r.kinds.clear(); }},
        {"kinds", [](Recipe& r) { r.kinds.push_back(ClaimKind::custom); }},
        {"strength", [](Recipe& r) { r.strength = 0; }},
        {"strength", [](Recipe& r) { r.strength = 1.1; }},
        {"strength", [](Recipe& r) { r.strength = std::numeric_limits<double>::quiet_NaN(); }},
        {"limits.wall_ms", [](Recipe& r) { r.limits.wall_ms = 0; }},
        {"limits.open_files", [](Recipe& r) { r.limits.open_files = -1; }},
        {"environment.A-B", [](Recipe& r) { r.environment["A-B"] = "x"; }},
        {"environment.A", [](Recipe& r) { r.environment["A"] = "x\ny"; }},
        {"pins.../x", [](Recipe& r) { r.pins["../x"] = std::string(64, 'a'); }},
        {"pins.x", [](Recipe& r) { r.pins["x"] = std::string(64, 'A'); }},
        {"pins.x", [](Recipe& r) { r.pins["x"] = "aa"; }},
        {"trees[1]", [](Recipe& r) { r.trees.push_back("a/b"); }},
    });
}

TEST(Recipe, RefusesWrongPlaces) {
    expect_recipes_refused({
        {"read_only[0]", [](Recipe& r) { r.read_only = {"/"}; }},
        {"read_only[0]", [](Recipe& r) { r.read_only = {"/proc"}; }},
        {"read_only[0]", [](Recipe& r) { r.read_only = {"/sys/kernel"}; }},
        {"read_only[0]", [](Recipe& r) { r.read_only = {"/opt/../etc"}; }},
        {"read_only[0]", [](Recipe& r) { r.read_only = {"relative"}; }},
        {"folder", [](Recipe& r) { r.folder = "../x"; }},
        {"folder", [](Recipe& r) { r.folder = "/x"; }},
        {"needs_tree", [](Recipe& r) { r.needs_tree = false; }},
        {"report_file", [](Recipe& r) { r.report_file = "/etc/passwd"; }},
        {"report_file", [](Recipe& r) { r.report_file = "/tmp/../etc/passwd"; }},
        {"report", [](Recipe& r) { r.report = ReportFormat::none; }},
    });
}

TEST(Recipe, RefusesWrongTemplates) {
    expect_recipes_refused({
        {"argv", [](Recipe& r) { r.argv.clear(); }},
        {"argv[0]", [](Recipe& r) { r.argv[0] = "python3"; }},
        {"argv[0]", [](Recipe& r) { r.argv[0] = "/usr/bin/{script}"; }},
        {"argv[0]", [](Recipe& r) { r.argv[0] = "{script}"; }},
        {"argv[1]", [](Recipe& r) { r.argv[1] = ""; }},
        {"argv[1]", [](Recipe& r) { r.argv[1] = "a\nb"; }},
        {"argv[2]", [](Recipe& r) { r.argv[2] = "x{script}"; }},
        {"argv[2]", [](Recipe& r) { r.argv[2] = "{script}x"; }},
        {"argv[2]", [](Recipe& r) { r.argv[2] = "{script"; }},
        {"argv[2]", [](Recipe& r) { r.argv[2] = "script}"; }},
        {"argv[2]", [](Recipe& r) { r.argv[2] = "{}"; }},
        {"argv[2]", [](Recipe& r) { r.argv[2] = "{other}"; }},
        {"argv[2]", [](Recipe& r) { r.argv[2] = "{script...}"; }},
        {"argv[5]", [](Recipe& r) { r.argv[5] = "{words}"; }},
        {"argv[5]", [](Recipe& r) { r.argv[5] = "--x={words...}"; }},
        {"argv[3]", [](Recipe& r) { r.argv[3] = "{script}"; }},
        {"argv[3]", [](Recipe& r) { r.argv[3] = "{level}"; }},
        {"parameters.mode", [](Recipe& r) { r.argv[4] = "-x"; }},
        {"parameters.Bad", [](Recipe& r) { r.parameters["Bad"] = {}; }},
        {"parameters.mode.choices", [](Recipe& r) { r.parameters["mode"].choices.clear(); }},
        {"parameters.mode.choices[0]", [](Recipe& r) { r.parameters["mode"].choices = {"-x"}; }},
        {"parameters.script.choices", [](Recipe& r) { r.parameters["script"].choices = {"x"}; }},
        {"parameters.script.fallback", [](Recipe& r) { r.parameters["script"].fallback = "x"; }},
        {"parameters.level.fallback", [](Recipe& r) { r.parameters["level"].fallback = "10"; }},
        {"parameters.level.minimum", [](Recipe& r) { r.parameters["level"].minimum = 10; }},
        {"commands[0]", [](Recipe& r) { r.commands = {"python3 {words...}"}; }},
        {"commands[0]", [](Recipe& r) { r.commands = {"{script}"}; }},
        {"commands[0]", [](Recipe& r) { r.commands = {"python3 {script} {nothing}"}; }},
        {"commands[0]", [](Recipe& r) { r.commands = {"python3 {script} {words...} {words...}"}; }},
        {"commands[0]", [](Recipe& r) { r.commands = {"python3 {script} > x"}; }},
        {"commands[0]", [](Recipe& r) { r.commands = {""}; }},
    });
}

TEST(Recipe, DigestIsOfTheContent) {
    const Recipe recipe = example();
    const std::string digest = recipe_digest(recipe);
    EXPECT_EQ(digest.size(), 71U);
    EXPECT_TRUE(digest.starts_with("sha256:"));
    EXPECT_EQ(recipe_digest(recipe), digest);
    Recipe other = recipe;
    other.limits.wall_ms += 1;
    EXPECT_NE(recipe_digest(other), digest);
    const auto again = from_json<Recipe>(to_json(recipe));
    ASSERT_TRUE(again.has_value()) << again.error().field << again.error().message;
    EXPECT_EQ(recipe_digest(*again), digest);
}

TEST(Expand, FillsIn) {
    const auto argv = expand(
        example(),
        {{"script", {"a.py"}}, {"level", {"-2"}}, {"mode", {"slow"}}, {"words", {"x", "y:z"}}});
    ASSERT_TRUE(argv.has_value()) << argv.error().message;
    EXPECT_EQ(*argv, (std::vector<std::string>{"/usr/bin/python3", "-I", "a.py", "--level=-2",
                                               "--mode=slow", "x", "y:z"}));
}

TEST(Expand, LeavesOutWhatHasNoValue) {
    const auto argv = expand(example(), {{"script", {"./-x.py"}}});
    ASSERT_TRUE(argv.has_value());
    EXPECT_EQ(*argv, (std::vector<std::string>{"/usr/bin/python3", "-I", "./-x.py", "--level=1"}));
}

TEST(Expand, Refuses) {
    struct RefusedRow {
        Arguments arguments;
        std::string field;
    };
    const std::vector<std::string> script = {"a.py"};
    const std::vector<RefusedRow> table = {
        {{}, "parameters.script"},
        {{{"script", {}}}, "parameters.script"},
        {{{"script", {"a", "b"}}}, "parameters.script"},
        {{{"script", {""}}}, "parameters.script"},
        {{{"script", {"-c"}}}, "parameters.script"},
        {{{"script", {"@file"}}}, "parameters.script"},
        {{{"script", {"/etc/passwd"}}}, "parameters.script"},
        {{{"script", {".."}}}, "parameters.script"},
        {{{"script", {"a/../b"}}}, "parameters.script"},
        {{{"script", {"a\nb"}}}, "parameters.script"},
        {{{"script", {std::string("a\0b", 3)}}}, "parameters.script"},
        {{{"script", {"\xff"}}}, "parameters.script"},
        {{{"script", {std::string(4097, 'a')}}}, "parameters.script"},
        {{{"script", script}, {"argv", {"x"}}}, "parameters.argv"},
        {{{"script", script}, {"level", {"x"}}}, "parameters.level"},
        {{{"script", script}, {"level", {"007"}}}, "parameters.level"},
        {{{"script", script}, {"level", {"10"}}}, "parameters.level"},
        {{{"script", script}, {"level", {"-4"}}}, "parameters.level"},
        {{{"script", script}, {"mode", {"other"}}}, "parameters.mode"},
        {{{"script", script}, {"words", {"x", "-y"}}}, "parameters.words[1]"},
        {{{"script", script}, {"words", {"x y"}}}, "parameters.words[0]"},
        {{{"script", script}, {"words", {"a/../b"}}}, "parameters.words[0]"},
        {{{"script", script}, {"words", {"/etc"}}}, "parameters.words[0]"},
        {{{"script", script}, {"words", std::vector<std::string>(257, "x")}}, "parameters.words"},
    };
    for (const RefusedRow& row : table) {
        const auto argv = expand(example(), row.arguments);
        ASSERT_FALSE(argv.has_value()) << row.field;
        EXPECT_EQ(argv.error().field, row.field) << argv.error().message;
    }
}

TEST(Expand, SuggestsTheParameterThatWasMeant) {
    const auto argv = expand(example(), {{"scrpt", {"a.py"}}});
    ASSERT_FALSE(argv.has_value());
    EXPECT_NE(argv.error().message.find("did you mean 'script'?"), std::string::npos);
}

TEST(Expand, AnUncheckedRecipeStillCannotSlip) {
    Recipe recipe = example();
    recipe.parameters.erase("words");
    EXPECT_FALSE(expand(recipe, {{"script", {"a.py"}}}).has_value());
    recipe.parameters.clear();
    recipe.argv = {"/bin/true", "{level}"};
    recipe.parameters["level"].type = ParameterType::integer;
    recipe.parameters["level"].minimum = -5;
    EXPECT_FALSE(expand(recipe, {{"level", {"-5"}}}).has_value());
}

TEST(RecipeToml, ErrorsTellFileAndLine) {
    const auto message = [](const std::string& toml) {
        const auto recipes = read_recipes(toml, "own.toml");
        EXPECT_FALSE(recipes.has_value()) << toml;
        return recipes ? std::string() : recipes.error().message;
    };
    const std::string head =
        "[[recipe]]\nname = \"a\"\nsummary = \"s\"\nkinds = [\"custom\"]\nargv = [\"/bin/true\"]\n";
    EXPECT_TRUE(read_recipes(head, "own.toml").has_value());
    EXPECT_TRUE(message("x = ").starts_with("own.toml:1: "));
    EXPECT_EQ(message("\n[other]\n"),
              "own.toml:2: 'other' is unknown: the file holds [[recipe]] tables");
    EXPECT_EQ(message(head + "strenght = 1\n"), "own.toml:6: strenght is not a known field");
    EXPECT_TRUE(message(head + "strength = 2.0\n").starts_with("own.toml:6: strength must be"));
    EXPECT_TRUE(message(head + "strength = nan\n").starts_with("own.toml:6: strength is neither"));
    EXPECT_TRUE(message(head + "enabled = 1979-05-27\n").starts_with("own.toml:6: "));
    EXPECT_TRUE(
        message("[[recipe]]\nname = \"a\"\n").starts_with("own.toml:1: summary is required"));
    EXPECT_TRUE(message(head + "[recipe.parameters.x]\ntype = \"path\"\n")
                    .starts_with("own.toml:6: parameters.x does not stand in argv"));
    EXPECT_TRUE(message(head + "commands = [\n\"a\",\n\"b > c\"]\n")
                    .starts_with("own.toml:8: commands[1]"));
    EXPECT_EQ(message(head + head), "own.toml:6: the recipe 'a' stands in line 1 already");
    EXPECT_TRUE(message(head + "pins = [[[[[[[[[[1]]]]]]]]]]\n").find("nested") !=
                std::string::npos);
    EXPECT_FALSE(read_recipes(std::string(2 << 20, '#'), "own.toml").has_value());
}

const Recipe& shipped(const std::string& name) {
    for (const Recipe& recipe : shipped_recipes()) {
        if (recipe.name == name) {
            return recipe;
        }
    }
    ADD_FAILURE() << "no recipe " << name;
    return shipped_recipes().front();
}

bool holds(const std::vector<std::string>& argv, const std::vector<std::string>& part) {
    return std::search(argv.begin(), argv.end(), part.begin(), part.end()) != argv.end();
}

TEST(ShippedRecipes, AreSoundAndSorted) {
    std::vector<std::string> names;
    for (const Recipe& recipe : shipped_recipes()) {
        names.push_back(recipe.name);
        EXPECT_TRUE(check_recipe(recipe).has_value()) << recipe.name;
        EXPECT_TRUE(recipe.enabled);
        EXPECT_FALSE(recipe.commands.empty()) << recipe.name;
    }
    EXPECT_EQ(names,
              (std::vector<std::string>{"cargo-test", "ctest", "go-test", "make-check", "mypy",
                                        "npm-test", "promtool-check-config", "promtool-check-rules",
                                        "promtool-test-rules", "pytest", "ruff"}));
}

TEST(ShippedRecipes, KeepTheSeedsArgumentsAndTimes) {
    EXPECT_TRUE(holds(shipped("pytest").argv, {"-v", "--tb=short", "--maxfail=1"}));
    EXPECT_EQ(shipped("pytest").limits.wall_ms, 300'000);
    EXPECT_TRUE(holds(shipped("ruff").argv, {"check", "--select", "ALL"}));
    EXPECT_EQ(shipped("ruff").limits.wall_ms, 60'000);
    EXPECT_TRUE(holds(shipped("mypy").argv, {"--strict"}));
    EXPECT_EQ(shipped("mypy").limits.wall_ms, 120'000);
    EXPECT_TRUE(holds(shipped("npm-test").argv, {"test", "--", "--coverage"}));
    EXPECT_EQ(shipped("npm-test").limits.wall_ms, 300'000);
}

TEST(ShippedRecipes, CloseWhatTheTreeCouldSay) {
    EXPECT_TRUE(holds(shipped("pytest").argv, {"/usr/bin/python3", "-I", "-B", "-m", "pytest"}));
    EXPECT_TRUE(holds(shipped("pytest").argv, {"--noconftest", "-c", "/dev/null"}));
    EXPECT_TRUE(holds(shipped("pytest").argv, {"-p", "no:cacheprovider"}));
    EXPECT_EQ(shipped("pytest").environment.at("PYTEST_DISABLE_PLUGIN_AUTOLOAD"), "1");
    EXPECT_TRUE(holds(shipped("mypy").argv, {"--config-file=", "--no-incremental"}));
    EXPECT_TRUE(holds(shipped("ruff").argv, {"--isolated", "--no-cache"}));
    EXPECT_TRUE(holds(shipped("cargo-test").argv, {"--offline"}));
    EXPECT_EQ(shipped("go-test").environment.at("GOPROXY"), "off");
    // What runs the tree's own scripts counts for less than what only reads the tree.
    for (const char* name : {"npm-test", "ctest", "cargo-test", "go-test", "make-check"}) {
        EXPECT_LE(shipped(name).strength, 0.5) << name;
        EXPECT_LT(shipped(name).strength, shipped("mypy").strength) << name;
    }
}

}  // namespace
}  // namespace credence::trust
