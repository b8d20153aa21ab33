// IPTC records, Photoshop's image resources and ICC profiles.
#include <array>
#include <string>

#include "capabilities/guard/media/bytes.h"
#include "capabilities/guard/media/encoding.h"
#include "capabilities/guard/media/formats.h"

namespace credence::guard {
namespace {

constexpr std::size_t kMaxRecords = 1024;
constexpr std::size_t kMaxProfileTags = 128;
constexpr std::size_t kMaxTranslations = 64;
constexpr unsigned kIptcResource = 0x0404;
constexpr unsigned kXmpResource = 0x0424;
constexpr unsigned kExifResource = 0x0422;
constexpr unsigned kUrlResource = 0x040b;
constexpr unsigned kProfileResource = 0x040f;

struct DataSet {
    unsigned number;
    std::string_view name;
};
// Of record 2 of IPTC-NAA IIM 4.
constexpr std::array<DataSet, 14> kDataSets = {{{5, "ObjectName"},
                                                {25, "Keywords"},
                                                {40, "SpecialInstructions"},
                                                {80, "By-line"},
                                                {85, "By-lineTitle"},
                                                {90, "City"},
                                                {101, "Country"},
                                                {103, "Reference"},
                                                {105, "Headline"},
                                                {110, "Credit"},
                                                {115, "Source"},
                                                {116, "CopyrightNotice"},
                                                {120, "Caption-Abstract"},
                                                {122, "Writer-Editor"}}};

std::string data_set_name(unsigned number) {
    for (const DataSet& known : kDataSets) {
        if (known.number == number) {
            return "iptc." + std::string(known.name);
        }
    }
    return "iptc." + std::to_string(number);
}

void read_translations(const Source& source, const std::string& where, Collector& collector) {
    const std::size_t count = std::min<std::size_t>(big32(source.bytes, 8), kMaxTranslations);
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t record = 16 + i * 12;
        const std::size_t at = big32(source.bytes, record + 8);
        const std::string_view text = slice(source.bytes, at, big32(source.bytes, record + 4));
        collector.part(source, where, from_utf16(text, Endian::big), {at, at + text.size()});
    }
}

}  // namespace

void read_iptc(const Source& source, Collector& collector) {
    std::size_t at = 0;
    for (std::size_t count = 0; count < kMaxRecords && at + 5 <= source.bytes.size(); ++count) {
        if (byte_at(source.bytes, at) != 0x1c) {
            return;  // padding
        }
        const unsigned record = byte_at(source.bytes, at + 1);
        const unsigned number = byte_at(source.bytes, at + 2);
        const std::size_t size = big16(source.bytes, at + 3);
        at += 5;
        if ((size & 0x8000U) != 0 || size > source.bytes.size() - at) {
            collector.damaged(source, "iptc: a record is cut off", at);
            return;
        }
        if (record == 2 && number != 0) {
            collector.part(source, data_set_name(number),
                           from_unknown(source.bytes.substr(at, size)), {at, at + size});
        }
        at += size;
    }
}

void read_photoshop(const Source& source, Collector& collector) {
    std::size_t at = 0;
    for (std::size_t count = 0; count < kMaxRecords && at + 12 <= source.bytes.size(); ++count) {
        if (slice(source.bytes, at, 4) != "8BIM") {
            collector.damaged(source, "photoshop: no resource", at);
            return;
        }
        const std::size_t kind = big16(source.bytes, at + 4);
        const std::size_t name = byte_at(source.bytes, at + 6);
        at += 6 + ((name + 2) & ~std::size_t{1});
        const std::size_t size = big32(source.bytes, at);
        const ByteSpan body{at + 4, at + 4 + size};
        if (body.end > source.bytes.size()) {
            collector.damaged(source, "photoshop: a resource is cut off", at);
            return;
        }
        const Source inner = source.part(body);
        if (kind == kIptcResource) {
            read_iptc(inner, collector);
        } else if (kind == kXmpResource) {
            read_xmp(inner, collector);
        } else if (kind == kExifResource) {
            read_exif(inner, collector);
        } else if (kind == kProfileResource) {
            read_icc(inner, collector);
        } else if (kind == kUrlResource) {
            collector.part(source, "photoshop.url", from_unknown(inner.bytes), body);
        }
        at = body.end + size % 2;
    }
}

void read_icc(const Source& source, Collector& collector) {
    const std::string_view bytes = source.bytes;
    const std::size_t count = std::min<std::size_t>(big32(bytes, 128), kMaxProfileTags);
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t entry = 132 + i * 12;
        const std::string name(slice(bytes, entry, 4));
        const std::size_t start = big32(bytes, entry + 4);
        const std::size_t size = big32(bytes, entry + 8);
        if (start + size > bytes.size()) {
            collector.damaged(source, "icc: a tag is cut off", entry);
            continue;
        }
        const Source tag = source.part({start, start + size});
        const std::string where = "icc." + name;
        if (tag.bytes.starts_with("text")) {
            collector.part(tag, where, from_unknown(slice(tag.bytes, 8, size)), {8, size});
        } else if (tag.bytes.starts_with("desc")) {
            const std::string_view text = slice(tag.bytes, 12, big32(tag.bytes, 8));
            collector.part(tag, where, from_unknown(text), {12, 12 + text.size()});
        } else if (tag.bytes.starts_with("mluc")) {
            read_translations(tag, where, collector);
        }
    }
}

}  // namespace credence::guard
