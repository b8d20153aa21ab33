// MP4, M4A and MOV (ISO/IEC 14496-12, QuickTime): boxes of user data.
#include <array>
#include <string>
#include <vector>

#include "capabilities/guard/media/bytes.h"
#include "capabilities/guard/media/encoding.h"
#include "capabilities/guard/media/formats.h"

namespace credence::guard {
namespace {

constexpr std::size_t kMaxBoxes = 65536;
constexpr int kMaxBoxDepth = 12;
constexpr std::array<std::string_view, 8> kContainers = {"moov", "udta", "trak", "mdia",
                                                         "minf", "stbl", "edts", "dinf"};
constexpr std::string_view kXmpId(
    "\xbe\x7a\xcf\xcb\x97\xa9\x42\xe8\x9c\x71\x99\x94\x91\xe3\xaf\xac", 16);
constexpr unsigned kUtf16 = 2;
constexpr unsigned kJpeg = 13;
constexpr unsigned kPng = 14;

struct Box {
    std::string_view name;
    ByteSpan body;
};

// Four bytes as a name: "©nam" is written in Latin-1 there.
std::string printable(std::string_view name) {
    return from_latin1(name);
}

class BoxReader {
public:
    explicit BoxReader(Collector& collector) : collector_(collector) {}

    template <class Visit>
    void each(const Source& source, std::size_t at, Visit visit) {
        while (at + 8 <= source.bytes.size()) {
            if (++boxes_ > kMaxBoxes) {
                collector_.limit("boxes of an MP4");
                return;
            }
            std::size_t size = big32(source.bytes, at);
            std::size_t header = 8;
            if (size == 1) {
                size = read_number(source.bytes, at + 8, 8, Endian::big);
                header = 16;
            } else if (size == 0) {
                size = source.bytes.size() - at;
            }
            if (size < header || size > source.bytes.size() - at) {
                if (depth_ == 0) {
                    collector_.damaged(source, "mp4: a box is cut off", at);
                    read_runs(source, "mp4.rest", {at, source.bytes.size()}, collector_);
                }
                return;
            }
            visit(Box{source.bytes.substr(at + 4, 4), {at + header, at + size}});
            at += size;
        }
        if (at < source.bytes.size() && depth_ == 0) {
            read_appended(source, at, collector_);
        }
    }

    void read(const Source& source) {
        each(source, 0, [&](const Box& box) { this->box(source, box); });
    }

private:
    void box(const Source& source, const Box& box) {
        const Source body = source.part(box.body);
        const bool container =
            std::find(kContainers.begin(), kContainers.end(), box.name) != kContainers.end();
        if (container || box.name == "meta") {
            if (depth_ < kMaxBoxDepth) {
                ++depth_;
                // QuickTime's meta has no version; a box name four bytes in tells.
                const bool versioned = box.name == "meta" && slice(body.bytes, 4, 4) != "hdlr" &&
                                       slice(body.bytes, 4, 4) != "keys";
                read(body.part({versioned ? 4U : 0U, body.bytes.size()}));
                --depth_;
            }
        } else if (box.name == "ilst") {
            ++depth_;
            each(body, 0, [&](const Box& item) { this->item(body, item); });
            --depth_;
        } else if (box.name == "keys") {
            read_keys(body);
        } else if (box.name == "uuid") {
            body.bytes.starts_with(kXmpId)
                ? read_xmp(body.part({16, body.bytes.size()}), collector_)
                : read_runs(source, "mp4.uuid", box.body, collector_);
        } else if (box.name == "XMP_") {
            read_xmp(body, collector_);
        } else if (box.name == "free" || box.name == "skip" || box.name == "wide") {
            read_runs(source, "mp4." + std::string(box.name), box.body, collector_);
        } else if (box.name.starts_with('\xa9')) {
            international(body, printable(box.name));
        } else if (is_3gpp(box.name)) {
            // Version and language, then UTF-8 or UTF-16 by its byte order mark.
            collector_.part(body, "mp4." + std::string(box.name),
                            from_unknown(slice(body.bytes, 6, body.bytes.size())),
                            {6, body.bytes.size()});
        }
    }

    static bool is_3gpp(std::string_view name) {
        constexpr std::array<std::string_view, 10> kNames = {
            "titl", "dscp", "cprt", "perf", "auth", "gnre", "albm", "kywd", "name", "loci"};
        return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
    }

    // QuickTime: size, language and text, for each language.
    void international(const Source& body, const std::string& name) {
        std::size_t at = 0;
        while (at + 4 <= body.bytes.size()) {
            const std::size_t size = big16(body.bytes, at);
            const std::string_view text = slice(body.bytes, at + 4, size);
            if (size == 0 || text.size() < size) {
                return;
            }
            collector_.part(body, "mp4." + name, from_unknown(text), {at + 4, at + 4 + size});
            at += 4 + size;
        }
    }

    void read_keys(const Source& body) {
        each(body, 8, [&](const Box& key) {
            keys_.emplace_back(
                from_unknown(body.bytes.substr(key.body.start, key.body.end - key.body.start)));
        });
    }

    void item(const Source& list, const Box& item) {
        const Source body = list.part(item.body);
        std::string name = printable(item.name);
        const std::size_t number = big32(item.name, 0);
        if (number > 0 && number <= keys_.size()) {
            name = keys_[number - 1];
        }
        each(body, 0, [&](const Box& inside) {
            const Source content = body.part(inside.body);
            if (inside.name == "name") {
                name = from_unknown(slice(content.bytes, 4, content.bytes.size()));
            } else if (inside.name == "data") {
                data(content, name);
            }
        });
    }

    void data(const Source& content, const std::string& name) {
        const std::size_t kind = big32(content.bytes, 0);
        const std::string_view value = slice(content.bytes, 8, content.bytes.size());
        const ByteSpan at{8, content.bytes.size()};
        if (kind == kJpeg || kind == kPng) {
            read_source(content.part(at, "mp4." + name + "."), collector_);
        } else if (kind == kUtf16) {
            collector_.part(content, "mp4." + name, from_utf16(value, Endian::big), at);
        } else if (kind == 0 || kind > 20) {
            read_runs(content, "mp4." + name, at, collector_);
        } else {
            collector_.part(content, "mp4." + name, from_unknown(value), at);
        }
    }

    Collector& collector_;
    std::size_t boxes_ = 0;
    int depth_ = 0;
    std::vector<std::string> keys_;
};

}  // namespace

void read_mp4(const Source& source, Collector& collector) {
    BoxReader(collector).read(source);
}

}  // namespace credence::guard
