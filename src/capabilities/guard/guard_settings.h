// What an operator sets for the guard: section [guard], and the variables that older deployments
// of such detectors use.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "base/shape.h"
#include "capabilities/guard/kinds.h"

namespace credence::guard {

// Parts that can be switched while the guard runs (guard.set_features).
struct Features {
    bool neuro_symbolic = true;  // the learned model
    bool memory = true;          // the threat memory
    bool multimodal = true;      // attached files
    bool cache = true;           // results of texts seen before
    bool workers = true;         // batches on several threads

    bool operator==(const Features&) const = default;
};
void describe(Describe<Features>&);

// Section [guard].
struct GuardSettings {
    double flag_threshold = 0.3;
    double block_threshold = 0.8;
    Mode mode = Mode::unified;
    std::int64_t max_depth = 3;
    std::int64_t max_decoded_bytes = 65'536;
    std::int64_t cache_entries = 10'000;
    std::int64_t workers = 2;
    std::string packs_directory;
    std::vector<std::string> disabled_packs;
    bool audit = true;
    bool store_text = false;
    std::int64_t retention_days = 90;
    std::int64_t refresh_ms = 1000;
    bool enable_neuro_symbolic = true;
    bool enable_memory = true;
    bool enable_multimodal = true;
    bool enable_cache = true;
    bool enable_workers = true;
};
void describe(Describe<GuardSettings>&);

Features features_of(const GuardSettings& settings);

// A variable's value, or nothing when it is not set.
using Variables = std::function<std::optional<std::string>(std::string_view name)>;
// The process's environment. For use before threads start.
Variables process_variables();

// Reads AIMDS_THRESHOLD (block_threshold), AIMDS_WORKER_THREADS (workers), AIMDS_CACHE_SIZE
// (cache_entries), ENABLE_WORKER_THREADS, ENABLE_VECTOR_CACHE, ENABLE_MULTIMODAL and
// ENABLE_NEUROSYMBOLIC. A setting that differs from its default was given under its own name, and
// wins. Code::invalid naming the variable when a value is wrong, also when it would not be used.
Result<void> apply_variables(const Variables& variables, GuardSettings& settings);
// AIMDS_LOG_LEVEL, unless CREDENCE_LOG_LEVEL is set: debug, info, warn, warning, error, off.
Result<std::optional<log::Level>> log_level_of(const Variables& variables);

// Code::invalid with the setting's path when settings contradict each other.
Result<void> check_settings(const GuardSettings& settings);

}  // namespace credence::guard
