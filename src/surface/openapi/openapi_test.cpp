#include "surface/openapi/openapi.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/id.h"
#include "base/json.h"
#include "surface/openapi/example.h"
#include "surface/openapi/reference.h"

namespace credence::surface {

struct WidgetTag;
using WidgetId = Id<WidgetTag>;
enum class WidgetKind : std::uint8_t { small, large };

struct WidgetPart {
    std::string name;
    double weight = 0.5;
};
void describe(Describe<WidgetPart>& d) {
    d.field<&WidgetPart::name>("What it is called").length(8, 20);
    d.field<&WidgetPart::weight>("Share of the whole").between(0.25, 0.75).or_default();
}

struct BuildWidget {
    WidgetId widget_id;
    std::string label;
    std::vector<WidgetPart> parts;
    WidgetKind kind = WidgetKind::large;
    std::optional<std::int64_t> limit;
};
void describe(Describe<BuildWidget>& d) {
    d.field<&BuildWidget::widget_id>("Which one");
    d.field<&BuildWidget::label>("Shown <to> people | robots").example("\"it's\"");
    d.field<&BuildWidget::parts>("Made of").length(1, 9);
    d.field<&BuildWidget::kind>("How big").or_default();
    d.field<&BuildWidget::limit>("At most this many").between(1, 50);
}

struct ListWidgets {
    std::vector<std::string> kinds;
    std::int64_t limit = 20;
};
void describe(Describe<ListWidgets>& d) {
    d.field<&ListWidgets::kinds>("Only these").or_default();
    d.field<&ListWidgets::limit>("How many").between(1, 100).or_default();
}

struct Widget {
    WidgetId id;
    std::map<std::string, WidgetPart> parts;
    RawJson extra;
};
void describe(Describe<Widget>& d) {
    d.field<&Widget::id>("Its id");
    d.field<&Widget::parts>("By name");
    d.field<&Widget::extra>("Anything");
}

namespace {

using Json = nlohmann::json;

template <class Request>
Operation operation(std::string verb, HttpMethod method, std::string path) {
    Operation out;
    out.module = "widgets";
    out.verb = std::move(verb);
    out.summary = "Do the " + out.verb;
    out.method = method;
    out.path = std::move(path);
    out.scope = "widgets:use";
    out.request = &shape_of<Request>();
    out.response = &shape_of<Widget>();
    return out;
}

class Documents : public testing::Test {
protected:
    Documents() {
        Operation build =
            operation<BuildWidget>("build_one", HttpMethod::post, "/v1/widgets/{widget_id}/build");
        build.path_parameters = {"widget_id"};
        build.lane = Lane::background;
        build.effect = Effect::act;
        catalog_.add(std::move(build));
        Operation list = operation<ListWidgets>("list", HttpMethod::get, "/v1/widgets");
        list.hidden_from_mcp = true;
        catalog_.add(std::move(list));
        catalog_.freeze();
        document_ = Json::parse(openapi_json(catalog_));
    }

    const Operation& build() const { return *catalog_.find("widgets.build_one"); }
    const Operation& list() const { return *catalog_.find("widgets.list"); }

    Catalog catalog_;
    Json document_;
};

TEST_F(Documents, NameTheVersionLicenceAndServer) {
    EXPECT_EQ(document_["openapi"], "3.1.0");
    EXPECT_EQ(document_["info"]["title"], "Credence");
    EXPECT_EQ(document_["info"]["license"]["identifier"], "Apache-2.0");
    EXPECT_EQ(document_["servers"][0]["url"], "/");
    EXPECT_EQ(document_["components"]["securitySchemes"]["bearer"]["scheme"], "bearer");
}

TEST_F(Documents, HoldEveryOperationOnce) {
    ASSERT_EQ(document_["paths"].size(), 2U);
    for (const Operation& each : catalog_.operations()) {
        std::string method(to_string(each.method));
        std::ranges::transform(method, method.begin(), [](char c) { return std::tolower(c); });
        const Json& entry = document_["paths"][each.path][method];
        EXPECT_EQ(entry["operationId"], each.name);
        EXPECT_EQ(entry["tags"][0], "widgets");
        EXPECT_EQ(entry["security"][0]["bearer"][0], "widgets:use");
        EXPECT_TRUE(entry["responses"].contains("200"));
        EXPECT_EQ(entry["responses"]["default"]["$ref"], "#/components/responses/Problem");
    }
}

TEST_F(Documents, PutPathParametersInThePathOnly) {
    const Json& entry = document_["paths"]["/v1/widgets/{widget_id}/build"]["post"];
    ASSERT_EQ(entry["parameters"].size(), 1U);
    EXPECT_EQ(entry["parameters"][0]["name"], "widget_id");
    EXPECT_EQ(entry["parameters"][0]["in"], "path");
    EXPECT_EQ(entry["parameters"][0]["required"], true);
    EXPECT_EQ(entry["parameters"][0]["schema"]["format"], "uuid");
    const Json& schema = document_["components"]["schemas"]["WidgetsBuildOneRequest"];
    EXPECT_FALSE(schema["properties"].contains("widget_id"));
    EXPECT_EQ(schema["required"], Json({"label", "parts"}));
    EXPECT_EQ(entry["requestBody"]["required"], true);
    EXPECT_FALSE(
        entry["requestBody"]["content"]["application/json"]["example"].contains("widget_id"));
}

TEST_F(Documents, PutTheFieldsOfAGetInTheQuery) {
    const Json& entry = document_["paths"]["/v1/widgets"]["get"];
    EXPECT_FALSE(entry.contains("requestBody"));
    ASSERT_EQ(entry["parameters"].size(), 2U);
    EXPECT_EQ(entry["parameters"][0]["in"], "query");
    EXPECT_EQ(entry["parameters"][0]["explode"], false);
    EXPECT_EQ(entry["parameters"][1]["required"], false);
    EXPECT_EQ(entry["parameters"][1]["schema"]["maximum"], 100);
}

TEST_F(Documents, SayThatBackgroundOperationsAnswer202) {
    const Json& build = document_["paths"]["/v1/widgets/{widget_id}/build"]["post"]["responses"];
    const Json& list = document_["paths"]["/v1/widgets"]["get"]["responses"];
    EXPECT_TRUE(build["202"]["headers"].contains("Location"));
    EXPECT_FALSE(list.contains("202"));
}

void expect_references_resolve(const Json& node, const Json& document) {
    if (node.is_object() && node.contains("$ref")) {
        const std::string to = node["$ref"].get<std::string>().substr(1);
        EXPECT_TRUE(document.contains(Json::json_pointer(to))) << to;
    }
    for (const Json& child : node) {
        if (child.is_structured()) {
            expect_references_resolve(child, document);
        }
    }
}

TEST_F(Documents, HoldNoDanglingReference) {
    expect_references_resolve(document_, document_);
}

TEST_F(Documents, AreTheSameEveryTime) {
    EXPECT_EQ(openapi_json(catalog_), openapi_json(catalog_));
    EXPECT_EQ(reference_html(catalog_), reference_html(catalog_));
}

TEST_F(Documents, GiveExamplesThatDecode) {
    const std::string request = example_json(*build().request);
    const auto decoded = from_json<BuildWidget>(request);
    ASSERT_TRUE(decoded) << request << decoded.error().field << decoded.error().message;
    EXPECT_EQ(decoded->label, "it's");
    EXPECT_FALSE(decoded->limit);
    ASSERT_EQ(decoded->parts.size(), 1U);
    const auto all =
        from_json<BuildWidget>(example_json(*build().request, ExampleDetail::everything));
    ASSERT_TRUE(all);
    EXPECT_EQ(all->limit, 1);
    EXPECT_EQ(all->parts[0].weight, 0.75);
    EXPECT_TRUE(from_json<Widget>(example_json(*build().response, ExampleDetail::everything)));
}

TEST_F(Documents, ListNestedFieldsWithTheirLimits) {
    const auto rows = field_rows(*build().request);
    ASSERT_EQ(rows.size(), 7U);
    EXPECT_EQ(rows[2].path, "parts");
    EXPECT_EQ(rows[2].type, "list of object");
    EXPECT_EQ(rows[2].limits, "at least 1 items, at most 9 items");
    EXPECT_EQ(rows[3].path, "parts[].name");
    EXPECT_TRUE(rows[3].required);
    EXPECT_EQ(rows[4].limits, "0.25 to 0.75, default 0.5");
    EXPECT_EQ(rows[5].type, "small | large");
    EXPECT_EQ(rows[5].limits, "default \"large\"");
    EXPECT_EQ(rows[6].limits, "1 to 50");
    EXPECT_FALSE(rows[6].required);
}

TEST_F(Documents, ShowHowToCall) {
    EXPECT_EQ(curl_example(list()), "curl http://127.0.0.1:8787/v1/widgets");
    EXPECT_EQ(curl_example(build()),
              "curl -X POST "
              "http://127.0.0.1:8787/v1/widgets/01938f3e-0000-7000-8000-000000000000/build \\\n"
              "  -H 'Content-Type: application/json' \\\n"
              "  -d '{\"label\":\"it'\\''s\",\"parts\":[{\"name\":\"textxxxx\"}]}'");
    EXPECT_EQ(cli_example(list()), "credence widgets list");
    EXPECT_EQ(mcp_example(list()), "");
    const Json call = Json::parse(mcp_example(build()));
    EXPECT_EQ(call["params"]["name"], "widgets_build_one");
    EXPECT_EQ(call["params"]["arguments"]["label"], "it's");
}

TEST_F(Documents, EscapeTextInPages) {
    const std::string html = reference_html(catalog_);
    EXPECT_NE(html.find("Shown &lt;to&gt; people | robots"), std::string::npos);
    EXPECT_EQ(html.find("<script"), std::string::npos);
    EXPECT_NE(html.find("<section id=\"widgets.build_one\""), std::string::npos);
    const std::string markdown = reference_markdown(catalog_, "widgets");
    EXPECT_NE(markdown.find("## widgets.list"), std::string::npos);
    EXPECT_NE(markdown.find("people \\| robots"), std::string::npos);
    EXPECT_EQ(reference_markdown(catalog_, "other").find("widgets"), std::string::npos);
}

}  // namespace
}  // namespace credence::surface
