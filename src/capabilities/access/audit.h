// The audit trail: who called what, when, and how it ended. Append-only, one hash chain a tenant.
// It holds the digest of a request, never the request.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/chain.h"
#include "api/gatekeeper.h"
#include "capabilities/access/access.h"
#include "capabilities/access/audit_chain.h"

namespace credence::access {

struct VerifyAudit {
    std::optional<std::string> anchor;
    std::optional<std::string> tenant;
};
void describe(Describe<VerifyAudit>&);

// Another module's chain of the tenant.
struct AuditedChain {
    std::string name;
    std::int64_t entries = 0;
    std::string head_hash;
};
void describe(Describe<AuditedChain>&);

struct AuditReport {
    bool intact = true;
    std::int64_t entries = 0;
    std::string head_hash;
    std::vector<AuditedChain> chains;
};
void describe(Describe<AuditReport>&);

struct ListAudit {
    std::int64_t limit = 100;
    std::optional<std::int64_t> before_seq;
    std::optional<std::string> actor;
    std::optional<std::string> operation;
    std::optional<std::string> outcome;
    std::optional<std::string> tenant;
};
void describe(Describe<ListAudit>&);

struct AuditPage {
    std::vector<AuditRecord> entries;
    std::optional<std::int64_t> next_before_seq;
};
void describe(Describe<AuditPage>&);

// Thread-safe; several processes may append to the same chain.
class Audit final : public AuditSink {
public:
    static constexpr int kPageRows = 1000;

    // `chains` are those of the host: other modules add to them after this one; must outlive it.
    Audit(const AccessParts& parts, const std::vector<HashChain>& chains)
        : parts_(parts), chains_(chains) {}

    Result<void> record(const Context& context, const AuditEntry& entry) override;

    // Walks the whole chain, and every chain of the host, in one snapshot. A broken chain is an
    // error (Code::conflict, "audit chain is broken at entry 17: …"), so that it cannot be
    // overlooked: the command line exits non-zero. Code::timeout at the context's deadline.
    Result<AuditReport> verify(const Context& context, const VerifyAudit& request);
    // Newest first.
    Result<AuditPage> list(const Context& context, const ListAudit& request);

private:
    Result<AuditReport> verify_trail(store::Tx& tx, const Context& context,
                                     const std::string& tenant,
                                     const std::optional<std::string>& anchor);

    AccessParts parts_;
    const std::vector<HashChain>& chains_;
};

}  // namespace credence::access
