#include "capabilities/skills/people/baseline_bundle.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/units.h"
#include "capabilities/skills/skills_parts.h"

namespace credence::skills {

void describe(Describe<BaselinePayloadSkill>& d) {
    d.field<&BaselinePayloadSkill::skill_name>("Skill").length(1, kMaxSkillNameBytes);
    d.field<&BaselinePayloadSkill::users>("Who used it, a multiple of k")
        .between(1, kMaxBundleCount);
    d.field<&BaselinePayloadSkill::invocations>("Uses, at most k of each, a multiple of k")
        .between(0, kMaxBundleCount);
    d.field<&BaselinePayloadSkill::completed>("Those completed, a multiple of k")
        .between(0, kMaxBundleCount);
    d.field<&BaselinePayloadSkill::timed>("Those completed and timed, a multiple of k")
        .between(0, kMaxBundleCount);
    d.field<&BaselinePayloadSkill::duration_sum_seconds>("Typical duration times timed")
        .between(0, kMaxBundleCount);
    d.field<&BaselinePayloadSkill::top_phase>("Phase that most users, at least k, worked in")
        .length(1, kMaxBundlePhaseBytes);
}

void describe(Describe<BaselinePayload>& d) {
    d.field<&BaselinePayload::version>("Version of this format");
    d.field<&BaselinePayload::installation>("Pseudonym of the tenant that made it")
        .length(kInstallationDigits, kInstallationDigits);
    d.field<&BaselinePayload::created_at_us>("When it was made, microseconds UTC")
        .between(1, static_cast<double>(std::int64_t{1} << 53));
    d.field<&BaselinePayload::k>("Users behind each skill, at least").between(1, 1'000'000);
    d.field<&BaselinePayload::skills>("By name").length(0, kMaxBundleSkills);
}

std::int64_t rounded_down(std::int64_t value, std::int64_t k) {
    return value - value % k;
}

double two_digits(double value) {
    if (!(value > 0) || !std::isfinite(value)) {
        return 0;
    }
    const double step = std::pow(10, std::floor(std::log10(value)) - 1);
    return std::round(value / step) * step;
}

namespace {

struct CappedSum {
    std::int64_t users = 0;
    std::int64_t invocations = 0;
    std::int64_t completed = 0;
};

std::vector<CappedSum> capped_sums(const SkillState& state, std::int64_t k) {
    std::vector<CappedSum> sums(state.skills().size());
    for (const UserFigures& user : state.users()) {
        for (const UserSkill& used : user.skills) {
            if (used.invocations < 1) {
                continue;
            }
            CappedSum& sum = sums.at(used.skill);
            ++sum.users;
            sum.invocations += std::min(used.invocations, k);
            const bool capped = used.invocations > k;
            const double share =
                static_cast<double>(used.completed) / static_cast<double>(used.invocations);
            sum.completed += capped ? std::llround(share * static_cast<double>(k)) : used.completed;
        }
    }
    return sums;
}

Result<void> check_payload_skill(const BaselinePayloadSkill& skill, std::int64_t k,
                                 const std::string& path) {
    if (skill.users < k) {
        return fail(Code::invalid, "fewer users than the bundle promises", path + ".users");
    }
    if (skill.invocations < skill.users) {
        return fail(Code::invalid, "fewer uses than users", path + ".invocations");
    }
    if (skill.completed > skill.invocations) {
        return fail(Code::invalid, "more completed than used", path + ".completed");
    }
    if (skill.timed > skill.completed) {
        return fail(Code::invalid, "more timed than completed", path + ".timed");
    }
    if (skill.timed == 0 && skill.duration_sum_seconds > 0) {
        return fail(Code::invalid, "a duration of nothing", path + ".duration_sum_seconds");
    }
    return {};
}

}  // namespace

std::vector<BaselinePayloadSkill> publishable(const SkillState& state, std::int64_t k) {
    std::vector<BaselinePayloadSkill> out;
    const std::vector<CappedSum> sums = capped_sums(state, k);
    for (std::size_t skill = 0; skill < sums.size(); ++skill) {
        const CappedSum& sum = sums[skill];
        if (sum.users >= k) {
            BaselinePayloadSkill& told = out.emplace_back();
            told.skill_name = state.skills()[skill].name;
            told.users = rounded_down(sum.users, k);
            told.invocations = rounded_down(sum.invocations, k);
            told.completed = rounded_down(sum.completed, k);
        }
    }
    std::ranges::sort(out, [](const auto& left, const auto& right) {
        return left.users != right.users ? left.users > right.users
                                         : left.skill_name < right.skill_name;
    });
    out.resize(std::min(out.size(), kMaxBundleSkills));
    std::ranges::sort(out, {}, &BaselinePayloadSkill::skill_name);
    return out;
}

Result<void> check_payload(const BaselinePayload& payload, const BundleLimits& limits) {
    if (payload.version != kBaselineVersion) {
        return fail(Code::unsupported, "another version of baselines", "bundle.version");
    }
    if (payload.k < limits.k) {
        return fail(Code::invalid, "its aggregates may be of fewer people than are told of here",
                    "bundle.k");
    }
    if (payload.created_at_us > limits.now_us + kUsPerDay) {
        return fail(Code::invalid, "made in the future", "bundle.created_at_us");
    }
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < payload.skills.size(); ++i) {
        const std::string path = "bundle.skills[" + std::to_string(i) + "]";
        if (!names.insert(payload.skills[i].skill_name).second) {
            return fail(Code::invalid, "a skill twice", path + ".skill_name");
        }
        TRY(check_payload_skill(payload.skills[i], payload.k, path));
    }
    return {};
}

}  // namespace credence::skills
