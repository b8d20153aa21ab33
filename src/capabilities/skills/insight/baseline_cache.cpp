#include "capabilities/skills/insight/baseline_cache.h"

#include <algorithm>
#include <utility>

#include "capabilities/skills/insight/windows.h"
#include "capabilities/skills/state/ledger.h"

namespace credence::skills {

// A skill whose fit is missing or old, with what a new one needs.
struct Baselines::Pending {
    std::uint32_t number = 0;
    std::string name;
    std::int64_t runs_before = 0;
    std::vector<Cell> hours;
};

struct Baselines::Collected {
    std::size_t skills = 0;
    std::vector<Pending> pending;
    std::vector<RecentRuns> recent;
    std::int64_t without_baseline = 0;  // used lately, but not before
    std::shared_ptr<const Family> family;
    Look look;
};

namespace {

constexpr std::int64_t kMetricsOfSkill = 3;
constexpr std::int64_t kHoursOfDay = 24;

// The hours of the baseline, behind the first hour that is known of the skill.
std::vector<Cell> hours_for_fit(const SkillFigures& skill, const BaselineWindow& window) {
    const auto hours = cells_between(skill.hours, window.begin_us, window.end_us);
    std::vector<Cell> out;
    out.reserve(hours.size() + 1);
    if (skill.hours.front().at_us < window.begin_us) {
        out.push_back(skill.hours.front());
    }
    out.insert(out.end(), hours.begin(), hours.end());
    return out;
}

BaselineWindow an_hour_before(BaselineWindow window) {
    window.begin_us -= kUsPerHour;
    window.end_us -= kUsPerHour;
    return window;
}

const SkillFit* known_fit(const Family* family, const BaselineWindow& window, std::size_t number) {
    const bool usable =
        family != nullptr && family->window == window && number < family->skills.size();
    return usable ? &family->skills[number] : nullptr;
}

}  // namespace

Baselines::Baselines(Ledger& ledger, store::Database& database, const Clock& clock,
                     const SkillsSettings& settings)
    : ledger_(ledger), database_(database), clock_(clock), settings_(settings) {}

Baselines::~Baselines() = default;

std::int64_t Baselines::baseline_hours() const {
    return std::clamp<std::int64_t>(settings_.anomaly_baseline_days * kHoursOfDay, 1,
                                    kMaxBaselineHours);
}

BaselineWindow Baselines::window_of(const LookRequest& request) const {
    BaselineWindow window{.recent_hours = request.recent_hours};
    window.end_us = request.closed_hour_us != 0
                        ? request.closed_hour_us
                        : floor_to(clock_.now_us(), kUsPerHour) - request.recent_hours * kUsPerHour;
    window.begin_us = window.end_us - request.baseline_hours * kUsPerHour;
    return window;
}

Result<Baselines::Collected> Baselines::collect(std::string_view tenant, const Family* known,
                                                const BaselineWindow& window, const Look& look) {
    return ledger_.read(tenant, [&](const SkillState& state) -> Result<Collected> {
        Collected out;
        out.look = look;
        out.skills = state.skills().size();
        for (std::uint32_t number = 0; number < out.skills; ++number) {
            const SkillFigures& skill = state.skills()[number];
            if (cells_between(skill.hours, window.begin_us, window.end_us).empty() ||
                out.recent.size() >= kMaxTestedSkills) {
                out.without_baseline += skill.last_invoked_at_us >= look.begin_us ? 1 : 0;
                continue;
            }
            const SkillFit* const fit = known_fit(known, window, number);
            const std::int64_t before = runs_before(skill, window.end_us);
            if (fit == nullptr || fit->runs_before != before || fit->skill_name != skill.name) {
                out.pending.push_back({number, skill.name, before, hours_for_fit(skill, window)});
            }
            out.recent.push_back(recent_runs(skill, window, look));
            out.recent.back().skill = number;
        }
        return out;
    });
}

std::shared_ptr<const Family> Baselines::fitted(const Family* known, const BaselineWindow& window,
                                                const Collected& collected) {
    auto family = std::make_shared<Family>();
    if (known != nullptr && known->window == window) {
        *family = *known;
    }
    family->window = window;
    family->volumes = std::make_shared<VolumeMemo>();
    family->skills.resize(collected.skills);
    for (const Pending& each : collected.pending) {
        SkillFit& fit = family->skills[each.number];
        fit = fit_skill(each.hours, window);
        fit.skill_name = each.name;
        fit.runs_before = each.runs_before;
    }
    learn_family(*family);
    return family;
}

Look Baselines::look_of(const LookRequest& request, const BaselineWindow& window) const {
    return request.closed_hour_us != 0 ? closed_look(window)
                                       : running_look(window, clock_.now_us());
}

std::shared_ptr<const Family> Baselines::family_of(const Slot& slot) {
    const std::lock_guard lock(mutex_);
    return slot.family;
}

Result<std::optional<Baselines::Collected>> Baselines::collect_known(std::string_view tenant,
                                                                     Slot& slot,
                                                                     const LookRequest& request) {
    const auto family = family_of(slot);
    if (!family) {
        return std::nullopt;
    }
    const BaselineWindow window = window_of(request);
    const bool just_turned = request.closed_hour_us == 0 &&
                             family->window == an_hour_before(window) &&
                             clock_.now_us() % kUsPerHour < kGraceMinutes * kUsPerMinute;
    if (!just_turned && family->window != window) {
        return std::nullopt;
    }
    Collected collected =
        TRY(collect(tenant, family.get(), family->window, look_of(request, window)));
    if (!collected.pending.empty()) {
        return std::nullopt;
    }
    collected.family = family;
    return collected;
}

Result<Baselines::Collected> Baselines::prepare(std::string_view tenant, Slot& slot,
                                                const LookRequest& request) {
    const std::lock_guard fitting(slot.fitting);
    const BaselineWindow window = window_of(request);
    auto family = family_of(slot);
    Collected collected = TRY(collect(tenant, family.get(), window, look_of(request, window)));
    if (!family || family->window != window || !collected.pending.empty()) {
        family = fitted(family.get(), window, collected);
        const std::lock_guard lock(mutex_);
        slot.family = family;
    }
    collected.family = family;
    return collected;
}

Result<Judgement> Baselines::judge(std::string_view tenant, const LookRequest& request) {
    std::shared_ptr<Slot> slot;
    {
        const std::lock_guard lock(mutex_);
        slot = slot_in(slots_, {std::string(tenant), request.baseline_hours, request.recent_hours});
    }
    auto collected = TRY(collect_known(tenant, *slot, request));
    if (!collected) {
        collected = TRY(prepare(tenant, *slot, request));
    }
    Judgement judgement{.family = collected->family, .look = collected->look, .tests = {}};
    judgement.tests =
        test_family(*collected->family, collected->recent, settings_.anomaly_false_discovery_rate);
    judgement.tests.unknown += collected->without_baseline * kMetricsOfSkill;
    return judgement;
}

Result<void> Baselines::refresh() {
    std::vector<std::pair<Key, std::shared_ptr<Slot>>> busy;
    {
        const std::lock_guard lock(mutex_);
        const std::int64_t since_us = clock_.now_us() - kIdleHours * kUsPerHour;
        for (const auto& entry : slots_) {
            if (entry.second->used_at_us >= since_us) {
                busy.emplace_back(entry);
            }
        }
    }
    for (const auto& [key, slot] : busy) {
        const auto& [tenant, baseline_hours, recent_hours] = key;
        TRY(prepare(tenant, *slot,
                    {.baseline_hours = baseline_hours, .recent_hours = recent_hours}));
    }
    return {};
}

}  // namespace credence::skills
