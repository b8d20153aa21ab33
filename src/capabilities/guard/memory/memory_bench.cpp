// Speed and recall of the threat memory: guard_memory_bench [threats ...] (10000 30000 100000
// unless told). Texts of memory_texts.h; of the queries half are variants of stored threats, a
// quarter are new threats and a quarter ordinary. One thread.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/check.h"
#include "capabilities/guard/memory/memory_texts.h"
#include "capabilities/guard/memory/threat_memory.h"

namespace credence::guard {
namespace {

constexpr std::size_t kQueries = 400;
constexpr std::size_t kTop = 10;
constexpr double kThreshold = 0.6;

double now_us() {
    const auto since = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration<double, std::micro>(since).count();
}

struct Spread {
    double p50 = 0;
    double p95 = 0;
};

Spread spread(std::vector<double> values) {
    std::ranges::sort(values);
    return {values[values.size() / 2], values[values.size() * 95 / 100]};
}

using Found = std::vector<ThreatMatch>;

template <class Ask>
Spread timed(const std::vector<std::vector<std::int8_t>>& queries, std::vector<Found>& found,
             const Ask& ask) {
    std::vector<double> took;
    found.clear();
    for (const auto& query : queries) {
        const double from = now_us();
        found.push_back(ask(query));
        took.push_back(now_us() - from);
    }
    return spread(std::move(took));
}

// Of the exact ten nearest, the share found; as near as the tenth counts.
// Of the queries whose number leaves `rest` when divided by 4.
double recall(const std::vector<Found>& exact, const std::vector<Found>& found,
              std::span<const std::size_t> rests) {
    std::size_t right = 0;
    std::size_t all = 0;
    for (std::size_t i = 0; i < exact.size(); ++i) {
        if (std::ranges::find(rests, i % 4) == rests.end()) {
            continue;
        }
        all += exact[i].size();
        for (const ThreatMatch& match : found[i]) {
            right += match.similarity >= exact[i].back().similarity - 1e-9 ? 1 : 0;
        }
    }
    return static_cast<double>(right) / static_cast<double>(all);
}

void print(std::size_t count, const char* what, Spread took, double share) {
    std::printf("| %7zu | %-20s | p50 %8.1f us | p95 %8.1f us | %6.4f |\n", count, what, took.p50,
                took.p95, share);
    std::fflush(stdout);
}

void print_nearest(std::size_t count, const ThreatIndex& index,
                   const std::vector<std::vector<std::int8_t>>& queries,
                   const std::vector<Found>& exact) {
    std::vector<Found> found;
    const Spread took = timed(queries, found, [&](const auto& query) {
        const auto match = index.nearest(query, kThreshold);
        return match ? Found{*match} : Found{};
    });
    std::size_t near = 0;
    std::size_t right = 0;
    for (std::size_t i = 0; i < exact.size(); ++i) {
        const bool is_near = !exact[i].empty() && exact[i].front().similarity >= kThreshold;
        near += is_near ? 1 : 0;
        right += is_near && !found[i].empty() &&
                         found[i].front().similarity >= exact[i].front().similarity - 1e-9
                     ? 1
                     : 0;
    }
    print(count, "nearest above .6", took,
          static_cast<double>(right) / static_cast<double>(std::max<std::size_t>(near, 1)));
}

void measure(std::size_t count) {
    const ThreatEmbedder embedder;
    texts::Texts source(7);
    ThreatIndex index(embedder.dimension(), 1);
    std::vector<std::string> stored;
    std::set<std::string> seen;
    while (stored.size() < count) {
        std::string text = source.threat();
        // Feeds hold variants as well.
        text = source.variant(text, static_cast<texts::Variant>(stored.size() % texts::kVariants));
        if (seen.insert(text).second) {
            stored.push_back(std::move(text));
        }
    }
    double embedding = 0;
    double adding = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const double from = now_us();
        const auto vector = embedder.embed(stored[i]);
        const double between = now_us();
        ThreatMatch threat;
        threat.threat_id = std::to_string(i);
        CHECK(index.add(threat, vector), "not added");
        embedding += between - from;
        adding += now_us() - between;
    }
    const double each = static_cast<double>(count);
    std::printf("| %7zu | embed %.1f us | add %.1f us |\n", count, embedding / each, adding / each);
    std::vector<std::vector<std::int8_t>> queries;
    for (std::size_t i = 0; i < kQueries; ++i) {
        const auto kind = static_cast<texts::Variant>(i / 4 % texts::kVariants);
        const std::string text = i % 2 == 0   ? source.variant(stored[i * 7919 % count], kind)
                                 : i % 4 == 1 ? source.threat()
                                              : source.ordinary();
        queries.push_back(embedder.embed(text));
    }
    std::vector<Found> exact;
    std::vector<Found> found;
    const auto exactly = [&](const auto& query) {
        return *index.search_exact(query, kTop, ThreatFilter{});
    };
    timed(queries, exact, exactly);
    const Spread scan = timed(queries, exact, exactly);
    print(count, "exact", scan, 1);
    print_nearest(count, index, queries, exact);
    const double from = now_us();
    index.maintain();
    std::printf("| %7zu | graph built in %.1f s |\n", count, (now_us() - from) / 1e6);
    const auto nearly = [&](const auto& query) {
        return *index.search(query, kTop, ThreatFilter{});
    };
    timed(queries, found, nearly);
    const Spread walk = timed(queries, found, nearly);
    constexpr std::array<std::size_t, 2> kVariants = {0, 2};
    constexpr std::array<std::size_t, 1> kThreats = {1};
    constexpr std::array<std::size_t, 3> kAttacks = {0, 1, 2};
    constexpr std::array<std::size_t, 1> kOrdinary = {3};
    print(count, "graph, attacks", walk, recall(exact, found, kAttacks));
    std::printf("| %7zu | recall: variants %.4f, new threats %.4f, ordinary texts %.4f |\n", count,
                recall(exact, found, kVariants), recall(exact, found, kThreats),
                recall(exact, found, kOrdinary));
    std::printf("| %7zu | exact / graph %.2f |\n", count, scan.p50 / walk.p50);
    print_nearest(count, index, queries, exact);
}

void print_embedding() {
    const ThreatEmbedder embedder;
    texts::Texts source(3);
    std::string text;
    while (text.size() < 500) {
        text += source.threat() + " ";
    }
    text.resize(500);
    std::vector<double> took;
    int sum = 0;
    for (int i = 0; i < 2'000; ++i) {
        const double from = now_us();
        sum += embedder.embed(text)[3];
        took.push_back(now_us() - from);
    }
    const Spread times = spread(std::move(took));
    std::printf("| embed 500 bytes | p50 %.1f us | p95 %.1f us |%s\n", times.p50, times.p95,
                sum == 1 ? " " : "");
}

}  // namespace
}  // namespace credence::guard

int main(int argc, char** argv) {
    credence::guard::print_embedding();
    std::vector<std::size_t> sizes;
    for (int i = 1; i < argc; ++i) {
        sizes.push_back(std::strtoull(argv[i], nullptr, 10));
    }
    for (const std::size_t size :
         sizes.empty() ? std::vector<std::size_t>{10'000, 30'000, 100'000} : sizes) {
        credence::guard::measure(size);
    }
    return 0;
}
