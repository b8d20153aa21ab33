// The six tools that the assistants' plugins of older detectors call by name (aidefence_scan, …),
// answered by the guard.
#pragma once

#include "api/context.h"
#include "base/result.h"
#include "capabilities/guard/guard.h"

namespace credence::guard {

// Thread-safe. Each does what the guard's operation of the parameter's name does.
class Aidefence {
public:
    explicit Aidefence(Guard& guard) : guard_(guard) {}

    Result<ScanResult> scan(const Context& context, const Scan& request) const {
        return guard_.scan(context, request);
    }
    Result<Explanation> analyze(const Context& context, const Scan& request) const {
        return guard_.explain(context, request);
    }
    Result<GuardStats> stats(const Context& context, const Stats& request) const {
        return guard_.stats(context, request);
    }
    Result<FeedbackEntry> learn(const Context& context, const Feedback& request) {
        return guard_.feedback(context, request);
    }
    Result<Safety> is_safe(const Context& context, const IsSafe& request) const {
        return guard_.is_safe(context, request);
    }
    Result<PiiFound> has_pii(const Context& context, const HasPii& request) const {
        return guard_.has_pii(context, request);
    }

private:
    Guard& guard_;
};

// Registers the operations aidefence.*, which are the tools aidefence_*.
void serve_aidefence(Host& host, Guard& guard);

}  // namespace credence::guard
