// A recipe: how a kind of claim is verified. A claimant chooses a recipe and fills typed
// parameters; it never supplies a program, an option or a shell line. Pure and thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/shape.h"
#include "capabilities/trust/claims/claim.h"
#include "engine/sandbox/sandbox.h"

namespace credence::trust {

enum class ReportFormat : std::uint8_t {
    none,        // only exit status and output
    json,        // an object on standard output: numbers at the top or under "metrics"
    junit,       // JUnit XML, in report_file or on standard output
    tap,         // Test Anything Protocol 13/14
    pytest,      // "=== 3 passed, 1 failed in 0.12s ==="; with a report_file, JUnit must agree
    ctest,       // "100% tests passed, 0 tests failed out of 5"
    cargo,       // "test result: ok. 3 passed; 0 failed; …", the sum over all test programs
    go,          // `go test -json` or the plain form
    mypy,        // "Found 3 errors in 2 files (checked 5 source files)"
    ruff,        // "Found 3 errors." or "All checks passed!"
    promtool,    // "SUCCESS: 4 rules found"
    javascript,  // the summaries of jest, vitest, mocha and node --test
};

enum class ParameterType : std::uint8_t {
    path,     // relative, below the tree: no "..", no leading "-", "/" or "@" (which many programs
              // read options from), no control characters
    word,     // [A-Za-z0-9_.:@/-]+, neither starting with "-", "/" or "@" nor with a part ".."
    integer,  // a negative one only behind "--flag="
    choice,
};

inline constexpr std::size_t kMaxArguments = 256;        // values of one parameter
inline constexpr std::size_t kMaxArgumentBytes = 4096;   // each
inline constexpr std::size_t kMaxCommandBytes = 16'384;  // of a verification_command

struct RecipeParameter {
    ParameterType type = ParameterType::path;
    bool required = false;
    bool many = false;  // a list; "{name...}" in argv
    std::optional<std::string> fallback;
    std::vector<std::string> choices;
    std::int64_t minimum = 0;  // integer
    std::int64_t maximum = 0;
    std::string doc;
};
void describe(Describe<RecipeParameter>&);

struct Recipe {
    std::string name;  // [a-z0-9_-]{1,64}
    std::string summary;
    std::vector<ClaimKind> kinds;  // that it can verify
    // "{name}" is one parameter, "--flag={name}" one behind an option, "{name...}" zero or more
    // arguments. An optional parameter without a value takes its argument with it.
    std::vector<std::string> argv;
    // Texts that `verification_command` may have: "pytest {paths...}". Matched argument by argument
    // after POSIX quoting rules; there is no shell.
    std::vector<std::string> commands;
    std::map<std::string, RecipeParameter> parameters;
    std::map<std::string, std::string> environment;
    std::vector<std::string> read_only;  // host paths that the program needs beside the system's
    std::string folder;                  // where it starts inside the tree
    bool needs_tree = true;
    bool writable_tree = false;  // it works on a copy that is thrown away
    ReportFormat report = ReportFormat::none;
    std::string report_file;
    // Files of the tree that must have this SHA-256, or the verification is refused: the verifier's
    // own scripts, so that a claimant who edits the tree cannot edit its judge.
    std::map<std::string, std::string> pins;
    std::vector<std::string> trees;  // trees it may run on; empty: all of the namespace
    double strength = 0.5;           // weight of its evidence in (0, 1]
    sandbox::Limits limits;
    bool enabled = true;
};
void describe(Describe<Recipe>&);

// Names, placeholders, types, limits; Code::invalid with the path.
Result<void> check_recipe(const Recipe& recipe);

// "sha256:…" of the canonical JSON: evidence names the recipe by it.
std::string recipe_digest(const Recipe& recipe);

// Parameter values as given: one text, or several for `many`.
using Arguments = std::map<std::string, std::vector<std::string>>;

// The argv with its parameters filled in. Code::invalid ("parameters.paths[1]") for unknown,
// missing or ill-typed parameters. No value can become an option or leave the tree.
Result<std::vector<std::string>> expand(const Recipe& recipe, const Arguments& arguments);

struct ParsedCommand {
    std::size_t recipe = 0;  // index into the recipes given
    Arguments arguments;
};

// Splits by POSIX quoting rules without expanding anything, and finds the recipe one of whose
// `commands` it is. Code::invalid, with the commands that are allowed, when there is none.
Result<ParsedCommand> parse_command(std::string_view command, const std::vector<Recipe>& recipes);

// Recipes as TOML: [[recipe]] tables; "name:line: …" in errors.
Result<std::vector<Recipe>> read_recipes(std::string_view toml, std::string_view file_name);
// Those of recipes/*.toml, embedded at build, by name.
const std::vector<Recipe>& shipped_recipes();

}  // namespace credence::trust
