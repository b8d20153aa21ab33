#include "capabilities/trust/evidence/statement.h"

#include "base/json.h"
#include "base/text.h"

namespace credence::trust {
namespace {

constexpr std::size_t kMaxNameBytes = 500;
constexpr std::size_t kMaxTests = 1000;
constexpr std::size_t kMaxDescriptors = 16;

Result<void> check_digest(const DigestSet& digest, const std::string& path) {
    if (digest.sha256.size() != kSha256Digits || !from_hex(digest.sha256)) {
        return fail(Code::invalid, "not a SHA-256 in hex", path + ".digest.sha256");
    }
    return {};
}

// The error of a part of a document, with the path from the document's root.
std::unexpected<Error> below(std::string_view root, Error error) {
    error.field = error.field.empty() ? std::string(root) : std::string(root) + "." + error.field;
    return std::unexpected(std::move(error));
}

}  // namespace

void describe(Describe<VerificationNote>& d) {
    d.field<&VerificationNote::verification_id>("Which verification");
    d.field<&VerificationNote::seq>("Its number in the tenant's record");
    d.field<&VerificationNote::log_seq>("Its number in the tenant's trust log");
    d.field<&VerificationNote::tenant>("Whose record");
    d.field<&VerificationNote::name_space>("Namespace of the agent");
    d.field<&VerificationNote::agent_id>("Who claimed");
    d.field<&VerificationNote::claim_type>("Kind of the claim");
    d.field<&VerificationNote::claim>("What was claimed");
    d.field<&VerificationNote::outcome>("confirmed, refuted or inconclusive");
    d.field<&VerificationNote::recipe>("How it was checked");
    d.field<&VerificationNote::recipe_digest>("Of the recipe's canonical JSON");
    d.field<&VerificationNote::record_digest>("Of the stored record");
    d.field<&VerificationNote::runner>("What isolated the run");
    d.field<&VerificationNote::verified_at_us>("When");
}

void describe(Describe<DigestSet>& d) {
    d.field<&DigestSet::sha256>("SHA-256 in hex").length(1, kMaxNameBytes);
}

void describe(Describe<Annotations>& d) {
    d.field<&Annotations::credence_verification>("What the predicate has no field for");
}

void describe(Describe<ResourceDescriptor>& d) {
    d.field<&ResourceDescriptor::name>("What it is").length(1, kMaxNameBytes);
    d.field<&ResourceDescriptor::digest>("Of its content");
    d.field<&ResourceDescriptor::annotations>("More about it");
}

void describe(Describe<TestResultPredicate>& d) {
    d.field<&TestResultPredicate::result>(
        "PASSED: the claim is confirmed; FAILED: refuted; WARNED: inconclusive");
    d.field<&TestResultPredicate::configuration>("The recipe").length(1, kMaxDescriptors);
    d.field<&TestResultPredicate::url>("Where to read more");
    d.field<&TestResultPredicate::passedTests>("Assertions that hold")
        .length(0, kMaxTests)
        .or_default();
    d.field<&TestResultPredicate::warnedTests>("Assertions that could not be judged")
        .length(0, kMaxTests)
        .or_default();
    d.field<&TestResultPredicate::failedTests>("Assertions that do not hold")
        .length(0, kMaxTests)
        .or_default();
}

void describe(Describe<Statement>& d) {
    d.field<&Statement::_type>("Schema of the statement");
    d.field<&Statement::subject>("The tree that was checked").length(1, kMaxDescriptors);
    d.field<&Statement::predicateType>("Schema of the predicate");
    d.field<&Statement::predicate>("What was found");
}

void describe(Describe<StatementSummary>& d) {
    d.field<&StatementSummary::result>("PASSED, WARNED or FAILED");
    d.field<&StatementSummary::subject>("What was checked");
    d.field<&StatementSummary::subject_sha256>("Digest of exactly what was checked");
    d.field<&StatementSummary::recipe>("How it was checked");
    d.field<&StatementSummary::passed>("Assertions that hold");
    d.field<&StatementSummary::warned>("Assertions that could not be judged");
    d.field<&StatementSummary::failed>("Assertions that do not hold");
    d.field<&StatementSummary::verification>("The verification it is about");
}

void describe(Describe<AttestationReport>& d) {
    d.field<&AttestationReport::valid>("A trusted key signed exactly this statement");
    d.field<&AttestationReport::keyid>("Which one");
    d.field<&AttestationReport::statement>("What it says");
}

std::string statement_json(const Statement& statement) {
    return to_json(statement);
}

Result<Statement> read_statement(std::string_view json) {
    auto decoded = from_json<Statement>(json);
    if (!decoded) {
        return below("payload", std::move(decoded).error());
    }
    if (decoded->_type != kStatementType) {
        return fail(Code::invalid, "not an in-toto statement v1", "payload._type");
    }
    if (decoded->predicateType != kTestResultType) {
        return fail(Code::invalid, "not a test result v0.1", "payload.predicateType");
    }
    for (const ResourceDescriptor& subject : decoded->subject) {
        TRY(check_digest(subject.digest, "payload.subject[0]"));
    }
    for (const ResourceDescriptor& used : decoded->predicate.configuration) {
        TRY(check_digest(used.digest, "payload.predicate.configuration[0]"));
    }
    const auto& annotations = decoded->subject.front().annotations;
    if (decoded->subject.size() != 1 || !annotations || !annotations->credence_verification) {
        return fail(Code::invalid, "one subject with the annotation credence_verification",
                    "payload.subject");
    }
    return decoded;
}

Result<AttestationReport> check_attestation(const RawJson& envelope,
                                            const std::vector<PublicKey>& trusted) {
    auto parsed = from_json<Envelope>(envelope.text);
    if (!parsed) {
        return below("envelope", std::move(parsed).error());
    }
    const Opened opened = TRY(open(*parsed, kInTotoPayloadType, trusted));
    Statement statement = TRY(read_statement(opened.payload));
    AttestationReport report;
    report.valid = true;
    report.keyid = opened.keyids.front();
    StatementSummary& summary = report.statement;
    ResourceDescriptor& subject = statement.subject.front();
    summary.result = statement.predicate.result;
    summary.subject = subject.name;
    summary.subject_sha256 = subject.digest.sha256;
    summary.recipe = statement.predicate.configuration.front().name;
    summary.passed = std::ssize(statement.predicate.passedTests);
    summary.warned = std::ssize(statement.predicate.warnedTests);
    summary.failed = std::ssize(statement.predicate.failedTests);
    summary.verification = std::move(*subject.annotations->credence_verification);
    return report;
}

}  // namespace credence::trust
