// in-toto Statement v1 with the predicate test-result v0.1 (in-toto/attestation, spec/v1 and
// spec/predicates/test-result.md), as canonical JSON: members in one fixed order, absent optionals
// omitted, no spaces, so that the same verification always yields the same bytes. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/shape.h"
#include "capabilities/trust/evidence/dsse.h"

namespace credence::trust {

inline constexpr std::string_view kStatementType = "https://in-toto.io/Statement/v1";
inline constexpr std::string_view kTestResultType =
    "https://in-toto.io/attestation/test-result/v0.1";

// Ours, in the annotations of the subject: what the predicate has no field for.
struct VerificationNote {
    std::string verification_id;
    std::int64_t seq = 0;      // in the tenant's record of verifications
    std::int64_t log_seq = 0;  // in its trust log: where the chain first names it
    std::string tenant;
    std::string name_space;
    std::string agent_id;
    std::string claim_type;
    RawJson claim;
    std::string outcome;
    std::string recipe;
    std::string recipe_digest;
    std::string record_digest;  // of the stored row, as the chain of trust covers it
    std::string runner;
    std::int64_t verified_at_us = 0;
};
void describe(Describe<VerificationNote>&);

struct DigestSet {
    std::string sha256;  // 64 hex digits
};
void describe(Describe<DigestSet>&);

struct Annotations {
    // Named as the framework wants extension fields: vendor_field.
    std::optional<VerificationNote> credence_verification;
};
void describe(Describe<Annotations>&);

struct ResourceDescriptor {
    std::string name;
    DigestSet digest;
    std::optional<Annotations> annotations;
};
void describe(Describe<ResourceDescriptor>&);

// The standard's own spellings.
// NOLINTBEGIN(readability-identifier-naming)
enum class TestResult : std::uint8_t { PASSED, WARNED, FAILED };

struct TestResultPredicate {
    TestResult result = TestResult::FAILED;
    std::vector<ResourceDescriptor> configuration;
    std::optional<std::string> url;
    std::vector<std::string> passedTests;  // assertions of the claim that were confirmed
    std::vector<std::string> warnedTests;  // inconclusive
    std::vector<std::string> failedTests;  // refuted
};

struct Statement {
    std::string _type = std::string(kStatementType);
    std::vector<ResourceDescriptor> subject;
    std::string predicateType = std::string(kTestResultType);
    TestResultPredicate predicate;
};
// NOLINTEND(readability-identifier-naming)
void describe(Describe<TestResultPredicate>&);
void describe(Describe<Statement>&);

std::string statement_json(const Statement& statement);

// Strict: unknown members, other types, a subject without digest are Code::invalid with the path
// below "payload".
Result<Statement> read_statement(std::string_view json);

// What an attestation says, once its signature holds.
struct StatementSummary {
    TestResult result = TestResult::FAILED;
    std::string subject;         // "tree:default"
    std::string subject_sha256;  // of the tree that was checked
    std::string recipe;
    std::int64_t passed = 0;
    std::int64_t warned = 0;
    std::int64_t failed = 0;
    VerificationNote verification;
};
void describe(Describe<StatementSummary>&);

struct AttestationReport {
    bool valid = false;
    std::string keyid;  // of the trusted key that signed
    StatementSummary statement;
};
void describe(Describe<AttestationReport>&);

// Needs neither store nor network. Errors as open() and read_statement().
Result<AttestationReport> check_attestation(const RawJson& envelope,
                                            const std::vector<PublicKey>& trusted);

}  // namespace credence::trust
