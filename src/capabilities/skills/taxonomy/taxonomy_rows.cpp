#include "capabilities/skills/taxonomy/taxonomy_rows.h"

#include <algorithm>

namespace credence::skills::taxonomy_rows {
namespace {

Result<std::int64_t> count_of(store::Tx& tx, std::string_view sql, std::string_view tenant) {
    return TRY(tx.query(sql, tenant)).integer(0, 0);
}

std::optional<std::string> optional_text(const store::Rows& rows, std::size_t row,
                                         std::size_t column) {
    return rows.is_null(row, column) ? std::nullopt : std::optional(rows.text(row, column));
}

}  // namespace

Result<std::map<std::string, std::int64_t>> category_ids(store::Tx& tx, std::string_view tenant) {
    const auto rows = TRY(tx.query(
        "SELECT category_name, category_id FROM skill_categories WHERE tenant = $1", tenant));
    std::map<std::string, std::int64_t> out;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        out.emplace(rows.text(i, 0), rows.integer(i, 1));
    }
    return out;
}

Result<std::int64_t> put_category(store::Tx& tx, std::string_view tenant, const CategoryRow& row,
                                  std::int64_t at_us) {
    const CategoryDefinition& category = *row.definition;
    return tx.run(
        "INSERT INTO skill_categories (tenant, category_id, category_name, parent_category_id, "
        "description, domain, created_at_us) VALUES ($1, $2, $3, $4, $5, $6, $7) "
        "ON CONFLICT (tenant, category_id) DO UPDATE SET parent_category_id = $4, "
        "description = $5, domain = $6 WHERE parent_category_id IS DISTINCT FROM $4 "
        "OR description IS DISTINCT FROM $5 OR domain <> $6",
        tenant, row.category_id, category.category_name, row.parent_category_id,
        category.description, category.domain, at_us);
}

Result<std::int64_t> put_mapping(store::Tx& tx, std::string_view tenant, std::string_view skill,
                                 std::int64_t category_id, std::int64_t at_us) {
    return tx.run(
        "INSERT INTO skill_category_mapping (tenant, skill_name, category_id, confidence_score, "
        "assigned_at_us) VALUES ($1, $2, $3, 1, $4) "
        "ON CONFLICT (tenant, skill_name, category_id) DO NOTHING",
        tenant, skill, category_id, at_us);
}

Result<std::int64_t> put_modality(store::Tx& tx, std::string_view tenant,
                                  const ModalityDefinition& modality, std::int64_t at_us) {
    return tx.run(
        "INSERT INTO skill_modalities (tenant, skill_name, modality_type, input_format, "
        "output_format, requires_human_review, created_at_us) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (tenant, skill_name) DO UPDATE SET "
        "modality_type = $3, input_format = $4, output_format = $5, requires_human_review = $6 "
        "WHERE modality_type <> $3 OR input_format IS DISTINCT FROM $4 "
        "OR output_format IS DISTINCT FROM $5 OR requires_human_review <> $6",
        tenant, modality.skill_name, modality.modality_type, modality.input_format,
        modality.output_format, modality.requires_human_review, at_us);
}

Result<std::int64_t> put_dependency(store::Tx& tx, std::string_view tenant,
                                    const DependencyDefinition& dependency, std::int64_t at_us) {
    const auto& [low, high] = std::minmax(dependency.skill_a, dependency.skill_b);
    return tx.run(
        "INSERT INTO skill_dependencies (tenant, skill_a, skill_b, declared_lift, "
        "last_updated_at_us) VALUES ($1, $2, $3, $4, $5) "
        "ON CONFLICT (tenant, skill_a, skill_b) DO UPDATE SET declared_lift = $4, "
        "last_updated_at_us = $5 WHERE declared_lift IS DISTINCT FROM $4",
        tenant, low, high, dependency.lift, at_us);
}

Result<InitializedTaxonomy> counts(store::Tx& tx, std::string_view tenant) {
    InitializedTaxonomy out;
    out.categories =
        TRY(count_of(tx, "SELECT count(*) FROM skill_categories WHERE tenant = $1", tenant));
    out.modalities =
        TRY(count_of(tx, "SELECT count(*) FROM skill_modalities WHERE tenant = $1", tenant));
    out.dependencies = TRY(count_of(
        tx,
        "SELECT count(*) FROM skill_dependencies WHERE tenant = $1 AND declared_lift IS NOT NULL",
        tenant));
    out.mappings =
        TRY(count_of(tx, "SELECT count(*) FROM skill_category_mapping WHERE tenant = $1", tenant));
    return out;
}

Result<Taxonomy> all(store::Tx& tx, std::string_view tenant) {
    Taxonomy out;
    const auto categories = TRY(
        tx.query("SELECT c.category_name, p.category_name, c.description, c.domain, m.skill_name "
                 "FROM skill_categories c "
                 "LEFT JOIN skill_categories p ON p.tenant = c.tenant "
                 "AND p.category_id = c.parent_category_id "
                 "LEFT JOIN skill_category_mapping m ON m.tenant = c.tenant "
                 "AND m.category_id = c.category_id "
                 "WHERE c.tenant = $1 ORDER BY c.category_name, m.skill_name",
                 tenant));
    for (std::size_t i = 0; i < categories.size(); ++i) {
        const std::string name = categories.text(i, 0);
        if (out.categories.empty() || out.categories.back().category_name != name) {
            out.categories.push_back({.category_name = name,
                                      .parent = optional_text(categories, i, 1),
                                      .description = optional_text(categories, i, 2),
                                      .domain = categories.text(i, 3),
                                      .skills = {}});
        }
        if (!categories.is_null(i, 4)) {
            out.categories.back().skills.push_back(categories.text(i, 4));
        }
    }
    out.modalities =
        TRY(TRY(tx.query("SELECT skill_name, modality_type, input_format, output_format, "
                         "requires_human_review FROM skill_modalities WHERE tenant = $1 "
                         "ORDER BY skill_name",
                         tenant))
                .as<ModalityDefinition>());
    out.dependencies =
        TRY(TRY(tx.query("SELECT skill_a, skill_b, declared_lift AS lift FROM skill_dependencies "
                         "WHERE tenant = $1 AND declared_lift IS NOT NULL "
                         "ORDER BY skill_a, skill_b",
                         tenant))
                .as<DependencyDefinition>());
    return out;
}

}  // namespace credence::skills::taxonomy_rows
