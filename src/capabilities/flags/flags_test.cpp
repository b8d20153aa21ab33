#include "capabilities/flags/flags.h"

#include <gtest/gtest.h>

#include "engine/store/testing.h"

namespace credence::flags {
namespace {

constexpr std::int64_t kNowUs = 1'735'689'600'000'000;

class FlagsTest : public testing::Test {
protected:
    FlagsTest() {
        const store::MigrationText text(store::migrations_of("capabilities/flags"), "0001_flags");
        const std::vector<store::Migration> migrations{
            {"store", 1, "events", store::event_migration().up, store::event_migration().down},
            {"flags", 1, "flags", text.up, text.down}};
        CHECK(store::Migrator(path_, migrations, clock_).up() == 2, "not migrated");
        database_ = store::open_or_die(store::at_path(path_), clock_, metrics_);
        add("patterns", "learn_pattern", "learn_pattern");
        add("patterns", "get", "patterns_get");
        add("flags", "list", "flags_list");
        catalog_.freeze();
        flags_ = std::make_unique<Flags>(*database_, clock_, catalog_);
        operator_.scopes = Scopes::all();
        operator_.actor = "root";
        tenant_.tenant = "acme";
        tenant_.scopes = Scopes({"flags:*"});
    }

    void add(const std::string& module, const std::string& verb, const std::string& tool) {
        Operation operation;
        operation.module = module;
        operation.verb = verb;
        operation.name = module + "." + verb;
        operation.summary = "Test";
        operation.path = "/v1/" + module + "/" + verb;
        operation.scope = module + ":read";
        operation.mcp_name = tool;
        operation.request = &shape_of<Empty>();
        operation.response = &shape_of<Empty>();
        operation.call = [](const Context&, std::string_view, std::string&) {
            return Result<void>{};
        };
        catalog_.add(std::move(operation));
    }

    bool is_on(const Flags& flags, std::string_view tenant, std::string_view operation) {
        return flags.check(tenant, *catalog_.find(operation)).has_value();
    }

    store::TemporaryDirectory directory_;
    std::string path_ = directory_.file("flags.db");
    ManualClock clock_{kNowUs};
    Metrics metrics_;
    Catalog catalog_;
    std::unique_ptr<store::Database> database_;
    std::unique_ptr<Flags> flags_;
    Context operator_;
    Context tenant_;
};

TEST_F(FlagsTest, AToolIsOffForItsTenantOnlyAndSaysWhy) {
    const auto disabled = flags_->disable(tenant_, {"learn_pattern", "incident 7", false});
    ASSERT_TRUE(disabled.has_value());
    EXPECT_EQ(disabled->operation, "patterns.learn_pattern");
    EXPECT_EQ(disabled->disabled_at_us, kNowUs);
    const auto refused = flags_->check("acme", *catalog_.find("patterns.learn_pattern"));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, Code::unavailable);
    EXPECT_EQ(refused.error().message, "patterns.learn_pattern is switched off: incident 7");
    EXPECT_TRUE(is_on(*flags_, "acme", "patterns.get"));
    EXPECT_TRUE(is_on(*flags_, "default", "patterns.learn_pattern"));
}

TEST_F(FlagsTest, AModuleGoesOffWhole) {
    ASSERT_TRUE(flags_->disable(operator_, {"patterns.*", "rollback", true}).has_value());
    EXPECT_FALSE(is_on(*flags_, "acme", "patterns.get"));
    EXPECT_FALSE(is_on(*flags_, "default", "patterns.learn_pattern"));
    EXPECT_TRUE(is_on(*flags_, "acme", "flags.list"));
    const auto listed = flags_->list(tenant_, {});
    ASSERT_TRUE(listed.has_value());
    ASSERT_EQ(listed->disabled.size(), 1U);
    EXPECT_EQ(listed->disabled[0].operation, "patterns.*");
    EXPECT_EQ(listed->disabled[0].disabled_by, "root");
    EXPECT_TRUE(listed->disabled[0].everywhere);
    ASSERT_TRUE(flags_->enable(operator_, {"patterns.*", true}).has_value());
    EXPECT_TRUE(is_on(*flags_, "acme", "patterns.get"));
}

TEST_F(FlagsTest, RefusesWhatWouldLockTheDoorOrDoNothing) {
    EXPECT_EQ(flags_->disable(operator_, {"flags.*", "no", false}).error().code, Code::conflict);
    EXPECT_EQ(flags_->disable(operator_, {"flags_list", "no", false}).error().code, Code::conflict);
    EXPECT_EQ(flags_->disable(operator_, {"nothing.*", "no", false}).error().code, Code::not_found);
    EXPECT_EQ(flags_->disable(operator_, {"patterns", "no", false}).error().code, Code::not_found);
    EXPECT_EQ(flags_->disable(tenant_, {"patterns.get", "no", true}).error().code, Code::forbidden);
    EXPECT_EQ(flags_->enable(tenant_, {"patterns.get", false}).error().code, Code::not_found);
}

TEST_F(FlagsTest, AnotherProcessSeesItAfterItsRefresh) {
    Flags other(*database_, clock_, catalog_);
    ASSERT_TRUE(flags_->disable(tenant_, {"patterns.get", "off", false}).has_value());
    EXPECT_TRUE(is_on(other, "acme", "patterns.get"));
    ASSERT_TRUE(other.refresh().has_value());
    EXPECT_FALSE(is_on(other, "acme", "patterns.get"));
}

}  // namespace
}  // namespace credence::flags
