// Other readings of one text: what it says once an encoding or a disguise is undone.
//
// A view carries its own normalised text and knows which bytes of the original every part came
// from. Views are derived only where a cheap linear look says that there is something to undo, to
// at most `max_depth` encodings on top of each other, and only while the byte budget lasts. Linear
// in the input plus the budget.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "capabilities/guard/text/normalise.h"
#include "capabilities/guard/text/offset_map.h"

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
};
std::string_view to_string(ViewKind kind);

struct View {
    enum class Mapping : std::uint8_t { identity, reversed, mapped, whole };

    ViewKind kind = ViewKind::plain;
    std::size_t parent = 0;  // index into the list; the first view is its own parent
    int depth = 0;           // encodings undone to get here
    bool from_raw = false;   // derived from the parent's raw text, else from its normalised text
    Mapping mapping = Mapping::identity;
    ByteSpan whole;   // Mapping::whole: the encoded part, in the parent
    OffsetMap map;    // Mapping::mapped
    std::string raw;  // derived text, before normalisation; empty for the first view
    Normalised normalised;
};

struct ViewLimits {
    int max_depth = 3;
    std::size_t max_derived_bytes = 64 * 1024;     // of all views together, beside the plain one
    std::size_t max_whole_text_bytes = 16 * 1024;  // longest text that is re-read as a whole
    std::size_t max_views = 24;
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

private:
    void derive(std::size_t parent);
    void find_blobs(std::size_t parent);
    void try_blob(std::size_t parent, ByteSpan blob);
    void unescape(std::size_t parent);
    void find_hidden(std::size_t parent);
    void reread(std::size_t parent);
    void add(View view);
    bool full() const;
    std::string_view raw_of(std::size_t view) const;

    std::string_view text_;
    ViewLimits limits_;
    std::vector<View> views_;
    std::size_t derived_bytes_ = 0;
    bool truncated_ = false;
};

}  // namespace credence::guard
