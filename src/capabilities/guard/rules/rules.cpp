#include "capabilities/guard/rules/rules.h"

#include <hs/hs.h>

#include <algorithm>
#include <map>

#include "capabilities/guard/rules/matcher.h"

namespace credence::guard {

namespace {

Result<hs_database*> deserialise(const std::string& bytes) {
    hs_database* database = nullptr;
    if (hs_deserialize_database(bytes.data(), bytes.size(), &database) != HS_SUCCESS) {
        return fail(Code::internal, "the rule database does not fit the installed vectorscan");
    }
    return database;
}

}  // namespace

Workspace::~Workspace() {
    hs_free_scratch(scratch);
}

RuleSet::RuleSet(CompiledRules compiled) : compiled_(std::move(compiled)) {}

Result<std::unique_ptr<RuleSet>> RuleSet::load(std::string_view blob) {
    CompiledRules read = TRY(read_blob(blob));  // not inside new: an early return would leak
    std::unique_ptr<RuleSet> set(new RuleSet(std::move(read)));
    CompiledRules& compiled = set->compiled_;
    set->text_ = TRY(deserialise(compiled.text_database));
    if (!compiled.span_database.empty()) {
        set->span_ = TRY(deserialise(compiled.span_database));
    }
    compiled.text_database = {};
    compiled.span_database = {};
    if (hs_alloc_scratch(set->text_, &set->prototype_) != HS_SUCCESS ||
        (set->span_ != nullptr && hs_alloc_scratch(set->span_, &set->prototype_) != HS_SUCCESS)) {
        return fail(Code::internal, "no memory for scanning");
    }
    std::string_view last;
    std::map<std::string_view, std::uint32_t> techniques;
    for (Rule& rule : compiled.rules) {
        rule.technique_index =
            techniques.emplace(rule.technique, static_cast<std::uint32_t>(techniques.size()))
                .first->second;
        if (rule.pack != last) {
            last = rule.pack;
            set->version_ += (set->version_.empty() ? "" : ", ") + rule.pack + " " + rule.version;
        }
    }
    set->techniques_ = techniques.size();
    return set;
}

RuleSet::~RuleSet() {
    idle_.clear();
    hs_free_scratch(prototype_);
    hs_free_database(span_);
    hs_free_database(text_);
}

int RuleSet::rule_of(Detector detector) const {
    const auto found = std::find_if(compiled_.rules.begin(), compiled_.rules.end(),
                                    [&](const Rule& rule) { return rule.detector == detector; });
    return found == compiled_.rules.end() ? -1 : static_cast<int>(found - compiled_.rules.begin());
}

std::unique_ptr<Workspace> RuleSet::borrow() const {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
        auto workspace = std::move(idle_.back());
        idle_.pop_back();
        return workspace;
    }
    auto workspace = std::make_unique<Workspace>();
    if (hs_clone_scratch(prototype_, &workspace->scratch) != HS_SUCCESS) {
        workspace->scratch = nullptr;  // the scan that needs it reports the failure
    }
    workspace->chains.resize(2 * std::size_t{compiled_.states});
    workspace->hits_of_rule.resize(compiled_.rules.size());
    return workspace;
}

void RuleSet::give_back(std::unique_ptr<Workspace> workspace) const {
    const std::lock_guard lock(mutex_);
    if (workspace != nullptr && idle_.size() < kMaxIdleWorkspaces) {
        idle_.push_back(std::move(workspace));
    }
}

}  // namespace credence::guard
