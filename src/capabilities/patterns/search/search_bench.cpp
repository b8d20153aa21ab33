// Speed of pattern search: search_bench [patterns ...] (10000 100000 unless told), then the
// comparison of exact scan, bit scan and HNSW that docs/decisions/0004 rests on. One thread, a
// real SQLite file, the texts of bench_texts.h. --search, --vectors: only the one or the other.
#include <hnswlib/hnswlib.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "capabilities/patterns/search/bench_texts.h"
#include "capabilities/patterns/search/embedder.h"
#include "capabilities/patterns/search/quality_fixture.h"
#include "capabilities/patterns/search/vector_index.h"

namespace credence::patterns {
namespace {

constexpr std::size_t kQueries = 300;
constexpr std::size_t kTop = 10;

double now_ms() {
    return static_cast<double>(SystemClock().steady_us()) / 1000.0;
}

struct Spread {
    double p50 = 0;
    double p95 = 0;
};

Spread spread(std::vector<double> values) {
    std::ranges::sort(values);
    return {values[values.size() / 2], values[values.size() * 95 / 100]};
}

void fill(SearchStore& store, PatternSearch& search, BenchTexts& texts, std::size_t count) {
    constexpr std::size_t kChunk = 2'000;
    for (std::size_t from = 0; from < count; from += kChunk) {
        const auto written = store.database().write([&](store::Tx& tx) -> Result<void> {
            for (std::size_t i = from; i < std::min(count, from + kChunk); ++i) {
                TRY(search.put(tx, texts.pattern(i + 1)));
            }
            return {};
        });
        CHECK(written.has_value(), "the patterns could not be stored");
    }
}

Spread time_searches(SearchStore& store, PatternSearch& search, BenchTexts& texts, int way) {
    std::vector<double> took;
    for (std::size_t i = 0; i < kQueries; ++i) {
        SearchQuery query = query_of(texts.query());
        query.use_text = way != 1;
        query.use_vectors = way != 0;
        query.visible = [](const Visibility& v) { return v.access == AccessLevel::public_; };
        const double from = now_ms();
        const auto hits = find(store.database(), search, query);
        took.push_back(now_ms() - from);
        CHECK(hits.has_value(), "a search failed");
    }
    return spread(std::move(took));
}

void measure_search(const quality::LabelledSet& set, std::size_t count) {
    SearchStore store(false);
    BenchTexts texts(set);
    std::unique_ptr<PatternSearch> search = store.search();
    const double from = now_ms();
    fill(store, *search, texts, count);
    const double filled = now_ms();
    search.reset();
    store.open(true);
    search = store.search();
    CHECK(find(store.database(), *search, query_of("anything")).has_value(), "a search failed");
    const double loaded = now_ms();
    std::printf("| %7zu | put, grouped %.3f ms | load %.2f s |\n", count,
                (filled - from) / static_cast<double>(count), (loaded - filled) / 1000);
    const char* const names[] = {"words", "vectors", "both"};
    for (const int way : {2, 0, 1, 2}) {
        const Spread took = time_searches(store, *search, texts, way);
        std::printf("| %7zu | search %-7s | p50 %7.3f ms | p95 %7.3f ms |\n", count, names[way],
                    took.p50, took.p95);
    }
    std::vector<double> puts;
    for (std::uint64_t i = 0; i < 500; ++i) {
        const IndexedPattern pattern = texts.pattern(count + i + 1);
        const double start = now_ms();
        CHECK(put(store.database(), *search, pattern).has_value(), "a put failed");
        puts.push_back(now_ms() - start);
    }
    const Spread took = spread(std::move(puts));
    std::printf("| %7zu | put durable    | p50 %7.3f ms | p95 %7.3f ms |\n", count, took.p50,
                took.p95);
    std::fflush(stdout);
}

struct Question {
    Vector vector;
    double tenth = 0;  // the similarity of the tenth nearest
};

// Recall@10 against the exact scan and time of one query. What is as near as the tenth nearest is
// right: equal texts are interchangeable.
template <class Ask>
void print_method(const std::string& name, const std::vector<Vector>& vectors, double build_ms,
                  const std::vector<Question>& questions, const Ask& ask) {
    std::vector<double> took;
    std::size_t right = 0;
    for (const Question& question : questions) {
        const double from = now_ms();
        const std::vector<std::size_t> found = ask(question.vector);
        took.push_back(now_ms() - from);
        for (const std::size_t number : found) {
            right += cosine(vectors[number], question.vector) >= question.tenth - 1e-9 ? 1 : 0;
        }
    }
    const Spread times = spread(std::move(took));
    std::printf("| %7zu | %-22s | %7.4f ms | p50 %7.3f | p95 %7.3f | recall %.4f |\n",
                vectors.size(), name.c_str(), build_ms / static_cast<double>(vectors.size()),
                times.p50, times.p95,
                static_cast<double>(right) / static_cast<double>(10 * questions.size()));
    std::fflush(stdout);
}

std::vector<std::size_t> numbers(const VectorIndex& index, const std::vector<Neighbour>& found) {
    std::vector<std::size_t> out;
    for (const Neighbour& neighbour : found) {
        out.push_back(index.at(neighbour.slot).number);
    }
    return out;
}

void measure_hnsw(const std::vector<Vector>& vectors, const std::vector<Question>& questions) {
    hnswlib::InnerProductSpace space(Embedder::kDimension);
    hnswlib::HierarchicalNSW<float> graph(&space, vectors.size(), 16, 200);
    const auto floats = [](const Vector& vector) {
        std::vector<float> out;
        for (const std::int8_t value : vector.values) {
            out.push_back(static_cast<float>(value) * vector.inverse_length);
        }
        return out;
    };
    const double from = now_ms();
    for (std::size_t i = 0; i < vectors.size(); ++i) {
        graph.addPoint(floats(vectors[i]).data(), i);
    }
    const double graph_ms = now_ms() - from;
    for (const std::size_t effort : {64U, 256U, 1024U, 2048U}) {
        graph.setEf(effort);
        print_method("HNSW M=16 ef=" + std::to_string(effort), vectors, graph_ms, questions,
                     [&](const Vector& query) {
                         auto found = graph.searchKnn(floats(query).data(), kTop);
                         std::vector<std::size_t> out;
                         for (; !found.empty(); found.pop()) {
                             out.push_back(found.top().second);
                         }
                         return out;
                     });
    }
}

void measure_vectors(const quality::LabelledSet& set, std::size_t count, bool with_hnsw) {
    const Embedder embedder;
    BenchTexts texts(set);
    std::vector<Vector> vectors;
    double from = now_ms();
    for (std::size_t i = 0; i < count; ++i) {
        const IndexedPattern pattern = texts.pattern(i);
        vectors.push_back(
            embedder.embed(pattern.name + '\n' + pattern.category + '\n' + pattern.text));
    }
    std::printf("| %7zu | embed %.1f us a pattern, its making included |\n", count,
                (now_ms() - from) * 1000 / static_cast<double>(count));
    VectorIndex index(Embedder::kDimension);
    index.reserve(count);
    from = now_ms();
    for (std::size_t i = 0; i < count; ++i) {
        index.put({.number = static_cast<std::uint32_t>(i)}, vectors[i]);
    }
    const double build_ms = now_ms() - from;
    const auto measure = [&](const std::function<bool(const IndexEntry&)>& admits,
                             const std::string& who) {
        std::vector<Question> questions;
        BenchTexts asked(set);
        for (std::size_t i = 0; i < kQueries; ++i) {
            Question question{embedder.embed(asked.query()), 0};
            question.tenth =
                index.nearest_exact({.vector = question.vector, .limit = kTop, .admits = admits})
                    .back()
                    .similarity;
            questions.push_back(std::move(question));
        }
        print_method("exact int8" + who, vectors, build_ms, questions, [&](const Vector& query) {
            return numbers(index,
                           index.nearest_exact({.vector = query, .limit = kTop, .admits = admits}));
        });
        print_method(
            "bits, then int8" + who, vectors, build_ms, questions, [&](const Vector& query) {
                return numbers(index, index.nearest_by_bits(
                                          {.vector = query, .limit = kTop, .admits = admits}));
            });
        return questions;
    };
    const auto questions = measure([](const IndexEntry&) { return true; }, "");
    // A private user's search: one entry in a thousand may be seen.
    measure([](const IndexEntry& entry) { return entry.number % 1000 == 0; }, ", 0.1%");
    if (with_hnsw) {
        measure_hnsw(vectors, questions);
    }
}

void run(const std::vector<std::size_t>& counts, bool search, bool vectors) {
    const quality::LabelledSet set = quality::load();
    for (const std::size_t count : counts) {
        if (vectors) {
            measure_vectors(set, count, count <= 100'000);
        }
        if (search) {
            measure_search(set, count);
        }
    }
}

}  // namespace
}  // namespace credence::patterns

int main(int argc, char** argv) {
    std::vector<std::size_t> counts;
    bool search = true;
    bool vectors = true;
    for (int i = 1; i < argc; ++i) {
        const std::string argument = argv[i];
        search = search && argument != "--vectors";
        vectors = vectors && argument != "--search";
        if (const std::size_t count = std::strtoull(argv[i], nullptr, 10); count > 0) {
            counts.push_back(count);
        }
    }
    if (counts.empty()) {
        counts = {10'000, 100'000};
    }
    credence::patterns::run(counts, search, vectors);
    return 0;
}
