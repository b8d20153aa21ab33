// Statement glue: from a stored verification to a signed statement, and back to people.
#include "base/json.h"
#include "base/text.h"
#include "capabilities/trust/verification_rows.h"
#include "capabilities/trust/verification_view.h"
#include "capabilities/trust/verifier.h"
#include "capabilities/trust/verifier_run.h"

namespace credence::trust {
namespace {

TestResult result_of(Outcome outcome) {
    switch (outcome) {
        case Outcome::confirmed:
            return TestResult::PASSED;
        case Outcome::inconclusive:
            return TestResult::WARNED;
        case Outcome::refuted:
        case Outcome::error:
            break;
    }
    return TestResult::FAILED;
}

void add_check(const Check& check, TestResultPredicate& predicate) {
    switch (result_of(check.outcome)) {
        case TestResult::PASSED:
            predicate.passedTests.push_back(check.assertion);
            break;
        case TestResult::WARNED:
            predicate.warnedTests.push_back(check.assertion);
            break;
        case TestResult::FAILED:
            predicate.failedTests.push_back(check.assertion);
            break;
    }
}

}  // namespace

Statement statement_of(const Verification& verification, const StatementSource& source) {
    VerificationNote note;
    note.verification_id = verification.verification_id.to_string();
    note.seq = verification.seq;
    note.log_seq = source.log_seq;
    note.tenant = source.tenant;
    note.name_space = source.name_space;
    note.agent_id = verification.agent_id;
    note.claim_type = enumerator_of(verification.claim_type);
    note.claim = verification.claim;
    note.outcome = enumerator_of(verification.outcome);
    note.recipe = verification.recipe;
    note.recipe_digest = verification.recipe_digest;
    note.record_digest = source.record_digest;
    note.runner = verification.runner;
    note.verified_at_us = verification.verified_at_us;
    ResourceDescriptor subject;
    if (verification.tree.empty()) {
        // Every subject needs a digest; without a tree, what was judged is the run on record.
        subject.name = "verification:" + note.verification_id;
        subject.digest.sha256 = source.record_digest;
    } else {
        subject.name = "tree:" + verification.tree;
        subject.digest.sha256 = bare_digest(verification.tree_digest);
    }
    subject.annotations = Annotations{std::move(note)};
    Statement statement;
    statement.subject.push_back(std::move(subject));
    statement.predicate.result = result_of(verification.outcome);
    statement.predicate.configuration.push_back(
        {"recipe:" + verification.recipe, {bare_digest(verification.recipe_digest)}, {}});
    for (const Check& check : verification.checks) {
        add_check(check, statement.predicate);
    }
    return statement;
}

Result<Attestation> Verifier::attest(const Context& context, const VerificationRef& request) {
    const std::string payload =
        TRY(parts_.trust.database.read([&](store::Tx& tx) -> Result<std::string> {
            const auto found =
                TRY(rows::find_verification(tx, context.tenant, request.verification_id));
            if (!found || found->name_space != context.name_space) {
                return fail(Code::not_found, "no such verification", "verification_id");
            }
            const Verification verification = TRY(view(*found, kMaxExcerptBytes));
            if (verification.outcome == Outcome::error) {
                return fail(Code::conflict, "nothing was run, so there is nothing to attest",
                            "verification_id");
            }
            const std::string digest = rows::record_digest(context.tenant, *found);
            const auto logged =
                TRY(rows::logged_record(tx, context.tenant, request.verification_id));
            // What somebody wrote into the database must not leave it with our signature.
            if (!logged || logged->record_digest != digest) {
                return fail(Code::conflict,
                            "this record is not what the trust log says it was; run audit.verify",
                            "verification_id");
            }
            return statement_json(statement_of(
                verification, {context.tenant, context.name_space, digest, logged->log_seq}));
        }));
    const SigningKey key = TRY(parts_.keys.active(context));
    return Attestation{seal(key, kInTotoPayloadType, payload), key.id()};
}

Result<AttestationReport> Verifier::verify_attestation(const Context&,
                                                       const VerifyAttestation& request) {
    // What attest() answers may be given as it is: the envelope and its key's id.
    RawJson envelope = request.envelope;
    if (const auto whole = from_json<Attestation>(request.envelope.text)) {
        envelope.text = to_json(whole->envelope);
    }
    if (request.public_keys.empty()) {
        return check_attestation(envelope, TRY(parts_.keys.public_keys()));
    }
    std::vector<PublicKey> trusted;
    for (std::size_t i = 0; i < request.public_keys.size(); ++i) {
        auto key = read_public_key(request.public_keys[i]);
        if (!key) {
            return fail(Code::invalid, key.error().message,
                        "public_keys[" + std::to_string(i) + "]");
        }
        trusted.push_back(*key);
    }
    return check_attestation(envelope, trusted);
}

}  // namespace credence::trust
