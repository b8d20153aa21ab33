#include "capabilities/guard/text/views.h"

#include <algorithm>
#include <array>
#include <utility>

namespace credence::guard {

namespace {

constexpr std::size_t kMaxRefused = 4;  // views without room, after which no other is tried
constexpr std::size_t kShortText = 64;  // bytes that a string may hold within itself, and more
constexpr std::size_t kOverlap = 64;    // bytes in which the end of a section is moved to a blank

}  // namespace

std::string_view to_string(ViewKind kind) {
    constexpr std::array<std::string_view, 22> kNames = {"plain",
                                                         "base64",
                                                         "hex",
                                                         "percent",
                                                         "entities",
                                                         "escapes",
                                                         "tag_characters",
                                                         "variation_selectors",
                                                         "leetspeak",
                                                         "separated",
                                                         "reversed",
                                                         "rot13",
                                                         "base32",
                                                         "codes",
                                                         "morse",
                                                         "caesar",
                                                         "misspelled",
                                                         "markup",
                                                         "displayed",
                                                         "upside_down",
                                                         "word_order",
                                                         "zero_width"};
    return kNames[static_cast<std::size_t>(kind)];
}

Views::Views(std::string_view text, const ViewLimits& limits) : text_(text), limits_(limits) {
    normalise(text, views_.emplace_back().normalised);
    // Views borrow the texts of each other, which lie still when the list grows unless they are
    // short. Most texts have one view only.
    if (views_[0].normalised.text.size() < kShortText) {
        views_.reserve(limits.max_views + 1);
    }
    steps_ += text.size();
    // The list grows while it is walked: what was decoded is looked at again.
    for (std::size_t i = 0; i < views_.size(); ++i) {
        if (views_[i].depth < limits_.max_depth) {
            derive(i);
        }
    }
}

std::string_view Views::raw_of(std::size_t view) const {
    return view == 0 ? text_ : std::string_view(views_[view].raw);
}

bool Views::full() const {
    return views_.size() > limits_.max_views || derived_bytes_ > limits_.max_derived_bytes ||
           refused_ >= kMaxRefused;
}

void Views::add(View view) {
    if (full() || derived_bytes_ + view.raw.size() > limits_.max_derived_bytes) {
        truncated_ = true;
        ++refused_;
        return;
    }
    if (view.raw == raw_of(view.parent)) {
        return;
    }
    derived_bytes_ += view.raw.size();
    steps_ += 2 * view.raw.size();
    view.depth = views_[view.parent].depth + 1;
    normalise(view.raw, view.normalised);
    // Two ways to the same text say no more than one.
    const bool known = std::any_of(views_.begin(), views_.end(), [&](const View& other) {
        return other.normalised.text == view.normalised.text;
    });
    if (!known) {
        views_.reserve(limits_.max_views + 1);
        views_.push_back(std::move(view));
    }
}

void Views::add_rewritten(const Section& section, ViewKind kind, Rewritten rewritten,
                          View::Mapping mapping) {
    View view;
    view.kind = kind;
    view.parent = section.parent;
    view.origin = section.origin;
    const auto* const raw = raw_of(section.parent).data();
    view.from_raw = section.text.data() == raw + section.origin;
    view.mapping = mapping;
    if (mapping == View::Mapping::whole) {
        const ByteSpan all = rewritten.map.to_source({0, rewritten.text.size()});
        view.whole = {all.start + section.origin, all.end + section.origin};
    }
    view.map = std::move(rewritten.map);
    view.raw =
        mapping == View::Mapping::reversed ? backwards(rewritten.text) : std::move(rewritten.text);
    add(std::move(view));
}

void Views::add_whole(const Section& section, ViewKind kind, Decoded decoded) {
    View view;
    view.kind = kind;
    view.parent = section.parent;
    view.from_raw = true;
    view.mapping = View::Mapping::whole;
    view.whole = {decoded.span.start + section.origin, decoded.span.end + section.origin};
    view.raw = std::move(decoded.text);
    add(std::move(view));
}

// The first, the last, then those between, so that both ends of a long text are read whatever
// fills the budget.
std::vector<Views::Section> Views::sections(std::size_t parent, std::string_view text) const {
    std::vector<Section> list;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = std::min(text.size(), at + limits_.section_bytes);
        for (std::size_t i = 0; end < text.size() && i < kOverlap && i < end - at; ++i) {
            if (text[end - 1 - i] == ' ' || text[end - 1 - i] == '\n') {
                end -= i;
                break;
            }
        }
        while (end < text.size() && end > at + 1 &&
               (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
            --end;
        }
        list.push_back({parent, at, text.substr(at, end - at)});
        at = end;
    }
    if (list.size() > 2) {
        std::rotate(list.begin() + 1, list.end() - 1, list.end());
    }
    return list;
}

void Views::derive(std::size_t parent) {
    find_blobs(parent);
    const NormaliseCounts counts = views_[parent].normalised.counts;
    for (const Section& section : sections(parent, raw_of(parent))) {
        if (full() || effort_ > limits_.max_effort) {
            truncated_ = true;
            return;
        }
        reread_raw(section, counts);
    }
    for (const Section& section : sections(parent, views_[parent].normalised.text)) {
        if (full() || effort_ > limits_.max_effort) {
            truncated_ = true;
            return;
        }
        reread_words(section);
    }
}

std::string Views::name(std::size_t view) const {
    std::string name(to_string(views_[view].kind));
    while (views_[view].parent != 0) {
        view = views_[view].parent;
        name = std::string(to_string(views_[view].kind)) + ">" + name;
    }
    return name;
}

ByteSpan Views::to_original(std::size_t at, ByteSpan span) const {
    const View* view = &views_[at];
    span = view->normalised.map.to_source(span);
    while (at != 0) {
        const View& parent = views_[view->parent];
        if (view->mapping == View::Mapping::whole) {
            span = view->whole;
        } else {
            if (view->mapping == View::Mapping::reversed) {
                const std::size_t size = view->raw.size();
                span = {size - std::min(size, span.end), size - std::min(size, span.start)};
            }
            span = view->map.to_source(span);
            span = {span.start + view->origin, span.end + view->origin};
        }
        if (!view->from_raw) {
            span = parent.normalised.map.to_source(span);
        }
        at = view->parent;
        view = &parent;
    }
    return span;
}

}  // namespace credence::guard
