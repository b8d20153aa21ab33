#include "stats/anomaly/e_detector.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"

namespace credence::stats {
namespace {

// By hand: M = sum over alternatives of the products; after one failure each M is q / p of failure.
TEST(RateDetector, FirstStepsByHand) {
    RateDetector detector({0.9, 0.9}, 1000);
    double fall = 0;
    double rise = 0;
    for (const double odds : {1.5, 2.0, 3.0, 5.0, 10.0, 30.0, 100.0, 1000.0}) {
        const double failing = odds * 0.1 / (0.9 + odds * 0.1);  // q of failure
        const double first = failing / 0.1;
        fall += (first + 1) * ((1 - failing) / 0.9);
        const double winning = odds * 0.9 / (0.1 + odds * 0.9);
        const double second = (1 - winning) / 0.1;
        rise += (second + 1) * (winning / 0.9);
    }
    EXPECT_FALSE(detector.add(false));
    EXPECT_FALSE(detector.add(true));
    EXPECT_NEAR(detector.level(), (fall + rise) / 16 / 1000, 1e-12);
    EXPECT_EQ(detector.runs(), 2);
}

// The factor's mean is 1 at the edge, so that M grows by 1 a run on average: with sides and
// alternatives weighted, E(level) after n runs is n / threshold.
TEST(RateDetector, EvidenceIsFairAtTheEdge) {
    constexpr double kThreshold = 1e12;
    constexpr double kRate = 0.8;
    double expected = 0;
    for (int outcomes = 0; outcomes < 32; ++outcomes) {
        RateDetector detector({kRate, kRate}, kThreshold);
        double probability = 1;
        for (int run = 0; run < 5; ++run) {
            const bool success = (outcomes >> run & 1) != 0;
            probability *= success ? kRate : 1 - kRate;
            detector.add(success);
        }
        expected += probability * detector.level();
    }
    EXPECT_NEAR(expected * kThreshold, 5, 1e-9);
}

TEST(RateDetector, FindsFallsAndRisesAndStartsAnew) {
    RateDetector detector({0.88, 0.92}, 10'000);
    std::optional<Direction> alarm;
    int failures = 0;
    while (!alarm && failures < 20) {
        alarm = detector.add(false);
        ++failures;
    }
    ASSERT_TRUE(alarm);
    EXPECT_EQ(*alarm, Direction::kLow);
    EXPECT_LE(failures, 7);
    EXPECT_EQ(detector.runs(), 0);
    EXPECT_EQ(detector.level(), 0);

    RateDetector low({0.2, 0.3}, 10'000);
    alarm.reset();
    for (int run = 0; run < 50 && !alarm; ++run) {
        alarm = low.add(true);
    }
    ASSERT_TRUE(alarm);
    EXPECT_EQ(*alarm, Direction::kHigh);
}

TEST(RateDetector, TheImpossibleAlarmsAtOnce) {
    RateDetector perfect({1, 1}, 1e6);
    for (int run = 0; run < 1000; ++run) {
        EXPECT_FALSE(perfect.add(true));
    }
    EXPECT_EQ(perfect.level(), 0);
    EXPECT_EQ(perfect.add(false), Direction::kLow);
    RateDetector hopeless({0, 0}, 1e6);
    EXPECT_FALSE(hopeless.add(false));
    EXPECT_EQ(hopeless.add(true), Direction::kHigh);
    RateDetector anything({0, 1}, 2);
    for (int run = 0; run < 1000; ++run) {
        EXPECT_FALSE(anything.add(run % 3 == 0));
    }
}

// The promise: at least 200 runs between false alarms, on average (here 400 alarms' worth).
TEST(RateDetector, FalseAlarmsAreRarerThanPromised) {
    SeededRandom random(11);
    RateDetector detector({0.8, 0.8}, 200);
    int alarms = 0;
    constexpr int kRuns = 80'000;
    for (int run = 0; run < kRuns; ++run) {
        const double chance = static_cast<double>(random.next() >> 11) * 0x1p-53;
        alarms += detector.add(chance < 0.8) ? 1 : 0;
    }
    EXPECT_GT(alarms, 0);
    EXPECT_LT(alarms, kRuns / 200);
}

TEST(RateDetectorDeath, ImpossibleInput) {
    EXPECT_DEATH(RateDetector({0.5, 0.4}, 100), "normal range");
    EXPECT_DEATH(RateDetector({0.4, 0.5}, 1), "false alarms");
}

}  // namespace
}  // namespace credence::stats
