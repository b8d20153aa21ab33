#include "capabilities/guard/guard_settings.h"

#include <gtest/gtest.h>

#include <map>

namespace credence::guard {
namespace {

Variables variables(std::map<std::string, std::string, std::less<>> values) {
    return [values = std::move(values)](std::string_view name) -> std::optional<std::string> {
        const auto found = values.find(name);
        return found == values.end() ? std::nullopt : std::optional<std::string>(found->second);
    };
}

TEST(Variables, AreReadAsSettings) {
    GuardSettings settings;
    ASSERT_TRUE(apply_variables(variables({{"AIMDS_THRESHOLD", "0.2"},
                                           {"AIMDS_WORKER_THREADS", "8"},
                                           {"AIMDS_CACHE_SIZE", "123"},
                                           {"ENABLE_WORKER_THREADS", "false"},
                                           {"ENABLE_VECTOR_CACHE", "0"},
                                           {"ENABLE_MULTIMODAL", "Off"},
                                           {"ENABLE_NEUROSYMBOLIC", "true"}}),
                                settings));
    EXPECT_EQ(settings.block_threshold, 0.2);
    EXPECT_EQ(settings.flag_threshold, 0.2);
    EXPECT_EQ(settings.workers, 8);
    EXPECT_EQ(settings.cache_entries, 123);
    EXPECT_EQ(features_of(settings), (Features{true, true, false, false, false}));
    EXPECT_TRUE(check_settings(settings));
}

TEST(Variables, LoseToSettingsOfTheirOwnName) {
    GuardSettings settings;
    settings.block_threshold = 0.9;
    settings.workers = 5;
    ASSERT_TRUE(apply_variables(
        variables({{"AIMDS_THRESHOLD", "0.3"}, {"AIMDS_WORKER_THREADS", "8"}}), settings));
    EXPECT_EQ(settings.block_threshold, 0.9);
    EXPECT_EQ(settings.flag_threshold, 0.3);
    EXPECT_EQ(settings.workers, 5);
}

TEST(Variables, AreNamedWhenTheyAreWrong) {
    for (const auto& [name, value] :
         std::map<std::string, std::string>{{"AIMDS_THRESHOLD", "1.5"},
                                            {"AIMDS_WORKER_THREADS", "0"},
                                            {"AIMDS_CACHE_SIZE", "1.5"},
                                            {"ENABLE_WORKER_THREADS", "maybe"},
                                            {"ENABLE_VECTOR_CACHE", ""},
                                            {"ENABLE_MULTIMODAL", "2"},
                                            {"ENABLE_NEUROSYMBOLIC", "tru"}}) {
        GuardSettings settings;
        const auto applied = apply_variables(variables({{name, value}}), settings);
        ASSERT_FALSE(applied) << name;
        EXPECT_EQ(applied.error().code, Code::invalid);
        EXPECT_TRUE(applied.error().message.starts_with(name + ":")) << applied.error().message;
    }
    GuardSettings settings;
    EXPECT_FALSE(apply_variables(variables({{"AIMDS_THRESHOLD", "nan"}}), settings));
    EXPECT_FALSE(apply_variables(variables({{"AIMDS_THRESHOLD", "0.5 "}}), settings));
}

TEST(Variables, SayTheLogLevel) {
    EXPECT_EQ(*log_level_of(variables({})), std::nullopt);
    EXPECT_EQ(*log_level_of(variables({{"AIMDS_LOG_LEVEL", "WARN"}})), log::Level::warning);
    EXPECT_EQ(
        *log_level_of(variables({{"AIMDS_LOG_LEVEL", "debug"}, {"CREDENCE_LOG_LEVEL", "error"}})),
        std::nullopt);
    EXPECT_TRUE(log_level_of(variables({{"AIMDS_LOG_LEVEL", "loud"}}))
                    .error()
                    .message.starts_with("AIMDS_LOG_LEVEL:"));
}

TEST(CheckSettings, FlagIsNotAboveBlock) {
    GuardSettings settings;
    settings.flag_threshold = 0.9;
    EXPECT_EQ(check_settings(settings).error().field, "guard.flag_threshold");
}

}  // namespace
}  // namespace credence::guard
