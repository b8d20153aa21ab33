#include "surface/http/resource_metadata.h"

#include <gtest/gtest.h>

#include "surface/http/challenge.h"
#include "surface/http/problem.h"
#include "surface/http/test_catalog.h"

namespace credence::surface {
namespace {

constexpr const char* kDocument = "/.well-known/oauth-protected-resource";

class ResourceMetadataTest : public ::testing::Test {
protected:
    void TearDown() override { announce_resource_metadata({}); }

    TestCatalog catalog_;
    std::map<std::string, Page, std::less<>> pages_;
    ProtectedResource resource_{
        "https://credence.example/mcp", "https://id.example",
        "https://credence.example/.well-known/oauth-protected-resource/mcp"};
};

TEST_F(ResourceMetadataTest, IsAbsentWhileOauthIsOff) {
    const ProtectedResource off;
    add_resource_metadata(nullptr, catalog_.catalog(), pages_);
    add_resource_metadata(&off, catalog_.catalog(), pages_);
    EXPECT_TRUE(pages_.empty());
    EXPECT_EQ(bearer_challenge({}), "WWW-Authenticate: Bearer\r\n");
}

TEST_F(ResourceMetadataTest, SaysWhoseTokensAreAcceptedAndForWhat) {
    add_resource_metadata(&resource_, catalog_.catalog(), pages_);
    ASSERT_EQ(pages_.size(), 2U);
    const Page& page = pages_.at(kDocument);
    EXPECT_TRUE(page.open);
    EXPECT_EQ(page.content_type, "application/json");
    EXPECT_EQ(page.body, R"({"resource":"https://credence.example/mcp",)"
                         R"("authorization_servers":["https://id.example"],)"
                         R"("scopes_supported":["notes:use"],)"
                         R"("bearer_methods_supported":["header"],"resource_name":"Credence"})");
    EXPECT_EQ(pages_.at(std::string(kDocument) + "/mcp").body, page.body);
}

TEST_F(ResourceMetadataTest, IsAlsoWhereTheIdentifierPutsIt) {
    resource_.metadata_url = "https://a.example/.well-known/oauth-protected-resource/team/mcp";
    add_resource_metadata(&resource_, catalog_.catalog(), pages_);
    EXPECT_EQ(pages_.size(), 3U);
    EXPECT_EQ(pages_.count(std::string(kDocument) + "/team/mcp"), 1U);
}

TEST_F(ResourceMetadataTest, EveryChallengeNamesIt) {
    add_resource_metadata(&resource_, catalog_.catalog(), pages_);
    const std::string metadata = "resource_metadata=\"" + resource_.metadata_url + "\"\r\n";
    EXPECT_EQ(bearer_challenge({}), "WWW-Authenticate: Bearer " + metadata);
    EXPECT_EQ(bearer_challenge("the access token has expired"),
              "WWW-Authenticate: Bearer error=\"invalid_token\", "
              "error_description=\"the access token has expired\", " +
                  metadata);
    const Error lacking{Code::forbidden, "needs the scope notes:write", {}, 0};
    EXPECT_EQ(scope_challenge(lacking),
              "WWW-Authenticate: Bearer error=\"insufficient_scope\", scope=\"notes:write\", " +
                  metadata);
    EXPECT_NE(problem_response(lacking, {}).extra_headers.find(scope_challenge(lacking)),
              std::string::npos);
    EXPECT_EQ(scope_challenge({Code::forbidden, "your key works elsewhere", {}, 0}), "");
}

TEST_F(ResourceMetadataTest, AChallengeCannotBeBrokenOutOf) {
    EXPECT_EQ(bearer_challenge("a\"b\\c\r\nd"),
              "WWW-Authenticate: Bearer error=\"invalid_token\", "
              "error_description=\"a?b?c??d\"\r\n");
}

}  // namespace
}  // namespace credence::surface
