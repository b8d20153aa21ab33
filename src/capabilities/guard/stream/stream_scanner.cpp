#include "capabilities/guard/stream/stream_scanner.h"

#include <algorithm>
#include <utility>

namespace credence::guard {

namespace {

constexpr std::size_t kLeastHoldBytes = 32;
constexpr std::size_t kMaxDeadBytes = 8192;  // kept in front of what is still needed
constexpr std::size_t kCodeGroup = 8;        // characters: whole groups of base64, base32, hex
// A value of this length that still grows is withheld to its end without scanning it again: its
// beginning will leave the bytes scanned together.
constexpr std::size_t kLongValueBytes = 1024;

bool is_blank(char c) {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

// Which of two matches acts first: the one that begins first, then the longer, then the stricter.
bool acts_before(const StreamSpan& a, const StreamSpan& b) {
    if (a.span.start != b.span.start) {
        return a.span.start < b.span.start;
    }
    if (a.span.end != b.span.end) {
        return a.span.end > b.span.end;
    }
    return a.action != b.action ? a.action > b.action : a.kind < b.kind;
}

Result<std::string> bracketed_label(const StreamSpan& match, std::string_view) {
    return "[" + std::string(match.label.empty() ? "REMOVED" : match.label) + "]";
}

}  // namespace

StreamScanner::StreamScanner(SpanFinder finder, StreamOptions options, StreamMask mask)
    : finder_(std::move(finder)),
      options_(options),
      mask_(mask ? std::move(mask) : StreamMask(bracketed_label)) {
    options_.hold_bytes = std::clamp(options_.hold_bytes, kLeastHoldBytes, kMaxHoldBytes);
}

Result<StreamOutput> StreamScanner::feed(std::string_view chunk) {
    StreamOutput output;
    if (over_) {
        return fail(Code::conflict, "the stream has ended");
    }
    if (blocked_) {
        output.blocked = true;
        return output;
    }
    if (chunk.size() > options_.max_stream_bytes ||
        fed_bytes() > options_.max_stream_bytes - chunk.size()) {
        over_ = true;
        return fail(Code::too_large, "the stream is too long");
    }
    auto done = take_all(chunk, output);
    return guarded(std::move(done), std::move(output));
}

Result<StreamOutput> StreamScanner::finish() {
    StreamOutput output;
    if (over_) {
        return fail(Code::conflict, "the stream has ended");
    }
    over_ = true;
    if (blocked_) {
        output.blocked = true;
        return output;
    }
    Result<void> done;
    if (buffer_.size() > frontier_) {
        done = scan(buffer_.size(), output);
    }
    return guarded(std::move(done), std::move(output));
}

std::size_t StreamScanner::held_bytes() const {
    return buffer_.size() - written_;
}

// After an error nothing of this call may go on either: it is not known what was decided.
Result<StreamOutput> StreamScanner::guarded(Result<void> done, StreamOutput output) {
    if (!done) {
        over_ = true;
        return std::unexpected(std::move(done).error());
    }
    if (blocked_) {
        output.blocked = true;
        written_ = buffer_.size();
    }
    return output;
}

Result<void> StreamScanner::take_all(std::string_view chunk, StreamOutput& output) {
    while (!chunk.empty() && !blocked_) {
        const std::string_view slice = chunk.substr(0, kSliceBytes);
        TRY(take(slice, output));
        chunk.remove_prefix(slice.size());
    }
    return {};
}

Result<void> StreamScanner::take(std::string_view slice, StreamOutput& output) {
    buffer_.append(slice);
    withhold_open();
    const bool exact = scanned_bytes_ < options_.exact_scan_bytes;
    const std::size_t least = std::min(kCoarseBytes, options_.hold_bytes / 2);
    std::size_t hold = exact ? options_.hold_bytes : options_.hold_bytes - least;
    if (options_.mode == StreamMode::observe) {
        output.released.append(slice);
        written_ = buffer_.size();
        if (buffer_.size() - frontier_ <= options_.hold_bytes + kSliceBytes) {
            return {};  // nothing waits for the findings: gather
        }
        hold = options_.hold_bytes;
    } else if (buffer_.size() - std::max(frontier_, written_) <= options_.hold_bytes) {
        return {};  // nothing has to go yet
    }
    // No match begins inside a character: the one at the frontier goes whole.
    std::size_t frontier = buffer_.size() - hold;
    for (int i = 0; i < 3 && inside_character(frontier); ++i) {
        ++frontier;
    }
    return scan(frontier, output);
}

bool StreamScanner::inside_character(std::size_t at) const {
    return at < buffer_.size() && (static_cast<unsigned char>(buffer_[at]) & 0xC0U) == 0x80U;
}

std::size_t StreamScanner::window_start() const {
    std::uint64_t from = run_start_;
    if (context_ - run_start_ > kMaxRunBytes) {
        from += (context_ - run_start_) / kCodeGroup * kCodeGroup;
    }
    auto start = static_cast<std::size_t>(from - base_);
    for (int i = 0; i < 3 && start > 0 && inside_character(start); ++i) {
        --start;
    }
    return start;
}

Result<std::vector<StreamSpan>> StreamScanner::find() {
    const std::size_t start = window_start();
    const std::string_view window = std::string_view(buffer_).substr(start);
    scanned_bytes_ += window.size();
    std::vector<StreamSpan> matches = TRY(finder_(window));
    for (StreamSpan& match : matches) {
        ByteSpan& span = match.span;
        if (span.start >= span.end || span.end > window.size()) {
            return fail(Code::internal, "a finder named bytes outside the text");
        }
        span = {span.start + start, span.end + start};
        for (int i = 0; i < 3 && span.start > 0 && inside_character(span.start); ++i) {
            --span.start;
        }
        for (int i = 0; i < 3 && inside_character(span.end); ++i) {
            ++span.end;
        }
    }
    std::sort(matches.begin(), matches.end(), acts_before);
    return matches;
}

// Decides the matches that begin before the new frontier, and those that had begun before the old
// one but had not been seen to their end.
Result<void> StreamScanner::scan(std::size_t frontier, StreamOutput& output) {
    for (const StreamSpan& match : TRY(find())) {
        if (match.span.start >= frontier) {
            break;
        }
        if (match.span.start < frontier_ && match.span.end <= scan_end_) {
            continue;
        }
        TRY(settle(match, output));
        if (blocked_) {
            return {};
        }
    }
    if (!open_.active()) {
        release(frontier, output);
    }
    scan_end_ = buffer_.size();
    move_frontier(frontier);
    return {};
}

void StreamScanner::withhold_open() {
    if (open_.active()) {
        written_ = open_.skip(buffer_, written_);
    }
}

StreamAction StreamScanner::allowed(StreamAction wanted) const {
    switch (options_.mode) {
        case StreamMode::observe:
            return StreamAction::report;
        case StreamMode::mask:
            return std::min(wanted, StreamAction::mask);
        case StreamMode::block:
            return wanted;
    }
    return StreamAction::block;
}

Result<void> StreamScanner::settle(const StreamSpan& match, StreamOutput& output) {
    const StreamAction action = allowed(match.action);
    const bool late = match.span.start < frontier_;
    const bool grown =
        late && action == StreamAction::mask && base_ + match.span.start == mask_start_;
    if (!grown && findings_++ < kMaxFindings) {
        output.findings.push_back({base_ + match.span.start, base_ + match.span.end, action,
                                   match.kind, match.label, late});
    }
    if (action == StreamAction::block) {
        release(match.span.start, output);
        blocked_ = true;
        return {};
    }
    if (action == StreamAction::report || open_.active() || match.span.end <= written_) {
        return {};
    }
    if (!grown) {
        return replace(match, output);
    }
    written_ = match.span.end;  // its mask stands there already
    if (written_ == buffer_.size() && written_ - match.span.start >= kLongValueBytes) {
        open_.while_token();
    }
    return {};
}

Result<void> StreamScanner::replace(const StreamSpan& match, StreamOutput& output) {
    release(match.span.start, output);
    const std::string_view text = buffer_;
    const std::string_view value = text.substr(written_, match.span.end - written_);
    output.released.append(TRY(mask_(match, value)));
    mask_start_ = base_ + match.span.start;
    written_ = match.span.end;
    if (!match.until_line_with.empty() &&
        value.find(match.until_line_with) == std::string_view::npos) {
        open_.until_line_with(match.until_line_with);
        withhold_open();
    }
    return {};
}

void StreamScanner::release(std::size_t until, StreamOutput& output) {
    if (until > written_) {
        output.released.append(buffer_, written_, until - written_);
        written_ = until;
    }
}

void StreamScanner::move_frontier(std::size_t frontier) {
    frontier_ = frontier;
    const std::uint64_t at = base_ + frontier;
    const std::uint64_t context = at - std::min<std::uint64_t>(at, kContextBytes);
    for (; context_ < context; ++context_) {
        if (is_blank(buffer_[static_cast<std::size_t>(context_ - base_)])) {
            run_start_ = context_ + 1;
        }
    }
    const std::size_t dead = window_start();
    if (dead > kMaxDeadBytes) {
        buffer_.erase(0, dead);
        base_ += dead;
        frontier_ -= dead;
        written_ -= dead;
        scan_end_ -= dead;
    }
}

}  // namespace credence::guard
