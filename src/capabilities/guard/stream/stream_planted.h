// For tests and the trial program: texts with planted matches, a finder that knows their shapes,
// and what must be left of a text as a whole. Everything follows from the seed.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "capabilities/guard/stream/stream_scanner.h"

namespace credence::guard {

// Keys, cards, e-mail addresses, phone numbers and override phrases; their right edges must be
// known before they can be judged, and some only count next to a word before them.
std::vector<StreamSpan> find_planted(std::string_view text);

inline std::size_t below(std::mt19937_64& chance, std::size_t limit) {
    return static_cast<std::size_t>(chance() % limit);
}

inline StreamOptions in_mode(StreamMode mode) {
    StreamOptions options;
    options.mode = mode;
    return options;
}

// A text in lower-case words of several scripts, without digits, with 0 to 8 planted matches, which
// hold no lower-case letters but digits, capitals and separators: what is released of them can be
// counted. With decoys (almost matches, matches glued to others) it cannot.
std::string planted_text(std::mt19937_64& chance, bool decoys);

// Bytes that only planted matches hold.
std::size_t leaked_bytes(std::string_view released);

// What is left of the whole text: a second, slow implementation, byte by byte.
struct WholeText {
    std::string released;
    bool blocked = false;
};
WholeText mask_whole(std::string_view text, const std::vector<StreamSpan>& matches,
                     StreamMode mode);
// As the mask of a scanner: "{label}", in lower case.
Result<std::string> planted_mask(const StreamSpan& match, std::string_view value);

// One way to cut `text`, fed to a scanner.
struct Trial {
    std::string released;
    bool blocked = false;
    std::size_t most_held_bytes = 0;  // after any feed
    std::uint64_t scanned_bytes = 0;
};
Result<Trial> run_trial(std::string_view text, const SpanFinder& finder,
                        const StreamOptions& options, std::mt19937_64& chance);

}  // namespace credence::guard
