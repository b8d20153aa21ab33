#include "guard_automata.h"

#include <benchmark/benchmark.h>
#include <re2/set.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "capabilities/guard/rules/matcher.h"
#include "capabilities/guard/rules/pack.h"
#include "capabilities/guard/rules/pack_source.h"
#include "capabilities/guard/text/normalise.h"
#include "median.h"

namespace {

using credence::guard::Hit;
using credence::guard::Matcher;
using credence::guard::Packs;
using credence::guard::Phrase;
using credence::guard::RuleSet;

// Every phrase of the shipped packs as a regular expression, each once.
std::set<std::string> shipped_expressions() {
    Packs packs;
    const auto sources = credence::guard::embedded_sources();
    for (const auto& source : *sources) {
        static_cast<void>(credence::guard::read_pack(source.text, source.file,
                                                     credence::guard::PackOrigin::shipped, packs));
    }
    std::set<std::string> expressions;
    const auto add = [&](const Phrase& phrase) {
        if (phrase.text.starts_with("re:")) {
            expressions.insert(phrase.text.substr(3));
            return;
        }
        const auto expanded = credence::guard::expand_braces(phrase.text);
        for (std::string text : *expanded) {
            text = text.ends_with('*') ? text.substr(0, text.size() - 1) : text;
            expressions.insert(RE2::QuoteMeta(credence::guard::normalised_text(text)));
        }
    };
    for (const auto& [name, phrases] : packs.groups) {
        std::for_each(phrases.begin(), phrases.end(), add);
    }
    for (const auto& phrases : packs.marks) {
        std::for_each(phrases.begin(), phrases.end(), add);
    }
    for (const auto& rule : packs.rules) {
        std::for_each(rule.patterns.begin(), rule.patterns.end(), add);
    }
    return expressions;
}

// The same patterns in RE2, which says which of them occur and not where.
struct Baseline {
    std::unique_ptr<RE2::Set> set;
    std::size_t taken = 0;
    std::size_t refused = 0;

    Baseline() {
        RE2::Options options;
        options.set_encoding(RE2::Options::EncodingLatin1);
        options.set_max_mem(std::int64_t{4} << 30U);
        options.set_log_errors(false);
        set = std::make_unique<RE2::Set>(options, RE2::UNANCHORED);
        for (const std::string& expression : shipped_expressions()) {
            const bool good = set->Add(expression, nullptr) >= 0;
            taken += good ? 1 : 0;
            refused += good ? 0 : 1;
        }
        if (!set->Compile()) {
            taken = 0;
        }
    }
};

void compare_automata(benchmark::State& state, std::string_view piece) {
    static const Baseline baseline;
    static const std::unique_ptr<RuleSet> rules = *RuleSet::load_embedded();
    std::string text;
    while (text.size() < static_cast<std::size_t>(state.range(0))) {
        text += piece;
    }
    credence::guard::Normalised normalised;
    credence::guard::normalise(text, normalised);
    Matcher matcher(*rules);
    std::vector<Hit> hits;
    std::vector<int> found;
    bool good = true;
    const auto ours = [&] { benchmark::DoNotOptimize(matcher.match(normalised, hits)); };
    const auto theirs = [&] {
        RE2::Set::ErrorInfo error{};
        const bool any = baseline.set->Match(normalised.text, &found, &error);
        good = good && (any || error.kind == RE2::Set::kNoError);
    };
    for (auto _ : state) {
        ours();
    }
    const int rounds = text.size() > 100'000 ? 5 : 51;
    const double our_us = median_us(rounds, ours);
    const double their_us = median_us(rounds, theirs);
    state.counters["median_us"] = our_us;
    state.counters["re2_us"] = their_us;
    state.counters["ratio"] = their_us / our_us;
    state.counters["re2_patterns"] = static_cast<double>(baseline.taken);
    state.counters["re2_refused"] = static_cast<double>(baseline.refused);
    state.counters["re2_works"] = good ? 1 : 0;
}

}  // namespace

void register_automata(std::string_view text) {
    benchmark::RegisterBenchmark("automaton/prose", compare_automata, text)
        ->Arg(1024)
        ->Arg(64 << 10);
}
