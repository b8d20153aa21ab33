// PNG (ISO/IEC 15948): chunks of text, profiles and whatever else was put between them.
#include <array>
#include <cctype>

#include "capabilities/guard/media/bytes.h"
#include "capabilities/guard/media/encoding.h"
#include "capabilities/guard/media/formats.h"

namespace credence::guard {
namespace {

constexpr std::size_t kSignatureBytes = 8;
constexpr std::size_t kMaxKeyword = 80;
constexpr std::string_view kXmpKeyword = "XML:com.adobe.xmp";

constexpr std::array<std::string_view, 25> kKnown = {
    "IHDR", "PLTE", "IDAT", "IEND", "tRNS", "cHRM", "gAMA", "iCCP", "sBIT",
    "sRGB", "cICP", "mDCV", "cLLI", "bKGD", "hIST", "pHYs", "sPLT", "tIME",
    "acTL", "fcTL", "fdAT", "oFFs", "pCAL", "sCAL", "vpAg"};

struct PngChunk {
    std::string_view type;
    ByteSpan body;
};

// Where `body` goes on behind its keyword and the NUL, and the keyword.
std::string_view keyword_of(std::string_view body, std::size_t& after) {
    const std::size_t nul = body.substr(0, kMaxKeyword).find('\0');
    if (nul == std::string_view::npos) {
        after = 0;
        return {};
    }
    after = nul + 1;
    return body.substr(0, nul);
}

// "Raw profile type exif": a name, a length and hexadecimal lines, as ImageMagick writes them.
std::string raw_profile(std::string_view text) {
    std::size_t at = text.find_first_not_of("\n ");
    at = text.find('\n', std::min(at, text.size()));
    at = at == std::string_view::npos ? text.size() : text.find('\n', at + 1);
    std::string out;
    int high = -1;
    for (; at < text.size(); ++at) {
        const auto byte = static_cast<unsigned char>(text[at]);
        if (std::isxdigit(byte) == 0) {
            continue;
        }
        const int digit = std::isdigit(byte) != 0 ? byte - '0' : std::tolower(byte) - 'a' + 10;
        if (high < 0) {
            high = digit;
        } else {
            out += static_cast<char>(high * 16 + digit);
            high = -1;
        }
    }
    return out;
}

void add_text(const Source& source, const PngChunk& chunk, Collector& collector,
              std::pair<std::string_view, std::string> entry) {
    auto& [keyword, text] = entry;
    if (keyword == kXmpKeyword) {
        read_xmp(source.decoded(text, chunk.body), collector);
        return;
    }
    if (keyword.starts_with("Raw profile type ")) {
        const std::string_view kind = keyword.substr(17);
        const std::string profile = raw_profile(text);
        const Source inner = source.decoded(profile, chunk.body);
        if (kind == "xmp") {
            read_xmp(inner, collector);
        } else if (kind == "iptc" || kind == "8bim") {
            read_photoshop(inner, collector);
        } else if (kind == "icc") {
            read_icc(inner, collector);
        } else {
            const std::size_t skip = profile.starts_with("Exif") ? 6 : 0;
            read_exif(inner.part({skip, profile.size()}), collector);
        }
        return;
    }
    collector.part(source, "png." + std::string(chunk.type) + "." + from_latin1(keyword),
                   std::move(text), chunk.body);
}

void read_text_chunk(const Source& source, const PngChunk& chunk, Collector& collector) {
    const std::string_view body =
        source.bytes.substr(chunk.body.start, chunk.body.end - chunk.body.start);
    std::size_t after = 0;
    const std::string_view keyword = keyword_of(body, after);
    if (chunk.type == "tEXt") {
        add_text(source, chunk, collector, {keyword, from_unknown(body.substr(after))});
        return;
    }
    const auto unpack = [&](std::size_t from) {
        Unpacked unpacked =
            collector.unpack(source, {chunk.body.start + from, chunk.body.end}, Packing::zlib);
        if (!unpacked.complete && !unpacked.limited) {
            collector.damaged(source, std::string(chunk.type), chunk.body.start);
        }
        return std::move(unpacked.bytes);
    };
    if (chunk.type == "zTXt") {
        add_text(source, chunk, collector, {keyword, from_unknown(unpack(after + 1))});
        return;
    }
    const bool packed = byte_at(body, after) != 0;
    const std::size_t language = body.find('\0', after + 2);
    const std::size_t translated =
        language == std::string_view::npos ? language : body.find('\0', language + 1);
    if (translated == std::string_view::npos) {
        collector.damaged(source, "iTXt", chunk.body.start);
        return;
    }
    collector.part(source, "png.iTXt.keyword",
                   std::string(body.substr(language + 1, translated - language - 1)), chunk.body);
    const std::size_t text = translated + 1;
    if (!packed && keyword == kXmpKeyword) {
        read_xmp(source.part({chunk.body.start + text, chunk.body.end}), collector);
        return;
    }
    add_text(source, chunk, collector,
             {keyword, packed ? unpack(text) : std::string(slice(body, text, body.size()))});
}

void read_chunk(const Source& source, const PngChunk& chunk, Collector& collector) {
    if (chunk.type == "tEXt" || chunk.type == "zTXt" || chunk.type == "iTXt") {
        read_text_chunk(source, chunk, collector);
    } else if (chunk.type == "eXIf") {
        read_exif(source.part(chunk.body), collector);
    } else if (chunk.type == "iCCP") {
        const Source body = source.part(chunk.body);
        std::size_t after = 0;
        const std::string_view name = keyword_of(body.bytes, after);
        collector.part(source, "png.iCCP", from_latin1(name), chunk.body);
        const Unpacked profile =
            collector.unpack(body, {after + 1, body.bytes.size()}, Packing::zlib);
        read_icc(body.decoded(profile.bytes, {0, body.bytes.size()}), collector);
    } else if (std::find(kKnown.begin(), kKnown.end(), chunk.type) == kKnown.end()) {
        collector.note(source, "unknown_chunk", std::string(chunk.type), chunk.body);
        read_runs(source, "png." + std::string(chunk.type), chunk.body, collector);
    }
}

}  // namespace

void read_png(const Source& source, Collector& collector) {
    const std::string_view bytes = source.bytes;
    std::size_t at = kSignatureBytes;
    bool checksums_hold = true;
    for (std::size_t count = 0; count < kMaxChunks; ++count) {
        const std::size_t size = big32(bytes, at);
        const PngChunk chunk{slice(bytes, at + 4, 4), {at + 8, at + 8 + size}};
        if (chunk.type.size() < 4 || size > bytes.size() - at - 8) {
            collector.damaged(source, "png: ends inside a chunk", at);
            read_runs(source, "png.rest", {at, bytes.size()}, collector);
            return;
        }
        const std::size_t after = chunk.body.end + 4;
        if (checksum32(bytes.substr(at + 4, size + 4)) != big32(bytes, chunk.body.end) ||
            after > bytes.size()) {
            if (checksums_hold) {
                collector.note(source, "damaged",
                               "png: wrong checksum of " + std::string(chunk.type), chunk.body);
            }
            checksums_hold = false;
        }
        read_chunk(source, chunk, collector);
        at = std::min(after, bytes.size());
        if (chunk.type == "IEND") {
            read_appended(source, at, collector);
            return;
        }
    }
    collector.limit("chunks of a PNG");
}

}  // namespace credence::guard
