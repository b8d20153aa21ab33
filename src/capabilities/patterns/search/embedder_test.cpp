#include "capabilities/patterns/search/embedder.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "base/text.h"

namespace credence::patterns {
namespace {

// Stored vectors depend on every bit of this: when it fails, kWordsVersion must go up.
TEST(Embedder, IsPinned) {
    const Embedder embedder;
    EXPECT_EQ(embedder.name(), "hashed-256-1");
    const auto digest = [&](const char* text) {
        return sha256_hex(encode_vector(embedder.embed(text))).substr(0, 16);
    };
    EXPECT_EQ(digest("Retry with exponential backoff"), "29ce80d65823097c");
    EXPECT_EQ(digest("k8s pods: C++ and na\xc3\xafve text, 404"), "7f4f585874394384");
}

TEST(Embedder, SaysTheSameOfTheSame) {
    const Embedder one;
    const Embedder other;
    EXPECT_EQ(one.embed("Circuit breaker"), other.embed("Circuit breaker"));
    EXPECT_EQ(one.embed("Circuit breaker"), one.embed("  circuit BREAKER "));
    EXPECT_EQ(one.embed("x").values.size(), Embedder::kDimension);
    EXPECT_EQ(one.embed("").inverse_length, 0.0F);
    EXPECT_EQ(one.embed("!?").inverse_length, 0.0F);
}

TEST(Embedder, NearnessFollowsMeaning) {
    const Embedder embedder;
    const auto near = [&](const char* a, const char* b) {
        return cosine(embedder.embed(a), embedder.embed(b));
    };
    EXPECT_NEAR(near("database index", "database index"), 1.0, 1e-6);
    EXPECT_GT(near("db index", "database indexes"), 0.3);
    EXPECT_GT(near("authetication", "authentication"), 0.2) << "a slip of the keyboard";
    EXPECT_GT(near("the cache of the results", "cache results"), 0.8) << "function words";
    EXPECT_LT(std::abs(near("database index", "screen reader")), 0.25);
}

TEST(Embedder, PartsCountByTheirWeight) {
    const Embedder embedder;
    const std::array light{TextPart{"deadlock", 1}, TextPart{"pagination", 1}};
    const std::array heavy{TextPart{"deadlock", 8}, TextPart{"pagination", 1}};
    const Vector about = embedder.embed("deadlock");
    EXPECT_GT(cosine(embedder.embed(heavy), about), cosine(embedder.embed(light), about) + 0.1);
}

TEST(Vector, TravelsAsText) {
    const Embedder embedder;
    const Vector vector = embedder.embed("Bulkhead isolation");
    const std::string text = encode_vector(vector);
    EXPECT_EQ(text.size(), 342U);
    EXPECT_EQ(*decode_vector(text), vector);
    EXPECT_EQ(encode_vector(Vector{}), "");
    EXPECT_TRUE(decode_vector("")->empty());
    EXPECT_EQ(decode_vector("AA=A").error().code, Code::internal);
}

}  // namespace
}  // namespace credence::patterns
