#include "surface/mcp/content/skills.h"

#include <gtest/gtest.h>

#include <array>

#include "base/text.h"
#include "surface/mcp/content/content_fixture.h"

namespace credence::surface::mcp {
namespace {

using test::ask;
using test::caller_with;

struct Share {
    double value = 0;
    std::int64_t n = 0;
    double low = 0;
    double high = 0;
    std::string method;
};
void describe(Describe<Share>& d) {
    d.field<&Share::value>("Estimate");
    d.field<&Share::n>("Units");
    d.field<&Share::low>("Lower end");
    d.field<&Share::high>("Upper end");
    d.field<&Share::method>("How");
}
struct Used {
    std::string skill_name;
    Share completion_rate;
};
void describe(Describe<Used>& d) {
    d.field<&Used::skill_name>("Skill");
    d.field<&Used::completion_rate>("Share that completed");
}
struct UsedList {
    std::vector<Used> skills;
    std::optional<std::int64_t> next_cursor;
};
void describe(Describe<UsedList>& d) {
    d.field<&UsedList::skills>("Skills");
    d.field<&UsedList::next_cursor>("Where it goes on");
}
struct AskUsed {
    std::int64_t limit = 1;
    std::optional<std::int64_t> cursor;
};
void describe(Describe<AskUsed>& d) {
    d.field<&AskUsed::limit>("At most").between(1, 500).or_default();
    d.field<&AskUsed::cursor>("How many to skip");
}
struct TrendAnswer {
    std::string trend;
};
void describe(Describe<TrendAnswer>& d) {
    d.field<&TrendAnswer::trend>("Trend");
}
struct AskTrend {
    std::string skill_name;
};
void describe(Describe<AskTrend>& d) {
    d.field<&AskTrend::skill_name>("Skill");
}

// On the first page strangers, on the second "walk", and "run" that nobody finished counting.
Result<void> rank(const Context&, std::string_view json, std::string& out) {
    const AskUsed request = TRY(from_json<AskUsed>(json));
    if (!request.cursor) {
        out += to_json(UsedList{{{"stranger", {0.5, 2, 0.1, 0.9, "m"}}}, 500});
    } else {
        out += to_json(UsedList{{{"walk", {0.75, 40, 0.6, 0.86, "wilson 95"}}, {"run", {}}}, {}});
    }
    return {};
}

void add_skills(Catalog& catalog) {
    Operation list;
    list.module = "skills";
    list.verb = "list_skill_metrics";
    list.path = "/v1/skills/metrics";
    list.scope = "skills:read";
    list.request = &shape_of<AskUsed>();
    list.response = &shape_of<UsedList>();
    list.call = rank;
    Operation trend = list;
    trend.verb = "get_skill_trend";
    trend.path = "/v1/skills/trend";
    trend.request = &shape_of<AskTrend>();
    trend.response = &shape_of<TrendAnswer>();
    trend.call = [](const Context&, std::string_view json, std::string& out) -> Result<void> {
        const AskTrend request = TRY(from_json<AskTrend>(json));
        out += to_json(TrendAnswer{request.skill_name == "walk" ? "improving" : "stable"});
        return {};
    };
    catalog.add(std::move(list));
    catalog.add(std::move(trend));
}

constexpr std::array kFiles = {
    SkillFile{"run/SKILL.md", "---\nname: run\ndescription: How to run\n---\n"},
    SkillFile{"walk/SKILL.md", "---\nname: walk\ndescription: How to walk\n---\n"},
    SkillFile{"walk/references/STEPS.md", "one"},
    SkillFile{"walk/references/deep/MORE.md", "two"},
};

class SkillLibraryTest : public testing::Test {
protected:
    test::Asked send(const std::string& method, std::string_view params,
                     Caller caller = caller_with({"*"}, Revision::r2026_07_28)) {
        test::Asked asked = ask(std::move(caller), method, params);
        EXPECT_TRUE(library_.take(asked.request));
        EXPECT_EQ(asked.answer->answers(), 1);
        return asked;
    }
    static std::vector<Member> children(const test::Asked& asked) {
        return items_of(asked.answer->result()["resources"].value);
    }

    test::Zoo zoo_{&add_skills};
    SkillLibrary library_{zoo_.dispatcher(), kFiles};
};

TEST_F(SkillLibraryTest, ListsEntries) {
    const Members result = send("skills/list", "{}").answer->result();
    EXPECT_EQ(result["ttlMs"].integer(), 60'000);
    EXPECT_EQ(result["cacheScope"].value, "private");
    const auto skills = items_of(result["skills"].value);
    ASSERT_EQ(skills.size(), 2U);
    const Members run = Members::of(skills[0]);
    EXPECT_EQ(run["uri"].value, "skill://run/SKILL.md");
    EXPECT_EQ(run["frontmatter"].value, R"({"description":"How to run","name":"run"})");
    EXPECT_TRUE(run["_meta"].is_absent());  // nobody used it: unknown, not 0
    const auto files = items_of(Members::of(skills[1])["resources"].value);
    ASSERT_EQ(files.size(), 3U);
    const Members file = Members::of(files[1]);
    EXPECT_EQ(file["uri"].value, "skill://walk/references/STEPS.md");
    EXPECT_EQ(file["digest"].value, "sha256:" + sha256_hex("one"));
    EXPECT_EQ(file["size"].integer(), 3);
}

TEST_F(SkillLibraryTest, TellsHowASkillDoes) {
    const auto effect = [&](Caller caller) {
        const Members skill =
            Members::of(send("skills/get", R"({"uri":"skill://walk/SKILL.md"})", std::move(caller))
                            .answer->result()["skill"]);
        EXPECT_EQ(skill["uri"].value, "skill://walk/SKILL.md");
        return Members::of(skill["_meta"])["credence/effectiveness"].value;
    };
    EXPECT_EQ(effect(caller_with({"skills:read"})),
              R"({"n":40,"success_rate":0.75,"lower":0.6,"upper":0.86,"method":"wilson 95",)"
              R"("trend":"improving"})");
    EXPECT_EQ(effect(caller_with({"guard:read"})), "");
}

TEST_F(SkillLibraryTest, WorksWithoutTheModule) {
    test::Zoo zoo;
    SkillLibrary library(zoo.dispatcher(), kFiles);
    auto asked = ask(caller_with({"*"}), "skills/list", "{}");
    ASSERT_TRUE(library.take(asked.request));
    const Members result = asked.answer->result();
    EXPECT_EQ(items_of(result["skills"].value).size(), 2U);
    EXPECT_TRUE(result["ttlMs"].is_absent());  // before 2026-07-28
}

TEST_F(SkillLibraryTest, RefusesUnknownSkillsAndCursors) {
    EXPECT_EQ(send("skills/get", R"({"uri":"skill://fly/SKILL.md"})").answer->code(), -32602);
    EXPECT_EQ(send("skills/get", R"({"uri":"skill://walk/references/STEPS.md"})").answer->code(),
              -32602);
    EXPECT_EQ(send("skills/get", R"({"uri":5})").answer->code(), -32602);
    EXPECT_EQ(send("skills/get", "{}").answer->code(), -32602);
    EXPECT_EQ(send("skills/list", R"({"cursor":"2"})").answer->code(), -32602);
    auto other = ask(caller_with({"*"}), "tasks/get", "{}");
    EXPECT_FALSE(library_.take(other.request));
    EXPECT_EQ(other.answer->answers(), 0);
}

TEST_F(SkillLibraryTest, ReadsFiles) {
    std::vector<std::string> listed;
    library_.resources(caller_with({}), listed);
    ASSERT_EQ(listed.size(), 4U);
    EXPECT_EQ(listed[0], R"({"uri":"skill://run/SKILL.md","name":"run","description":"How to run",)"
                         R"("mimeType":"text/markdown","size":42})");
    for (const SkillFile& file : kFiles) {
        const std::string uri = "skill://" + std::string(file.path);
        EXPECT_TRUE(library_.has_resource(caller_with({}), uri));
        auto asked = ask(caller_with({}), "resources/read", "{}");
        ASSERT_TRUE(library_.read_resource(uri, asked.request));
        const auto contents = items_of(asked.answer->result()["contents"].value);
        EXPECT_EQ(Members::of(contents.at(0))["text"].value, file.text);
    }
    auto asked = ask(caller_with({}), "resources/read", "{}");
    EXPECT_FALSE(library_.read_resource("skill://walk/../run/SKILL.md", asked.request));
    EXPECT_FALSE(library_.has_resource(caller_with({}), "skill://walk"));
}

TEST_F(SkillLibraryTest, ReadsDirectories) {
    const auto walk = children(send("resources/directory/read", R"({"uri":"skill://walk"})"));
    ASSERT_EQ(walk.size(), 2U);
    EXPECT_EQ(Members::of(walk[0])["uri"].value, "skill://walk/SKILL.md");
    EXPECT_EQ(Members::of(walk[1])["uri"].value, "skill://walk/references");
    EXPECT_EQ(Members::of(walk[1])["mimeType"].value, "inode/directory");
    EXPECT_EQ(Members::of(walk[1])["name"].value, "references");
    EXPECT_EQ(
        children(send("resources/directory/read", R"({"uri":"skill://walk/references/"})")).size(),
        2U);
    for (const char* uri : {"skill://walk/SKILL.md", "skill://wal", "skill://", "skill:/", "",
                            "skill://fly", "credence://docs"}) {
        EXPECT_EQ(send("resources/directory/read", R"({"uri":")" + std::string(uri) + "\"}")
                      .answer->code(),
                  -32602)
            << uri;
    }
}

TEST_F(SkillLibraryTest, DeclaresTheExtension) {
    EXPECT_EQ(library_.extensions(Revision::r2026_07_28),
              R"("io.modelcontextprotocol/skills":{"directoryRead":true})");
}

}  // namespace
}  // namespace credence::surface::mcp
