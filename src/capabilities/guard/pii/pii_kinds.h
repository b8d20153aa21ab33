// Every kind of personal data and secret: its name, its group, what replaces it in a masked text.
// Constant tables; thread-safe.
#pragma once

#include <bitset>
#include <optional>
#include <span>
#include <string_view>

#include "capabilities/guard/kinds.h"

namespace credence::guard {

enum class PiiGroup : std::uint8_t {
    personal,
    financial,
    contact,
    network,
    government_id,
    secret,
    name,
};

enum class PiiUse : std::uint8_t {
    standard,  // looked for unless disabled
    ordinary,  // in most harmless texts (dates, links): only when asked for
    partial,   // names and places by rules and word lists: many are missed; only when asked for
};

struct PiiKind {
    Detector detector;
    std::string_view name;  // as rule packs and settings spell it: "us_ssn"
    std::string_view mask;  // "[US_SSN]"
    PiiGroup group;
    PiiUse use;
    bool checksummed;  // an official check digit or letter was verified
};

using DetectorSet = std::bitset<kDetectors>;

// All kinds, by detector; hidden text and harmful code are none.
std::span<const PiiKind> pii_kinds();
// Nothing for a detector that is no kind of personal data. O(1).
const PiiKind* pii_kind(Detector detector);
// Nothing when no kind has this name. O(kinds).
std::optional<Detector> pii_detector(std::string_view name);
// "financial", "government_id", ...
std::string_view pii_group_name(PiiGroup group);
// Kinds of PiiUse::standard.
const DetectorSet& standard_pii();
// With the ordinary kinds; with the partial ones, too, when asked.
DetectorSet all_pii(bool with_partial);

}  // namespace credence::guard
