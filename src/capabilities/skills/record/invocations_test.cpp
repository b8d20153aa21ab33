#include <atomic>
#include <cmath>
#include <limits>
#include <thread>

#include "base/json.h"
#include "capabilities/skills/record/embedding_text.h"
#include "capabilities/skills/record/record_fixture.h"

namespace credence::skills {
namespace {

class InvocationsTest : public RecordFixture {};

TEST_F(InvocationsTest, AStoredInvocationComesBackWhole) {
    session("one");
    TrackInvocation request = use("one", " ruff-check ", false, 2.5);
    request.invoked_at_us = kTestStartUs - 5;
    request.workflow_path = "release/lint";
    request.user_query = "lint the code of bob@example.com";
    request.alternatives_considered = {"pylint", "mypy \"strict\""};
    request.selection_rank = 1;
    request.follow_up_actions = {"fix", "rerun"};
    request.error_type = "TimeoutError";
    request.rating = 3;
    request.workflow_phase = "verification";
    request.workflow_step_id = "step-7";
    request.user_id = "bob";
    request.embedding = std::vector<double>(384, 0.5);
    const std::int64_t id = track(request);
    const auto got = skills_->get_invocation(context(), {id});
    ASSERT_TRUE(got.has_value());
    EXPECT_EQ(got->skill_name, "ruff-check");
    EXPECT_FALSE(got->completed);
    EXPECT_EQ(got->duration_seconds, 2.5);
    EXPECT_EQ(got->invoked_at_us, kTestStartUs - 5);
    EXPECT_EQ(got->created_at_us, kTestStartUs);
    EXPECT_EQ(got->workflow_path, "release/lint");
    EXPECT_EQ(got->user_query, "lint the code of [EMAIL]");
    EXPECT_EQ(got->alternatives_considered, request.alternatives_considered);
    EXPECT_EQ(got->follow_up_actions, request.follow_up_actions);
    EXPECT_EQ(got->selection_rank, 1);
    EXPECT_EQ(got->error_type, "TimeoutError");
    EXPECT_EQ(got->rating, 3);
    EXPECT_EQ(got->workflow_phase, "verification");
    EXPECT_EQ(got->workflow_step_id, "step-7");
    EXPECT_EQ(got->user_id, names_->hash("default", "bob"));
    EXPECT_TRUE(got->has_embedding);
    EXPECT_EQ(rows_of("SELECT embedding FROM skill_invocation"),
              *encode_embedding(*request.embedding) + "\n");
    EXPECT_EQ(fault_of(skills_->get_invocation(context("other"), {id})),
              "not_found at invocation_id");
    EXPECT_EQ(fault_of(skills_->get_invocation(context("default", "another"), {id})),
              "not_found at invocation_id");
}

TEST_F(InvocationsTest, TheUserIsTheSessionsUnlessToldOtherwise) {
    session("one", "alice");
    session("two", std::nullopt);
    track(use("one", "ruff"));
    track(use("two", "ruff"));
    EXPECT_EQ(rows_of("SELECT user_id FROM skill_invocation ORDER BY id"),
              names_->hash("default", "alice") + "\nnull\n");
}

TEST_F(InvocationsTest, EveryBadFieldIsNamed) {
    session("one");
    struct Case {
        const char* fault;
        void (*spoil)(TrackInvocation&);
    };
    const Case cases[] = {
        {"not_found at session_id", [](auto& r) { r.session_id = "none"; }},
        {"invalid at session_id", [](auto& r) { r.session_id = "a/b"; }},
        {"invalid at skill_name", [](auto& r) { r.skill_name = "  "; }},
        {"invalid at skill_name", [](auto& r) { r.skill_name = "a\x01"; }},
        {"invalid at skill_name", [](auto& r) { r.skill_name = "\xff"; }},
        {"invalid at skill_name", [](auto& r) { r.skill_name = std::string(201, 'x'); }},
        {"invalid at duration_seconds", [](auto& r) { r.duration_seconds = -0.1; }},
        {"invalid at duration_seconds",
         [](auto& r) { r.duration_seconds = std::numeric_limits<double>::quiet_NaN(); }},
        {"invalid at duration_seconds",
         [](auto& r) { r.duration_seconds = std::numeric_limits<double>::infinity(); }},
        {"invalid at duration_seconds", [](auto& r) { r.duration_seconds = 30.1 * 86'400; }},
        {"invalid at invoked_at_us", [](auto& r) { r.invoked_at_us = -1; }},
        {"invalid at invoked_at_us",
         [](auto& r) { r.invoked_at_us = kTestStartUs + 301 * 1'000'000LL; }},
        {"invalid at selection_rank", [](auto& r) { r.selection_rank = 0; }},
        {"invalid at rating", [](auto& r) { r.rating = 6; }},
        {"invalid at workflow_phase", [](auto& r) { r.workflow_phase = std::string(65, 'x'); }},
        {"invalid at workflow_path", [](auto& r) { r.workflow_path = ""; }},
        {"invalid at follow_up_actions[1]", [](auto& r) { r.follow_up_actions = {"a", ""}; }},
        {"invalid at follow_up_actions", [](auto& r) { r.follow_up_actions.assign(33, "a"); }},
        {"invalid at alternatives_considered",
         [](auto& r) { r.alternatives_considered.assign(65, "a"); }},
        {"invalid at error_type", [](auto& r) { r.error_type = "\xff"; }},
        {"invalid at user_query", [](auto& r) { r.user_query = std::string(16'385, 'x'); }},
        {"invalid at user_id", [](auto& r) { r.user_id = " "; }},
        {"invalid at embedding", [](auto& r) { r.embedding = std::vector<double>(383, 1.0); }},
        {"invalid at embedding", [](auto& r) { r.embedding = std::vector<double>(384, 0.0); }},
    };
    for (const Case& each : cases) {
        TrackInvocation request = use("one", "ruff", true, 1);
        each.spoil(request);
        EXPECT_EQ(fault_of(skills_->track_invocation(context(), request)), each.fault);
        const TrackInvocations batch{{use("one", "ruff"), request}};
        const std::string fault = each.fault;
        const std::string path = " items[1].";
        EXPECT_EQ(fault_of(skills_->track_invocations(context(), batch)),
                  fault.substr(0, fault.rfind(' ')) + path + fault.substr(fault.rfind(' ') + 1));
    }
    EXPECT_EQ(rows_of("SELECT count(*) FROM skill_invocation"), "0\n");
    EXPECT_EQ(rows_of("SELECT count(*) FROM skill_metrics"), "0\n");
    EXPECT_EQ(rows_of("SELECT count(*) FROM skill_counter"), "0\n");
}

TEST_F(InvocationsTest, StrangeErrorsAreCountedAndLoseNothing) {
    session("one");
    const std::vector<std::string> errors = {"", "$..", "a.b", "KeyError: [1]", "a\nb\"c'"};
    TrackInvocations batch;
    for (int round = 0; round < 4; ++round) {
        for (const std::string& error : errors) {
            TrackInvocation request = use("one", "ruff", false);
            request.error_type = error;
            request.workflow_path = "$.x";
            track(request);
            batch.items.push_back(request);
        }
    }
    ASSERT_EQ(skills_->track_invocations(context(), batch)->recorded, 20);
    const auto ruff = metrics("ruff");
    EXPECT_EQ(ruff.total_invocations, 40);
    ASSERT_EQ(ruff.common_errors.size(), errors.size());
    for (const UseCount& count : ruff.common_errors) {
        EXPECT_EQ(count.uses, 8) << count.value;
    }
    ASSERT_EQ(ruff.workflow_paths.size(), 1u);
    EXPECT_EQ(ruff.workflow_paths[0].uses, 40);
}

// One way adds up in this program, the other in triggers: they must say the same.
TEST_F(InvocationsTest, ABatchCountsAsItsItemsOneByOne) {
    session("one");
    session("two");
    TrackInvocations batch;
    for (int i = 0; i < 100; ++i) {
        TrackInvocation item =
            use(i % 3 == 0 ? "one" : "two", "skill" + std::to_string(i % 7), i % 4 != 0);
        if (i % 5 != 0) {
            item.duration_seconds = i * 0.25;
        }
        item.invoked_at_us = kTestStartUs - i * 1'800'000'000LL;  // some beyond hour and day
        if (i % 2 == 0) {
            item.selection_rank = 1 + i % 4;
            item.rating = 1 + i % 5;
        }
        item.follow_up_actions = {"next" + std::to_string(i % 3)};
        batch.items.push_back(std::move(item));
    }
    for (const TrackInvocation& item : batch.items) {
        track(item);
    }
    const std::string tables[] = {
        "SELECT skill_name, total_invocations, completed_invocations, abandoned_invocations, "
        "timed_invocations, total_duration_seconds, ranked_invocations, selection_rank_sum, "
        "rated_invocations, rating_sum, first_invoked_at_us, last_invoked_at_us, completion_rate, "
        "avg_duration_seconds, updated_at_us FROM skill_metrics ORDER BY 1",
        "SELECT * FROM session_skills ORDER BY 1, 2, 3",
        "SELECT * FROM skill_metrics_cache ORDER BY 1, 2",
        "SELECT * FROM skill_counter ORDER BY 1, 2, 3, 4",
    };
    std::vector<std::string> one_by_one;
    for (const std::string& table : tables) {
        one_by_one.push_back(rows_of(table));
    }
    for (const char* table : {"skill_metrics", "session_skills", "skill_metrics_cache",
                              "skill_counter", "skill_invocation"}) {
        run_sql(std::string("DELETE FROM ") + table);
    }
    const auto done = skills_->track_invocations(context(), batch);
    ASSERT_TRUE(done.has_value()) << done.error().message;
    EXPECT_EQ(done->recorded, 100);
    for (std::size_t i = 0; i < one_by_one.size(); ++i) {
        EXPECT_EQ(rows_of(tables[i]), one_by_one[i]);
        EXPECT_FALSE(one_by_one[i].empty());
    }
    for (std::size_t i = 1; i < done->invocation_ids.size(); ++i) {
        EXPECT_EQ(done->invocation_ids[i], done->invocation_ids[0] + static_cast<std::int64_t>(i));
    }
    EXPECT_EQ(skills_->get_invocation(context(), {done->invocation_ids[42]})->skill_name, "skill0");
    EXPECT_EQ(rows_of("SELECT count(*) FROM skill_open_invocation"), "0\n");
}

TEST_F(InvocationsTest, PlainInsertsAreCountedByTheTriggers) {
    session("one");
    run_sql(
        "INSERT INTO skill_invocation (tenant, skill_name, invoked_at_us, session_id, completed, "
        "duration_seconds, created_at_us) VALUES ('default', 'ruff', 1000, 'one', 1, 10.0, 2000), "
        "('default', 'ruff', 500, 'one', 1, NULL, 2000), "
        "('default', 'ruff', 700, 'one', 0, 3.0, 2000)");
    const auto ruff = metrics("ruff");
    EXPECT_EQ(ruff.total_invocations, 3);
    EXPECT_EQ(ruff.completed_invocations, 2);
    EXPECT_EQ(ruff.timed_invocations, 1);
    EXPECT_DOUBLE_EQ(ruff.avg_duration_seconds.value_or(0), 10);
    EXPECT_EQ(ruff.first_invoked_at_us, 500);
    EXPECT_EQ(ruff.last_invoked_at_us, 1'000);
    EXPECT_EQ(rows_of("SELECT invocation_count FROM session_skills"), "3\n");
    EXPECT_EQ(rows_of("SELECT last_invocation_at_us, invocation_count_1h FROM "
                      "skill_metrics_cache"),
              "1000|3\n");
}

TEST_F(InvocationsTest, ABatchIsStoredWholeOrNotAtAll) {
    session("one");
    TrackInvocations batch;
    batch.items.assign(40, use("one", "ruff"));
    batch.items[33].session_id = "none";
    EXPECT_EQ(fault_of(skills_->track_invocations(context(), batch)),
              "not_found at items[33].session_id");
    EXPECT_EQ(rows_of("SELECT (SELECT count(*) FROM skill_invocation), "
                      "(SELECT count(*) FROM skill_metrics), "
                      "(SELECT count(*) FROM session_skills)"),
              "0|0|0\n");
    EXPECT_EQ(fault_of(skills_->track_invocations(context(), {})), "invalid at items");
    batch.items.assign(10'001, use("one", "ruff"));
    EXPECT_EQ(fault_of(skills_->track_invocations(context(), batch)), "invalid at items");
}

TEST_F(InvocationsTest, JsonOfABatchIsReadAsItIsWritten) {
    session("one");
    const auto batch = from_json<TrackInvocations>(
        R"({"items":[{"session_id":"one","skill_name":"ruff","completed":true,)"
        R"("duration_seconds":1.5,"error_type":"","follow_up_actions":["a"]}]})");
    ASSERT_TRUE(batch.has_value()) << batch.error().message;
    ASSERT_TRUE(skills_->track_invocations(context(), *batch).has_value());
    const auto again = from_json<TrackInvocations>(to_json(*batch));
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(to_json(*again), to_json(*batch));
    const auto bad = from_json<TrackInvocations>(
        R"({"items":[{"session_id":"one","skill_name":"ruff","completed":true,"rating":9}]})");
    EXPECT_EQ(fault_of(bad), "invalid at items[0].rating");
}

TEST_F(InvocationsTest, ReadersSeeWholeBatchesWhileAWriterWrites) {
    session("one");
    std::atomic<bool> stop = false;
    std::atomic<std::int64_t> torn = 0;
    std::atomic<std::int64_t> reads = 0;
    std::vector<std::thread> readers;
    for (int i = 0; i < 5; ++i) {
        readers.emplace_back([&] {
            while (!stop) {
                const auto summary = skills_->get_session(context(), {"one"});
                torn += !summary || summary->total_invocations % 20 != 0 ? 1 : 0;
                ++reads;
            }
        });
    }
    TrackInvocations batch;
    batch.items.assign(20, use("one", "ruff", true, 1));
    for (int i = 0; i < 20; ++i) {
        EXPECT_TRUE(skills_->track_invocations(context(), batch).has_value());
    }
    stop = true;
    for (std::thread& reader : readers) {
        reader.join();
    }
    EXPECT_EQ(torn.load(), 0);
    EXPECT_GT(reads.load(), 0);
    EXPECT_EQ(metrics("ruff").total_invocations, 400);
}

TEST_F(InvocationsTest, ListsOfASessionAndOfASkillPage) {
    session("one");
    session("two");
    CreateSession elsewhere;
    elsewhere.session_id = "three";
    ASSERT_TRUE(skills_->create_session(context("other"), elsewhere).has_value());
    std::vector<std::int64_t> of_ruff;
    for (int i = 0; i < 7; ++i) {
        TrackInvocation request = use(i % 2 == 0 ? "one" : "two", i == 3 ? "mypy" : "ruff");
        request.invoked_at_us = kTestStartUs - (i % 3);
        const std::int64_t id = track(request);
        if (i != 3) {
            of_ruff.push_back(id);
        }
        request.session_id = "three";
        ASSERT_TRUE(skills_->track_invocation(context("other"), request).has_value());
    }
    ListInvocations list;
    list.session_id = "one";
    list.limit = 3;
    const auto first = skills_->list_invocations(context(), list);
    ASSERT_TRUE(first.has_value());
    ASSERT_EQ(first->invocations.size(), 3u);
    list.cursor = first->next_cursor;
    const auto second = skills_->list_invocations(context(), list);
    ASSERT_EQ(second->invocations.size(), 1u);
    EXPECT_FALSE(second->next_cursor.has_value());
    EXPECT_LT(first->invocations[2].invocation_id, second->invocations[0].invocation_id);

    ListInvocations skill;
    skill.skill_name = "ruff";
    skill.limit = 4;
    std::vector<Invocation> seen;
    for (int page = 0; page < 2; ++page) {
        const auto got = skills_->list_invocations(context(), skill);
        ASSERT_TRUE(got.has_value()) << got.error().message;
        seen.insert(seen.end(), got->invocations.begin(), got->invocations.end());
        EXPECT_EQ(got->next_cursor.has_value(), page == 0);
        skill.cursor = got->next_cursor;
    }
    ASSERT_EQ(seen.size(), of_ruff.size());
    for (std::size_t i = 1; i < seen.size(); ++i) {
        EXPECT_GE(seen[i - 1].invoked_at_us, seen[i].invoked_at_us);
        EXPECT_NE(seen[i - 1].invocation_id, seen[i].invocation_id);
        EXPECT_NE(seen[i].session_id, "three");
    }
    EXPECT_EQ(fault_of(skills_->list_invocations(context(), {})), "invalid at session_id");
    EXPECT_EQ(fault_of(skills_->list_invocations(context("other"), list)),
              "not_found at session_id");
}

}  // namespace
}  // namespace credence::skills
