// Vorbis comments, in FLAC and in Ogg (Vorbis, Opus, Speex, Theora, FLAC).
#include <array>
#include <string>
#include <vector>

#include "capabilities/guard/media/bytes.h"
#include "capabilities/guard/media/encoding.h"
#include "capabilities/guard/media/formats.h"
#include "capabilities/guard/media/transfer.h"

namespace credence::guard {
namespace {

constexpr std::size_t kMaxComments = 1024;
constexpr std::size_t kMaxBlocks = 1024;
constexpr std::size_t kMaxStreams = 4;
constexpr std::size_t kMaxHeaderPackets = 4;
constexpr std::size_t kMaxPacketBytes = std::size_t{2} << 20;

// The picture block of FLAC: kind, media type, description, measures, data.
void read_picture_block(const Source& body, Collector& collector) {
    const std::size_t type_bytes = big32(body.bytes, 4);
    const std::size_t description = 8 + type_bytes + 4;
    const std::size_t description_bytes = big32(body.bytes, 8 + type_bytes);
    const std::size_t data = description + description_bytes + 20;
    if (data > body.bytes.size()) {
        collector.damaged(body, "flac: a picture is cut off", 0);
        return;
    }
    collector.part(body, "vorbis.picture.description",
                   from_unknown(body.bytes.substr(description, description_bytes)),
                   {description, description + description_bytes});
    read_source(body.part({data, body.bytes.size()}, "vorbis.picture."), collector);
}

void read_comment(const Source& body, ByteSpan at, Collector& collector) {
    const std::string_view text = body.bytes.substr(at.start, at.end - at.start);
    const std::size_t equals = std::min(text.find('='), text.size());
    const std::string_view name = text.substr(0, equals);
    const std::string_view value = slice(text, equals + 1, text.size());
    if (name == "METADATA_BLOCK_PICTURE") {
        const std::string block = from_base64_lines(value);
        read_picture_block(body.decoded(block, at), collector);
        return;
    }
    collector.part(body, "vorbis." + std::string(name), std::string(value),
                   {at.start + equals + 1, at.end});
}

void read_comments(const Source& body, Collector& collector) {
    const std::string_view bytes = body.bytes;
    const std::size_t vendor_bytes = little32(bytes, 0);
    collector.part(body, "vorbis.vendor", from_unknown(slice(bytes, 4, vendor_bytes)),
                   {4, 4 + vendor_bytes});
    const std::size_t count = little32(bytes, 4 + vendor_bytes);
    std::size_t at = 8 + vendor_bytes;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t size = little32(bytes, at);
        at += 4;
        if (at > bytes.size() || size > bytes.size() - at) {
            collector.damaged(body, "vorbis: a comment is cut off", std::min(at, bytes.size()));
            return;
        }
        if (i >= kMaxComments) {
            collector.limit("vorbis comments");
            return;
        }
        read_comment(body, {at, at + size}, collector);
        at += size;
    }
}

// The packets of one logical stream as far as its headers go.
struct Stream {
    std::size_t serial = 0;
    std::string packet = {};
    ByteSpan at = {};
    std::size_t packets = 0;
};

void read_packet(const Source& source, const Stream& stream, Collector& collector) {
    constexpr std::array<std::string_view, 3> kNames = {"\x03vorbis", "OpusTags", "\x81theora"};
    const Source packet = source.decoded(stream.packet, stream.at);
    for (const std::string_view name : kNames) {
        if (packet.bytes.starts_with(name)) {
            read_comments(packet.part({name.size(), packet.bytes.size()}), collector);
            return;
        }
    }
    const unsigned block = byte_at(packet.bytes, 0) & 0x7fU;
    if (stream.packets > 0 && block == 4) {  // a FLAC block
        read_comments(packet.part({4, packet.bytes.size()}), collector);
    }
}

class OggReader {
public:
    OggReader(const Source& source, Collector& collector)
        : source_(source), collector_(collector) {}

    void read() {
        std::size_t at = 0;
        while (at < source_.bytes.size()) {
            if (slice(source_.bytes, at, 4) != "OggS") {
                read_appended(source_, at, collector_);
                return;
            }
            const std::size_t end = page(at);
            if (end > source_.bytes.size()) {
                collector_.damaged(source_, "ogg: a page is cut off", at);
                break;
            }
            at = end;
        }
        for (const Stream& stream : streams_) {
            if (!stream.packet.empty()) {
                read_packet(source_, stream, collector_);
            }
        }
    }

private:
    // Where the page ends.
    std::size_t page(std::size_t at) {
        const std::size_t segments = byte_at(source_.bytes, at + 26);
        Stream* stream = stream_of(little32(source_.bytes, at + 14));
        std::size_t body = at + 27 + segments;
        for (std::size_t i = 0; i < segments; ++i) {
            const std::size_t size = byte_at(source_.bytes, at + 27 + i);
            if (stream != nullptr && stream->packets < kMaxHeaderPackets) {
                take(*stream, {body, body + size}, size < 255);
            }
            body += size;
        }
        return body;
    }

    void take(Stream& stream, ByteSpan at, bool last) {
        if (stream.packet.empty()) {
            stream.at.start = at.start;
        }
        stream.at.end = at.end;
        if (stream.packet.size() < kMaxPacketBytes) {
            stream.packet += slice(source_.bytes, at.start, at.end - at.start);
        }
        if (last) {
            read_packet(source_, stream, collector_);
            stream.packet.clear();
            ++stream.packets;
        }
    }

    Stream* stream_of(std::size_t serial) {
        for (Stream& stream : streams_) {
            if (stream.serial == serial) {
                return &stream;
            }
        }
        if (streams_.size() == kMaxStreams) {
            collector_.limit("streams of an Ogg file");
            return nullptr;
        }
        streams_.push_back({.serial = serial});
        return &streams_.back();
    }

    const Source& source_;
    Collector& collector_;
    std::vector<Stream> streams_;
};

}  // namespace

void read_flac(const Source& source, Collector& collector) {
    std::size_t at = 4;
    bool last = false;
    for (std::size_t count = 0; count < kMaxBlocks && !last; ++count) {
        const unsigned kind = byte_at(source.bytes, at);
        const std::size_t size = big32(source.bytes, at) & 0xffffffU;
        const ByteSpan place{at + 4, at + 4 + size};
        if (place.end > source.bytes.size()) {
            collector.damaged(source, "flac: a block is cut off", at);
            read_runs(source, "flac.rest", {at, source.bytes.size()}, collector);
            return;
        }
        last = (kind & 0x80U) != 0;
        const Source body = source.part(place);
        switch (kind & 0x7fU) {
            case 1:
            case 2:
                read_runs(source, (kind & 0x7fU) == 1 ? "flac.padding" : "flac.application", place,
                          collector);
                break;
            case 4:
                read_comments(body, collector);
                break;
            case 6:
                read_picture_block(body, collector);
                break;
            default:
                break;
        }
        at = place.end;
    }
}

void read_ogg(const Source& source, Collector& collector) {
    OggReader(source, collector).read();
}

}  // namespace credence::guard
