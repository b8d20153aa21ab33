// Patterns themselves: made, seen, changed, shared, versioned.
#include <algorithm>

#include "capabilities/patterns/patterns_fixture.h"

namespace credence::patterns {
namespace {

class PatternsTest : public PatternsFixture {};

SharePattern with_agent(const PatternId& id, const std::string& agent) {
    SharePattern request;
    request.pattern_id = id;
    request.agent_id = "owner";
    request.with_agent_id = agent;
    return request;
}

TEST_F(PatternsTest, StartsUnproven) {
    const Pattern made = make("  retry  ", AccessLevel::private_);
    EXPECT_EQ(made.pattern_name, "retry");
    EXPECT_EQ(made.agent_id, "owner");
    EXPECT_EQ(made.name_space, "default");
    EXPECT_EQ(made.version, "1.0.0");
    EXPECT_NEAR(made.confidence, 0.05, 1e-9);
    EXPECT_FALSE(made.success_rate.has_value());
    EXPECT_EQ(made.usage_count, 0);
    EXPECT_EQ(events(), std::vector<std::string>{"pattern_created"});
    EXPECT_EQ(search_.size(), 1U);
}

TEST_F(PatternsTest, RefusesBadInput) {
    CreatePattern request = draft("a");
    request.category = "No";
    EXPECT_EQ(field_of(patterns_->create(agent_context(), request)), "category");
    request = draft("a");
    request.subcategory = "No";
    EXPECT_EQ(field_of(patterns_->create(agent_context(), request)), "subcategory");
    request = draft("a\nb");
    EXPECT_EQ(field_of(patterns_->create(agent_context(), request)), "pattern_name");
    request = draft("a");
    request.pattern_data = RawJson{"[]"};
    EXPECT_EQ(field_of(patterns_->create(agent_context(), request)), "pattern_data");
    request = draft("a");
    request.shared_with_agents = {"b"};
    EXPECT_EQ(field_of(patterns_->create(agent_context(), request)), "shared_with_agents");
    request.access_level = AccessLevel::shared;
    request.shared_with_agents = {"b b"};
    EXPECT_EQ(field_of(patterns_->create(agent_context(), request)), "shared_with_agents");
    request.shared_with_agents.assign(1001, "b");
    EXPECT_EQ(code_of(patterns_->create(agent_context(), request)), Code::too_large);
    EXPECT_EQ(code_of(patterns_->create(agent_context(), draft("a", "stranger"))), Code::forbidden);
    EXPECT_TRUE(events().empty());
}

TEST_F(PatternsTest, NamesAreUniqueForTheirOwner) {
    make("retry");
    EXPECT_EQ(code_of(patterns_->create(agent_context(), draft("retry"))), Code::conflict);
    EXPECT_TRUE(patterns_->create(agent_context(), draft("retry", "other")).has_value());
    EXPECT_TRUE(patterns_->create(agent_context("lab"), draft("retry")).has_value());
}

TEST_F(PatternsTest, SystemPatternsAreTheAdmins) {
    CreatePattern request = draft("rule");
    request.access_level = AccessLevel::system;
    EXPECT_EQ(code_of(patterns_->create(agent_context(), request)), Code::forbidden);
    request.agent_id.reset();
    EXPECT_EQ(code_of(patterns_->create(agent_context(), request)), Code::forbidden);
    const auto made = patterns_->create(admin_context(), request);
    ASSERT_TRUE(made.has_value());
    EXPECT_FALSE(made->agent_id.has_value());
    EXPECT_TRUE(seen_by(made->pattern_id, "other", "lab").has_value());
    UpdatePattern update;
    update.pattern_id = made->pattern_id;
    update.agent_id = "other";
    update.learning_weight = 2;
    EXPECT_EQ(code_of(patterns_->update(agent_context(), update)), Code::forbidden);
    EXPECT_EQ(code_of(patterns_->update(admin_context("lab"), update)), Code::forbidden);
    EXPECT_TRUE(patterns_->update(admin_context(), update).has_value());
    request.access_level = AccessLevel::private_;
    EXPECT_EQ(field_of(patterns_->create(admin_context(), request)), "agent_id");
}

TEST_F(PatternsTest, PublishingAsksTheGate) {
    gate_.refused = {"owner"};
    CreatePattern request = draft("retry");
    request.access_level = AccessLevel::public_;
    EXPECT_EQ(code_of(patterns_->create(agent_context(), request)), Code::forbidden);
    const Pattern made = make("quiet", AccessLevel::private_);
    UpdatePattern update;
    update.pattern_id = made.pattern_id;
    update.agent_id = "owner";
    update.access_level = AccessLevel::public_;
    EXPECT_EQ(field_of(patterns_->update(agent_context(), update)), "access_level");
    EXPECT_EQ(gate_.actions, (std::vector<std::string>{"publish_pattern", "publish_pattern"}));
    gate_.refused.clear();
    EXPECT_TRUE(patterns_->update(agent_context(), update).has_value());
}

TEST_F(PatternsTest, HiddenIsTheSameAsMissing) {
    const Pattern hidden = make("secret", AccessLevel::private_);
    const auto missing = seen_by(ids_.make<PatternId>(), "other");
    for (const auto& refused :
         {seen_by(hidden.pattern_id, "other"), seen_by(hidden.pattern_id, "owner", "lab")}) {
        ASSERT_EQ(code_of(refused), Code::not_found);
        EXPECT_EQ(refused.error().message, missing.error().message);
    }
    Context foreign = agent_context();
    foreign.tenant = "rival";
    EXPECT_EQ(code_of(patterns_->get(foreign, {hidden.pattern_id, "owner"})), Code::not_found);
    EXPECT_EQ(code_of(patterns_->delete_(agent_context(), {hidden.pattern_id, "other"})),
              Code::not_found);
    EXPECT_EQ(code_of(used(hidden.pattern_id, "other")), Code::not_found);
}

TEST_F(PatternsTest, RevokeHoldsOnTheNextRead) {
    const Pattern made = make("retry", AccessLevel::private_);
    EXPECT_EQ(code_of(seen_by(made.pattern_id, "friend")), Code::not_found);
    const auto shared = patterns_->share(agent_context(), with_agent(made.pattern_id, "friend"));
    ASSERT_TRUE(shared.has_value());
    EXPECT_EQ(shared->access_level, AccessLevel::shared);
    EXPECT_EQ(shared->shared_with_agents, std::vector<std::string>{"friend"});
    const auto seen = seen_by(made.pattern_id, "friend");
    ASSERT_TRUE(seen.has_value());
    EXPECT_TRUE(seen->shared_with_agents.empty()) << "who else sees it is the owner's business";
    SearchPatterns query;
    query.agent_id = "friend";
    EXPECT_EQ(patterns_->search(agent_context(), query)->patterns.size(), 1U);
    search_.everything = true;
    ASSERT_TRUE(
        patterns_->revoke(agent_context(), with_agent(made.pattern_id, "friend")).has_value());
    EXPECT_EQ(code_of(seen_by(made.pattern_id, "friend")), Code::not_found);
    EXPECT_TRUE(patterns_->search(agent_context(), query)->patterns.empty());
    query.query_text = "retry";
    EXPECT_TRUE(patterns_->search(agent_context(), query)->patterns.empty());
    EXPECT_EQ(code_of(patterns_->revoke(agent_context(), with_agent(made.pattern_id, "friend"))),
              Code::not_found);
}

TEST_F(PatternsTest, OpenPatternsAreNotShared) {
    const Pattern made = make("retry");
    EXPECT_EQ(code_of(patterns_->share(agent_context(), with_agent(made.pattern_id, "friend"))),
              Code::forbidden);
}

TEST_F(PatternsTest, LeavingSharedForgetsTheList) {
    const Pattern made = make("retry", AccessLevel::private_);
    ASSERT_TRUE(
        patterns_->share(agent_context(), with_agent(made.pattern_id, "friend")).has_value());
    UpdatePattern update;
    update.pattern_id = made.pattern_id;
    update.agent_id = "owner";
    update.access_level = AccessLevel::private_;
    ASSERT_TRUE(patterns_->update(agent_context(), update).has_value());
    update.access_level = AccessLevel::shared;
    const auto again = patterns_->update(agent_context(), update);
    ASSERT_TRUE(again.has_value());
    EXPECT_TRUE(again->shared_with_agents.empty());
    EXPECT_EQ(code_of(seen_by(made.pattern_id, "friend")), Code::not_found);
}

TEST_F(PatternsTest, UpdatesWhatIsNamed) {
    const Pattern made = make("retry", AccessLevel::private_);
    UpdatePattern update;
    update.pattern_id = made.pattern_id;
    update.agent_id = "owner";
    update.complexity_score = 0.25;
    update.pattern_data = RawJson{R"({"x": 1})"};
    update.archived = true;
    const auto changed = patterns_->update(agent_context(), update);
    ASSERT_TRUE(changed.has_value());
    EXPECT_EQ(changed->complexity_score, 0.25);
    EXPECT_EQ(changed->learning_weight, 1);
    EXPECT_EQ(state(made.pattern_id).pattern_data.text, R"({"x": 1})");
    EXPECT_EQ(changed->archived_at_us, kStartUs);
    EXPECT_EQ(search_.size(), 0U);
    update.archived = false;
    EXPECT_TRUE(patterns_->update(agent_context(), update).has_value());
    EXPECT_EQ(search_.size(), 1U);
    update.pattern_data = RawJson{"1"};
    EXPECT_EQ(field_of(patterns_->update(agent_context(), update)), "pattern_data");
}

TEST_F(PatternsTest, DeletesWithItsUses) {
    const Pattern made = make("retry");
    ASSERT_TRUE(used(made.pattern_id, "user").has_value());
    EXPECT_EQ(code_of(patterns_->delete_(agent_context(), {made.pattern_id, "other"})),
              Code::forbidden);
    ASSERT_TRUE(patterns_->delete_(agent_context(), {made.pattern_id, "owner"}).has_value());
    EXPECT_EQ(code_of(seen_by(made.pattern_id, "owner")), Code::not_found);
    EXPECT_EQ(search_.size(), 0U);
    EXPECT_TRUE(patterns_->get_analytics(admin_context(), {})->recent_usage.empty());
    EXPECT_EQ(events().back(), "pattern_deleted");
}

TEST_F(PatternsTest, LearnsText) {
    LearnPattern request;
    request.pattern_name = "retry";
    request.category = "testing";
    request.agent_id = "owner";
    request.pattern_content = "wait \"longer\" each time";
    request.examples = {"1s, 2s, 4s"};
    request.metadata["domain"] = RawJson{"\"net\""};
    const auto learned = patterns_->learn_pattern(agent_context(), request);
    ASSERT_TRUE(learned.has_value());
    EXPECT_EQ(learned->examples_count, 1);
    EXPECT_EQ(
        state(learned->pattern_id).pattern_data.text,
        R"({"content":"wait \"longer\" each time","domain":"net","examples":["1s, 2s, 4s"]})");
    request.metadata["content"] = RawJson{"1"};
    EXPECT_EQ(field_of(patterns_->learn_pattern(agent_context(), request)), "metadata.content");
}

TEST_F(PatternsTest, VersionsFollowEachOther) {
    const Pattern first = make("retry");
    CreateVersion request;
    request.pattern_id = first.pattern_id;
    request.agent_id = "owner";
    request.pattern_data = RawJson{R"({"v": 2})"};
    const auto second = patterns_->create_version(agent_context(), request);
    ASSERT_TRUE(second.has_value());
    EXPECT_EQ(second->version, "1.1.0");
    EXPECT_EQ(second->parent_pattern_id, first.pattern_id.to_string());
    EXPECT_EQ(state(first.pattern_id).superseded_by, second->pattern_id.to_string());
    EXPECT_EQ(code_of(patterns_->create_version(agent_context(), request)), Code::conflict);
    request.pattern_id = second->pattern_id;
    request.version = "1.1.0";
    EXPECT_EQ(field_of(patterns_->create_version(agent_context(), request)), "version");
    request.version = "2.0.0";
    const auto third = patterns_->create_version(agent_context(), request);
    ASSERT_TRUE(third.has_value());
    const auto versions =
        patterns_->list_versions(agent_context(), {first.pattern_id, std::nullopt});
    ASSERT_EQ(versions->versions.size(), 3U);
    EXPECT_EQ(versions->versions[0].version, "2.0.0");
    EXPECT_EQ(search_.size(), 1U) << "only the newest is found";
    // Deleting the middle closes the gap; deleting the newest revives the one before.
    ASSERT_TRUE(patterns_->delete_(agent_context(), {second->pattern_id, "owner"}).has_value());
    EXPECT_EQ(state(third->pattern_id).parent_pattern_id, first.pattern_id.to_string());
    EXPECT_EQ(state(first.pattern_id).superseded_by, third->pattern_id.to_string());
    ASSERT_TRUE(patterns_->delete_(agent_context(), {third->pattern_id, "owner"}).has_value());
    EXPECT_FALSE(state(first.pattern_id).superseded_by.has_value());
    EXPECT_EQ(search_.size(), 1U);
}

TEST_F(PatternsTest, EvolvesWithoutTouchingFigures) {
    const Pattern first = make("retry");
    EvolvePattern request;
    request.pattern_id = first.pattern_id;
    request.agent_id = "owner";
    request.evolution_data = RawJson{R"({"success_rate": 1})"};
    EXPECT_EQ(field_of(patterns_->evolve(agent_context(), request)), "evolution_data.success_rate");
    request.evolution_data = RawJson{R"({"steps": ["a"]})"};
    request.success_feedback = true;
    request.notes = "shorter";
    const auto second = patterns_->evolve(agent_context(), request);
    ASSERT_TRUE(second.has_value()) << second.error().message;
    EXPECT_EQ(second->version, "1.1.0");
    EXPECT_EQ(second->pattern_data.text,
              R"({"description":"retry with backoff","evolution_notes":"shorter","steps":["a"]})");
    const Pattern parent = state(first.pattern_id);
    EXPECT_EQ(parent.usage_count, 1);
    EXPECT_EQ(parent.reported_success_count, 1);
    EXPECT_EQ(parent.success_count, 0);
    EXPECT_NEAR(parent.confidence, 0.05, 1e-9);
    EXPECT_NEAR(second->confidence, 0.05, 1e-9);
}

TEST_F(PatternsTest, FeedbackNeedsItsAgent) {
    const Pattern first = make("retry");
    EvolvePattern request;
    request.pattern_id = first.pattern_id;
    request.evolution_data = RawJson{"{}"};
    request.success_feedback = true;
    EXPECT_EQ(field_of(patterns_->evolve(admin_context(), request)), "agent_id");
}

RawJson item(const std::string& name, const std::string& category = "testing") {
    return RawJson{R"({"pattern_name": ")" + name + R"(", "category": ")" + category +
                   R"(", "pattern_data": {}})"};
}

TEST_F(PatternsTest, BatchIsAllOrNothing) {
    make("taken");
    BatchCreate request;
    request.agent_id = "owner";
    const auto odd = [](const std::string& rest) {
        return RawJson{R"({"pattern_name": "odd", "category": "c", "pattern_data": {}, )" + rest +
                       "}"};
    };
    request.items = {item("a"),
                     item("b", "Bad Category"),
                     item("taken"),
                     item("a"),
                     RawJson{R"({"pattern_name": "x"})"},
                     odd(R"("z": 1)"),
                     odd(R"("agent_id": "stranger")"),
                     odd(R"("access_level": "system")")};
    const auto refused = patterns_->batch_create(agent_context(), request);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().field, "items[1].category");
    EXPECT_EQ(refused.error().code, Code::invalid);
    for (const char* path :
         {"7 faulty items", "items[1].category", "items[2].pattern_name", "items[3].pattern_name",
          "items[4]", "items[5]", "items[6].agent_id", "items[7].access_level"}) {
        EXPECT_NE(refused.error().message.find(path), std::string::npos)
            << path << " in " << refused.error().message;
    }
    ListPatterns list;
    list.agent_id = "owner";
    EXPECT_EQ(patterns_->list(agent_context(), list)->patterns.size(), 1U);
    request.items = {item("a"), item("b")};
    const auto created = patterns_->batch_create(agent_context(), request);
    ASSERT_TRUE(created.has_value());
    EXPECT_EQ(state(created->pattern_ids[1]).pattern_name, "b");
}

TEST_F(PatternsTest, BatchTellsTwentyFaults) {
    BatchCreate request;
    request.agent_id = "owner";
    request.items.assign(25, RawJson{"{}"});
    const auto refused = patterns_->batch_create(agent_context(), request);
    ASSERT_FALSE(refused.has_value());
    EXPECT_NE(refused.error().message.find("items[19]"), std::string::npos);
    EXPECT_EQ(refused.error().message.find("items[20]"), std::string::npos);
    EXPECT_NE(refused.error().message.find("and 5 more"), std::string::npos);
}

TEST_F(PatternsTest, QuotasHold) {
    PatternsSettings settings;
    settings.max_patterns_per_agent = 2;
    settings.max_patterns_per_namespace = 3;
    start(settings);
    make("a");
    make("b");
    EXPECT_EQ(code_of(patterns_->create(agent_context(), draft("c"))), Code::exhausted);
    make("c", AccessLevel::public_, "other");
    EXPECT_EQ(code_of(patterns_->create(agent_context(), draft("d", "third"))), Code::exhausted);
    ASSERT_TRUE(patterns_->create(agent_context("lab"), draft("a")).has_value());
    BatchCreate batch;
    batch.agent_id = "owner";
    batch.items = {item("x"), item("y")};
    EXPECT_EQ(code_of(patterns_->batch_create(agent_context(), batch)), Code::exhausted);
}

TEST_F(PatternsTest, ListsOwnPatternsInPages) {
    for (int i = 0; i < 7; ++i) {
        make("p" + std::to_string(i), AccessLevel::private_);
    }
    make("foreign", AccessLevel::public_, "other");
    ListPatterns request;
    request.agent_id = "owner";
    request.limit = 3;
    std::set<std::string> names;
    int pages = 0;
    do {
        const auto page = patterns_->list(agent_context(), request);
        ASSERT_TRUE(page.has_value());
        for (const auto& found : page->patterns) {
            EXPECT_TRUE(names.insert(found.pattern.pattern_name).second);
        }
        request.after = page->next.value_or("");
        ++pages;
    } while (!request.after.empty());
    EXPECT_EQ(pages, 3);
    EXPECT_EQ(names.size(), 7U);
    EXPECT_FALSE(names.contains("foreign"));
    request.after = "nonsense";
    EXPECT_EQ(field_of(patterns_->list(agent_context(), request)), "after");
    EXPECT_EQ(code_of(patterns_->list(agent_context(), ListPatterns{})), Code::invalid);
    ListPatterns archived;
    archived.agent_id = "owner";
    archived.include_archived = true;
    archived.access_level = AccessLevel::private_;
    EXPECT_EQ(patterns_->list(agent_context(), archived)->patterns.size(), 7U);
}

}  // namespace
}  // namespace credence::patterns
