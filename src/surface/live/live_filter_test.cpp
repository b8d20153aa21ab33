#include "surface/live/live_filter.h"

#include <gtest/gtest.h>

namespace credence::surface {
namespace {

LiveFilter about(std::vector<std::string> subjects) {
    LiveFilter filter;
    filter.subjects = std::move(subjects);
    return filter;
}

LiveEvent event_of(std::string name, std::string body) {
    LiveFeed feed;
    feed.subject = "skill";
    feed.update_event = "skill_metrics_updated";
    store::StoredEvent event;
    event.seq = 7;
    event.name = std::move(name);
    event.at_us = 70;
    event.body.text = std::move(body);
    return LiveEvent(feed, std::move(event));
}

TEST(LiveFilterTest, MatchesNamesAndPrefixes) {
    EXPECT_TRUE(matches_topic({}, "anything"));
    EXPECT_TRUE(matches_topic({"skill_*"}, "skill_created"));
    EXPECT_FALSE(matches_topic({"skill_*"}, "skills"));
    EXPECT_TRUE(matches_topic({"a", "b"}, "b"));
    EXPECT_FALSE(matches_topic({"b"}, "bb"));
}

TEST(LiveFilterTest, TellsFiltersApart) {
    EXPECT_EQ(about({"a"}).key(), about({"a"}).key());
    EXPECT_NE(about({"a"}).key(), about({"b"}).key());
    EXPECT_NE(about({"a", "b"}).key(), about({"a1:b"}).key());
    LiveFilter topics;
    topics.topics = {"a"};
    EXPECT_NE(topics.key(), about({"a"}).key());
    LiveFilter nothing;
    nothing.nothing = true;
    EXPECT_NE(nothing.key(), LiveFilter().key());
}

constexpr const char* kBody =
    R"({"top_skills":[{"skill_name":"a","n":0.1},{"skill_name":"b","n":2}],"note":[1,2],)"
    R"("changed":[{"skill_name":"c","n":1e300}],"anomalies":[]})";

TEST(LiveFilterTest, KeepsTheRowsOfASubject) {
    const SplitData data(kBody, "skill");
    EXPECT_EQ(data.narrowed(LiveFilter(), false), kBody);
    EXPECT_EQ(data.narrowed(about({"c"}), false),
              R"({"top_skills":[],"note":[1,2],"changed":[{"skill_name":"c","n":1e+300}],)"
              R"("anomalies":[]})");
    EXPECT_EQ(data.narrowed(about({"a", "b"}), false),
              R"({"top_skills":[{"skill_name":"a","n":0.1},{"skill_name":"b","n":2}],)"
              R"("note":[1,2],"changed":[],"anomalies":[]})");
    EXPECT_FALSE(data.narrowed(about({"d"}), false));
    EXPECT_EQ(data.narrowed(about({"d"}), true),
              R"({"top_skills":[],"note":[1,2],"changed":[],"anomalies":[]})");
}

TEST(LiveFilterTest, LeavesOutWhatIsAboutAnotherSubject) {
    const SplitData one(R"({"skill_name":"a","at":1})", "skill");
    EXPECT_TRUE(one.narrowed(about({"a"}), false));
    EXPECT_FALSE(one.narrowed(about({"b"}), false));
    const SplitData none(R"({"test_id":1})", "skill");
    EXPECT_EQ(none.narrowed(about({"b"}), false), R"({"test_id":1})");
    const SplitData no_object("[1]", "skill");
    EXPECT_EQ(no_object.narrowed(about({"b"}), false), "[1]");
}

TEST(LiveFilterTest, EncodesOnceForEqualFilters) {
    const LiveEvent update = event_of("skill_metrics_updated", kBody);
    const auto text = update.text_for(LiveFilter());
    EXPECT_EQ(*text, R"({"type":"metrics_update","seq":7,"timestamp_us":70,"data":)" +
                         std::string(kBody) + "}");
    EXPECT_EQ(update.text_for(LiveFilter()), text);
    const LiveEvent other = event_of("skill_found", R"({"skill_name":"a"})");
    EXPECT_EQ(*other.text_for(LiveFilter()),
              R"({"type":"event","name":"skill_found","seq":7,"timestamp_us":70,)"
              R"("data":{"skill_name":"a"}})");
    EXPECT_EQ(other.text_for(about({"b"})), nullptr);
    LiveFilter topic;
    topic.topics = {"skill_metrics_updated"};
    EXPECT_EQ(other.text_for(topic), nullptr);
    EXPECT_NE(update.text_for(topic), nullptr);
    LiveFilter nothing;
    nothing.nothing = true;
    EXPECT_EQ(update.text_for(nothing), nullptr);
}

}  // namespace
}  // namespace credence::surface
