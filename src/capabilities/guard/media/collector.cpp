#include "capabilities/guard/media/collector.h"

#include <algorithm>

#include "base/text.h"
#include "capabilities/guard/media/encoding.h"

namespace credence::guard {
namespace {

constexpr std::size_t kMaxWhereBytes = 160;
constexpr std::size_t kMaxDetailBytes = 200;
constexpr std::size_t kMaxUnread = 32;
constexpr std::size_t kMinRunBytes = 16;

// Cut between characters.
std::string_view shortened(std::string_view text, std::size_t max_bytes) {
    if (text.size() <= max_bytes) {
        return text;
    }
    std::size_t end = max_bytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80) {
        --end;
    }
    return text.substr(0, end);
}

}  // namespace

ByteSpan Source::span(std::size_t start, std::size_t end) const {
    if (origin) {
        return *origin;
    }
    end = std::min(end, bytes.size());
    start = std::min(start, end);
    return {offset + start, offset + end};
}

Source Source::part(ByteSpan stretch, std::string_view inner) const {
    const std::size_t end = std::min(stretch.end, bytes.size());
    const std::size_t start = std::min(stretch.start, end);
    return {.bytes = bytes.substr(start, end - start),
            .prefix = prefix + std::string(inner),
            .offset = offset + start,
            .origin = origin,
            .depth = depth};
}

Source Source::decoded(std::string_view from, ByteSpan stretch, std::string_view inner) const {
    return {.bytes = from,
            .prefix = prefix + std::string(inner),
            .offset = 0,
            .origin = span(stretch.start, stretch.end),
            .depth = depth};
}

void Collector::part(const Source& source, std::string_view where, std::string text, ByteSpan at) {
    std::erase(text, '\0');
    const std::string_view kept = trim(text);
    if (kept.empty()) {
        return;
    }
    if (full()) {
        report_.truncated = true;
        return;
    }
    std::string valid = to_valid_utf8(kept);
    const std::size_t left = kMaxMediaTextBytes - text_bytes_;
    if (valid.size() > left) {
        valid.resize(shortened(valid, left).size());
        report_.truncated = true;
    }
    text_bytes_ += valid.size();
    const std::string full_where = to_valid_utf8(source.prefix + std::string(where));
    report_.parts.push_back({std::string(shortened(full_where, kMaxWhereBytes)), std::move(valid),
                             source.span(at.start, at.end)});
}

void Collector::note(const Source& source, std::string_view what, std::string detail, ByteSpan at) {
    if (report_.notes.size() >= kMaxMediaNotes) {
        report_.truncated = true;
        return;
    }
    const std::string text = to_valid_utf8(source.prefix + detail);
    report_.notes.push_back({std::string(what), std::string(shortened(text, kMaxDetailBytes)),
                             source.span(at.start, at.end)});
}

void Collector::damaged(const Source& source, std::string detail, std::size_t at) {
    note(source, "damaged", std::move(detail), {at, source.bytes.size()});
}

void Collector::unread(std::string why) {
    why = to_valid_utf8(shortened(why, kMaxDetailBytes));
    const bool known =
        std::find(report_.unread.begin(), report_.unread.end(), why) != report_.unread.end();
    if (!known && report_.unread.size() < kMaxUnread) {
        report_.unread.push_back(std::move(why));
    }
}

void Collector::limit(std::string detail) {
    report_.truncated = true;
    unread("limit: " + detail);
}

void Collector::format(std::string_view name) {
    if (report_.format.empty()) {
        report_.format = name;
    }
}

bool Collector::full() const {
    return report_.parts.size() >= kMaxMediaParts || text_bytes_ >= kMaxMediaTextBytes;
}

Unpacked Collector::unpack(const Source& source, ByteSpan at, Packing packing) {
    const std::size_t end = std::min(at.end, source.bytes.size());
    const std::size_t start = std::min(at.start, end);
    const std::size_t size = end - start;
    const std::size_t left = kMaxInflatedBytes - std::min(kMaxInflatedBytes, inflated_bytes_);
    if (left == 0) {
        limit("bytes unpacked");
        return {};
    }
    const std::size_t by_ratio = std::max(kFreeInflatedBytes, size * kMaxInflateRatio);
    Unpacked unpacked =
        inflate_bytes(source.bytes.substr(start, size), packing, std::min(left, by_ratio));
    // Even a stream that yields nothing costs its set-up.
    inflated_bytes_ += unpacked.bytes.size() + 1024;
    if (unpacked.limited) {
        limit("bytes unpacked");
        if (unpacked.bytes.size() > unpacked.consumed * kMaxInflateRatio) {
            note(source, "bomb", "a stream that unpacks to more than 200 times its size",
                 {start, end});
        }
    }
    return unpacked;
}

bool Collector::take_picture() {
    if (pictures_ >= kMaxPicturesRead) {
        limit("pictures looked into");
        return false;
    }
    ++pictures_;
    return true;
}

void read_runs(const Source& source, std::string_view where, ByteSpan at, Collector& collector) {
    const std::size_t end = std::min(at.end, source.bytes.size());
    const std::size_t start = std::min(at.start, end);
    const std::string_view bytes = source.bytes.substr(start, end - start);
    if (looks_like_text(bytes)) {
        collector.part(source, where, from_unknown(bytes), {start, end});
        return;
    }
    for (const ByteSpan run : text_runs(bytes, kMinRunBytes)) {
        collector.part(source, where, std::string(bytes.substr(run.start, run.end - run.start)),
                       {start + run.start, start + run.end});
    }
}

}  // namespace credence::guard
