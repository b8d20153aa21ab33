#include "capabilities/guard/media/media_testing.h"

#include <cstdio>

#include <jpeglib.h>
#include <zlib.h>

#include <array>
#include <cstdlib>

#include "capabilities/guard/media/inflate.h"

namespace credence::guard::testing {
namespace {

std::string packed_by(std::string_view plain, int window_bits) {
    z_stream stream{};
    deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
    std::string out(deflateBound(&stream, static_cast<uLong>(plain.size())), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
    stream.avail_in = static_cast<uInt>(plain.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

std::string crc(std::string_view bytes) {
    return big(checksum32(bytes), 4);
}

constexpr std::string_view kSignature = "\x89PNG\r\n\x1a\n";

}  // namespace

std::string big(std::uint64_t value, int bytes) {
    std::string out;
    for (int i = bytes - 1; i >= 0; --i) {
        out += static_cast<char>(value >> (8U * static_cast<unsigned>(i)) & 0xffU);
    }
    return out;
}

std::string little(std::uint64_t value, int bytes) {
    std::string out = big(value, bytes);
    return {out.rbegin(), out.rend()};
}

std::string utf16(std::string_view ascii, bool big_endian) {
    std::string out;
    for (const char c : ascii) {
        out += big_endian ? std::string{'\0', c} : std::string{c, '\0'};
    }
    return out;
}

std::string zlib_bytes(std::string_view plain) {
    return packed_by(plain, MAX_WBITS);
}
std::string deflate_bytes(std::string_view plain) {
    return packed_by(plain, -MAX_WBITS);
}

std::string base64(std::string_view bytes) {
    constexpr std::string_view kDigits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        unsigned value = 0;
        for (std::size_t j = 0; j < 3; ++j) {
            value = value << 8U |
                    (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0U);
        }
        for (std::size_t j = 0; j < 4; ++j) {
            const bool pad = i + j > bytes.size();
            out += pad ? '=' : kDigits[value >> (18U - 6U * static_cast<unsigned>(j)) & 63U];
        }
        out += i % 57 == 54 ? "\r\n" : "";
    }
    return out;
}

std::string png_chunk(std::string_view type, std::string_view body) {
    const std::string inside = std::string(type) + std::string(body);
    return big(body.size(), 4) + inside + crc(inside);
}

std::string png(std::string_view chunks) {
    const std::string header = big(1, 4) + big(1, 4) + std::string("\x08\0\0\0\0", 5);
    return std::string(kSignature) + png_chunk("IHDR", header) + std::string(chunks) +
           png_chunk("IDAT", zlib_bytes(std::string("\0\xff", 2))) + png_chunk("IEND", "");
}

std::string png_of(const GreyPicture& picture) {
    std::string rows;
    for (std::size_t y = 0; y < picture.height; ++y) {
        // Every filter once: the rows stand for themselves after "Up" of a difference.
        rows += y == 0 ? '\0' : '\2';
        for (std::size_t x = 0; x < picture.width; ++x) {
            const unsigned above = y == 0 ? 0U : picture.pixels[(y - 1) * picture.width + x];
            rows += static_cast<char>(picture.pixels[y * picture.width + x] - above);
        }
    }
    const std::string header =
        big(picture.width, 4) + big(picture.height, 4) + std::string("\x08\0\0\0\0", 5);
    return std::string(kSignature) + png_chunk("IHDR", header) +
           png_chunk("IDAT", zlib_bytes(rows)) + png_chunk("IEND", "");
}

std::string jpeg_segment(unsigned char marker, std::string_view body) {
    return std::string{'\xff', static_cast<char>(marker)} + big(body.size() + 2, 2) +
           std::string(body);
}

std::string jpeg(std::string_view segments) {
    return "\xff\xd8" + jpeg_segment(0xe0, std::string("JFIF\0\1\1\0\0\1\0\1\0\0", 14)) +
           std::string(segments) + jpeg_segment(0xda, std::string("\1\1\0\0\x3f\0", 6)) +
           std::string("\x12\xff\0\x34", 4) + "\xff\xd9";
}

std::string jpeg_of(const GreyPicture& picture) {
    jpeg_compress_struct info{};
    jpeg_error_mgr errors{};
    info.err = jpeg_std_error(&errors);
    jpeg_create_compress(&info);
    unsigned char* bytes = nullptr;
    unsigned long size = 0;
    jpeg_mem_dest(&info, &bytes, &size);
    info.image_width = static_cast<JDIMENSION>(picture.width);
    info.image_height = static_cast<JDIMENSION>(picture.height);
    info.input_components = 1;
    info.in_color_space = JCS_GRAYSCALE;
    jpeg_set_defaults(&info);
    jpeg_start_compress(&info, TRUE);
    std::vector<std::uint8_t> pixels = picture.pixels;
    while (info.next_scanline < info.image_height) {
        JSAMPROW row = pixels.data() + info.next_scanline * picture.width;
        jpeg_write_scanlines(&info, &row, 1);
    }
    jpeg_finish_compress(&info);
    jpeg_destroy_compress(&info);
    std::string out(reinterpret_cast<const char*>(bytes), size);
    std::free(bytes);
    return out;
}

namespace {

std::string gif_blocks(std::string_view bytes) {
    std::string out;
    for (std::size_t at = 0; at < bytes.size(); at += 255) {
        const std::string_view block = bytes.substr(at, 255);
        out += static_cast<char>(block.size());
        out += block;
    }
    return out + std::string(1, '\0');
}

}  // namespace

std::string gif(std::string_view extensions) {
    return "GIF89a" + little(1, 2) + little(1, 2) + std::string("\0\0\0", 3) +
           std::string(extensions) + "," +
           std::string(8, '\0').replace(4, 1, "\1").replace(6, 1, "\1") +
           std::string("\0\2\2\x4c\1\0;", 7);
}

std::string gif_of(const GreyPicture& picture) {
    // Eight bits a pixel with a clear code before every 100 pixels: codes never grow beyond nine
    // bits.
    std::string packed;
    unsigned window = 0;
    unsigned held = 0;
    const auto put = [&](unsigned code) {
        window |= code << held;
        for (held += 9; held >= 8; held -= 8) {
            packed += static_cast<char>(window & 0xffU);
            window >>= 8U;
        }
    };
    for (std::size_t i = 0; i < picture.pixels.size(); ++i) {
        if (i % 100 == 0) {
            put(256);
        }
        put(picture.pixels[i]);
    }
    put(257);
    packed += static_cast<char>(window & 0xffU);
    std::string palette;
    for (unsigned i = 0; i < 256; ++i) {
        palette += std::string(3, static_cast<char>(i));
    }
    const std::string measures = little(picture.width, 2) + little(picture.height, 2);
    return "GIF89a" + measures + std::string("\xf7\0\0", 3) + palette + "," + std::string(4, '\0') +
           measures + std::string("\0\x08", 2) + gif_blocks(packed) + ";";
}

std::string tiff(bool big_endian, const std::vector<TiffEntry>& entries,
                 const std::vector<TiffEntry>& nested) {
    const auto number = [&](std::uint64_t value, int bytes) {
        return big_endian ? big(value, bytes) : little(value, bytes);
    };
    std::string out = (big_endian ? "MM" : "II") + number(42, 2) + number(8, 4);
    const auto directory = [&](const std::vector<TiffEntry>& list, bool has_nested) {
        const std::size_t count = list.size() + (has_nested ? 1 : 0);
        std::size_t values = out.size() + 2 + count * 12 + 4;
        std::string behind;
        out += number(count, 2);
        for (const TiffEntry& entry : list) {
            const std::size_t size = entry.value.size();
            out += number(entry.tag, 2) + number(entry.type, 2) + number(size, 4);
            out += size <= 4 ? entry.value + std::string(4 - size, '\0')
                             : number(values + behind.size(), 4);
            behind += size <= 4 ? "" : entry.value;
        }
        if (has_nested) {
            out +=
                number(0x8769, 2) + number(4, 2) + number(1, 4) + number(values + behind.size(), 4);
        }
        out += number(0, 4) + behind;
    };
    directory(entries, !nested.empty());
    if (!nested.empty()) {
        directory(nested, false);
    }
    return out;
}

std::string xmp(std::string_view text) {
    return "<?xpacket begin=''?><x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF "
           "xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description "
           "rdf:about=''><dc:description><rdf:Alt><rdf:li xml:lang='x-default'>" +
           std::string(text) +
           "</rdf:li></rdf:Alt></dc:description></rdf:Description></rdf:RDF></x:xmpmeta>";
}

std::string iptc(std::string_view caption) {
    const std::string records = "\x1c\x02\x78" + big(caption.size(), 2) + std::string(caption);
    return std::string("Photoshop 3.0\0", 14) + "8BIM" + std::string("\x04\x04\0\0", 4) +
           big(records.size(), 4) + records + std::string(records.size() % 2, '\0');
}

std::string icc(std::string_view description) {
    const std::string tag = std::string("desc\0\0\0\0", 8) + big(description.size() + 1, 4) +
                            std::string(description) + std::string(1, '\0');
    return std::string(128, '\0') + big(1, 4) + "desc" + big(144, 4) + big(tag.size(), 4) + tag;
}

std::string riff_chunk(std::string_view name, std::string_view body) {
    return std::string(name) + little(body.size(), 4) + std::string(body) +
           std::string(body.size() % 2, '\0');
}

std::string riff(std::string_view kind, std::string_view chunks) {
    return "RIFF" + little(chunks.size() + 4, 4) + std::string(kind) + std::string(chunks);
}

}  // namespace credence::guard::testing
