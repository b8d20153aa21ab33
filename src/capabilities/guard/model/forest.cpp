#include "capabilities/guard/model/forest.h"

#include <bit>
#include <cmath>
#include <cstring>

namespace credence::guard {

namespace {

static_assert(std::endian::native == std::endian::little, "blobs are little-endian");

constexpr std::string_view kForestMagic = "credence forest 1\n";
constexpr std::uint32_t kMaxTrees = 10'000;
constexpr std::uint32_t kMaxNodes = 1'000'000;
constexpr std::int32_t kMaxTraits = 65'536;
constexpr std::size_t kNodeBytes = 20;

template <class T>
void put(std::string& blob, T value) {
    blob.append(reinterpret_cast<const char*>(&value), sizeof value);
}

// Of bytes that are known to be there.
template <class T>
T get(std::string_view blob, std::size_t& at) {
    T value{};
    std::memcpy(&value, blob.data() + at, sizeof value);
    at += sizeof value;
    return value;
}

// Children stand behind their parent, so that no way down can come back.
bool is_sound(const ForestNode& node, std::size_t at, std::size_t nodes) {
    const auto behind = [&](std::int32_t child) {
        return child >= 0 && static_cast<std::size_t>(child) > at &&
               static_cast<std::size_t>(child) < nodes;
    };
    if (node.trait < 0) {
        return node.trait == -1 && std::isfinite(node.value);
    }
    return node.trait < kMaxTraits && std::isfinite(node.threshold) && behind(node.left) &&
           behind(node.right);
}

std::unexpected<Error> damaged() {
    return fail(Code::invalid, "not a forest, or damaged");
}

}  // namespace

double Forest::logit(std::span<const float> traits) const {
    double sum = bias;
    for (const std::int32_t root : roots) {
        const ForestNode* node = &nodes[static_cast<std::size_t>(root)];
        while (node->trait >= 0) {
            const auto trait = static_cast<std::size_t>(node->trait);
            const float value = trait < traits.size() ? traits[trait] : 0;
            node = &nodes[static_cast<std::size_t>(value <= node->threshold ? node->left
                                                                            : node->right)];
        }
        sum += node->value;
    }
    return sum;
}

std::string Forest::write() const {
    std::string blob(kForestMagic);
    put(blob, static_cast<std::uint32_t>(roots.size()));
    put(blob, static_cast<std::uint32_t>(nodes.size()));
    put(blob, bias);
    for (const std::int32_t root : roots) {
        put(blob, root);
    }
    for (const ForestNode& node : nodes) {
        put(blob, node.trait);
        put(blob, node.threshold);
        put(blob, node.left);
        put(blob, node.right);
        put(blob, node.value);
    }
    return blob;
}

Result<Forest> Forest::read(std::string_view blob) {
    std::size_t at = kForestMagic.size();
    if (!blob.starts_with(kForestMagic) || blob.size() < at + 12) {
        return damaged();
    }
    const auto roots = get<std::uint32_t>(blob, at);
    const auto nodes = get<std::uint32_t>(blob, at);
    Forest forest;
    forest.bias = get<float>(blob, at);
    if (roots > kMaxTrees || nodes > kMaxNodes || !std::isfinite(forest.bias) ||
        blob.size() - at != roots * sizeof(std::int32_t) + nodes * kNodeBytes) {
        return damaged();
    }
    for (std::uint32_t i = 0; i < roots; ++i) {
        const auto root = get<std::int32_t>(blob, at);
        if (root < 0 || static_cast<std::uint32_t>(root) >= nodes) {
            return damaged();
        }
        forest.roots.push_back(root);
    }
    for (std::uint32_t i = 0; i < nodes; ++i) {
        ForestNode node;
        node.trait = get<std::int32_t>(blob, at);
        node.threshold = get<float>(blob, at);
        node.left = get<std::int32_t>(blob, at);
        node.right = get<std::int32_t>(blob, at);
        node.value = get<float>(blob, at);
        if (!is_sound(node, i, nodes)) {
            return damaged();
        }
        forest.nodes.push_back(node);
    }
    return forest;
}

}  // namespace credence::guard
