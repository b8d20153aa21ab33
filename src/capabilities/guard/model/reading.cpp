#include "capabilities/guard/model/reading.h"

#include "capabilities/guard/judge.h"

#include <algorithm>

namespace credence::guard {

namespace {

struct Place {
    std::uint32_t at = 0;  // last byte, in the view's normalised text
    std::uint32_t feature = 0;

    bool operator<(const Place& other) const {
        return at != other.at ? at < other.at : feature < other.feature;
    }
    bool operator==(const Place&) const = default;
};

std::uint32_t before(std::size_t end) {
    return end == 0 ? 0 : static_cast<std::uint32_t>(end - 1);
}

}  // namespace

std::vector<std::uint32_t> concept_features(std::span<const std::string> signal_names) {
    std::vector<std::uint32_t> features;
    for (const std::string& name : signal_names) {
        features.push_back(feature_of(name));
    }
    return features;
}

void read_view(const RuleSet& rules, const std::vector<std::uint32_t>& features,
               const Analysis& analysis, std::size_t view, std::size_t max_tokens, Reading& out) {
    tokenise(analysis.views.all()[view].normalised, max_tokens, out.text);
    out.concepts.clear();
    std::vector<Place> places;
    for (const SignalHit& hit : analysis.signals) {
        const std::uint16_t feature = rules.rules()[hit.rule].feature;
        if (hit.view == view && feature < features.size()) {
            places.push_back({before(hit.at), features[feature]});
        }
    }
    for (const Finding& finding : analysis.findings) {
        const Rule& rule = rules.rules()[finding.rule];
        if (finding.view == view && rule.feature < features.size() && is_attack(rule.category) &&
            !is_doubt(rule, finding)) {
            places.push_back({before(finding.in_view.end), features[rule.feature]});
        }
    }
    std::sort(places.begin(), places.end());
    places.erase(std::unique(places.begin(), places.end()), places.end());
    const std::vector<Token>& tokens = out.text.tokens;
    std::uint32_t token = 0;
    for (const Place& place : places) {
        while (token < tokens.size() && tokens[token].end <= place.at) {
            ++token;
        }
        if (token == tokens.size()) {
            return;
        }
        const Concept added{token, place.feature};
        const bool known = !out.concepts.empty() && out.concepts.back().token == added.token &&
                           out.concepts.back().feature == added.feature;
        if (!known) {
            out.concepts.push_back(added);
        }
    }
}

}  // namespace credence::guard
