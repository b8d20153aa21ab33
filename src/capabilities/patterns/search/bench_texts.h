// Invented patterns and queries for benchmarks: sentences of tests/quality taken apart and joined
// anew, so that vocabulary, and so vectors, overlap as in a store of real patterns.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/random.h"
#include "capabilities/patterns/search/quality_fixture.h"

namespace credence::patterns {

// A pattern has the name and a clause of one labelled pattern (its subject), a clause of the same
// category and one of any other; one word in eight is exchanged for another of the set, and two
// patterns in three name a product (of 20,000, by Zipf's law). A query is one of the labelled
// queries as it stands, or, one in four, with a product behind it.
class BenchTexts {
public:
    explicit BenchTexts(const quality::LabelledSet& set);

    IndexedPattern pattern(std::uint64_t number);
    std::string query();

private:
    struct Subject {
        std::string name;
        std::string category;
        std::vector<std::string> clauses;
    };

    std::size_t below(std::size_t count) { return random_.next() % count; }
    const std::string& clause_of(const Subject& subject) {
        return subject.clauses[below(subject.clauses.size())];
    }
    std::string varied(const std::string& clause);
    std::string product();

    SeededRandom random_{1};
    std::vector<Subject> subjects_;
    std::map<std::string, std::vector<std::size_t>> by_category_;
    std::vector<std::string> words_;  // as often as the set has them
    std::vector<std::string> queries_;
};

}  // namespace credence::patterns
