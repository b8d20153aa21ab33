#include "capabilities/patterns/search/bench_texts.h"

#include <array>
#include <cmath>

namespace credence::patterns {
namespace {

constexpr std::size_t kProducts = 20'000;

}  // namespace

BenchTexts::BenchTexts(const quality::LabelledSet& set) {
    for (const quality::LabelledPattern& pattern : set.patterns) {
        Subject subject{.name = pattern.name, .category = pattern.category, .clauses = {}};
        for (const std::string_view clause : split(pattern.text, ',')) {
            subject.clauses.emplace_back(clause);
        }
        for (const std::string_view word : split(pattern.text, ' ')) {
            words_.emplace_back(word);
        }
        by_category_[subject.category].push_back(subjects_.size());
        subjects_.push_back(std::move(subject));
    }
    for (const auto* queries : {&set.tuning, &set.report}) {
        for (const quality::LabelledQuery& query : *queries) {
            queries_.push_back(query.text);
        }
    }
}

std::string BenchTexts::varied(const std::string& clause) {
    std::string out;
    for (const std::string_view word : split(clause, ' ')) {
        out += below(8) == 0 ? words_[below(words_.size())] : std::string(word);
        out += ' ';
    }
    return out;
}

// Rank r with a probability near 1/r; the name is the rank in syllables.
std::string BenchTexts::product() {
    static constexpr std::array<std::string_view, 12> kSyllables = {
        "ka", "lo", "mer", "tin", "vel", "dra", "sol", "pra", "nex", "bor", "zan", "fli"};
    const double u = static_cast<double>(random_.next() >> 11U) / 9007199254740992.0;
    auto rank = static_cast<std::size_t>(std::pow(static_cast<double>(kProducts), u) - 1.0);
    std::string out;
    for (int i = 0; i < 4; ++i) {
        out += kSyllables[rank % kSyllables.size()];
        rank /= kSyllables.size();
    }
    return out;
}

IndexedPattern BenchTexts::pattern(std::uint64_t number) {
    const Subject& subject = subjects_[below(subjects_.size())];
    const auto& alike = by_category_[subject.category];
    std::string text = varied(clause_of(subject));
    text += varied(clause_of(subjects_[alike[below(alike.size())]]));
    text += varied(clause_of(subjects_[below(subjects_.size())]));
    if (below(3) != 0) {
        text += "in " + product();
    }
    IndexedPattern out = pattern_of(number, varied(subject.name), text);
    out.category = subject.category;
    out.visibility.owner = "agent" + std::to_string(number % 1000);
    return out;
}

std::string BenchTexts::query() {
    const std::string& text = queries_[below(queries_.size())];
    return below(4) == 0 ? text + " " + product() : text;
}

}  // namespace credence::patterns
