#include "capabilities/events/events.h"

#include <gtest/gtest.h>

#include "engine/store/testing.h"

namespace credence::events {
namespace {

struct ThingMade {
    std::int64_t thing = 0;
};
void describe(Describe<ThingMade>& d) {
    d.field<&ThingMade::thing>("Which");
}
struct ThingLost {
    std::int64_t thing = 0;
};
void describe(Describe<ThingLost>& d) {
    d.field<&ThingLost::thing>("Which");
}

class EventsTest : public testing::Test {
protected:
    EventsTest() {
        const std::vector<store::Migration> migrations{
            {"store", 1, "events", store::event_migration().up, store::event_migration().down}};
        CHECK(store::Migrator(path_, migrations, clock_).up() == 1, "not migrated");
        database_ = store::open_or_die(store::at_path(path_), clock_, metrics_);
        other_.tenant = "acme";
        for (std::int64_t i = 1; i <= 5; ++i) {
            emit(context_, ThingMade{i});
            emit(other_, ThingMade{100 + i});
        }
        emit(context_, ThingLost{9});
    }

    template <class Event>
    void emit(const Context& context, const Event& event) {
        CHECK(database_->write([&](store::Tx& tx) { return tx.emit(context, event); }).has_value(),
              "not written");
    }
    EventPage list(const ListEvents& request) {
        return Events(*database_).list(context_, request).value();
    }
    static std::string things(const EventPage& page) {
        std::string out;
        for (const Event& event : page.events) {
            out += event.data.text;
        }
        return out;
    }

    store::TemporaryDirectory directory_;
    std::string path_ = directory_.file("events.db");
    ManualClock clock_{1'735'689'600'000'000};
    Metrics metrics_;
    std::unique_ptr<store::Database> database_;
    Context context_;
    Context other_;
};

TEST_F(EventsTest, NewestFirstOfTheTenant) {
    const EventPage page = list({});
    EXPECT_EQ(things(page),
              R"({"thing":9}{"thing":5}{"thing":4}{"thing":3}{"thing":2}{"thing":1})");
    EXPECT_EQ(page.events[0].name, "thing_lost");
    EXPECT_EQ(page.events[0].actor, "local");
    EXPECT_EQ(page.events[0].at_us, 1'735'689'600'000'000);
    EXPECT_FALSE(page.next_before_seq);
    ListEvents named;
    named.name = "thing_lost";
    EXPECT_EQ(things(list(named)), R"({"thing":9})");
    named.name = "thing_found";
    EXPECT_EQ(things(list(named)), "");
}

TEST_F(EventsTest, PagesMeetWithoutOverlap) {
    ListEvents request;
    request.limit = 2;
    std::string all;
    int pages = 0;
    do {
        const EventPage page = list(request);
        all += things(page);
        request.before_seq = page.next_before_seq;
        ++pages;
    } while (request.before_seq && pages < 10);
    EXPECT_EQ(pages, 3);
    EXPECT_EQ(all, things(list({})));
}

}  // namespace
}  // namespace credence::events
