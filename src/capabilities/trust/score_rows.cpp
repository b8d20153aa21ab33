#include "capabilities/trust/score_rows.h"

namespace credence::trust::score_rows {
namespace {

constexpr std::string_view kSelect =
    "SELECT seq, at_us, name_space, agent_id, claim_kind, entry, outcome, strength, novelty, "
    "weight, target, old_score, new_score, verification_id, record_digest, claim_digest, "
    "effort_digest, verified_by, reason, actor, previous_hash, hash FROM trust_log "
    "WHERE tenant = $1 ";

std::string log_query(std::string_view rest) {
    return std::string(kSelect).append(rest);
}

template <class Enum>
std::string_view text_of(Enum value) {
    return shape_of<Enum>().enumerators.at(static_cast<std::size_t>(value));
}

template <class Enum>
Result<Enum> enum_of(const std::string& text) {
    const auto& names = shape_of<Enum>().enumerators;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i] == text) {
            return static_cast<Enum>(i);
        }
    }
    return fail(Code::internal, "a stored trust entry cannot be read; see trust.replay");
}

// Two cells: of claims of the effort with this outcome, at most 20, the same one counting a
// thousand; and the latest entry of the verification with its agent ("evidence" comes after
// "deferred"). $1 tenant, $2 namespace, $3 agent, $4 claim, $5 outcome, $6 effort, $7 verification.
constexpr std::string_view kCircumstances =
    "(SELECT SUM(CASE WHEN near.claim_digest = $4 THEN 1000 ELSE 1 END) FROM "
    "(SELECT claim_digest FROM trust_log WHERE tenant = $1 AND name_space = $2 AND agent_id = $3 "
    "AND effort_digest = $6 AND outcome = $5 AND entry = 'evidence' AND weight > 0 LIMIT 20) "
    "AS near), (SELECT MAX(entry || ' ' || agent_id) FROM trust_log "
    "WHERE tenant = $1 AND verification_id = $7) ";
constexpr std::int64_t kSameClaim = 1000;

Circumstances circumstances_at(const store::Rows& found, std::size_t column) {
    constexpr std::string_view kDeferred = "deferred ";
    Circumstances out;
    const std::int64_t near = found.integer(0, column);
    out.repeated = near >= kSameClaim;
    out.same_effort = near % kSameClaim;
    const std::string entry = found.text(0, column + 1);
    if (entry.starts_with(kDeferred)) {
        out.deferred_for = entry.substr(kDeferred.size());
    } else {
        out.applied = !entry.empty();
    }
    return out;
}

}  // namespace

std::string_view name_of(ClaimKind kind) {
    return text_of(kind);
}

Result<std::optional<Standing>> standing(store::Tx& tx, const Context& context,
                                         const LogRecord& record) {
    static const std::string kSql =
        "SELECT a.retired_at_us, s.state, h.seq, h.hash, " + std::string(kCircumstances) +
        "FROM agent a LEFT JOIN trust_state s ON s.tenant = a.tenant "
        "AND s.name_space = a.name_space AND s.agent_id = a.agent_id AND s.claim_kind = $8 "
        "LEFT JOIN trust_head h ON h.tenant = a.tenant "
        "WHERE a.tenant = $1 AND a.name_space = $2 AND a.agent_id = $3";
    const auto found =
        TRY(tx.query(kSql, context.tenant, context.name_space, record.agent_id, record.claim_digest,
                     text_of(record.outcome), record.effort_digest, record.verification_id,
                     text_of(record.claim_kind)));
    if (found.empty()) {
        return std::nullopt;
    }
    constexpr std::size_t kOfCircumstances = 4;
    Standing out;
    out.retired = !found.is_null(0, 0);
    if (!found.is_null(0, 1)) {
        out.state = found.text(0, 1);
    }
    if (!found.is_null(0, 2)) {
        out.head = LogHead{found.integer(0, 2), found.text(0, 3)};
    }
    out.circumstances = circumstances_at(found, kOfCircumstances);
    return out;
}

Result<Circumstances> circumstances(store::Tx& tx, const Context& context,
                                    const LogRecord& record) {
    static const std::string kSql = "SELECT " + std::string(kCircumstances);
    return circumstances_at(
        TRY(tx.query(kSql, context.tenant, context.name_space, record.agent_id, record.claim_digest,
                     text_of(record.outcome), record.effort_digest, record.verification_id)),
        0);
}

Result<void> append(store::Tx& tx, std::string_view tenant, const LogRecord& record) {
    TRY(tx.run(
        "INSERT INTO trust_log (tenant, seq, at_us, name_space, agent_id, claim_kind, "
        "entry, outcome, strength, novelty, weight, target, old_score, new_score, "
        "verification_id, record_digest, claim_digest, effort_digest, verified_by, reason, "
        "actor, previous_hash, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, "
        "$12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)",
        tenant, record.seq, record.at_us, record.name_space, record.agent_id,
        text_of(record.claim_kind), text_of(record.entry), text_of(record.outcome), record.strength,
        record.novelty, record.weight, record.target, record.old_score, record.new_score,
        record.verification_id, record.record_digest, record.claim_digest, record.effort_digest,
        record.verified_by, record.reason, record.actor, record.previous_hash, record.hash));
    return {};
}

Result<void> put_head(store::Tx& tx, std::string_view tenant, const LogHead& head) {
    TRY(
        tx.run("INSERT INTO trust_head (tenant, seq, hash) VALUES ($1, $2, $3) "
               "ON CONFLICT (tenant) DO UPDATE SET seq = excluded.seq, hash = excluded.hash",
               tenant, head.seq, head.hash));
    return {};
}

Result<void> put_state(store::Tx& tx, std::string_view tenant, const StateRow& row) {
    TRY(
        tx.run("INSERT INTO trust_state (tenant, name_space, agent_id, claim_kind, seq, state) "
               "VALUES ($1, $2, $3, $4, $5, $6) "
               "ON CONFLICT (tenant, name_space, agent_id, claim_kind) "
               "DO UPDATE SET seq = excluded.seq, state = excluded.state",
               tenant, row.name_space, row.agent_id, row.claim_kind, row.seq, row.state));
    return {};
}

Result<std::optional<LogHead>> find_head(store::Tx& tx, std::string_view tenant) {
    const auto found = TRY(tx.query("SELECT seq, hash FROM trust_head WHERE tenant = $1", tenant));
    if (found.empty()) {
        return std::nullopt;
    }
    return LogHead{found.integer(0, 0), found.text(0, 1)};
}

Result<std::vector<LogRecord>> walk(store::Tx& tx, std::string_view tenant, std::int64_t first,
                                    std::int64_t limit) {
    static const std::string kSql = log_query("AND seq >= $2 ORDER BY seq LIMIT $3");
    return TRY(tx.query(kSql, tenant, first, limit)).as<LogRecord>();
}

Result<std::vector<LogRecord>> history(store::Tx& tx, const Context& context,
                                       const History& filter) {
    static const std::string kSql = log_query(
        "AND name_space = $2 AND agent_id = $3 AND seq < $4 "
        "AND ($5 = '' OR claim_kind = $5) ORDER BY seq DESC LIMIT $6");
    return TRY(tx.query(kSql, context.tenant, context.name_space, filter.agent_id,
                        filter.before_seq, filter.claim_kind, filter.limit))
        .as<LogRecord>();
}

Result<std::vector<StateRow>> states_of(store::Tx& tx, const Context& context,
                                        std::string_view agent_id) {
    return TRY(tx.query("SELECT name_space, agent_id, claim_kind, seq, state FROM trust_state "
                        "WHERE tenant = $1 AND name_space = $2 AND agent_id = $3 "
                        "ORDER BY claim_kind",
                        context.tenant, context.name_space, agent_id))
        .as<StateRow>();
}

Result<std::vector<StateRow>> states_after(store::Tx& tx, std::string_view tenant,
                                           const StateRow& last, std::int64_t limit) {
    return TRY(tx.query("SELECT name_space, agent_id, claim_kind, seq, state FROM trust_state "
                        "WHERE tenant = $1 AND (name_space, agent_id, claim_kind) > ($2, $3, $4) "
                        "ORDER BY name_space, agent_id, claim_kind LIMIT $5",
                        tenant, last.name_space, last.agent_id, last.claim_kind, limit))
        .as<StateRow>();
}

Result<std::optional<Deferred>> find_deferred(store::Tx& tx, const Context& context,
                                              const VerificationId& verification_id) {
    // By hand, because a batch asks for many.
    const auto found = TRY(
        tx.query("SELECT seq, at_us, agent_id, claim_kind, outcome, strength, record_digest, "
                 "claim_digest, effort_digest, verified_by, reason, "
                 "(SELECT e.seq FROM trust_log e WHERE e.tenant = $1 AND e.verification_id = $2 "
                 "AND e.entry = 'evidence') FROM trust_log WHERE tenant = $1 "
                 "AND verification_id = $2 AND entry = 'deferred' AND name_space = $3",
                 context.tenant, verification_id, context.name_space));
    if (found.empty()) {
        return std::nullopt;
    }
    Deferred out;
    LogRecord& record = out.record;
    std::size_t column = 0;
    record.seq = found.integer(0, column++);
    record.at_us = found.integer(0, column++);
    record.agent_id = found.text(0, column++);
    record.claim_kind = TRY(enum_of<ClaimKind>(found.text(0, column++)));
    record.outcome = TRY(enum_of<Outcome>(found.text(0, column++)));
    record.strength = found.number(0, column++);
    record.record_digest = found.text(0, column++);
    record.claim_digest = found.text(0, column++);
    record.effort_digest = found.text(0, column++);
    if (!found.is_null(0, column)) {
        record.verified_by = found.text(0, column);
    }
    record.reason = found.text(0, ++column);
    record.verification_id = verification_id;
    record.entry = EntryKind::evidence;
    out.applied = !found.is_null(0, ++column);
    return out;
}

Result<std::vector<DeferredLie>> deferred_lies(store::Tx& tx, const Context& context,
                                               const LogRecord& like, std::int64_t before_seq) {
    const auto found =
        TRY(tx.query("SELECT d.seq, (SELECT e.seq FROM trust_log e WHERE e.tenant = d.tenant "
                     "AND e.verification_id = d.verification_id AND e.entry = 'evidence') "
                     "FROM trust_log d WHERE d.tenant = $1 AND d.name_space = $2 "
                     "AND d.agent_id = $3 AND d.claim_kind = $4 AND d.entry = 'deferred' "
                     "AND d.outcome = 'refuted' AND d.seq < $5 ORDER BY d.seq DESC LIMIT $6",
                     context.tenant, context.name_space, like.agent_id, text_of(like.claim_kind),
                     before_seq, kLiesAtOnce));
    std::vector<DeferredLie> out;
    for (std::size_t row = 0; row < found.size(); ++row) {
        out.push_back({found.integer(row, 0), !found.is_null(row, 1)});
    }
    return out;
}

Result<std::vector<std::string>> verified_since(store::Tx& tx, const Context& context,
                                                std::string_view verifier, std::int64_t since_us,
                                                std::int64_t limit) {
    const auto found =
        TRY(tx.query("SELECT DISTINCT agent_id FROM trust_log WHERE tenant = $1 "
                     "AND name_space = $2 AND verified_by = $3 AND at_us >= $4 "
                     "AND verified_by IS NOT NULL ORDER BY agent_id LIMIT $5",
                     context.tenant, context.name_space, verifier, since_us, limit));
    std::vector<std::string> agents;
    for (std::size_t row = 0; row < found.size(); ++row) {
        agents.push_back(found.text(row, 0));
    }
    return agents;
}

void describe(Describe<StateRow>& d) {
    d.field<&StateRow::name_space>("Where");
    d.field<&StateRow::agent_id>("Whose");
    d.field<&StateRow::claim_kind>("For which kind of claim");
    d.field<&StateRow::seq>("The last entry folded");
    d.field<&StateRow::state>("The fold, as exact text");
}

}  // namespace credence::trust::score_rows
