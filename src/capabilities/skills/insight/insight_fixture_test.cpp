#include "capabilities/skills/insight/insight_fixture.h"

#include "base/log.h"
#include "engine/store/event.h"

namespace credence::skills {

void InsightFixture::SetUp() {
    log::set_level(log::Level::off);
    store_.clock.set_us(kNowUs);
    context_.scopes = Scopes({"skills:*"});
    start({});
}

void InsightFixture::start(const SkillsSettings& settings) {
    skills_.reset();
    baselines_.reset();
    ledger_.reset();
    settings_ = settings;
    ledger_ = std::make_unique<Ledger>(*store_.database, store_.clock, store_.metrics, settings_);
    baselines_ = std::make_unique<Baselines>(*ledger_, *store_.database, store_.clock, settings_);
    SkillsParts parts{*store_.database, store_.clock, store_.random, store_.ids, settings_};
    parts.ledger = ledger_.get();
    parts.baselines = baselines_.get();
    skills_ = std::make_unique<Skills>(parts);
}

void InsightFixture::log(const std::vector<TestRun>& runs, const std::string& tenant) {
    const auto written = store_.database->write([&](store::Tx& tx) -> Result<void> {
        for (const TestRun& run : runs) {
            TRY(tx.run(
                "INSERT INTO skill_invocation (tenant, skill_name, invoked_at_us, "
                "session_id, completed, duration_seconds, workflow_phase, created_at_us) "
                "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                tenant, run.skill_name, run.at_us, run.session_id, run.completed,
                run.duration_seconds,
                run.workflow_phase.empty() ? std::nullopt : std::optional(run.workflow_phase),
                store_.clock.now_us()));
        }
        return {};
    });
    ASSERT_TRUE(written.has_value()) << written.error().message;
    const auto read = ledger_->read(tenant, [](const SkillState&) -> Result<void> { return {}; });
    ASSERT_TRUE(read.has_value()) << read.error().message;
    const auto followed = ledger_->follow();
    ASSERT_TRUE(followed.has_value()) << followed.error().message;
}

std::vector<TestRun> InsightFixture::steady(const std::string& skill_name, std::int64_t from_us,
                                            std::int64_t to_us, int each, int completed) {
    std::vector<TestRun> runs;
    for (std::int64_t at_us = from_us; at_us < to_us; at_us += kUsPerHour) {
        for (int i = 0; i < each; ++i) {
            runs.push_back({.skill_name = skill_name,
                            .at_us = at_us + i * kUsPerMinute,
                            .completed = i < completed,
                            .duration_seconds = std::nullopt,
                            .session_id = "s",
                            .workflow_phase = ""});
        }
    }
    return runs;
}

void InsightFixture::add_session(const std::string& session_id, const std::string& name_space,
                                 std::int64_t started_at_us) {
    const auto written = store_.database->write([&](store::Tx& tx) -> Result<void> {
        TRY(
            tx.run("INSERT INTO skill_session (tenant, session_id, name_space, started_at_us) "
                   "VALUES ('default', $1, $2, $3)",
                   session_id, name_space, started_at_us));
        return {};
    });
    ASSERT_TRUE(written.has_value());
}

std::int64_t InsightFixture::count(const std::string& sql) {
    return value_of(store_.database->read(
        [&](store::Tx& tx) -> Result<std::int64_t> { return TRY(tx.query(sql)).integer(0, 0); }));
}

std::vector<std::string> InsightFixture::event_names() {
    const auto read = store_.database->read(
        [](store::Tx& tx) { return store::EventLog::read(tx, "default", 0, {}, 1000); });
    std::vector<std::string> names;
    EXPECT_TRUE(read.has_value());
    for (const auto& event : *read) {
        names.push_back(event.name);
    }
    return names;
}

}  // namespace credence::skills
