#include "capabilities/trust/score_fixture.h"

#include <sqlite3.h>

#include "base/log.h"

namespace credence::trust {

void ScoreFixture::SetUp() {
    log::set_level(log::Level::off);
    const std::string folder = store::migrations_of("capabilities/trust");
    const store::MigrationText agents(folder, "0001_agents");
    const store::MigrationText recipes(folder, "0002_recipes");
    const store::MigrationText verifications(folder, "0003_verifications");
    const store::MigrationText trust_log(folder, "0004_trust_log");
    const auto& events = store::event_migration();
    const std::vector<store::Migration> migrations{
        {"store", 1, "events", events.up, events.down},
        {"trust", 1, "agents", agents.up, agents.down},
        {"trust", 2, "recipes", recipes.up, recipes.down},
        {"trust", 3, "verifications", verifications.up, verifications.down},
        {"trust", 4, "trust_log", trust_log.up, trust_log.down}};
    const std::string path = directory_.file("test.db");
    const auto migrated = store::Migrator(path, migrations, clock_).up();
    ASSERT_TRUE(migrated.has_value()) << migrated.error().message;
    store::SqliteOptions options = store::at_path(path);
    options.full_sync = false;  // the tests are not about power cuts
    database_ = store::open_or_die(options, clock_, metrics_);
    parts_ = std::make_unique<TrustParts>(TrustParts{*database_, clock_, random_, ids_, metrics_});
    agents_ = std::make_unique<Agents>(*parts_);
    gate_ = make_gate(*parts_, shipped_policies());
    trust_ = std::make_unique<Trust>(*parts_, Trust::Services{*gate_});
}

void ScoreFixture::tamper(const std::string& sql) const {
    sqlite3* connection = nullptr;
    ASSERT_EQ(sqlite3_open(directory_.file("test.db").c_str(), &connection), SQLITE_OK);
    char* message = nullptr;
    const int result = sqlite3_exec(connection, sql.c_str(), nullptr, nullptr, &message);
    EXPECT_EQ(result, SQLITE_OK) << sql << ": " << (message != nullptr ? message : "");
    sqlite3_free(message);
    sqlite3_close(connection);
}

void ScoreFixture::drop_triggers() const {
    tamper(
        "DROP TRIGGER trust_log_no_update; DROP TRIGGER trust_log_no_delete; "
        "DROP TRIGGER trust_log_no_replace; DROP TRIGGER trust_head_no_delete; "
        "DROP TRIGGER trust_head_forward");
}

Context ScoreFixture::admin() {
    Context context;
    context.scopes = Scopes::all();
    return context;
}

Context ScoreFixture::key(const std::string& actor, const std::string& name_space) {
    Context context;
    context.actor = actor;
    context.name_space = name_space;
    context.scopes = Scopes({"agents:write", "trust:read", "trust:write"});
    return context;
}

void ScoreFixture::make_agent(const std::string& agent_id, const Context& context) {
    const auto made = agents_->create(context, CreateAgent{agent_id, std::nullopt});
    ASSERT_TRUE(made.has_value()) << made.error().message;
}

Evidence ScoreFixture::evidence(const std::string& agent_id, Outcome outcome) {
    Evidence out;
    out.verification_id = ids_.make<VerificationId>();
    out.agent_id = agent_id;
    out.kind = ClaimKind::test_result;
    out.outcome = outcome;
    out.strength = 1;
    const std::string number = std::to_string(++efforts_);
    out.claim_digest = "claim " + number;
    out.effort_digest = "effort " + number;
    out.record_digest = "record " + number;
    return out;
}

Result<AppliedEvidence> ScoreFixture::apply(const Context& context, const Evidence& given) {
    return database_->write(
        [&](store::Tx& tx) { return apply_evidence(tx, context, clock_.now_us(), given); });
}

Result<std::int64_t> ScoreFixture::defer(const Context& context, const Evidence& given) {
    return database_->write(
        [&](store::Tx& tx) { return defer_evidence(tx, context, clock_.now_us(), given); });
}

void ScoreFixture::apply_many(const std::string& agent_id, int count, Outcome outcome) {
    const auto done = database_->write([&](store::Tx& tx) -> Result<void> {
        for (int i = 0; i < count; ++i) {
            TRY(apply_evidence(tx, admin(), clock_.now_us(), evidence(agent_id, outcome)));
        }
        return {};
    });
    ASSERT_TRUE(done.has_value()) << done.error().message;
}

Result<GateDecision> ScoreFixture::ask(const std::string& agent_id, const std::string& action,
                                       std::optional<ClaimKind> kind) {
    return trust_->gate(key("somebody"), GateQuery{agent_id, action, kind});
}

KindTrust ScoreFixture::trust_of(const std::string& agent_id) {
    const auto score =
        trust_->get_trust_score(admin(), GetTrustScore{agent_id, ClaimKind::test_result});
    EXPECT_TRUE(score.has_value());
    return score && !score->kinds.empty() ? score->kinds.front() : KindTrust{};
}

std::int64_t ScoreFixture::events(const std::string& name) {
    return database_
        ->read([&](store::Tx& tx) -> Result<std::int64_t> {
            return TRY(tx.query("SELECT COUNT(*) FROM event WHERE name = $1", name)).integer(0, 0);
        })
        .value_or(-1);
}

std::string ScoreFixture::replayed() {
    const auto report = trust_->replay(admin(), Empty{});
    if (report) {
        return "intact";
    }
    EXPECT_EQ(report.error().code, Code::conflict) << report.error().message;
    return report.error().message;
}

std::string ScoreFixture::chain_verdict(const RecordCheck& check) {
    const HashChain chain = trust_chain(check);
    const auto report = database_->read([&](store::Tx& tx) { return chain.verify(tx, "default"); });
    if (report) {
        return "intact";
    }
    EXPECT_EQ(report.error().code, Code::conflict) << report.error().message;
    return report.error().message;
}

}  // namespace credence::trust
