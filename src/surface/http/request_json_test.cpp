#include "surface/http/request_json.h"

#include <gtest/gtest.h>

#include "surface/http/test_catalog.h"

namespace credence::surface {
namespace {

class RequestJson : public testing::Test {
protected:
    struct Input {
        std::string_view verb;
        std::vector<std::string> values;
        std::string_view query;
        std::string_view body;
    };

    std::string text(const Input& input) {
        storage_.clear();
        const Operation& operation = tests_.operation(input.verb);
        auto built = request_json({operation, input.values, input.query, input.body}, storage_);
        if (!built) {
            return "error " + std::string(to_string(built.error().code)) + " " +
                   built.error().field;
        }
        return std::string(*built);
    }

    // Why the decoder refuses what was built; the field only.
    std::string refused_field(const Input& input) {
        const auto valid = tests_.operation(input.verb).validate(text(input));
        return valid ? "(accepted)" : valid.error().field;
    }

    TestCatalog tests_;
    std::string storage_;
};

TEST_F(RequestJson, ReadsTheQueryByShape) {
    EXPECT_EQ(text({"list", {}, "note=a%20b+c&line=7&loud=true&tags=x,y", ""}),
              R"({"note":"a b c","line":7,"loud":true,"tags":["x","y"]})");
    EXPECT_EQ(text({"list", {}, "", ""}), "{}");
    EXPECT_EQ(text({"list", {}, "&&line=7&", ""}), R"({"line":7})");
    EXPECT_EQ(text({"list", {}, "note=7", ""}), R"({"note":"7"})");
}

TEST_F(RequestJson, NamesTheFieldOfABadQueryParameter) {
    EXPECT_EQ(text({"list", {}, "colour=red", ""}), "error invalid colour");
    EXPECT_EQ(text({"list", {}, "line=1&line=2", ""}), "error invalid line");
    EXPECT_EQ(text({"list", {}, "note=%zz", ""}), "error invalid note");
    EXPECT_EQ(text({"list", {}, "note=%ff", ""}), "error invalid note");
    EXPECT_EQ(text({"list", {}, "%ff=1", ""}), "error invalid ");
    EXPECT_EQ(refused_field({"list", {}, "line=many", ""}), "line");
    EXPECT_EQ(refused_field({"list", {}, "line=", ""}), "line");
    EXPECT_EQ(refused_field({"list", {}, "line=101", ""}), "line");
    EXPECT_EQ(refused_field({"list", {}, "loud=1", ""}), "loud");
}

TEST_F(RequestJson, DoesNotLetAQueryValueAddFields) {
    EXPECT_EQ(text({"list", {}, "extra=1,\"line\":2", ""}), "error invalid extra");
    EXPECT_EQ(text({"list", {}, "extra={\"a\":1}", ""}), R"({"extra":{"a":1}})");
    EXPECT_EQ(text({"list", {}, "tags=[\"a\"],\"line\":2", ""}), "error invalid tags");
    EXPECT_EQ(text({"list", {}, "note=\",\"line\":2,\"x\":\"", ""}),
              R"({"note":"\",\"line\":2,\"x\":\""})");
    EXPECT_EQ(text({"list", {}, "line=2,\"loud\":true", ""}), R"({"line":"2,\"loud\":true"})");
}

TEST_F(RequestJson, BoundsTheQuery) {
    std::string query;
    for (std::size_t i = 0; i <= kMaxQueryParameters; ++i) {
        query += "&p" + std::to_string(i) + "=1";
    }
    EXPECT_EQ(text({"list", {}, query, ""}), "error invalid ");
}

TEST_F(RequestJson, PassesABodyThroughUncopied) {
    const std::string_view body = R"({"note":"a"})";
    const std::vector<std::string> no_values;
    const auto built = request_json({tests_.operation("add"), no_values, "", body}, storage_);
    ASSERT_TRUE(built);
    EXPECT_EQ(built->data(), body.data());
    EXPECT_EQ(built->size(), body.size());
    EXPECT_EQ(text({"add", {}, "", ""}), "{}");
}

TEST_F(RequestJson, RefusesFieldsInTheWrongPlace) {
    EXPECT_EQ(text({"add", {}, "note=a", "{}"}), "error invalid note");
    EXPECT_EQ(text({"list", {}, "", "{}"}), "error invalid ");
    EXPECT_EQ(text({"get", {"a"}, "note=b", ""}), "error invalid note");
}

TEST_F(RequestJson, JoinsPathAndQuery) {
    EXPECT_EQ(text({"get", {"a\"b"}, "line=3", ""}), R"({"note":"a\"b","line":3})");
    EXPECT_EQ(text({"get", {"7"}, "", ""}), R"({"note":"7"})");
}

TEST_F(RequestJson, JoinsPathAndBody) {
    EXPECT_EQ(text({"write", {"a", "7"}, "", R"({"text":"hi"})"}),
              R"({"note":"a","line":7,"text":"hi"})");
    EXPECT_EQ(text({"write", {"a", "7"}, "", ""}), R"({"note":"a","line":7})");
    EXPECT_EQ(text({"write", {"a", "7"}, "", " \n"}), R"({"note":"a","line":7})");
    EXPECT_EQ(text({"write", {"a", "7"}, "", " { } "}), R"({"note":"a","line":7 } )");
    EXPECT_EQ(refused_field({"write", {"a", "x"}, "", "{}"}), "line");
    EXPECT_EQ(refused_field({"write", {"a", "7"}, "", R"({"note":"b"})"}), "note");
    EXPECT_EQ(text({"write", {"a", "7"}, "", "[1]"}), "error invalid ");
}

TEST_F(RequestJson, KeepsAMalformedBodyMalformed) {
    for (const char* body :
         {"{", "{,}", "{\"text\":\"a\",}", "{}{}", "{\"text\"}", "{}}", "{\"a"}) {
        const Operation& write = tests_.operation("write");
        const auto valid = write.validate(text({"write", {"a", "7"}, "", body}));
        EXPECT_FALSE(valid) << body;
    }
}

TEST_F(RequestJson, BoundsTheBody) {
    const std::string body(kDefaultRequestBytes + 1, ' ');
    EXPECT_EQ(text({"add", {}, "", body}), "error too_large ");
    EXPECT_EQ(text({"add", {}, "", std::string_view(body).substr(1)}).size(), kDefaultRequestBytes);
    Operation small = tests_.operation("add");
    small.max_request_bytes = 10;
    const std::vector<std::string> no_values;
    EXPECT_FALSE(request_json({small, no_values, "", "12345678901"}, storage_));
    EXPECT_TRUE(request_json({small, no_values, "", "1234567890"}, storage_));
}

}  // namespace
}  // namespace credence::surface
