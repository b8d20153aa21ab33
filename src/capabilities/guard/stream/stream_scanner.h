// Scans a text that arrives in chunks and says which bytes of it may go on.
//
// Promise: what is released equals what would be left of the whole text, whichever way it was cut,
// for every match that with the text to its right that it depends on takes at most `hold_bytes`
// (256), and whose context to the left lies within kContextBytes. No byte of such a match is
// released when it is to be masked, and no byte from its start on when it is to be blocked. Never
// more than `hold_bytes` of what was fed are held back; finish() releases the rest.
//
// How: a byte may go once `hold_bytes` after it have been seen, for then every match that begins at
// it has ended and its right edge is known (a number that could still grow is not judged before).
// Each feed() scans the held bytes, the new ones and kContextBytes before them. Those before begin
// where a run without blanks does, or a multiple of 8 characters into it when it is longer than
// kMaxRunBytes, so that base64, base32 and hexadecimal cut by chunks decode as in the whole text.
//
// Matches longer than that are acted on as soon as they are seen: their end is withheld, but their
// beginning may be gone. Those longer than the bytes scanned together (about kContextBytes +
// hold_bytes, more inside one long run) are seen only if the finder knows them by their beginning:
// then a masked value that still grows, and one that says what ends it (a private key), is withheld
// to its end, whatever its length (open_value.h). Readings of the text as a whole (reversed, rot13)
// become readings of the bytes scanned together.
//
// Cost: feed(chunk) scans at most chunk + kContextBytes + hold_bytes, kMaxRunBytes more inside a
// long run; a long chunk is scanned in slices of kSliceBytes, so that lists of findings that end at
// some length are not cut: 1.75 times the cost of one scan. In chunks of c bytes, below that,
// 1 + 768 / c times, until `exact_scan_bytes` have been scanned; from then on scans wait for
// kCoarseBytes to gather (13 times the cost at worst) and the promise holds for matches of
// hold_bytes - kCoarseBytes. Memory is bounded by kContextBytes + kMaxRunBytes + kSliceBytes.
//
// Not thread-safe: one scanner a stream. Feed the text that a reader sees, such as the decoded text
// of each event, never its transport (JSON, SSE).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "capabilities/guard/stream/open_value.h"
#include "capabilities/guard/text/offset_map.h"

namespace credence::guard {

// Ascending. What a mode does at most; what a match asks for at most.
enum class StreamMode : std::uint8_t {
    observe,  // everything is released as it was, findings are told
    mask,     // matches to be masked or blocked are replaced
    block,    // masks as above; the first match to be blocked ends the stream
};
enum class StreamAction : std::uint8_t { report, mask, block };

struct StreamSpan {
    ByteSpan span;  // of the text that the finder was given
    StreamAction action = StreamAction::report;
    std::uint32_t kind = 0;  // the finder's own number: a detector, a rule
    std::string_view label;  // "EMAIL"; must outlive the scanner
    // Not empty, and not in the match: more of the value follows, up to the end of the line that
    // holds this ("-----END "). Must outlive the scanner. Only for matches to be masked.
    std::string_view until_line_with;
};

// All matches in a text, in any order. Called with up to a few KiB; must not depend on earlier
// calls, and must list every match of such a text. An error ends the stream (nothing more is
// released).
using SpanFinder = std::function<Result<std::vector<StreamSpan>>(std::string_view text)>;
// What stands instead of a match; `value` is what it replaces, a part of the match where another
// match overlaps its beginning. An error ends the stream.
using StreamMask =
    std::function<Result<std::string>(const StreamSpan& match, std::string_view value)>;

struct StreamOptions {
    StreamMode mode = StreamMode::block;
    std::size_t hold_bytes = 256;                              // 32 to 256
    std::uint64_t max_stream_bytes = std::uint64_t{64} << 20;  // more: Code::too_large
    std::uint64_t exact_scan_bytes = std::uint64_t{32} << 20;
};

struct StreamFinding {
    std::uint64_t start = 0;  // of the stream, bytes
    std::uint64_t end = 0;
    StreamAction action = StreamAction::report;  // what was done
    std::uint32_t kind = 0;
    std::string_view label;
    bool late = false;  // its beginning had been released when it was seen
};

struct StreamOutput {
    std::string released;                 // masked text that may go on
    std::vector<StreamFinding> findings;  // decided by this call, by start
    bool blocked = false;                 // nothing more will ever be released
};

class StreamScanner {
public:
    static constexpr std::size_t kMaxHoldBytes = 256;
    static constexpr std::size_t kContextBytes = 512;
    static constexpr std::size_t kMaxRunBytes = 2048;
    static constexpr std::size_t kSliceBytes = 1024;
    static constexpr std::size_t kCoarseBytes = 64;
    static constexpr std::size_t kMaxFindings = 4096;  // told; more are acted on all the same

    // Without a mask, "[LABEL]" stands for a match.
    StreamScanner(SpanFinder finder, StreamOptions options, StreamMask mask = {});

    // Any number of bytes; a character may be cut. After an error, or once blocked, every call
    // releases nothing (Code::conflict after an error).
    Result<StreamOutput> feed(std::string_view chunk);
    // The text ends here: decides and releases what is held. Then feed() is Code::conflict.
    Result<StreamOutput> finish();

    bool blocked() const { return blocked_; }
    // Fed, but neither released nor replaced yet.
    std::size_t held_bytes() const;
    std::uint64_t fed_bytes() const { return base_ + buffer_.size(); }
    // Given to the finder so far: what the stream has cost.
    std::uint64_t scanned_bytes() const { return scanned_bytes_; }
    std::uint64_t findings() const { return findings_; }

private:
    Result<StreamOutput> guarded(Result<void> done, StreamOutput output);
    Result<void> take_all(std::string_view chunk, StreamOutput& output);
    Result<void> take(std::string_view slice, StreamOutput& output);
    Result<std::vector<StreamSpan>> find();
    Result<void> scan(std::size_t frontier, StreamOutput& output);
    Result<void> settle(const StreamSpan& match, StreamOutput& output);
    Result<void> replace(const StreamSpan& match, StreamOutput& output);
    void withhold_open();
    void release(std::size_t until, StreamOutput& output);
    StreamAction allowed(StreamAction wanted) const;
    std::size_t window_start() const;
    bool inside_character(std::size_t at) const;
    void move_frontier(std::size_t frontier);

    SpanFinder finder_;
    StreamOptions options_;
    StreamMask mask_;
    std::string buffer_;           // the stream from base_ on
    std::uint64_t base_ = 0;       // of the stream; the others are positions in the buffer
    std::size_t frontier_ = 0;     // matches that begin before it are decided
    std::size_t written_ = 0;      // released or replaced up to here; may lie behind the frontier
    std::size_t scan_end_ = 0;     // the latest scan saw the buffer up to here
    std::uint64_t context_ = 0;    // of the stream: kContextBytes before the frontier
    std::uint64_t run_start_ = 0;  // of the stream: of the run without blanks around context_
    std::uint64_t mask_start_ = UINT64_MAX;  // of the stream: of the latest replaced match
    std::uint64_t scanned_bytes_ = 0;
    std::uint64_t findings_ = 0;
    OpenValue open_;  // masked, but not yet ended
    bool blocked_ = false;
    bool over_ = false;
};

}  // namespace credence::guard
