#include "capabilities/access/audit.h"

#include <limits>

#include "capabilities/access/audit_rows.h"
#include "capabilities/access/reach.h"

namespace credence::access {
namespace {

// A trail belongs to the whole tenant: a caller bound to one namespace does not see it.
Result<std::string> readable_tenant(store::Tx& tx, const Context& context,
                                    const std::optional<std::string>& asked) {
    const Reach reach = TRY(reach_of(tx, context, asked));
    TRY(check_unbound(reach));
    return reach.tenant;
}

// Looks for the entry noted earlier while the chain is walked.
struct Anchor {
    std::optional<std::string> hash;
    bool found = false;

    void see(const AuditRecord& record) { found = found || (hash && *hash == record.hash); }
};

Result<void> walk_page(const std::vector<AuditRecord>& page, ChainWalk& walk, Anchor& anchor) {
    for (const AuditRecord& record : page) {
        TRY(walk.next(record));
        anchor.see(record);
    }
    return {};
}

}  // namespace

Result<void> Audit::record(const Context& context, const AuditEntry& entry) {
    AuditRecord record;
    record.at_us = parts_.clock.now_us();
    record.actor = context.actor;
    record.name_space = context.name_space;
    record.operation = entry.operation;
    record.outcome = entry.outcome;
    record.request_digest = entry.request_digest;
    record.request_id = context.request_id.to_string();
    record.surface = context.surface;
    return parts_.database.write([&](store::Tx& tx) -> Result<void> {
        // Read in the transaction that appends: the writer lock makes it the newest, whichever
        // process wrote it.
        const auto head = TRY(audit_rows::find_head(tx, context.tenant));
        record.seq = head ? head->seq + 1 : 1;
        record.previous_hash = head ? head->hash : chain_start();
        record.hash = hash_of(context.tenant, record);
        return audit_rows::append(tx, context.tenant, record);
    });
}

Result<AuditReport> Audit::verify_trail(store::Tx& tx, const Context& context,
                                        const std::string& tenant,
                                        const std::optional<std::string>& noted) {
    ChainWalk walk(tenant);
    Anchor anchor{noted};
    std::int64_t first = std::numeric_limits<std::int64_t>::min();
    while (true) {
        if (context.deadline_us != 0 && parts_.clock.steady_us() > context.deadline_us) {
            return fail(Code::timeout, "verified " + std::to_string(walk.entries()) +
                                           " entries before the deadline");
        }
        const auto page = audit_rows::walk(tx, tenant, first, kPageRows);
        if (!page && page.error().code == Code::internal) {
            // A cell of the wrong type: nothing of ours writes that.
            return broken_at(walk.entries() + 1, "an entry from here on cannot be read");
        }
        const std::vector<AuditRecord>& records = TRY(page);
        TRY(walk_page(records, walk, anchor));
        if (records.size() < kPageRows) {
            break;
        }
        first = walk.entries() + 1;
    }
    TRY(walk.finish(TRY(audit_rows::find_head(tx, tenant))));
    if (noted && !anchor.found) {
        return fail(Code::conflict, "audit chain is broken: no entry has the anchor's hash",
                    "anchor");
    }
    return AuditReport{true, walk.entries(), walk.hash(), {}};
}

Result<AuditReport> Audit::verify(const Context& context, const VerifyAudit& request) {
    return parts_.database.read([&](store::Tx& tx) -> Result<AuditReport> {
        const std::string tenant = TRY(readable_tenant(tx, context, request.tenant));
        AuditReport report = TRY(verify_trail(tx, context, tenant, request.anchor));
        for (const HashChain& chain : chains_) {
            if (context.deadline_us != 0 && parts_.clock.steady_us() > context.deadline_us) {
                return fail(Code::timeout,
                            "the chain " + chain.name + " was not verified before the deadline");
            }
            const ChainReport found = TRY(chain.verify(tx, tenant));
            report.chains.push_back({chain.name, found.entries, found.head_hash});
        }
        return report;
    });
}

Result<AuditPage> Audit::list(const Context& context, const ListAudit& request) {
    audit_rows::Filter filter;
    filter.before_seq = request.before_seq.value_or(std::numeric_limits<std::int64_t>::max());
    filter.actor = request.actor ? *request.actor : std::string_view();
    filter.operation = request.operation ? *request.operation : std::string_view();
    filter.outcome = request.outcome ? *request.outcome : std::string_view();
    filter.limit = static_cast<int>(request.limit) + 1;
    return parts_.database.read([&](store::Tx& tx) -> Result<AuditPage> {
        const std::string tenant = TRY(readable_tenant(tx, context, request.tenant));
        AuditPage page;
        page.entries = TRY(audit_rows::list(tx, tenant, filter));
        if (std::ssize(page.entries) > request.limit) {
            page.entries.pop_back();
            page.next_before_seq = page.entries.back().seq;
        }
        return page;
    });
}

}  // namespace credence::access
