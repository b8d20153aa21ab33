#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>
#include <numbers>
#include <shared_mutex>
#include <unordered_map>

#include "capabilities/guard/memory/sketch_graph.h"
#include "capabilities/guard/memory/threat_memory.h"
#include "capabilities/guard/memory/vector_rows.h"

namespace credence::guard {
namespace {

// Candidates that a walk of the graph brings home, to be compared exactly.
constexpr std::size_t kBreadth = 96;
constexpr std::size_t kMaxBreadth = 4096;  // then everything is compared
constexpr std::size_t kAhead = 4;          // rows fetched before they are needed

// The best `limit` so far, the worst of them on top; ties by id.
class Best {
public:
    Best(const std::vector<ThreatMatch>& entries, std::size_t limit)
        : entries_(entries), limit_(limit) {
        heap_.reserve(limit + 1);
    }
    bool wants(const RowMatch& match) const {
        return heap_.size() < limit_ || before(match, heap_.front());
    }
    void add(const RowMatch& match) {
        const auto order = [this](const RowMatch& a, const RowMatch& b) { return before(a, b); };
        heap_.push_back(match);
        std::ranges::push_heap(heap_, order);
        if (heap_.size() > limit_) {
            std::ranges::pop_heap(heap_, order);
            heap_.pop_back();
        }
    }
    std::size_t size() const { return heap_.size(); }
    const std::vector<RowMatch>& sorted() {
        std::ranges::sort(heap_, [this](const auto& a, const auto& b) { return before(a, b); });
        return heap_;
    }

private:
    bool before(const RowMatch& a, const RowMatch& b) const {
        return a.score != b.score ? a.score > b.score
                                  : entries_[a.row].threat_id < entries_[b.row].threat_id;
    }

    const std::vector<ThreatMatch>& entries_;
    std::size_t limit_;
    std::vector<RowMatch> heap_;
};

bool says_nothing(std::span<const std::int8_t> vector) {
    return std::ranges::all_of(vector, [](std::int8_t value) { return value == 0; });
}

struct Text {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
        return std::hash<std::string_view>()(text);
    }
};

// How many of `bits` differ at most, at that cosine: their share is the angle over pi (Charikar
// 2002), and three standard deviations more.
int most_differing(double similarity, double bits) {
    const double share = std::acos(std::clamp(similarity, -1.0, 1.0)) / std::numbers::pi;
    return static_cast<int>(share * bits + 3 * std::sqrt(share * (1 - share) * bits)) + 1;
}

}  // namespace

struct ThreatIndex::Impl {
    // A node of the graph stands for a row while the row's version is this.
    struct Node {
        std::uint32_t row = 0;
        std::uint32_t version = 0;
    };
    struct Ask {
        const RowQuery& query;
        const ThreatFilter& filter;
        float least_score = 0;
        std::size_t count = 0;
    };

    Impl(std::size_t dimension, std::size_t exact) : rows(dimension), max_exact(exact) {}

    // Searches hold the lock shared. Whoever waits to change goes through the gate first, so that a
    // stream of searches does not keep it out.
    std::shared_lock<std::shared_mutex> reading() const {
        {
            const std::scoped_lock passing(gate);
        }
        return std::shared_lock(mutex);
    }
    bool admits(const Ask& ask, std::uint32_t row) const;
    void offer(const Ask& ask, std::uint32_t row, float score, Best& best) const;
    void compare(const Ask& ask, std::span<const std::uint32_t> candidates, Best& best) const;
    std::vector<ThreatMatch> answer(const RowQuery& query, Best& best) const;
    std::vector<ThreatMatch> exact(const Ask& ask) const;
    bool by_graph(const Ask& ask, std::vector<ThreatMatch>& out) const;
    std::vector<std::uint32_t> from_graph(const Sketch& sketch, std::size_t breadth) const;
    Ask ask_of(const RowQuery& query, std::size_t count, const ThreatFilter& filter) const;
    bool remove_locked(std::string_view threat_id);
    bool wants_graph() const;

    mutable std::mutex gate;
    mutable std::shared_mutex mutex;
    VectorRows rows;
    std::size_t max_exact;
    std::vector<ThreatMatch> entries;  // by row
    std::unordered_map<std::string, std::uint32_t, Text, std::equal_to<>> by_id;
    std::shared_ptr<const SketchGraph> graph;
    std::vector<Node> nodes;               // of the graph
    std::vector<std::uint8_t> covered;     // by row: it is a node
    std::vector<std::uint32_t> uncovered;  // living rows that are not, while there is a graph
    std::size_t dead_nodes = 0;
    std::int64_t rebuilds = 0;
};

bool ThreatIndex::Impl::admits(const Ask& ask, std::uint32_t row) const {
    const ThreatMatch& entry = entries[row];
    const ThreatFilter& filter = ask.filter;
    return (!filter.category || *filter.category == entry.category) &&
           (!filter.least_severity || *filter.least_severity <= entry.severity) &&
           (!filter.source || *filter.source == entry.source);
}

void ThreatIndex::Impl::offer(const Ask& ask, std::uint32_t row, float score, Best& best) const {
    const RowMatch match{row, score};
    if (score >= ask.least_score && best.wants(match) && admits(ask, row)) {
        best.add(match);
    }
}

void ThreatIndex::Impl::compare(const Ask& ask, std::span<const std::uint32_t> candidates,
                                Best& best) const {
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        rows.fetch_ahead(candidates[std::min(i + kAhead, candidates.size() - 1)]);
        offer(ask, candidates[i], rows.score(ask.query, candidates[i]), best);
    }
}

std::vector<ThreatMatch> ThreatIndex::Impl::answer(const RowQuery& query, Best& best) const {
    std::vector<ThreatMatch> out;
    for (const RowMatch& match : best.sorted()) {
        out.push_back(entries[match.row]);
        out.back().similarity =
            std::clamp(static_cast<double>(match.score) * query.inverse_length, -1.0, 1.0);
    }
    return out;
}

ThreatIndex::Impl::Ask ThreatIndex::Impl::ask_of(const RowQuery& query, std::size_t count,
                                                 const ThreatFilter& filter) const {
    // A hair below the bound, so that rounding does not lose a match of exactly that similarity.
    const double least = (filter.least_similarity - 1e-6) / query.inverse_length;
    return {query, filter, static_cast<float>(least), count};
}

std::vector<ThreatMatch> ThreatIndex::Impl::exact(const Ask& ask) const {
    Best best(entries, ask.count);
    rows.scan(ask.query, [&](std::uint32_t row, float score) { offer(ask, row, score, best); });
    return answer(ask.query, best);
}

std::vector<std::uint32_t> ThreatIndex::Impl::from_graph(const Sketch& sketch,
                                                         std::size_t breadth) const {
    std::vector<std::uint32_t> found = graph->near(sketch, breadth);
    std::size_t kept = 0;
    for (const std::uint32_t node : found) {
        const Node& of = nodes[node];
        if (rows.version(of.row) == of.version) {
            found[kept++] = of.row;
        }
    }
    found.resize(kept);
    return found;
}

// Brings more home where the filter or tombstones leave too few; false: compare everything.
bool ThreatIndex::Impl::by_graph(const Ask& ask, std::vector<ThreatMatch>& out) const {
    const bool filtered = ask.filter.category || ask.filter.least_severity || ask.filter.source;
    std::size_t breadth = kBreadth + 4 * ask.count;
    breadth += breadth * dead_nodes / nodes.size();
    for (; breadth <= kMaxBreadth; breadth *= 4) {
        Best best(entries, ask.count);
        const std::vector<std::uint32_t> found = from_graph(ask.query.sketch, breadth);
        compare(ask, found, best);
        compare(ask, uncovered, best);
        if (best.size() == ask.count || (!filtered && found.size() >= ask.count)) {
            out = answer(ask.query, best);
            return true;
        }
    }
    return false;
}

bool ThreatIndex::Impl::remove_locked(std::string_view threat_id) {
    const auto found = by_id.find(threat_id);
    if (found == by_id.end()) {
        return false;
    }
    const std::uint32_t row = found->second;
    by_id.erase(found);
    rows.remove(row);
    if (covered[row] != 0) {
        covered[row] = 0;
        ++dead_nodes;
    } else {
        std::erase(uncovered, row);
    }
    return true;
}

bool ThreatIndex::Impl::wants_graph() const {
    if (by_id.size() <= max_exact) {
        return false;
    }
    return !graph || dead_nodes * 5 > nodes.size() || uncovered.size() * 10 > by_id.size();
}

ThreatIndex::ThreatIndex(std::size_t dimension, std::size_t max_exact)
    : impl_(std::make_unique<Impl>(dimension, max_exact)) {}
ThreatIndex::~ThreatIndex() = default;

Result<void> ThreatIndex::add(const ThreatMatch& threat, std::span<const std::int8_t> vector) {
    if (vector.size() != dimension()) {
        return fail(Code::invalid, "the vector has another dimension", "vector");
    }
    if (says_nothing(vector)) {
        return fail(Code::invalid, "the vector says nothing", "vector");
    }
    const std::scoped_lock waiting(impl_->gate);
    const std::unique_lock lock(impl_->mutex);
    if (!impl_->remove_locked(threat.threat_id) && impl_->by_id.size() >= kMaxRows) {
        return fail(Code::exhausted, "the threat memory is full");
    }
    const std::uint32_t row = impl_->rows.add(vector);
    if (row == impl_->entries.size()) {
        impl_->entries.emplace_back();
        impl_->covered.push_back(0);
    }
    impl_->entries[row] = threat;
    impl_->by_id.emplace(threat.threat_id, row);
    if (impl_->graph) {
        impl_->uncovered.push_back(row);
    }
    return {};
}

bool ThreatIndex::remove(std::string_view threat_id) {
    const std::scoped_lock waiting(impl_->gate);
    const std::unique_lock lock(impl_->mutex);
    return impl_->remove_locked(threat_id);
}

Result<std::vector<ThreatMatch>> ThreatIndex::search(std::span<const std::int8_t> vector,
                                                     std::size_t count,
                                                     const ThreatFilter& filter) const {
    if (vector.size() != dimension() || count > kMaxCount) {
        return fail(Code::invalid, "a vector of another dimension, or too many asked for");
    }
    const RowQuery query = impl_->rows.prepare(vector);
    std::vector<ThreatMatch> out;
    if (query.inverse_length == 0 || count == 0) {
        return out;
    }
    const auto lock = impl_->reading();
    const Impl::Ask ask = impl_->ask_of(query, count, filter);
    if (impl_->graph && impl_->by_id.size() > impl_->max_exact && impl_->by_graph(ask, out)) {
        return out;
    }
    return impl_->exact(ask);
}

Result<std::vector<ThreatMatch>> ThreatIndex::search_exact(std::span<const std::int8_t> vector,
                                                           std::size_t count,
                                                           const ThreatFilter& filter) const {
    if (vector.size() != dimension() || count > kMaxCount) {
        return fail(Code::invalid, "a vector of another dimension, or too many asked for");
    }
    const RowQuery query = impl_->rows.prepare(vector);
    if (query.inverse_length == 0 || count == 0) {
        return std::vector<ThreatMatch>();
    }
    const auto lock = impl_->reading();
    return impl_->exact(impl_->ask_of(query, count, filter));
}

std::optional<ThreatMatch> ThreatIndex::nearest(std::span<const std::int8_t> vector,
                                                double least_similarity) const {
    if (vector.size() != dimension()) {
        return std::nullopt;
    }
    const RowQuery query = impl_->rows.prepare(vector);
    if (query.inverse_length == 0) {
        return std::nullopt;
    }
    ThreatFilter filter;
    filter.least_similarity = least_similarity;
    const auto lock = impl_->reading();
    const Impl::Ask ask = impl_->ask_of(query, 1, filter);
    Best best(impl_->entries, 1);
    if (impl_->graph && impl_->by_id.size() > impl_->max_exact) {
        impl_->compare(ask, impl_->from_graph(query.sketch, kBreadth), best);
        impl_->compare(ask, impl_->uncovered, best);
    } else {
        std::vector<std::uint32_t> candidates;
        const VectorRows::Reach reach{most_differing(least_similarity, Sketch::kBits / 2.0),
                                      most_differing(least_similarity, Sketch::kBits)};
        impl_->rows.scan_sketches(query, reach,
                                  [&](std::uint32_t row) { candidates.push_back(row); });
        impl_->compare(ask, candidates, best);
    }
    const std::vector<ThreatMatch> found = impl_->answer(query, best);
    return found.empty() ? std::nullopt : std::optional(found.front());
}

void ThreatIndex::maintain() {
    std::vector<Impl::Node> nodes;
    std::vector<Sketch> sketches;
    {
        const auto lock = impl_->reading();
        if (!impl_->wants_graph()) {
            return;
        }
        for (std::uint32_t row = 0; row < impl_->rows.size(); ++row) {
            if (impl_->rows.living(row)) {
                nodes.push_back({row, impl_->rows.version(row)});
                sketches.push_back(impl_->rows.sketch_at(row));
            }
        }
    }
    std::shared_ptr<const SketchGraph> graph = SketchGraph::build(std::move(sketches));
    if (!graph) {
        return;
    }
    const std::scoped_lock waiting(impl_->gate);
    const std::unique_lock lock(impl_->mutex);
    impl_->graph.swap(graph);
    impl_->nodes.swap(nodes);
    impl_->covered.assign(impl_->rows.size(), 0);
    impl_->dead_nodes = 0;
    for (const Impl::Node& node : impl_->nodes) {
        const bool current = impl_->rows.version(node.row) == node.version;
        impl_->covered[node.row] = current ? 1 : impl_->covered[node.row];
        impl_->dead_nodes += current ? 0 : 1;
    }
    impl_->uncovered.clear();
    for (std::uint32_t row = 0; row < impl_->rows.size(); ++row) {
        if (impl_->rows.living(row) && impl_->covered[row] == 0) {
            impl_->uncovered.push_back(row);
        }
    }
    ++impl_->rebuilds;
}

std::size_t ThreatIndex::size() const {
    const auto lock = impl_->reading();
    return impl_->by_id.size();
}

std::size_t ThreatIndex::dimension() const {
    return impl_->rows.dimension();
}

ThreatIndexState ThreatIndex::state() const {
    const auto lock = impl_->reading();
    return {impl_->by_id.size(), impl_->dead_nodes, impl_->nodes.size(), impl_->rebuilds};
}

}  // namespace credence::guard
