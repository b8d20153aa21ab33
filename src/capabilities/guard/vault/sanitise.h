// Makes a text safe to pass on: values of personal data and secrets become masks, attacks and the
// blobs that carry them are cut out and named, invisible characters go.
//
// Idempotent: the result is scanned again until the finder finds nothing in it that is not a mask,
// so that what only comes together by cutting is cut, too. After kMaxSanitiseRounds everything from
// the first to the last cut goes, and then the whole text: a text is never passed on unclean. Masks
// that stand in a text are left alone, whoever wrote them.
//
// Of matches that overlap, the one that begins first, then the longer, takes its whole span; of the
// others the rest is taken, as a part of its own. The same as in a stream (stream_scanner.h).
//
// Thread-safe when finder and source are. Linear in the text for a linear finder, at most
// kMaxSanitiseRounds + 4 times its cost; twice for texts whose first round is clean, once for clean
// ones.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "capabilities/guard/kinds.h"
#include "capabilities/guard/text/offset_map.h"
#include "capabilities/guard/vault/mask_source.h"

namespace credence::guard {

enum class CutAction : std::uint8_t {
    mask,             // a value: replaced by its mask
    remove,           // an attack or a payload: replaced by "[REMOVED_CATEGORY]"
    remove_sentence,  // and what is left and right of it up to the ends of the sentence or line
};

struct Cut {
    ByteSpan span;  // of the text that the finder was given
    CutAction action = CutAction::mask;
    Detector detector = Detector::none;              // mask: gives label and canonical spelling
    Category category = Category::prompt_injection;  // remove: gives the name
};

// All that must go, in any order; the same answer for the same text.
using CutFinder = std::function<Result<std::vector<Cut>>(std::string_view text)>;

struct CutMade {
    std::string instead;  // "[EMAIL_1]", "[REMOVED_JAILBREAK]"
    CutAction action = CutAction::mask;
    Detector detector = Detector::none;
    Category category = Category::prompt_injection;
    // Of the text as it was given; absent when it was found only after a first round.
    std::optional<ByteSpan> span;
};

struct Sanitised {
    static constexpr std::size_t kMaxCutsTold = 1024;

    std::string text;
    std::vector<CutMade> cuts;  // at most kMaxCutsTold
    std::int64_t masked = 0;
    std::int64_t removed = 0;
    std::size_t invisible_bytes = 0;  // stripped
    int rounds = 0;                   // scans
    bool collapsed = false;           // did not come to rest: all between the cuts is gone
};

inline constexpr int kMaxSanitiseRounds = 8;
inline constexpr std::size_t kMaxSentenceBytes = 300;  // looked at on each side of an attack

// Fails as finder and source do.
Result<Sanitised> sanitise(std::string_view text, const CutFinder& finder, MaskSource& source);

}  // namespace credence::guard
