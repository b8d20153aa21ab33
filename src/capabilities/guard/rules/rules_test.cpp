// The packs that ship: their examples hold in the database that is embedded.
#include "capabilities/guard/rules/rules.h"

#include <gtest/gtest.h>

#include <array>
#include <filesystem>

#include "base/text.h"
#include "capabilities/guard/rules/pack_check.h"

namespace credence::guard {
namespace {

TEST(EmbeddedRules, ExamplesHold) {
    Packs packs;
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(CREDENCE_RULES)) {
        if (entry.path().extension() == ".toml") {
            const auto text = read_file(entry.path().string(), 4U << 20U);
            ASSERT_TRUE(text);
            const auto read =
                read_pack(*text, entry.path().filename().string(), PackOrigin::shipped, packs);
            ASSERT_TRUE(read) << read.error().message;
            ++files;
        }
    }
    EXPECT_GE(files, 8U);
    const auto rules = RuleSet::load_embedded();
    ASSERT_TRUE(rules) << rules.error().message;
    EXPECT_EQ((*rules)->rules().size(), packs.rules.size());
    const auto broken = check_examples(packs, **rules, ExampleScope::all_packs);
    ASSERT_TRUE(broken);
    EXPECT_EQ(*broken, std::vector<std::string>{});
}

TEST(EmbeddedRules, EveryCategoryIsServed) {
    const auto rules = RuleSet::load_embedded();
    ASSERT_TRUE(rules);
    std::array<int, kCategories> count{};
    for (const Rule& rule : (*rules)->rules()) {
        ++count[static_cast<std::size_t>(rule.category)];
    }
    for (const int rules_of_category : count) {
        EXPECT_GE(rules_of_category, 3);
    }
}

}  // namespace
}  // namespace credence::guard
