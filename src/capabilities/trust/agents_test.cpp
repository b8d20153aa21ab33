#include "capabilities/trust/agents.h"

#include "capabilities/trust/score_fixture.h"

namespace credence::trust {
namespace {

class AgentsTest : public ScoreFixture {};

TEST_F(AgentsTest, BelongToWhoeverMadeThem) {
    const auto made = agents_->create(key("k1"), CreateAgent{"builder-7", std::nullopt});
    ASSERT_TRUE(made.has_value()) << made.error().message;
    EXPECT_EQ(made->owner, "k1");
    EXPECT_EQ(made->created_at_us, kStartUs);
    const auto found = agents_->get(key("k2"), AgentRef{"builder-7"});
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->owner, "k1");
    EXPECT_EQ(found->created_by, "k1");
    EXPECT_EQ(events("agent_created"), 1);
}

TEST_F(AgentsTest, HaveOneSpellingAndOneOwner) {
    for (const std::string& bad : {std::string(), std::string("a b"), std::string("a/b"),
                                   std::string("é"), std::string(65, 'a')}) {
        const auto made = agents_->create(admin(), CreateAgent{bad, std::nullopt});
        ASSERT_FALSE(made.has_value()) << bad;
        EXPECT_EQ(made.error().code, Code::invalid);
        EXPECT_EQ(made.error().field, "agent_id");
    }
    make_agent("a", key("k1"));
    EXPECT_EQ(failure_of(agents_->create(key("k1"), CreateAgent{"a", std::nullopt})),
              Code::conflict);
    EXPECT_EQ(failure_of(agents_->create(key("k1"), CreateAgent{"b", "k2"})), Code::forbidden);
    EXPECT_EQ(agents_->create(admin(), CreateAgent{"b", "k2"})->owner, "k2");
}

TEST_F(AgentsTest, AreNotSeenFromAnotherNamespaceOrTenant) {
    make_agent("a", key("k1"));
    EXPECT_EQ(failure_of(agents_->get(key("k1", "lab"), AgentRef{"a"})), Code::not_found);
    Context other = key("k1");
    other.tenant = "acme";
    EXPECT_EQ(failure_of(agents_->get(other, AgentRef{"a"})), Code::not_found);
    EXPECT_EQ(failure_of(agents_->retire(other, AgentRef{"a"})), Code::not_found);
    make_agent("a", key("k1", "lab"));
}

TEST_F(AgentsTest, AreListedInPages) {
    for (const char* id : {"c", "a", "b"}) {
        make_agent(id, key("k1"));
    }
    const auto first = agents_->list(admin(), ListAgents{"", 2});
    ASSERT_EQ(first->agents.size(), 2U);
    EXPECT_EQ(first->agents[0].agent_id, "a");
    ASSERT_EQ(first->next, "b");
    const auto second = agents_->list(admin(), ListAgents{*first->next, 2});
    ASSERT_EQ(second->agents.size(), 1U);
    EXPECT_EQ(second->agents[0].agent_id, "c");
    EXPECT_FALSE(second->next.has_value());
}

TEST_F(AgentsTest, RetireForEver) {
    make_agent("a", key("k1"));
    EXPECT_EQ(failure_of(agents_->retire(key("k2"), AgentRef{"a"})), Code::forbidden);
    const auto retired = agents_->retire(key("k1"), AgentRef{"a"});
    ASSERT_TRUE(retired.has_value());
    EXPECT_EQ(retired->retired_at_us, kStartUs);
    EXPECT_EQ(failure_of(agents_->retire(key("k1"), AgentRef{"a"})), Code::conflict);
    EXPECT_EQ(failure_of(agents_->create(key("k1"), CreateAgent{"a", std::nullopt})),
              Code::conflict);
    EXPECT_TRUE(agents_->get(admin(), AgentRef{"a"})->retired_at_us.has_value());
    EXPECT_EQ(failure_of(apply(key("k1"), evidence("a"))), Code::conflict);
    EXPECT_EQ(events("agent_retired"), 1);
}

TEST_F(AgentsTest, ASybilFarmStops) {
    tamper(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) "
        "INSERT INTO agent SELECT 'default', 'default', 'farm-' || i, 'k1', 0, 'k1', NULL FROM n");
    EXPECT_EQ(failure_of(agents_->create(key("k1"), CreateAgent{"one-more", std::nullopt})),
              Code::exhausted);
    EXPECT_EQ(failure_of(agents_->create(key("k1", "lab"), CreateAgent{"x", std::nullopt})),
              Code::exhausted);
    make_agent("one-more", key("k2"));
    tamper(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 99000) "
        "INSERT INTO agent SELECT 'default', 'default', 'full-' || i, 'k' || i, 0, '', NULL "
        "FROM n");
    EXPECT_EQ(failure_of(agents_->create(key("q"), CreateAgent{"x", std::nullopt})),
              Code::exhausted);
}

}  // namespace
}  // namespace credence::trust
