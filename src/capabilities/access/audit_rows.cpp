#include "capabilities/access/audit_rows.h"

#include <string>

namespace credence::access::audit_rows {
namespace {

constexpr std::string_view kColumns =
    "SELECT seq, at_us, actor, name_space, operation, outcome, request_digest, request_id, "
    "surface, previous_hash, hash FROM audit WHERE tenant = $1 ";

std::string audit_query(std::string_view rest) {
    return std::string(kColumns).append(rest);
}

}  // namespace

Result<std::optional<AuditHead>> find_head(store::Tx& tx, std::string_view tenant) {
    const auto found = TRY(tx.query("SELECT seq, hash FROM audit_head WHERE tenant = $1", tenant));
    if (found.empty()) {
        return std::nullopt;
    }
    return AuditHead{found.integer(0, 0), found.text(0, 1)};
}

Result<void> append(store::Tx& tx, std::string_view tenant, const AuditRecord& record) {
    TRY(
        tx.run("INSERT INTO audit (tenant, seq, at_us, actor, name_space, operation, outcome, "
               "request_digest, request_id, surface, previous_hash, hash) "
               "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
               tenant, record.seq, record.at_us, record.actor, record.name_space, record.operation,
               record.outcome, record.request_digest, record.request_id, record.surface,
               record.previous_hash, record.hash));
    TRY(
        tx.run("INSERT INTO audit_head (tenant, seq, hash) VALUES ($1, $2, $3) "
               "ON CONFLICT (tenant) DO UPDATE SET seq = excluded.seq, hash = excluded.hash",
               tenant, record.seq, record.hash));
    return {};
}

Result<std::vector<AuditRecord>> walk(store::Tx& tx, std::string_view tenant, std::int64_t first,
                                      int limit) {
    static const std::string kSql = audit_query("AND seq >= $2 ORDER BY seq LIMIT $3");
    return TRY(tx.query(kSql, tenant, first, limit)).as<AuditRecord>();
}

Result<std::vector<AuditRecord>> list(store::Tx& tx, std::string_view tenant,
                                      const Filter& filter) {
    static const std::string kSql = audit_query(
        "AND seq < $2 AND ($3 = '' OR actor = $3) AND ($4 = '' OR operation = $4) "
        "AND ($5 = '' OR outcome = $5) ORDER BY seq DESC LIMIT $6");
    return TRY(tx.query(kSql, tenant, filter.before_seq, filter.actor, filter.operation,
                        filter.outcome, filter.limit))
        .as<AuditRecord>();
}

}  // namespace credence::access::audit_rows
