#include "surface/http/problem.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "surface/http/headers.h"

namespace credence::surface {
namespace {

bool has(const net::HttpResponse& response, std::string_view line) {
    return response.extra_headers.find(std::string(line) + "\r\n") != std::string::npos;
}

TEST(Problem, HasAStatusForEveryCode) {
    const std::pair<Code, int> table[] = {
        {Code::invalid, 400},     {Code::unauthenticated, 401}, {Code::forbidden, 403},
        {Code::not_found, 404},   {Code::conflict, 409},        {Code::too_large, 413},
        {Code::exhausted, 429},   {Code::timeout, 504},         {Code::cancelled, 499},
        {Code::unavailable, 503}, {Code::unsupported, 501},     {Code::internal, 500}};
    for (const auto& [code, status] : table) {
        EXPECT_EQ(http_status(code), status);
        EXPECT_NE(reason_phrase(status), "Error") << status;
    }
}

TEST(Problem, IsAnRfc9457Document) {
    const auto response =
        problem_response(Error{Code::invalid, "must be \"small\"", "items[3].name", 0}, "an-id");
    EXPECT_EQ(response.status, 400);
    EXPECT_EQ(response.content_type, "application/problem+json");
    EXPECT_EQ(response.body,
              R"({"type":"about:blank","title":"Bad Request","status":400,)"
              R"("detail":"must be \"small\"","code":"invalid","field":"items[3].name",)"
              R"("request_id":"an-id"})");
    EXPECT_TRUE(has(response, "Credence-Request-Id: an-id"));
    EXPECT_TRUE(has(response, "Cache-Control: no-store"));
    EXPECT_TRUE(has(response, "X-Content-Type-Options: nosniff"));
}

TEST(Problem, LeavesOutWhatIsUnknown) {
    const auto response = problem_response(Error{Code::not_found, "gone", "", 0}, "");
    EXPECT_EQ(response.body.find("field"), std::string::npos);
    EXPECT_EQ(response.body.find("request_id"), std::string::npos);
    EXPECT_EQ(response.extra_headers.find("Credence-Request-Id"), std::string::npos);
    EXPECT_TRUE(validate_json(response.body));
}

TEST(Problem, SaysHowToAuthenticateAndWhenToComeBack) {
    EXPECT_TRUE(has(problem_response(Error{Code::unauthenticated, "who?", "", 0}, ""),
                    "WWW-Authenticate: Bearer"));
    EXPECT_TRUE(
        has(problem_response(Error{Code::exhausted, "slow down", "", 0}, ""), "Retry-After: 1"));
    EXPECT_TRUE(
        has(problem_response(Error{Code::exhausted, "slow down", "", 2001}, ""), "Retry-After: 3"));
    EXPECT_TRUE(
        has(problem_response(Error{Code::unavailable, "later", "", 1000}, ""), "Retry-After: 1"));
    const auto silent = problem_response(Error{Code::unavailable, "later", "", 0}, "");
    EXPECT_EQ(silent.extra_headers.find("Retry-After"), std::string::npos);
}

TEST(Headers, KnowLoopbackHosts) {
    for (const char* host :
         {"localhost", "LOCALHOST:8787", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:8787"}) {
        EXPECT_TRUE(is_loopback_host(host)) << host;
    }
    for (const char* host : {"", "localhost.", "localhost.evil.example", "localhost:",
                             "localhost:x", "127.0.0.1.evil.example", "evil.example", "[::1", "::1",
                             "127.0.0.1:123456", "localhost@evil.example", "localhost:80@evil"}) {
        EXPECT_FALSE(is_loopback_host(host)) << host;
    }
}

TEST(Headers, KnowOrigins) {
    EXPECT_TRUE(is_loopback_origin("http://localhost:3000"));
    EXPECT_TRUE(is_loopback_origin("https://[::1]"));
    EXPECT_FALSE(is_loopback_origin("null"));
    EXPECT_FALSE(is_loopback_origin("http://evil.example"));
    EXPECT_FALSE(is_loopback_origin("file://localhost"));
    EXPECT_TRUE(is_same_origin("https://a.example:8443", "A.example:8443"));
    EXPECT_FALSE(is_same_origin("https://a.example", "b.example"));
    EXPECT_FALSE(is_same_origin("null", ""));
}

TEST(Headers, ReadBearerTokens) {
    EXPECT_EQ(bearer_token("Bearer abc"), "abc");
    EXPECT_EQ(bearer_token("bEARER  abc "), "abc");
    EXPECT_EQ(bearer_token("Basic abc"), "");
    EXPECT_EQ(bearer_token("Bearer"), "");
    EXPECT_EQ(bearer_token(""), "");
}

TEST(Headers, ReadMediaTypes) {
    EXPECT_TRUE(is_json("application/json"));
    EXPECT_TRUE(is_json("Application/JSON; charset=utf-8"));
    EXPECT_FALSE(is_json("application/jsonp"));
    EXPECT_FALSE(is_json("text/plain"));
    EXPECT_TRUE(accepts_json(""));
    EXPECT_TRUE(accepts_json("text/event-stream, application/json;q=0.5"));
    EXPECT_TRUE(accepts_json("*/*"));
    EXPECT_TRUE(accepts_json("application/*"));
    EXPECT_FALSE(accepts_json("text/event-stream"));
}

TEST(Headers, ReadPreferredWaits) {
    EXPECT_EQ(preferred_wait_ms(""), 0);
    EXPECT_EQ(preferred_wait_ms("respond-async"), 0);
    EXPECT_EQ(preferred_wait_ms("respond-async, wait=10"), 10'000);
    EXPECT_EQ(preferred_wait_ms("Wait=90000000000000"), kMaxPreferWaitMs);
    EXPECT_EQ(preferred_wait_ms("wait=-1"), 0);
    EXPECT_EQ(preferred_wait_ms("wait=soon"), 0);
}

}  // namespace
}  // namespace credence::surface
