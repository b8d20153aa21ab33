// What the parsers of one file share: where they read, what they found, and the limits of it all.
//
// A Source is the file, a stretch of it, or bytes decoded from a stretch (an inflated stream, an
// attachment). Parsers speak of positions in Source::bytes; span() says where that is in the file.
// One collector per file; not thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "capabilities/guard/media/inflate.h"
#include "capabilities/guard/media/media.h"

namespace credence::guard {

inline constexpr std::size_t kMaxMediaNotes = 64;
inline constexpr int kMaxMediaDepth = 3;                                // of files in files
inline constexpr std::size_t kMaxInflatedBytes = std::size_t{4} << 20;  // of all streams together
inline constexpr std::size_t kMaxInflateRatio = 200;                    // beyond kFreeInflatedBytes
inline constexpr std::size_t kFreeInflatedBytes = std::size_t{1} << 20;
inline constexpr int kMaxPicturesRead = 4;  // of one file, for codes and letters in them

struct Source {
    std::string_view bytes;
    std::string prefix = {};              // of each `where`
    std::size_t offset = 0;               // of bytes in the file
    std::optional<ByteSpan> origin = {};  // what bytes were decoded from, if they were
    int depth = 0;

    ByteSpan span(std::size_t start, std::size_t end) const;
    ByteSpan whole() const { return span(0, bytes.size()); }
    // A stretch of it, as a source of its own. `inner` is prefixed too: "png.", …
    Source part(ByteSpan stretch, std::string_view inner = {}) const;
    // Bytes decoded from a stretch of it. They must outlive the result.
    Source decoded(std::string_view from, ByteSpan stretch, std::string_view inner = {}) const;
};

class Collector {
public:
    explicit Collector(const OpticalReader* reader) : reader_(reader) {}

    // Text that is empty, blank or beyond the limits is dropped; invalid UTF-8 is replaced.
    void part(const Source& source, std::string_view where, std::string text, ByteSpan at);
    void note(const Source& source, std::string_view what, std::string detail, ByteSpan at);
    void damaged(const Source& source, std::string detail, std::size_t at);
    void unread(std::string why);  // once each
    // A limit was met; at most one note for each.
    void limit(std::string detail);
    // The first format named is the file's.
    void format(std::string_view name);
    bool full() const;

    // Inflates within the limits of the file; notes a bomb.
    Unpacked unpack(const Source& source, ByteSpan at, Packing packing);

    // Whether one more picture may be read; counts it.
    bool take_picture();
    const OpticalReader* reader() const { return reader_; }
    const MediaReport& report() const { return report_; }
    MediaReport finish() { return std::move(report_); }

private:
    const OpticalReader* reader_;
    MediaReport report_;
    std::size_t text_bytes_ = 0;
    std::size_t inflated_bytes_ = 0;
    int pictures_ = 0;
};

// Reads a source of any format; called again for files inside. `name` may hint at a format.
void read_source(const Source& source, Collector& collector, std::string_view name = {});

// Bytes behind a format's own end, from `at`: said, and read as far as they are text or a file.
void read_appended(const Source& source, std::size_t at, Collector& collector);

// Text in bytes whose meaning is not known, as one part.
void read_runs(const Source& source, std::string_view where, ByteSpan at, Collector& collector);

}  // namespace credence::guard
