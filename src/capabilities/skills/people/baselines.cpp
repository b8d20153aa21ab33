#include "capabilities/skills/people/baselines.h"

#include <algorithm>
#include <map>

#include "base/json.h"
#include "capabilities/skills/people/baseline_bundle.h"
#include "capabilities/skills/people/baseline_rows.h"
#include "capabilities/skills/people/community.h"
#include "capabilities/skills/skills.h"
#include "capabilities/skills/state/ledger.h"
#include "stats/median.h"
#include "stats/shrinkage.h"

namespace credence::skills {
namespace {

// Adds what the fold does not know by user.
Result<void> add_durations(store::Tx& tx, std::string_view tenant, std::int64_t k,
                           BaselinePayloadSkill& skill) {
    const auto users = TRY(baseline_rows::durations(tx, tenant, skill.skill_name));
    if (std::ssize(users) < k) {
        return {};
    }
    std::int64_t timed = 0;
    std::vector<double> means;
    means.reserve(users.size());
    for (const baseline_rows::UserDuration& user : users) {
        timed += std::min(user.timed, k);
        means.push_back(user.mean_seconds);
    }
    skill.timed = std::min(rounded_down(timed, k), skill.completed);
    skill.duration_sum_seconds =
        std::min(static_cast<double>(skill.timed) * two_digits(stats::median_of(std::move(means))),
                 static_cast<double>(kMaxBundleCount));
    return {};
}

Result<void> add_times_and_phases(store::Tx& tx, std::string_view tenant,
                                  BaselinePayload& payload) {
    std::map<std::string, std::string> top;
    for (auto& phase : TRY(baseline_rows::phases(tx, tenant, payload.k))) {
        top.try_emplace(std::move(phase.skill_name), std::move(phase.workflow_phase));
    }
    for (BaselinePayloadSkill& skill : payload.skills) {
        TRY(add_durations(tx, tenant, payload.k, skill));
        const auto phase = top.find(skill.skill_name);
        const bool told = phase != top.end() && !phase->second.empty() &&
                          phase->second.size() <= kMaxBundlePhaseBytes;
        skill.top_phase = told ? std::optional(phase->second) : std::nullopt;
    }
    return {};
}

// The payload as JSON; the skills of fewest users give way until it may travel.
std::string payload_text(BaselinePayload& payload) {
    std::string text = to_json(payload);
    while (text.size() > trust::kMaxPayloadBytes) {
        std::ranges::stable_sort(payload.skills, [](const auto& left, const auto& right) {
            return left.users > right.users;
        });
        payload.skills.resize(payload.skills.size() / 2);
        std::ranges::sort(payload.skills, {}, &BaselinePayloadSkill::skill_name);
        text = to_json(payload);
    }
    return text;
}

struct OpenedBundle {
    BaselinePayload payload;
    std::string source;
};

Result<OpenedBundle> open_bundle(const RawJson& bundle,
                                 const std::vector<trust::PublicKey>& trusted) {
    // What export answers may be given as it is, or its envelope alone.
    auto envelope = from_json<trust::Envelope>(bundle.text);
    if (const auto whole = from_json<BaselineBundle>(bundle.text)) {
        envelope = whole->envelope;
    }
    if (!envelope) {
        return fail(Code::invalid, "not a bundle of baselines: " + envelope.error().message,
                    envelope.error().field.empty() ? "bundle" : "bundle." + envelope.error().field);
    }
    auto opened = trust::open(*envelope, kBaselinePayloadType, trusted);
    if (!opened) {
        const bool stranger = opened.error().code == Code::conflict;
        return fail(stranger ? Code::forbidden : opened.error().code,
                    stranger ? "no key in community.trusted_baseline_keys has signed this bundle"
                             : opened.error().message,
                    stranger ? "bundle" : "bundle." + opened.error().field);
    }
    auto payload = from_json<BaselinePayload>(opened->payload);
    if (!payload) {
        return fail(Code::invalid, payload.error().message,
                    payload.error().field.empty() ? "bundle" : "bundle." + payload.error().field);
    }
    // Bound to the key, so that nobody who is trusted can write over another.
    std::string source = opened->keyids.front() + ":" + payload->installation;
    return OpenedBundle{*std::move(payload), std::move(source)};
}

std::vector<BaselineRow> rows_of(const OpenedBundle& bundle) {
    std::vector<stats::RateCount> rates;
    for (const BaselinePayloadSkill& skill : bundle.payload.skills) {
        rates.push_back({skill.completed, skill.invocations});
    }
    const stats::BetaShape prior = stats::fit_rate_prior(rates).value_or(stats::kNoRatePrior);
    std::vector<double> bounds;
    for (const stats::RateCount& rate : rates) {
        bounds.push_back(rate_lower_bound(rate, prior));
    }
    const std::vector<double> ranks = mid_ranks(bounds);
    std::vector<BaselineRow> rows;
    for (std::size_t i = 0; i < rates.size(); ++i) {
        const BaselinePayloadSkill& skill = bundle.payload.skills[i];
        BaselineRow& row = rows.emplace_back();
        row = {.skill_name = skill.skill_name,
               .source = bundle.source,
               .total_users = skill.users,
               .total_invocations = skill.invocations,
               .completed_invocations = skill.completed,
               .global_completion_rate =
                   static_cast<double>(skill.completed) / static_cast<double>(skill.invocations),
               .most_common_workflow_phase = skill.top_phase,
               .effectiveness_percentile = ranks[i],
               .last_updated_at_us = bundle.payload.created_at_us};
        if (skill.timed > 0) {
            row.global_avg_duration_seconds =
                skill.duration_sum_seconds / static_cast<double>(skill.timed);
        }
    }
    return rows;
}

Result<ImportedBaselines> store_bundle(store::Tx& tx, const Context& context,
                                       const OpenedBundle& bundle) {
    const std::int64_t at_us = bundle.payload.created_at_us;
    const auto skills = static_cast<std::int64_t>(bundle.payload.skills.size());
    const auto newest = TRY(baseline_rows::newest(tx, context.tenant, bundle.source));
    if (newest && *newest > at_us) {
        return fail(Code::conflict, "a newer bundle of this source is here already", "bundle");
    }
    if (newest && *newest == at_us) {
        return ImportedBaselines{bundle.source, at_us, skills, true};
    }
    if (!newest &&
        TRY(baseline_rows::count_sources(tx, context.tenant)) >= baseline_rows::kMaxSources) {
        return fail(Code::exhausted, "there are too many sources of baselines");
    }
    TRY(baseline_rows::replace(tx, context.tenant, bundle.source, rows_of(bundle)));
    TRY(tx.emit(context, SkillBaselinesImported{bundle.source, at_us, skills}));
    return ImportedBaselines{bundle.source, at_us, skills, false};
}

}  // namespace

Result<CommunityBaselines> Skills::get_community_baselines(const Context& context,
                                                           const GetCommunityBaselines& request) {
    const auto catalogue = TRY(parts_.community->catalogue(context.tenant));
    CommunityBaselines out{.baselines = {},
                           .skills = std::ssize(catalogue->baselines()),
                           .min_users = parts_.settings.community_min_users,
                           .built_at_us = catalogue->built_at_us()};
    for (const CommunityBaseline& baseline : catalogue->baselines()) {
        if (std::ssize(out.baselines) >= request.limit) {
            break;
        }
        if (!request.skill_name || *request.skill_name == baseline.skill_name) {
            out.baselines.push_back(baseline);
        }
    }
    return out;
}

Result<BaselineBundle> Skills::export_baselines(const Context& context,
                                                const ExportBaselines& request) {
    const std::int64_t ours = std::max<std::int64_t>(1, parts_.settings.community_min_users);
    const std::int64_t k = request.min_users.value_or(ours);
    if (k < ours) {
        return fail(Code::invalid, "not below skills.community_min_users", "min_users");
    }
    BaselinePayload payload{.installation = parts_.community->installation(context.tenant),
                            .created_at_us = parts_.clock.now_us(),
                            .k = k,
                            .skills = {}};
    payload.skills = TRY(parts_.ledger->read(
        context.tenant, [&](const SkillState& state) -> Result<std::vector<BaselinePayloadSkill>> {
            return publishable(state, k);
        }));
    payload = TRY(parts_.database.read([&](store::Tx& tx) -> Result<BaselinePayload> {
        BaselinePayload whole = payload;
        TRY(add_times_and_phases(tx, context.tenant, whole));
        return whole;
    }));
    const std::string text = payload_text(payload);
    const trust::SigningKey key = TRY(parts_.community->signing_key(context));
    return BaselineBundle{.envelope = trust::seal(key, kBaselinePayloadType, text),
                          .keyid = key.id(),
                          .public_key = trust::public_key_text(key.public_key()),
                          .created_at_us = payload.created_at_us,
                          .skills = std::ssize(payload.skills)};
}

Result<ImportedBaselines> Skills::import_baselines(const Context& context,
                                                   const ImportBaselines& request) {
    const OpenedBundle bundle = TRY(open_bundle(request.bundle, parts_.community->trusted_keys()));
    TRY(check_payload(bundle.payload,
                      {.k = parts_.settings.community_min_users, .now_us = parts_.clock.now_us()}));
    if (bundle.payload.installation == parts_.community->installation(context.tenant)) {
        return fail(Code::conflict, "these are our own figures", "bundle.installation");
    }
    const ImportedBaselines done =
        TRY(parts_.database.write([&](store::Tx& tx) -> Result<ImportedBaselines> {
            return store_bundle(tx, context, bundle);
        }));
    parts_.community->forget(context.tenant);
    return done;
}

}  // namespace credence::skills
