// For tests: the operations of this folder on a log written by hand.
#pragma once

#include "base/json.h"
#include "capabilities/skills/people/baselines.h"
#include "capabilities/skills/people/community.h"
#include "capabilities/skills/people/log_fixture.h"
#include "capabilities/skills/people/recommendations.h"
#include "capabilities/skills/record/users.h"
#include "capabilities/skills/skills.h"

namespace credence::skills {

class PeopleFixture : public LogFixture {
protected:
    void SetUp() override {
        LogFixture::SetUp();
        if (!HasFatalFailure()) {
            trust_keys({});
        }
    }

    void TearDown() override {
        skills_.reset();
        community_.reset();
        LogFixture::TearDown();
    }

    void trust_keys(const std::vector<std::string>& keys) {
        const auto trusted = trusted_keys_of({.trusted_baseline_keys = keys});
        ASSERT_TRUE(trusted.has_value()) << trusted.error().message;
        community_ = std::make_unique<Community>(CommunityParts{
            .database = *database_,
            .clock = clock_,
            .settings = settings_,
            .ledger = *ledger_,
            .key = names_->derived("community"),
            .trusted_keys = *trusted,
            .signing_key = [this](const Context&) -> Result<trust::SigningKey> { return key_; }});
        skills_ = std::make_unique<Skills>(SkillsParts{.database = *database_,
                                                       .clock = clock_,
                                                       .random = random_,
                                                       .ids = ids_,
                                                       .settings = settings_,
                                                       .ledger = ledger_.get(),
                                                       .users = names_.get(),
                                                       .community = community_.get()});
    }

    std::string key_text() const { return trust::public_key_text(key_.public_key()); }

    // Two crafts of six people each, four skills a craft, three uses of each, all completed; in
    // each craft the last person has not met the last two skills.
    void write_two_crafts(const std::string& tenant = "default") {
        std::vector<LoggedUse> uses;
        for (const std::string craft : {"bake", "weld"}) {
            for (int person = 0; person < 7; ++person) {
                const int skills = person == 6 ? 2 : 4;
                for (int skill = 0; skill < skills * 3; ++skill) {
                    uses.push_back({.user = craft + "-" + std::to_string(person),
                                    .skill_name = craft + std::to_string(skill % skills)});
                }
            }
        }
        write(uses, tenant);
    }

    // `people` users of a skill, `uses` each, of which `completed` succeed.
    void write_skill(const std::string& skill, int people, int uses, int completed,
                     const std::string& tenant = "default") {
        std::vector<LoggedUse> all;
        for (int person = 0; person < people; ++person) {
            for (int use = 0; use < uses; ++use) {
                all.push_back({.user = "u" + std::to_string(person),
                               .skill_name = skill,
                               .completed = use < completed,
                               .duration_seconds = 10.0});
            }
        }
        write(all, tenant);
    }

    CollaborativeRecommendations recommended(const std::string& user, std::int64_t limit = 5,
                                             const std::string& tenant = "default") {
        const auto found = skills_->get_collaborative_recommendations(
            context(tenant), {.user_id = user, .limit = limit});
        EXPECT_TRUE(found.has_value()) << found.error().message;
        return found.value_or(CollaborativeRecommendations{});
    }

    CommunityBaselines baselines(const std::string& tenant = "default") {
        const auto found = skills_->get_community_baselines(context(tenant), {.limit = 100});
        EXPECT_TRUE(found.has_value()) << found.error().message;
        return found.value_or(CommunityBaselines{});
    }

    trust::SigningKey key_ = trust::SigningKey::make(random_);
    std::unique_ptr<Community> community_;
    std::unique_ptr<Skills> skills_;
};

}  // namespace credence::skills
