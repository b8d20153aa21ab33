#include <sqlite3.h>

#include <cstdlib>

#include "base/log.h"
#include "base/text.h"
#include "capabilities/access/access_fixture.h"

namespace credence::access {
namespace {

constexpr const char* kFileName = "test.db";
constexpr std::size_t kMaxSqlBytes = 1 << 20;

struct MigrationText {
    std::string name;
    std::string up;
    std::string down;
};

std::filesystem::path source_root() {
    return CREDENCE_SOURCE_ROOT;
}

std::string text_of(const std::filesystem::path& path) {
    auto text = read_file(path.string(), kMaxSqlBytes);
    EXPECT_TRUE(text.has_value()) << path;
    return text.value_or("");
}

MigrationText read_migration(const std::filesystem::path& stem) {
    return {stem.filename().string(), text_of(stem.string() + ".up.sql"),
            text_of(stem.string() + ".down.sql")};
}

std::filesystem::path make_directory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "access_XXXXXX").string();
    EXPECT_NE(mkdtemp(pattern.data()), nullptr);
    return pattern;
}

}  // namespace

void AccessFixture::SetUpTestSuite() {
    log::set_level(log::Level::off);
    template_directory_ = make_directory();
    const MigrationText events =
        read_migration(source_root() / "engine/store/migrations/0001_events");
    const MigrationText access =
        read_migration(source_root() / "capabilities/access/migrations/0001_access");
    const std::vector<store::Migration> migrations = {
        {"store", 1, events.name, events.up, events.down},
        {"access", 1, access.name, access.up, access.down},
    };
    const ManualClock clock(kStartUs);
    const std::string path = (template_directory_ / kFileName).string();
    const auto migrated = store::Migrator(path, migrations, clock).up();
    ASSERT_TRUE(migrated.has_value()) << migrated.error().message;
}

void AccessFixture::TearDownTestSuite() {
    std::filesystem::remove_all(template_directory_);
}

void AccessFixture::SetUp() {
    directory_ = make_directory();
    const std::string path = (directory_ / kFileName).string();
    std::filesystem::copy_file(template_directory_ / kFileName, path);
    store::SqliteOptions options;
    options.path = path;
    options.full_sync = false;  // the tests are not about power cuts
    auto opened = store::open_sqlite(options, clock_, metrics_);
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    database_ = *std::move(opened);
    parts_ =
        std::make_unique<AccessParts>(AccessParts{*database_, clock_, random_, ids_, metrics_});
    gate_ = std::make_unique<Gate>(*parts_, AccessSettings{});
    ASSERT_TRUE(gate_->refresh().has_value());
    tenants_ = std::make_unique<Tenants>(*parts_, *gate_);
    namespaces_ = std::make_unique<Namespaces>(*parts_, *gate_);
    keys_ = std::make_unique<Keys>(*parts_, *gate_);
    audit_ = std::make_unique<Audit>(*parts_, chains_);
}

void AccessFixture::TearDown() {
    gate_.reset();
    database_.reset();
    std::filesystem::remove_all(directory_);
}

void AccessFixture::tamper(const std::string& sql) const {
    sqlite3* connection = nullptr;
    ASSERT_EQ(sqlite3_open((directory_ / kFileName).c_str(), &connection), SQLITE_OK);
    char* message = nullptr;
    const int result = sqlite3_exec(connection, sql.c_str(), nullptr, nullptr, &message);
    EXPECT_EQ(result, SQLITE_OK) << (message != nullptr ? message : "");
    sqlite3_free(message);
    sqlite3_close(connection);
}

Context AccessFixture::local() const {
    Context context;
    context.scopes = Scopes::all();
    context.surface = "cli";
    return context;
}

Result<Admission> AccessFixture::knock(const std::string& bearer, const std::string& name_space) {
    Credentials credentials;
    credentials.bearer = bearer;
    credentials.address = "203.0.113.9";
    credentials.name_space = name_space;
    credentials.surface = "http";
    return gate_->admit(credentials);
}

Context AccessFixture::with_key(const std::string& key) {
    auto admission = knock(key);
    EXPECT_TRUE(admission.has_value());
    return admission ? admission->context : Context{};
}

IssuedKey AccessFixture::make_key(const std::vector<std::string>& scopes) {
    auto key = keys_->create(local(), CreateKey{"test", scopes, {}, {}, {}, {}});
    EXPECT_TRUE(key.has_value()) << (key ? "" : key.error().message);
    return key.value_or(IssuedKey{});
}

}  // namespace credence::access
