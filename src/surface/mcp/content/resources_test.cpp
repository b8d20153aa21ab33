#include "surface/mcp/content/resources.h"

#include <gtest/gtest.h>

#include "surface/mcp/content/content_fixture.h"

namespace credence::surface::mcp {
namespace {

using test::ask;
using test::caller_with;

class ResourcesTest : public testing::Test {
protected:
    test::Asked read(const std::string& uri, Caller caller = caller_with({"*"})) {
        test::Asked asked = ask(std::move(caller), "resources/read", R"({"uri":"x"})");
        taken_ = resources_.read_resource(uri, asked.request);
        return asked;
    }
    static std::string text_of(const Members& result) {
        return Members::of(items_of(result["contents"].value).at(0))["text"].value;
    }
    static std::int64_t times_told(Resources& resources, Notices& notices,
                                   std::vector<std::string> uris, const std::string& tenant,
                                   const std::string& body) {
        std::int64_t told = 0;
        NoticeFilter filter;
        filter.tenant = "default";
        filter.uris = std::move(uris);
        const std::int64_t token = notices.add(filter, [&told](const Notice&) { ++told; });
        resources.on_event({1, tenant, "animal_fed", 0, "local", {body}}, notices);
        notices.remove(token);
        return told;
    }

    test::Zoo zoo_;
    Resources resources_{zoo_.dispatcher(), nullptr};
    bool taken_ = false;
};

TEST_F(ResourcesTest, ListsWhatTheCallerMayRead) {
    std::vector<std::string> all;
    resources_.resources(caller_with({"*"}), all);
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[0], R"({"uri":"credence://zoo","name":"zoo_list","title":"List the animals",)"
                      R"("mimeType":"application/json"})");
    EXPECT_NE(all[1].find("credence://docs/zoo"), std::string::npos);
    EXPECT_NE(all[2].find("credence://openapi"), std::string::npos);
    std::vector<std::string> templates;
    resources_.resource_templates(caller_with({"zoo:read"}), templates);
    ASSERT_EQ(templates.size(), 2U);
    EXPECT_EQ(templates[0], R"({"uriTemplate":"credence://zoo/{animal_id}","name":"zoo_get",)"
                            R"("title":"Show an animal","mimeType":"application/json"})");

    std::vector<std::string> few;
    resources_.resources(caller_with({"guard:read"}), few);
    resources_.resource_templates(caller_with({"guard:read"}), few);
    ASSERT_EQ(few.size(), 3U);  // the documents and their template
    EXPECT_TRUE(resources_.has_resource(caller_with({"zoo:read"}), "credence://zoo/leo"));
    EXPECT_FALSE(resources_.has_resource(caller_with({"guard:read"}), "credence://zoo/leo"));
    EXPECT_TRUE(resources_.has_resource(caller_with({}), "credence://docs/zoo"));
    EXPECT_FALSE(resources_.has_resource(caller_with({"*"}), "credence://docs/sea"));
}

TEST_F(ResourcesTest, ReadsThroughTheOperation) {
    const auto asked = read("credence://zoo/a%20b");
    EXPECT_TRUE(taken_);
    const Members result = asked.answer->result();
    const Members content = Members::of(items_of(result["contents"].value).at(0));
    EXPECT_EQ(content["uri"].value, "credence://zoo/a%20b");
    EXPECT_EQ(content["mimeType"].value, "application/json");
    EXPECT_EQ(content["text"].value, R"({"animal_id":"a b","name":"Leo"})");
    EXPECT_TRUE(result["ttlMs"].is_absent());
    const Members modern =
        read("credence://zoo/leo", caller_with({"*"}, Revision::r2026_07_28)).answer->result();
    EXPECT_EQ(modern["ttlMs"].integer(), 0);
    EXPECT_EQ(modern["cacheScope"].value, "private");
}

TEST_F(ResourcesTest, SaysWhatWentWrong) {
    const auto code = [&](const std::string& uri, Revision revision) {
        return read(uri, caller_with({"*"}, revision)).answer->code();
    };
    EXPECT_EQ(code("credence://zoo/ghost", Revision::r2025_11_25), -32002);
    EXPECT_EQ(code("credence://zoo/ghost", Revision::r2026_07_28), -32602);
    EXPECT_EQ(code("credence://zoo/locked", Revision::r2025_11_25), -32602);
    EXPECT_EQ(code("credence://zoo/" + std::string(65, 'a'), Revision::r2025_11_25), -32602);
    EXPECT_EQ(code("credence://zoo/tired", Revision::r2025_11_25), -32603);
    const Members data = Members::of(read("credence://zoo/tired").answer->error()["data"]);
    EXPECT_EQ(data["uri"].value, "credence://zoo/tired");
    EXPECT_EQ(data["code"].value, "unavailable");
    EXPECT_EQ(data["retry_after_ms"].integer(), 250);
    const auto forbidden = read("credence://zoo/leo", caller_with({"guard:read"}));
    EXPECT_EQ(Members::of(forbidden.answer->error()["data"])["code"].value, "forbidden");
    static_cast<void>(read("credence://nowhere"));
    EXPECT_FALSE(taken_);
}

TEST_F(ResourcesTest, MakesDocumentsOnThePool) {
    WorkerPool pool("test", 1, 4);
    Resources pooled(zoo_.dispatcher(), &pool);
    for (int i = 0; i < 2; ++i) {
        auto asked = ask(caller_with({}), "resources/read", "{}");
        ASSERT_TRUE(pooled.read_resource("credence://docs/zoo", asked.request));
        EXPECT_NE(text_of(asked.answer->result()).find("zoo.feed"), std::string::npos);
    }
    auto openapi = ask(caller_with({}, Revision::r2026_07_28), "resources/read", "{}");
    ASSERT_TRUE(pooled.read_resource("credence://openapi", openapi.request));
    const Members result = openapi.answer->result();
    EXPECT_TRUE(Members::parse(text_of(result)).has_value());
    EXPECT_EQ(result["cacheScope"].value, "public");
    pool.stop();
    auto busy = ask(caller_with({}), "resources/read", "{}");
    Resources stopped(zoo_.dispatcher(), &pool);
    ASSERT_TRUE(stopped.read_resource("credence://openapi", busy.request));
    EXPECT_EQ(busy.answer->code(), -32603);
}

TEST_F(ResourcesTest, TellsOfChanges) {
    Notices notices;
    const auto told = [&](const std::string& uri, const std::string& tenant,
                          const std::string& body) {
        return times_told(resources_, notices, {uri}, tenant, body);
    };
    EXPECT_EQ(told("credence://zoo/leo", "default", R"({"animal_id":"leo"})"), 1);
    EXPECT_EQ(told("credence://zoo/leo", "default", R"({"animal_id":"lea"})"), 0);
    EXPECT_EQ(told("credence://zoo/leo", "default", R"({"x":{"animal_id":"leo"}})"), 0);
    EXPECT_EQ(told("credence://zoo/leo", "default", R"({"fed":[1,{"animal_id":"leo"}]})"), 1);
    EXPECT_EQ(told("credence://zoo/leo", "other", R"({"animal_id":"leo"})"), 0);
    EXPECT_EQ(told("credence://zoo/7", "default", R"({"animal_id":7})"), 1);
    EXPECT_EQ(told("credence://zoo", "default", R"({"animal_id":"lea"})"), 1);
    EXPECT_EQ(told("credence://zoo", "default", R"({"name":"Leo"})"), 1);
    EXPECT_EQ(told("credence://zoo", "default", R"({"fish_id":"lea"})"), 0);
    EXPECT_EQ(told("credence://zoo", "default", R"([])"), 0);
    EXPECT_EQ(told("credence://docs/zoo", "default", R"({"animal_id":"lea"})"), 0);
    EXPECT_EQ(times_told(resources_, notices, {"credence://zoo", "credence://zoo/a"}, "default",
                         R"({"animal_id":"a"})"),
              2);
}

}  // namespace
}  // namespace credence::surface::mcp
