// Search over a catalogue in plain words: which operation does what is asked? BM25F (Robertson,
// Zaragoza: "The Probabilistic Relevance Framework: BM25 and Beyond", 2009) over stems, with the
// domain's synonyms and, for words nobody knows, the nearest known ones by shared trigrams.
// Pure and deterministic: equal scores stand in catalogue order.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "api/operation.h"

namespace credence::surface::mcp {

// What is known of an operation, by the fields that weigh differently.
struct OperationText {
    std::string module;
    std::string name;  // of the verb, and the MCP name
    std::string summary;
    std::string description;
    std::string fields;         // names of the request's fields
    std::string documentation;  // of the fields of request and response
};
OperationText text_of(const Operation& operation);

// Immutable and thread-safe once built. At most 2^16 operations. About 20 us a query for 300
// operations, 100 us when a word has to be guessed.
class OperationIndex {
public:
    static constexpr std::size_t kMaxQueryWords = 64;  // further words are not looked at

    struct Hit {
        std::size_t position = 0;  // in the order given
        double score = 0;          // greater than 0; comparable within one answer only
    };

    explicit OperationIndex(const std::vector<OperationText>& operations);

    // The best, best first, of those the caller may see. Empty when no word fits.
    std::vector<Hit> search(std::string_view request, std::size_t limit,
                            const std::function<bool(std::size_t)>& offered) const;

private:
    struct Posting {
        std::uint16_t operation;
        float weight;
    };
    struct Term {
        std::string stem;
        std::vector<Posting> postings;
        std::size_t trigrams = 0;
    };
    // A known term and how surely it is meant.
    struct Meant {
        std::size_t term;
        double certainty;
    };

    void weigh(const std::vector<OperationText>& operations);
    void index_trigrams();
    std::vector<Meant> meanings_of(const std::string& word, const std::string& stem) const;
    std::vector<Meant> nearest_terms(std::string_view stem) const;

    std::size_t count_ = 0;
    std::vector<Term> terms_;
    std::unordered_map<std::string, std::size_t> by_stem_;
    std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> by_trigram_;
};

}  // namespace credence::surface::mcp
