#include "capabilities/guard/inspector.h"

namespace credence::guard {

namespace {

// Nanoseconds of a stage; 0 without a clock.
class Stopwatch {
public:
    explicit Stopwatch(const Clock* clock) : clock_(clock), last_us_(now_us()) {}
    std::int64_t lap_ns() {
        const std::int64_t before_us = last_us_;
        last_us_ = now_us();
        return (last_us_ - before_us) * 1000;
    }

private:
    std::int64_t now_us() const { return clock_ == nullptr ? 0 : clock_->steady_us(); }

    const Clock* clock_;
    std::int64_t last_us_;
};

}  // namespace

Result<Inspection> Inspector::inspect(const Inspect& request) const {
    Stopwatch watch(parts_.clock);
    auto rules = parts_.rules();
    auto analysis = TRY(analyse(*rules, request.text, parts_.limits, request.source_kind));
    auto judgement = judge(*rules, analysis, {request.direction, request.source_kind});
    Inspection inspection{std::move(rules), std::move(analysis), {}, {}, std::move(judgement), {}};
    inspection.times.rules_ns = watch.lap_ns();
    if (request.mode == Mode::text_only) {
        return inspection;
    }
    Evidence evidence;
    if (parts_.model != nullptr) {
        inspection.model = parts_.model->score(
            {*inspection.rules, inspection.analysis, request.text, request.source_kind});
        evidence.model = inspection.model->score;
        inspection.times.model_ns = watch.lap_ns();
    }
    if (request.mode == Mode::unified && parts_.memory) {
        const auto& plain = inspection.analysis.views.all()[0];
        inspection.memory = parts_.memory(plain.normalised.text);
        if (inspection.memory) {
            evidence.similarity = inspection.memory->similarity;
        }
        inspection.times.memory_ns = watch.lap_ns();
    }
    if (evidence.model || evidence.similarity) {
        add_evidence(evidence, request.source_kind, inspection.judgement);
    }
    return inspection;
}

}  // namespace credence::guard
