// Trust as callers see it: read it, correct it, prove it, ask it for permission.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/context.h"
#include "base/result.h"
#include "base/shape.h"
#include "capabilities/trust/claims/claim.h"
#include "capabilities/trust/gate.h"
#include "capabilities/trust/score/score.h"
#include "capabilities/trust/signing_keys.h"
#include "capabilities/trust/trust_chain.h"
#include "capabilities/trust/trust_parts.h"
#include "capabilities/trust/verifier.h"

namespace credence {
class Host;
}

namespace credence::trust {

struct GetTrustScore {
    std::string agent_id;
    std::optional<ClaimKind> claim_kind;
};
void describe(Describe<GetTrustScore>&);

// What is known of an agent for one kind of claim, worn off by idleness up to now.
struct KindTrust {
    ClaimKind claim_kind = ClaimKind::custom;
    double trust_score = 0.5;  // posterior mean
    double lower_bound = 0;    // 5 % quantile: above it with probability 95 %
    double upper_bound = 1;    // 95 % quantile
    double effective_n = 0;
    std::string method;
    double ewma = 0.5;
    std::int64_t total_verifications = 0;  // conclusive and new
    std::int64_t accurate_verifications = 0;
    std::int64_t inconclusive_verifications = 0;
    std::int64_t error_verifications = 0;
    std::int64_t repeated_verifications = 0;
    std::int64_t overrides = 0;
    double inconclusive_share = 0;  // of the latest 20 attempts
    Tier tier = Tier::unknown;
    bool alarmed = false;
    std::int64_t last_change_at_us = 0;
};
void describe(Describe<KindTrust>&);

// All kinds together: evidence added up. The seed's field names.
struct TrustScore {
    std::string agent_id;
    double trust_score = 0.5;
    std::int64_t total_verifications = 0;
    std::int64_t accurate_verifications = 0;
    double verification_accuracy = 0.5;
    bool requires_verification = true;  // lower bound below 0.7, effective n below 5, or an alarm
    bool is_reliable = false;           // at least 5 verifications
    double lower_bound = 0;
    double upper_bound = 1;
    double effective_n = 0;
    std::string method;
    double ewma = 0.5;  // of the kinds, by their verifications
    Tier tier = Tier::unknown;
    bool alarmed = false;
    std::vector<KindTrust> kinds;
};
void describe(Describe<TrustScore>&);

struct GetTrustHistory {
    std::string agent_id;
    std::optional<ClaimKind> claim_kind;
    std::int64_t limit = 100;
    std::optional<std::int64_t> before_seq;
};
void describe(Describe<GetTrustHistory>&);

struct TrustHistoryEntry {
    std::int64_t seq = 0;
    std::int64_t changed_at_us = 0;
    ClaimKind claim_kind = ClaimKind::custom;
    EntryKind entry = EntryKind::evidence;
    std::optional<Outcome> outcome;  // of evidence, applied or deferred
    double old_score = 0.5;
    double new_score = 0.5;
    double delta = 0;
    double weight = 0;
    std::optional<VerificationId> verification_id;
    std::optional<std::string> verified_by;
    std::string reason;
    std::string actor;
    std::string hash;
};
void describe(Describe<TrustHistoryEntry>&);

struct TrustHistory {
    std::string agent_id;
    std::vector<TrustHistoryEntry> entries;  // newest first
    std::optional<std::int64_t> next_before_seq;
};
void describe(Describe<TrustHistory>&);

// Either a verification that was deferred, or an administrator's observation.
struct TrustUpdate {
    std::string agent_id;
    std::optional<VerificationId> verification_id;
    std::optional<ClaimKind> claim_kind;
    std::optional<bool> accurate;
    std::optional<std::string> reason;
};
void describe(Describe<TrustUpdate>&);

struct BatchUpdate {
    std::vector<TrustUpdate> updates;
};
void describe(Describe<BatchUpdate>&);

struct TrustUpdated {
    std::string agent_id;
    ClaimKind claim_kind = ClaimKind::custom;
    double weight = 0;
    double trust_score = 0.5;
    double lower_bound = 0;
    double ewma = 0.5;
    std::int64_t seq = 0;
};
void describe(Describe<TrustUpdated>&);

struct BatchUpdated {
    std::int64_t applied = 0;
    std::vector<TrustUpdated> updates;  // in the order of the request
};
void describe(Describe<BatchUpdated>&);

struct OverrideScore {
    std::string agent_id;
    ClaimKind claim_kind = ClaimKind::custom;
    double trust_score = 0.5;
    double weight = 20;  // in claims
    std::string reason;
};
void describe(Describe<OverrideScore>&);

struct ClearAlarm {
    std::string agent_id;
    ClaimKind claim_kind = ClaimKind::custom;
    std::string reason;
};
void describe(Describe<ClearAlarm>&);

struct ReplayReport {
    bool identical = true;
    std::int64_t entries = 0;
    std::int64_t agents = 0;
    std::int64_t states = 0;
    std::string head_hash;
};
void describe(Describe<ReplayReport>&);

// Thread-safe.
class Trust {
public:
    static constexpr std::size_t kMaxBatch = 1000;
    static constexpr std::int64_t kPageRows = 1000;

    // The services behind it; all outlive it.
    struct Services {
        Gate& gate;
        Verifier* verifier = nullptr;          // null: the operations that verify may not be called
        SigningKeys* keys = nullptr;           //
        const Listeners* listeners = nullptr;  // who hears of deferred verifications that count
    };
    Trust(const TrustParts& parts, Services services) : parts_(parts), services_(services) {}

    Result<Verification> verify_claim(const Context& context, const VerifyClaim& request);
    Result<Verification> get_verification(const Context& context, const GetVerification& request);
    Result<VerificationPage> get_verification_history(const Context& context,
                                                      const GetVerificationHistory& request);
    Result<VerificationStatistics> get_verification_statistics(
        const Context& context, const GetVerificationStatistics& request);
    Result<Attestation> attest(const Context& context, const VerificationRef& request);
    Result<AttestationReport> verify_attestation(const Context& context,
                                                 const VerifyAttestation& request);
    Result<SigningKeyList> list_signing_keys(const Context& context, const Empty& request);
    Result<PublicSigningKey> rotate_signing_key(const Context& context, const Empty& request);

    Result<TrustScore> get_trust_score(const Context& context, const GetTrustScore& request);
    Result<TrustHistory> get_trust_history(const Context& context, const GetTrustHistory& request);
    // All or nothing, in one transaction; deferred ones in the order in which they were verified.
    // The error tells each refused item's path. A deferred refutation cannot be passed over: what
    // was verified after it waits for it (Code::conflict).
    Result<BatchUpdated> batch_update(const Context& context, const BatchUpdate& request);
    // trust:admin. Pseudo-evidence takes the place of what was known; an alarm stays.
    Result<KindTrust> override_score(const Context& context, const OverrideScore& request);
    // trust:admin. Code::conflict when there is none.
    Result<KindTrust> clear_alarm(const Context& context, const ClearAlarm& request);
    // Recomputes every score of the tenant from its log and compares them bit for bit.
    // Code::conflict names the first difference, Code::timeout comes at the context's deadline.
    Result<ReplayReport> replay(const Context& context, const Empty& request);
    Result<GateDecision> gate(const Context& context, const GateQuery& request);

private:
    TrustParts parts_;
    Services services_;
};

KindTrust kind_trust(ClaimKind kind, const ScoreState& state, std::int64_t now_us);

// Registers the operations above and counts alarms.
Result<void> serve_trust(Host& host, Trust& trust);

}  // namespace credence::trust
