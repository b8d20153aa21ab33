#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "capabilities/guard/model/cross_validation.h"

namespace credence::guard {

namespace {

constexpr double kLowest = std::numeric_limits<double>::lowest();

struct Scored {
    double score = 0;
    bool attack = false;
};

// Half of the pairs when a class is missing: nothing is known.
double area_under_curve(std::vector<Scored> all) {
    std::sort(all.begin(), all.end(),
              [](const Scored& a, const Scored& b) { return a.score < b.score; });
    double below = 0;  // ordinary texts with a lower score
    double pairs = 0;  // won by the attack
    double attacks = 0;
    for (std::size_t i = 0; i < all.size();) {
        double tied_attacks = 0;
        double tied_ordinary = 0;
        const double score = all[i].score;
        for (; i < all.size() && all[i].score == score; ++i) {
            (all[i].attack ? tied_attacks : tied_ordinary) += 1;
        }
        pairs += tied_attacks * (below + tied_ordinary / 2);
        below += tied_ordinary;
        attacks += tied_attacks;
    }
    return attacks > 0 && below > 0 ? pairs / (attacks * below) : 0.5;
}

double threshold_of(std::vector<double> ordinary, double false_positive_rate) {
    std::sort(ordinary.begin(), ordinary.end(), std::greater<>());
    // A rate like 0.01 of 300 may come out a little below 3.
    constexpr double kRounding = 1e-9;
    const double allowed = std::floor(std::clamp(false_positive_rate, 0.0, 1.0) *
                                          static_cast<double>(ordinary.size()) +
                                      kRounding);
    const auto most = static_cast<std::size_t>(allowed);
    return most >= ordinary.size()
               ? kLowest
               : std::nextafter(ordinary[most], std::numeric_limits<double>::infinity());
}

using Counts = std::map<std::string, CategoryRecall>;

void count(Counts& counts, const std::string& name, bool found) {
    CategoryRecall& recall = counts[name];
    recall.category = name;
    ++recall.n;
    recall.found += found ? 1 : 0;
}

std::vector<CategoryRecall> finish(const Counts& counts) {
    std::vector<CategoryRecall> list;
    for (const auto& [name, counted] : counts) {
        list.push_back(counted);
        list.back().interval = stats::wilson_95(counted.found, counted.n);
    }
    return list;
}

}  // namespace

RankingReport rank(std::span<const Sample> samples, std::span<const double> scores,
                   double false_positive_rate) {
    const auto score_of = [&](std::size_t i) {
        return std::isnan(scores[i]) ? kLowest : scores[i];
    };
    std::vector<Scored> all;
    std::vector<double> ordinary;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        if (!samples[i].counted()) {
            continue;
        }
        all.push_back({score_of(i), samples[i].attack()});
        if (!samples[i].attack()) {
            ordinary.push_back(score_of(i));
        }
    }
    RankingReport report;
    report.false_positive_rate = false_positive_rate;
    report.ordinary = static_cast<std::int64_t>(ordinary.size());
    report.attacks = static_cast<std::int64_t>(all.size() - ordinary.size());
    report.area_under_curve = area_under_curve(std::move(all));
    report.threshold = threshold_of(std::move(ordinary), false_positive_rate);
    Counts categories;
    Counts sources;
    Counts others;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const LabelledText& origin = samples[i].origin;
        const bool found = score_of(i) >= report.threshold;
        if (!samples[i].attack()) {
            count(others, origin.category, found);
            continue;
        }
        count(categories, origin.category, found);
        count(sources, origin.source, found);
        report.found += found ? 1 : 0;
    }
    report.recall = stats::wilson_95(report.found, report.attacks);
    report.categories = finish(categories);
    report.sources = finish(sources);
    report.ordinary_flagged = finish(others);
    for (const CategoryRecall& category : report.categories) {
        report.macro_recall += static_cast<double>(category.found) /
                               static_cast<double>(category.n) /
                               static_cast<double>(report.categories.size());
    }
    return report;
}

}  // namespace credence::guard
