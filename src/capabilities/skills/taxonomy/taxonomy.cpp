#include "capabilities/skills/taxonomy/taxonomy.h"

#include <set>

#include "capabilities/skills/skills.h"
#include "capabilities/skills/taxonomy/taxonomy_rows.h"

namespace credence::skills {
namespace {

using CategoryIds = std::map<std::string, std::int64_t>;

std::string at(std::string_view list, std::size_t index, std::string_view field) {
    return "definition." + std::string(list) + "[" + std::to_string(index) + "]." +
           std::string(field);
}

Result<void> check_categories(const TaxonomyDefinition& definition, const CategoryIds& known) {
    std::set<std::string> names;
    for (std::size_t i = 0; i < definition.categories.size(); ++i) {
        const CategoryDefinition& category = definition.categories[i];
        if (!names.insert(category.category_name).second) {
            return fail(Code::invalid, "is named twice", at("categories", i, "category_name"));
        }
        if (category.parent && !names.contains(*category.parent) &&
            !known.contains(*category.parent)) {
            return fail(Code::invalid, "must be a category that stands before this one",
                        at("categories", i, "parent"));
        }
        if (category.parent == category.category_name) {
            return fail(Code::invalid, "is the category itself", at("categories", i, "parent"));
        }
    }
    return {};
}

Result<void> check_dependencies(const TaxonomyDefinition& definition) {
    for (std::size_t i = 0; i < definition.dependencies.size(); ++i) {
        if (definition.dependencies[i].skill_a == definition.dependencies[i].skill_b) {
            return fail(Code::invalid, "is the skill itself", at("dependencies", i, "skill_b"));
        }
    }
    return {};
}

Result<std::int64_t> put_categories(store::Tx& tx, std::string_view tenant,
                                    const TaxonomyDefinition& definition, std::int64_t at_us) {
    CategoryIds ids = TRY(taxonomy_rows::category_ids(tx, tenant));
    TRY(check_categories(definition, ids));
    std::int64_t next = 1;
    for (const auto& [name, id] : ids) {
        next = std::max(next, id + 1);
    }
    std::int64_t changed = 0;
    for (const CategoryDefinition& category : definition.categories) {
        const auto [entry, added] = ids.emplace(category.category_name, next);
        next += added ? 1 : 0;
        taxonomy_rows::CategoryRow row{entry->second, std::nullopt, &category};
        if (category.parent) {
            row.parent_category_id = ids.at(*category.parent);
        }
        changed += TRY(taxonomy_rows::put_category(tx, tenant, row, at_us));
        for (const std::string& skill : category.skills) {
            changed += TRY(taxonomy_rows::put_mapping(tx, tenant, skill, entry->second, at_us));
        }
    }
    if (ids.size() > kMaxCategories) {
        return fail(Code::exhausted, "too many categories", "definition.categories");
    }
    return changed;
}

}  // namespace

TaxonomyDefinition shipped_taxonomy() {
    TaxonomyDefinition out;
    const auto category = [&](std::string name, std::string domain, std::string description,
                              std::vector<std::string> skills) {
        out.categories.push_back({.category_name = std::move(name),
                                  .parent = std::nullopt,
                                  .description = std::move(description),
                                  .domain = std::move(domain),
                                  .skills = std::move(skills)});
    };
    category("Code Quality", "code", "Finds faults in source code without running it",
             {"ruff-check", "mypy", "pylint", "black-format", "isort"});
    category("Testing", "testing", "Runs code and checks what it does",
             {"pytest-run", "coverage-report", "hypothesis-test", "pytest-watch"});
    category("Documentation", "documentation", "Writes and checks documents",
             {"sphinx-build", "docstring-check", "api-docs", "markdown-lint"});
    category("Build & Deploy", "deployment", "Builds artefacts and brings them into service",
             {"docker-build", "k8s-deploy", "terraform-apply", "github-release"});
    category("Git & Version Control", "code", "Works with the history of the source",
             {"git-commit", "git-push", "git-status", "git-diff"});
    category("Linting & Formatting", "code", "Brings source code into its form",
             {"ruff-check", "black-format", "isort", "autopep8"});
    out.modalities = {
        {"ruff-check", "code", "python_source", "diagnostics", false},
        {"pytest-run", "testing", "python_tests", "test_results", false},
        {"sphinx-build", "documentation", "rst_docs", "html_docs", true},
        {"docker-build", "deployment", "dockerfile", "docker_image", false},
    };
    out.dependencies = {
        {"ruff-check", "black-format", 3.5},
        {"pytest-run", "coverage-report", 2.8},
        {"git-commit", "git-push", 4.2},
        {"docker-build", "k8s-deploy", 2.1},
    };
    return out;
}

Result<InitializedTaxonomy> Skills::initialize_taxonomy(const Context& context,
                                                        const InitializeTaxonomy& request) {
    const TaxonomyDefinition definition = request.definition.value_or(shipped_taxonomy());
    TRY(check_dependencies(definition));
    const std::int64_t at_us = parts_.clock.now_us();
    return parts_.database.write([&](store::Tx& tx) -> Result<InitializedTaxonomy> {
        std::int64_t changed = TRY(put_categories(tx, context.tenant, definition, at_us));
        for (const ModalityDefinition& modality : definition.modalities) {
            changed += TRY(taxonomy_rows::put_modality(tx, context.tenant, modality, at_us));
        }
        for (const DependencyDefinition& dependency : definition.dependencies) {
            changed += TRY(taxonomy_rows::put_dependency(tx, context.tenant, dependency, at_us));
        }
        InitializedTaxonomy out = TRY(taxonomy_rows::counts(tx, context.tenant));
        out.changed = changed;
        return out;
    });
}

Result<Taxonomy> Skills::get_taxonomy(const Context& context, const Empty&) {
    return parts_.database.read(
        [&](store::Tx& tx) { return taxonomy_rows::all(tx, context.tenant); });
}

}  // namespace credence::skills
