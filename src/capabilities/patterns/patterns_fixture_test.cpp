#include "capabilities/patterns/patterns_fixture.h"

#include "base/log.h"
#include "engine/store/event.h"

namespace credence::patterns {

void PatternsFixture::SetUp() {
    log::set_level(log::Level::off);
    static const store::MigrationText own(store::migrations_of("capabilities/patterns"),
                                          "0001_patterns");
    const auto& events = store::event_migration();
    const std::vector<store::Migration> migrations = {
        {"store", 1, "events", events.up, events.down},
        {"patterns", 1, "patterns", own.up, own.down},
    };
    const std::string path = directory_.file("test.db");
    const auto migrated = store::Migrator(path, migrations, clock_).up();
    ASSERT_TRUE(migrated.has_value()) << migrated.error().message;
    store::SqliteOptions options = store::at_path(path);
    options.full_sync = false;  // the tests are not about power cuts
    database_ = store::open_or_die(options, clock_, metrics_);
    start({});
}

void PatternsFixture::TearDown() {
    patterns_.reset();
    database_.reset();
}

void PatternsFixture::start(const PatternsSettings& settings) {
    const SpeakFor speak_for = [](store::Tx&, const Context&,
                                  const std::string& agent) -> Result<void> {
        if (agent == "stranger") {
            return fail(Code::forbidden, "not your agent", "agent_id");
        }
        return {};
    };
    const OwnerOf owner_of = [this](store::Tx&, const Context&,
                                    const std::string& agent) -> Result<std::string> {
        const auto owner = owners_.find(agent);
        return owner == owners_.end() ? "local" : owner->second;
    };
    patterns_ = std::make_unique<Patterns>(
        PatternsParts{*database_, clock_, ids_, gate_, search_, speak_for, owner_of, settings});
}

Context PatternsFixture::agent_context(const std::string& name_space) const {
    Context context;
    context.name_space = name_space;
    context.scopes = Scopes({"patterns:read", "patterns:write"});
    return context;
}

Context PatternsFixture::admin_context(const std::string& name_space) const {
    Context context = agent_context(name_space);
    context.scopes = Scopes({"patterns:*"});
    context.actor = "reviewer";
    return context;
}

CreatePattern PatternsFixture::draft(const std::string& name, const std::string& agent) const {
    CreatePattern request;
    request.pattern_name = name;
    request.category = "testing";
    request.pattern_data = RawJson{R"({"description": "retry with backoff"})"};
    request.agent_id = agent;
    return request;
}

Pattern PatternsFixture::make(const std::string& name, AccessLevel level,
                              const std::string& agent) {
    CreatePattern request = draft(name, agent);
    request.access_level = level;
    auto made = patterns_->create(agent_context(), request);
    EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().message);
    return made.value_or(Pattern{});
}

Result<Pattern> PatternsFixture::seen_by(const PatternId& id, const std::string& agent,
                                         const std::string& name_space) {
    return patterns_->get(agent_context(name_space), {id, agent});
}

Pattern PatternsFixture::state(const PatternId& id) {
    auto found = patterns_->get(admin_context(), {id, std::nullopt});
    EXPECT_TRUE(found.has_value()) << (found ? "" : found.error().message);
    return found.value_or(Pattern{});
}

Result<PatternUse> PatternsFixture::used(const PatternId& id, const std::string& agent,
                                         std::optional<bool> success) {
    UsePattern request;
    request.pattern_id = id;
    request.agent_id = agent;
    request.success = success;
    return patterns_->use(agent_context(), request);
}

void PatternsFixture::verify(const PatternId& id, const std::string& agent, trust::Outcome outcome,
                             bool counted) {
    trust::VerifiedClaim claim;
    claim.verification_id = ids_.make<trust::VerificationId>();
    claim.agent_id = agent;
    claim.outcome = outcome;
    claim.counted = counted;
    claim.pattern_id = id.to_string();
    const auto done = database_->write(
        [&](store::Tx& tx) { return patterns_->verified(tx, agent_context(), claim); });
    EXPECT_TRUE(done.has_value()) << (done ? "" : done.error().message);
}

std::vector<std::string> PatternsFixture::events() {
    const auto read = database_->read(
        [](store::Tx& tx) { return store::EventLog::read(tx, "default", 0, {}, 1000); });
    std::vector<std::string> names;
    EXPECT_TRUE(read.has_value());
    for (const auto& event : *read) {
        names.push_back(event.name);
    }
    return names;
}

}  // namespace credence::patterns
