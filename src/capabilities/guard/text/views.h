// Other readings of one text: what it says once an encoding or a disguise is undone.
//
// A view carries its own normalised text and knows which bytes of the original every part came
// from. Views are derived only where a cheap linear look says that there is something to undo, to
// at most `max_depth` encodings on top of each other, and only while the byte budget lasts. Linear
// in the input plus the budget.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "capabilities/guard/text/codes.h"
#include "capabilities/guard/text/look.h"
#include "capabilities/guard/text/normalise.h"
#include "capabilities/guard/text/offset_map.h"
#include "capabilities/guard/text/rewrite.h"
#include "capabilities/guard/text/turned.h"

namespace credence::guard {

enum class ViewKind : std::uint8_t {
    plain,
    base64,
    hexadecimal,
    percent,
    entities,
    escapes,
    tag_characters,
    variation_selectors,
    leetspeak,
    separated,
    reversed,
    rot13,
    base32,
    codes,  // numbers that are characters
    morse,
    caesar,      // another shift than 13, or mirrored
    misspelled,  // key words with scrambled inner letters or one letter wrong
    markup,      // words cut by emphasis, tags or comments
    displayed,   // the order that direction overrides show
    upside_down,
    word_order,
    zero_width,  // bits in invisible characters
};
std::string_view to_string(ViewKind kind);

struct View {
    enum class Mapping : std::uint8_t { identity, reversed, mapped, whole };

    ViewKind kind = ViewKind::plain;
    std::size_t parent = 0;  // index into the list; the first view is its own parent
    int depth = 0;           // encodings undone to get here
    bool from_raw = false;   // derived from the parent's raw text, else from its normalised text
    Mapping mapping = Mapping::identity;
    std::size_t origin = 0;  // where, in that text of the parent, the part begins that was read
    ByteSpan whole;          // Mapping::whole: the encoded part, in the parent
    OffsetMap map;           // Mapping::mapped, and reversed where only parts were turned
    std::string raw;         // derived text, before normalisation; empty for the first view
    Normalised normalised;
};

struct ViewLimits {
    int max_depth = 3;
    std::size_t max_derived_bytes = 64 * 1024;  // of all views together, beside the plain one
    std::size_t section_bytes = 16 * 1024;      // a long text is re-read in sections of this size
    std::size_t max_views = 24;
    std::size_t max_failures = 256;  // runs that looked encoded and were not
    // What reading again may cost, in nanoseconds of a slow core, counted so that it is the same on
    // every machine. Above what 64 KiB of any text need.
    std::size_t max_effort = 24'000'000;
};

class Views {
public:
    // Borrows text for its own life.
    Views(std::string_view text, const ViewLimits& limits);

    const std::vector<View>& all() const { return views_; }
    // "base64", "base64>rot13": the way from the original text.
    std::string name(std::size_t view) const;
    // The bytes of the original text behind part of a view's normalised text.
    ByteSpan to_original(std::size_t view, ByteSpan span) const;
    // Something was left unread because a limit was reached.
    bool truncated() const { return truncated_; }
    // Bytes looked at or written so far, each time they were: what "linear" is measured by.
    std::size_t steps() const { return steps_; }

private:
    // One section of one view, as the derivations see it.
    struct Section {
        std::size_t parent = 0;
        std::size_t origin = 0;
        std::string_view text;
    };

    void derive(std::size_t parent);
    std::vector<Section> sections(std::size_t parent, std::string_view text) const;
    void reread_raw(const Section& section, const NormaliseCounts& counts);
    void reread_words(const Section& section);
    void find_blobs(std::size_t parent);
    void find_groups(const Section& section);
    void find_codes(const Section& section, bool numbers, bool morse);
    void find_hidden(const Section& section, const NormaliseCounts& counts);
    void unescape(const Section& section, const Look& look);
    void turn(const Section& section, const WordLook& look);
    void add_rewritten(const Section& section, ViewKind kind, Rewritten rewritten,
                       View::Mapping mapping = View::Mapping::mapped);
    void add_whole(const Section& section, ViewKind kind, Decoded decoded);
    void add(View view);
    bool full() const;
    std::string_view raw_of(std::size_t view) const;

    std::string_view text_;
    ViewLimits limits_;
    std::vector<View> views_;
    std::size_t derived_bytes_ = 0;
    std::size_t steps_ = 0;
    std::size_t effort_ = 0;
    std::size_t failures_ = 0;
    std::size_t refused_ = 0;
    std::optional<Look> first_look_;  // at the raw text, where it was one section
    bool truncated_ = false;
};

}  // namespace credence::guard
