// What Verifier keeps while it verifies, and the part of it that touches files.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "capabilities/trust/scores.h"
#include "capabilities/trust/verification_rows.h"
#include "capabilities/trust/verifier.h"

namespace credence::trust {

struct Verifier::Plan {
    std::string agent_id;
    ClaimKind kind = ClaimKind::custom;
    ClaimContent claim;
    Recipe recipe;
    std::string recipe_digest;
    Arguments arguments;
    std::vector<std::string> argv;
    std::string tree;       // name; empty: none
    std::string tree_path;  // on this host
    std::optional<std::string> verified_by;
    bool deferred = false;
};

struct Verifier::Attempt {
    VerificationId id;
    std::int64_t at_us = 0;
    std::string tree_digest;
    std::optional<sandbox::Finished> finished;
    Report report;
    Judgement judgement;
};

struct Verifier::Recorded {
    rows::VerificationRecord row;
    Verification answer;
};

// Without "sha256:" before it, where that stands there.
std::string bare_digest(std::string_view digest);

// The files below `folder` must have these SHA-256 digests. Walks without following any link; what
// is not a regular file there, or too big, does not match. Code::conflict names the first one.
Result<void> check_pins(const std::string& folder, const std::map<std::string, std::string>& pins);

// Of (recipe, argv, tree digest): what work was done. argv instead of the parameters, so that a
// default spelled out is the same work.
std::string effort_digest_of(const std::string& recipe_digest, const std::vector<std::string>& argv,
                             const std::string& tree_digest);

// Of the same and (kind, claim without its pattern). The order and repetition of output_contains
// mean nothing and make no new claim.
std::string claim_digest_of(const std::string& effort_digest, ClaimKind kind, ClaimContent claim);

}  // namespace credence::trust
