// What travels in a signed bundle, and what is refused of one. Pure and thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/shape.h"
#include "capabilities/skills/state/skill_state.h"

namespace credence::skills {

inline constexpr std::string_view kBaselinePayloadType =
    "application/vnd.credence.skill-baselines+json";
inline constexpr std::int64_t kBaselineVersion = 1;
inline constexpr std::size_t kMaxBundleSkills = 1'800;
inline constexpr std::size_t kMaxBundlePhaseBytes = 200;
inline constexpr std::size_t kInstallationDigits = 32;
inline constexpr std::int64_t kMaxBundleCount = 1'000'000'000'000;  // of anything

struct BaselinePayloadSkill {
    std::string skill_name;
    std::int64_t users = 0;
    std::int64_t invocations = 0;
    std::int64_t completed = 0;
    std::int64_t timed = 0;
    double duration_sum_seconds = 0;
    std::optional<std::string> top_phase;
};
void describe(Describe<BaselinePayloadSkill>&);

struct BaselinePayload {
    std::int64_t version = kBaselineVersion;
    std::string installation;  // 32 hexadecimal digits: says nothing but "the same as before"
    std::int64_t created_at_us = 0;
    std::int64_t k = 0;
    std::vector<BaselinePayloadSkill> skills;  // by name
};
void describe(Describe<BaselinePayload>&);

// What may leave, by the rule of baselines.h: users, invocations and completed; durations and phase
// are the caller's to add. The skills with most users, at most kMaxBundleSkills, by name.
std::vector<BaselinePayloadSkill> publishable(const SkillState& state, std::int64_t k);

// Largest multiple of k that is not above value.
std::int64_t rounded_down(std::int64_t value, std::int64_t k);
// To two significant decimal digits; 0 stays 0.
double two_digits(double value);

struct BundleLimits {
    std::int64_t k = 0;  // ours
    std::int64_t now_us = 0;
};

// Code::unsupported for another version, Code::invalid with the field's path for a k below ours, an
// instant more than a day ahead, a skill twice, and counts that cannot be.
Result<void> check_payload(const BaselinePayload& payload, const BundleLimits& limits);

}  // namespace credence::skills
