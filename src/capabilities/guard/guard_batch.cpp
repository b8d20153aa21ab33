// Many texts at once, on several threads.
#include <algorithm>
#include <atomic>

#include "base/worker_pool.h"
#include "capabilities/guard/guard.h"

namespace credence::guard {

namespace {

template <class Enum>
std::map<std::string, std::int64_t> zeros() {
    std::map<std::string, std::int64_t> out;
    for (const std::string& name : shape_of<Enum>().enumerators) {
        out.emplace(name, 0);
    }
    return out;
}

Scan scan_of(const BatchItem& item, const BatchOptions& options) {
    Scan scan;
    scan.text = item.text;
    scan.direction = item.direction.value_or(options.direction);
    scan.source_kind = item.source_kind.value_or(options.source_kind);
    scan.mode = options.mode;
    if (options.threshold) {
        scan.options = ScanOptions{options.threshold};
    }
    return scan;
}

void fill(BatchResult& out, ScanResult result) {
    out.scan_id = std::move(result.scan_id);
    out.verdict = result.verdict;
    out.score = result.score;
    out.attack_score = result.attack_score;
    out.threats = std::move(result.threats);
    out.explanation = std::move(result.decision.explanation);
}

// Calls work(i) for each i below count, on `threads` threads, this one included.
void spread(std::size_t count, std::size_t threads, const std::function<void(std::size_t)>& work) {
    std::atomic<std::size_t> next{0};
    const auto run = [&] {
        for (std::size_t i = next.fetch_add(1); i < count; i = next.fetch_add(1)) {
            work(i);
        }
    };
    const std::size_t helpers = std::min(threads, count) - 1;
    if (helpers == 0) {
        run();
        return;
    }
    WorkerPool pool("guard-batch", helpers, helpers);
    for (std::size_t t = 0; t < helpers; ++t) {
        CHECK(pool.submit(run), "the pool has room for each of its threads");
    }
    run();
    pool.stop();  // waits for the items that are being scanned
}

BatchTotals totals_of(const ScanBatch& request, const BatchOptions& options,
                      const std::vector<BatchResult>& results) {
    BatchTotals totals;
    totals.verdicts = zeros<Verdict>();
    totals.categories = zeros<Category>();
    totals.severities = zeros<Severity>();
    totals.channels = zeros<SourceKind>();
    for (std::size_t i = 0; i < results.size(); ++i) {
        const BatchResult& result = results[i];
        ++totals
              .channels[enumerator_of(request.items[i].source_kind.value_or(options.source_kind))];
        if (result.error) {
            ++totals.errors;
            continue;
        }
        ++totals.verdicts[enumerator_of(*result.verdict)];
        std::map<Category, bool> categories;
        std::optional<Severity> gravest;
        for (const Threat& threat : result.threats) {
            categories[threat.category] = true;
            gravest = std::max(gravest.value_or(threat.severity), threat.severity);
        }
        for (const auto& [category, found] : categories) {
            ++totals.categories[enumerator_of(category)];
        }
        if (gravest) {
            ++totals.severities[enumerator_of(*gravest)];
        }
    }
    return totals;
}

}  // namespace

Result<BatchReport> Guard::scan_batch(const Context& context, const ScanBatch& request) const {
    const BatchOptions options = request.options.value_or(BatchOptions());
    const std::int64_t started_us = clock_.steady_us();
    BatchReport report;
    report.n = static_cast<std::int64_t>(request.items.size());
    report.threads = switches_->features().workers ? settings_.workers : 1;
    report.rules_version = rules_->version();
    if (parts_.model != nullptr) {
        report.model_version = parts_.model->version();
    }
    report.results.resize(request.items.size());
    std::atomic<std::int64_t> done = 0;
    spread(request.items.size(), static_cast<std::size_t>(report.threads), [&](std::size_t i) {
        BatchResult& out = report.results[i];
        out.index = static_cast<std::int64_t>(i);
        out.id = request.items[i].id;
        const bool late = context.deadline_us != 0 && clock_.steady_us() > context.deadline_us;
        auto result = late ? Result<ScanResult>(fail(Code::timeout, "the batch took too long"))
                           : counted_scan(context, scan_of(request.items[i], options));
        if (result) {
            fill(out, std::move(*result));
        } else {
            out.error = ItemError{std::string(to_string(result.error().code)),
                                  result.error().message, result.error().field};
        }
        if (const std::int64_t so_far = ++done; context.progress != nullptr) {
            context.progress->report(so_far, report.n);
        }
    });
    report.totals = totals_of(request, options, report.results);
    report.elapsed_us = clock_.steady_us() - started_us;
    return report;
}

}  // namespace credence::guard
