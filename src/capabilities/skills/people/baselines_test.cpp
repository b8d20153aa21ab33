#include <algorithm>

#include "capabilities/skills/people/baseline_bundle.h"
#include "capabilities/skills/people/people_fixture.h"
#include "capabilities/trust/evidence/dsse.h"

namespace credence::skills {
namespace {

class BaselinesTest : public PeopleFixture {
protected:
    void SetUp() override {
        settings_.exploration_share = 0;
        PeopleFixture::SetUp();
        trust_keys({key_text()});
    }

    BaselineBundle exported(const std::string& tenant = "default",
                            std::optional<std::int64_t> min_users = {}) {
        const auto bundle = skills_->export_baselines(context(tenant), {min_users});
        EXPECT_TRUE(bundle.has_value()) << bundle.error().message;
        return bundle.value_or(BaselineBundle{});
    }

    static BaselinePayload payload_of(const BaselineBundle& bundle) {
        const auto text = trust::from_base64(bundle.envelope.payload);
        auto payload = from_json<BaselinePayload>(*text);
        EXPECT_TRUE(payload.has_value()) << payload.error().message;
        return *payload;
    }

    RawJson signed_text(const BaselinePayload& payload, const trust::SigningKey& key) const {
        return {to_json(trust::seal(key, kBaselinePayloadType, to_json(payload)))};
    }

    Result<ImportedBaselines> import_text(const RawJson& bundle,
                                          const std::string& tenant = "default") {
        return skills_->import_baselines(context(tenant), {bundle});
    }

    // As another installation of good faith would send it.
    static BaselinePayload foreign() {
        BaselinePayload payload{
            .installation = std::string(32, 'a'), .created_at_us = kStartUs, .k = 5, .skills = {}};
        payload.skills.push_back({.skill_name = "abroad",
                                  .users = 10,
                                  .invocations = 100,
                                  .completed = 90,
                                  .timed = 50,
                                  .duration_sum_seconds = 100,
                                  .top_phase = "execution"});
        return payload;
    }
};

TEST_F(BaselinesTest, LocalFiguresCountPeopleWithShrunkRatesAndMidRanks) {
    write_skill("good", 6, 10, 9);
    write_skill("poor", 5, 10, 2);
    write_skill("rare", 4, 10, 10);
    write({{.skill_name = "poor", .workflow_phase = "setup"}});  // of nobody in particular
    const auto told = baselines();
    EXPECT_EQ(told.min_users, 5);
    EXPECT_EQ(told.skills, 2);
    ASSERT_EQ(told.baselines.size(), 2U);
    const CommunityBaseline& good = told.baselines[0];
    EXPECT_EQ(good.skill_name, "good");
    EXPECT_EQ(good.total_users, 6);
    EXPECT_EQ(good.total_invocations, 60);
    EXPECT_EQ(good.global_completion_rate.n, 60);
    EXPECT_NEAR(good.global_completion_rate.value, 0.9, 0.02);
    EXPECT_LT(good.global_completion_rate.low, 0.9);
    EXPECT_DOUBLE_EQ(good.global_avg_duration_seconds.value_or(0), 10);
    EXPECT_DOUBLE_EQ(good.effectiveness_percentile, 0.75);
    EXPECT_EQ(good.sources, std::vector<std::string>{"local"});
    EXPECT_EQ(good.last_updated_at_us, kStartUs);
    EXPECT_DOUBLE_EQ(told.baselines[1].effectiveness_percentile, 0.25);
    EXPECT_EQ(told.baselines[1].total_invocations, 50);
    EXPECT_EQ(told.baselines[1].most_common_workflow_phase, "setup");
    const auto one =
        skills_->get_community_baselines(context(), {.limit = 20, .skill_name = "poor"});
    ASSERT_EQ(one->baselines.size(), 1U);
    EXPECT_EQ(one->baselines[0].skill_name, "poor");
    EXPECT_TRUE(skills_->get_community_baselines(context(), {20, "rare"})->baselines.empty());
}

TEST_F(BaselinesTest, OneSuccessDoesNotOutrankManySuccesses) {
    settings_.community_min_users = 1;
    write_skill("proven", 20, 10, 9);
    write_skill("lucky", 1, 1, 1);
    write_skill("poor", 20, 10, 3);
    EXPECT_EQ(baselines().baselines.front().skill_name, "proven");
}

TEST_F(BaselinesTest, ExportsRoundDownAndCapWhatOnePersonDid) {
    write_skill("good", 7, 3, 2);
    write_skill("rare", 4, 9, 9);
    std::vector<LoggedUse> heavy;
    for (int use = 0; use < 500; ++use) {
        heavy.push_back({.user = "u0", .skill_name = "good", .duration_seconds = 999.0});
    }
    write(heavy);
    const BaselineBundle bundle = exported();
    EXPECT_EQ(bundle.public_key, key_text());
    EXPECT_EQ(bundle.skills, 1);
    const BaselinePayload payload = payload_of(bundle);
    EXPECT_EQ(payload.version, 1);
    EXPECT_EQ(payload.k, 5);
    EXPECT_EQ(payload.installation.size(), 32U);
    ASSERT_EQ(payload.skills.size(), 1U);
    EXPECT_EQ(payload.skills[0].skill_name, "good");
    EXPECT_EQ(payload.skills[0].users, 5);         // of 7
    EXPECT_EQ(payload.skills[0].invocations, 20);  // of 6 * 3 + 5
    EXPECT_EQ(payload.skills[0].completed, 15);    // of 6 * 2 + 5
    EXPECT_EQ(payload.skills[0].timed, 15);
    EXPECT_DOUBLE_EQ(payload.skills[0].duration_sum_seconds, 150);  // the median person, not u0
    EXPECT_FALSE(payload.skills[0].top_phase.has_value());
    const std::string text = *trust::from_base64(bundle.envelope.payload);
    EXPECT_EQ(text.find("u0"), std::string::npos);
    EXPECT_EQ(text.find(names_->hash("default", "u0")), std::string::npos);
}

// All that one person may do between two exports moves each count by one step or none.
TEST_F(BaselinesTest, OnePersonMovesEachCountByOneStepAtMost) {
    for (int round = 0; round < 12; ++round) {
        const std::string tenant = "t" + std::to_string(round);
        write_skill("good", 5 + round, 1 + round % 4, 1 + round % 3, tenant);
        const auto before = payload_of(exported(tenant)).skills.at(0);
        std::vector<LoggedUse> more;
        for (int use = 0; use < 60 + round; ++use) {
            more.push_back({.user = round % 2 == 0 ? "u1" : "new", .skill_name = "good"});
        }
        write(more, tenant);
        const auto after = payload_of(exported(tenant)).skills.at(0);
        for (const std::int64_t step :
             {after.users - before.users, after.invocations - before.invocations,
              after.completed - before.completed}) {
            EXPECT_TRUE(step == 0 || step == 5) << step;
        }
        EXPECT_EQ(after.users % 5 + after.invocations % 5 + after.completed % 5, 0);
    }
}

TEST_F(BaselinesTest, PhasesAreToldOfEnoughPeopleOnly) {
    std::vector<LoggedUse> uses;
    for (int person = 0; person < 6; ++person) {
        uses.push_back({.user = "u" + std::to_string(person),
                        .skill_name = "good",
                        .workflow_phase = "execution"});
    }
    for (int use = 0; use < 90; ++use) {
        uses.push_back({.user = "u0", .skill_name = "good", .workflow_phase = "setup"});
    }
    write(uses);
    EXPECT_EQ(payload_of(exported()).skills.at(0).top_phase, "execution");
    EXPECT_FALSE(payload_of(exported("default", 6)).skills.at(0).top_phase->empty());
    EXPECT_TRUE(payload_of(exported("default", 7)).skills.empty());
    EXPECT_EQ(field_of(skills_->export_baselines(context(), {4})), "min_users");
}

TEST_F(BaselinesTest, BundlesTravelBetweenTenantsAndWarmAColdStart) {
    write_skill("abroad", 10, 4, 4, "far");
    const BaselineBundle bundle = exported("far");
    EXPECT_TRUE(recommended("new").recommendations.empty());
    const auto done = import_text({to_json(bundle)});
    ASSERT_TRUE(done.has_value()) << done.error().message;
    EXPECT_EQ(done->skills, 1);
    EXPECT_FALSE(done->unchanged);
    EXPECT_TRUE(done->source.starts_with(key_.id() + ":"));
    const auto list = recommended("new");
    EXPECT_TRUE(list.cold_start);
    ASSERT_EQ(list.recommendations.size(), 1U);
    EXPECT_EQ(list.recommendations[0].skill_name, "abroad");
    EXPECT_EQ(list.recommendations[0].source, RecommendedBy::community);
    EXPECT_EQ(list.recommendations[0].users, 10);
    EXPECT_EQ(list.recommendations[0].completion_rate.n, 40);
    // Those who tried it are not told of it again.
    write({{.user = "new", .skill_name = "abroad", .completed = false}});
    EXPECT_TRUE(recommended("new").recommendations.empty());
    EXPECT_EQ(events("skill_baselines_imported").size(), 1U);
    EXPECT_TRUE(recommended("new", 5, "third").recommendations.empty());
}

TEST_F(BaselinesTest, LocalAndImportedFiguresAddUp) {
    write_skill("abroad", 5, 4, 0);
    ASSERT_TRUE(import_text(signed_text(foreign(), key_)).has_value());
    const auto told = baselines();
    ASSERT_EQ(told.baselines.size(), 1U);
    const CommunityBaseline& both = told.baselines[0];
    EXPECT_EQ(both.total_users, 15);
    EXPECT_EQ(both.total_invocations, 120);
    EXPECT_NEAR(both.global_completion_rate.value, 90.0 / 120, 0.01);
    EXPECT_EQ(both.sources.size(), 2U);
    EXPECT_EQ(both.most_common_workflow_phase, "execution");
    EXPECT_DOUBLE_EQ(both.global_avg_duration_seconds.value_or(0), 2);
    // A key that is trusted no more takes its figures with it.
    trust_keys({});
    EXPECT_EQ(baselines().baselines.at(0).total_users, 5);
}

TEST_F(BaselinesTest, TheSameBundleAgainIsNoChangeAndAnOlderOneIsRefused) {
    BaselinePayload payload = foreign();
    ASSERT_TRUE(import_text(signed_text(payload, key_)).has_value());
    const auto again = import_text(signed_text(payload, key_));
    ASSERT_TRUE(again.has_value()) << again.error().message;
    EXPECT_TRUE(again->unchanged);
    EXPECT_EQ(events("skill_baselines_imported").size(), 1U);
    payload.created_at_us -= 1;
    EXPECT_EQ(code_of(import_text(signed_text(payload, key_))), Code::conflict);
    payload.created_at_us += 2;
    payload.skills[0].skill_name = "later";
    EXPECT_FALSE(import_text(signed_text(payload, key_))->unchanged);
    ASSERT_EQ(baselines().baselines.size(), 1U);
    EXPECT_EQ(baselines().baselines[0].skill_name, "later");
}

TEST_F(BaselinesTest, OnlyTrustedSignaturesCount) {
    const trust::SigningKey stranger = trust::SigningKey::make(random_);
    EXPECT_EQ(code_of(import_text(signed_text(foreign(), stranger))), Code::forbidden);
    // A trusted key's name on another's signature, and a payload changed afterwards.
    trust::Envelope forged = trust::seal(stranger, kBaselinePayloadType, to_json(foreign()));
    forged.signatures[0].keyid = key_.id();
    EXPECT_EQ(code_of(import_text({to_json(forged)})), Code::forbidden);
    trust::Envelope changed = trust::seal(key_, kBaselinePayloadType, to_json(foreign()));
    BaselinePayload better = foreign();
    better.skills[0].completed = 100;
    changed.payload = trust::to_base64(to_json(better));
    EXPECT_EQ(code_of(import_text({to_json(changed)})), Code::forbidden);
    const trust::Envelope other = trust::seal(key_, trust::kInTotoPayloadType, to_json(foreign()));
    EXPECT_EQ(code_of(import_text({to_json(other)})), Code::invalid);
    EXPECT_EQ(code_of(import_text({R"({"what": 1})"})), Code::invalid);
    EXPECT_EQ(code_of(import_text({"[]"})), Code::invalid);
    EXPECT_TRUE(baselines().baselines.empty());
    EXPECT_TRUE(events("skill_baselines_imported").empty());
    EXPECT_EQ(trusted_keys_of({{key_text(), "nonsense"}}).error().field,
              "community.trusted_baseline_keys[1]");
}

TEST_F(BaselinesTest, ATrustedKeyCannotWriteOverAnother) {
    const trust::SigningKey second = trust::SigningKey::make(random_);
    trust_keys({key_text(), trust::public_key_text(second.public_key())});
    ASSERT_TRUE(import_text(signed_text(foreign(), key_)).has_value());
    BaselinePayload claims = foreign();  // the same installation
    claims.created_at_us += 1;
    claims.skills[0].completed = 0;
    claims.skills[0].timed = 0;
    claims.skills[0].duration_sum_seconds = 0;
    const auto imported = import_text(signed_text(claims, second));
    ASSERT_TRUE(imported.has_value()) << imported.error().message << imported.error().field;
    EXPECT_EQ(baselines().baselines.at(0).total_invocations, 200);
    EXPECT_EQ(baselines().baselines[0].sources.size(), 2U);
}

TEST_F(BaselinesTest, ImpossibleBundlesAreRefusedWithTheirPath) {
    const auto refused = [this](auto&& change) {
        BaselinePayload payload = foreign();
        change(payload);
        const auto result = import_text(signed_text(payload, key_));
        EXPECT_FALSE(result.has_value());
        return result ? std::string("accepted") : result.error().field;
    };
    EXPECT_EQ(refused([](auto& p) { p.k = 4; }), "bundle.k");
    EXPECT_EQ(refused([](auto& p) { p.version = 2; }), "bundle.version");
    EXPECT_EQ(refused([](auto& p) { p.created_at_us += 2 * kUsPerDay; }), "bundle.created_at_us");
    EXPECT_EQ(refused([](auto& p) { p.skills[0].users = 4; }), "bundle.skills[0].users");
    EXPECT_EQ(refused([](auto& p) { p.skills[0].invocations = 9; }),
              "bundle.skills[0].invocations");
    EXPECT_EQ(refused([](auto& p) { p.skills[0].completed = 101; }), "bundle.skills[0].completed");
    EXPECT_EQ(refused([](auto& p) { p.skills[0].timed = 91; }), "bundle.skills[0].timed");
    EXPECT_EQ(refused([](auto& p) { p.skills[0].timed = 0; }),
              "bundle.skills[0].duration_sum_seconds");
    EXPECT_EQ(refused([](auto& p) { p.skills[0].completed = -1; }), "bundle.skills[0].completed");
    EXPECT_EQ(refused([](auto& p) { p.skills.push_back(p.skills[0]); }),
              "bundle.skills[1].skill_name");
    EXPECT_EQ(refused([](auto& p) { p.installation = "short"; }), "bundle.installation");
    BaselinePayload version = foreign();
    version.version = 9;
    EXPECT_EQ(code_of(import_text(signed_text(version, key_))), Code::unsupported);
}

TEST_F(BaselinesTest, OnesOwnFiguresAreNotImported) {
    write_skill("good", 6, 2, 2);
    EXPECT_EQ(code_of(import_text({to_json(exported())})), Code::conflict);
}

TEST(TwoDigits, KeepsTwoSignificantDigits) {
    EXPECT_DOUBLE_EQ(two_digits(123.4), 120);
    EXPECT_DOUBLE_EQ(two_digits(0.0157), 0.016);
    EXPECT_DOUBLE_EQ(two_digits(99.9), 100);
    EXPECT_DOUBLE_EQ(two_digits(0), 0);
}

}  // namespace
}  // namespace credence::skills
