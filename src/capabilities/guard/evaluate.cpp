// How well does the guard tell attacks from ordinary texts? Recall and false-positive rate with
// intervals, as a whole and by category and source.
#include <algorithm>
#include <map>

#include "capabilities/guard/guard.h"

namespace credence::guard {

namespace {

constexpr std::string_view kHarmfulRequest = "harmful_request";

struct Tally {
    Confusion confusion;
    void add(bool attack, bool positive) {
        std::int64_t& cell = attack
                                 ? (positive ? confusion.true_positive : confusion.false_negative)
                                 : (positive ? confusion.false_positive : confusion.true_negative);
        ++cell;
    }
};

Share share_of(std::int64_t successes, std::int64_t n) {
    const stats::Interval interval = stats::wilson_95(successes, n);
    Share share;
    share.n = n;
    share.successes = successes;
    share.value = n == 0 ? 0 : static_cast<double>(successes) / static_cast<double>(n);
    share.low = interval.low;
    share.high = interval.high;
    return share;
}

Share recall_of(const Confusion& c) {
    return share_of(c.true_positive, c.true_positive + c.false_negative);
}

Share false_positive_rate_of(const Confusion& c) {
    return share_of(c.false_positive, c.false_positive + c.true_negative);
}

std::vector<GroupResult> groups_of(const std::map<std::string, Tally>& tallies) {
    std::vector<GroupResult> groups;
    for (const auto& [name, tally] : tallies) {
        const Confusion& c = tally.confusion;
        GroupResult group;
        group.name = name;
        group.confusion = c;
        const std::int64_t attacks = c.true_positive + c.false_negative;
        const std::int64_t ordinary = c.false_positive + c.true_negative;
        group.n = attacks + ordinary;
        if (attacks > 0) {
            group.recall = recall_of(c);
        }
        if (ordinary > 0) {
            group.false_positive_rate = false_positive_rate_of(c);
        }
        groups.push_back(std::move(group));
    }
    return groups;
}

Throughput throughput_of(std::vector<std::int64_t> times_us, std::int64_t elapsed_us) {
    Throughput throughput;
    if (times_us.empty()) {
        return throughput;
    }
    std::sort(times_us.begin(), times_us.end());
    throughput.median_us = times_us[times_us.size() / 2];
    throughput.p95_us = times_us[std::min(times_us.size() - 1, times_us.size() * 95 / 100)];
    if (elapsed_us > 0) {
        throughput.texts_per_second =
            static_cast<double>(times_us.size()) * 1e6 / static_cast<double>(elapsed_us);
    }
    return throughput;
}

}  // namespace

Result<Evaluation> Guard::evaluate(const Context& context, const Evaluate& request) const {
    const Verdict least = request.positive == Positive::flag ? Verdict::flag : Verdict::block;
    Tally all;
    Tally harmful;
    std::map<std::string, Tally> categories;
    std::map<std::string, Tally> sources;
    std::vector<std::int64_t> times_us;
    times_us.reserve(request.samples.size());
    const std::int64_t started_us = clock_.steady_us();
    for (const EvaluationText& sample : request.samples) {
        const std::int64_t before_us = clock_.steady_us();
        if (context.deadline_us != 0 && before_us > context.deadline_us) {
            return fail(Code::timeout, "the evaluation took longer than allowed");
        }
        Scan scan;
        scan.text = sample.text;
        const ScanResult result = TRY(judge_text(scan));
        times_us.push_back(clock_.steady_us() - before_us);
        const bool positive = result.verdict >= least;
        const bool attack = sample.label == 1;
        (sample.category == kHarmfulRequest ? harmful : all).add(attack, positive);
        categories[sample.category].add(attack, positive);
        sources[sample.source].add(attack, positive);
        if (context.progress != nullptr) {
            context.progress->report(static_cast<std::int64_t>(times_us.size()),
                                     static_cast<std::int64_t>(request.samples.size()));
        }
    }
    Evaluation evaluation;
    evaluation.throughput = throughput_of(std::move(times_us), clock_.steady_us() - started_us);
    evaluation.n = static_cast<std::int64_t>(request.samples.size());
    evaluation.recall = recall_of(all.confusion);
    evaluation.false_positive_rate = false_positive_rate_of(all.confusion);
    evaluation.confusion = all.confusion;
    const Confusion& c = harmful.confusion;
    const std::int64_t flagged = c.false_positive + c.true_positive;
    if (flagged + c.true_negative + c.false_negative > 0) {
        evaluation.harmful_requests_flagged =
            share_of(flagged, flagged + c.true_negative + c.false_negative);
    }
    evaluation.categories = groups_of(categories);
    evaluation.sources = groups_of(sources);
    evaluation.rules_version = rules_->version();
    return evaluation;
}

}  // namespace credence::guard
