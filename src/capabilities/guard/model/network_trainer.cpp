#include "capabilities/guard/model/network_trainer.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include <fmt/format.h>

#include "base/random.h"
#include "capabilities/guard/model/network_gradient.h"

namespace credence::guard {

namespace {

constexpr std::size_t kBatch = 16;
constexpr std::size_t kWarmUpSteps = 200;
constexpr float kLeastRate = 0.02F;     // share of the first rate that the last steps keep
constexpr double kHarmfulWeight = 0.3;  // a harmful wish without a trick teaches little …
constexpr double kHarmfulTarget = 0.1;  // … and is closer to ordinary than to an attack
constexpr double kManyWindows = 0.35;
constexpr std::size_t kLongestLesson = 600;  // tokens; of longer texts that are no attack, a part
constexpr int kAveragedSnapshots = 20;       // of the last half (Izmailov et al. 2018)

class Chance {
public:
    explicit Chance(std::uint64_t seed) : random_(seed) {}
    double uniform() { return static_cast<double>(random_.next() >> 11) * 0x1.0p-53; }
    bool happens(double probability) { return uniform() < probability; }
    std::size_t below(std::size_t count) { return random_.next() % count; }
    // Box and Muller 1958.
    float normal() {
        constexpr double kTwoPi = 6.283185307179586;
        return static_cast<float>(std::sqrt(-2 * std::log(1 - uniform())) *
                                  std::cos(kTwoPi * uniform()));
    }

private:
    SeededRandom random_;
};

void fill(std::vector<float>& values, double deviation, Chance& chance) {
    for (float& value : values) {
        value = static_cast<float>(deviation) * chance.normal();
    }
}

NetworkWeights initial_weights(Chance& chance) {
    NetworkWeights weights;
    fill(weights.embedding, 0.1, chance);
    fill(weights.first, std::sqrt(2.0 / (kWidth * kDimension)), chance);
    fill(weights.second, 0.7 * std::sqrt(2.0 / (kWidth * kFilters)), chance);
    fill(weights.hidden, std::sqrt(2.0 / kHead), chance);
    fill(weights.out, 0.3, chance);
    return weights;
}

// First and second moments of each dense weight.
struct Adam {
    std::array<std::vector<float>, 8> mean;
    std::array<std::vector<float>, 8> square;
    std::int64_t steps = 0;

    void step(NetworkWeights& weights, NetworkGradient& gradient, float rate, float decay) {
        constexpr float kMean = 0.9F;
        constexpr float kSquare = 0.999F;
        ++steps;
        const float mean_scale = 1 - std::pow(kMean, static_cast<float>(steps));
        const float square_scale = 1 - std::pow(kSquare, static_cast<float>(steps));
        const auto values = weights.dense();
        const auto slopes = gradient.dense();
        for (std::size_t i = 0; i < values.size(); ++i) {
            mean[i].resize(values[i]->size());
            square[i].resize(values[i]->size());
            for (std::size_t j = 0; j < values[i]->size(); ++j) {
                float& slope = (*slopes[i])[j];
                float& value = (*values[i])[j];
                mean[i][j] = kMean * mean[i][j] + (1 - kMean) * slope;
                square[i][j] = kSquare * square[i][j] + (1 - kSquare) * slope * slope;
                value -= rate * (mean[i][j] / mean_scale /
                                     (std::sqrt(square[i][j] / square_scale) + 1e-8F) +
                                 decay * value);
                slope = 0;
            }
        }
    }
};

// The mean of snapshots of the last half of a training generalises better than its last point.
class Average {
public:
    void add(NetworkWeights& weights) {
        ++count_;
        const float share = 1 / static_cast<float>(count_);
        move(mean_.embedding, weights.embedding, share);
        const auto to = mean_.dense();
        const auto from = weights.dense();
        for (std::size_t i = 0; i < to.size(); ++i) {
            move(*to[i], *from[i], share);
        }
    }
    NetworkWeights take() { return std::move(mean_); }
    int count() const { return count_; }

private:
    static void move(std::vector<float>& mean, const std::vector<float>& value, float share) {
        for (std::size_t i = 0; i < mean.size(); ++i) {
            mean[i] += share * (value[i] - mean[i]);
        }
    }
    NetworkWeights mean_;
    int count_ = 0;
};

// What one lesson shows of its text.
struct Shown {
    Reading part;  // when the text is cut
    const Reading* reading = nullptr;
    SourceKind channel = SourceKind::user;
};

class Trainer {
public:
    Trainer(std::span<const Lesson> lessons, const NetworkOptions& options)
        : lessons_(lessons),
          options_(options),
          chance_(options.seed),
          weights_(initial_weights(chance_)),
          squares_(kRows) {
        transposed_.refresh(weights_);
    }

    NetworkWeights run() {
        const std::size_t per_epoch = lessons_.size() / kBatch;
        total_steps_ = per_epoch * static_cast<std::size_t>(options_.epochs);
        std::vector<std::uint32_t> order(lessons_.size());
        std::iota(order.begin(), order.end(), 0U);
        for (int epoch = 0; epoch < options_.epochs; ++epoch) {
            for (std::size_t i = order.size(); i > 1; --i) {
                std::swap(order[i - 1], order[chance_.below(i)]);
            }
            double loss = 0;
            for (std::size_t i = 0; i < per_epoch * kBatch; ++i) {
                loss += learn(lessons_[order[i]]);
                if (i % kBatch == kBatch - 1) {
                    step();
                }
            }
            if (options_.progress) {
                options_.progress(fmt::format("epoch {}: mean loss {:.4f}", epoch + 1,
                                              loss / static_cast<double>(per_epoch * kBatch)));
            }
        }
        return average_.count() > 0 ? average_.take() : std::move(weights_);
    }

private:
    // Of an attack the reading that shows it best, of another text any.
    std::size_t choose(const Sample& sample, SourceKind channel) {
        if (sample.readings.size() == 1) {
            return 0;
        }
        if (!sample.attack()) {
            return chance_.below(sample.readings.size());
        }
        // What an encoding looks like is no evidence, so the encoded text itself teaches nothing.
        std::size_t best = sample.origin.transform.empty() ? 0 : 1;
        float highest = 0;
        for (std::size_t i = best; i < sample.readings.size(); ++i) {
            run_network(weights_, sample.readings[i], channel, nullptr, activations_);
            if (i == best || activations_.logit > highest) {
                highest = activations_.logit;
                best = i;
            }
        }
        return best;
    }

    void cut(const Sample& sample, Shown& shown) {
        const std::size_t tokens = shown.reading->text.tokens.size();
        if (tokens <= kLongestLesson || sample.attack()) {
            return;
        }
        const std::size_t from = chance_.below(tokens - kLongestLesson);
        const auto& all = shown.reading->text;
        shown.part.text.features = all.features;
        shown.part.text.tokens.assign(
            all.tokens.begin() + static_cast<std::ptrdiff_t>(from),
            all.tokens.begin() + static_cast<std::ptrdiff_t>(from + kLongestLesson));
        for (const Concept& found : shown.reading->concepts) {
            if (found.token >= from && found.token < from + kLongestLesson) {
                shown.part.concepts.push_back(
                    {found.token - static_cast<std::uint32_t>(from), found.feature});
            }
        }
        shown.reading = &shown.part;
    }

    void omit(std::size_t tokens) {
        const bool all_words = chance_.happens(options_.text_omission);
        omission_.words.resize(tokens);
        for (std::uint8_t& word : omission_.words) {
            word = all_words || chance_.happens(options_.word_omission) ? 1 : 0;
        }
        omission_.filters.resize(kFilters);
        for (float& filter : omission_.filters) {
            filter = chance_.happens(options_.filter_omission)
                         ? 0.0F
                         : static_cast<float>(1 / (1 - options_.filter_omission));
        }
    }

    double learn(const Lesson& lesson) {
        const Sample& sample = *lesson.sample;
        Shown shown;
        shown.channel =
            chance_.happens(options_.channel_omission) ? SourceKind::user : sample.channel;
        shown.reading = &sample.readings[choose(sample, shown.channel)];
        cut(sample, shown);
        omit(shown.reading->text.tokens.size());
        run_network(weights_, *shown.reading, shown.channel, &omission_, activations_);
        const double probability = 1 / (1 + std::exp(-static_cast<double>(activations_.logit)));
        const double slope = lesson.weight * (probability - lesson.target) / kBatch;
        add_gradient(weights_, transposed_, *shown.reading, shown.channel, &omission_, activations_,
                     static_cast<float>(slope), gradient_);
        return -lesson.weight * (lesson.target * std::log(probability + 1e-9) +
                                 (1 - lesson.target) * std::log(1 - probability + 1e-9));
    }

    void step() {
        ++steps_;
        const float done = static_cast<float>(steps_) / static_cast<float>(total_steps_);
        const float share = std::max(1 - done, kLeastRate);
        const float warm =
            std::min(1.0F, static_cast<float>(steps_) / static_cast<float>(kWarmUpSteps));
        adam_.step(weights_, gradient_, static_cast<float>(options_.dense_rate) * share * warm,
                   static_cast<float>(options_.weight_decay));
        step_embedding(static_cast<float>(options_.embedding_rate) * share);
        transposed_.refresh(weights_);
        const std::size_t every = std::max<std::size_t>(1, total_steps_ / 2 / kAveragedSnapshots);
        if (steps_ * 2 > total_steps_ && steps_ % every == 0) {
            average_.add(weights_);
        }
    }

    void step_embedding(float rate) {
        for (std::size_t i = 0; i < gradient_.rows.size(); ++i) {
            const float* slope = &gradient_.row_gradients[i * kDimension];
            float square = 0;
            for (std::size_t d = 0; d < kDimension; ++d) {
                square += slope[d] * slope[d];
            }
            float& sum = squares_[gradient_.rows[i]];
            sum += square / kDimension;
            const float by = 0.5F * rate / std::sqrt(sum + 1e-8F);
            float* row = &weights_.embedding[gradient_.rows[i] * kDimension];
            for (std::size_t d = 0; d < kDimension; ++d) {
                row[d] -= by * slope[d];
            }
        }
        gradient_.rows.clear();
        gradient_.row_gradients.clear();
    }

    std::span<const Lesson> lessons_;
    const NetworkOptions& options_;
    Chance chance_;
    NetworkWeights weights_;
    TransposedWeights transposed_;
    NetworkGradient gradient_;
    Adam adam_;
    std::vector<float> squares_;  // by row of the embedding
    Average average_;
    Activations activations_;
    Omission omission_;
    std::size_t steps_ = 0;
    std::size_t total_steps_ = 0;
};

}  // namespace

std::vector<Lesson> lessons_of(std::span<const Sample* const> samples,
                               const NetworkOptions& options) {
    std::map<std::pair<std::string, bool>, double> sizes;
    for (const Sample* sample : samples) {
        ++sizes[{sample->origin.source, sample->attack()}];
    }
    std::vector<Lesson> lessons;
    double attacks = 0;
    double others = 0;
    for (const Sample* sample : samples) {
        Lesson lesson;
        lesson.sample = sample;
        lesson.target = sample->attack() ? 1 - options.smoothing : options.smoothing;
        lesson.weight =
            std::pow(sizes[{sample->origin.source, sample->attack()}], options.source_exponent - 1);
        if (!sample->counted()) {
            lesson.weight *= kHarmfulWeight;
            lesson.target = kHarmfulTarget;
        }
        (sample->attack() ? attacks : others) += lesson.weight;
        lessons.push_back(lesson);
    }
    const double half = static_cast<double>(samples.size()) / 2;
    for (Lesson& lesson : lessons) {
        lesson.weight *= half / (lesson.sample->attack() ? attacks : others);
    }
    return lessons;
}

NetworkWeights train_network(std::span<const Lesson> lessons, const NetworkOptions& options) {
    return Trainer(lessons, options).run();
}

double window_penalty(std::size_t windows) {
    return kManyWindows * std::log(static_cast<double>(std::max<std::size_t>(1, windows)));
}

double network_logit(const NetworkWeights& weights, const Sample& sample, SourceKind channel) {
    Activations activations;
    double highest = 0;
    std::size_t windows = 0;
    for (std::size_t i = 0; i < sample.readings.size(); ++i) {
        run_network(weights, sample.readings[i], channel, nullptr, activations);
        windows += activations.logits.size();
        highest = i == 0 ? activations.logit : std::max<double>(highest, activations.logit);
    }
    return highest - window_penalty(windows);
}

}  // namespace credence::guard
