#include "engine/llm/embeddings.h"

#include <mutex>

#include "base/json.h"
#include "engine/net/net_test_support.h"

namespace credence::llm {
namespace {

class EmbeddingsTest : public net::test::NetTest {
protected:
    void answer_with(int status, std::string body) {
        serve([this, status, body](const net::HttpRequest& request, net::Responder responder) {
            {
                const std::scoped_lock lock(mutex_);
                path_ = request.path;
                body_ = request.body;
                authorization_ = request.header("Authorization");
            }
            net::HttpResponse response;
            response.status = status;
            response.body = body;
            responder.send(std::move(response));
        });
    }
    EmbeddingOptions options(int dimension = 2) const {
        return {.base_url = "http://127.0.0.1:" + std::to_string(port()) + "/v1/",
                .model = "m",
                .key = Secret("k-test"),
                .dimension = dimension,
                .timeout_ms = 3000};
    }
    Result<std::vector<std::vector<float>>> embed(const std::vector<std::string>& texts) {
        const auto client = EmbeddingClient::open(options());
        return client->embed(texts);
    }

    std::mutex mutex_;
    std::string path_;
    std::string body_;
    std::string authorization_;
};

TEST_F(EmbeddingsTest, AsksAndPutsTheAnswersInOrder) {
    answer_with(200, R"({"object":"list","model":"m","usage":{"total_tokens":3},"data":[
        {"object":"embedding","index":1,"embedding":[3,4.5]},
        {"object":"embedding","index":0,"embedding":[-1,0.25]}]})");
    const auto vectors = embed({"one \"quoted\"", "two"});
    ASSERT_TRUE(vectors) << vectors.error().message;
    ASSERT_EQ(vectors->size(), 2U);
    EXPECT_EQ((*vectors)[0], (std::vector<float>{-1, 0.25F}));
    EXPECT_EQ((*vectors)[1], (std::vector<float>{3, 4.5F}));
    EXPECT_EQ(path_, "/v1/embeddings");
    EXPECT_EQ(authorization_, "Bearer k-test");
    EXPECT_EQ(body_, R"({"model":"m","encoding_format":"float","input":["one \"quoted\"","two"]})");
}

TEST_F(EmbeddingsTest, NoTextsNeedNoServer) {
    answer_with(500, "");
    const auto vectors = embed({});
    ASSERT_TRUE(vectors);
    EXPECT_TRUE(vectors->empty());
    EXPECT_EQ(path_, "");
}

TEST_F(EmbeddingsTest, RefusesWhatIsNoAnswer) {
    for (const std::string body :
         {"", "no json", "[]", "{}", R"({"data":1})", R"({"data":[]})", R"({"data":[1]})",
          R"({"data":[{"index":0}]})", R"({"data":[{"index":0,"embedding":[1]}]})",
          R"({"data":[{"index":0,"embedding":[1,2,3]}]})",
          R"({"data":[{"index":1,"embedding":[1,2]}]})",
          R"({"data":[{"index":0,"embedding":[1,"2"]}]})",
          R"({"data":[{"index":0,"embedding":[1,1e39]}]})",
          R"({"data":[{"index":0,"embedding":[1,2]},{"index":0,"embedding":[1,2]}]})"}) {
        answer_with(200, body);
        const auto vectors = embed({"x"});
        ASSERT_FALSE(vectors) << body;
        EXPECT_EQ(vectors.error().code, Code::unavailable) << body;
    }
}

TEST_F(EmbeddingsTest, RefusesTheSameIndexTwice) {
    answer_with(200, R"({"data":[{"index":0,"embedding":[1,2]},{"index":0,"embedding":[1,2]}]})");
    EXPECT_FALSE(embed({"x", "y"}));
}

TEST_F(EmbeddingsTest, TellsRefusalsApart) {
    const auto code_for = [this](int status) {
        answer_with(status, R"({"error":"the key was k-test"})");
        const auto vectors = embed({"x"});
        EXPECT_FALSE(vectors);
        EXPECT_EQ(vectors.error().message.find("k-test"), std::string::npos);
        return vectors.error().code;
    };
    EXPECT_EQ(code_for(401), Code::forbidden);
    EXPECT_EQ(code_for(403), Code::forbidden);
    EXPECT_EQ(code_for(429), Code::exhausted);
    EXPECT_EQ(code_for(500), Code::unavailable);
    EXPECT_EQ(code_for(302), Code::unavailable);
}

TEST_F(EmbeddingsTest, NobodyAnswers) {
    answer_with(200, "");
    const auto client = EmbeddingClient::open(options());
    server_.reset();
    const std::vector<std::string> texts{"x"};
    const auto vectors = client->embed(texts);
    ASSERT_FALSE(vectors);
    EXPECT_EQ(vectors.error().code, Code::unavailable);
}

TEST_F(EmbeddingsTest, LimitsTheTexts) {
    answer_with(200, "");
    const auto field_of = [this](const std::vector<std::string>& texts) {
        const auto vectors = embed(texts);
        EXPECT_FALSE(vectors);
        EXPECT_EQ(vectors.error().code, Code::invalid);
        return vectors.error().field;
    };
    EXPECT_EQ(field_of(std::vector<std::string>(65, "x")), "texts");
    EXPECT_EQ(field_of({"x", ""}), "texts[1]");
    EXPECT_EQ(field_of({std::string(EmbeddingClient::kMaxTextBytes + 1, 'x')}), "texts[0]");
}

std::string refused(const EmbeddingOptions& options) {
    const auto client = EmbeddingClient::open(options);
    return client ? "" : client.error().field;
}

TEST(EmbeddingOptions, PlainHttpOnlyToThisMachine) {
    const auto with_url = [](const std::string& url) {
        return refused({.base_url = url, .model = "m", .key = {}, .dimension = 8});
    };
    for (const std::string url :
         {"https://api.example/v1", "http://localhost:1/v1", "http://127.0.0.1/v1/",
          "http://[::1]:8080", "https://[2001:db8::1]/v1"}) {
        EXPECT_EQ(with_url(url), "") << url;
    }
    for (const std::string url :
         {"", "ftp://localhost", "http://api.example/v1", "http://127.0.0.1.example/v1",
          "http://localhost@evil.example/v1", "https://user:pass@host/", "https://", "https:///v1",
          "https://host/v1?x=1", "https://host/v1#x", "https://host/a b", "http://[::1",
          "https://host/\r\nx"}) {
        EXPECT_EQ(with_url(url), "base_url") << url;
    }
}

TEST(EmbeddingOptions, ChecksTheRest) {
    const EmbeddingOptions good{
        .base_url = "https://h/v1", .model = "m", .key = Secret("k"), .dimension = 8};
    EXPECT_EQ(refused(good), "");
    EmbeddingOptions bad = good;
    bad.model = "";
    EXPECT_EQ(refused(bad), "model");
    bad = good;
    bad.dimension = 0;
    EXPECT_EQ(refused(bad), "dimension");
    bad.dimension = 8193;
    EXPECT_EQ(refused(bad), "dimension");
    bad = good;
    bad.timeout_ms = 0;
    EXPECT_EQ(refused(bad), "timeout_ms");
    bad = good;
    bad.key = Secret("two lines\r\nX-Other: 1");
    EXPECT_EQ(refused(bad), "key");
}

}  // namespace
}  // namespace credence::llm
