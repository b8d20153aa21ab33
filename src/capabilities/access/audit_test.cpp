#include "capabilities/access/audit.h"

#include <thread>

#include "capabilities/access/access_fixture.h"
#include "capabilities/access/audit_rows.h"

namespace credence::access {
namespace {

class AuditTest : public AccessFixture {
protected:
    static constexpr std::int64_t kEntries = 10;

    void SetUp() override {
        AccessFixture::SetUp();
        for (std::int64_t i = 0; i < kEntries; ++i) {
            ASSERT_TRUE(note("keys.create", local()).has_value());
            clock_.advance_us(1);
        }
    }

    Result<void> note(std::string_view operation, const Context& context) {
        return audit_->record(context, AuditEntry{operation, "ok", "d1"});
    }

    // Changes the trail as somebody with the file could, triggers and all.
    void tamper_trail(const std::string& sql) {
        tamper(
            "DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete; "
            "DROP TRIGGER audit_no_replace; DROP TRIGGER audit_head_no_delete; "
            "DROP TRIGGER audit_head_forward; " +
            sql);
    }

    std::string verdict() {
        const auto report = audit_->verify(local(), VerifyAudit{});
        if (report) {
            return "intact";
        }
        EXPECT_EQ(report.error().code, Code::conflict);
        return report.error().message;
    }

    Result<void> write_sql(const std::string& sql) {
        return database_->write([&](store::Tx& tx) -> Result<void> {
            TRY(tx.run(sql));
            return {};
        });
    }
};

TEST_F(AuditTest, AnUntouchedTrailIsIntact) {
    const auto report = audit_->verify(local(), VerifyAudit{});
    ASSERT_TRUE(report.has_value()) << report.error().message;
    EXPECT_TRUE(report->intact);
    EXPECT_EQ(report->entries, kEntries);
    EXPECT_EQ(report->head_hash.size(), 64U);
}

TEST_F(AuditTest, AnEmptyTrailIsIntact) {
    ASSERT_TRUE(tenants_->create(local(), CreateTenant{"acme"}).has_value());
    const auto report = audit_->verify(local(), VerifyAudit{{}, "acme"});
    ASSERT_TRUE(report.has_value());
    EXPECT_EQ(report->entries, 0);
    EXPECT_EQ(report->head_hash, chain_start());
}

TEST_F(AuditTest, EveryChangedColumnIsFound) {
    tamper_trail("");
    for (const std::string column : {"at_us", "actor", "name_space", "operation", "outcome",
                                     "request_digest", "request_id", "surface"}) {
        tamper("CREATE TABLE kept AS SELECT * FROM audit");
        tamper("UPDATE audit SET " + column + " = '1' WHERE seq = 4");
        EXPECT_EQ(verdict(), "audit chain is broken at entry 4: its content was changed") << column;
        tamper("DELETE FROM audit; INSERT INTO audit SELECT * FROM kept; DROP TABLE kept");
        EXPECT_EQ(verdict(), "intact") << column;
    }
    tamper("UPDATE audit SET previous_hash = hash WHERE seq = 4");
    EXPECT_EQ(verdict(),
              "audit chain is broken at entry 4: it does not follow the entry before it");
}

TEST_F(AuditTest, AMovedTenantIsFound) {
    ASSERT_TRUE(tenants_->create(local(), CreateTenant{"acme"}).has_value());
    tamper_trail("UPDATE audit SET tenant = 'acme'; UPDATE audit_head SET tenant = 'acme'");
    const auto report = audit_->verify(local(), VerifyAudit{{}, "acme"});
    ASSERT_FALSE(report.has_value());
    EXPECT_EQ(report.error().message, "audit chain is broken at entry 1: its content was changed");
}

TEST_F(AuditTest, ARemovedEntryIsFound) {
    tamper_trail("DELETE FROM audit WHERE seq = 5");
    EXPECT_EQ(verdict(), "audit chain is broken at entry 5: the entry is missing");
}

TEST_F(AuditTest, ARemovedEntryIsFoundAlsoWhenTheOthersCloseTheGap) {
    tamper_trail(
        "DELETE FROM audit WHERE seq = 5; "
        "UPDATE audit SET seq = -seq + 1 WHERE seq > 5; UPDATE audit SET seq = -seq "
        "WHERE seq < 0; UPDATE audit_head SET seq = 9");
    EXPECT_EQ(verdict(),
              "audit chain is broken at entry 5: it does not follow the entry before it");
}

TEST_F(AuditTest, ARemovedFirstEntryIsFound) {
    tamper_trail("DELETE FROM audit WHERE seq = 1");
    EXPECT_EQ(verdict(), "audit chain is broken at entry 1: the entry is missing");
}

TEST_F(AuditTest, RemovedNewestEntriesAreFound) {
    tamper_trail("DELETE FROM audit WHERE seq > 7");
    EXPECT_EQ(verdict(), "audit chain is broken at entry 8: the entry is missing");
}

TEST_F(AuditTest, ARemovedTrailIsFound) {
    tamper_trail("DELETE FROM audit");
    EXPECT_EQ(verdict(), "audit chain is broken at entry 1: the entry is missing");
}

TEST_F(AuditTest, ARemovedHeadIsFound) {
    tamper_trail("DELETE FROM audit_head");
    EXPECT_EQ(verdict(),
              "audit chain is broken at entry 1: the head of the chain does not know this entry");
    // And nothing can be appended to a trail without its head.
    EXPECT_FALSE(note("keys.create", local()).has_value());
}

TEST_F(AuditTest, ReorderedEntriesAreFound) {
    tamper_trail(
        "UPDATE audit SET seq = 100 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 4;"
        "UPDATE audit SET seq = 4 WHERE seq = 100");
    EXPECT_EQ(verdict(),
              "audit chain is broken at entry 3: it does not follow the entry before it");
}

TEST_F(AuditTest, AnEntryInsertedWithACorrectHashIsFound) {
    AuditRecord forged;
    const auto last = audit_->list(local(), ListAudit{1, {}, {}, {}, {}, {}});
    ASSERT_TRUE(last.has_value());
    forged = last->entries.at(0);
    forged.seq = kEntries + 1;
    forged.previous_hash = last->entries.at(0).hash;
    forged.hash = hash_of("default", forged);
    tamper(
        "INSERT INTO audit SELECT tenant, 11, at_us, actor, name_space, operation, outcome, "
        "request_digest, request_id, surface, '" +
        forged.previous_hash + "', '" + forged.hash + "' FROM audit WHERE seq = 10");
    EXPECT_EQ(verdict(),
              "audit chain is broken at entry 11: the head of the chain does not know this entry");
}

TEST_F(AuditTest, AnEntryInsertedInTheMiddleIsFound) {
    tamper_trail(
        "UPDATE audit SET seq = -seq - 1 WHERE seq > 5; UPDATE audit SET seq = -seq WHERE "
        "seq < 0; INSERT INTO audit SELECT tenant, 6, at_us, actor, name_space, operation, "
        "outcome, request_digest, request_id, surface, hash, hash FROM audit WHERE seq = 5;"
        "UPDATE audit_head SET seq = 11");
    EXPECT_EQ(verdict(), "audit chain is broken at entry 6: its content was changed");
}

TEST_F(AuditTest, AnEntryBeforeTheFirstIsFound) {
    tamper(
        "INSERT INTO audit SELECT tenant, 0, at_us, actor, name_space, operation, outcome, "
        "request_digest, request_id, surface, previous_hash, hash FROM audit WHERE seq = 1");
    EXPECT_EQ(verdict(), "audit chain is broken at entry 0: there is no place for this entry");
}

TEST_F(AuditTest, AnUnreadableEntryIsFound) {
    tamper_trail("UPDATE audit SET at_us = 'never' WHERE seq = 2");
    EXPECT_TRUE(verdict().starts_with("audit chain is broken at entry")) << verdict();
}

TEST_F(AuditTest, ARecomputedChainLacksTheAnchor) {
    const std::string noted = audit_->verify(local(), VerifyAudit{})->head_hash;
    EXPECT_TRUE(note("keys.revoke", local()).has_value());
    EXPECT_TRUE(audit_->verify(local(), VerifyAudit{noted, {}}).has_value());
    tamper_trail("DELETE FROM audit; DELETE FROM audit_head");
    for (std::int64_t i = 0; i < kEntries; ++i) {
        ASSERT_TRUE(note("harmless.look", local()).has_value());
    }
    EXPECT_EQ(verdict(), "intact") << "a whole new chain is consistent in itself";
    EXPECT_EQ(code_of(audit_->verify(local(), VerifyAudit{noted, {}})), Code::conflict);
}

TEST_F(AuditTest, TheStoreRefusesToChangeTheTrail) {
    for (const std::string sql :
         {"UPDATE audit SET actor = 'x' WHERE tenant = 'default'",
          "DELETE FROM audit WHERE tenant = 'default'",
          "INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE tenant = 'default'",
          "DELETE FROM audit_head WHERE tenant = 'default'",
          "UPDATE audit_head SET seq = 3 WHERE tenant = 'default'"}) {
        EXPECT_FALSE(write_sql(sql).has_value()) << sql;
    }
    EXPECT_EQ(verdict(), "intact");
}

TEST_F(AuditTest, ManyThreadsMakeOneChain) {
    constexpr int kThreads = 8;
    constexpr int kEach = 50;
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
        threads.emplace_back([this] {
            for (int n = 0; n < kEach; ++n) {
                EXPECT_TRUE(note("guard.scan", local()).has_value());
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(audit_->verify(local(), VerifyAudit{})->entries, kEntries + kThreads * kEach);
}

TEST_F(AuditTest, LongTrailsAreWalkedPageByPage) {
    // In one transaction: a thousand commits would only test the disk.
    ASSERT_TRUE(database_
                    ->write([&](store::Tx& tx) -> Result<void> {
                        const auto last = TRY(audit_rows::walk(tx, "default", kEntries, 1));
                        AuditRecord record = last.at(0);
                        for (int i = 0; i < 2 * Audit::kPageRows; ++i) {
                            ++record.seq;
                            record.previous_hash = record.hash;
                            record.hash = hash_of("default", record);
                            TRY(audit_rows::append(tx, "default", record));
                        }
                        return {};
                    })
                    .has_value());
    EXPECT_EQ(audit_->verify(local(), VerifyAudit{})->entries, kEntries + 2 * Audit::kPageRows);
    tamper_trail("UPDATE audit SET actor = 'x' WHERE seq = 1500");
    EXPECT_EQ(verdict(), "audit chain is broken at entry 1500: its content was changed");
}

TEST_F(AuditTest, VerifyingEndsAtItsDeadline) {
    Context late = local();
    late.deadline_us = clock_.steady_us() - 1;
    EXPECT_EQ(code_of(audit_->verify(late, VerifyAudit{})), Code::timeout);
}

TEST_F(AuditTest, WalksTheChainsOfOtherModulesToo) {
    EXPECT_TRUE(audit_->verify(local(), VerifyAudit{})->chains.empty());
    std::string walked_for;
    // Added after the service was made, as modules do.
    chains_.push_back({"trust", [&](store::Tx&, std::string_view tenant) -> Result<ChainReport> {
                           walked_for = tenant;
                           return ChainReport{3, "abc"};
                       }});
    const auto report = audit_->verify(local(), VerifyAudit{});
    ASSERT_TRUE(report.has_value()) << report.error().message;
    EXPECT_EQ(report->entries, kEntries);
    ASSERT_EQ(report->chains.size(), 1U);
    EXPECT_EQ(report->chains[0].name, "trust");
    EXPECT_EQ(report->chains[0].entries, 3);
    EXPECT_EQ(report->chains[0].head_hash, "abc");
    EXPECT_EQ(walked_for, "default");
}

TEST_F(AuditTest, ABrokenChainOfAnotherModuleFailsTheVerification) {
    chains_.push_back({"trust", [](store::Tx&, std::string_view) -> Result<ChainReport> {
                           return fail(Code::conflict, "trust chain is broken at entry 17: …");
                       }});
    EXPECT_EQ(verdict(), "trust chain is broken at entry 17: …");
}

TEST_F(AuditTest, TheDeadlineHoldsForTheChainsOfOtherModules) {
    Context slow = local();
    slow.deadline_us = clock_.steady_us() + 1;
    for (int i = 0; i < 2; ++i) {
        chains_.push_back({"slow", [this](store::Tx&, std::string_view) -> Result<ChainReport> {
                               clock_.advance_us(2);
                               return ChainReport{};
                           }});
    }
    EXPECT_EQ(code_of(audit_->verify(slow, VerifyAudit{})), Code::timeout);
}

TEST_F(AuditTest, ListsNewestFirstInPagesAndFiltered) {
    ASSERT_TRUE(note("keys.revoke", local()).has_value());
    const auto newest = audit_->list(local(), ListAudit{4, {}, {}, {}, {}, {}});
    ASSERT_TRUE(newest.has_value());
    ASSERT_EQ(newest->entries.size(), 4U);
    EXPECT_EQ(newest->entries[0].seq, kEntries + 1);
    EXPECT_EQ(newest->entries[0].operation, "keys.revoke");
    EXPECT_EQ(newest->entries[0].actor, "local");
    EXPECT_EQ(newest->entries[0].surface, "cli");
    ASSERT_TRUE(newest->next_before_seq.has_value());
    const auto older =
        audit_->list(local(), ListAudit{100, newest->next_before_seq, {}, {}, {}, {}});
    ASSERT_TRUE(older.has_value());
    EXPECT_EQ(older->entries.size(), 7U);
    EXPECT_FALSE(older->next_before_seq.has_value());
    const auto revocations = audit_->list(local(), ListAudit{100, {}, {}, "keys.revoke", {}, {}});
    EXPECT_EQ(revocations->entries.size(), 1U);
}

TEST_F(AuditTest, TenantsHaveTheirOwnChains) {
    ASSERT_TRUE(tenants_->create(local(), CreateTenant{"acme"}).has_value());
    Context acme = local();
    acme.tenant = "acme";
    ASSERT_TRUE(note("guard.scan", acme).has_value());
    const auto page = audit_->list(acme, ListAudit{});
    ASSERT_TRUE(page.has_value());
    ASSERT_EQ(page->entries.size(), 1U);
    EXPECT_EQ(page->entries[0].seq, 1);
    EXPECT_EQ(code_of(audit_->verify(acme, VerifyAudit{{}, "default"})), Code::forbidden);
}

TEST(AuditChain, EncodingTellsNeighbouringFieldsApart) {
    AuditRecord a;
    a.actor = "ab";
    a.name_space = "c";
    AuditRecord b;
    b.actor = "a";
    b.name_space = "bc";
    EXPECT_NE(hash_of("default", a), hash_of("default", b));
    EXPECT_EQ(hash_of("default", a), hash_of("default", a));
    EXPECT_NE(hash_of("default", a), hash_of("acme", a));
}

}  // namespace
}  // namespace credence::access
