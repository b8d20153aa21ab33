// GIF89a and BMP.
#include <string>

#include "capabilities/guard/media/bytes.h"
#include "capabilities/guard/media/encoding.h"
#include "capabilities/guard/media/formats.h"

namespace credence::guard {
namespace {

constexpr std::size_t kXmpTrailerBytes = 258;
constexpr unsigned char kExtension = 0x21;
constexpr unsigned char kImage = 0x2c;
constexpr unsigned char kTrailer = 0x3b;

std::size_t colour_table_bytes(unsigned char flags) {
    return (flags & 0x80U) != 0 ? std::size_t{3} << ((flags & 7U) + 1U) : 0;
}

class GifReader {
public:
    GifReader(const Source& source, Collector& collector)
        : source_(source), bytes_(source.bytes), collector_(collector) {}

    // Every block moves at_ on by at least one byte.
    void read() {
        at_ = 13 + colour_table_bytes(byte_at(bytes_, 10));
        while (at_ < bytes_.size()) {
            const unsigned char kind = byte_at(bytes_, at_++);
            if (kind == kTrailer) {
                read_appended(source_, at_, collector_);
                return;
            }
            if (kind == kImage) {
                at_ += 9 + colour_table_bytes(byte_at(bytes_, at_ + 8));
                ++at_;  // the code size
                skip_blocks();
            } else if (kind == kExtension) {
                extension();
            } else {
                break;
            }
        }
        const std::size_t end = std::min(at_, bytes_.size());
        collector_.damaged(source_, "gif: no trailer", end);
        read_runs(source_, "gif.rest", {end, bytes_.size()}, collector_);
    }

private:
    void skip_blocks() {
        while (at_ < bytes_.size()) {
            const std::size_t size = byte_at(bytes_, at_);
            at_ += 1 + size;
            if (size == 0) {
                return;
            }
        }
    }

    std::string joined_blocks() {
        std::string joined;
        while (at_ < bytes_.size()) {
            const std::size_t size = byte_at(bytes_, at_);
            joined += slice(bytes_, at_ + 1, size);
            at_ += 1 + size;
            if (size == 0) {
                break;
            }
        }
        return joined;
    }

    void extension() {
        const unsigned char label = byte_at(bytes_, at_++);
        const std::size_t start = at_;
        if (label == 0xfe) {
            std::string comment = from_unknown(joined_blocks());
            collector_.part(source_, "gif.comment", std::move(comment), {start, at_});
        } else if (label == 0x01) {
            at_ += 1 + byte_at(bytes_, at_);
            std::string text = from_unknown(joined_blocks());
            collector_.part(source_, "gif.text", std::move(text), {start, at_});
        } else if (label == 0xff) {
            application(start);
        } else {
            skip_blocks();
        }
    }

    void application(std::size_t start) {
        const std::string_view name = slice(bytes_, at_ + 1, byte_at(bytes_, at_));
        at_ += 1 + name.size();
        const std::size_t body = at_;
        if (name == "XMP DataXMP") {
            // The packet lies there without block sizes; its trailer steers a skipping reader out.
            skip_blocks();
            const std::size_t end = std::min(at_, bytes_.size());
            const std::size_t trailer = std::min(kXmpTrailerBytes, end - std::min(body, end));
            read_xmp(source_.part({body, end - trailer}), collector_);
            return;
        }
        const std::string joined = joined_blocks();
        if (name != "NETSCAPE2.0" && name != "ANIMEXTS1.0") {
            read_runs(source_.decoded(joined, {start, at_}), "gif.application", {0, joined.size()},
                      collector_);
        }
    }

    const Source& source_;
    std::string_view bytes_;
    Collector& collector_;
    std::size_t at_ = 0;
};

}  // namespace

void read_gif(const Source& source, Collector& collector) {
    GifReader(source, collector).read();
}

void read_bmp(const Source& source, Collector& collector) {
    const std::size_t said = little32(source.bytes, 2);
    const std::size_t pixels = little32(source.bytes, 10);
    if (said < 26 || pixels > source.bytes.size() || said > source.bytes.size()) {
        collector.damaged(source, "bmp: sizes do not agree", 0);
        read_runs(source, "bmp.rest", {0, source.bytes.size()}, collector);
        return;
    }
    const std::size_t header = 14 + little32(source.bytes, 14);
    if (header < pixels) {
        read_runs(source, "bmp.gap", {header, pixels}, collector);
    }
    read_appended(source, said, collector);
}

}  // namespace credence::guard
