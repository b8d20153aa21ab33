#include "capabilities/guard/rules/rules.h"

#include <hs/hs.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "capabilities/guard/rules/matcher.h"
#include "capabilities/guard/rules/pack.h"
#include "capabilities/guard/rules/pack_check.h"

namespace credence::guard {

namespace {

constexpr std::array<std::string_view, kMarks> kMarkFeatures = {"mark.discussion", "mark.negation",
                                                                "mark.addressee", "mark.urgency"};

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

RuleSet::Database::~Database() {
    hs_free_scratch(prototype);
    hs_free_database(span);
    hs_free_database(text);
}

RuleSet::RuleSet(std::shared_ptr<const Database> database, std::vector<Rule> rules)
    : database_(std::move(database)), rules_(std::move(rules)) {
    std::map<std::string_view, std::uint32_t> techniques;
    std::set<std::string> packs;
    std::string off;
    rule_of_detector_.fill(-1);
    for (std::size_t i = 0; i < rules_.size(); ++i) {
        Rule& rule = rules_[i];
        rule.technique_index =
            techniques.emplace(rule.technique, static_cast<std::uint32_t>(techniques.size()))
                .first->second;
        if (!rule.enabled) {
            off += "\n" + rule.id;
            continue;
        }
        int& served = rule_of_detector_[static_cast<std::size_t>(rule.detector)];
        if (rule.detector != Detector::none && served < 0) {
            served = static_cast<int>(i);
        }
        std::string pack = rule.pack + " " + rule.version;
        if (packs.insert(pack).second) {
            version_ += (version_.empty() ? "" : ", ") + pack;
        }
    }
    techniques_ = techniques.size();
    digest_ =
        off.empty() ? database_->compiled.digest : sha256_hex(database_->compiled.digest + off);
    const auto& names = database_->compiled.signal_names;
    for (std::size_t mark = 0; mark < kMarks; ++mark) {
        const auto found = std::lower_bound(names.begin(), names.end(), kMarkFeatures[mark]);
        feature_of_mark_[mark] = found != names.end() && *found == kMarkFeatures[mark]
                                     ? static_cast<std::uint16_t>(found - names.begin())
                                     : Rule::kNoFeature;
    }
}

Result<std::unique_ptr<RuleSet>> RuleSet::load(std::string_view blob) {
    auto database = std::make_shared<Database>();
    database->compiled = TRY(read_blob(blob));
    CompiledRules& compiled = database->compiled;
    if (compiled.text_database.empty()) {
        database->heads = HeadIndex(compiled.literals);
    } else {
        database->text = TRY(deserialise(compiled.text_database));
    }
    if (!compiled.span_database.empty()) {
        database->span = TRY(deserialise(compiled.span_database));
    }
    compiled.text_database = {};
    compiled.span_database = {};
    if ((database->text != nullptr &&
         hs_alloc_scratch(database->text, &database->prototype) != HS_SUCCESS) ||
        (database->span != nullptr &&
         hs_alloc_scratch(database->span, &database->prototype) != HS_SUCCESS)) {
        return fail(Code::internal, "no memory for scanning");
    }
    std::vector<Rule> rules = std::move(compiled.rules);
    compiled.rules.clear();
    return std::unique_ptr<RuleSet>(new RuleSet(std::move(database), std::move(rules)));
}

Result<std::unique_ptr<RuleSet>> RuleSet::build(const Packs& packs) {
    auto rules = TRY(load(write_blob(TRY(compile_packs(packs)))));
    const std::vector<std::string> broken =
        TRY(check_examples(packs, *rules, ExampleScope::user_packs));
    if (!broken.empty()) {
        return fail(Code::invalid, broken.front());
    }
    return rules;
}

std::unique_ptr<RuleSet> RuleSet::without(const std::vector<std::string>& packs) const {
    std::vector<Rule> rules = rules_;
    for (Rule& rule : rules) {
        rule.enabled =
            rule.enabled && std::find(packs.begin(), packs.end(), rule.pack) == packs.end();
    }
    return std::unique_ptr<RuleSet>(new RuleSet(database_, std::move(rules)));
}

RuleSet::~RuleSet() = default;

std::span<const std::string> RuleSet::signal_names() const {
    return database_->compiled.signal_names;
}

std::unique_ptr<Workspace> RuleSet::borrow() const {
    {
        const std::lock_guard lock(mutex_);
        if (!idle_.empty()) {
            auto workspace = std::move(idle_.back());
            idle_.pop_back();
            return workspace;
        }
    }
    auto workspace = std::make_unique<Workspace>();
    if (database_->prototype != nullptr &&
        hs_clone_scratch(database_->prototype, &workspace->scratch) != HS_SUCCESS) {
        workspace->scratch = nullptr;  // the scan that needs it reports the failure
    }
    workspace->chains.resize(2 * std::size_t{database_->compiled.states});
    workspace->hits_of_rule.resize(rules_.size());
    workspace->counts.resize(database_->compiled.signal_names.size());
    return workspace;
}

void RuleSet::give_back(std::unique_ptr<Workspace> workspace) const {
    const std::lock_guard lock(mutex_);
    if (workspace != nullptr && idle_.size() < kMaxIdleWorkspaces) {
        idle_.push_back(std::move(workspace));
    }
}

}  // namespace credence::guard
