#include "capabilities/guard/text/views.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "capabilities/guard/text/decode.h"
#include "capabilities/guard/text/disguise.h"
#include "capabilities/guard/text/fold_table.h"
#include "capabilities/guard/text/language.h"

namespace credence::guard {

namespace {

constexpr std::size_t kMinBlob = 20;  // shorter runs hide nothing worth saying
constexpr std::size_t kMaxBlobsTried = 64;
constexpr std::size_t kMinHexPairs = 8;
constexpr std::size_t kHexProbeStep = 8;
constexpr std::size_t kMinEscapes = 3;
constexpr std::size_t kMinHidden = 6;     // tag characters or variation selectors
constexpr std::size_t kMinLineBlob = 60;  // a wrapped blob's line

constexpr std::array<bool, 256> make_blob_bytes() {
    std::array<bool, 256> blob{};
    for (std::size_t i = 0; i < 256; ++i) {
        const char c = static_cast<char>(i);
        blob[i] = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '+' || c == '/' || c == '=' || c == '-' || c == '_';
    }
    return blob;
}

constexpr auto kBlobByte = make_blob_bytes();

bool is_blob_byte(char c) {
    return kBlobByte[static_cast<unsigned char>(c)];
}

bool is_hex(char c) {
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

// The next run of at least kMinBlob blob bytes from `at`; empty at the end. Looks at every
// kMinBlob-th byte only, until one lies in a run.
ByteSpan next_blob(std::string_view text, std::size_t at) {
    std::size_t probe = at + kMinBlob - 1;
    while (probe < text.size()) {
        if (!is_blob_byte(text[probe])) {
            at = probe + 1;
            probe += kMinBlob;
            continue;
        }
        std::size_t start = probe;
        while (start > at && is_blob_byte(text[start - 1])) {
            --start;
        }
        std::size_t end = probe + 1;
        while (end < text.size() && is_blob_byte(text[end])) {
            ++end;
            const bool wrapped = end + 1 < text.size() && text[end] == '\n' &&
                                 end - start >= kMinLineBlob && is_blob_byte(text[end + 1]);
            end += wrapped ? 1 : 0;
        }
        if (end - start >= kMinBlob) {
            return {start, end};
        }
        at = end;
        probe = at + kMinBlob - 1;
    }
    return {};
}

bool is_hex_gap(char c) {
    return c == ' ' || c == ':';
}

// "48 65 6c …": pairs of hex digits with a gap between, where the three bytes at `at` are part of
// such a run; empty otherwise. A run of fewer pairs than kMinHexPairs costs at most that many
// looks.
ByteSpan spaced_hex_around(std::string_view text, std::size_t at) {
    std::size_t gap = 3;
    for (std::size_t i = 0; i < 3; ++i) {
        if (is_hex_gap(text[at + i])) {
            gap = gap == 3 ? i : 4;
        } else if (!is_hex(text[at + i])) {
            return {};
        }
    }
    if (gap > 2) {
        return {};
    }
    std::size_t start = at + gap + 1;
    while (start >= 3 && is_hex_gap(text[start - 1]) && is_hex(text[start - 2]) &&
           is_hex(text[start - 3])) {
        start -= 3;
    }
    std::size_t end = start;
    std::size_t pairs = 0;
    while (end + 1 < text.size() && is_hex(text[end]) && is_hex(text[end + 1])) {
        ++pairs;
        end += 2;
        if (end + 2 >= text.size() || !is_hex_gap(text[end]) || !is_hex(text[end + 1])) {
            break;
        }
        ++end;
    }
    return pairs >= kMinHexPairs ? ByteSpan{start, end} : ByteSpan{};
}

char32_t hidden_byte(char32_t c) {
    if (c >= 0xFE00 && c <= 0xFE0F) {
        return c - 0xFE00;
    }
    return c - 0xE0100 + 16;
}

}  // namespace

std::string_view to_string(ViewKind kind) {
    constexpr std::array<std::string_view, 12> kNames = {"plain",
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
                                                         "rot13"};
    return kNames[static_cast<std::size_t>(kind)];
}

Views::Views(std::string_view text, const ViewLimits& limits) : text_(text), limits_(limits) {
    views_.reserve(limits.max_views + 1);
    normalise(text, views_.emplace_back().normalised);
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
    return views_.size() > limits_.max_views || derived_bytes_ > limits_.max_derived_bytes;
}

void Views::add(View view) {
    if (full() || derived_bytes_ + view.raw.size() > limits_.max_derived_bytes) {
        truncated_ = true;
        return;
    }
    derived_bytes_ += view.raw.size();
    view.depth = views_[view.parent].depth + 1;
    normalise(view.raw, view.normalised);
    views_.push_back(std::move(view));
}

void Views::derive(std::size_t parent) {
    const NormaliseCounts counts = views_[parent].normalised.counts;
    find_blobs(parent);
    unescape(parent);
    if (counts.tags >= kMinHidden || counts.selectors >= kMinHidden) {
        find_hidden(parent);
    }
    reread(parent);
}

void Views::try_blob(std::size_t parent, ByteSpan blob) {
    std::string_view encoded = raw_of(parent).substr(blob.start, blob.end - blob.start);
    View view;
    view.parent = parent;
    view.from_raw = true;
    view.mapping = View::Mapping::whole;
    view.whole = blob;
    if (std::all_of(encoded.begin(), encoded.end(),
                    [](char c) { return is_hex(c) || c == ' ' || c == ':'; })) {
        if (auto text = decode_hex_text(encoded)) {
            view.kind = ViewKind::hexadecimal;
            view.raw = std::move(*text);
            add(std::move(view));
            return;
        }
    }
    if (auto text = decode_base64_text(encoded)) {
        view.kind = ViewKind::base64;
        view.raw = std::move(*text);
        add(std::move(view));
    }
}

void Views::find_blobs(std::size_t parent) {
    const std::string_view text = raw_of(parent);
    std::size_t tried = 0;
    std::size_t at = 0;
    while (tried < kMaxBlobsTried && !full()) {
        const ByteSpan blob = next_blob(text, at);
        if (blob.end == 0) {
            break;
        }
        ++tried;
        at = blob.end;
        const std::size_t room = limits_.max_derived_bytes - derived_bytes_;
        truncated_ = truncated_ || blob.end - blob.start > room * 4 / 3;
        try_blob(parent, {blob.start, std::min(blob.end, blob.start + room * 4 / 3)});
    }
    truncated_ = truncated_ || tried == kMaxBlobsTried;
    const std::string_view head = text.substr(0, limits_.max_whole_text_bytes);
    for (at = 0; at + 2 < head.size() && !full(); at += kHexProbeStep) {
        const ByteSpan pairs = spaced_hex_around(head, at);
        if (pairs.end != 0) {
            try_blob(parent, pairs);
            at = pairs.end;
        }
    }
}

void Views::unescape(std::size_t parent) {
    const std::string_view text = raw_of(parent).substr(0, limits_.max_whole_text_bytes);
    const auto take = [&](ViewKind kind, Unescaped unescaped, std::size_t minimum) {
        if (unescaped.count < minimum) {
            return;
        }
        View view;
        view.kind = kind;
        view.parent = parent;
        view.from_raw = true;
        view.mapping = View::Mapping::mapped;
        view.map = std::move(unescaped.map);
        view.raw = std::move(unescaped.text);
        add(std::move(view));
    };
    if (text.find('%') != std::string_view::npos) {
        take(ViewKind::percent, unescape_percent(text), kMinEscapes);
    }
    if (text.find('&') != std::string_view::npos) {
        take(ViewKind::entities, unescape_entities(text), kMinEscapes);
    }
    if (text.find('\\') != std::string_view::npos) {
        take(ViewKind::escapes, unescape_backslashes(text), 1);
    }
}

void Views::find_hidden(std::size_t parent) {
    const std::string_view text = raw_of(parent);
    View tags;
    View selectors;
    std::string bytes;
    tags.kind = ViewKind::tag_characters;
    selectors.kind = ViewKind::variation_selectors;
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = decode_utf8(text, at);
        const bool tag = point.value >= 0xE0020 && point.value <= 0xE007E;
        const bool selector = (point.value >= 0xFE00 && point.value <= 0xFE0F) ||
                              (point.value >= 0xE0100 && point.value <= 0xE01EF);
        if (tag || selector) {
            View& view = tag ? tags : selectors;
            view.raw.push_back(
                static_cast<char>(tag ? point.value - 0xE0000 : hidden_byte(point.value)));
            view.whole.start = view.raw.size() == 1 ? at : view.whole.start;
            view.whole.end = at + point.bytes;
        }
        at += point.bytes;
    }
    for (View* view : {&tags, &selectors}) {
        if (view->raw.size() >= kMinHidden && is_readable(view->raw)) {
            view->parent = parent;
            view->from_raw = true;
            view->mapping = View::Mapping::whole;
            view->raw.resize(std::min(view->raw.size(), limits_.max_whole_text_bytes));
            add(std::move(*view));
        }
    }
}

void Views::reread(std::size_t parent) {
    const ViewKind kind = views_[parent].kind;
    const auto derived = [&](ViewKind as, View::Mapping mapping, std::string text) {
        View view;
        view.kind = as;
        view.parent = parent;
        view.mapping = mapping;
        view.raw = std::move(text);
        return view;
    };
    // A text that was turned once is not turned again: that would only undo it.
    const bool turned = kind == ViewKind::reversed || kind == ViewKind::rot13 ||
                        kind == ViewKind::leetspeak || kind == ViewKind::separated;
    const std::string_view raw = raw_of(parent).substr(0, limits_.max_whole_text_bytes);
    if (!turned) {
        if (auto joined = join_separated(raw)) {
            View view =
                derived(ViewKind::separated, View::Mapping::mapped, std::move(joined->text));
            view.from_raw = true;
            view.map = std::move(joined->map);
            add(std::move(view));
        }
    }
    const std::string_view whole = views_[parent].normalised.text;
    const std::string_view text = whole.substr(0, limits_.max_whole_text_bytes);
    if (turned && kind != ViewKind::separated) {
        return;
    }
    if (auto plain = undo_leetspeak(text)) {
        add(derived(ViewKind::leetspeak, View::Mapping::identity, std::move(*plain)));
    }
    const Readings readings = read_windows(text);
    if (readings.rotated) {
        add(derived(ViewKind::rot13, View::Mapping::identity, rot13(text)));
    }
    if (readings.reversed && text.size() == whole.size()) {
        add(derived(ViewKind::reversed, View::Mapping::reversed,
                    std::string(text.rbegin(), text.rend())));
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
        switch (view->mapping) {
            case View::Mapping::identity:
                break;
            case View::Mapping::whole:
                span = view->whole;
                break;
            case View::Mapping::mapped:
                span = view->map.to_source(span);
                break;
            case View::Mapping::reversed: {
                const std::size_t size = view->raw.size();
                span = {size - std::min(size, span.end), size - std::min(size, span.start)};
                break;
            }
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
