#include "capabilities/guard/model/network.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "capabilities/guard/model/network_fixture.h"
#include "capabilities/guard/model/network_gradient.h"

namespace credence::guard {
namespace {

TEST(Network, windows_cover_every_token_once_or_twice) {
    EXPECT_EQ(windows_of(0), 1U);
    EXPECT_EQ(windows_of(1), 1U);
    EXPECT_EQ(windows_of(kWindow), 1U);
    EXPECT_EQ(windows_of(kWindow + 1), 2U);
    EXPECT_EQ(windows_of(kWindow + kStride), 2U);
    EXPECT_EQ(windows_of(kWindow + kStride + 1), 3U);
}

TEST(Network, an_empty_reading_has_the_logit_of_its_channel) {
    SeededRandom random(3);
    const NetworkWeights weights = random_weights(random);
    Activations user;
    run_network(weights, Reading{}, SourceKind::user, nullptr, user);
    ASSERT_EQ(user.logits.size(), 1U);
    double expected = static_cast<double>(weights.out_bias[0]);
    for (std::size_t h = 0; h < kHidden; ++h) {
        const float hidden = weights.hidden_bias[h] + weights.hidden[kFilters * kHidden + h];
        expected += static_cast<double>(std::max(hidden, 0.0F) * weights.out[h]);
    }
    EXPECT_NEAR(static_cast<double>(user.logit), expected, 1e-5);
    Activations tool;
    run_network(weights, Reading{}, SourceKind::tool_result, nullptr, tool);
    EXPECT_NE(user.logit, tool.logit);
}

// The definition in network.h once more, one filter of one token at a time.
TEST(Network, layers_are_what_the_header_says) {
    SeededRandom random(4);
    const NetworkWeights weights = random_weights(random);
    const Reading reading = made_up_reading(random, 9);
    Activations a;
    run_network(weights, reading, SourceKind::user, nullptr, a);
    const Token& token = reading.text.tokens[4];
    double sum = 0;
    double rows = 0;
    const auto add = [&](std::uint32_t feature) {
        sum += static_cast<double>(weights.embedding[row_of(feature) * kDimension + 7]);
        ++rows;
    };
    for (std::uint32_t f = 0; f < token.features; ++f) {
        add(reading.text.features[token.first_feature + f]);
    }
    for (const Concept& found : reading.concepts) {
        if (found.token == 4) {
            add(found.feature);
        }
    }
    EXPECT_NEAR(static_cast<double>(a.token[4 * kDimension + 7]), sum / std::sqrt(rows), 1e-5);
    constexpr std::size_t kFilter = 11;
    double first = static_cast<double>(weights.first_bias[kFilter]);
    double second = static_cast<double>(weights.second_bias[kFilter]);
    for (std::size_t tap = 0; tap < kWidth; ++tap) {
        for (std::size_t i = 0; i < kDimension; ++i) {
            first += static_cast<double>(a.token[(3 + tap) * kDimension + i] *
                                         weights.first[(tap * kDimension + i) * kFilters + 11]);
        }
        for (std::size_t i = 0; i < kFilters; ++i) {
            second += static_cast<double>(a.first[(2 + 2 * tap) * kFilters + i] *
                                          weights.second[(tap * kFilters + i) * kFilters + 11]);
        }
    }
    first = std::max(first, 0.0);
    EXPECT_NEAR(static_cast<double>(a.first[4 * kFilters + kFilter]), first, 1e-5);
    EXPECT_NEAR(static_cast<double>(a.second[4 * kFilters + kFilter]),
                first + std::max(second, 0.0), 1e-5);
}

TEST(Network, the_worst_window_gives_the_logit) {
    SeededRandom random(5);
    const NetworkWeights weights = random_weights(random);
    Activations a;
    run_network(weights, made_up_reading(random, 400), SourceKind::document, nullptr, a);
    ASSERT_EQ(a.logits.size(), windows_of(400));
    EXPECT_EQ(a.logit, *std::max_element(a.logits.begin(), a.logits.end()));
    EXPECT_EQ(a.logit, a.logits[a.worst]);
}

// Compares a gradient with what the logit does when one weight moves.
class GradientCheck {
public:
    GradientCheck(std::uint64_t seed, std::size_t tokens, bool with_omission)
        : random_(seed),
          weights_(random_weights(random_)),
          reading_(made_up_reading(random_, tokens)) {
        if (with_omission) {
            omission_.words.resize(tokens);
            omission_.filters.assign(kFilters, 1.5F);
            for (std::size_t i = 0; i < tokens; i += 4) {
                omission_.words[i] = 1;
            }
            for (std::size_t c = 0; c < kFilters; c += 3) {
                omission_.filters[c] = 0;
            }
            used_ = &omission_;
        }
    }

    // Largest relative error of several weights of each tensor, the embedding's included.
    void run() {
        Activations activations;
        run_network(weights_, reading_, kChannel, used_, activations);
        TransposedWeights transposed;
        transposed.refresh(weights_);
        NetworkGradient gradient;
        add_gradient(weights_, transposed, reading_, kChannel, used_, activations, 1, gradient);
        const auto values = weights_.dense();
        const auto slopes = gradient.dense();
        for (std::size_t tensor = 0; tensor < values.size(); ++tensor) {
            SCOPED_TRACE("tensor " + std::to_string(tensor));
            compare(*values[tensor], *slopes[tensor]);
        }
        SCOPED_TRACE("embedding");
        std::vector<float> all(weights_.embedding.size());
        for (std::size_t i = 0; i < gradient.row_gradients.size(); ++i) {
            all[gradient.rows[i / kDimension] * kDimension + i % kDimension] +=
                gradient.row_gradients[i];
        }
        compare(weights_.embedding, all);
    }

private:
    static constexpr SourceKind kChannel = SourceKind::tool_result;
    static constexpr float kMove = 1.5e-3F;
    static constexpr std::size_t kChecked = 8;  // of each tensor
    static constexpr std::size_t kTried = 80;

    double logit() {
        Activations activations;
        run_network(weights_, reading_, kChannel, used_, activations);
        return static_cast<double>(activations.logit);
    }

    // Weights that matter: of others the rounding of the logit hides what they do.
    void compare(std::vector<float>& values, const std::vector<float>& slopes) {
        float highest = 0;
        for (const float slope : slopes) {
            highest = std::max(highest, std::abs(slope));
        }
        ASSERT_GT(highest, 0);
        std::vector<std::size_t> strong;
        for (std::size_t i = 0; i < slopes.size(); ++i) {
            if (std::abs(slopes[i]) > 0.2F * highest) {
                strong.push_back(i);
            }
        }
        std::size_t checked = 0;
        for (std::size_t n = 0; n < kTried && checked < kChecked; ++n) {
            const std::size_t i = strong[random_.next() % strong.size()];
            const Slopes found = slopes_of(values[i]);
            if (std::abs(found.above - found.below) < 0.03 * std::abs(found.mean)) {
                EXPECT_NEAR(found.mean, static_cast<double>(slopes[i]),
                            0.01 * std::abs(found.mean));
                ++checked;
            }
        }
        EXPECT_EQ(checked, kChecked);
    }

    // Of the logit by one weight, to either side. The logit is piecewise linear: where the sides
    // differ, a relu or a maximum changes in between, and there is no slope to compare with.
    struct Slopes {
        double below = 0;
        double above = 0;
        double mean = 0;
    };
    Slopes slopes_of(float& value) {
        const float kept = value;
        const double here = logit();
        value = kept + kMove;
        const double above = logit() - here;
        const double right = static_cast<double>(value) - static_cast<double>(kept);
        value = kept - kMove;
        const double below = here - logit();
        const double left = static_cast<double>(kept) - static_cast<double>(value);
        value = kept;
        return {below / left, above / right, (above + below) / (left + right)};
    }

    SeededRandom random_;
    NetworkWeights weights_;
    Reading reading_;
    Omission omission_;
    const Omission* used_ = nullptr;
};

TEST(NetworkGradient, agrees_with_finite_differences) {
    GradientCheck(21, 12, false).run();
}

TEST(NetworkGradient, reaches_only_the_worst_of_many_windows) {
    GradientCheck(22, 150, false).run();
}

TEST(NetworkGradient, knows_what_was_left_out) {
    GradientCheck(23, 20, true).run();
}

}  // namespace
}  // namespace credence::guard
