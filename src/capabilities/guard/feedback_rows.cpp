#include "base/json.h"
#include "capabilities/guard/feedback.h"

namespace credence::guard::feedback_rows {

namespace {

template <class Enum>
std::optional<std::string> name_or_null(const std::optional<Enum>& value) {
    return value ? std::optional<std::string>(enumerator_of(*value)) : std::nullopt;
}

}  // namespace

Result<void> put(store::Tx& tx, const Context& context, const FeedbackEntry& entry) {
    TRY(
        tx.run("DELETE FROM guard_feedback WHERE tenant = $1 AND name_space = $2"
               " AND text_digest = $3",
               context.tenant, context.name_space, entry.text_digest));
    TRY(
        tx.run("INSERT INTO guard_feedback (tenant, name_space, feedback_id, at_us, actor, label,"
               " scan_id, text_digest, category, note, verdict, score, rules, text, threat_id)"
               " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
               context.tenant, context.name_space, entry.feedback_id, entry.at_us, entry.actor,
               enumerator_of(entry.label), entry.scan_id, entry.text_digest,
               name_or_null(entry.category), entry.note, name_or_null(entry.verdict), entry.score,
               to_json(entry.rules), entry.text, entry.threat_id));
    return {};
}

Result<std::vector<FeedbackEntry>> list(store::Tx& tx, const Context& context,
                                        const ListFeedback& request) {
    return TRY(tx.query("SELECT feedback_id, at_us, actor, label, scan_id, text_digest, category,"
                        " note, verdict, score, rules, text, threat_id FROM guard_feedback"
                        " WHERE tenant = $1 AND name_space = $2 AND ($3 = '' OR label = $3)"
                        " AND ($4 = '' OR category = $4) AND ($5 = '' OR feedback_id < $5)"
                        " AND ($6 = '' OR rules LIKE '%\"' || $6 || '\"%')"
                        " ORDER BY feedback_id DESC LIMIT $7",
                        context.tenant, context.name_space,
                        name_or_null(request.label).value_or(""),
                        name_or_null(request.category).value_or(""), request.before.value_or(""),
                        request.rule.value_or(""), request.limit))
        .as<FeedbackEntry>();
}

Result<FeedbackCounts> count(store::Tx& tx, const Context& context) {
    const auto rows =
        TRY(tx.query("SELECT label, COUNT(*) FROM guard_feedback WHERE tenant = $1"
                     " AND name_space = $2 GROUP BY label",
                     context.tenant, context.name_space));
    FeedbackCounts counts;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const std::string label = rows.text(i, 0);
        std::int64_t& cell = label == enumerator_of(Label::true_positive) ? counts.true_positive
                             : label == enumerator_of(Label::false_positive)
                                 ? counts.false_positive
                                 : counts.false_negative;
        cell = rows.integer(i, 1);
    }
    return counts;
}

}  // namespace credence::guard::feedback_rows
