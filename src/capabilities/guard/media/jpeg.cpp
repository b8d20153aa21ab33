// JPEG (ITU T.81 with the application segments in use): EXIF, XMP, IPTC, ICC, comments, and what
// follows the end of the picture.
#include "capabilities/guard/media/bytes.h"
#include "capabilities/guard/media/encoding.h"
#include "capabilities/guard/media/formats.h"

namespace credence::guard {
namespace {

constexpr std::string_view kExif("Exif\0\0", 6);
constexpr std::string_view kXmp("http://ns.adobe.com/xap/1.0/\0", 29);
constexpr std::string_view kMoreXmp("http://ns.adobe.com/xmp/extension/\0", 35);
constexpr std::size_t kMoreXmpHeader = 35 + 32 + 4 + 4;  // name, digest, size, offset
constexpr std::string_view kProfile("ICC_PROFILE\0", 12);
constexpr std::string_view kPhotoshop("Photoshop 3.0\0", 14);
constexpr std::size_t kMaxSegments = 65536;

constexpr unsigned char kStartOfScan = 0xda;
constexpr unsigned char kEndOfImage = 0xd9;
constexpr unsigned char kComment = 0xfe;

// What several segments hold together.
struct Pieces {
    std::string xmp;
    std::string profile;
    ByteSpan xmp_at;
    ByteSpan profile_at;
};

void append(std::string& whole, ByteSpan& at, const Source& segment, ByteSpan where) {
    if (whole.empty()) {
        at.start = where.start;
    }
    at.end = where.end;
    whole += segment.bytes;
}

bool begins(const Source& segment, std::string_view name) {
    return segment.bytes.starts_with(name);
}

// The first byte behind the entropy-coded data that begins at `at`: a marker, or the end.
std::size_t skip_scan(std::string_view bytes, std::size_t at) {
    while (true) {
        at = bytes.find('\xff', at);
        if (at == std::string_view::npos || at + 1 >= bytes.size()) {
            return bytes.size();
        }
        const unsigned char next = byte_at(bytes, at + 1);
        if (next != 0 && next != 0xff && (next < 0xd0 || next > 0xd7)) {
            return at;
        }
        ++at;
    }
}

class JpegReader {
public:
    JpegReader(const Source& source, Collector& collector)
        : source_(source), collector_(collector) {}

    void read() {
        const std::string_view bytes = source_.bytes;
        std::size_t at = 2;
        for (std::size_t count = 0; count < kMaxSegments && at + 1 < bytes.size(); ++count) {
            const unsigned char marker = byte_at(bytes, at + 1);
            if (byte_at(bytes, at) != 0xff || marker == 0) {
                break;
            }
            if (marker == 0xff || marker == 0x01 || (marker >= 0xd0 && marker <= 0xd7)) {
                at += marker == 0xff ? 1 : 2;
                continue;
            }
            if (marker == kEndOfImage) {
                finish();
                read_appended(source_, at + 2, collector_);
                return;
            }
            const std::size_t size = big16(bytes, at + 2);
            const std::size_t end = at + 2 + size;
            if (size < 2 || end > bytes.size()) {
                break;
            }
            segment(marker, {at + 4, end});
            at = marker == kStartOfScan ? skip_scan(bytes, end) : end;
        }
        finish();
        collector_.damaged(source_, "jpeg: no end of image", std::min(at, bytes.size()));
        read_runs(source_, "jpeg.rest", {at, bytes.size()}, collector_);
    }

private:
    void segment(unsigned char marker, ByteSpan at) {
        const Source body = source_.part(at);
        if (marker == kComment) {
            collector_.part(source_, "jpeg.comment", from_unknown(body.bytes), at);
        } else if (marker >= 0xe0 && marker <= 0xef) {
            application(marker, at, body);
        }
    }

    void application(unsigned char marker, ByteSpan at, const Source& body) {
        const std::size_t size = body.bytes.size();
        if (begins(body, kExif)) {
            read_exif(body.part({kExif.size(), size}), collector_);
        } else if (begins(body, kXmp)) {
            read_xmp(body.part({kXmp.size(), size}), collector_);
        } else if (begins(body, kMoreXmp)) {
            append(pieces_.xmp, pieces_.xmp_at, body.part({kMoreXmpHeader, size}), at);
        } else if (begins(body, kProfile)) {
            append(pieces_.profile, pieces_.profile_at, body.part({kProfile.size() + 2, size}), at);
        } else if (begins(body, kPhotoshop)) {
            read_photoshop(body.part({kPhotoshop.size(), size}), collector_);
        } else if (!begins(body, "JFIF") && !begins(body, "JFXX") && !begins(body, "Adobe")) {
            read_runs(source_, "jpeg.APP" + std::to_string(marker - 0xe0), at, collector_);
        }
    }

    void finish() {
        if (!pieces_.xmp.empty()) {
            read_xmp(source_.decoded(pieces_.xmp, pieces_.xmp_at), collector_);
        }
        if (!pieces_.profile.empty()) {
            read_icc(source_.decoded(pieces_.profile, pieces_.profile_at), collector_);
        }
    }

    const Source& source_;
    Collector& collector_;
    Pieces pieces_;
};

}  // namespace

void read_jpeg(const Source& source, Collector& collector) {
    JpegReader(source, collector).read();
}

}  // namespace credence::guard
