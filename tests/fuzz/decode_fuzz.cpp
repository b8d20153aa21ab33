// Every decoder on arbitrary bytes: what it writes maps back into the input, in order, and is at
// most a small multiple of it.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "capabilities/guard/text/codes.h"
#include "capabilities/guard/text/decode.h"
#include "capabilities/guard/text/escapes.h"
#include "capabilities/guard/text/hidden.h"
#include "capabilities/guard/text/leet.h"
#include "capabilities/guard/text/markup.h"
#include "capabilities/guard/text/normalise.h"
#include "capabilities/guard/text/separated.h"
#include "capabilities/guard/text/turned.h"
#include "capabilities/guard/text/words.h"

namespace {

using namespace credence::guard;

constexpr std::size_t kGrowth = 4;

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

void check(const Rewritten& rewritten, std::size_t size) {
    require(rewritten.text.size() <= kGrowth * size + 64);
    std::size_t last = 0;
    const std::size_t step = rewritten.text.size() / 64 + 1;
    for (std::size_t at = 0; at < rewritten.text.size(); at += step) {
        const ByteSpan span = rewritten.map.to_source({at, at + 1});
        require(span.start >= last && span.start <= span.end && span.end <= size);
        last = span.start;
    }
}

void check(const std::vector<Decoded>& list, std::string_view text) {
    std::size_t last = 0;
    for (const Decoded& decoded : list) {
        require(decoded.span.start >= last && decoded.span.start < decoded.span.end);
        require(decoded.span.end <= text.size() && is_readable(decoded.text));
        last = decoded.span.end;
    }
}

void check_blobs(std::string_view text) {
    BlobFinder finder(text);
    std::size_t last = 0;
    for (ByteSpan run = finder.next(); run.end != 0; run = finder.next()) {
        require(run.start >= last && run.start < run.end && run.end <= text.size());
        last = run.end;
        if (const auto blob = decode_blob(text, run)) {
            require(blob->decoded.span.start >= run.start && blob->decoded.span.end <= run.end);
        }
    }
    for (ByteSpan groups = next_groups(text, 0); groups.end != 0;
         groups = next_groups(text, groups.end)) {
        require(groups.start < groups.end && groups.end <= text.size());
        if (const auto blob = decode_groups(text, groups)) {
            require(blob->decoded.span.end <= groups.end);
        }
    }
}

void check_normalised(std::string_view text) {
    const WordLook look = look_at_words(text);
    std::size_t last = 0;
    for (const WordLook::Part& part : look.turned) {
        require(part.span.start >= last && part.span.end <= text.size());
        last = part.span.end;
        check(turn_rotated(text, look.turned, part.shift == 0 ? 13 : part.shift, {}), text.size());
    }
    check(cut_reversed(text, look.turned), text.size());
    check(correct_words(text), text.size());
    check(part_run_together(text), text.size());
    require(backwards(backwards(text)).size() == text.size());
    require(words_backwards(text).size() <= 2 * text.size() + 1);
    const auto plain = undo_leetspeak(text);
    require(!plain || plain->size() == text.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check(unescape_percent(text), size);
    check(unescape_entities(text), size);
    check(unescape_backslashes(text).rewritten, size);
    check(join_separated(text), size);
    check(mend_words(text), size);
    check(reveal_tags(text), size);
    check(reveal_selectors(text), size);
    check(reveal_zero_width(text), size);
    check(displayed_order(text), size);
    check(turn_upside_down(text), size);
    check(decode_number_lists(text), text);
    check(decode_morse(text), text);
    check_blobs(text);
    check_normalised(normalised_text(text));
    return 0;
}
