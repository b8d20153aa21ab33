// guard_model_bench: what the learned model costs a text, by size: tokens, a reading, the quantised
// network, and the float network beside it. Processor time, best of several runs; each run goes
// through many different texts, so that their rows are not in the nearest cache.
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <string>
#include <vector>

#include "capabilities/guard/model/network_fixture.h"
#include "capabilities/guard/model/quantised.h"
#include "capabilities/guard/rules/analysis.h"

namespace credence::guard {
namespace {

constexpr int kRuns = 9;
constexpr std::size_t kTexts = 64;
constexpr std::size_t kMaxTokens = 4096;

template <class Work>
double best_us(int repeats, const Work& work) {
    double best = 1e18;
    for (int run = 0; run < kRuns; ++run) {
        const std::clock_t start = std::clock();  // of this process: other programs do not count
        for (int i = 0; i < repeats; ++i) {
            for (std::size_t text = 0; text < kTexts; ++text) {
                work(text);
            }
        }
        const double took_us = static_cast<double>(std::clock() - start) * 1e6 / CLOCKS_PER_SEC;
        best = std::min(best, took_us / repeats / kTexts);
    }
    return best;
}

struct Networks {
    NetworkWeights weights;
    QuantisedNetwork quantised;
};

struct Corpus {
    std::vector<Analysis> analyses;
    std::vector<Reading> readings;
    double tokens = 0;  // on average
};

Result<Corpus> make_corpus(const RuleSet& rules, SeededRandom& random, std::size_t bytes) {
    const auto features = concept_features(rules.signal_names());
    Corpus corpus;
    corpus.readings.resize(kTexts);
    std::vector<std::string> texts(kTexts);
    for (std::size_t i = 0; i < kTexts; ++i) {
        texts[i] = made_up_text(random, bytes);
        corpus.analyses.push_back(TRY(analyse(rules, texts[i], ViewLimits{})));
        read_view(rules, features, corpus.analyses[i], 0, kMaxTokens, corpus.readings[i]);
        corpus.tokens += static_cast<double>(corpus.readings[i].text.tokens.size()) / kTexts;
    }
    return corpus;
}

void measure(const RuleSet& rules, const Networks& networks, const Corpus& corpus,
             std::size_t bytes) {
    const auto features = concept_features(rules.signal_names());
    const int repeats = static_cast<int>(20'000 / bytes) + 1;
    Reading reading;
    const double tokenising = best_us(repeats, [&](std::size_t i) {
        tokenise(corpus.analyses[i].views.all()[0].normalised, kMaxTokens, reading.text);
    });
    const double viewing = best_us(repeats, [&](std::size_t i) {
        read_view(rules, features, corpus.analyses[i], 0, kMaxTokens, reading);
    });
    WindowLogits logits;
    const double running = best_us(repeats, [&](std::size_t i) {
        networks.quantised.run(corpus.readings[i], SourceKind::user, logits);
    });
    const double portable = best_us(1, [&](std::size_t i) {
        networks.quantised.run_portable(corpus.readings[i], SourceKind::user, logits);
    });
    Activations activations;
    const double floating = best_us(1, [&](std::size_t i) {
        run_network(networks.weights, corpus.readings[i], SourceKind::user, nullptr, activations);
    });
    const auto each = [&](double us) { return us / corpus.tokens; };
    fmt::print(
        "{:6} bytes {:6.0f} tokens | tokenise {:8.2f} us ({:.3f}/token) | read_view {:8.2f} us | "
        "run {:8.2f} us ({:.3f}) | portable {:9.2f} us ({:.3f}) | float {:9.2f} us ({:.3f}): "
        "{:.1f} times run\n",
        bytes, corpus.tokens, tokenising, each(tokenising), viewing, running, each(running),
        portable, each(portable), floating, each(floating), floating / running);
}

void measure_blob(const QuantisedNetwork& network) {
    const std::string blob = network.write();
    const auto each = [](double us) { return us * kTexts / 1000; };
    bool sound = true;
    const double reading = best_us(1, [&](std::size_t i) {
        sound = sound && (i > 0 || QuantisedNetwork::read(blob).has_value());
    });
    const double borrowing = best_us(1, [&](std::size_t i) {
        sound = sound && (i > 0 || QuantisedNetwork::borrow(blob).has_value());
    });
    fmt::print("blob {} bytes, {}: read {:.2f} ms, borrow {:.2f} ms\n", blob.size(),
               sound ? "sound" : "DAMAGED", each(reading), each(borrowing));
}

Result<void> run() {
    const auto rules = TRY(RuleSet::load_embedded());
    SeededRandom random(7);
    NetworkWeights weights = random_weights(random);
    const Corpus first = TRY(make_corpus(*rules, random, 2'000));
    QuantisedNetwork quantised = QuantisedNetwork::quantise(weights, pointers_to(first.readings));
    const Networks networks{std::move(weights), std::move(quantised)};
    for (const std::size_t bytes : {100U, 500U, 1024U, 10'240U}) {
        measure(*rules, networks, TRY(make_corpus(*rules, random, bytes)), bytes);
    }
    measure_blob(networks.quantised);
    return {};
}

}  // namespace
}  // namespace credence::guard

int main() {
    const auto result = credence::guard::run();
    if (!result) {
        fmt::print(stderr, "{}\n", result.error().message);
    }
    return result ? 0 : 1;
}
