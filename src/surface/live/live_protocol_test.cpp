#include "surface/live/live_protocol.h"

#include <gtest/gtest.h>

namespace credence::surface {
namespace {

using Kind = ClientMessage::Kind;

LiveFeed skills_feed() {
    LiveFeed feed;
    feed.name = "skills";
    feed.subject = "skill";
    feed.topics = {"skill_*", "ab_test_*"};
    return feed;
}

std::string field_of(std::string_view text) {
    const auto message = parse_client_message(skills_feed(), text);
    return message ? "(accepted)" : message.error().field;
}

TEST(LiveProtocol, ReadsSubscriptions) {
    const auto one = parse_client_message(skills_feed(), R"({"type":"subscribe","skill":"x"})");
    ASSERT_TRUE(one);
    EXPECT_EQ(one->kind, Kind::subscribe);
    EXPECT_EQ(one->filter.subjects, (std::vector<std::string>{"x"}));
    const auto many = parse_client_message(
        skills_feed(),
        R"({"type":"subscribe","skills":["b","a","b"],"topics":["skill_x","ab_*"]})");
    ASSERT_TRUE(many) << many.error().message;
    EXPECT_EQ(many->filter.subjects, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(many->filter.topics, (std::vector<std::string>{"ab_*", "skill_x"}));
    const auto all = parse_client_message(skills_feed(), R"({"type":"subscribe","skill":null})");
    ASSERT_TRUE(all);
    EXPECT_TRUE(all->filter.subjects.empty());
}

TEST(LiveProtocol, ReadsTheOtherMessages) {
    const auto kind = [](std::string_view text) {
        return parse_client_message(skills_feed(), text)->kind;
    };
    EXPECT_EQ(kind(R"({"type":"ping"})"), Kind::ping);
    EXPECT_EQ(kind(R"({"type":"unsubscribe"})"), Kind::unsubscribe);
    EXPECT_EQ(kind(R"({"type":"snapshot"})"), Kind::snapshot);
    EXPECT_EQ(parse_client_message(skills_feed(), R"({"type":"resume","after":12})")->after, 12);
    EXPECT_EQ(parse_client_message(skills_feed(), R"({"token":"k"})")->token, "k");
}

TEST(LiveProtocol, NamesWhatIsWrong) {
    EXPECT_EQ(field_of("nonsense"), "");
    EXPECT_EQ(field_of("[1]"), "");
    EXPECT_EQ(field_of("{}"), "type");
    EXPECT_EQ(field_of(R"({"type":"dance"})"), "type");
    EXPECT_EQ(field_of(R"({"type":"ping","x":1})"), "x");
    EXPECT_EQ(field_of(R"({"type":"subscribe","skill":1})"), "skill");
    EXPECT_EQ(field_of(R"({"type":"subscribe","skill":""})"), "skill");
    EXPECT_EQ(field_of(R"({"type":"subscribe","skill_name":"x"})"), "skill_name");
    EXPECT_EQ(field_of(R"({"type":"subscribe","skills":"x"})"), "skills");
    EXPECT_EQ(field_of(R"({"type":"subscribe","topics":["key_created"]})"), "topics");
    EXPECT_EQ(field_of(R"({"type":"subscribe","topics":["sk*ll"]})"), "topics");
    EXPECT_EQ(field_of(R"({"type":"resume"})"), "after");
    EXPECT_EQ(field_of(R"({"type":"resume","after":-1})"), "after");
    EXPECT_EQ(field_of(R"({"type":"resume","after":1.5})"), "after");
    EXPECT_EQ(field_of(R"({"type":"resume","after":99999999999999999999})"), "after");
    EXPECT_EQ(field_of(R"({"token":1})"), "token");
    EXPECT_EQ(field_of(R"({"token":"k","type":"auth","x":1})"), "x");
}

TEST(LiveProtocol, BoundsTheSubscription) {
    std::string text = R"({"type":"subscribe","skills":[)";
    for (std::size_t i = 0; i <= kMaxLiveSubjects; ++i) {
        text += (i == 0 ? "\"s" : ",\"s") + std::to_string(i) + "\"";
    }
    EXPECT_EQ(field_of(text + "]}"), "skills");
}

TEST(LiveProtocol, ReadsTheQuery) {
    const auto request =
        parse_live_request(skills_feed(), "after=3&topics=skill_a,skill_b&skill=x");
    ASSERT_TRUE(request);
    EXPECT_EQ(request->after, 3);
    EXPECT_EQ(request->filter.topics.size(), 2U);
    EXPECT_EQ(request->filter.subjects, (std::vector<std::string>{"x"}));
    EXPECT_EQ(parse_live_request(skills_feed(), "after=x").error().field, "after");
    EXPECT_EQ(parse_live_request(skills_feed(), "token=x").error().field, "token");
}

TEST(LiveProtocol, WritesMessages) {
    const LiveFeed feed = skills_feed();
    const LiveStamp stamp{5, 50};
    EXPECT_EQ(connected_message(feed, true, stamp),
              R"({"type":"connected","message":"connected to the live feed","feed":"skills",)"
              R"("authenticated":true,"seq":5,"timestamp_us":50})");
    EXPECT_EQ(snapshot_message("{}", stamp),
              R"({"type":"snapshot","seq":5,"timestamp_us":50,"data":{}})");
    LiveFilter filter;
    filter.subjects = {"x"};
    EXPECT_EQ(confirmed_message(feed, filter, stamp),
              R"({"type":"subscription_confirmed","skill":"x","skills":["x"],"topics":[],)"
              R"("seq":5,"timestamp_us":50})");
    EXPECT_EQ(confirmed_message(feed, LiveFilter(), stamp),
              R"({"type":"subscription_confirmed","skill":null,"skills":[],"topics":[],)"
              R"("seq":5,"timestamp_us":50})");
    EXPECT_EQ(bare_message("pong", stamp), R"({"type":"pong","seq":5,"timestamp_us":50})");
    EXPECT_EQ(resumed_message(2, stamp),
              R"({"type":"resumed","replayed":2,"seq":5,"timestamp_us":50})");
    EXPECT_EQ(error_message({Code::invalid, "no", "type", 0}, stamp),
              R"({"type":"error","code":"invalid","message":"no","field":"type",)"
              R"("seq":5,"timestamp_us":50})");
    EXPECT_EQ(unsubscribed_message(stamp),
              R"({"type":"unsubscribed","message":"only heartbeats follow; subscribe to hear )"
              R"(more","seq":5,"timestamp_us":50})");
}

}  // namespace
}  // namespace credence::surface
