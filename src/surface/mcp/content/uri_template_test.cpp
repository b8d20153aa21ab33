#include "surface/mcp/content/uri_template.h"

#include <gtest/gtest.h>

namespace credence::surface::mcp {
namespace {

using Values = UriTemplate::Values;

TEST(UriTemplate, ReadsValuesBack) {
    const UriTemplate one("credence://agents/{agent_id}/trust");
    EXPECT_EQ(one.names(), std::vector<std::string>{"agent_id"});
    EXPECT_EQ(one.match("credence://agents/coder/trust"), (Values{{"agent_id", "coder"}}));
    EXPECT_EQ(one.match("credence://agents/a%2Fb%20c/trust"), (Values{{"agent_id", "a/b c"}}));
    const UriTemplate two("x://{a}/{b}");
    EXPECT_EQ(two.match("x://1/2"), (Values{{"a", "1"}, {"b", "2"}}));
    const UriTemplate none("credence://flags");
    EXPECT_EQ(none.match("credence://flags"), Values{});
}

TEST(UriTemplate, RefusesWhatIsNotOfIt) {
    const UriTemplate one("credence://agents/{agent_id}/trust");
    for (const std::string_view uri :
         {"credence://agents/coder", "credence://agents/coder/trust/", "credence://agents//trust",
          "credence://agents/a/b/trust", "credence://agents/a?b/trust", "credence://agent/a/trust",
          "credence://agents/%zz/trust", "credence://agents/%ff/trust", "", "credence://"}) {
        EXPECT_FALSE(one.match(uri)) << uri;
    }
    EXPECT_FALSE(UriTemplate("credence://flags").match("credence://flags2"));
}

TEST(UriTemplate, BoundsValues) {
    const UriTemplate one("x://{a}");
    EXPECT_TRUE(one.match("x://" + std::string(UriTemplate::kMaxValueBytes, 'a')));
    EXPECT_FALSE(one.match("x://" + std::string(UriTemplate::kMaxValueBytes + 1, 'a')));
    EXPECT_FALSE(one.match("x://" + std::string(1 << 20, 'a')));
}

TEST(UriTemplateDeathTest, ChecksTemplates) {
    EXPECT_DEATH(UriTemplate("x://{a"), "name");
    EXPECT_DEATH(UriTemplate("x://{}"), "name");
    EXPECT_DEATH(UriTemplate("x://{a}b"), "ends at");
}

}  // namespace
}  // namespace credence::surface::mcp
