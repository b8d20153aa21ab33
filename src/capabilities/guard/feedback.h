// What people say about verdicts: kept, counted, and, when a threat is confirmed with its text,
// remembered by the threat memory.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "api/context.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/metrics.h"
#include "base/result.h"
#include "base/shape.h"
#include "capabilities/guard/kinds.h"
#include "capabilities/guard/policy.h"
#include "capabilities/guard/scan.h"
#include "engine/store/database.h"

namespace credence::guard {

enum class Label : std::uint8_t { true_positive, false_positive, false_negative };

struct Feedback {
    Label label = Label::false_positive;
    std::optional<std::string> scan_id;
    std::optional<std::string> text_digest;
    std::optional<std::string> text;
    std::optional<Category> category;
    std::optional<std::string> note;
    bool keep_text = false;
};
void describe(Describe<Feedback>&);

struct FeedbackEntry {
    std::string feedback_id;
    std::int64_t at_us = 0;
    std::string actor;
    Label label = Label::false_positive;
    std::optional<std::string> scan_id;
    std::string text_digest;
    std::optional<Category> category;
    std::optional<std::string> note;
    std::optional<Verdict> verdict;
    std::optional<double> score;
    std::vector<std::string> rules;
    std::optional<std::string> text;
    std::optional<std::string> threat_id;
};
void describe(Describe<FeedbackEntry>&);

struct ListFeedback {
    std::optional<Label> label;
    std::optional<Category> category;
    std::optional<std::string> rule;
    std::optional<std::string> before;
    std::int64_t limit = 100;
};
void describe(Describe<ListFeedback>&);

struct FeedbackList {
    std::vector<FeedbackEntry> feedback;
    std::optional<std::string> next;
};
void describe(Describe<FeedbackList>&);

struct FeedbackCounts {
    std::int64_t true_positive = 0;
    std::int64_t false_positive = 0;
    std::int64_t false_negative = 0;
};
void describe(Describe<FeedbackCounts>&);

// Told of each entry.
struct GuardFeedbackGiven {
    std::string name_space;
    std::string feedback_id;
    Label label = Label::false_positive;
};
void describe(Describe<GuardFeedbackGiven>&);

namespace feedback_rows {

// One entry for a text; a later one replaces what an earlier one said.
Result<void> put(store::Tx& tx, const Context& context, const FeedbackEntry& entry);
// Newest first.
Result<std::vector<FeedbackEntry>> list(store::Tx& tx, const Context& context,
                                        const ListFeedback& request);
Result<FeedbackCounts> count(store::Tx& tx, const Context& context);

}  // namespace feedback_rows
}  // namespace credence::guard
