#include "surface/http/router.h"

#include <gtest/gtest.h>

#include "surface/http/test_catalog.h"

namespace credence::surface {
namespace {

using Outcome = Route::Outcome;

class RouterTest : public testing::Test {
protected:
    std::string name_at(std::string_view method, std::string_view path) const {
        const Route route = router_.find(method, path);
        return route.operation == nullptr ? "" : route.operation->verb;
    }
    Outcome outcome(std::string_view path) const { return router_.find("GET", path).outcome; }

    TestCatalog tests_;
    Router router_{tests_.catalog()};
};

TEST_F(RouterTest, FindsLiteralPathsByMethod) {
    EXPECT_EQ(name_at("GET", "/v1/notes"), "list");
    EXPECT_EQ(name_at("HEAD", "/v1/notes"), "list");
    EXPECT_EQ(name_at("POST", "/v1/notes"), "add");
    EXPECT_EQ(router_.find("GET", "/v1/notes").outcome, Outcome::found);
}

TEST_F(RouterTest, FindsParameterisedPathsWithDecodedValues) {
    const Route route = router_.find("PUT", "/v1/notes/caf%C3%A9%20au%20lait");
    ASSERT_EQ(route.outcome, Outcome::found);
    EXPECT_EQ(route.operation->verb, "replace");
    EXPECT_EQ(route.values, std::vector<std::string>{"café au lait"});
    const Route nested = router_.find("POST", "/v1/notes/a+b/lines/7");
    ASSERT_EQ(nested.outcome, Outcome::found);
    EXPECT_EQ(nested.values, (std::vector<std::string>{"a+b", "7"}));
}

TEST_F(RouterTest, PrefersLiteralsAndFallsBackToParameters) {
    EXPECT_EQ(name_at("POST", "/v1/notes/archive"), "archive");
    const Route route = router_.find("GET", "/v1/notes/archive");
    ASSERT_EQ(route.outcome, Outcome::found);
    EXPECT_EQ(route.operation->verb, "get");
    EXPECT_EQ(route.values, std::vector<std::string>{"archive"});
}

TEST_F(RouterTest, FindsLiteralsSpelledWithEscapes) {
    EXPECT_EQ(name_at("GET", "/v1/n%6Ftes"), "list");
}

TEST_F(RouterTest, SaysWhichMethodsAPathHas) {
    const Route route = router_.find("DELETE", "/v1/notes");
    EXPECT_EQ(route.outcome, Outcome::wrong_method);
    EXPECT_EQ(route.allow, "GET, HEAD, POST");
    EXPECT_EQ(router_.find("BREW", "/v1/notes").outcome, Outcome::wrong_method);
    EXPECT_EQ(router_.find("PATCH", "/v1/notes/archive").allow, "GET, HEAD, POST, PUT");
}

TEST_F(RouterTest, DoesNotFindOtherPaths) {
    for (const char* path :
         {"/", "/v1", "/v1/", "/v1/notes/", "/v1//notes", "//v1/notes", "/v1/notes//lines/7",
          "/V1/notes", "/v1/notes/a/lines", "/v1/notes/a/lines/7/8", "/v2/notes"}) {
        EXPECT_EQ(outcome(path), Outcome::not_found) << path;
    }
}

TEST_F(RouterTest, RefusesPathTricks) {
    for (const char* path : {"",
                             "v1/notes",
                             "*",
                             "/v1/../v1/notes",
                             "/v1/./notes",
                             "/v1/notes/..",
                             "/v1/notes/%2e%2e",
                             "/v1/notes/%2E",
                             "/v1/notes/a%2fb",
                             "/v1/notes/a%2Fb",
                             "/v1/notes/a%5cb",
                             "/v1/notes/a\\b",
                             "/v1/notes/%00",
                             "/v1/notes/a%0d%0aX:",
                             "/v1/notes/%7f",
                             "/v1/notes/%",
                             "/v1/notes/%4",
                             "/v1/notes/%zz",
                             "/v1/notes/%c0%ae",
                             "/v1/notes/%ff",
                             "/v1/notes/%ed%a0%80"}) {
        const Route route = router_.find("GET", path);
        EXPECT_EQ(route.outcome, Outcome::malformed) << path;
        EXPECT_FALSE(route.reason.empty()) << path;
        EXPECT_EQ(route.operation, nullptr) << path;
    }
}

TEST_F(RouterTest, BoundsLengthAndDepth) {
    const std::string longest(Router::kMaxPathBytes - 10, 'a');
    EXPECT_EQ(outcome("/v1/notes/" + longest), Outcome::found);
    EXPECT_EQ(outcome("/v1/notes/a" + longest), Outcome::malformed);
    std::string deep;
    for (int i = 0; i < 1000; ++i) {
        deep += "/a";
    }
    EXPECT_EQ(outcome(deep), Outcome::not_found);
}

}  // namespace
}  // namespace credence::surface
