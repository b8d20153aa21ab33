// What the community makes of each skill: of this tenant, and of others who sent their figures.
//
// What leaves (export) is signed (DSSE, Ed25519) and counts people, not uses:
//   - a skill is left out behind which fewer than k users stand (k >=
//   settings.community_min_users);
//   - of one user at most k uses of a skill count, their outcomes in proportion;
//   - users, invocations, completed and timed are rounded down to multiples of k;
//   - the duration is the median of the users' means, to two digits, of at least k users, times
//     `timed`; a phase is told that at least k users worked in.
// So all that one person ever did moves each count by one step of k at most, and a difference of
// two exports shows no step or one, as the sum of many small changes also would. It does not hide
// from somebody who knows what everybody else did, nor bind what many exports together tell: this
// is no differential privacy.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/shape.h"
#include "capabilities/skills/figure.h"
#include "capabilities/trust/evidence/dsse.h"

namespace credence::skills {

// Section [community].
struct CommunitySettings {
    std::vector<std::string> trusted_baseline_keys;  // Ed25519, 32 bytes in base64
};
void describe(Describe<CommunitySettings>&);

struct GetCommunityBaselines {
    std::int64_t limit = 20;
    std::optional<std::string> skill_name = {};
};
void describe(Describe<GetCommunityBaselines>&);

struct CommunityBaseline {
    std::string skill_name;
    std::int64_t total_users = 0;  // of all sources; who is in two of them counts twice
    std::int64_t total_invocations = 0;
    Figure global_completion_rate;
    std::optional<double> global_avg_duration_seconds;
    std::optional<std::string> most_common_workflow_phase;
    double effectiveness_percentile = 0;  // fraction: mid-rank of the rates' lower bounds
    std::vector<std::string> sources;     // "local", or "<keyid>:<installation>"
    std::int64_t last_updated_at_us = 0;
};
void describe(Describe<CommunityBaseline>&);

struct CommunityBaselines {
    std::vector<CommunityBaseline> baselines;  // most effective first
    std::int64_t skills = 0;                   // told of, over all
    std::int64_t min_users = 0;                // k
    std::int64_t built_at_us = 0;              // when the local ones were counted
};
void describe(Describe<CommunityBaselines>&);

struct ExportBaselines {
    std::optional<std::int64_t> min_users;  // k of this export; settings' k or more
};
void describe(Describe<ExportBaselines>&);

struct BaselineBundle {
    trust::Envelope envelope;  // its payload is a BaselinePayload as JSON
    std::string keyid;
    std::string public_key;  // base64; what the other side puts into trusted_baseline_keys
    std::int64_t created_at_us = 0;
    std::int64_t skills = 0;
};
void describe(Describe<BaselineBundle>&);

struct ImportBaselines {
    RawJson bundle;  // a BaselineBundle, or its envelope alone
};
void describe(Describe<ImportBaselines>&);

struct ImportedBaselines {
    std::string source;
    std::int64_t created_at_us = 0;  // by the other side's clock
    std::int64_t skills = 0;
    bool unchanged = false;  // this very bundle was imported before
};
void describe(Describe<ImportedBaselines>&);

// Event.
struct SkillBaselinesImported {
    std::string source;
    std::int64_t created_at_us = 0;
    std::int64_t skills = 0;
};
void describe(Describe<SkillBaselinesImported>&);

}  // namespace credence::skills
