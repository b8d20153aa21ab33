// Retrieval quality on the labelled set: pattern_quality [--tune].
#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <string_view>

#include "capabilities/patterns/search/fusion.h"
#include "capabilities/patterns/search/quality_fixture.h"

namespace credence::patterns::quality {
namespace {

void print_row(const char* name, const Scores& scores) {
    const std::size_t n = scores.found.size();
    const Interval recall = wilson(scores.recall(), n);
    const Interval rank = bootstrap(scores.reciprocal_rank);
    std::printf("| %-22s | %4zu | %.3f [%.3f, %.3f] | %.3f [%.3f, %.3f] |\n", name, n,
                scores.recall(), recall.low, recall.high, scores.mean_reciprocal_rank(), rank.low,
                rank.high);
}

void print_head() {
    std::printf(
        "| way                    |    n | recall@5 [95 %%]       | MRR [95 %%]            |\n");
    std::printf(
        "| ---                    |  --- | ---                   | ---                   |\n");
}

// Reciprocal rank fusion, for comparison: 1 / (60 + rank) of either side.
Scores reciprocal_ranks(Judge& judge, const std::vector<LabelledQuery>& queries) {
    Scores scores;
    for (const LabelledQuery& query : queries) {
        std::map<PatternId, Hit> sums;
        for (const Way way : {Way::words, Way::vectors}) {
            double rank = 0;
            for (const Hit& hit : judge.hits(query, way)) {
                sums[hit.id].id = hit.id;
                sums[hit.id].relevance += 1.0 / (60.0 + ++rank);
            }
        }
        std::vector<Hit> hits;
        for (const auto& [id, hit] : sums) {
            hits.push_back(hit);
        }
        std::ranges::stable_sort(hits, std::ranges::greater{}, &Hit::relevance);
        add_rank(scores, query, hits);
    }
    return scores;
}

Scores with_share(Judge& judge, const std::vector<LabelledQuery>& queries, double share) {
    Scores scores;
    for (const LabelledQuery& query : queries) {
        std::vector<Hit> hits = judge.hits(query, Way::fused);
        fuse(hits, {.word_share = share});
        add_rank(scores, query, hits);
    }
    return scores;
}

void tune(Judge& judge, const LabelledSet& set) {
    print_head();
    print_row("tuning: words", judge.score(set.tuning, Way::words));
    print_row("tuning: vectors", judge.score(set.tuning, Way::vectors));
    print_row("tuning: rank fusion", reciprocal_ranks(judge, set.tuning));
    for (int percent = 10; percent <= 90; percent += 10) {
        const std::string name = "tuning: share " + std::to_string(percent) + " %";
        print_row(name.c_str(), with_share(judge, set.tuning, percent / 100.0));
    }
}

void report(Judge& judge, const LabelledSet& set) {
    print_head();
    print_row("words (BM25)", judge.score(set.report, Way::words));
    print_row("vectors", judge.score(set.report, Way::vectors));
    print_row("both", judge.score(set.report, Way::fused));
    for (const char* kind : {"paraphrase", "abbreviation", "typo", "keywords"}) {
        std::vector<LabelledQuery> some = set.report;
        std::erase_if(some, [&](const LabelledQuery& query) { return query.kind != kind; });
        const std::string name(kind);
        print_row((name + ": words").c_str(), judge.score(some, Way::words));
        print_row((name + ": vectors").c_str(), judge.score(some, Way::vectors));
        print_row((name + ": both").c_str(), judge.score(some, Way::fused));
    }
}

}  // namespace
}  // namespace credence::patterns::quality

int main(int argc, char** argv) {
    namespace quality = credence::patterns::quality;
    const quality::LabelledSet set = quality::load();
    quality::Judge judge(set);
    if (argc > 1 && std::string_view(argv[1]) == "--tune") {
        quality::tune(judge, set);
    } else {
        quality::report(judge, set);
    }
    return 0;
}
