// ID3v1, ID3v2.2 to 2.4 and APEv2: the tags around an MP3.
#include <array>
#include <string>

#include "capabilities/guard/media/bytes.h"
#include "capabilities/guard/media/encoding.h"
#include "capabilities/guard/media/formats.h"

namespace credence::guard {
namespace {

constexpr std::size_t kMaxFrames = 4096;
constexpr std::size_t kHeaderBytes = 10;
constexpr std::size_t kId3v1Bytes = 128;
constexpr std::size_t kApeFooterBytes = 32;

// Four bytes of seven bits.
std::size_t syncsafe(std::string_view bytes, std::size_t at) {
    std::size_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        value = value << 7U | (byte_at(bytes, at + i) & 0x7fU);
    }
    return value;
}

std::string without_unsynchronisation(std::string_view bytes) {
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        out += bytes[i];
        if (bytes[i] == '\xff' && byte_at(bytes, i + 1) == 0 && i + 1 < bytes.size()) {
            ++i;
        }
    }
    return out;
}

bool is_wide(unsigned char encoding) {
    return encoding == 1 || encoding == 2;
}

std::string decode(unsigned char encoding, std::string_view bytes) {
    switch (encoding) {
        case 0:
            // Latin-1 by the standard, often something else.
            return from_unknown(bytes);
        case 1:
            return from_utf16(bytes, Endian::little);
        case 2:
            return from_utf16(bytes, Endian::big);
        default:
            return std::string(bytes);
    }
}

// Where the text that begins at `at` ends, and where the next one begins.
struct Ended {
    std::size_t end;
    std::size_t next;
};
Ended end_of_text(std::string_view bytes, std::size_t at, bool wide) {
    if (!wide) {
        const std::size_t nul = bytes.find('\0', at);
        return nul == std::string_view::npos ? Ended{bytes.size(), bytes.size()}
                                             : Ended{nul, nul + 1};
    }
    for (; at + 1 < bytes.size(); at += 2) {
        if (bytes[at] == '\0' && bytes[at + 1] == '\0') {
            return {at, at + 2};
        }
    }
    return {bytes.size(), bytes.size()};
}

// All texts of a frame, separated by NULs, as lines.
std::string texts(unsigned char encoding, std::string_view bytes) {
    std::string out;
    for (std::size_t at = 0; at < bytes.size();) {
        const Ended ended = end_of_text(bytes, at, is_wide(encoding));
        const std::string text = decode(encoding, bytes.substr(at, ended.end - at));
        if (!text.empty()) {
            out += out.empty() ? "" : "\n";
            out += text;
        }
        at = ended.next;
    }
    return out;
}

// Lyrics with a time of four bytes behind each syllable.
std::string timed_texts(unsigned char encoding, std::string_view bytes) {
    std::string out;
    for (std::size_t at = 0; at < bytes.size();) {
        const Ended ended = end_of_text(bytes, at, is_wide(encoding));
        out += decode(encoding, bytes.substr(at, ended.end - at));
        at = ended.next + 4;
    }
    return out;
}

void read_picture_frame(const Source& body, bool old, Collector& collector) {
    const unsigned char encoding = byte_at(body.bytes, 0);
    std::size_t at = old ? 4 : end_of_text(body.bytes, 1, false).next;
    ++at;  // the kind of picture
    if (at >= body.bytes.size()) {
        return;
    }
    const Ended description = end_of_text(body.bytes, at, is_wide(encoding));
    collector.part(body, "id3.APIC.description",
                   decode(encoding, body.bytes.substr(at, description.end - at)),
                   {at, description.end});
    read_source(body.part({description.next, body.bytes.size()}, "id3.APIC."), collector);
}

void read_frame(const Source& body, std::string_view name, Collector& collector) {
    const std::string where = "id3." + std::string(name);
    const ByteSpan all{0, body.bytes.size()};
    const unsigned char encoding = byte_at(body.bytes, 0);
    const std::string_view rest = slice(body.bytes, 1, body.bytes.size());
    if (name == "APIC" || name == "PIC") {
        read_picture_frame(body, name.size() == 3, collector);
    } else if (name == "COMM" || name == "USLT" || name == "COM" || name == "ULT") {
        collector.part(body, where, texts(encoding, slice(rest, 3, rest.size())), all);
    } else if (name == "SYLT" || name == "SLT") {
        collector.part(body, where, timed_texts(encoding, slice(rest, 5, rest.size())), all);
    } else if (name.starts_with('T')) {
        collector.part(body, where, texts(encoding, rest), all);
    } else if (name == "WXXX" || name == "WXX") {
        const Ended description = end_of_text(rest, 0, is_wide(encoding));
        collector.part(body, where, decode(encoding, rest.substr(0, description.end)), all);
        collector.part(body, where, from_unknown(slice(rest, description.next, rest.size())), all);
    } else if (name.starts_with('W')) {
        collector.part(body, where, from_unknown(body.bytes), all);
    } else {
        read_runs(body, where, all, collector);
    }
}

struct Version {
    unsigned major;
    std::size_t header_bytes() const { return major == 2 ? 6 : 10; }
    std::size_t name_bytes() const { return major == 2 ? 3 : 4; }
};

void read_frames(const Source& tag, Version version, Collector& collector) {
    std::size_t at = 0;
    for (std::size_t count = 0; count < kMaxFrames; ++count) {
        if (at + version.header_bytes() > tag.bytes.size() || tag.bytes[at] == '\0') {
            return;  // padding
        }
        const std::string_view name = tag.bytes.substr(at, version.name_bytes());
        const std::size_t size = version.major == 2   ? big32(tag.bytes, at + 2) & 0xffffffU
                                 : version.major == 3 ? big32(tag.bytes, at + 4)
                                                      : syncsafe(tag.bytes, at + 4);
        const unsigned flags = version.major == 2 ? 0U : byte_at(tag.bytes, at + 9);
        at += version.header_bytes();
        if (size > tag.bytes.size() - at) {
            collector.damaged(tag, "id3: frame " + std::string(name) + " is cut off", at);
            read_runs(tag, "id3.rest", {at, tag.bytes.size()}, collector);
            return;
        }
        const Source body = tag.part({at, at + size});
        const bool packed = (flags & (version.major == 4 ? 0x08U : 0x80U)) != 0;
        const bool sealed = (flags & (version.major == 4 ? 0x04U : 0x40U)) != 0;
        if (sealed) {
            collector.unread("id3: an encrypted frame");
        } else if (packed) {
            const Unpacked text = collector.unpack(body, {4, size}, Packing::zlib);
            read_frame(body.decoded(text.bytes, {0, size}), name, collector);
        } else if (version.major == 4 && (flags & 0x03U) != 0) {
            const std::size_t skip = (flags & 0x01U) != 0 ? 4 : 0;
            const std::string plain = without_unsynchronisation(slice(body.bytes, skip, size));
            read_frame(body.decoded(plain, {0, size}), name, collector);
        } else {
            read_frame(body, name, collector);
        }
        at += size;
    }
    collector.limit("frames of ID3");
}

void read_id3v1(const Source& source, std::size_t at, Collector& collector) {
    struct Field {
        std::string_view name;
        ByteSpan at;
    };
    constexpr std::array<Field, 4> kFields = {{{"id3v1.title", {3, 33}},
                                               {"id3v1.artist", {33, 63}},
                                               {"id3v1.album", {63, 93}},
                                               {"id3v1.comment", {97, 127}}}};
    for (const Field& field : kFields) {
        const std::size_t start = at + field.at.start;
        const std::size_t end = at + field.at.end;
        collector.part(source, field.name, from_unknown(source.bytes.substr(start, end - start)),
                       {start, end});
    }
}

// Items of a tag whose footer ends at `end`; where the tag begins.
std::size_t read_ape(const Source& source, std::size_t end, Collector& collector) {
    const std::size_t footer = end - kApeFooterBytes;
    const std::size_t size = little32(source.bytes, footer + 12);
    const std::size_t count = std::min(little32(source.bytes, footer + 16), kMaxFrames);
    if (size > end || size < kApeFooterBytes) {
        collector.damaged(source, "ape: sizes do not agree", footer);
        return footer;
    }
    std::size_t at = end - size;
    for (std::size_t i = 0; i < count && at + 9 < footer; ++i) {
        const std::size_t value_bytes = little32(source.bytes, at);
        const unsigned kind = byte_at(source.bytes, at + 4) >> 1U & 3U;
        const std::string_view key = slice(source.bytes, at + 8, 256);
        const std::size_t nul = std::min(key.find('\0'), key.size());
        const std::size_t value = at + 8 + nul + 1;
        if (value + value_bytes > footer) {
            collector.damaged(source, "ape: an item is cut off", at);
            break;
        }
        const ByteSpan place{value, value + value_bytes};
        if (kind == 1) {
            read_runs(source, "ape." + std::string(key.substr(0, nul)), place, collector);
        } else {
            collector.part(source, "ape." + std::string(key.substr(0, nul)),
                           from_unknown(source.bytes.substr(value, value_bytes)), place);
        }
        at = place.end;
    }
    return end - size;
}

// The length of the MPEG audio frame at `at`; 0 when there is none.
std::size_t frame_bytes(std::string_view bytes, std::size_t at) {
    constexpr std::array<int, 16> kFirst = {0,   32,  40,  48,  56,  64,  80,  96,
                                            112, 128, 160, 192, 224, 256, 320, 0};
    constexpr std::array<int, 16> kSecond = {0,  8,  16, 24,  32,  40,  48,  56,
                                             64, 80, 96, 112, 128, 144, 160, 0};
    constexpr std::array<int, 4> kRates = {44100, 48000, 32000, 0};
    const std::size_t header = big32(bytes, at);
    if (at + 4 > bytes.size() || header >> 21U != 0x7ff || (header >> 17U & 3U) != 1) {
        return 0;
    }
    const std::size_t version = header >> 19U & 3U;  // 3: MPEG 1, 2: MPEG 2, 0: MPEG 2.5
    const int rate = kRates.at(header >> 10U & 3U) >> (version == 3 ? 0 : version == 2 ? 1 : 2);
    const std::size_t index = header >> 12U & 15U;
    const int bits = version == 3 ? kFirst.at(index) : kSecond.at(index);
    if (rate == 0 || bits == 0 || version == 1) {
        return 0;
    }
    const int length = (version == 3 ? 144 : 72) * bits * 1000 / rate;
    return static_cast<std::size_t>(length) + (header >> 9U & 1U);
}

}  // namespace

std::size_t read_id3v2(const Source& source, Collector& collector) {
    const std::string_view bytes = source.bytes;
    if (!bytes.starts_with("ID3") || bytes.size() < kHeaderBytes) {
        return 0;
    }
    const Version version{byte_at(bytes, 3)};
    const unsigned flags = byte_at(bytes, 5);
    const std::size_t said = syncsafe(bytes, 6);
    const std::size_t end = std::min(bytes.size(), kHeaderBytes + said);
    if (version.major < 2 || version.major > 4) {
        collector.unread("id3: version " + std::to_string(version.major));
        return end;
    }
    if (kHeaderBytes + said > bytes.size()) {
        collector.damaged(source, "id3: the tag is cut off", 0);
    }
    std::size_t start = kHeaderBytes;
    if ((flags & 0x40U) != 0 && version.major > 2) {
        start += version.major == 3 ? 4 + big32(bytes, start) : syncsafe(bytes, start);
        start = std::min(start, end);
    }
    const Source tag = source.part({start, end});
    if ((flags & 0x80U) != 0 && version.major < 4) {
        const std::string plain = without_unsynchronisation(tag.bytes);
        read_frames(tag.decoded(plain, {0, tag.bytes.size()}), version, collector);
    } else {
        read_frames(tag, version, collector);
    }
    return end + ((flags & 0x10U) != 0 ? kHeaderBytes : 0);
}

void read_mp3(const Source& source, Collector& collector) {
    const std::size_t start = read_id3v2(source, collector);
    std::size_t end = source.bytes.size();
    if (end >= kId3v1Bytes && slice(source.bytes, end - kId3v1Bytes, 3) == "TAG") {
        end -= kId3v1Bytes;
        read_id3v1(source, end, collector);
    }
    if (end >= kApeFooterBytes && slice(source.bytes, end - kApeFooterBytes, 8) == "APETAGEX") {
        end = read_ape(source, end, collector);
        if (end >= kApeFooterBytes && slice(source.bytes, end - 32, 8) == "APETAGEX") {
            end -= kApeFooterBytes;  // the header
        }
    }
    std::size_t at = std::min(start, end);
    while (const std::size_t length = frame_bytes(source.bytes, at)) {
        at += length;
    }
    if (at < end) {
        const Source sound = source.part({0, end});
        at > start ? read_appended(sound, at, collector)
                   : read_runs(sound, "mp3.data", {at, end}, collector);
    }
}

}  // namespace credence::guard
