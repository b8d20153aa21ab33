// The operations of this folder, and what their structs mean.
#include "api/host.h"
#include "capabilities/skills/skills.h"
#include "capabilities/skills/taxonomy/taxonomy.h"

namespace credence::skills {

void describe(Describe<CategoryDefinition>& d) {
    d.field<&CategoryDefinition::category_name>("Its name").length(1, 200);
    d.field<&CategoryDefinition::parent>("The category that it is part of").length(1, 200);
    d.field<&CategoryDefinition::description>("What belongs to it").length(0, 2'000);
    d.field<&CategoryDefinition::domain>("code, documentation, testing, deployment, or your own")
        .length(1, 100);
    d.field<&CategoryDefinition::skills>("Skills that belong to it")
        .length(0, kMaxCategorySkills)
        .or_default();
}

void describe(Describe<ModalityDefinition>& d) {
    d.field<&ModalityDefinition::skill_name>("The skill").length(1, kMaxSkillNameBytes);
    d.field<&ModalityDefinition::modality_type>("What kind of work it does").length(1, 100);
    d.field<&ModalityDefinition::input_format>("What it takes").length(0, 200);
    d.field<&ModalityDefinition::output_format>("What it gives").length(0, 200);
    d.field<&ModalityDefinition::requires_human_review>("A person must look at what it gives")
        .or_default();
}

void describe(Describe<DependencyDefinition>& d) {
    d.field<&DependencyDefinition::skill_a>("A skill").length(1, kMaxSkillNameBytes);
    d.field<&DependencyDefinition::skill_b>("A skill that goes with it")
        .length(1, kMaxSkillNameBytes);
    d.field<&DependencyDefinition::lift>(
         "How many times as often as by chance, as somebody declared it")
        .between(0, 1'000'000);
}

void describe(Describe<TaxonomyDefinition>& d) {
    d.field<&TaxonomyDefinition::categories>("Kinds of skills, parents before their parts")
        .length(0, kMaxCategories)
        .or_default();
    d.field<&TaxonomyDefinition::modalities>("What skills take and give")
        .length(0, kMaxModalities)
        .or_default();
    d.field<&TaxonomyDefinition::dependencies>("Skills that are declared to go together")
        .length(0, kMaxDeclaredDependencies)
        .or_default();
}

void describe(Describe<InitializeTaxonomy>& d) {
    d.field<&InitializeTaxonomy::definition>(
        "What to add or change; without it the shipped taxonomy of six categories");
}

void describe(Describe<InitializedTaxonomy>& d) {
    d.field<&InitializedTaxonomy::categories>("Categories there are now");
    d.field<&InitializedTaxonomy::modalities>("Skills whose modality is known");
    d.field<&InitializedTaxonomy::dependencies>("Declared dependencies");
    d.field<&InitializedTaxonomy::mappings>("Skills in categories");
    d.field<&InitializedTaxonomy::changed>("Entries that this call added or changed");
}

void describe(Describe<Taxonomy>& d) {
    d.field<&Taxonomy::categories>("Categories with their skills, by name");
    d.field<&Taxonomy::modalities>("Modalities, by skill");
    d.field<&Taxonomy::dependencies>("Declared dependencies, by skill");
}

void serve_taxonomy(Host& host, Skills& skills) {
    host.serve<&Skills::initialize_taxonomy>(
            skills, "Add the shipped taxonomy of skills, or your own; repeating it changes nothing")
        .put("/v1/skills/taxonomy")
        .needs("skills:write")
        .positional("definition", Positional::file);
    host.serve<&Skills::get_taxonomy>(skills, "Categories, modalities and declared dependencies")
        .get("/v1/skills/taxonomy")
        .needs("skills:read");
}

}  // namespace credence::skills
