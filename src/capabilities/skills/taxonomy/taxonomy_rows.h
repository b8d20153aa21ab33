// The tables of the taxonomy.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "capabilities/skills/taxonomy/taxonomy.h"
#include "engine/store/database.h"

namespace credence::skills::taxonomy_rows {

// Ids of the tenant's categories by name.
Result<std::map<std::string, std::int64_t>> category_ids(store::Tx& tx, std::string_view tenant);

struct CategoryRow {
    std::int64_t category_id = 0;
    std::optional<std::int64_t> parent_category_id;
    const CategoryDefinition* definition = nullptr;
};

// Each answers the number of rows that are new or different now.
Result<std::int64_t> put_category(store::Tx& tx, std::string_view tenant, const CategoryRow& row,
                                  std::int64_t at_us);
Result<std::int64_t> put_mapping(store::Tx& tx, std::string_view tenant, std::string_view skill,
                                 std::int64_t category_id, std::int64_t at_us);
Result<std::int64_t> put_modality(store::Tx& tx, std::string_view tenant,
                                  const ModalityDefinition& modality, std::int64_t at_us);
Result<std::int64_t> put_dependency(store::Tx& tx, std::string_view tenant,
                                    const DependencyDefinition& dependency, std::int64_t at_us);

Result<InitializedTaxonomy> counts(store::Tx& tx, std::string_view tenant);
Result<Taxonomy> all(store::Tx& tx, std::string_view tenant);

}  // namespace credence::skills::taxonomy_rows
