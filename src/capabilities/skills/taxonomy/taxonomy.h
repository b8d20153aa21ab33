// What kinds of skills there are: categories, what a skill takes and gives, and which skills are
// declared to go together. A shipped taxonomy, extended or replaced entry by entry.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/shape.h"

namespace credence::skills {

inline constexpr std::size_t kMaxCategories = 1'000;
inline constexpr std::size_t kMaxModalities = 10'000;
inline constexpr std::size_t kMaxDeclaredDependencies = 10'000;
inline constexpr std::size_t kMaxCategorySkills = 1'000;

struct CategoryDefinition {
    std::string category_name;
    std::optional<std::string> parent;  // a category_name, of this definition or there already
    std::optional<std::string> description;
    std::string domain;
    std::vector<std::string> skills;  // that belong to it
};
void describe(Describe<CategoryDefinition>&);

struct ModalityDefinition {
    std::string skill_name;
    std::string modality_type;
    std::optional<std::string> input_format;
    std::optional<std::string> output_format;
    bool requires_human_review = false;
};
void describe(Describe<ModalityDefinition>&);

struct DependencyDefinition {
    std::string skill_a;
    std::string skill_b;
    double lift = 1;  // declared, not observed
};
void describe(Describe<DependencyDefinition>&);

struct TaxonomyDefinition {
    std::vector<CategoryDefinition> categories;
    std::vector<ModalityDefinition> modalities;
    std::vector<DependencyDefinition> dependencies;
};
void describe(Describe<TaxonomyDefinition>&);

// Six categories, four modalities, four dependencies, as the document lists them.
TaxonomyDefinition shipped_taxonomy();

struct InitializeTaxonomy {
    std::optional<TaxonomyDefinition> definition;  // none: the shipped one
};
void describe(Describe<InitializeTaxonomy>&);

// What there is afterwards, and what this call added or changed.
struct InitializedTaxonomy {
    std::int64_t categories = 0;
    std::int64_t modalities = 0;
    std::int64_t dependencies = 0;
    std::int64_t mappings = 0;
    std::int64_t changed = 0;
};
void describe(Describe<InitializedTaxonomy>&);

struct Taxonomy {
    std::vector<CategoryDefinition> categories;  // by name
    std::vector<ModalityDefinition> modalities;  // by skill
    std::vector<DependencyDefinition> dependencies;
};
void describe(Describe<Taxonomy>&);

}  // namespace credence::skills
