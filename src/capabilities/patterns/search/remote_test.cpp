// A pattern search that embeds by a server, over a real socket.
#include <gtest/gtest.h>

#include <atomic>

#include "base/json.h"
#include "capabilities/patterns/search/search_fixture.h"
#include "engine/net/net_test_support.h"

namespace credence::patterns {
namespace {

// Answers each text by how often it says "cold" and "hot", as two numbers.
class RemoteTest : public net::test::NetTest {
protected:
    void SetUp() override {
        serve([this](const net::HttpRequest& request, net::Responder responder) {
            ++calls_;
            net::HttpResponse response;
            if (broken_) {
                response.status = 500;
            } else {
                response.body = answer(std::string(request.body));
            }
            responder.send(std::move(response));
        });
        search_ = open("m");
    }
    std::unique_ptr<PatternSearch> open(const std::string& model) {
        return store_.search(
            {.remote = llm::EmbeddingOptions{.base_url = "http://127.0.0.1:" +
                                                         std::to_string(port()) + "/v1",
                                             .model = model,
                                             .key = {},
                                             .dimension = 2,
                                             .timeout_ms = 3000},
             .query_timeout_ms = 3000});
    }
    static std::string answer(const std::string& body) {
        const std::string input = body.substr(body.find("\"input\":[") + 9);
        std::string out;
        int index = 0;
        for (std::size_t at = 0; (at = input.find('"', at)) != std::string::npos;) {
            const std::size_t end = input.find('"', at + 1);
            const std::string text = input.substr(at, end - at);
            const auto says = [&](const char* word) {
                return text.find(word) == std::string::npos ? "0" : "1";
            };
            out += (index == 0 ? "" : ",") + std::string(R"({"index":)") + std::to_string(index) +
                   R"(,"embedding":[)" + says("cold") + "," + says("hot") + "]}";
            ++index;
            at = end + 1;
        }
        return R"({"data":[)" + out + "]}";
    }
    std::vector<Hit> found(const std::string& text) {
        const auto hits = find(store_.database(), *search_, query_of(text));
        EXPECT_TRUE(hits);
        return hits ? *hits : std::vector<Hit>();
    }
    std::uint64_t failures() {
        return store_.metrics().counter("credence_pattern_embedding_failures_total", "").value();
    }
    void put(const IndexedPattern& pattern) {
        ASSERT_TRUE(patterns::put(store_.database(), *search_, pattern));
    }

    SearchStore store_;
    std::atomic<int> calls_{0};
    std::atomic<bool> broken_{false};
    std::unique_ptr<PatternSearch> search_;
};

TEST_F(RemoteTest, WordsMeanwhileThenVectors) {
    put(pattern_of(1, "Freezer", "cold storage"));
    put(pattern_of(2, "Oven", "hot plate"));
    EXPECT_EQ(calls_, 0) << "nothing is called inside a write";
    ASSERT_EQ(found("freezer").size(), 1U) << "by words";
    EXPECT_EQ(found("freezer")[0].similarity, 0);
    EXPECT_EQ(found("something cold").at(0).id, pattern_id(1));
    EXPECT_EQ(*search_->embed_pending(1), 1);
    EXPECT_EQ(*search_->embed_pending(100), 1);
    EXPECT_EQ(*search_->embed_pending(100), 0);
    const auto hits = found("what is hot");
    ASSERT_EQ(hits.size(), 1U);
    EXPECT_EQ(hits[0].id, pattern_id(2));
    EXPECT_NEAR(hits[0].similarity, 1.0, 1e-6);
    const int calls = calls_;
    found("what is hot");
    EXPECT_EQ(calls_, calls) << "the query was remembered";
}

TEST_F(RemoteTest, AChangeOfAccessKeepsTheVectorAChangeOfTextDoesNot) {
    IndexedPattern pattern = pattern_of(1, "Freezer", "cold storage");
    put(pattern);
    EXPECT_EQ(*search_->embed_pending(10), 1);
    pattern.visibility.access = AccessLevel::private_;
    put(pattern);
    EXPECT_EQ(*search_->embed_pending(10), 0);
    EXPECT_NEAR(found("cold")[0].similarity, 1.0, 1e-6);
    pattern.text = "hot storage";
    put(pattern);
    EXPECT_EQ(*search_->embed_pending(10), 1);
    ASSERT_TRUE(patterns::remove(store_.database(), *search_, 1));
    EXPECT_EQ(*search_->embed_pending(10), 0);
}

TEST_F(RemoteTest, AServerThatFailsLeavesTheWords) {
    put(pattern_of(1, "Freezer", "cold storage"));
    EXPECT_EQ(*search_->embed_pending(10), 1);
    broken_ = true;
    ASSERT_EQ(found("cold freezer").size(), 1U);
    EXPECT_EQ(found("cold storage")[0].similarity, 0);
    EXPECT_EQ(failures(), 2U);
    EXPECT_EQ(calls_, 2) << "after a failure the server is left alone";
    put(pattern_of(2, "Oven", "hot"));
    EXPECT_EQ(search_->embed_pending(10).error().code, Code::unavailable);
    EXPECT_EQ(failures(), 3U);
    broken_ = false;
    EXPECT_EQ(found("cold storage")[0].similarity, 0);
    store_.clock().advance_us(6'000'000);
    EXPECT_NEAR(found("cold storage")[0].similarity, 1.0, 1e-6);
    EXPECT_EQ(*search_->embed_pending(10), 1);
    EXPECT_TRUE(found("").empty());
}

TEST_F(RemoteTest, AnotherModelEmbedsAnew) {
    put(pattern_of(1, "Freezer", "cold storage"));
    EXPECT_EQ(*search_->embed_pending(10), 1);
    search_ = open("m2");
    EXPECT_EQ(found("cold")[0].similarity, 0) << "vectors of two models do not compare";
    EXPECT_EQ(*search_->embed_pending(10), 1);
    EXPECT_NEAR(found("cold")[0].similarity, 1.0, 1e-6);
    search_ = store_.search();
    EXPECT_EQ(*search_->embed_pending(10), 1) << "the built-in embedder again";
    EXPECT_GT(found("cold storage")[0].similarity, 0.3);
}

TEST_F(RemoteTest, WrongOptionsAreRefused) {
    SearchOptions options;
    options.remote = llm::EmbeddingOptions{
        .base_url = "http://example.org/v1", .model = "m", .key = {}, .dimension = 2};
    const auto opened = open_search(options, store_.database(), store_.clock(), store_.metrics());
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().field, "base_url");
}

}  // namespace
}  // namespace credence::patterns
