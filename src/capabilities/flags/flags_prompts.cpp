#include "capabilities/flags/flags_prompts.h"

#include "api/host.h"

namespace credence::flags {
namespace {

constexpr std::string_view kPrepareRelease =
    R"(Say whether this may be released, by evidence: {release}

It is made by `{agent_id}`: ask `trust_gate` with the action deploy. A refusal ends this.

1. What is switched off now? `flags_list`. For each entry: does the release mend its reason, or
   carry it along?
2. What does the release claim (tests, speed, size)? Have each claim checked with `verify_claim`,
   or find the verification of this very tree with `get_verification_history`. Only outcome
   confirmed counts.
3. What do users see now? `skills_list_anomalies` with `open_only` true, and
   `skills_get_skill_trends`. A release on top of an open anomaly hides its cause.
4. Do experiments run that the release would disturb? `experiments_list_tests`.
5. Is the record whole? `audit_verify`.
6. Write down the way back before the way forward: which operation or module would be switched
   off with `flags_disable`, by whom, and at which sign.

Answer with release or do not release; a table of claims with outcome and `verification_id`; what
is not verified, as a list; and the way back. Change nothing yourself.)";

}  // namespace

void offer_prompts(Host& host) {
    host.prompt(
        {.name = "prepare_release",
         .title = "Prepare a release",
         .description = "Whether a change may go out, by evidence, and the way back",
         .arguments = {{"release", "What is to be released", true, {}},
                       {"agent_id", "The agent that made it", false, "agents.get.agent_id"}},
         .text = std::string(kPrepareRelease),
         .scope = "flags:read"});
}

}  // namespace credence::flags
