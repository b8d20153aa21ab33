#include "surface/mcp/tools/operation_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "surface/mcp/tools/operation_index_fixture.h"
#include "surface/mcp/tools/operation_words.h"

namespace credence::surface::mcp {
namespace {

constexpr std::size_t kTop = 5;
constexpr double kLeastInTop = 0.95;
constexpr double kLeastUnseenInTop = 0.85;
constexpr std::size_t kLeastRequests = 160;
constexpr std::size_t kLeastOperations = 100;

bool anything(std::size_t) {
    return true;
}

std::vector<OperationText> three() {
    return {{"keys", "list", "List API keys", "", "limit", "At most so many"},
            {"keys", "rotate", "Give a key a new secret", "", "key_id", "The key"},
            {"guard", "scan", "Judge a text for prompt attacks", "", "text", "Text to judge"}};
}

std::vector<std::size_t> found(const OperationIndex& index, std::string_view request) {
    std::vector<std::size_t> out;
    for (const auto& hit : index.search(request, kTop, anything)) {
        out.push_back(hit.position);
    }
    return out;
}

TEST(OperationWords, StemsJoinTheFormsOfAWord) {
    const std::vector<std::vector<std::string_view>> families = {
        {"verify", "verified", "verifies", "verification"},
        {"rotate", "rotates", "rotation"},
        {"stop", "stopped", "stopping"},
        {"detect", "detection", "detector"},
        {"evaluate", "evaluation", "evaluating"},
        {"key", "keys"},
        {"policy", "policies"},
        {"use", "used", "uses"},
        {"cancel", "cancelled", "cancels"},
        {"assign", "assignment"}};
    std::set<std::string> stems;
    for (const auto& family : families) {
        const std::string stem = stem_of(family.front());
        EXPECT_TRUE(stems.insert(stem).second) << stem;
        for (const std::string_view word : family) {
            EXPECT_EQ(stem_of(word), stem) << word;
        }
    }
    EXPECT_EQ(stem_of("id"), "id");
    EXPECT_EQ(words_of("API_key-ID, 2nd"), (std::vector<std::string>{"api", "key", "id", "2nd"}));
}

TEST(OperationIndex, FindsByWordsSynonymsAndSlips) {
    const OperationIndex index(three());
    EXPECT_EQ(found(index, "rotate"), (std::vector<std::size_t>{1}));
    EXPECT_EQ(found(index, "rotation of a key").front(), 1U);
    EXPECT_EQ(found(index, "jailbreak"), (std::vector<std::size_t>{2}));       // a synonym
    EXPECT_EQ(found(index, "promtp attcks").front(), 2U);                      // slips
    EXPECT_EQ(found(index, "credentials"), (std::vector<std::size_t>{0, 1}));  // of both, in order
    EXPECT_TRUE(found(index, "").empty());
    EXPECT_TRUE(found(index, "the of and ? \xff").empty());
    EXPECT_TRUE(found(index, "zzzzqqqq").empty());
}

TEST(OperationIndex, LimitsFiltersAndRepeatsItself) {
    const OperationIndex index(three());
    EXPECT_EQ(index.search("key", 1, anything).size(), 1U);
    const auto second = index.search("key", kTop, [](std::size_t at) { return at == 1; });
    ASSERT_EQ(second.size(), 1U);
    EXPECT_EQ(second.front().position, 1U);
    EXPECT_GT(second.front().score, 0);
    std::string endless;
    for (int i = 0; i < 10'000; ++i) {
        endless += "word" + std::to_string(i) + ' ';
    }
    EXPECT_EQ(found(index, "key " + endless), found(index, "key " + endless));
    EXPECT_TRUE(OperationIndex({}).search("key", kTop, anything).empty());
}

// Lines, from 1: those up to here and every odd one after it chose vocabulary and weights.
constexpr std::size_t kTunedLines = 181;

struct Tally {
    double requests = 0;
    double first = 0;
    double top = 0;

    void add(std::size_t rank) {
        requests += 1;
        first += rank == 0 ? 1 : 0;
        top += rank < kTop ? 1 : 0;
    }
    std::string text() const {
        return std::to_string(first / requests) + " first, " + std::to_string(top / requests) +
               " in the top 5 of " + std::to_string(static_cast<int>(requests));
    }
};

TEST(OperationIndex, FindsWhatIsAskedForInPlainWords) {
    const testing::PublishedCatalogue catalogue = testing::published_catalogue();
    const std::vector<testing::LabelledRequest> requests = testing::labelled_requests();
    ASSERT_GE(catalogue.names.size(), kLeastOperations);
    ASSERT_GE(requests.size(), kLeastRequests);
    const OperationIndex index(catalogue.texts);
    Tally all;
    Tally unseen;
    std::string missed;
    for (std::size_t line = 1; line <= requests.size(); ++line) {
        const auto& [request, operation] = requests[line - 1];
        ASSERT_NE(std::ranges::find(catalogue.names, operation), catalogue.names.end())
            << operation;
        const auto hits = found(index, request);
        const auto at = std::ranges::find_if(
            hits, [&](std::size_t hit) { return catalogue.names[hit] == operation; });
        const std::size_t rank =
            at == hits.end() ? kTop : static_cast<std::size_t>(at - hits.begin());
        all.add(rank);
        if (line > kTunedLines && line % 2 == 0) {
            unseen.add(rank);
        }
        missed += rank == kTop ? "  " + request + " (" + operation + ")\n" : "";
    }
    RecordProperty("all", all.text());
    RecordProperty("unseen", unseen.text());
    EXPECT_GE(all.top / all.requests, kLeastInTop) << missed;
    EXPECT_GE(unseen.top / unseen.requests, kLeastUnseenInTop) << unseen.text();
}

}  // namespace
}  // namespace credence::surface::mcp
