#include "base/json.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/id.h"
#include "base/secret.h"

namespace credence {
namespace {

enum class Size { small, large };

struct Item {
    std::string name;
    std::int64_t count = 0;
};
void describe(Describe<Item>& d) {
    d.field<&Item::name>("Name").length(1, 5);
    d.field<&Item::count>("Count").between(0, 9).or_default();
}

struct Order {
    std::vector<Item> items;
    Size size = Size::small;
    std::optional<double> weight;
    std::map<std::string, bool> flags;
    RawJson extra;
    std::optional<RequestId> id;
};
void describe(Describe<Order>& d) {
    d.field<&Order::items>("Items").length(0, 3);
    d.field<&Order::size>("Size").or_default();
    d.field<&Order::weight>("Weight");
    d.field<&Order::flags>("Flags").or_default();
    d.field<&Order::extra>("Anything").or_default();
    d.field<&Order::id>("Id");
}

struct Login {
    Secret password;
};
void describe(Describe<Login>& d) {
    d.field<&Login::password>("Password");
}

Error error_of(std::string_view json) {
    auto result = from_json<Order>(json);
    EXPECT_FALSE(result.has_value()) << json;
    return result ? Error{} : result.error();
}

TEST(Json, RoundTrips) {
    const std::string text = R"({"items":[{"name":"a\"b","count":3}],"size":"large","weight":1.5,)"
                             R"("flags":{"x":true,"y":false},"extra":{"deep":[1,null]},)"
                             R"("id":"01938f3e-0000-7000-8000-000000000000"})";
    const auto order = from_json<Order>(text);
    ASSERT_TRUE(order.has_value()) << order.error().message << " at " << order.error().field;
    EXPECT_EQ(order->items[0].name, "a\"b");
    EXPECT_EQ(order->size, Size::large);
    EXPECT_EQ(order->weight, 1.5);
    EXPECT_EQ(order->flags.at("x"), true);
    EXPECT_EQ(order->extra.text, R"({"deep":[1,null]})");
    EXPECT_EQ(to_json(*order), text);
}

TEST(Json, LeavesDefaultsAndOmitsEmptyOptionals) {
    const auto order = from_json<Order>(R"({"items":[]})");
    ASSERT_TRUE(order.has_value());
    EXPECT_EQ(to_json(*order), R"({"items":[],"size":"small","flags":{},"extra":null})");
}

TEST(Json, NamesThePathOfEveryMistake) {
    EXPECT_EQ(error_of(R"({"items":[{"name":"a"},{"name":7}]})").field, "items[1].name");
    EXPECT_EQ(error_of(R"({"items":[{"name":"a","count":10}]})").field, "items[0].count");
    EXPECT_EQ(error_of(R"({"items":[{"name":"a","count":1.5}]})").field, "items[0].count");
    EXPECT_EQ(error_of(R"({"items":[{"name":""}]})").field, "items[0].name");
    EXPECT_EQ(error_of(R"({"items":[{"name":"abcdef"}]})").code, Code::too_large);
    EXPECT_EQ(error_of(R"({"items":[{"nam":"a"}]})").field, "items[0].nam");
    EXPECT_EQ(error_of(R"({"items":[],"size":"huge"})").message, "must be one of small, large");
    EXPECT_EQ(error_of(R"({"items":[],"flags":{"q":1}})").field, "flags.q");
    EXPECT_EQ(error_of(R"({"items":[],"id":"nonsense"})").field, "id");
    EXPECT_EQ(error_of(R"({"size":"small"})").field, "items");
    EXPECT_EQ(error_of(R"({"items":[],"items":[]})").message, "is given twice");
    EXPECT_EQ(error_of(R"({"items":[],"flags":{"a":true,"a":true}})").field, "flags.a");
    EXPECT_EQ(error_of("[]").message, "must be an object, not an array");
}

TEST(Json, RefusesWhatIsNotJson) {
    for (const char* text : {"", "{", "{]", "nul", "{\"items\":[1,]}", "{'items':[]}", "1 2"}) {
        EXPECT_EQ(error_of(text).code, Code::invalid) << text;
    }
    EXPECT_EQ(error_of("{\"items\":[{\"name\":\"\xff\"}]}").message, "JSON is not valid UTF-8");
    const std::string deep = std::string(10'000, '[') + std::string(10'000, ']');
    EXPECT_EQ(error_of(deep).message, "JSON is nested deeper than 64");
    EXPECT_EQ(error_of(R"({"items":[{"name":"a","count":99999999999999999999}]})").code,
              Code::invalid);
}

TEST(Json, EscapesAndRepairsText) {
    std::string out;
    append_json_string(std::string_view("a\n\t\x01\x7f\"\\\xff\xc3\xa9", 10), out);
    EXPECT_EQ(out, "\"a\\n\\t\\u0001\\u007f\\\"\\\\\xef\xbf\xbd\xc3\xa9\"");
}

TEST(Json, NeverShowsSecrets) {
    const auto login = from_json<Login>(R"({"password":"hunter2"})");
    ASSERT_TRUE(login.has_value());
    EXPECT_EQ(login->password.reveal(), "hunter2");
    EXPECT_EQ(to_json(*login), R"({"password":"***"})");
}

TEST(Json, ReadsBareText) {
    const Shape& integer = shape_of<std::int64_t>();
    EXPECT_EQ(json_from_text(integer, "-12"), "-12");
    EXPECT_EQ(json_from_text(integer, "1}"), "\"1}\"");
    EXPECT_EQ(json_from_text(shape_of<std::string>(), "a\"b"), "\"a\\\"b\"");
    EXPECT_EQ(json_from_text(shape_of<std::vector<std::string>>(), "a, b"), "[\"a\",\"b\"]");
    EXPECT_EQ(json_from_text(shape_of<std::vector<std::int64_t>>(), "[1,2]"), "[1,2]");
    EXPECT_EQ(json_from_text(shape_of<std::optional<bool>>(), "true"), "true");
}

TEST(Json, DescribesItselfAsJsonSchema) {
    std::string schema;
    append_json_schema(shape_of<Item>(), schema);
    EXPECT_EQ(
        schema,
        R"({"type":"object","properties":{)"
        R"("name":{"type":"string","minLength":1,"maxLength":5,"description":"Name"},)"
        R"("count":{"type":"integer","minimum":0,"maximum":9,"description":"Count","default":0}},)"
        R"("additionalProperties":false,"required":["name"]})");
    EXPECT_TRUE(validate_json(schema).has_value());
}

TEST(Json, WritesNumbersThatReadBack) {
    std::string out;
    const double tenth = 0.1;
    encode_json(shape_of<double>(), &tenth, out);
    EXPECT_EQ(out, "0.1");
    out.clear();
    const double infinite = std::numeric_limits<double>::infinity();
    encode_json(shape_of<double>(), &infinite, out);
    EXPECT_EQ(out, "null");
}

}  // namespace
}  // namespace credence
