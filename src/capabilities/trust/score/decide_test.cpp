#include "capabilities/trust/score/decide.h"

#include <gtest/gtest.h>

namespace credence::trust {
namespace {

GatePolicy policy(double bound = 0.75) {
    GatePolicy out;
    out.action = "deploy";
    out.min_lower_bound = bound;
    return out;
}

ScoreState with(int good, int bad, int silent = 0) {
    ScoreState state;
    Observation observation;
    observation.strength = 1;
    observation.novelty = 1;
    observation.at_us = 1;
    for (int i = 0; i < good + bad + silent; ++i) {
        observation.outcome = i < good         ? Outcome::confirmed
                              : i < good + bad ? Outcome::refuted
                                               : Outcome::inconclusive;
        state = fold(state, observation);
    }
    return state;
}

TEST(Decide, RefusesTheUnknownUnlessThePolicyAllowsThem) {
    const Verdict no = decide({}, policy());
    EXPECT_FALSE(no.allowed);
    EXPECT_EQ(no.reason, "there is no evidence of this kind yet");
    EXPECT_EQ(no.would_change,
              "13 more confirmed claims of full weight would lift the lower bound from 0.05 to "
              "0.80");
    GatePolicy open = policy();
    open.allow_unknown = true;
    EXPECT_TRUE(decide({}, open).allowed);
    EXPECT_FALSE(decide(with(0, 1), open).allowed);
}

TEST(Decide, AsksForEnoughEvidence) {
    const Verdict no = decide(with(10, 0), policy(0.5));
    EXPECT_FALSE(no.allowed);
    EXPECT_EQ(no.reason, "there is too little evidence: effective n is 9.9 of 12.0");
    EXPECT_TRUE(decide(with(13, 0), policy(0.5)).allowed);
}

TEST(Decide, ComparesTheLowerBound) {
    const Verdict yes = decide(with(20, 0), policy());
    EXPECT_TRUE(yes.allowed);
    EXPECT_EQ(yes.threshold, 0.7);  // it has passed before
    EXPECT_EQ(yes.reason, "the lower bound 0.86 is at least 0.70 (effective n 19.6)");
    EXPECT_TRUE(yes.would_change.empty());
    const Verdict no = decide(with(14, 4), policy());
    EXPECT_FALSE(no.allowed);
    EXPECT_EQ(no.threshold, 0.75);
    EXPECT_TRUE(no.reason.starts_with("the lower bound 0.5")) << no.reason;
    EXPECT_TRUE(no.would_change.ends_with("to 0.75")) << no.would_change;
}

TEST(Decide, AnAgentThatPassedPassesALittleBelow) {
    const ScoreState dented = with(13, 1);
    ASSERT_LT(lower_bound(dented), 0.75);
    EXPECT_TRUE(decide(dented, policy()).allowed);
    ScoreState newcomer = dented;
    newcomer.held = lower_bound(dented);
    EXPECT_FALSE(decide(newcomer, policy()).allowed);
    GatePolicy strict = policy();
    strict.hysteresis = 0;
    EXPECT_FALSE(decide(dented, strict).allowed);
}

TEST(Decide, RefusesTheSilent) {
    const Verdict no = decide(with(30, 0, 5), policy());
    EXPECT_FALSE(no.allowed);
    EXPECT_EQ(no.reason,
              "of its latest 20 attempts a share of 0.25 proved nothing; at most 0.20 may");
    EXPECT_TRUE(decide(with(30, 0, 4), policy()).allowed);
}

TEST(Decide, AnAlarmRefusesEverything) {
    ScoreState state = with(100, 0);
    state.alarmed = true;
    state.usual = 0.95;
    state.suspected = 0.6;
    GatePolicy open = policy(0);
    open.allow_unknown = true;
    open.min_effective_n = 0;
    const Verdict no = decide(state, open);
    EXPECT_FALSE(no.allowed);
    EXPECT_EQ(no.reason, "an alarm stands: its claims fell from 0.95 towards 0.60");
    EXPECT_NE(no.would_change.find("trust.clear_alarm"), std::string::npos);
}

TEST(Decide, TheBlockedPassNothing) {
    GatePolicy open = policy(0);
    open.min_effective_n = 0;
    open.allow_unknown = true;
    EXPECT_TRUE(decide(with(0, 4), open).allowed);
    const Verdict no = decide(with(0, 5), open);
    EXPECT_FALSE(no.allowed);
    EXPECT_TRUE(no.reason.starts_with("it is blocked")) << no.reason;
}

TEST(Decide, ForecastsWhatHappens) {
    for (const auto& start : {with(0, 0), with(5, 3), with(14, 4), with(30, 0, 12)}) {
        const Forecast ahead = forecast(start, policy());
        ASSERT_GT(ahead.claims, 0);
        ScoreState state = start;
        Observation observation;
        observation.outcome = Outcome::confirmed;
        observation.strength = 1;
        observation.novelty = 1;
        observation.at_us = 1;
        for (int i = 1; i < ahead.claims; ++i) {
            state = fold(state, observation);
            EXPECT_FALSE(decide(state, policy()).allowed) << i;
        }
        state = fold(state, observation);
        EXPECT_TRUE(decide(state, policy()).allowed);
        EXPECT_DOUBLE_EQ(lower_bound(state), ahead.lower_bound);
    }
    EXPECT_EQ(forecast({}, policy(0.9999)).claims, 0);
    EXPECT_NE(decide({}, policy(0.9999)).would_change.find("no number"), std::string::npos);
}

}  // namespace
}  // namespace credence::trust
