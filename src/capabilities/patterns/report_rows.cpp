#include "capabilities/patterns/report_rows.h"

namespace credence::patterns::report_rows {

void describe(Describe<CategoryFigures>& d) {
    d.field<&CategoryFigures::category>("");
    d.field<&CategoryFigures::patterns>("");
    d.field<&CategoryFigures::uses>("");
}

void describe(Describe<SuccessFigures>& d) {
    d.field<&SuccessFigures::labelled>("");
    d.field<&SuccessFigures::rate_sum>("");
    d.field<&SuccessFigures::rate_square_sum>("");
    d.field<&SuccessFigures::rate_min>("");
    d.field<&SuccessFigures::rate_max>("");
}

void describe(Describe<ConfidenceFigures>& d) {
    d.field<&ConfidenceFigures::medium_or_high>("");
    d.field<&ConfidenceFigures::high>("");
}

void describe(Describe<DayFigures>& d) {
    d.field<&DayFigures::day>("");
    d.field<&DayFigures::uses>("");
}

void describe(Describe<Weak>& d) {
    d.field<&Weak::id>("");
    d.field<&Weak::pattern_name>("");
    d.field<&Weak::usage_count>("");
    d.field<&Weak::success_count>("");
    d.field<&Weak::failure_count>("");
}

namespace {

constexpr int kMaxWeak = 50;

constexpr std::string_view kPopulation =
    "FROM pattern WHERE tenant = $1 AND name_space = $2 AND live = 1 "
    "AND ($3 = '' OR owner = $3) AND ($4 = '' OR category = $4) "
    "AND ($5 = 1 OR access_level IN ('public', 'system')) ";

std::string over_population(std::string_view selected, std::string_view rest) {
    return std::string(selected).append(kPopulation).append(rest);
}

constexpr std::string_view kWeak =
    "SELECT id, pattern_name, usage_count, success_count, failure_count ";

}  // namespace

Result<std::vector<CategoryFigures>> categories(store::Tx& tx, std::string_view tenant,
                                                const Population& population) {
    static const std::string kSql =
        over_population("SELECT category, COUNT(id) AS patterns, SUM(usage_count) AS uses ",
                        "GROUP BY category ORDER BY patterns DESC, category");
    return TRY(tx.query(kSql, tenant, population.name_space, population.owner, population.category,
                        population.all_levels))
        .as<CategoryFigures>();
}

Result<SuccessFigures> success(store::Tx& tx, std::string_view tenant,
                               const Population& population) {
    // Patterns without a label are passed over before anything is computed.
    static const std::string kSql = over_population(
        "SELECT COUNT(id) AS labelled, "
        "COALESCE(SUM(success_count * 1.0 / (success_count + failure_count)), 0.0) AS rate_sum, "
        "COALESCE(SUM(success_count * 1.0 * success_count / ((success_count + failure_count) * "
        "(success_count + failure_count))), 0.0) AS rate_square_sum, "
        "COALESCE(MIN(success_count * 1.0 / (success_count + failure_count)), 0.0) AS rate_min, "
        "COALESCE(MAX(success_count * 1.0 / (success_count + failure_count)), 0.0) AS rate_max ",
        "AND success_count + failure_count > 0");
    auto found = TRY(TRY(tx.query(kSql, tenant, population.name_space, population.owner,
                                  population.category, population.all_levels))
                         .as<SuccessFigures>());
    return found.empty() ? SuccessFigures{} : found.front();
}

Result<ConfidenceFigures> confidence(store::Tx& tx, std::string_view tenant,
                                     const Population& population) {
    static const std::string kSql = over_population(
        "SELECT COUNT(id) AS medium_or_high, "
        "COUNT(CASE WHEN confidence >= 0.8 THEN 1 END) AS high ",
        "AND confidence >= 0.6");
    auto found = TRY(TRY(tx.query(kSql, tenant, population.name_space, population.owner,
                                  population.category, population.all_levels))
                         .as<ConfidenceFigures>());
    return found.empty() ? ConfidenceFigures{} : found.front();
}

Result<std::vector<PatternRow>> top(store::Tx& tx, std::string_view tenant,
                                    const Population& population, int limit) {
    static const std::string kSql =
        over_population("SELECT id ", "ORDER BY usage_count DESC, id LIMIT $6");
    const auto ids = TRY(tx.query(kSql, tenant, population.name_space, population.owner,
                                  population.category, population.all_levels, limit));
    std::vector<PatternRow> out;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (auto row = TRY(pattern_rows::find(tx, tenant, TRY(PatternId::parse(ids.text(i, 0)))))) {
            out.push_back(*std::move(row));
        }
    }
    return out;
}

Result<std::vector<DayFigures>> days(store::Tx& tx, std::string_view tenant,
                                     const Population& population, std::int64_t first_day) {
    return TRY(tx.query("SELECT day, SUM(uses) AS uses FROM pattern_usage_day "
                        "WHERE tenant = $1 AND name_space = $2 AND ($3 = '' OR owner = $3) "
                        "AND ($4 = '' OR category = $4) "
                        "AND ($5 = 1 OR access_level IN ('public', 'system')) AND day >= $6 "
                        "GROUP BY day ORDER BY day",
                        tenant, population.name_space, population.owner, population.category,
                        population.all_levels, first_day))
        .as<DayFigures>();
}

Result<std::vector<Weak>> low_success(store::Tx& tx, std::string_view tenant,
                                      const Population& population, int least) {
    static const std::string kSql =
        over_population(kWeak,
                        "AND success_count + failure_count >= $6 "
                        "AND success_count < 0.7 * (success_count + failure_count) "
                        "ORDER BY failure_count DESC, id LIMIT $7");
    return TRY(tx.query(kSql, tenant, population.name_space, population.owner, population.category,
                        population.all_levels, least, kMaxWeak))
        .as<Weak>();
}

Result<std::vector<Weak>> unverified(store::Tx& tx, std::string_view tenant,
                                     const Population& population, int least) {
    static const std::string kSql =
        over_population(kWeak,
                        "AND success_count + failure_count = 0 AND usage_count >= $6 "
                        "ORDER BY usage_count DESC, id LIMIT $7");
    return TRY(tx.query(kSql, tenant, population.name_space, population.owner, population.category,
                        population.all_levels, least, kMaxWeak))
        .as<Weak>();
}

Result<std::vector<Weak>> unused(store::Tx& tx, std::string_view tenant,
                                 const Population& population, std::int64_t before_us) {
    static const std::string kSql = over_population(
        kWeak, "AND usage_count = 0 AND created_at_us < $6 ORDER BY created_at_us, id LIMIT $7");
    return TRY(tx.query(kSql, tenant, population.name_space, population.owner, population.category,
                        population.all_levels, before_us, kMaxWeak))
        .as<Weak>();
}

Result<std::optional<std::string>> promotion_of(store::Tx& tx, std::string_view tenant,
                                                const PatternId& id) {
    const auto found = TRY(tx.query(
        "SELECT id FROM pattern_promotion WHERE tenant = $1 AND pattern_id = $2", tenant, id));
    return found.empty() ? std::nullopt : std::optional(found.text(0, 0));
}

Result<void> insert_promotion(store::Tx& tx, std::string_view tenant, const NewPromotion& row) {
    const Promotion& promotion = row.promotion;
    TRY(tx.run(
        "INSERT INTO pattern_promotion (tenant, id, pattern_id, name_space, status, "
        "pattern_name, version, confidence, labelled_count, distinct_users, note, "
        "proposed_at_us, proposed_by) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        tenant, promotion.promotion_id, promotion.pattern_id, row.name_space, promotion.status,
        promotion.pattern_name, promotion.version, promotion.confidence, promotion.labelled_count,
        promotion.distinct_users, row.note, promotion.proposed_at_us, promotion.proposed_by));
    return {};
}

}  // namespace credence::patterns::report_rows
