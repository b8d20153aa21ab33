#include <array>

#include "capabilities/guard/media/inflate.h"
#include "capabilities/guard/media/media_testing.h"

namespace credence::guard::testing {
namespace {

// The code of kPlanted: version 4, level L.
constexpr std::array<std::string_view, 33> kCode = {
    "#######..#....#.#..#####..#######", "#.....#.##.###.###...##...#.....#",
    "#.###.#..###...#.....#.##.#.###.#", "#.###.#.##.#.###.#....#.#.#.###.#",
    "#.###.#...#.##..####...#..#.###.#", "#.....#.#.#....##.#.##....#.....#",
    "#######.#.#.#.#.#.#.#.#.#.#######", "............#.###....##..........",
    "#####.#####.###..#.##.#..#.#.#.#.", "..##...#.#......#..##..#..#...###",
    "#.#..###.#.#####......#.#.###..#.", ".#.###.#####..##..#.######...####",
    ".#..####.#.#.###.#.#..#..#..#..##", "..#.#..#..#.##...####..#..#..##.#",
    ".##..##..##..###..#...#.###..###.", "..#....#..#.#.###.#..#...##...#.#",
    "##..####.#..####.##.#.#..#.##..##", "#.#.#..###...#..#.######.##...#.#",
    "###.###.#.###.##..#.#....#.##.##.", ".#.###.#...#......#.######.#.####",
    "#..##.###.##.#####.......#..#..#.", "##...#...#..#...#..###.#.##...#.#",
    "#.#...##.##...###....#..#..#.###.", "#......#.##.#...#.##.#.#.###.###.",
    "#....##.....##...#..#.#######...#", "........#.#..#..######..#...##...",
    "#######.#########.#..#.##.#.#.##.", "#.....#....#....#.#..####...###.#",
    "#.###.#.#.##...###....#.#####....", "#.###.#.#...##..#.##...##...##...",
    "#.###.#.##...###......#...#...##.", "#.....#.###.##.#....##.....#..#..",
    "#######.##..#.##.##...###..#...#.",
};

}  // namespace

std::string id3_frame(std::string_view name, std::string_view body) {
    return std::string(name) + big(body.size(), 4) + std::string(2, '\0') + std::string(body);
}

std::string id3(std::string_view frames) {
    std::string size;
    for (int i = 3; i >= 0; --i) {
        size += static_cast<char>(frames.size() >> (7U * static_cast<unsigned>(i)) & 0x7fU);
    }
    return std::string("ID3\x03\0\0", 6) + size + std::string(frames);
}

std::string vorbis_comments(const std::vector<std::string>& comments) {
    std::string out = little(0, 4) + little(comments.size(), 4);
    for (const std::string& comment : comments) {
        out += little(comment.size(), 4) + comment;
    }
    return out;
}

std::string flac_block(unsigned kind, std::string_view body, bool last) {
    return std::string(1, static_cast<char>(kind | (last ? 0x80U : 0U))) + big(body.size(), 3) +
           std::string(body);
}

std::string flac(std::string_view blocks) {
    return "fLaC" + flac_block(0, std::string(34, '\0'), false) + std::string(blocks);
}

std::string ogg(const std::vector<std::string>& packets) {
    std::string out;
    std::uint64_t sequence = 0;
    for (const std::string& packet : packets) {
        std::string segments(packet.size() / 255, '\xff');
        segments += static_cast<char>(packet.size() % 255);
        out += std::string("OggS\0\0", 6) + std::string(8, '\0') + little(7, 4) +
               little(sequence++, 4) + little(0, 4) +
               std::string(1, static_cast<char>(segments.size())) + segments + packet;
    }
    return out;
}

std::string box(std::string_view name, std::string_view body) {
    return big(body.size() + 8, 4) + std::string(name) + std::string(body);
}

std::string pdf(const std::vector<std::string>& objects) {
    std::string out = "%PDF-1.7\n";
    for (std::size_t i = 0; i < objects.size(); ++i) {
        out += std::to_string(i + 1) + " 0 obj\n" + objects[i] + "\nendobj\n";
    }
    return out + "trailer\n<< /Root 1 0 R >>\nstartxref\n0\n%%EOF\n";
}

std::string pdf_stream(std::string_view entries, std::string_view content, bool packed) {
    const std::string bytes = packed ? zlib_bytes(content) : std::string(content);
    return "<< /Length " + std::to_string(bytes.size()) +
           (packed ? " /Filter /FlateDecode " : " ") + std::string(entries) + " >>\nstream\n" +
           bytes + "\nendstream";
}

std::string pdf_page(std::string_view content, std::string_view font,
                     const std::vector<std::string>& more) {
    std::vector<std::string> objects = {
        "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        pdf_stream("", content),
        font.empty() ? "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
                     : std::string(font)};
    objects.insert(objects.end(), more.begin(), more.end());
    return pdf(objects);
}

std::string zip(const std::vector<ZipFile>& files, std::string_view comment) {
    std::string out;
    std::string directory;
    for (const ZipFile& file : files) {
        const std::string body = file.packed ? deflate_bytes(file.content) : file.content;
        const std::string shared = little(0, 2) + little(file.packed ? 8 : 0, 2) + little(0, 4) +
                                   little(checksum32(file.content), 4) + little(body.size(), 4) +
                                   little(file.content.size(), 4) + little(file.name.size(), 2) +
                                   little(0, 2);
        directory += "PK\x01\x02" + little(20, 2) + little(20, 2) + shared + little(0, 10) +
                     little(out.size(), 4) + file.name;
        out += "PK\x03\x04" + little(20, 2) + shared + file.name + body;
    }
    return out + directory + "PK\x05\x06" + little(0, 4) + little(files.size(), 2) +
           little(files.size(), 2) + little(directory.size(), 4) + little(out.size(), 4) +
           little(comment.size(), 2) + std::string(comment);
}

std::string docx(std::string_view body, const std::vector<ZipFile>& more) {
    std::vector<ZipFile> files = {{"[Content_Types].xml", "<Types/>"},
                                  {"word/document.xml", "<w:document><w:body>" + std::string(body) +
                                                            "</w:body></w:document>"}};
    files.insert(files.end(), more.begin(), more.end());
    return zip(files);
}

GreyPicture qr_picture(std::size_t scale) {
    constexpr std::size_t kMargin = 4;
    GreyPicture out;
    out.width = (kCode.size() + 2 * kMargin) * scale;
    out.height = out.width;
    out.pixels.assign(out.width * out.height, 255);
    for (std::size_t y = 0; y < kCode.size() * scale; ++y) {
        for (std::size_t x = 0; x < kCode.size() * scale; ++x) {
            if (kCode.at(y / scale)[x / scale] == '#') {
                out.pixels[(y + kMargin * scale) * out.width + x + kMargin * scale] = 0;
            }
        }
    }
    return out;
}

}  // namespace credence::guard::testing
