#include <random>

#include "capabilities/guard/media/media_testing.h"

namespace credence::guard::testing {
namespace {

std::string repeat(std::string_view text, std::size_t bytes) {
    std::string out;
    out.reserve(bytes + text.size());
    while (out.size() < bytes) {
        out += text;
    }
    return out;
}

// Packed zeros, a thousandth of their size.
std::string bomb(std::size_t packed) {
    return zlib_bytes(std::string(packed * 1000, ' '));
}

void add_pictures(std::size_t size, std::vector<HostileFile>& out) {
    out.push_back({"png: empty chunks", png(repeat(png_chunk("tEXt", nul("a")), size))});
    out.push_back(
        {"png: unknown chunks", png(repeat(png_chunk("abCd", "some words in a chunk"), size))});
    out.push_back({"png: a text bomb", png(png_chunk("zTXt", nul("a") + '\0' + bomb(size)))});
    out.push_back(
        {"png: text bombs", png(repeat(png_chunk("zTXt", nul("a") + '\0' + bomb(2000)), size))});
    const std::size_t wide = size < 1'000'000 ? 300 : 3000;
    const std::size_t side = size < 1'000'000 ? 256 : 1024;
    const std::string measures = big(wide, 4) + big(wide, 4) + std::string("\x08\0\0\0\0", 5);
    out.push_back({"png: pixels", "\x89PNG\r\n\x1a\n" + png_chunk("IHDR", measures) +
                                      png_chunk("IDAT", bomb(16'000)) + png_chunk("IEND", "")});
    out.push_back({"jpeg: comments", jpeg(repeat(jpeg_segment(0xfe, "a b"), size))});
    out.push_back({"jpeg: fill bytes", "\xff\xd8" + std::string(size, '\xff')});
    std::string scans = jpeg_of(qr_picture(1));
    const std::size_t scan = scans.find("\xff\xda");
    scans = scans.substr(0, scan) + repeat(scans.substr(scan, 14), size);
    out.push_back({"jpeg: scans", scans});
    out.push_back({"gif: comments", gif(repeat(std::string("!\xfe\1a\0", 5), size))});
    std::string directory = "II*" + std::string(1, '\0') + little(8, 4) + little(4000, 2);
    for (int i = 0; i < 4000; ++i) {
        directory += little(0x010e, 2) + little(2, 2) + little(size, 4) + little(0, 4);
    }
    out.push_back({"tiff: overlaps", directory + repeat("words ", size)});
    std::string chain = std::string("II*\0", 4) + little(8, 4);
    while (chain.size() < size) {
        chain += little(0, 2) + little(chain.size() + 6, 4);
    }
    out.push_back({"tiff: a chain", chain});
    GreyPicture corners{.width = side, .height = side, .pixels = {}};
    corners.pixels.assign(side * side, 255);
    for (std::size_t y = 0; y < side; ++y) {
        for (std::size_t x = 0; x < side; ++x) {
            const std::size_t i = x % 9;
            const std::size_t j = y % 9;
            const bool ring = (i == 0 || i == 6 || j == 0 || j == 6) && i < 7 && j < 7;
            const bool core = i >= 2 && i <= 4 && j >= 2 && j <= 4;
            corners.pixels[y * side + x] = ring || core ? 0 : 255;
        }
    }
    out.push_back({"png: corners of codes", png_of(corners)});
    std::mt19937 random(7);
    for (std::uint8_t& pixel : corners.pixels) {
        pixel = random() % 2 == 0 ? 0 : 255;
    }
    out.push_back({"png: noise", png_of(corners)});
}

void add_pdfs(std::size_t size, std::vector<HostileFile>& out) {
    const std::string head = "%PDF-1.7\n";
    for (const std::string_view piece :
         {"1 0 obj (", "1 0 obj [", "1 0 obj <<", "1 0 obj <</a<<", "obj", "1 0 obj <<>> stream\n",
          "1 0 obj << /JS (a b c d) >> endobj ", "trailer <<", "1 0 obj <", "9 0 R "}) {
        out.push_back({"pdf: " + std::string(piece), head + repeat(piece, size)});
    }
    out.push_back({"pdf: one array", head + "1 0 obj " + std::string(size, '[')});
    for (const std::string_view piece :
         {"(a b) Tj ", "/F1 1 Tf ", "[[[[", "q ", "BI ID ", "(", "1 ", "0 0 Td (a) Tj "}) {
        out.push_back({"pdf: content " + std::string(piece), pdf_page(repeat(piece, size * 4))});
    }
    out.push_back({"pdf: forms in forms",
                   pdf({"<< /Type /Catalog /Pages 2 0 R >>", "<< /Kids [3 0 R] >>",
                        "<< /Type /Page /Contents 4 0 R /Resources 5 0 R >>",
                        pdf_stream("", repeat("/F Do ", 4000)), "<< /XObject << /F 6 0 R >> >>",
                        pdf_stream("/Subtype /Form", repeat("/F Do ", 4000))})});
    out.push_back(
        {"pdf: a wide map", pdf_page("BT /F1 9 Tf (a) Tj", "<< /ToUnicode 6 0 R >>",
                                     {pdf_stream("", repeat("1 beginbfrange <0000> <ffff> <0041> "
                                                            "endbfrange ",
                                                            size))})});
    std::string pages = "%PDF-1.7\n";
    for (std::size_t i = 3; pages.size() < size; ++i) {
        pages += std::to_string(i) + " 0 obj << /Type /Page /Contents 4 0 R >> endobj ";
    }
    out.push_back({"pdf: pages", pages + "4 0 obj " + pdf_stream("", repeat("(a b) Tj ", 5000))});
}

void add_texts(std::size_t size, std::vector<HostileFile>& out) {
    for (const std::string_view piece :
         {"<", "<a ", "<script>", "&", "&amp;", "<div>", "<p a='", "<!--", "</", "</p>",
          "<![CDATA[", "<b c=d e=f g=h>", "<!DOCTYPE [", "<i style='display:none'>a",
          "<img alt='a b'>", "<svg onload='a b c'>"}) {
        out.push_back({"html: " + std::string(piece), "<html>" + repeat(piece, size)});
        out.push_back({"svg: " + std::string(piece), "<svg>" + repeat(piece, size)});
        out.push_back({"xmp: " + std::string(piece),
                       jpeg(repeat(jpeg_segment(0xe1, nul("http://ns.adobe.com/xap/1.0/") +
                                                          repeat(piece, 60'000)),
                                   size))});
        out.push_back({"docx: " + std::string(piece), docx(repeat(piece, size))});
    }
    for (const std::string_view piece :
         {"{", "}", "\\u8364 ", "\\", "{\\*\\a b", "\\'e", "a\\par "}) {
        out.push_back({"rtf: " + std::string(piece), "{\\rtf1 " + repeat(piece, size)});
    }
    const std::string head = "From: a\nTo: b\n";
    for (const std::string_view piece :
         {"Subject: =?utf-8?q?=41?=\n", " =?a?b?", "X: y\n", " z\n", "=?"}) {
        out.push_back({"mail: " + std::string(piece), head + "Subject: " + repeat(piece, size)});
    }
    std::string nested = head;
    for (int i = 0; nested.size() < size; ++i) {
        const std::string name = std::to_string(i);
        nested += "Content-Type: multipart/mixed; boundary=" + name + "\n\n--" + name + "\n";
    }
    out.push_back({"mail: nested parts", nested});
    out.push_back({"mail: parts", head + "Content-Type: multipart/mixed; boundary=b\n\n" +
                                      repeat("--b\n\na b\n", size)});
}

void add_containers(std::size_t size, std::vector<HostileFile>& out) {
    std::vector<ZipFile> files;
    for (std::size_t i = 0; i * 100 < size; ++i) {
        files.push_back({"a" + std::to_string(i) + ".txt", "some text"});
    }
    out.push_back({"zip: files", zip(files)});
    out.push_back({"zip: a bomb", zip({{"a.txt", std::string(size * 100, ' ')}})});
    out.push_back({"zip: ends", "PK\x03\x04" + repeat("PK\x05\x06", size)});
    out.push_back(
        {"zip: pictures", zip(std::vector<ZipFile>(200, {"a.png", png_of(qr_picture(4))}))});
    out.push_back({"mp4: boxes", box("ftyp", "isom") + repeat(box("free", ""), size)});
    std::string nested = "moov";
    for (int i = 0; nested.size() < size; ++i) {
        nested = "udta" + big(nested.size() + 4, 4) + nested;
        if (i > 2000) {
            break;
        }
    }
    out.push_back({"mp4: nested", box("ftyp", "isom") + box("moov", nested)});
    out.push_back({"ogg: pages", repeat(ogg({"a"}), size)});
    out.push_back(
        {"flac: blocks", flac(repeat(flac_block(4, vorbis_comments({"A=b c"}), false), size))});
    out.push_back({"id3: frames", id3(repeat(id3_frame("TIT2", "\3a b"), size))});
    out.push_back({"id3: pictures",
                   id3(repeat(id3_frame("APIC", std::string("\0\0\0\0", 4) + png("")), size))});
    out.push_back({"riff: chunks", riff("WAVE", repeat(riff_chunk("abcd", "a b"), size))});
    out.push_back({"text", repeat("a b c\n", size)});
    out.push_back({"bytes", repeat(std::string("\0\1\2 some words of text \xff\xfe", 25), size)});
    std::mt19937 random(11);
    std::string noise;
    while (noise.size() < size) {
        noise += static_cast<char>(random());
    }
    out.push_back({"noise", noise});
    out.push_back({"appended noise", png("") + noise});
    out.push_back({"appended pictures", repeat(png(""), size)});
}

}  // namespace

std::vector<HostileFile> hostile_files(std::size_t bytes) {
    std::vector<HostileFile> out;
    add_pictures(bytes, out);
    add_pdfs(bytes, out);
    add_texts(bytes, out);
    add_containers(bytes, out);
    return out;
}

}  // namespace credence::guard::testing
