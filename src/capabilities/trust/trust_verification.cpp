// The half of Trust that verifies: one name for callers, two services behind it.
#include "capabilities/trust/trust.h"

namespace credence::trust {

Result<Verification> Trust::verify_claim(const Context& context, const VerifyClaim& request) {
    return services_.verifier->verify_claim(context, request);
}

Result<Verification> Trust::get_verification(const Context& context,
                                             const GetVerification& request) {
    return services_.verifier->get_verification(context, request);
}

Result<VerificationPage> Trust::get_verification_history(const Context& context,
                                                         const GetVerificationHistory& request) {
    return services_.verifier->get_verification_history(context, request);
}

Result<VerificationStatistics> Trust::get_verification_statistics(
    const Context& context, const GetVerificationStatistics& request) {
    return services_.verifier->get_verification_statistics(context, request);
}

Result<Attestation> Trust::attest(const Context& context, const VerificationRef& request) {
    return services_.verifier->attest(context, request);
}

Result<AttestationReport> Trust::verify_attestation(const Context& context,
                                                    const VerifyAttestation& request) {
    return services_.verifier->verify_attestation(context, request);
}

Result<SigningKeyList> Trust::list_signing_keys(const Context& context, const Empty& request) {
    return services_.keys->list_signing_keys(context, request);
}

Result<PublicSigningKey> Trust::rotate_signing_key(const Context& context, const Empty& request) {
    return services_.keys->rotate_signing_key(context, request);
}

}  // namespace credence::trust
