#include "capabilities/guard/vault/vault_store.h"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "base/log.h"
#include "base/units.h"
#include "capabilities/guard/vault/sanitise.h"
#include "capabilities/guard/vault/unmask.h"
#include "engine/store/testing.h"

namespace credence::guard {
namespace {

constexpr std::int64_t kStartUs = 1'735'689'600'000'000;

template <class T>
Code code_of(const Result<T>& result) {
    EXPECT_FALSE(result.has_value());
    return result ? Code::internal : result.error().code;
}

MaskItem email(const std::string& value) {
    return {"EMAIL", to_lower(value), value};
}

class VaultTest : public ::testing::Test {
protected:
    VaultTest() {
        log::set_level(log::Level::off);
        const store::MigrationText text(store::migrations_of("capabilities/guard"), "0002_vault");
        const std::vector<store::Migration> migrations{
            {"store", 1, "events", store::event_migration().up, store::event_migration().down},
            {"guard", 1, "vault", text.up, text.down}};
        const auto applied = store::Migrator(path(), migrations, clock_).up();
        EXPECT_TRUE(applied.has_value()) << applied.error().message;
        context_.tenant = "acme";
    }

    std::string path() const { return directory_.file("test.db"); }
    std::string key_path() const { return directory_.file("guard_vault.key"); }

    // As another process would open the same store.
    struct Process {
        Metrics metrics;
        SystemRandom random;
        std::unique_ptr<store::Database> database;
        std::unique_ptr<VaultStore> vaults;
    };
    std::unique_ptr<Process> process() {
        auto out = std::make_unique<Process>();
        store::SqliteOptions options = store::at_path(path());
        options.full_sync = false;
        out->database = store::open_or_die(options, clock_, out->metrics);
        auto key = VaultKey::open(key_path(), out->random);
        EXPECT_TRUE(key.has_value());
        out->vaults = std::make_unique<VaultStore>(
            VaultParts{*out->database, clock_, out->random, *std::move(key)});
        return out;
    }

    std::vector<std::string> seal(Process& with, const std::vector<MaskItem>& items,
                                  MaskFormat format = MaskFormat::number) {
        SealValues request;
        request.vault_id = "run-1";
        request.items = items;
        request.format = format;
        auto masks = with.vaults->seal_values(context_, request);
        EXPECT_TRUE(masks.has_value()) << masks.error().message;
        return masks ? *masks : std::vector<std::string>{};
    }

    OpenedMasks open(Process& with, const std::vector<std::string>& masks) {
        auto opened = with.vaults->open_masks(context_, "run-1", masks);
        EXPECT_TRUE(opened.has_value());
        return opened ? *opened : OpenedMasks{};
    }

    void execute(const std::string& sql) {
        sqlite3* raw = nullptr;
        ASSERT_EQ(sqlite3_open(path().c_str(), &raw), SQLITE_OK);
        EXPECT_EQ(sqlite3_exec(raw, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
            << sqlite3_errmsg(raw);
        sqlite3_close(raw);
    }

    store::TemporaryDirectory directory_;
    ManualClock clock_{kStartUs};
    Context context_;
};

TEST_F(VaultTest, RestoresAcrossTurnsAndProcesses) {
    {
        auto first = process();
        EXPECT_EQ(seal(*first, {email("Ann@x.org"),
                                email("bob@x.org"),
                                email("ann@x.org"),
                                {"PHONE", "+1", "+1"}}),
                  (std::vector<std::string>{"[EMAIL_1]", "[EMAIL_2]", "[EMAIL_1]", "[PHONE_1]"}));
    }
    auto second = process();
    EXPECT_EQ(seal(*second, {email("carl@x.org"), email("bob@x.org")}),
              (std::vector<std::string>{"[EMAIL_3]", "[EMAIL_2]"}));
    const OpenedMasks opened = open(*second, {"[EMAIL_1]", "[EMAIL_2]", "[EMAIL_9]", "[PHONE_1]"});
    EXPECT_EQ(opened.values,
              (std::map<std::string, std::string>{
                  {"[EMAIL_1]", "Ann@x.org"}, {"[EMAIL_2]", "bob@x.org"}, {"[PHONE_1]", "+1"}}));
    EXPECT_EQ(opened.unknown, 1);
    EXPECT_EQ(opened.refused, 0);
}

TEST_F(VaultTest, HashedMasksAreStableAndCannotBeGuessed) {
    auto one = process();
    const auto first = seal(*one, {email("ann@x.org")}, MaskFormat::hash);
    EXPECT_EQ(seal(*one, {email("ANN@x.org")}, MaskFormat::hash), first);
    ASSERT_EQ(first.at(0).size(), 28U);
    EXPECT_EQ(open(*one, first).values.at(first[0]), "ann@x.org");
    SealValues other;
    other.vault_id = "run-2";
    other.items = {email("ann@x.org")};
    other.format = MaskFormat::hash;
    EXPECT_NE(one->vaults->seal_values(context_, other).value(), first);
}

TEST_F(VaultTest, TenantsNameSpacesAndVaultsAreApart) {
    auto one = process();
    seal(*one, {email("ann@x.org")});
    Context other = context_;
    other.tenant = "other";
    EXPECT_EQ(one->vaults->open_masks(other, "run-1", {"[EMAIL_1]"}).value().unknown, 1);
    other = context_;
    other.name_space = "other";
    EXPECT_EQ(one->vaults->open_masks(other, "run-1", {"[EMAIL_1]"}).value().unknown, 1);
    EXPECT_EQ(one->vaults->open_masks(context_, "run-2", {"[EMAIL_1]"}).value().unknown, 1);
}

TEST_F(VaultTest, NothingStandsInClear) {
    {
        auto one = process();
        seal(*one, {email("very.secret.person@example.org"), email("b@x.org")});
    }
    for (const auto& file : std::filesystem::directory_iterator(directory_.file("."))) {
        const auto bytes = read_file(file.path().string(), std::size_t{1} << 24);
        ASSERT_TRUE(bytes.has_value());
        EXPECT_EQ(bytes->find("very.secret.person"), std::string::npos) << file.path();
    }
}

TEST_F(VaultTest, MovedOrChangedValuesAreRefused) {
    auto one = process();
    seal(*one, {email("ann@x.org"), email("bob@x.org"), email("carl@x.org")});
    execute(
        "UPDATE guard_vault_entry SET sealed = (SELECT sealed FROM guard_vault_entry "
        "WHERE tenant = 'acme' AND mask = '[EMAIL_2]') WHERE mask = '[EMAIL_1]'");
    execute(
        "UPDATE guard_vault_entry SET sealed = substr(sealed, 1, length(sealed) - 1) || "
        "CASE substr(sealed, -1) WHEN '0' THEN '1' ELSE '0' END WHERE mask = '[EMAIL_3]'");
    OpenedMasks opened = open(*one, {"[EMAIL_1]", "[EMAIL_2]", "[EMAIL_3]"});
    EXPECT_EQ(opened.refused, 2);
    EXPECT_EQ(opened.values, (std::map<std::string, std::string>{{"[EMAIL_2]", "bob@x.org"}}));
    execute("UPDATE guard_vault_entry SET tenant = 'other'");
    Context other = context_;
    other.tenant = "other";
    EXPECT_EQ(one->vaults->open_masks(other, "run-1", {"[EMAIL_2]"}).value().refused, 1);
}

TEST_F(VaultTest, AnotherKeyOpensNothing) {
    {
        auto one = process();
        seal(*one, {email("ann@x.org")});
    }
    std::filesystem::remove(key_path());
    auto two = process();
    EXPECT_EQ(open(*two, {"[EMAIL_1]"}).refused, 1);
}

TEST_F(VaultTest, ValuesExpireAndTheirNumbersAreNotGivenAgain) {
    auto one = process();
    seal(*one, {email("ann@x.org"), email("bob@x.org")});
    clock_.advance_us(20 * kUsPerDay);
    seal(*one, {email("bob@x.org")});  // seen again: kept longer
    clock_.advance_us(11 * kUsPerDay);
    OpenedMasks opened = open(*one, {"[EMAIL_1]", "[EMAIL_2]"});
    EXPECT_EQ(opened.unknown, 1);
    EXPECT_EQ(opened.values.count("[EMAIL_2]"), 1U);
    EXPECT_EQ(one->vaults->erase_expired(100).value(), 1);
    EXPECT_EQ(one->vaults->erase_expired(100).value(), 0);
    EXPECT_EQ(seal(*one, {email("carl@x.org")}), std::vector<std::string>{"[EMAIL_3]"});
}

TEST_F(VaultTest, EraseForgetsAVault) {
    auto one = process();
    seal(*one, {email("ann@x.org"), email("bob@x.org")});
    EXPECT_EQ(one->vaults->erase(context_, "run-2").value(), 0);
    EXPECT_EQ(one->vaults->erase(context_, "run-1").value(), 2);
    EXPECT_EQ(open(*one, {"[EMAIL_1]"}).unknown, 1);
}

TEST_F(VaultTest, BadInputIsNamed) {
    auto one = process();
    const auto field_of = [&](const SealValues& request) {
        const auto masks = one->vaults->seal_values(context_, request);
        EXPECT_EQ(code_of(masks), Code::invalid);
        return masks ? "" : masks.error().field;
    };
    SealValues good;
    good.vault_id = "v";
    good.items = {email("a@b"), email("c@d")};
    SealValues bad = good;
    bad.vault_id = "a/b";
    EXPECT_EQ(field_of(bad), "vault_id");
    bad = good;
    bad.items[1].label = "NOTHING";
    EXPECT_EQ(field_of(bad), "items[1].label");
    bad = good;
    bad.items[0].value = "";
    EXPECT_EQ(field_of(bad), "items[0].value");
    bad = good;
    bad.format = MaskFormat::redact;
    EXPECT_EQ(field_of(bad), "format");
    bad = good;
    bad.ttl_us = 0;
    EXPECT_EQ(field_of(bad), "ttl_us");
    bad = good;
    bad.items.assign(VaultStore::kMaxItems + 1, email("a@b"));
    EXPECT_EQ(code_of(one->vaults->seal_values(context_, bad)), Code::too_large);
    EXPECT_EQ(code_of(one->vaults->open_masks(context_, "", {})), Code::invalid);
}

TEST_F(VaultTest, NumbersRunOut) {
    auto one = process();
    seal(*one, {email("a@b")});
    execute("UPDATE guard_vault_counter SET last_number = 999998");
    EXPECT_EQ(seal(*one, {email("b@b")}), std::vector<std::string>{"[EMAIL_999999]"});
    SealValues request;
    request.vault_id = "run-1";
    request.items = {email("c@b")};
    EXPECT_EQ(code_of(one->vaults->seal_values(context_, request)), Code::exhausted);
}

// Two processes mask at once: no mask has two meanings, no value two masks.
TEST_F(VaultTest, CountersNeverClash) {
    constexpr int kValues = 60;
    auto one = process();
    auto two = process();
    std::array<std::map<std::string, std::string>, 2> given;  // mask by value
    const auto work = [&](Process& with, std::size_t which, int first) {
        for (int i = 0; i < kValues; ++i) {
            const std::string value = std::to_string(first + i) + "@x.org";
            SealValues request;
            request.vault_id = "run-1";
            request.items = {email(value)};
            auto masks = with.vaults->seal_values(context_, request);
            given[which][value] = masks ? masks->at(0) : masks.error().message;
        }
    };
    std::thread other([&] { work(*two, 1, kValues / 2); });
    work(*one, 0, 0);
    other.join();
    std::map<std::string, std::string> value_of;
    for (const auto& masks : given) {
        for (const auto& [value, mask] : masks) {
            const auto [known, added] = value_of.emplace(mask, value);
            EXPECT_EQ(known->second, value) << mask;
        }
    }
    EXPECT_EQ(value_of.size(), static_cast<std::size_t>(kValues + kValues / 2));
    for (const auto& [mask, value] : value_of) {
        EXPECT_EQ(open(*one, {mask}).values[mask], value);
    }
}

TEST_F(VaultTest, SanitiseAndUnmaskAreInverse) {
    auto one = process();
    const CutFinder finder = [](std::string_view text) -> Result<std::vector<Cut>> {
        std::vector<Cut> cuts;
        for (std::size_t at = text.find("key"); at != std::string_view::npos;
             at = text.find("key", at + 1)) {
            cuts.push_back({{at, at + 5}, CutAction::mask, Detector::github_token, {}});
        }
        return cuts;
    };
    SealValues settings;
    settings.vault_id = "run-1";
    VaultMasks masks(*one->vaults, context_, settings);
    const std::string text = "use key01, then key02, then key01; \"[GITHUB_TOKEN_1]\" is a mask";
    const auto out = sanitise(text, finder, masks);
    ASSERT_TRUE(out.has_value());
    EXPECT_EQ(out->text,
              "use [GITHUB_TOKEN_2], then [GITHUB_TOKEN_3], then [GITHUB_TOKEN_2]; "
              "\"[GITHUB_TOKEN_1]\" is a mask");
    const OpenedMasks opened = open(*one, masks_in(out->text, VaultStore::kMaxItems));
    EXPECT_EQ(unmask(out->text, lookup_in(opened.values)).value().text, text);
}

TEST_F(VaultTest, AKeyFileOpenToOthersIsRefused) {
    SystemRandom random;
    ASSERT_TRUE(VaultKey::open(key_path(), random).has_value());
    struct stat about{};
    ASSERT_EQ(::stat(key_path().c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777U, 0600U);
    ASSERT_EQ(::chmod(key_path().c_str(), 0640), 0);
    EXPECT_EQ(code_of(VaultKey::open(key_path(), random)), Code::unavailable);
}

TEST_F(VaultTest, ADamagedKeyFileIsRefusedAndKept) {
    SystemRandom random;
    std::ofstream(key_path()) << "abcd\n";
    ASSERT_EQ(::chmod(key_path().c_str(), 0600), 0);
    EXPECT_EQ(code_of(VaultKey::open(key_path(), random)), Code::unavailable);
    EXPECT_EQ(read_file(key_path(), 100).value(), "abcd\n");
    EXPECT_EQ(code_of(VaultKey::open(directory_.file("absent/key"), random)), Code::unavailable);
}

TEST_F(VaultTest, ProcessesThatBeginAtOnceShareAKey) {
    std::array<std::string, 8> ids;
    std::vector<std::thread> threads;
    for (std::string& id : ids) {
        threads.emplace_back([&] {
            SystemRandom random;
            auto key = VaultKey::open(key_path(), random);
            id = key ? key->id() : key.error().message;
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 1U) << ids[0] << " " << ids[1];
    EXPECT_EQ(ids[0].size(), VaultKey::kIdDigits);
}

TEST(VaultKey, BindsWhatItSeals) {
    SeededRandom random(1);
    const VaultKey key = VaultKey::ephemeral(random);
    const VaultKey other = VaultKey::ephemeral(random);
    const std::string sealed = key.seal("value", {"a", "bc"}, random);
    EXPECT_NE(sealed, key.seal("value", {"a", "bc"}, random));
    EXPECT_EQ(key.unseal(sealed, {"a", "bc"}), "value");
    EXPECT_EQ(key.unseal(sealed, {"ab", "c"}), std::nullopt);
    EXPECT_EQ(other.unseal(sealed, {"a", "bc"}), std::nullopt);
    EXPECT_EQ(key.unseal(sealed.substr(0, sealed.size() - 2), {"a", "bc"}), std::nullopt);
    EXPECT_EQ(key.unseal("", {}), std::nullopt);
    EXPECT_EQ(key.tag({"a", "bc"}).size(), 64U);
    EXPECT_NE(key.tag({"a", "bc"}), key.tag({"ab", "c"}));
    EXPECT_NE(key.tag({"a"}), other.tag({"a"}));
}

}  // namespace
}  // namespace credence::guard
