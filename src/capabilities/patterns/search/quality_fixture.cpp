#include "capabilities/patterns/search/quality_fixture.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/json.h"

namespace credence::patterns::quality {
namespace {

constexpr std::size_t kFirst = 5;

double mean(const std::vector<double>& values) {
    return values.empty() ? 0.0
                          : std::accumulate(values.begin(), values.end(), 0.0) /
                                static_cast<double>(values.size());
}

}  // namespace

LabelledSet load() {
    constexpr std::size_t kMaxBytes = std::size_t{4} << 20;
    const auto text =
        read_file(CREDENCE_SOURCE_ROOT "/../tests/quality/pattern_retrieval.jsonl", kMaxBytes);
    CHECK(text.has_value(), "the labelled set could not be read");
    LabelledSet set;
    for (const std::string_view line : split(*text, '\n')) {
        if (line.empty()) {
            continue;
        }
        auto parsed = from_json<Line>(line);
        CHECK(parsed.has_value(), "a line of the labelled set is wrong");
        if (parsed->pattern) {
            set.patterns.push_back(*parsed->pattern);
        }
        if (parsed->query) {
            (parsed->query->id % 3 == 0 ? set.tuning : set.report).push_back(*parsed->query);
        }
    }
    return set;
}

double Scores::recall() const {
    return mean(found);
}

double Scores::mean_reciprocal_rank() const {
    return mean(reciprocal_rank);
}

Interval wilson(double share, std::size_t count) {
    constexpr double kZ = 1.959964;
    const auto n = static_cast<double>(count);
    const double centre = (share + kZ * kZ / (2 * n)) / (1 + kZ * kZ / n);
    const double half =
        kZ / (1 + kZ * kZ / n) * std::sqrt(share * (1 - share) / n + kZ * kZ / (4 * n * n));
    return {centre - half, centre + half};
}

Interval bootstrap(const std::vector<double>& values) {
    constexpr std::size_t kDraws = 2'000;
    SeededRandom random(1);
    std::vector<double> means;
    std::vector<double> draw(values.size());
    for (std::size_t i = 0; i < kDraws; ++i) {
        std::ranges::generate(draw, [&] { return values[random.next() % values.size()]; });
        means.push_back(mean(draw));
    }
    std::ranges::sort(means);
    return {means[kDraws / 40], means[kDraws - 1 - kDraws / 40]};
}

Judge::Judge(const LabelledSet& set) : search_(store_.search()) {
    const auto written = store_.database().write([&](store::Tx& tx) -> Result<void> {
        for (const LabelledPattern& labelled : set.patterns) {
            IndexedPattern pattern = pattern_of(static_cast<std::uint64_t>(labelled.number),
                                                labelled.name, labelled.text);
            pattern.category = labelled.category;
            TRY(search_->put(tx, pattern));
        }
        return {};
    });
    CHECK(written.has_value(), "the labelled patterns could not be stored");
}

std::vector<Hit> Judge::hits(const LabelledQuery& labelled, Way way) {
    SearchQuery query = query_of(labelled.text);
    query.use_text = way != Way::vectors;
    query.use_vectors = way != Way::words;
    auto found = find(store_.database(), *search_, query);
    CHECK(found.has_value(), "a search failed");
    return std::move(*found);
}

void add_rank(Scores& scores, const LabelledQuery& query, const std::vector<Hit>& hits) {
    std::size_t rank = 0;
    for (std::size_t i = 0; i < hits.size() && rank == 0; ++i) {
        if (std::ranges::any_of(query.relevant, [&](std::int64_t number) {
                return hits[i].id == pattern_id(static_cast<std::uint64_t>(number));
            })) {
            rank = i + 1;
        }
    }
    scores.found.push_back(rank >= 1 && rank <= kFirst ? 1.0 : 0.0);
    scores.reciprocal_rank.push_back(rank == 0 ? 0.0 : 1.0 / static_cast<double>(rank));
}

Scores Judge::score(const std::vector<LabelledQuery>& queries, Way way) {
    Scores scores;
    for (const LabelledQuery& query : queries) {
        add_rank(scores, query, hits(query, way));
    }
    return scores;
}

}  // namespace credence::patterns::quality
