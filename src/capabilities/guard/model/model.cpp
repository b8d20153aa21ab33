#include "capabilities/guard/model/model.h"

#include <algorithm>
#include <cmath>

#include "base/hash_chain.h"
#include "base/memory.h"
#include "capabilities/guard/model/model_blob.h"
#include "capabilities/guard/model/network_trainer.h"
#include "capabilities/guard/model/traits.h"

extern const char credence_guard_model_begin[];
extern const char credence_guard_model_end[];

namespace credence::guard {

namespace {

constexpr std::size_t kVersionDigits = 12;  // of the digest

// Reused by each thread, so that a warm scan allocates next to nothing.
struct Workbench {
    Reading reading;
    WindowLogits windows;
};

Workbench& workbench() {
    thread_local Workbench bench;
    return bench;
}

// Bytes of the view's normalised text that a window covers.
ByteSpan window_bytes(const Reading& reading, std::size_t window) {
    const std::vector<Token>& tokens = reading.text.tokens;
    if (tokens.empty()) {
        return {};
    }
    const std::size_t first = std::min(window * kStride, tokens.size() - 1);
    const std::size_t last = std::min(first + kWindow, tokens.size()) - 1;
    return {tokens[first].start, tokens[last].end};
}

}  // namespace

struct Model::Impl {
    ModelParts parts;
    std::string version;
    std::vector<std::uint32_t> concepts;
    std::vector<std::size_t> trait_order;  // position in traits_of() of each trait of the forest
};

Model::Model(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Model::~Model() = default;

Result<std::unique_ptr<Model>> Model::load(std::string_view blob,
                                           std::span<const std::string> signal_names) {
    return assemble(TRY(read_model(blob)), blob, signal_names);
}

Result<std::unique_ptr<Model>> Model::assemble(ModelParts parts, std::string_view blob,
                                               std::span<const std::string> signal_names) {
    auto impl = std::make_unique<Impl>(Impl{std::move(parts), {}, {}, {}});
    impl->version = impl->parts.version + " (" +
                    std::string(blob.substr(blob.size() - kHashDigits, kVersionDigits)) + ")";
    impl->concepts = concept_features(signal_names);
    std::vector<std::string> names = trait_names(signal_names);
    names.emplace_back(kNetworkTrait);
    for (const std::string& name : impl->parts.trait_names) {
        const auto found = std::find(names.begin(), names.end(), name);
        if (found == names.end()) {
            return fail(Code::invalid, "the model was trained with other rules: no trait " + name);
        }
        impl->trait_order.push_back(static_cast<std::size_t>(found - names.begin()));
    }
    return std::unique_ptr<Model>(new Model(std::move(impl)));
}

Result<std::unique_ptr<Model>> Model::load_embedded(std::span<const std::string> signal_names) {
    const std::string_view blob(
        credence_guard_model_begin,
        static_cast<std::size_t>(credence_guard_model_end - credence_guard_model_begin));
    auto model = load(blob, signal_names);
    release_pages(blob);  // its weights are used where they lie, once there is something to judge
    return model;
}

ModelScore Model::score(const ModelInput& input) const {
    Workbench& bench = workbench();
    ModelScore score;
    std::size_t windows = 0;
    const std::size_t views = std::min(input.analysis.views.all().size(), kMaxReadings);
    for (std::size_t view = 0; view < views; ++view) {
        read_view(input.rules, impl_->concepts, input.analysis, view, kMaxTokens, bench.reading);
        impl_->parts.network.run(bench.reading, input.source_kind, bench.windows);
        windows += bench.windows.logits.size();
        const double logit = bench.windows.logits[bench.windows.worst];
        if (view == 0 || logit > score.network) {
            score.network = logit;
            score.view = static_cast<std::uint32_t>(view);
            score.span = input.analysis.views.to_original(
                view, window_bytes(bench.reading, bench.windows.worst));
        }
    }
    score.network -= window_penalty(windows);
    std::vector<float> all = traits_of(input.rules, input.analysis, input.text);
    all.push_back(static_cast<float>(score.network));
    std::vector<float> traits;
    traits.reserve(impl_->trait_order.size());
    for (const std::size_t from : impl_->trait_order) {
        traits.push_back(all[from]);
    }
    score.logit = impl_->parts.combination.logit({score.network, impl_->parts.forest.logit(traits),
                                                  all[kSubversionTrait], all[kRulesTrait]});
    score.score = impl_->parts.calibration.score(score.logit);
    return score;
}

std::vector<ModelWindow> Model::windows(const ModelInput& input, std::size_t count) const {
    Workbench& bench = workbench();
    std::vector<ModelWindow> found;
    const std::size_t views = std::min(input.analysis.views.all().size(), kMaxReadings);
    for (std::size_t view = 0; view < views; ++view) {
        read_view(input.rules, impl_->concepts, input.analysis, view, kMaxTokens, bench.reading);
        impl_->parts.network.run(bench.reading, input.source_kind, bench.windows);
        for (std::size_t w = 0; w < bench.windows.logits.size(); ++w) {
            found.push_back({static_cast<std::uint32_t>(view),
                             input.analysis.views.to_original(view, window_bytes(bench.reading, w)),
                             bench.windows.logits[w]});
        }
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const ModelWindow& a, const ModelWindow& b) { return a.logit > b.logit; });
    found.resize(std::min(found.size(), count));
    return found;
}

const std::string& Model::version() const {
    return impl_->version;
}

const std::string& Model::report() const {
    return impl_->parts.report;
}

}  // namespace credence::guard
