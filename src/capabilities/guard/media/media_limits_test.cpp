// Damage, limits and time.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <random>

#include "base/text.h"
#include "capabilities/guard/media/media_testing.h"

namespace credence::guard::testing {
namespace {

std::vector<std::string> whole_files() {
    const std::string text(kPlanted);
    return {
        png(png_chunk("tEXt", std::string("a\0", 2) + text)),
        png_of(qr_picture(2)),
        jpeg(jpeg_segment(0xe1, std::string("Exif\0\0", 6) +
                                    tiff(true, {{0x010e, 2, text}}, {{0x9286, 7, text}})) +
             jpeg_segment(0xed, iptc(text))),
        jpeg_of(qr_picture(2)),
        gif_of(qr_picture(1)),
        riff("WEBP", riff_chunk("XMP ", xmp(text))),
        id3(id3_frame("COMM", std::string("\0eng\0", 5) + text)),
        flac(flac_block(4, vorbis_comments({"A=" + text}), true)),
        ogg({"OpusHead", "OpusTags" + vorbis_comments({"A=" + text})}),
        box("ftyp", "M4A " + big(0, 4)) + box("moov", box("udta", box("titl", big(0, 6) + text))),
        pdf_page("BT /F1 12 Tf (" + text + ") Tj ET", {}, {"<< /Subject (" + text + ") >>"}),
        docx("<w:p><w:t>" + text + "</w:t></w:p>"),
        "<html><p style='display:none'>" + text + "</p><!-- " + text + "--></html>",
        "{\\rtf1{\\info{\\title " + text + "}}{\\v " + text + "}}",
        "From: a\nTo: b\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n" + text + "\n--b--",
    };
}

void expect_sound(const std::string& file) {
    const Result<MediaReport> report = read_media(file, nullptr);
    ASSERT_TRUE(report.has_value());
    EXPECT_LE(report->parts.size(), kMaxMediaParts);
    std::size_t bytes = 0;
    for (const MediaPart& part : report->parts) {
        bytes += part.text.size();
        EXPECT_LE(part.span.start, part.span.end);
        EXPECT_LE(part.span.end, file.size());
        EXPECT_TRUE(is_valid_utf8(part.text));
        EXPECT_TRUE(is_valid_utf8(part.where));
    }
    EXPECT_LE(bytes, kMaxMediaTextBytes);
    for (const MediaNote& note : report->notes) {
        EXPECT_LE(note.span.start, note.span.end);
        EXPECT_LE(note.span.end, file.size());
    }
}

TEST(MediaLimits, FilesCutOffAnywhereAreNoErrors) {
    for (const std::string& file : whole_files()) {
        const std::size_t step = file.size() / 200 + 1;
        for (std::size_t size = 0; size < file.size(); size += step) {
            expect_sound(file.substr(0, size));
        }
    }
}

TEST(MediaLimits, FilesWithWrongBytesAreNoErrors) {
    std::mt19937 random(42);
    for (const std::string& file : whole_files()) {
        for (int round = 0; round < 60; ++round) {
            std::string wrong = file;
            for (int i = 0; i < 4; ++i) {
                wrong[random() % wrong.size()] = static_cast<char>(random());
            }
            expect_sound(wrong);
        }
    }
}

TEST(MediaLimits, ACutOffFileIsNoted) {
    for (const std::string& file : whole_files()) {
        if (file.starts_with("<html") || file.starts_with("GIF")) {
            continue;  // which have no need of an end, or keep all of it in the last byte
        }
        const auto report = read_media(std::string_view(file).substr(0, file.size() - 5), nullptr);
        ASSERT_TRUE(report.has_value());
        EXPECT_FALSE(report->notes.empty()) << report->format;
    }
}

TEST(MediaLimits, PartsAndTextAreBounded) {
    std::string chunks;
    for (int i = 0; i < 400; ++i) {
        chunks += png_chunk("tEXt", std::string("a\0some words", 12));
    }
    const auto many = read_media(png(chunks), nullptr);
    ASSERT_TRUE(many.has_value());
    EXPECT_EQ(many->parts.size(), kMaxMediaParts);
    EXPECT_TRUE(many->truncated);
    const auto much = read_media(std::string(kMaxMediaTextBytes + 10, 'a'), nullptr);
    ASSERT_TRUE(much.has_value());
    EXPECT_EQ(much->parts.at(0).text.size(), kMaxMediaTextBytes);
    EXPECT_TRUE(much->truncated);
}

TEST(MediaLimits, BombsAreNotedAndNotUnpacked) {
    const std::string packed = zlib_bytes(std::string(std::size_t{64} << 20, ' '));
    const auto report =
        read_media(png(png_chunk("zTXt", std::string("a\0\0", 3) + packed)), nullptr);
    ASSERT_TRUE(report.has_value());
    EXPECT_TRUE(report->truncated);
    EXPECT_TRUE(std::any_of(report->notes.begin(), report->notes.end(),
                            [](const MediaNote& note) { return note.what == "bomb"; }));
}

TEST(MediaLimits, FilesInFilesEndAtADepth) {
    std::string inner(kPlanted);
    for (int i = 0; i < 6; ++i) {
        inner = zip({{"a.bin", inner}});
    }
    const auto report = read_media(inner, nullptr);
    ASSERT_TRUE(report.has_value());
    EXPECT_TRUE(report->truncated);
    EXPECT_NE(
        std::find(report->unread.begin(), report->unread.end(), "limit: files inside of files"),
        report->unread.end());
}

std::int64_t time_us(const std::string& file) {
    const auto begin = std::chrono::steady_clock::now();
    expect_sound(file);
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() -
                                                                 begin)
        .count();
}

TEST(MediaLimits, TimeGrowsNoFasterThanHostileFiles) {
    const std::vector<HostileFile> small = hostile_files(8 * 1024);
    const std::vector<HostileFile> large = hostile_files(64 * 1024);
    ASSERT_EQ(small.size(), large.size());
    // What each file costs apart from its size; generous, for builds that check memory.
    constexpr std::int64_t kFloorUs = 20'000;
    for (std::size_t i = 0; i < small.size(); ++i) {
        const std::int64_t before = std::max(time_us(small[i].bytes), kFloorUs);
        EXPECT_LE(time_us(large[i].bytes), before * 32) << small[i].name;
    }
}

}  // namespace
}  // namespace credence::guard::testing
