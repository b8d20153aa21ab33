#include "capabilities/trust/claims/shipped.h"

#include <algorithm>

#include "base/check.h"
#include "capabilities/trust/claims/recipe.h"

namespace credence::trust {
namespace {

std::vector<Recipe> read_shipped() {
    std::vector<Recipe> all;
    for (const ShippedFile& file : shipped_files()) {
        auto read = read_recipes(file.text, file.name);
        CHECK(read, read.error().message);
        std::ranges::move(*read, std::back_inserter(all));
    }
    std::ranges::sort(all, {}, &Recipe::name);
    const auto twice = std::ranges::adjacent_find(all, {}, &Recipe::name);
    CHECK(twice == all.end(), "two shipped recipes have one name");
    return all;
}

}  // namespace

const std::vector<Recipe>& shipped_recipes() {
    static const std::vector<Recipe> all = read_shipped();
    return all;
}

}  // namespace credence::trust
