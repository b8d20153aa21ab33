#include "surface/mcp/tools/operation_index.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/check.h"
#include "surface/mcp/tools/operation_words.h"

namespace credence::surface::mcp {
namespace {

constexpr std::size_t kFields = 6;
constexpr std::size_t kMostOperations = std::size_t{1} << 16;
// In the order of OperationText. Chosen on the tuning half of tests/quality/operation_search.jsonl.
constexpr std::array<double, kFields> kWeights = {7.0, 5.0, 2.75, 0.5, 0.2, 0.5};
// How much a long field counts against a word in it.
constexpr std::array<double, kFields> kLengthShare = {0.7, 0.2, 0.9, 0.8, 0.6, 0.3};
constexpr double kSaturation = 3.0;     // k1 of BM25
constexpr double kSynonym = 0.95;       // certainty of another word of the domain
constexpr double kLeastLikeness = 0.4;  // Dice of trigrams from which a word may be meant
// How much of the score hangs on how many of the words an operation answers to.
constexpr double kCoverage = 0.3;
constexpr std::size_t kMaxGuesses = 3;
constexpr int kMaxDepth = 3;  // of nested fields

using Counts = std::map<std::string, std::array<double, kFields>>;

std::array<std::string_view, kFields> fields_of(const OperationText& text) {
    return {text.module,      text.name,   text.summary,
            text.description, text.fields, text.documentation};
}

void append_shape(const Shape& shape, int depth, std::string* names, std::string& documentation) {
    if (shape.inner != nullptr) {
        append_shape(*shape.inner, depth, names, documentation);
        return;
    }
    if (depth == 0) {
        return;
    }
    for (const Field& field : shape.fields) {
        if (names != nullptr) {
            *names += ' ' + field.name;
        }
        documentation += ' ' + field.doc;
        append_shape(*field.shape, depth - 1, names, documentation);
    }
}

// The trigrams of "^stem$", each once.
std::vector<std::uint32_t> trigrams_of(std::string_view stem) {
    const std::string framed = '^' + std::string(stem) + '$';
    std::vector<std::uint32_t> out;
    for (std::size_t i = 0; i + 3 <= framed.size(); ++i) {
        const auto at = [&](std::size_t j) {
            return static_cast<std::uint32_t>(static_cast<unsigned char>(framed[i + j]));
        };
        out.push_back(at(0) << 16U | at(1) << 8U | at(2));
    }
    std::ranges::sort(out);
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

}  // namespace

OperationText text_of(const Operation& operation) {
    OperationText text;
    text.module = operation.module;
    text.name = operation.verb;
    text.summary = operation.summary;
    text.description = operation.description;
    text.fields = operation.path;
    append_shape(*operation.request, kMaxDepth, &text.fields, text.documentation);
    append_shape(*operation.response, 1, nullptr, text.documentation);
    return text;
}

OperationIndex::OperationIndex(const std::vector<OperationText>& operations)
    : count_(operations.size()) {
    CHECK(operations.size() < kMostOperations, "more operations than the index can hold");
    weigh(operations);
    index_trigrams();
}

void OperationIndex::weigh(const std::vector<OperationText>& operations) {
    std::vector<Counts> counts(operations.size());
    std::vector<std::array<double, kFields>> lengths(operations.size());
    std::array<double, kFields> average{};
    std::map<std::string, std::size_t> frequency;
    for (std::size_t i = 0; i < operations.size(); ++i) {
        const auto fields = fields_of(operations[i]);
        for (std::size_t f = 0; f < kFields; ++f) {
            for (const std::string& word : words_of(fields[f])) {
                if (!is_stop_word(word)) {
                    counts[i][stem_of(word)][f] += 1;
                    lengths[i][f] += 1;
                    average[f] += 1.0 / static_cast<double>(operations.size());
                }
            }
        }
        for (const auto& [stem, unused] : counts[i]) {
            ++frequency[stem];
        }
    }
    for (const auto& [stem, holders] : frequency) {
        by_stem_.emplace(stem, terms_.size());
        terms_.push_back({.stem = stem, .postings = {}});
    }
    const auto all = static_cast<double>(operations.size());
    for (std::size_t i = 0; i < operations.size(); ++i) {
        for (const auto& [stem, by_field] : counts[i]) {
            double often = 0;
            for (std::size_t f = 0; f < kFields; ++f) {
                const double length = average[f] > 0 ? lengths[i][f] / average[f] : 0;
                often +=
                    kWeights[f] * by_field[f] / (1 - kLengthShare[f] + kLengthShare[f] * length);
            }
            const auto holders = static_cast<double>(frequency.at(stem));
            const double rarity = std::log(1 + (all - holders + 0.5) / (holders + 0.5));
            terms_[by_stem_.at(stem)].postings.push_back(
                {static_cast<std::uint16_t>(i),
                 static_cast<float>(rarity * often / (kSaturation + often))});
        }
    }
}

void OperationIndex::index_trigrams() {
    for (std::size_t t = 0; t < terms_.size(); ++t) {
        const std::vector<std::uint32_t> trigrams = trigrams_of(terms_[t].stem);
        terms_[t].trigrams = trigrams.size();
        for (const std::uint32_t trigram : trigrams) {
            by_trigram_[trigram].push_back(static_cast<std::uint32_t>(t));
        }
    }
}

std::vector<OperationIndex::Meant> OperationIndex::nearest_terms(std::string_view stem) const {
    const std::vector<std::uint32_t> trigrams = trigrams_of(stem);
    std::vector<std::uint16_t> shared(terms_.size());
    std::vector<std::uint32_t> touched;
    for (const std::uint32_t trigram : trigrams) {
        const auto found = by_trigram_.find(trigram);
        if (found == by_trigram_.end()) {
            continue;
        }
        for (const std::uint32_t term : found->second) {
            if (shared[term]++ == 0) {
                touched.push_back(term);
            }
        }
    }
    std::vector<Meant> out;
    for (const std::uint32_t term : touched) {
        const double likeness =
            2.0 * shared[term] / static_cast<double>(trigrams.size() + terms_[term].trigrams);
        if (likeness >= kLeastLikeness) {
            out.push_back({term, likeness});
        }
    }
    std::ranges::sort(out, [](const Meant& a, const Meant& b) {
        return a.certainty != b.certainty ? a.certainty > b.certainty : a.term < b.term;
    });
    out.resize(std::min(out.size(), kMaxGuesses));
    return out;
}

std::vector<OperationIndex::Meant> OperationIndex::meanings_of(const std::string& word,
                                                               const std::string& stem) const {
    std::vector<Meant> out;
    if (const auto found = by_stem_.find(stem); found != by_stem_.end()) {
        out.push_back({found->second, 1});
    }
    for (const std::string& other : other_meanings(word, stem)) {
        const auto found = by_stem_.find(other);
        if (found != by_stem_.end() && other != stem) {
            out.push_back({found->second, kSynonym});
        }
    }
    return out.empty() ? nearest_terms(stem) : out;
}

std::vector<OperationIndex::Hit> OperationIndex::search(
    std::string_view request, std::size_t limit,
    const std::function<bool(std::size_t)>& offered) const {
    std::vector<double> scores(count_);
    std::vector<float> best(count_);
    std::vector<double> matched(count_);
    std::vector<std::string> words = words_of(with_phrases(request));
    words.resize(std::min(words.size(), kMaxQueryWords));
    std::vector<std::string> seen;
    for (const std::string& word : words) {
        std::string stem = stem_of(word);
        if (word.size() < 2 || is_stop_word(word) || std::ranges::find(seen, stem) != seen.end()) {
            continue;
        }
        // However many meanings a word has, it is one word: its best meaning counts.
        std::ranges::fill(best, 0.0F);
        for (const Meant& meant : meanings_of(word, stem)) {
            for (const Posting& posting : terms_[meant.term].postings) {
                const float weight = posting.weight * static_cast<float>(meant.certainty);
                best[posting.operation] = std::max(best[posting.operation], weight);
            }
        }
        for (std::size_t i = 0; i < count_; ++i) {
            scores[i] += static_cast<double>(best[i]);
            matched[i] += best[i] > 0 ? 1 : 0;
        }
        seen.push_back(std::move(stem));
    }
    std::vector<Hit> hits;
    for (std::size_t i = 0; i < count_; ++i) {
        if (scores[i] > 0 && offered(i)) {
            const double coverage = matched[i] / static_cast<double>(seen.size());
            hits.push_back({i, scores[i] * (1 - kCoverage + kCoverage * coverage)});
        }
    }
    std::ranges::stable_sort(hits, [](const Hit& a, const Hit& b) { return a.score > b.score; });
    hits.resize(std::min(hits.size(), limit));
    return hits;
}

}  // namespace credence::surface::mcp
