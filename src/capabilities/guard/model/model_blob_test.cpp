#include "capabilities/guard/model/model_blob.h"

#include <cstring>
#include <functional>

#include <gtest/gtest.h>

#include "base/hash_chain.h"
#include "capabilities/guard/model/network_fixture.h"

namespace credence::guard {
namespace {

constexpr std::size_t kDigestBytes = 64;
constexpr std::size_t kMagicBytes = 23;
constexpr std::size_t kDamages = 200;

Forest small_forest() {
    std::vector<ForestRow> rows;
    static const std::vector<float> low{0, 1};
    static const std::vector<float> high{1, 0};
    for (int i = 0; i < 40; ++i) {
        rows.push_back({i % 2 == 0 ? low : high, i % 2 == 0 ? 0.1 : 0.9, 1});
    }
    ForestOptions options;
    options.trees = 3;
    options.leaf_weight = 2;
    options.trait_share = 1;
    return grow_forest(rows, options);
}

ModelParts made_up_parts() {
    SeededRandom random(21);
    const NetworkWeights weights = random_weights(random);
    const std::vector<Reading> readings{made_up_reading(random, 20), made_up_reading(random, 50)};
    return {"3.2.1-test",
            "# Report\n\nOf a made-up model.\n",
            QuantisedNetwork::quantise(weights, pointers_to(readings)),
            small_forest(),
            {"rules.score", "text.upper"},
            {{0.7, 0.2, 1.5, 0}, -0.25},
            {{-2, 0, 3}, {0.1, 0.4, 0.8}}};
}

const ModelParts& made() {
    static const ModelParts parts = made_up_parts();
    return parts;
}

const std::string& blob() {
    static const std::string written = write_model(made());
    return written;
}

// The same body under a digest of its own: what a forger could hand in.
std::string sealed(std::string_view body) {
    const std::string_view fields[] = {body};
    return std::string(body) + chain_hash("guard model", fields);
}

std::string_view body() {
    return std::string_view(blob()).substr(0, blob().size() - kDigestBytes);
}

void expect_refused(std::string_view bytes) {
    const auto read = read_model(bytes);
    ASSERT_FALSE(read.has_value());
    EXPECT_EQ(read.error().code, Code::invalid);
    EXPECT_FALSE(read.error().message.empty());
}

std::vector<float> logits_of(const QuantisedNetwork& network) {
    SeededRandom random(22);
    WindowLogits out;
    network.run(made_up_reading(random, 150), SourceKind::document, out);
    return out.logits;
}

void expect_made_up_parts(const ModelParts& parts) {
    EXPECT_EQ(parts.version, "3.2.1-test");
    EXPECT_EQ(parts.report, "# Report\n\nOf a made-up model.\n");
    EXPECT_EQ(parts.trait_names, (std::vector<std::string>{"rules.score", "text.upper"}));
    EXPECT_EQ(parts.combination.weights, (std::array<double, kOpinions>{0.7, 0.2, 1.5, 0}));
    EXPECT_EQ(parts.combination.bias, -0.25);
    EXPECT_EQ(parts.calibration.logits, (std::vector<double>{-2, 0, 3}));
    EXPECT_EQ(parts.calibration.scores, (std::vector<double>{0.1, 0.4, 0.8}));
    EXPECT_EQ(logits_of(parts.network), logits_of(made().network));
    for (const std::vector<float>& traits : {std::vector<float>{0, 1}, {1, 0}, {0.5F, 0.5F}}) {
        EXPECT_EQ(parts.forest.logit(traits), made().forest.logit(traits));
    }
}

TEST(ModelBlob, what_is_written_is_read) {
    const auto read = read_model(blob());
    ASSERT_TRUE(read.has_value()) << read.error().message;
    expect_made_up_parts(*read);
    EXPECT_EQ(write_model(*read), blob());
}

TEST(ModelBlob, it_is_read_wherever_it_lies_in_memory) {
    std::string room(blob().size() + 64, '\0');
    for (const std::size_t offset : {1U, 7U, 32U}) {
        std::memcpy(room.data() + offset, blob().data(), blob().size());
        const auto read = read_model(std::string_view(room).substr(offset, blob().size()));
        ASSERT_TRUE(read.has_value()) << offset;
        expect_made_up_parts(*read);
    }
}

TEST(ModelBlob, the_same_parts_give_the_same_bytes) {
    EXPECT_EQ(write_model(made_up_parts()), blob());
}

TEST(ModelBlob, any_damaged_byte_is_noticed) {
    std::string damaged = blob();
    SeededRandom random(23);
    for (std::size_t i = 0; i < kDamages; ++i) {
        // A third at the front and the end, where the structure lies.
        std::size_t at = random.next() % damaged.size();
        at = i % 6 == 0 ? random.next() % 512 : at;
        at = i % 6 == 1 ? damaged.size() - 1 - random.next() % 8'192 : at;
        const char before = damaged[at];
        damaged[at] = static_cast<char>(before ^ static_cast<char>(1U << random.next() % 8));
        SCOPED_TRACE(at);
        expect_refused(damaged);
        damaged[at] = before;
    }
    EXPECT_EQ(damaged, blob());
}

TEST(ModelBlob, truncation_is_noticed) {
    const std::string_view whole = blob();
    for (const std::size_t bytes :
         {std::size_t{0}, std::size_t{1}, kMagicBytes - 1, kMagicBytes,
          kMagicBytes + kDigestBytes - 1, kMagicBytes + kDigestBytes, std::size_t{200},
          whole.size() / 2, whole.size() - kDigestBytes, whole.size() - 2, whole.size() - 1}) {
        SCOPED_TRACE(bytes);
        expect_refused(whole.substr(0, bytes));
    }
    expect_refused(blob() + "x");
}

TEST(ModelBlob, a_right_digest_does_not_excuse_a_wrong_structure) {
    ASSERT_TRUE(read_model(sealed(body())).has_value());  // the forger's way is right
    for (const std::size_t bytes :
         {kMagicBytes, kMagicBytes + 1, kMagicBytes + 8, std::size_t{64}, std::size_t{100},
          std::size_t{200}, body().size() / 2, body().size() - 24, body().size() - 1}) {
        SCOPED_TRACE(bytes);
        expect_refused(sealed(body().substr(0, bytes)));
    }
}

TEST(ModelBlob, lengths_of_parts_are_checked) {
    std::string forged(body());
    for (const std::uint64_t length :
         {std::uint64_t{0}, std::uint64_t{9}, std::uint64_t{11}, std::uint64_t{1} << 24,
          (std::uint64_t{1} << 24) + 1, std::uint64_t{1} << 63, ~std::uint64_t{0}}) {
        SCOPED_TRACE(length);
        std::memcpy(forged.data() + kMagicBytes, &length, sizeof length);  // of the version
        const auto read = read_model(sealed(forged));
        // One byte more or less of text still is a text; nothing else may pass.
        if (read) {
            EXPECT_LT(length, 64U);
        } else {
            EXPECT_EQ(read.error().code, Code::invalid);
        }
    }
}

// Parts of the right form whose contents do not belong together.
TEST(ModelBlob, parts_that_do_not_fit_are_refused) {
    auto parts = read_model(blob());
    ASSERT_TRUE(parts.has_value());
    parts->calibration.scores.pop_back();
    expect_refused(write_model(*parts));
}

TEST(ModelBlob, another_file_is_refused) {
    expect_refused("");
    expect_refused(std::string(1'000, '\0'));
    expect_refused("credence guard model 2\n" + blob().substr(kMagicBytes));
    expect_refused(R"({"text": "not a model"})");
}

}  // namespace
}  // namespace credence::guard
