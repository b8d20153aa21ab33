#include "capabilities/guard/memory/sketch_graph.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wextra"
#include <hnswlib/hnswlib.h>
#pragma GCC diagnostic pop

#include <algorithm>
#include <array>
#include <bit>
#include <exception>

namespace credence::guard {
namespace {

int bits_portable(const Sketch& a, const Sketch& b) {
    int sum = 0;
    for (std::size_t i = 0; i < Sketch::kWords; ++i) {
        sum += std::popcount(a.words[i] ^ b.words[i]);
    }
    return sum;
}

#if defined(__x86_64__)
__attribute__((target("popcnt"))) int bits_popcnt(const Sketch& a, const Sketch& b) {
    long long sum = 0;
    for (std::size_t i = 0; i < Sketch::kWords; ++i) {
        sum += __builtin_popcountll(a.words[i] ^ b.words[i]);
    }
    return static_cast<int>(sum);
}
#endif

using Compare = int (*)(const Sketch&, const Sketch&);

Compare best_compare() {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("popcnt") != 0) {
        return bits_popcnt;
    }
#endif
    return bits_portable;
}

template <Compare kCompare>
int compare_nodes(const void* a, const void* b, const void*) {
    return kCompare(*static_cast<const Sketch*>(a), *static_cast<const Sketch*>(b));
}

class Space final : public hnswlib::SpaceInterface<int> {
public:
    std::size_t get_data_size() override { return sizeof(Sketch); }
    hnswlib::DISTFUNC<int> get_dist_func() override {
#if defined(__x86_64__)
        if (best_compare() == bits_popcnt) {
            return compare_nodes<bits_popcnt>;
        }
#endif
        return compare_nodes<bits_portable>;
    }
    void* get_dist_func_param() override { return nullptr; }
};

using Graph = hnswlib::HierarchicalNSW<int>;

}  // namespace

int differing_bits(const Sketch& a, const Sketch& b) {
    return best_compare()(a, b);
}

std::unique_ptr<SketchGraph> SketchGraph::build(std::vector<Sketch> sketches) {
    std::unique_ptr<SketchGraph> out(new SketchGraph());
    try {
        Space space;
        Graph graph(&space, sketches.size() + 1, kLinks, kBuildBreadth);
        for (std::size_t i = 0; i < sketches.size(); ++i) {
            graph.addPoint(&sketches[i], i);  // one thread, in order: node and label are the same
        }
        const auto links_at = [](unsigned int* list) {
            const std::size_t count = *reinterpret_cast<std::uint16_t*>(list);
            return std::vector<std::uint32_t>(list + 1, list + 1 + count);
        };
        out->base_.assign(sketches.size() * 2 * kLinks, kNone);
        out->upper_.resize(static_cast<std::size_t>(std::max(graph.maxlevel_, 0)));
        for (std::uint32_t node = 0; node < sketches.size(); ++node) {
            std::ranges::copy(links_at(graph.get_linklist0(node)),
                              out->base_.data() + std::size_t{node} * 2 * kLinks);
            for (int level = 1; level <= graph.element_levels_[node]; ++level) {
                out->upper_[static_cast<std::size_t>(level - 1)][node] =
                    links_at(graph.get_linklist(node, level));
            }
        }
        out->entry_ = graph.enterpoint_node_;
    } catch (const std::exception&) {
        return nullptr;
    }
    out->sketches_ = std::move(sketches);
    return out;
}

// Greedily through the upper layers.
std::uint32_t SketchGraph::descend(const Sketch& query) const {
    const Compare compare = best_compare();
    std::uint32_t at = entry_;
    int distance = compare(query, sketches_[at]);
    for (std::size_t level = upper_.size(); level-- > 0;) {
        for (bool moved = true; moved;) {
            moved = false;
            const auto links = upper_[level].find(at);
            if (links == upper_[level].end()) {
                break;
            }
            for (const std::uint32_t node : links->second) {
                const int to = compare(query, sketches_[node]);
                if (to < distance) {
                    distance = to;
                    at = node;
                    moved = true;
                }
            }
        }
    }
    return at;
}

namespace {

// What a walk knows: nodes by distance, still to be left or already left, and how near the
// `breadth` nearest of them are.
class Frontier {
public:
    Frontier(std::size_t nodes, std::size_t breadth) : visited_(nodes / 64 + 1), breadth_(breadth) {
        heads_.fill(kEnd);
        met_.reserve(breadth * 4);
    }

    // Whether it was new.
    bool visit(std::uint32_t node) {
        std::uint64_t& word = visited_[node / 64];
        const std::uint64_t bit = std::uint64_t{1} << (node % 64);
        const bool is_new = (word & bit) == 0;
        word |= bit;
        return is_new;
    }
    void meet(std::uint32_t node, int distance) {
        if (distance > bound_) {
            return;
        }
        const auto place = static_cast<std::size_t>(distance);
        met_.push_back({node, heads_[place]});
        heads_[place] = static_cast<std::uint32_t>(met_.size() - 1);
        lowest_ = std::min(lowest_, distance);
        ++counts_[place];
        ++within_;
        while (within_ - counts_[static_cast<std::size_t>(bound_)] >= breadth_) {
            within_ -= counts_[static_cast<std::size_t>(bound_)];
            --bound_;
        }
    }
    // The nearest not yet left; false when all that count were.
    bool leave(std::uint32_t& node) {
        while (lowest_ <= bound_ && heads_[static_cast<std::size_t>(lowest_)] == kEnd) {
            ++lowest_;
        }
        if (lowest_ > bound_) {
            return false;
        }
        std::uint32_t& head = heads_[static_cast<std::size_t>(lowest_)];
        node = met_[head].node;
        left_.push_back({node, static_cast<std::uint32_t>(lowest_)});
        head = met_[head].next;
        return true;
    }
    // Nearest first.
    std::vector<std::uint32_t> nearest() {
        std::ranges::sort(left_, [](const Left& a, const Left& b) {
            return a.distance != b.distance ? a.distance < b.distance : a.node < b.node;
        });
        std::vector<std::uint32_t> out;
        out.reserve(std::min(breadth_, left_.size()));
        for (std::size_t i = 0; i < left_.size() && out.size() < breadth_; ++i) {
            out.push_back(left_[i].node);
        }
        return out;
    }

private:
    static constexpr std::uint32_t kEnd = 0xffffffff;
    struct Met {
        std::uint32_t node;
        std::uint32_t next;
    };
    struct Left {
        std::uint32_t node;
        std::uint32_t distance;
    };

    std::vector<std::uint64_t> visited_;
    std::vector<Met> met_;
    std::vector<Left> left_;
    std::array<std::uint32_t, Sketch::kBits + 1> heads_;
    std::array<std::uint32_t, Sketch::kBits + 1> counts_{};
    std::size_t breadth_;
    std::size_t within_ = 0;  // met within the bound
    int bound_ = static_cast<int>(Sketch::kBits);
    int lowest_ = static_cast<int>(Sketch::kBits);
};

}  // namespace

std::vector<std::uint32_t> SketchGraph::near(const Sketch& query, std::size_t breadth) const {
    if (size() == 0 || breadth == 0) {
        return {};
    }
    const Compare compare = best_compare();
    Frontier frontier(size(), breadth);
    std::uint32_t at = descend(query);
    frontier.visit(at);
    frontier.meet(at, compare(query, sketches_[at]));
    std::array<std::uint32_t, 2 * kLinks> fresh;
    while (frontier.leave(at)) {
        const std::uint32_t* links = base_.data() + std::size_t{at} * 2 * kLinks;
        std::size_t count = 0;
        for (std::size_t i = 0; i < 2 * kLinks && links[i] != kNone; ++i) {
            if (frontier.visit(links[i])) {
                __builtin_prefetch(&sketches_[links[i]]);
                fresh[count++] = links[i];
            }
        }
        for (std::size_t i = 0; i < count; ++i) {
            frontier.meet(fresh[i], compare(query, sketches_[fresh[i]]));
        }
    }
    return frontier.nearest();
}

}  // namespace credence::guard
