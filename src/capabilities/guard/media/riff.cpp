// RIFF: WebP pictures, WAV sounds and AVI films.
#include <array>
#include <string>

#include "capabilities/guard/media/bytes.h"
#include "capabilities/guard/media/encoding.h"
#include "capabilities/guard/media/formats.h"

namespace credence::guard {
namespace {

constexpr std::array<std::string_view, 26> kSilentChunks = {
    "VP8 ", "VP8L", "VP8X", "ALPH", "ANIM", "ANMF", "fmt ", "data", "fact",
    "cue ", "smpl", "inst", "hdrl", "movi", "idx1", "avih", "strh", "strf",
    "00dc", "01wb", "00db", "indx", "ix00", "ix01", "PEAK", "levl"};

struct RiffChunk {
    std::string_view name;
    ByteSpan body;
};

// Calls visit for each chunk in [at, source.bytes.size()), and returns where they end.
template <class Visit>
std::size_t each_chunk(const Source& source, std::size_t at, Visit visit) {
    for (std::size_t count = 0; count < kMaxChunks && at + 8 <= source.bytes.size(); ++count) {
        const std::size_t size = little32(source.bytes, at + 4);
        const std::size_t end = at + 8 + size;
        visit(RiffChunk{slice(source.bytes, at, 4), {at + 8, std::min(end, source.bytes.size())}});
        at = end + size % 2;
    }
    return at;
}

void read_list(const Source& list, Collector& collector) {
    const std::string_view kind = slice(list.bytes, 0, 4);
    each_chunk(list, 4, [&](const RiffChunk& chunk) {
        const std::string_view text =
            list.bytes.substr(chunk.body.start, chunk.body.end - chunk.body.start);
        if (kind == "INFO") {
            collector.part(list, "riff." + std::string(chunk.name), from_unknown(text), chunk.body);
        } else if (kind == "adtl") {  // labels of cue points, behind their number
            const ByteSpan label{chunk.body.start + 4, chunk.body.end};
            collector.part(list, "riff." + std::string(chunk.name),
                           from_unknown(slice(text, 4, text.size())), label);
        } else if (chunk.name == "strn") {
            collector.part(list, "riff.strn", from_unknown(text), chunk.body);
        }
    });
}

// Broadcast Wave: description, originator and reference of fixed width, then a coding history.
void read_broadcast(const Source& body, Collector& collector) {
    constexpr std::array<ByteSpan, 3> kFields = {{{0, 256}, {256, 288}, {288, 320}}};
    for (const ByteSpan field : kFields) {
        collector.part(body, "riff.bext",
                       from_unknown(slice(body.bytes, field.start, field.end - field.start)),
                       field);
    }
    collector.part(body, "riff.bext", from_unknown(slice(body.bytes, 602, body.bytes.size())),
                   {602, body.bytes.size()});
}

void read_chunk(const Source& source, const RiffChunk& chunk, Collector& collector) {
    const Source body = source.part(chunk.body);
    if (chunk.name == "EXIF") {
        const std::size_t skip = body.bytes.starts_with("Exif") ? 6 : 0;
        read_exif(body.part({skip, body.bytes.size()}), collector);
    } else if (chunk.name == "XMP " || chunk.name == "_PMX") {
        read_xmp(body, collector);
    } else if (chunk.name == "ICCP") {
        read_icc(body, collector);
    } else if (chunk.name == "LIST") {
        read_list(body, collector);
    } else if (chunk.name == "id3 " || chunk.name == "ID3 ") {
        read_id3v2(body, collector);
    } else if (chunk.name == "bext") {
        read_broadcast(body, collector);
    } else if (chunk.name == "iXML" || chunk.name == "axml") {
        read_markup(body, Markup::xml, collector);
    } else if (std::find(kSilentChunks.begin(), kSilentChunks.end(), chunk.name) ==
               kSilentChunks.end()) {
        collector.note(source, "unknown_chunk", std::string(chunk.name), chunk.body);
        read_runs(source, "riff." + std::string(chunk.name), chunk.body, collector);
    }
}

}  // namespace

void read_riff(const Source& source, Collector& collector) {
    const std::size_t size = little32(source.bytes, 4);
    const std::size_t end = std::min(source.bytes.size(), 8 + size);
    if (8 + size > source.bytes.size()) {
        collector.damaged(source, "riff: is cut off", source.bytes.size());
    }
    const Source inside = source.part({0, end});
    const std::size_t stop = each_chunk(
        inside, 12, [&](const RiffChunk& chunk) { read_chunk(inside, chunk, collector); });
    if (stop < end) {
        read_runs(inside, "riff.rest", {stop, end}, collector);
    }
    if (end + size % 2 < source.bytes.size()) {
        read_appended(source, end + size % 2, collector);
    }
}

}  // namespace credence::guard
