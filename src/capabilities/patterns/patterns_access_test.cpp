#include "capabilities/patterns/patterns_access.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace credence::patterns {
namespace {

// One line a viewer; the letters say what it may do: Read, Use, Update, Delete, Share.
struct Row {
    AccessLevel level;
    const char* viewer;
    const char* may;
};

Viewer viewer_of(const std::string& name) {
    static const std::map<std::string, Viewer> viewers = {
        {"owner", {"home", "owner", false}},
        {"listed", {"home", "listed", false}},
        {"other", {"home", "other", false}},
        {"nobody", {"home", "", false}},
        {"admin", {"home", "", true}},
        {"admin agent", {"home", "other", true}},
        {"away owner", {"away", "owner", false}},
        {"away listed", {"away", "listed", false}},
        {"away nobody", {"away", "", false}},
        {"away admin", {"away", "other", true}},
    };
    return viewers.at(name);
}

const std::vector<Row>& table() {
    using enum AccessLevel;
    static const std::vector<Row> rows = {
        {private_, "owner", "RUUDS"},  {private_, "listed", ""},
        {private_, "other", ""},       {private_, "nobody", ""},
        {private_, "admin", "R-UDS"},  {private_, "admin agent", "RUUDS"},
        {private_, "away owner", ""},  {private_, "away listed", ""},
        {private_, "away nobody", ""}, {private_, "away admin", ""},
        {shared, "owner", "RUUDS"},    {shared, "listed", "RU"},
        {shared, "other", ""},         {shared, "nobody", ""},
        {shared, "admin", "R-UDS"},    {shared, "admin agent", "RUUDS"},
        {shared, "away owner", ""},    {shared, "away listed", ""},
        {shared, "away nobody", ""},   {shared, "away admin", ""},
        {public_, "owner", "RUUD"},    {public_, "listed", "RU"},
        {public_, "other", "RU"},      {public_, "nobody", "R"},
        {public_, "admin", "R-UD"},    {public_, "admin agent", "RUUD"},
        {public_, "away owner", "RU"}, {public_, "away listed", "RU"},
        {public_, "away nobody", "R"}, {public_, "away admin", "RU"},
        {system, "owner", "RU"},       {system, "listed", "RU"},
        {system, "other", "RU"},       {system, "nobody", "R"},
        {system, "admin", "R-UD"},     {system, "admin agent", "RUUD"},
        {system, "away owner", "RU"},  {system, "away listed", "RU"},
        {system, "away nobody", "R"},  {system, "away admin", "RU"},
    };
    return rows;
}

TEST(PatternAccess, FollowsTheTable) {
    constexpr Action kActions[] = {Action::read, Action::use, Action::update, Action::delete_,
                                   Action::share};
    for (const Row& row : table()) {
        const Visibility pattern{"home", "owner", row.level, {"listed"}};
        const std::string may = row.may;
        for (std::size_t i = 0; i < std::size(kActions); ++i) {
            const bool expected = i < may.size() && may[i] != '-';
            EXPECT_EQ(allowed(pattern, viewer_of(row.viewer), kActions[i]), expected)
                << row.viewer << " level " << static_cast<int>(row.level) << " action " << i;
        }
        EXPECT_EQ(visible(pattern, viewer_of(row.viewer)), !may.empty()) << row.viewer;
    }
}

// The old system let nobody own what nobody owns: None == None.
TEST(PatternAccess, NobodyIsNotTheOwnerOfOrphans) {
    for (const auto level : {AccessLevel::private_, AccessLevel::shared}) {
        const Visibility pattern{"home", "", level, {""}};
        for (const auto action :
             {Action::read, Action::use, Action::update, Action::delete_, Action::share}) {
            EXPECT_FALSE(allowed(pattern, {"home", "", false}, action));
        }
    }
}

}  // namespace
}  // namespace credence::patterns
