// The labelled retrieval set of tests/quality, searched and scored.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "capabilities/patterns/search/search_fixture.h"

namespace credence::patterns::quality {

struct LabelledPattern {
    std::int64_t number = 0;
    std::string category;
    std::string name;
    std::string text;
};

struct LabelledQuery {
    std::int64_t id = 0;
    std::string kind;
    std::string text;
    std::vector<std::int64_t> relevant;
};

struct Line {
    std::optional<LabelledPattern> pattern;
    std::optional<LabelledQuery> query;
};

inline void describe(Describe<LabelledPattern>& d) {
    d.field<&LabelledPattern::number>("Its number");
    d.field<&LabelledPattern::category>("Category");
    d.field<&LabelledPattern::name>("Name");
    d.field<&LabelledPattern::text>("Description");
}
inline void describe(Describe<LabelledQuery>& d) {
    d.field<&LabelledQuery::id>("Its number");
    d.field<&LabelledQuery::kind>("How it differs from the pattern");
    d.field<&LabelledQuery::text>("What is asked");
    d.field<&LabelledQuery::relevant>("Patterns that answer it");
}
inline void describe(Describe<Line>& d) {
    d.field<&Line::pattern>("A pattern");
    d.field<&Line::query>("A query");
}

struct LabelledSet {
    std::vector<LabelledPattern> patterns;
    std::vector<LabelledQuery> tuning;
    std::vector<LabelledQuery> report;
};

LabelledSet load();

enum class Way : std::uint8_t { words, vectors, fused };

// Of each query: was a relevant pattern among the first five, and one over the rank of the first
// relevant one (0 beyond 50).
struct Scores {
    std::vector<double> found;
    std::vector<double> reciprocal_rank;

    double recall() const;
    double mean_reciprocal_rank() const;
};

struct Interval {
    double low = 0;
    double high = 0;
};

// 95 %: Wilson's for a share of n; the percentile bootstrap of a mean, 2,000 draws of a fixed seed.
Interval wilson(double share, std::size_t n);
Interval bootstrap(const std::vector<double>& values);

// Everything of the set put into one store.
class Judge {
public:
    explicit Judge(const LabelledSet& set);
    Scores score(const std::vector<LabelledQuery>& queries, Way way);
    // The raw candidates of both sides, for trying other fusions.
    std::vector<Hit> hits(const LabelledQuery& query, Way way);

private:
    SearchStore store_{false};
    std::unique_ptr<PatternSearch> search_;
};

// Adds one query's rank to the scores.
void add_rank(Scores& scores, const LabelledQuery& query, const std::vector<Hit>& hits);

}  // namespace credence::patterns::quality
