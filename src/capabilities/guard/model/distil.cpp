#include "capabilities/guard/model/distil.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "base/random.h"

namespace credence::guard {

namespace {

constexpr std::size_t kLongestPart = 160;  // tokens of a stretch
constexpr std::size_t kShortestPart = 6;
constexpr double kLabelShare = 0.4;  // of a sample's target; the rest is the teachers'

// A copy of the tokens [from, to) at the end of *out.
void append(const Reading& in, std::size_t from, std::size_t to, Reading& out) {
    const auto shift = static_cast<std::uint32_t>(out.text.tokens.size());
    for (std::size_t t = from; t < to; ++t) {
        Token token = in.text.tokens[t];
        const auto first = in.text.features.begin() + token.first_feature;
        token.first_feature = static_cast<std::uint32_t>(out.text.features.size());
        out.text.features.insert(out.text.features.end(), first, first + token.features);
        out.text.tokens.push_back(token);
    }
    for (const Concept& found : in.concepts) {
        if (found.token >= from && found.token < to) {
            out.concepts.push_back(
                {found.token - static_cast<std::uint32_t>(from) + shift, found.feature});
        }
    }
}

struct Stretch {
    std::size_t from = 0;
    std::size_t to = 0;
};

Stretch stretch_of(const Reading& reading, SeededRandom& random) {
    const std::size_t tokens = reading.text.tokens.size();
    if (tokens <= kShortestPart) {
        return {0, tokens};
    }
    const std::size_t longest = std::min(tokens, kLongestPart);
    const std::size_t length = kShortestPart + random.next() % (longest - kShortestPart + 1);
    const std::size_t from = random.next() % (tokens - length + 1);
    return {from, from + length};
}

double opinion_of(const std::vector<NetworkWeights>& teachers, const Sample& sample) {
    double sum = 0;
    for (const NetworkWeights& teacher : teachers) {
        sum += network_logit(teacher, sample, SourceKind::user);
    }
    return 1 / (1 + std::exp(-sum / static_cast<double>(teachers.size())));
}

}  // namespace

std::vector<Sample> splice(std::span<const Sample* const> samples, std::size_t count,
                           std::uint64_t seed) {
    SeededRandom random(seed);
    std::vector<Sample> spliced(count);
    for (Sample& made : spliced) {
        const Reading& outer = samples[random.next() % samples.size()]->readings.front();
        const Reading& inner = samples[random.next() % samples.size()]->readings.front();
        const Stretch around = stretch_of(outer, random);
        const Stretch part = stretch_of(inner, random);
        const std::size_t at = around.from + random.next() % (around.to - around.from + 1);
        made.readings.resize(1);
        Reading& reading = made.readings.front();
        append(outer, around.from, at, reading);
        append(inner, part.from, part.to, reading);
        append(outer, at, around.to, reading);
    }
    return spliced;
}

NetworkWeights distil(std::span<const Sample* const> samples, int teachers, std::size_t threads,
                      const NetworkOptions& options) {
    std::vector<Lesson> lessons = lessons_of(samples, options);
    if (teachers < 2) {
        return train_network(lessons, options);
    }
    std::vector<NetworkWeights> taught(static_cast<std::size_t>(teachers));
    in_parallel(taught.size(), threads, [&](std::size_t i) {
        NetworkOptions own = options;
        own.seed = options.seed + 1 + i;
        taught[i] = train_network(lessons, own);
    });
    const std::vector<Sample> spliced = splice(samples, samples.size(), options.seed);
    const std::size_t own = lessons.size();
    lessons.resize(own + spliced.size());
    in_parallel(lessons.size(), threads, [&](std::size_t i) {
        if (i < own) {
            lessons[i].target = kLabelShare * lessons[i].target +
                                (1 - kLabelShare) * opinion_of(taught, *lessons[i].sample);
        } else {
            lessons[i] = {&spliced[i - own], opinion_of(taught, spliced[i - own]), 1};
        }
    });
    return train_network(lessons, options);
}

}  // namespace credence::guard
