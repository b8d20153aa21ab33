// How well does a family do on sources that it never saw? Whole sources are left out, never rows.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "capabilities/guard/model/family.h"
#include "stats/intervals.h"

namespace credence::guard {

// The group of sources that share an origin or a generator: the first word of the name before any
// '+' ("piarena_gov+own", "piarena_nq" -> "piarena"), of "own_" and "corpus_" sources the first two
// ("corpus_bank_bot" -> "corpus_bank"); groups known to hold the same texts or phrases are one:
// own_tool and piarena, own_encoded and own_templates, the collections of public jailbreak prompts.
std::string group_of(std::string_view source);

// The fold of each sample, [0, folds). Groups are dealt whole: largest first (by the greater of
// their shares of all attacks and of all others), each to the fold with the fewest of the kind that
// the group is rich in. Deterministic. Needs folds > 0.
std::vector<int> deal_folds(std::span<const Sample> samples, int folds);

struct FoldScores {
    std::vector<double> logits;  // by sample: from the model that never saw its source
};

// Trains as many models as there are folds, each without one, on up to `threads` threads. Texts are
// scored as if a user had sent them: the channel that training assumes follows from the category,
// and would give away the label. The result does not depend on `threads`.
FoldScores cross_validate(const Family& family, std::span<const Sample> samples,
                          const std::vector<int>& fold_of, std::uint64_t seed, std::size_t threads);

struct CategoryRecall {
    std::string category;
    std::int64_t n = 0;
    std::int64_t found = 0;
    stats::Interval interval;  // Wilson 95 %
};

// At a false-positive rate over all ordinary texts pooled (harmful requests apart).
struct RankingReport {
    double false_positive_rate = 0;  // asked for
    // Scores from here on count as found. The lowest for which at most that share of the ordinary
    // texts is found; equal scores are found together or not at all.
    double threshold = 0;
    std::int64_t attacks = 0;
    std::int64_t ordinary = 0;
    double area_under_curve = 0;  // Mann and Whitney 1947, ties count half; 0.5 without a class
    std::int64_t found = 0;
    stats::Interval recall;                  // Wilson 95 %
    double macro_recall = 0;                 // mean over categories of attacks
    std::vector<CategoryRecall> categories;  // attacks
    // Of each other category, those at the threshold; "harmful_request" is listed, not pooled.
    std::vector<CategoryRecall> ordinary_flagged;
    std::vector<CategoryRecall> sources;  // recall by source of attacks
};

// scores: one of each sample; one that is no number counts as the lowest. Lists are by name.
RankingReport rank(std::span<const Sample> samples, std::span<const double> scores,
                   double false_positive_rate);

}  // namespace credence::guard
