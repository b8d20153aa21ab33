// The fields of every request, response and event about verifications.
#include "capabilities/trust/trust_parts.h"
#include "capabilities/trust/verifier.h"

namespace credence::trust {
namespace {

constexpr std::size_t kMaxNameBytes = 64;
constexpr std::size_t kMaxParameters = 64;
constexpr double kMaxDays = 36'500;
constexpr double kMaxSeq = 9e15;

}  // namespace

void describe(Describe<VerifyClaim>& d) {
    d.field<&VerifyClaim::agent_id>("Who claims; you must be its owner").length(1, kMaxNameBytes);
    d.field<&VerifyClaim::claim_type>("Kind of the claim");
    d.field<&VerifyClaim::claim_content>(
         "What is claimed: return_code, output_contains, output_matches, metrics; and pattern_id, "
         "the pattern that was applied. Other members are refused.")
        .example(R"({"return_code": 0, "metrics": {"failed": 0}})");
    d.field<&VerifyClaim::verification_command>(
         "A command that is one of a recipe's; anything else is refused. Either this or recipe")
        .length(1, kMaxCommandBytes)
        .example("\"pytest tests/unit\"");
    d.field<&VerifyClaim::recipe>("Name of a recipe").length(1, kMaxNameBytes);
    d.field<&VerifyClaim::parameters>("Values of the recipe's parameters")
        .length(0, kMaxParameters)
        .or_default()
        .example(R"({"paths": ["tests/unit"]})");
    d.field<&VerifyClaim::tree>("What to check: a registered tree. Default: \"default\"")
        .length(1, kMaxNameBytes);
    d.field<&VerifyClaim::verified_by_agent_id>(
         "An independent agent that vouches for the check; never of the same owner")
        .length(1, kMaxNameBytes);
    d.field<&VerifyClaim::defer_trust>("Record now, score with trust.batch_update").or_default();
}

void describe(Describe<StreamExcerpt>& d) {
    d.field<&StreamExcerpt::text>("Its beginning and its end, at most 16 KiB");
    d.field<&StreamExcerpt::sha256>("Of all that was written");
    d.field<&StreamExcerpt::bytes>("Of all that was written");
    d.field<&StreamExcerpt::truncated>("The text is not all of it");
}

void describe(Describe<ActualResult>& d) {
    d.field<&ActualResult::ending>("How the run ended");
    d.field<&ActualResult::exit_code>("Exit status, when it exited");
    d.field<&ActualResult::signal>("What killed it, or 0");
    d.field<&ActualResult::stdout_>("Standard output");
    d.field<&ActualResult::stderr_>("Standard error");
    d.field<&ActualResult::metrics>("What the recipe measured");
    d.field<&ActualResult::cpu_us>("Processor time");
}

void describe(Describe<Verification>& d) {
    d.field<&Verification::verification_id>("Names this verification");
    d.field<&Verification::evidence_id>("Names its evidence: the same");
    d.field<&Verification::seq>("Number in the tenant's record");
    d.field<&Verification::agent_id>("Who claimed");
    d.field<&Verification::claim_type>("Kind of the claim");
    d.field<&Verification::claim>("What was claimed, in its canonical form");
    d.field<&Verification::actual>("What was seen; absent when nothing could be run");
    d.field<&Verification::accurate>("The outcome is confirmed");
    d.field<&Verification::outcome>("confirmed, refuted, inconclusive or error");
    d.field<&Verification::reason>("Why, in one sentence");
    d.field<&Verification::checks>("Assertion by assertion");
    d.field<&Verification::recipe>("How it was checked");
    d.field<&Verification::recipe_digest>("Of exactly this form of the recipe");
    d.field<&Verification::argv>("What was run");
    d.field<&Verification::tree>("What was checked; empty: no tree");
    d.field<&Verification::tree_digest>("Of exactly what was checked");
    d.field<&Verification::runner>("What isolated the run; empty: nothing ran");
    d.field<&Verification::duration_us>("Of the run");
    d.field<&Verification::verified_at_us>("When");
    d.field<&Verification::verified_by>("Key id of who asked, or local");
    d.field<&Verification::verified_by_agent_id>("The agent that vouches");
    d.field<&Verification::pattern_id>("The pattern that was applied");
    d.field<&Verification::pattern_linked>("The pattern's statistics know of it");
    d.field<&Verification::deferred>("Recorded, to be scored later");
    d.field<&Verification::new_trust_score>("Posterior mean after it");
    d.field<&Verification::lower_bound>("95 % lower bound after it");
    d.field<&Verification::ewma>("The moving average after it");
    d.field<&Verification::weight>("Of this evidence; 0: a repetition, or not conclusive");
    d.field<&Verification::log_seq>("Number in the trust log");
    d.field<&Verification::evidence>("Markdown, when asked for");
}

void describe(Describe<VerificationRef>& d) {
    d.field<&VerificationRef::verification_id>("Which verification");
}

void describe(Describe<GetVerification>& d) {
    d.field<&GetVerification::verification_id>("Which verification");
    d.field<&GetVerification::include_evidence>("With the evidence as Markdown").or_default();
}

void describe(Describe<GetVerificationHistory>& d) {
    d.field<&GetVerificationHistory::agent_id>("Whose claims").length(1, kMaxNameBytes);
    d.field<&GetVerificationHistory::claim_type>("Only this kind");
    d.field<&GetVerificationHistory::outcome>("Only this outcome");
    d.field<&GetVerificationHistory::limit>("At most this many").between(1, kMaxPage).or_default();
    d.field<&GetVerificationHistory::before_seq>("The `next` of the page before")
        .between(1, kMaxSeq);
}

void describe(Describe<VerificationPage>& d) {
    d.field<&VerificationPage::verifications>("Newest first; excerpts of at most 512 bytes");
    d.field<&VerificationPage::next>("before_seq of the next page; absent on the last");
}

void describe(Describe<GetVerificationStatistics>& d) {
    d.field<&GetVerificationStatistics::agent_id>("Whose claims").length(1, kMaxNameBytes);
    d.field<&GetVerificationStatistics::days>("Only the latest days").between(1, kMaxDays);
}

void describe(Describe<MeasuredShare>& d) {
    d.field<&MeasuredShare::share>("The share seen; absent when n is 0");
    d.field<&MeasuredShare::low>("Lower end of the interval");
    d.field<&MeasuredShare::high>("Upper end of the interval");
    d.field<&MeasuredShare::n>("Of how many");
    d.field<&MeasuredShare::method>("How the interval is computed");
}

void describe(Describe<OutcomeCounts>& d) {
    d.field<&OutcomeCounts::total>("All attempts");
    d.field<&OutcomeCounts::confirmed>("Every assertion was seen to hold");
    d.field<&OutcomeCounts::refuted>("At least one was seen not to hold");
    d.field<&OutcomeCounts::inconclusive>("The recipe ran, but did not say");
    d.field<&OutcomeCounts::error>("The recipe could not be run");
}

void describe(Describe<KindStatistics>& d) {
    d.field<&KindStatistics::claim_type>("Kind of claims");
    d.field<&KindStatistics::counts>("By outcome");
    d.field<&KindStatistics::accuracy>("Confirmed of confirmed and refuted");
}

void describe(Describe<RecentVerification>& d) {
    d.field<&RecentVerification::verification_id>("Which verification");
    d.field<&RecentVerification::claim_type>("Kind of the claim");
    d.field<&RecentVerification::outcome>("What came of it");
    d.field<&RecentVerification::recipe>("How it was checked");
    d.field<&RecentVerification::verified_at_us>("When");
}

void describe(Describe<VerificationStatistics>& d) {
    d.field<&VerificationStatistics::agent_id>("Whose claims");
    d.field<&VerificationStatistics::days>("Of the latest days; absent: of all time");
    d.field<&VerificationStatistics::counts>("By outcome");
    d.field<&VerificationStatistics::accuracy>("Confirmed of confirmed and refuted");
    d.field<&VerificationStatistics::inconclusive_share>("Inconclusive and error of all");
    d.field<&VerificationStatistics::by_claim_type>("The same by kind");
    d.field<&VerificationStatistics::duration_median_us>("Of the latest 10,000 runs");
    d.field<&VerificationStatistics::duration_p95_us>("Of the latest 10,000 runs, nearest rank");
    d.field<&VerificationStatistics::recent>("The latest 10");
}

void describe(Describe<Attestation>& d) {
    d.field<&Attestation::envelope>("in-toto statement in a DSSE envelope");
    d.field<&Attestation::keyid>("The key that signed it");
}

void describe(Describe<VerifyAttestation>& d) {
    d.field<&VerifyAttestation::envelope>("A DSSE envelope");
    d.field<&VerifyAttestation::public_keys>(
         "Ed25519 keys to trust, in base64; none: those of this installation")
        .length(0, kMaxTrustedKeys)
        .or_default();
}

void describe(Describe<ClaimVerified>& d) {
    d.field<&ClaimVerified::verification_id>("Which verification");
    d.field<&ClaimVerified::agent_id>("Who claimed");
    d.field<&ClaimVerified::claim_type>("Kind of the claim");
    d.field<&ClaimVerified::outcome>("What came of it");
    d.field<&ClaimVerified::recipe>("How it was checked");
    d.field<&ClaimVerified::tree_digest>("What was checked");
}

}  // namespace credence::trust
