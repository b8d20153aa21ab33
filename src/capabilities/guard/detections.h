// The detection audit: one row for each text that was not simply allowed, without the text unless
// the settings ask for it. Written behind the scans: record() only queues.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "api/context.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "base/shape.h"
#include "capabilities/guard/kinds.h"
#include "capabilities/guard/policy.h"
#include "engine/store/database.h"

namespace credence::guard {

struct Detection {
    std::string scan_id;
    std::int64_t at_us = 0;
    std::string actor;
    Verdict verdict = Verdict::flag;
    double score = 0;
    std::vector<Category> categories;
    std::vector<std::string> rules;
    std::string text_digest;
    std::int64_t bytes = 0;
    Direction direction = Direction::input;
    SourceKind source_kind = SourceKind::user;
    std::string request_id;
    std::optional<std::string> text;
};
void describe(Describe<Detection>&);

struct ListDetections {
    std::optional<Verdict> verdict;
    std::optional<Category> category;
    std::optional<std::int64_t> since_us;
    std::optional<std::int64_t> until_us;
    std::optional<std::string> before;
    std::int64_t limit = 100;
};
void describe(Describe<ListDetections>&);

struct DetectionList {
    std::vector<Detection> detections;
    std::optional<std::string> next;
};
void describe(Describe<DetectionList>&);

// Told of each row: what happened, never the text.
struct GuardDetected {
    std::string name_space;
    std::string scan_id;
    Verdict verdict = Verdict::flag;
    double score = 0;
    std::vector<Category> categories;
    SourceKind source_kind = SourceKind::user;
};
void describe(Describe<GuardDetected>&);

// A row with whose it is.
struct DetectionOf {
    std::string tenant;
    std::string name_space;
    std::string actor;
    Detection detection;
};

// Thread-safe.
class Detections {
public:
    static constexpr std::size_t kMaxQueued = 16'384;  // beyond: dropped and counted
    static constexpr std::size_t kMaxRowsAtOnce = 512;
    static constexpr std::size_t kMaxRules = 16;        // told of one text
    static constexpr std::int64_t kMaxPruned = 10'000;  // rows of one prune()

    Detections(store::Database& database, const Clock& clock, Metrics& metrics);

    // Touches no store.
    void record(DetectionOf detection);
    // Writes what is queued. When the store refuses, the rows stay queued.
    Result<void> flush();
    // Removes rows older than that.
    Result<void> prune(std::int64_t retention_days);
    // Newest first, with everything that was recorded before the call.
    Result<DetectionList> list(const Context& context, const ListDetections& request);
    Result<std::optional<Detection>> find(const Context& context, const std::string& scan_id);
    std::uint64_t dropped() const { return dropped_.value(); }

private:
    store::Database& database_;
    const Clock& clock_;
    Counter& written_;
    Counter& dropped_;
    std::mutex flush_mutex_;  // one flush at a time, so that rows stay in order
    std::mutex mutex_;
    std::deque<DetectionOf> queue_;
};

}  // namespace credence::guard
