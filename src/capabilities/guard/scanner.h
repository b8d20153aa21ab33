// Scans a text, and what is attached to it, by everything that is switched on, and asks the policy.
// The part of the guard that operations, batches and the evaluation share.
//
// Thread-safe; touches no store and keeps nothing. Linear in the text: about 5 ns a byte for the
// rules and 0.1 us a byte for the model.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "api/context.h"
#include "base/clock.h"
#include "base/result.h"
#include "capabilities/guard/guard_settings.h"
#include "capabilities/guard/inspector.h"
#include "capabilities/guard/media/media.h"
#include "capabilities/guard/scan.h"

namespace credence::guard {

class Canary;

// What the scanner works with. Each function is thread-safe; those that say so may be empty.
struct ScannerParts {
    std::function<std::shared_ptr<const RuleSet>()> rules;
    const Model* model = nullptr;  // may be null
    // The nearest known threat of the caller's tenant and name space. May be empty.
    std::function<std::optional<ThreatMatch>(const Context&, std::string_view normalised)> memory;
    // May be empty: then attached files are Code::unsupported.
    std::function<Result<MediaReport>(std::string_view file)> read_media;
    std::function<std::shared_ptr<const Policy>(const Context&)> policy;
    std::function<Features()> features;
    const Clock* clock = nullptr;
    GuardSettings settings;
};

// A scan with what led to it, for those who explain or change the text.
struct Scanned {
    Inspection inspection;                 // of the text, without attached files
    std::shared_ptr<const Policy> policy;  // with the request's threshold
    std::vector<Concern> concerns;
    Decision decision;
    ScanResult result;  // scores as they are; no scan_id
};

class Scanner {
public:
    explicit Scanner(ScannerParts parts) : parts_(std::move(parts)) {}

    // Code::too_large above kMaxScanBytes; Code::invalid or unsupported for a wrong file.
    Result<Scanned> scan(const Context& context, const Scan& request) const;
    // The mode that a request is scanned in now.
    Mode mode_of(const Scan& request) const;

    const ScannerParts& parts() const { return parts_; }
    // Looks for these canaries in every output. Before the first scan.
    void watch_for(const Canary& canary) { canary_ = &canary; }

private:
    Result<Inspection> inspect(const Context& context, const Inspect& request) const;
    Result<void> add_media(const Context& context, const Scan& request, Scanned& scanned) const;

    void add_departure(const Scan& request, Scanned& scanned) const;
    void add_leaks(const Context& context, const Scan& request, Scanned& scanned) const;

    ScannerParts parts_;
    const Canary* canary_ = nullptr;
};

}  // namespace credence::guard
