#include "capabilities/trust/verification_rows.h"

#include <array>

#include "base/hash_chain.h"

namespace credence::trust::rows {
namespace {

constexpr std::string_view kColumns =
    "SELECT id, seq, name_space, agent_id, claim_type, claim, recipe, recipe_digest, recipe_json, "
    "arguments, argv, tree, tree_digest, runner, outcome, reason, checks, actual, duration_us, "
    "verified_at_us, actor, verified_by, pattern_id, deferred FROM verification "
    "WHERE tenant = $1 ";

std::string verification_query(std::string_view rest) {
    return std::string(kColumns).append(rest);
}

// Nothing and an empty text differ.
std::string optional_text(const std::optional<std::string>& text) {
    return text ? "=" + *text : "-";
}

}  // namespace

void describe(Describe<VerificationRecord>& d) {
    d.field<&VerificationRecord::id>("Which");
    d.field<&VerificationRecord::seq>("Number in the tenant's record");
    d.field<&VerificationRecord::name_space>("Namespace of the agent");
    d.field<&VerificationRecord::agent_id>("Who claimed");
    d.field<&VerificationRecord::claim_type>("Kind of the claim");
    d.field<&VerificationRecord::claim>("The claim, JSON");
    d.field<&VerificationRecord::recipe>("Name of the recipe");
    d.field<&VerificationRecord::recipe_digest>("Its digest");
    d.field<&VerificationRecord::recipe_json>("All of it, as it was");
    d.field<&VerificationRecord::arguments>("Its parameters, JSON");
    d.field<&VerificationRecord::argv>("What ran, JSON");
    d.field<&VerificationRecord::tree>("Name of the tree");
    d.field<&VerificationRecord::tree_digest>("What was in it");
    d.field<&VerificationRecord::runner>("What isolated the run");
    d.field<&VerificationRecord::outcome>("What came of it");
    d.field<&VerificationRecord::reason>("Why");
    d.field<&VerificationRecord::checks>("Assertion by assertion, JSON");
    d.field<&VerificationRecord::actual>("What the run did, JSON");
    d.field<&VerificationRecord::duration_us>("Of the run");
    d.field<&VerificationRecord::verified_at_us>("When");
    d.field<&VerificationRecord::actor>("Who asked");
    d.field<&VerificationRecord::verified_by>("Agent that vouches");
    d.field<&VerificationRecord::pattern_id>("Pattern that was applied");
    d.field<&VerificationRecord::deferred>("Scored later");
}

void describe(Describe<OutcomeCount>& d) {
    d.field<&OutcomeCount::claim_type>("Kind");
    d.field<&OutcomeCount::outcome>("Outcome");
    d.field<&OutcomeCount::count>("How many");
}

std::string record_digest(std::string_view tenant, const VerificationRecord& record) {
    const std::string id = record.id.to_string();
    const std::string seq = std::to_string(record.seq);
    const std::string duration = std::to_string(record.duration_us);
    const std::string verified_at = std::to_string(record.verified_at_us);
    const std::string verified_by = optional_text(record.verified_by);
    const std::string pattern_id = optional_text(record.pattern_id);
    const std::array<std::string_view, 25> fields{
        tenant,
        id,
        seq,
        record.name_space,
        record.agent_id,
        record.claim_type,
        record.claim,
        record.recipe,
        record.recipe_digest,
        record.recipe_json,
        record.arguments,
        record.argv,
        record.tree,
        record.tree_digest,
        record.runner,
        record.outcome,
        record.reason,
        record.checks,
        record.actual,
        duration,
        verified_at,
        record.actor,
        verified_by,
        pattern_id,
        record.deferred ? "1" : "0",
    };
    return chain_hash("verification", fields);
}

Result<std::int64_t> insert_verification(store::Tx& tx, std::string_view tenant,
                                         VerificationRecord& record) {
    record.seq =
        TRY(tx.query("SELECT MAX(seq) FROM verification WHERE tenant = $1", tenant)).integer(0, 0) +
        1;
    TRY(tx.run(
        "INSERT INTO verification (tenant, id, seq, name_space, agent_id, claim_type, "
        "claim, recipe, recipe_digest, recipe_json, arguments, argv, tree, tree_digest, "
        "runner, outcome, reason, checks, actual, duration_us, verified_at_us, actor, "
        "verified_by, pattern_id, deferred) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, "
        "$10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)",
        tenant, record.id, record.seq, record.name_space, record.agent_id, record.claim_type,
        record.claim, record.recipe, record.recipe_digest, record.recipe_json, record.arguments,
        record.argv, record.tree, record.tree_digest, record.runner, record.outcome, record.reason,
        record.checks, record.actual, record.duration_us, record.verified_at_us, record.actor,
        record.verified_by, record.pattern_id, record.deferred));
    return record.seq;
}

Result<std::optional<VerificationRecord>> find_verification(store::Tx& tx, std::string_view tenant,
                                                            const VerificationId& id) {
    static const std::string kSql = verification_query("AND id = $2");
    auto found = TRY(TRY(tx.query(kSql, tenant, id)).as<VerificationRecord>());
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Result<std::optional<VerificationLink>> find_link(store::Tx& tx, std::string_view tenant,
                                                  const VerificationId& id) {
    const auto found =
        TRY(tx.query("SELECT pattern_id, duration_us, verified_at_us FROM verification "
                     "WHERE tenant = $1 AND id = $2",
                     tenant, id));
    if (found.empty()) {
        return std::nullopt;
    }
    VerificationLink link;
    if (!found.is_null(0, 0)) {
        link.pattern_id = found.text(0, 0);
    }
    link.duration_us = found.integer(0, 1);
    link.verified_at_us = found.integer(0, 2);
    return link;
}

Result<std::optional<LoggedRecord>> logged_record(store::Tx& tx, std::string_view tenant,
                                                  const VerificationId& id) {
    // Two halves, because each has an index of its own.
    const auto found =
        TRY(tx.query("SELECT record_digest, seq FROM trust_log WHERE tenant = $1 "
                     "AND verification_id = $2 AND entry = 'deferred' "
                     "UNION ALL SELECT record_digest, seq FROM trust_log WHERE tenant = $1 "
                     "AND verification_id = $2 AND entry = 'evidence' ORDER BY seq LIMIT 1",
                     tenant, id));
    if (found.empty()) {
        return std::nullopt;
    }
    return LoggedRecord{found.text(0, 0), found.integer(0, 1)};
}

Result<std::vector<VerificationRecord>> list_verifications(store::Tx& tx, std::string_view tenant,
                                                           const VerificationFilter& filter) {
    static const std::string kSql = verification_query(
        "AND name_space = $2 AND agent_id = $3 AND seq < $4 AND ($5 = '' OR claim_type = $5) "
        "AND ($6 = '' OR outcome = $6) ORDER BY seq DESC LIMIT $7");
    return TRY(tx.query(kSql, tenant, filter.name_space, filter.agent_id, filter.before_seq,
                        filter.claim_type, filter.outcome, filter.limit))
        .as<VerificationRecord>();
}

Result<std::vector<OutcomeCount>> count_outcomes(store::Tx& tx, const AgentPeriod& period) {
    return TRY(tx.query("SELECT claim_type, outcome, COUNT(id) AS count FROM verification "
                        "WHERE tenant = $1 AND name_space = $2 AND agent_id = $3 "
                        "AND verified_at_us >= $4 GROUP BY claim_type, outcome",
                        period.tenant, period.name_space, period.agent_id, period.since_us))
        .as<OutcomeCount>();
}

Result<std::vector<std::int64_t>> durations(store::Tx& tx, const AgentPeriod& period, int limit) {
    const auto found = TRY(
        tx.query("SELECT duration_us FROM (SELECT duration_us FROM verification WHERE tenant = $1 "
                 "AND name_space = $2 AND agent_id = $3 AND verified_at_us >= $4 AND runner <> '' "
                 "ORDER BY seq DESC LIMIT $5) AS latest ORDER BY duration_us",
                 period.tenant, period.name_space, period.agent_id, period.since_us, limit));
    std::vector<std::int64_t> out;
    out.reserve(found.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        out.push_back(found.integer(i, 0));
    }
    return out;
}

}  // namespace credence::trust::rows

namespace credence::trust {

Result<std::optional<std::string>> recompute_record_digest(store::Tx& tx, std::string_view tenant,
                                                           const VerificationId& id) {
    const auto found = TRY(rows::find_verification(tx, tenant, id));
    return found ? std::optional(rows::record_digest(tenant, *found)) : std::nullopt;
}

Result<std::int64_t> count_verifications(store::Tx& tx, std::string_view tenant) {
    return TRY(tx.query("SELECT COUNT(id) FROM verification WHERE tenant = $1", tenant))
        .integer(0, 0);
}

}  // namespace credence::trust
