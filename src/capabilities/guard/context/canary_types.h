// What the operations on canary tokens take and give.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/shape.h"
#include "capabilities/guard/context/canary_index.h"

namespace credence::guard {

inline constexpr std::size_t kMaxCanaries = 1000;  // in force, of a name space
inline constexpr std::size_t kMaxCanaryPurpose = 200;
inline constexpr std::size_t kMaxCanaryText = std::size_t{1} << 20;

enum class CanaryAlphabet : std::uint8_t { words, hex };

struct CreateCanary {
    std::string purpose;
    CanaryAlphabet alphabet = CanaryAlphabet::words;
};
void describe(Describe<CreateCanary>&);

struct NewCanary {
    std::string canary_id;
    std::string purpose;
    std::string token;
    std::string line;
    std::int64_t created_at_us = 0;
};
void describe(Describe<NewCanary>&);

struct CheckCanaries {
    std::string text;
};
void describe(Describe<CheckCanaries>&);

struct CanarySpan {
    std::int64_t start = 0;
    std::int64_t end = 0;
};
void describe(Describe<CanarySpan>&);

struct CanaryLeak {
    std::string canary_id;
    std::string purpose;
    CanaryForm form = CanaryForm::plain;
    bool whole = false;
    std::int64_t characters = 0;
    CanarySpan span;
};
void describe(Describe<CanaryLeak>&);

struct CanaryReport {
    bool leaked = false;
    std::vector<CanaryLeak> leaks;
};
void describe(Describe<CanaryReport>&);

struct ListCanaries {
    bool revoked = false;
};
void describe(Describe<ListCanaries>&);

struct CanaryInfo {
    std::string canary_id;
    std::string purpose;
    CanaryAlphabet alphabet = CanaryAlphabet::words;
    std::string created_by;
    std::int64_t created_at_us = 0;
    std::optional<std::int64_t> revoked_at_us;
};
void describe(Describe<CanaryInfo>&);

struct CanaryList {
    std::vector<CanaryInfo> canaries;
};
void describe(Describe<CanaryList>&);

struct RevokeCanary {
    std::string canary_id;
};
void describe(Describe<RevokeCanary>&);

}  // namespace credence::guard
