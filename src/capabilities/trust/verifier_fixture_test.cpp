#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>

#include "base/log.h"
#include "capabilities/trust/agents.h"
#include "capabilities/trust/recipes.h"
#include "capabilities/trust/trees.h"
#include "capabilities/trust/verification_rows.h"
#include "capabilities/trust/verifier_fixture.h"

namespace credence::trust {
namespace {

constexpr const char* kFileName = "test.db";

// Every migration of the module, in order.
std::vector<std::string> stems() {
    std::vector<std::string> out;
    constexpr std::string_view kEnd = ".up.sql";
    const std::string folder = store::migrations_of("capabilities/trust");
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        if (name.ends_with(kEnd)) {
            out.push_back(name.substr(0, name.size() - kEnd.size()));
        }
    }
    std::ranges::sort(out);
    return out;
}

}  // namespace

void VerifierFixture::SetUpTestSuite() {
    log::set_level(log::Level::off);
    template_ = std::make_unique<store::TemporaryDirectory>();
    std::map<std::string, store::MigrationText> texts;
    for (const std::string& stem : stems()) {
        texts.emplace(stem, store::MigrationText(store::migrations_of("capabilities/trust"), stem));
    }
    std::vector<store::Migration> migrations{
        {"store", 1, "events", store::event_migration().up, store::event_migration().down}};
    constexpr std::size_t kNameAt = 5;  // "0001_agents"
    int number = 0;
    for (const auto& [stem, text] : texts) {
        migrations.push_back({"trust", ++number, stem.substr(kNameAt), text.up, text.down});
    }
    const ManualClock clock(kStartUs);
    const auto applied = store::Migrator(template_->file(kFileName), migrations, clock).up();
    ASSERT_TRUE(applied.has_value()) << applied.error().message;
}

void VerifierFixture::TearDownTestSuite() {
    template_.reset();
}

void VerifierFixture::SetUp() {
    directory_ = std::make_unique<store::TemporaryDirectory>();
    std::filesystem::copy_file(template_->file(kFileName), directory_->file(kFileName));
    store::SqliteOptions options = store::at_path(directory_->file(kFileName));
    options.full_sync = false;  // the tests are not about power cuts
    database_ = store::open_or_die(options, clock_, metrics_);
    parts_ = std::make_unique<TrustParts>(TrustParts{*database_, clock_, random_, ids_, metrics_});
    tree_path_ = directory_->file("project");
    ASSERT_TRUE(std::filesystem::create_directory(tree_path_));
    write_file("check.py", "print('hello')\n");
    keys_ = std::make_unique<SigningKeys>(*parts_, directory_->file("keys"));
    VerifierParts parts{*parts_, sandbox_, listeners_, *keys_, {}, {}, {}};
    parts.sandbox_settings.staging = directory_->file("staging");
    std::filesystem::create_directory(parts.sandbox_settings.staging);
    verifier_ = std::make_unique<Verifier>(parts);
    add_agent("agent-1", "local");
    add_recipe(check_recipe_of("check"));
    add_tree("default", tree_path_);
    will_finish(0, "{}");
}

void VerifierFixture::TearDown() {
    verifier_.reset();
    database_.reset();
    directory_.reset();
}

Context VerifierFixture::local() {
    Context context;
    context.scopes = Scopes::all();
    context.surface = "cli";
    return context;
}

void VerifierFixture::add_agent(const std::string& agent_id, const std::string& owner) {
    const auto added = Agents(*parts_).create(local(), CreateAgent{agent_id, owner});
    ASSERT_TRUE(added.has_value()) << added.error().message;
}

void VerifierFixture::add_recipe(const Recipe& recipe) {
    const auto added = Recipes(*parts_, {}).put(local(), recipe);
    ASSERT_TRUE(added.has_value()) << added.error().field << " " << added.error().message;
}

void VerifierFixture::add_tree(const std::string& name, const std::string& path) {
    const auto added = Trees(*parts_, {}).register_(local(), RegisterTree{name, path});
    ASSERT_TRUE(added.has_value()) << added.error().message;
}

Recipe VerifierFixture::check_recipe_of(const std::string& name) {
    Recipe recipe;
    recipe.name = name;
    recipe.summary = "A check";
    recipe.kinds = {ClaimKind::test_result, ClaimKind::performance_metric, ClaimKind::custom};
    recipe.argv = {"/usr/bin/python3", "-I", "check.py", "{paths...}"};
    recipe.commands = {name + " {paths...}"};
    RecipeParameter paths;
    paths.many = true;
    paths.doc = "What to look at";
    recipe.parameters.emplace("paths", paths);
    recipe.report = ReportFormat::json;
    recipe.strength = 0.8;
    return recipe;
}

VerifyClaim VerifierFixture::request(const std::string& claim) {
    VerifyClaim out;
    out.agent_id = "agent-1";
    out.claim_type = ClaimKind::custom;
    out.claim_content.text = claim;
    out.recipe = "check";
    return out;
}

sandbox::Finished VerifierFixture::finished(std::int64_t exit_code, const std::string& output) {
    sandbox::Finished out;
    out.ending = sandbox::Ending::exited;
    out.exit_code = exit_code;
    out.output = {output, std::ssize(output), sha256_hex(output), false};
    out.error.sha256 = sha256_hex("");
    out.duration_us = 1500;
    out.cpu_us = 900;
    out.runner = sandbox::Runner::native;
    return out;
}

void VerifierFixture::will_finish(std::int64_t exit_code, const std::string& output) {
    sandbox_.answer = [answer = finished(exit_code, output)](const sandbox::Command&) {
        return Result<sandbox::Finished>(answer);
    };
}

void VerifierFixture::will_fail(Code code, const std::string& message) {
    sandbox_.answer = [code, message](const sandbox::Command&) {
        return Result<sandbox::Finished>(fail(code, message));
    };
}

void VerifierFixture::write_file(const std::string& name, const std::string& text) const {
    std::ofstream(tree_path_ + "/" + name) << text;
}

void VerifierFixture::tamper(const std::string& sql) const {
    sqlite3* connection = nullptr;
    ASSERT_EQ(sqlite3_open(directory_->file(kFileName).c_str(), &connection), SQLITE_OK);
    char* message = nullptr;
    const int result = sqlite3_exec(connection, sql.c_str(), nullptr, nullptr, &message);
    EXPECT_EQ(result, SQLITE_OK) << (message != nullptr ? message : "");
    sqlite3_free(message);
    sqlite3_close(connection);
}

std::int64_t VerifierFixture::count_rows(const std::string& sql) {
    const auto count = database_->read(
        [&](store::Tx& tx) -> Result<std::int64_t> { return TRY(tx.query(sql)).integer(0, 0); });
    EXPECT_TRUE(count.has_value()) << (count ? "" : count.error().message);
    return count.value_or(-1);
}

std::string VerifierFixture::text_of(const std::string& sql) {
    const auto text = database_->read(
        [&](store::Tx& tx) -> Result<std::string> { return TRY(tx.query(sql)).text(0, 0); });
    EXPECT_TRUE(text.has_value()) << (text ? "" : text.error().message);
    return text.value_or("");
}

std::string VerifierFixture::digest_of(const VerificationId& id) {
    const auto digest =
        database_->read([&](store::Tx& tx) { return recompute_record_digest(tx, "default", id); });
    EXPECT_TRUE(digest.has_value());
    return digest && *digest ? **digest : "";
}

}  // namespace credence::trust
