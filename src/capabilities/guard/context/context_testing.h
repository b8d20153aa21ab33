// What the tests of this folder share: a store with the tables, and a judge by rules alone.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/id.h"
#include "base/log.h"
#include "base/random.h"
#include "capabilities/guard/context/text_judge.h"
#include "capabilities/guard/judge.h"
#include "capabilities/guard/vault/vault_key.h"
#include "engine/store/testing.h"

namespace credence::guard {

inline const RuleSet& test_rules() {
    static const std::unique_ptr<RuleSet> rules = [] {
        auto loaded = RuleSet::load_embedded();
        CHECK(loaded, "the shipped rules do not load");
        return *std::move(loaded);
    }();
    return *rules;
}

inline Result<JudgedText> judge_by_rules(const Context&, const TextToJudge& what) {
    const RuleSet& rules = test_rules();
    const Analysis analysis = TRY(analyse(rules, what.text, {}, what.source_kind));
    const Judgement judged = judge(rules, analysis, {what.direction, what.source_kind});
    JudgedText out;
    out.score = judged.score;
    out.attack_score = judged.attack;
    out.verdict = judged.attack >= 0.8   ? Verdict::block
                  : judged.attack >= 0.4 ? Verdict::flag
                                         : Verdict::allow;
    for (std::size_t i = 0; i < analysis.findings.size(); ++i) {
        const Finding& finding = analysis.findings[i];
        const Rule& rule = rules.rules()[finding.rule];
        out.threats.push_back({rule.category, rule.technique, rule.severity, judged.scores[i],
                               finding.span, rule.id});
    }
    for (std::size_t i = 0; i < analysis.signal_counts.size(); ++i) {
        if (analysis.signal_counts[i] > 0) {
            out.signals.push_back(rules.signal_names()[i]);
        }
    }
    return out;
}

class ContextTest : public ::testing::Test {
protected:
    static constexpr std::int64_t kStartUs = 1'735'689'600'000'000;

    ContextTest() {
        log::set_level(log::Level::off);
        const store::MigrationText text(store::migrations_of("capabilities/guard"), "0004_context");
        const std::vector<store::Migration> migrations{
            {"store", 1, "events", store::event_migration().up, store::event_migration().down},
            {"guard", 1, "context", text.up, text.down}};
        const auto applied = store::Migrator(path(), migrations, clock_).up();
        EXPECT_TRUE(applied.has_value()) << applied.error().message;
        store::SqliteOptions options = store::at_path(path());
        options.full_sync = false;
        database_ = store::open_or_die(options, clock_, metrics_);
        context_.tenant = "acme";
        other_ = context_;
        other_.tenant = "other";
    }

    std::string path() const { return directory_.file("test.db"); }

    store::TemporaryDirectory directory_;
    ManualClock clock_{kStartUs};
    Metrics metrics_;
    SeededRandom random_{7};
    IdMaker ids_{clock_, random_};
    VaultKey key_ = VaultKey::ephemeral(random_);
    std::unique_ptr<store::Database> database_;
    Context context_;
    Context other_;
};

}  // namespace credence::guard
