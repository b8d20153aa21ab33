// For tests: the module's service on a file database of its own, with stand-ins for trust (agents,
// gate) and for the search.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/text.h"
#include "base/units.h"
#include "capabilities/patterns/patterns.h"
#include "capabilities/patterns/patterns_rows.h"
#include "engine/store/testing.h"

namespace credence::patterns {

// Refuses the agents in `refused`.
class ScriptedGate final : public trust::Gate {
public:
    Result<trust::GateDecision> check(store::Tx&, const Context&,
                                      const trust::GateQuery& query) override {
        actions.push_back(query.action);
        trust::GateDecision decision;
        decision.allowed = !refused.contains(query.agent_id);
        decision.reason = "as told";
        decision.would_change = "tell otherwise";
        return decision;
    }

    std::set<std::string> refused;
    std::vector<std::string> actions;
};

// Relevance is the share of words in common.
class WordSearch final : public PatternSearch {
public:
    Result<void> put(store::Tx&, const IndexedPattern& pattern) override {
        patterns_.insert_or_assign({pattern.tenant, pattern.id}, pattern);
        return {};
    }
    Result<void> remove(store::Tx&, std::string_view tenant, const PatternId& id) override {
        patterns_.erase({std::string(tenant), id});
        return {};
    }
    Result<std::vector<Hit>> search(store::Tx&, const SearchQuery& query) override {
        std::vector<Hit> hits;
        for (const auto& [key, pattern] : patterns_) {
            const double alike = overlap(query.text, pattern.text);
            const bool fits = key.first == query.tenant && alike > 0 &&
                              (!query.category || *query.category == pattern.category) &&
                              (everything || query.visible(pattern.visibility));
            if (fits) {
                hits.push_back({pattern.id, alike, alike, alike});
            }
        }
        std::ranges::stable_sort(hits, std::ranges::greater(), &Hit::relevance);
        if (std::ssize(hits) > query.limit) {
            hits.resize(static_cast<std::size_t>(query.limit));
        }
        return hits;
    }
    Result<double> similarity(std::string_view a, std::string_view b) override {
        return overlap(a, b);
    }
    Result<int> embed_pending(int) override { return 0; }
    std::size_t size() const { return patterns_.size(); }

    bool everything = false;  // a faulty index: forgets to ask who may see

private:
    static std::set<std::string> words(std::string_view text) {
        std::set<std::string> out;
        for (const auto word : split(text, ' ')) {
            out.insert(to_lower(word));
        }
        return out;
    }
    static double overlap(std::string_view a, std::string_view b) {
        const auto left = words(a);
        const auto right = words(b);
        const auto common = std::ranges::count_if(left, [&](auto& w) { return right.contains(w); });
        const auto all = left.size() + right.size() - static_cast<std::size_t>(common);
        return static_cast<double>(common) / static_cast<double>(all);
    }

    std::map<std::pair<std::string, PatternId>, IndexedPattern> patterns_;
};

class PatternsFixture : public ::testing::Test {
protected:
    static constexpr std::int64_t kStartUs = 1'735'689'600'000'000;  // 2025-01-01

    void SetUp() override;
    void TearDown() override;
    void start(const PatternsSettings& settings);

    // A caller that speaks for every agent but "stranger".
    Context agent_context(const std::string& name_space = "default") const;
    Context admin_context(const std::string& name_space = "default") const;

    CreatePattern draft(const std::string& name, const std::string& agent = "owner") const;
    Pattern make(const std::string& name, AccessLevel level = AccessLevel::public_,
                 const std::string& agent = "owner");
    Result<Pattern> seen_by(const PatternId& id, const std::string& agent,
                            const std::string& name_space = "default");
    Pattern state(const PatternId& id);
    Result<PatternUse> used(const PatternId& id, const std::string& agent,
                            std::optional<bool> success = std::nullopt);
    void verify(const PatternId& id, const std::string& agent, trust::Outcome outcome,
                bool counted = true);
    std::vector<std::string> events();

    store::TemporaryDirectory directory_;
    ManualClock clock_{kStartUs};
    SeededRandom random_{7};
    IdMaker ids_{clock_, random_};
    Metrics metrics_;
    ScriptedGate gate_;
    WordSearch search_;
    std::map<std::string, std::string> owners_;  // by agent; others are "local"
    std::unique_ptr<store::Database> database_;
    std::unique_ptr<Patterns> patterns_;
};

// The code of a failed result; fails the test when it succeeded.
template <class T>
Code code_of(const Result<T>& result) {
    EXPECT_FALSE(result.has_value());
    return result ? Code::internal : result.error().code;
}

template <class T>
std::string field_of(const Result<T>& result) {
    EXPECT_FALSE(result.has_value());
    return result ? "" : result.error().field;
}

}  // namespace credence::patterns
