#include <memory>
#include <string>

#include "api/host.h"
#include "capabilities/trust/agents.h"
#include "capabilities/trust/gate.h"
#include "capabilities/trust/listener.h"
#include "capabilities/trust/recipes.h"
#include "capabilities/trust/sandbox_status.h"
#include "capabilities/trust/scores.h"
#include "capabilities/trust/signing_keys.h"
#include "capabilities/trust/trust.h"
#include "capabilities/trust/trust_prompts.h"
#include "capabilities/trust/trust_settings.h"
#include "capabilities/trust/verification_rows.h"
#include "capabilities/trust/verifier.h"

namespace credence::trust {
namespace {

constexpr std::int64_t kVerifyTimeoutMs = 3'600'000;
constexpr int kVerifyAtOnce = 4;

std::string key_folder(const Host& host) {
    return host.data_directory().empty() ? std::string() : host.data_directory() + "/signing_keys";
}

void serve_verification(Host& host, Trust& trust) {
    host.serve<&Trust::verify_claim>(trust, "Check a claim by running a recipe in the sandbox")
        .post("/v1/verifications")
        .effect(Effect::act)
        .needs("trust:write")
        .on(Lane::background)
        .within_ms(kVerifyTimeoutMs)
        .at_once(kVerifyAtOnce)
        .core()
        .mcp_name("verify_claim")
        .describe(
            "The claimant chooses a recipe of the server, or gives a command that is one; it never "
            "supplies a program, an option or a shell line. Every attempt is recorded.");
    host.serve<&Trust::get_verification>(trust, "Read a verification and its evidence")
        .get("/v1/verifications/{verification_id}")
        .needs("trust:read")
        .positional("verification_id")
        .resource("credence://verifications/{verification_id}", "trust.get_verification_history");
    host.serve<&Trust::get_verification_history>(trust, "An agent's verifications, newest first")
        .get("/v1/agents/{agent_id}/verifications")
        .needs("trust:read")
        .mcp_name("get_verification_history")
        .positional("agent_id")
        .resource("credence://agents/{agent_id}/verifications", "agents.list");
    host.serve<&Trust::get_verification_statistics>(trust,
                                                    "What an agent's verifications add up to")
        .get("/v1/agents/{agent_id}/verification-statistics")
        .needs("trust:read")
        .mcp_name("get_verification_statistics")
        .positional("agent_id");
}

void serve_attestation(Host& host, Trust& trust) {
    host.serve<&Trust::attest>(trust, "Sign a verification as an in-toto statement")
        .post("/v1/verifications/{verification_id}/attestation")
        .needs("trust:write")
        .positional("verification_id");
    host.serve<&Trust::verify_attestation>(trust, "Check a signed statement, also without a store")
        .post("/v1/attestations/verification")
        .effect(Effect::read)
        .needs("trust:read")
        .positional("envelope", Positional::file);
    host.serve<&Trust::list_signing_keys>(trust, "List the public keys statements are signed with")
        .get("/v1/signing-keys")
        .needs("trust:read")
        .resource("credence://signing-keys");
    host.serve<&Trust::rotate_signing_key>(trust, "Sign with a new key; old statements stay valid")
        .post("/v1/signing-keys/rotation")
        .needs("trust:admin");
}

}  // namespace

Result<void> install(Host& host) {
    const auto settings = TRY(host.settings<TrustSettings>("trust"));
    const TrustParts parts{host.database(), host.clock(), host.random(), host.ids(),
                           host.metrics()};
    auto& listeners = host.keep(std::make_unique<Listeners>());
    host.provide(listeners);
    auto policies = TRY(policies_of(settings));
    auto& gate = host.keep(make_gate(parts, std::move(policies)));
    host.provide<Gate>(gate);
    auto& keys = host.keep(std::make_unique<SigningKeys>(parts, key_folder(host)));
    host.provide(keys);
    auto& verifier = host.keep(std::make_unique<Verifier>(VerifierParts{
        parts, host.sandbox(), listeners, keys,
        TRY(host.settings<sandbox::SandboxSettings>("sandbox")),
        sandbox::TreeLimits{.files = settings.max_tree_files, .bytes = settings.max_tree_bytes},
        TolerancePolicy{.max_absolute = settings.max_absolute_tolerance,
                        .max_relative = settings.max_relative_tolerance}}));
    auto& trust = host.keep(
        std::make_unique<Trust>(parts, Trust::Services{gate, &verifier, &keys, &listeners}));
    host.add_chain(trust_chain(&recompute_record_digest, &count_verifications));
    TRY(serve_agents(host, parts));
    auto& sandbox = host.keep(std::make_unique<Sandbox>(host.sandbox()));
    host.serve<&Sandbox::status>(sandbox, "Whether this host can run recipes, and through what")
        .get("/v1/sandbox")
        .needs("trust:read");
    TRY(serve_recipes(host, parts, HostFolders{settings.tree_roots, host.data_directory()}));
    TRY(serve_trust(host, trust));
    serve_verification(host, trust);
    serve_attestation(host, trust);
    offer_prompts(host);
    return {};
}

}  // namespace credence::trust
