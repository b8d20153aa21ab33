// Verifies what agents claim: a recipe of the server, run in the sandbox on a frozen copy of a
// tree, compared with the claim, recorded, scored. All in this order, so that bad requests cost
// nothing and nothing is scored that is not recorded:
//
//   1. read transaction: who may speak, verifier, claim, recipe, parameters, tree; then the
//      listeners' say. Errors (invalid, forbidden, not_found) are returned; no attempt is recorded.
//   2. snapshot, pins, run, judge. Whatever fails from here on is an attempt with outcome
//      `error`, but for a host that cannot isolate or is too busy: that is an error of the server,
//      and is not recorded.
//   3. one write transaction: record, score, listeners, event. All of it or nothing.
//
// A recorded attempt never changes; the trust log's chain covers every column of it.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/context.h"
#include "base/result.h"
#include "base/shape.h"
#include "capabilities/trust/claims/claim.h"
#include "capabilities/trust/claims/judge.h"
#include "capabilities/trust/claims/recipe.h"
#include "capabilities/trust/evidence/statement.h"
#include "capabilities/trust/listener.h"
#include "capabilities/trust/signing_keys.h"
#include "capabilities/trust/trust_parts.h"
#include "engine/sandbox/sandbox.h"
#include "engine/sandbox/tree.h"

namespace credence::trust {

struct VerifyClaim {
    std::string agent_id;
    ClaimKind claim_type = ClaimKind::custom;
    RawJson claim_content;
    // Exactly one of these two.
    std::optional<std::string> verification_command;
    std::optional<std::string> recipe;
    Arguments parameters;             // of `recipe`
    std::optional<std::string> tree;  // default "default", where the recipe needs one
    std::optional<std::string> verified_by_agent_id;
    bool defer_trust = false;
};
void describe(Describe<VerifyClaim>&);

struct StreamExcerpt {
    std::string text;  // valid UTF-8, at most kMaxExcerptBytes: its beginning and its end
    std::string sha256;
    std::int64_t bytes = 0;
    bool truncated = false;  // `text` is not all of it
};
void describe(Describe<StreamExcerpt>&);

struct ActualResult {
    sandbox::Ending ending = sandbox::Ending::not_started;
    std::int64_t exit_code = -1;
    std::int64_t signal = 0;
    StreamExcerpt stdout_;  // NOLINT(readability-identifier-naming): stdout is a macro
    StreamExcerpt stderr_;  // NOLINT(readability-identifier-naming)
    std::map<std::string, double> metrics;
    std::int64_t cpu_us = 0;
};
void describe(Describe<ActualResult>&);

struct Verification {
    VerificationId verification_id;
    VerificationId evidence_id;  // the same: the record is the evidence
    std::int64_t seq = 0;        // in the tenant's record
    std::string agent_id;
    ClaimKind claim_type = ClaimKind::custom;
    RawJson claim;
    std::optional<ActualResult> actual;  // nothing when nothing ran
    bool accurate = false;
    Outcome outcome = Outcome::error;
    std::string reason;
    std::vector<Check> checks;
    std::string recipe;
    std::string recipe_digest;
    std::vector<std::string> argv;
    std::string tree;
    std::string tree_digest;
    std::string runner;
    std::int64_t duration_us = 0;
    std::int64_t verified_at_us = 0;
    std::string verified_by;  // the actor who asked
    std::optional<std::string> verified_by_agent_id;
    std::optional<std::string> pattern_id;
    bool pattern_linked = false;
    bool deferred = false;
    // In the answer of verify_claim only, and not when deferred: the score it led to.
    std::optional<double> new_trust_score;
    std::optional<double> lower_bound;
    std::optional<double> ewma;
    std::optional<double> weight;
    std::optional<std::int64_t> log_seq;  // also when deferred: its number in the trust log
    std::optional<std::string> evidence;  // Markdown, when asked for
};
void describe(Describe<Verification>&);

struct VerificationRef {
    VerificationId verification_id;
};
void describe(Describe<VerificationRef>&);

struct GetVerification {
    VerificationId verification_id;
    bool include_evidence = false;
};
void describe(Describe<GetVerification>&);

struct GetVerificationHistory {
    std::string agent_id;
    std::optional<ClaimKind> claim_type;
    std::optional<Outcome> outcome;
    std::int64_t limit = 100;
    std::optional<std::int64_t> before_seq;
};
void describe(Describe<GetVerificationHistory>&);

struct VerificationPage {
    std::vector<Verification> verifications;  // newest first; excerpts of kListExcerptBytes
    std::optional<std::int64_t> next;         // before_seq of the next page
};
void describe(Describe<VerificationPage>&);

struct GetVerificationStatistics {
    std::string agent_id;
    std::optional<std::int64_t> days;
};
void describe(Describe<GetVerificationStatistics>&);

// A share with its uncertainty.
struct MeasuredShare {
    std::optional<double> share;  // nothing when n is 0
    double low = 0;
    double high = 1;
    std::int64_t n = 0;
    std::string method;
};
void describe(Describe<MeasuredShare>&);

struct OutcomeCounts {
    std::int64_t total = 0;
    std::int64_t confirmed = 0;
    std::int64_t refuted = 0;
    std::int64_t inconclusive = 0;
    std::int64_t error = 0;
};
void describe(Describe<OutcomeCounts>&);

struct KindStatistics {
    ClaimKind claim_type = ClaimKind::custom;
    OutcomeCounts counts;
    MeasuredShare accuracy;
};
void describe(Describe<KindStatistics>&);

struct RecentVerification {
    VerificationId verification_id;
    ClaimKind claim_type = ClaimKind::custom;
    Outcome outcome = Outcome::error;
    std::string recipe;
    std::int64_t verified_at_us = 0;
};
void describe(Describe<RecentVerification>&);

struct VerificationStatistics {
    std::string agent_id;
    std::optional<std::int64_t> days;
    OutcomeCounts counts;
    MeasuredShare accuracy;            // confirmed of confirmed and refuted
    MeasuredShare inconclusive_share;  // inconclusive and error of all
    std::vector<KindStatistics> by_claim_type;
    std::optional<std::int64_t> duration_median_us;  // of the latest kMaxDurations runs
    std::optional<std::int64_t> duration_p95_us;
    std::vector<RecentVerification> recent;
};
void describe(Describe<VerificationStatistics>&);

struct Attestation {
    Envelope envelope;
    std::string keyid;
};
void describe(Describe<Attestation>&);

struct VerifyAttestation {
    RawJson envelope;
    std::vector<std::string> public_keys;  // base64; none: the keys of this store
};
void describe(Describe<VerifyAttestation>&);

// Event.
struct ClaimVerified {
    VerificationId verification_id;
    std::string agent_id;
    ClaimKind claim_type = ClaimKind::custom;
    Outcome outcome = Outcome::error;
    std::string recipe;
    std::string tree_digest;
};
void describe(Describe<ClaimVerified>&);

struct VerifierParts {
    TrustParts trust;
    sandbox::Sandbox& sandbox;
    const Listeners& listeners;
    SigningKeys& keys;
    sandbox::SandboxSettings sandbox_settings;  // where snapshots go
    sandbox::TreeLimits tree_limits;
    TolerancePolicy tolerances;
};

namespace rows {
struct VerificationRecord;
}

// Thread-safe.
class Verifier {
public:
    static constexpr std::size_t kMaxExcerptBytes = 16 * 1024;
    static constexpr std::size_t kListExcerptBytes = 512;
    static constexpr std::int64_t kMaxPinnedBytes = std::int64_t{16} << 20;
    static constexpr int kRecent = 10;
    static constexpr int kMaxDurations = 10'000;
    static constexpr std::size_t kMaxPatternIdBytes = 64;

    explicit Verifier(const VerifierParts& parts);

    Result<Verification> verify_claim(const Context& context, const VerifyClaim& request);
    Result<Verification> get_verification(const Context& context, const GetVerification& request);
    Result<VerificationPage> get_verification_history(const Context& context,
                                                      const GetVerificationHistory& request);
    Result<VerificationStatistics> get_verification_statistics(
        const Context& context, const GetVerificationStatistics& request);
    // A signed in-toto statement of a confirmed (PASSED), refuted (FAILED) or inconclusive (WARNED)
    // verification; Code::conflict for one that could not run, or whose record is not what the
    // trust log says it was. The same bytes each time, until the signing key is rotated.
    Result<Attestation> attest(const Context& context, const VerificationRef& request);
    // Code::conflict when no trusted key signed it, Code::invalid when it is malformed.
    Result<AttestationReport> verify_attestation(const Context& context,
                                                 const VerifyAttestation& request);

private:
    struct Plan;      // what a request comes to, all checked
    struct Attempt;   // what became of it
    struct Recorded;  // that as a row, and as the answer

    Result<Plan> plan(store::Tx& tx, const Context& context, const VerifyClaim& request) const;
    Result<void> choose_recipe(store::Tx& tx, const Context& context, const VerifyClaim& request,
                               Plan& plan) const;
    Result<void> check_links(const Context& context, const VerifyClaim& request,
                             const Plan& plan) const;
    Result<Attempt> attempt(const Context& context, const Plan& plan);
    Result<sandbox::Finished> run(const Context& context, const Plan& plan, Attempt& attempt);
    static rows::VerificationRecord row_of(const Context& context, const Plan& plan,
                                           const Attempt& attempt);
    Result<Verification> record(store::Tx& tx, const Context& context, const Plan& plan,
                                Recorded recorded);
    void count(const Plan& plan, const Attempt& attempt, std::int64_t started_us);
    Result<void> score(store::Tx& tx, const Context& context, const Plan& plan,
                       Verification& verification, const std::string& record_digest) const;

    static constexpr std::size_t kKinds = 6;
    static constexpr std::size_t kOutcomes = 4;

    VerifierParts parts_;
    std::array<std::array<Counter*, kKinds>, kOutcomes> verifications_{};
    Histogram& overhead_;
};

// Markdown for people; foreign text is fenced and made visible.
std::string evidence_text(const Verification& verification);

// The statement that attest() signs.
struct StatementSource {
    std::string tenant;
    std::string name_space;
    std::string record_digest;
    std::int64_t log_seq = 0;
};
Statement statement_of(const Verification& verification, const StatementSource& source);

}  // namespace credence::trust
