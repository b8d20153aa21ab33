#include "capabilities/skills/record/record_fixture.h"
#include "capabilities/skills/record/session_rows.h"

namespace credence::skills {
namespace {

class SessionsTest : public RecordFixture {};

TEST_F(SessionsTest, AnIdOfTheCallerMakesTheCallIdempotent) {
    CreateSession request;
    request.session_id = "build-1";
    request.project_path = "src/app";
    request.user_id = "alice";
    const auto first = skills_->create_session(context(), request);
    ASSERT_TRUE(first.has_value());
    EXPECT_EQ(first->user_id, names_->hash("default", "alice"));
    store_.clock.advance_us(1'000);
    const auto again = skills_->create_session(context(), request);
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->started_at_us, kTestStartUs);
    EXPECT_EQ(rows_of("SELECT count(*) FROM skill_session"), "1\n");

    request.user_id = "bob";
    EXPECT_EQ(fault_of(skills_->create_session(context(), request)), "conflict at session_id");
    request.user_id = "alice";
    EXPECT_EQ(fault_of(skills_->create_session(context("other"), request)),
              "conflict at session_id");
    EXPECT_TRUE(skills_->create_session(context("default", "another"), request).has_value());
}

TEST_F(SessionsTest, WithoutAnIdThereIsAUuid) {
    const auto made = skills_->create_session(context(), {});
    ASSERT_TRUE(made.has_value());
    EXPECT_TRUE(parse_uuid(made->session_id).has_value());
    EXPECT_FALSE(made->user_id.has_value());
}

TEST_F(SessionsTest, BadInputIsNamed) {
    CreateSession request;
    request.session_id = "a b";
    EXPECT_EQ(fault_of(skills_->create_session(context(), request)), "invalid at session_id");
    request.session_id = std::string(129, 'x');
    EXPECT_EQ(fault_of(skills_->create_session(context(), request)), "invalid at session_id");
    request = {};
    request.started_at_us = kTestStartUs + 6 * 60 * 1'000'000LL;
    EXPECT_EQ(fault_of(skills_->create_session(context(), request)), "invalid at started_at_us");
    request = {};
    request.project_path = "a\nb";
    EXPECT_EQ(fault_of(skills_->create_session(context(), request)), "invalid at project_path");
}

TEST_F(SessionsTest, SummaryCountsWhatWasDoneInItAndNothingElse) {
    session("one");
    session("two");
    store_.clock.advance_us(10'000'000);
    track(use("one", "ruff", true, 2.5));
    store_.clock.advance_us(10'000'000);
    track(use("one", "ruff", false, 1));
    track(use("one", "pytest", true));
    track(use("two", "pytest", true, 100));
    const auto summary = skills_->get_session(context(), {"one"});
    ASSERT_TRUE(summary.has_value());
    EXPECT_EQ(summary->distinct_skills, 2);
    EXPECT_EQ(summary->total_invocations, 3);
    EXPECT_EQ(summary->completed_invocations, 2);
    EXPECT_EQ(summary->abandoned_invocations, 1);
    EXPECT_EQ(summary->forgotten_invocations, 0);
    EXPECT_DOUBLE_EQ(summary->total_duration_seconds, 3.5);
    EXPECT_EQ(summary->first_invoked_at_us, kTestStartUs + 10'000'000);
    EXPECT_EQ(summary->last_invoked_at_us, kTestStartUs + 20'000'000);
    ASSERT_EQ(summary->skills.size(), 2u);
    EXPECT_EQ(summary->skills[0].skill_name, "ruff");
    EXPECT_EQ(summary->skills[0].invocation_count, 2);
    EXPECT_EQ(fault_of(skills_->get_session(context("other"), {"one"})), "not_found at session_id");
    EXPECT_EQ(fault_of(skills_->get_session(context(), {"none"})), "not_found at session_id");
}

TEST_F(SessionsTest, AnEmptySessionHasNoFirstAndLast) {
    session("empty");
    const auto summary = skills_->get_session(context(), {"empty"});
    ASSERT_TRUE(summary.has_value());
    EXPECT_EQ(summary->total_invocations, 0);
    EXPECT_FALSE(summary->first_invoked_at_us.has_value());
}

TEST_F(SessionsTest, TheEndClosesWhatIsOpenAndRefusesWhatBeginsLater) {
    session("one");
    BeginInvocation begin;
    begin.session_id = "one";
    begin.skill_name = "deploy";
    const auto open = skills_->begin_invocation(context(), begin);
    ASSERT_TRUE(open.has_value());
    track(use("one", "ruff"));
    store_.clock.advance_us(60'000'000);
    const auto ended = skills_->end_session(context(), {"one", SessionOutcome::failed, {}});
    ASSERT_TRUE(ended.has_value()) << ended.error().message;
    EXPECT_EQ(ended->total_invocations, 2);
    EXPECT_EQ(ended->abandoned_invocations, 1);
    EXPECT_EQ(ended->open_invocations, 0);
    EXPECT_EQ(ended->session.outcome, SessionOutcome::failed);
    EXPECT_EQ(ended->session.ended_at_us, kTestStartUs + 60'000'000);
    const auto deploy = metrics("deploy");
    EXPECT_EQ(deploy.abandoned_invocations, 1);
    ASSERT_EQ(deploy.common_errors.size(), 1u);
    EXPECT_EQ(deploy.common_errors[0].value, "unfinished");
    CompleteInvocation complete;
    complete.handle = open->handle;
    EXPECT_EQ(fault_of(skills_->complete_invocation(context(), complete)), "not_found at handle");

    // Late news of what began before the end is welcome.
    auto late = use("one", "ruff");
    late.invoked_at_us = kTestStartUs + 1;
    store_.clock.advance_us(60'000'000);
    EXPECT_GT(track(late), 0);
    EXPECT_EQ(fault_of(skills_->track_invocation(context(), use("one", "ruff"))),
              "conflict at session_id");
    EXPECT_EQ(fault_of(skills_->begin_invocation(context(), begin)), "conflict at session_id");

    const auto again = skills_->end_session(context(), {"one", SessionOutcome::failed, {}});
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->session.ended_at_us, kTestStartUs + 60'000'000);
    EXPECT_EQ(fault_of(skills_->end_session(context(), {"one", SessionOutcome::completed, {}})),
              "conflict at session_id");
    EXPECT_EQ(fault_of(skills_->end_session(context("other"), {"one", SessionOutcome::failed, {}})),
              "not_found at session_id");
}

TEST_F(SessionsTest, ASessionCannotEndBeforeItBegan) {
    session("one");
    EXPECT_EQ(fault_of(skills_->end_session(context(),
                                            {"one", SessionOutcome::completed, kTestStartUs - 1})),
              "invalid at ended_at_us");
}

TEST_F(SessionsTest, PagesFollowEachOtherWithoutGapsOrRepeats) {
    for (int i = 0; i < 7; ++i) {
        session("s" + std::to_string(i));
        if (i % 2 == 0) {
            store_.clock.advance_us(1);  // pairs begin together
        }
    }
    ASSERT_TRUE(skills_->end_session(context(), {"s3", SessionOutcome::completed, {}}));
    std::vector<std::string> seen;
    ListSessions request;
    request.limit = 2;
    for (int page = 0; page < 4; ++page) {
        const auto got = skills_->list_sessions(context(), request);
        ASSERT_TRUE(got.has_value());
        for (const Session& each : got->sessions) {
            seen.push_back(each.session_id);
        }
        EXPECT_EQ(got->next_cursor.has_value(), page < 3);
        request.cursor = got->next_cursor;
    }
    EXPECT_EQ(seen, (std::vector<std::string>{"s5", "s6", "s3", "s4", "s1", "s2", "s0"}));

    ListSessions active;
    active.active = true;
    EXPECT_EQ(skills_->list_sessions(context(), active)->sessions.size(), 6u);
    active.active = false;
    EXPECT_EQ(skills_->list_sessions(context(), active)->sessions.size(), 1u);
    EXPECT_TRUE(skills_->list_sessions(context("other"), {})->sessions.empty());
    active.cursor = "nonsense";
    EXPECT_EQ(fault_of(skills_->list_sessions(context(), active)), "invalid at cursor");
}

TEST_F(SessionsTest, SessionsOfARemovedNamespaceAreNobodys) {
    session("one");
    const auto left = store_.database->write(
        [](store::Tx& tx) { return session_rows::leave_namespace(tx, "default", "default", 7); });
    ASSERT_TRUE(left.has_value());
    EXPECT_EQ(fault_of(skills_->get_session(context(), {"one"})), "not_found at session_id");
    EXPECT_EQ(rows_of("SELECT name_space FROM skill_session"), "removed 7\n");
}

TEST_F(SessionsTest, EventsTellOfSessionsAndNeverOfUsers) {
    session("one", "alice");
    track(use("one", "ruff"));
    ASSERT_TRUE(skills_->end_session(context(), {"one", SessionOutcome::completed, {}}));
    const auto events = event_bodies();
    ASSERT_EQ(events.size(), 2u);
    EXPECT_TRUE(events[0].starts_with("skill_session_started {\"session_id\":\"one\""));
    EXPECT_TRUE(events[1].starts_with("skill_session_ended "));
    EXPECT_NE(events[1].find("\"total_invocations\":1"), std::string::npos);
    for (const std::string& event : events) {
        EXPECT_EQ(event.find("alice"), std::string::npos);
        EXPECT_EQ(event.find(names_->hash("default", "alice")), std::string::npos);
    }
}

}  // namespace
}  // namespace credence::skills
