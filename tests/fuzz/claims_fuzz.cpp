// Claims, commands and reports: any bytes are read or refused, what a command becomes keeps to its
// template, and no output of a program makes the judge say more than was asked.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/json.h"
#include "capabilities/trust/claims/claim.h"
#include "capabilities/trust/claims/judge.h"
#include "capabilities/trust/claims/recipe.h"

namespace credence::trust {
namespace {

void claim(std::string_view text) {
    const auto read = read_claim(ClaimKind::custom, RawJson{std::string(text)});
    if (!read) {
        CHECK(!read.error().message.empty(), "an error without a message");
        return;
    }
    const auto again = read_claim(ClaimKind::custom, RawJson{to_json(*read)});
    CHECK(again || again.error().code == Code::invalid, "only invalid is possible");
}

void command(std::string_view text) {
    const auto& recipes = shipped_recipes();
    const auto parsed = parse_command(text, recipes);
    if (!parsed) {
        return;
    }
    const Recipe& recipe = recipes.at(parsed->recipe);
    const auto argv = expand(recipe, parsed->arguments);
    if (!argv) {
        return;
    }
    CHECK(argv->front() == recipe.argv.front(), "the program is the recipe's");
    for (std::size_t i = recipe.argv.size(); i < argv->size(); ++i) {
        const std::string& argument = (*argv)[i];
        CHECK(!argument.starts_with('-') && !argument.starts_with('/') &&
                  ("/" + argument + "/").find("/../") == std::string::npos,
              "an argument left its template");
    }
}

void report(std::string_view text) {
    sandbox::Finished finished;
    finished.ending = sandbox::Ending::exited;
    finished.exit_code = 0;
    finished.output.text = text;
    finished.output.bytes = static_cast<std::int64_t>(text.size());
    for (const Recipe& recipe : shipped_recipes()) {
        for (const auto& metric : read_report(recipe.report, finished).metrics) {
            CHECK(metric.first.size() < 4096, "a name without bound");
        }
        ClaimContent wrong;
        wrong.return_code = 1;
        const Judgement judgement = judge(wrong, recipe, finished, {});
        CHECK(judgement.outcome != Outcome::confirmed, "exit status 0 is not 1");
    }
}

}  // namespace
}  // namespace credence::trust

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    credence::trust::claim(text);
    credence::trust::command(text);
    credence::trust::report(text);
    return 0;
}
