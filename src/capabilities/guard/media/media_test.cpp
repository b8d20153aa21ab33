// One table of places in pictures and sounds where a text can hide: each is found where it is, and
// nothing is found in a file that is alike but for the text.
#include "capabilities/guard/media/media.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "capabilities/guard/media/media_testing.h"

namespace credence::guard::testing {
namespace {

using Build = std::function<std::string(const std::string& text)>;

struct Place {
    std::string format;
    std::string where;
    Build build;
    bool plain = true;  // the text lies in the file as it is
};

std::vector<Place> png_places() {
    return {
        {"image/png", "png.tEXt.Comment",
         [](auto& text) { return png(png_chunk("tEXt", nul("Comment") + text)); }},
        {"image/png", "png.zTXt.Comment",
         [](auto& text) {
             return png(png_chunk("zTXt", nul("Comment") + '\0' + zlib_bytes(text)));
         },
         false},
        {"image/png", "png.iTXt.Comment",
         [](auto& text) {
             return png(png_chunk("iTXt", nul("Comment") + std::string("\0\0\0\0", 4) + text));
         }},
        {"image/png", "png.iTXt.Comment",
         [](auto& text) {
             return png(
                 png_chunk("iTXt", nul("Comment") + std::string("\1\0\0\0", 4) + zlib_bytes(text)));
         },
         false},
        {"image/png", "xmp.description",
         [](auto& text) {
             return png(png_chunk(
                 "iTXt", nul("XML:com.adobe.xmp") + std::string("\0\0\0\0", 4) + xmp(text)));
         }},
        {"image/png", "exif.ImageDescription",
         [](auto& text) { return png(png_chunk("eXIf", tiff(true, {{0x010e, 2, nul(text)}}))); }},
        {"image/png", "icc.desc",
         [](auto& text) { return png(png_chunk("iCCP", nul("") + '\0' + zlib_bytes(icc(text)))); },
         false},
        {"image/png", "png.prVt", [](auto& text) { return png(png_chunk("prVt", text)); }},
        {"image/png", "appended", [](auto& text) { return png("") + text; }},
        {"image/png", "appended",
         [](auto& text) { return png("") + std::string("\0\1\2\x80\xff", 5) + text + "\1\2"; }},
    };
}

std::vector<Place> jpeg_places() {
    return {
        {"image/jpeg", "jpeg.comment", [](auto& text) { return jpeg(jpeg_segment(0xfe, text)); }},
        {"image/jpeg", "exif.UserComment",
         [](auto& text) {
             return jpeg(jpeg_segment(
                 0xe1, std::string("Exif\0\0", 6) +
                           tiff(false, {}, {{0x9286, 7, std::string("ASCII\0\0\0", 8) + text}})));
         }},
        {"image/jpeg", "exif.UserComment",
         [](auto& text) {
             return jpeg(jpeg_segment(
                 0xe1, std::string("Exif\0\0", 6) +
                           tiff(true, {},
                                {{0x9286, 7, std::string("UNICODE\0", 8) + utf16(text, false)}})));
         },
         false},
        {"image/jpeg", "exif.XPComment",
         [](auto& text) {
             return jpeg(jpeg_segment(0xe1, std::string("Exif\0\0", 6) +
                                                tiff(false, {{0x9c9c, 1, utf16(text, false)}})));
         },
         false},
        {"image/jpeg", "xmp.description",
         [](auto& text) {
             return jpeg(jpeg_segment(0xe1, nul("http://ns.adobe.com/xap/1.0/") + xmp(text)));
         }},
        {"image/jpeg", "iptc.Caption-Abstract",
         [](auto& text) { return jpeg(jpeg_segment(0xed, iptc(text))); }},
        {"image/jpeg", "icc.desc",
         [](auto& text) {
             return jpeg(jpeg_segment(0xe2, nul("ICC_PROFILE") + "\1\1" + icc(text)));
         },
         false},
        {"image/jpeg", "jpeg.APP11", [](auto& text) { return jpeg(jpeg_segment(0xeb, text)); }},
        {"image/jpeg", "appended", [](auto& text) { return jpeg("") + text; }},
    };
}

std::vector<Place> other_pictures() {
    return {
        {"image/gif", "gif.comment",
         [](auto& text) {
             return gif("!\xfe" + std::string(1, static_cast<char>(text.size())) + text +
                        (text.empty() ? "" : std::string(1, '\0')));
         }},
        {"image/gif", "xmp.description",
         [](auto& text) {
             std::string trailer(1, '\1');
             for (int i = 255; i >= 0; --i) {
                 trailer += static_cast<char>(i);
             }
             return gif("!\xff\x0bXMP DataXMP" + xmp(text) + trailer + '\0');
         }},
        {"image/gif", "appended", [](auto& text) { return gif("") + text; }},
        {"image/webp", "exif.Artist",
         [](auto& text) {
             return riff("WEBP", riff_chunk("VP8L", "\x2f") +
                                     riff_chunk("EXIF", tiff(false, {{0x013b, 2, nul(text)}})));
         }},
        {"image/webp", "xmp.description",
         [](auto& text) { return riff("WEBP", riff_chunk("XMP ", xmp(text))); }},
        {"image/webp", "appended",
         [](auto& text) { return riff("WEBP", riff_chunk("VP8L", "\x2f\1")) + text; }},
        {"image/tiff", "exif.ImageDescription",
         [](auto& text) { return tiff(true, {{0x010e, 2, nul(text)}}); }},
        {"image/tiff", "exif.Copyright",
         [](auto& text) { return tiff(false, {{0x8298, 2, nul(text)}}); }},
        {"image/bmp", "appended",
         [](auto& text) {
             return "BM" + little(58, 4) + little(0, 4) + little(54, 4) + little(40, 4) +
                    little(1, 4) + little(1, 4) + little(1, 2) + little(24, 2) +
                    std::string(24, '\0') + std::string(4, '\xff') + text;
         }},
    };
}

std::string itunes(const std::string& name, std::uint64_t kind, const std::string& value) {
    const std::string item = box(name, box("data", big(kind, 4) + big(0, 4) + value));
    return box("ftyp", "M4A " + big(0, 4)) +
           box("moov", box("udta", box("meta", big(0, 4) + box("hdlr", std::string(24, '\0')) +
                                                   box("ilst", item))));
}

std::vector<Place> id3_places() {
    return {
        {"audio/mpeg", "id3.TIT2",
         [](auto& text) { return id3(id3_frame("TIT2", std::string(1, '\3') + text)); }},
        {"audio/mpeg", "id3.TXXX",
         [](auto& text) {
             return id3(id3_frame(
                 "TXXX", "\1\xff\xfe" + std::string(2, '\0') + "\xff\xfe" + utf16(text, false)));
         },
         false},
        {"audio/mpeg", "id3.COMM",
         [](auto& text) {
             return id3(id3_frame("COMM", nul(std::string(1, '\0') + "eng") + text));
         }},
        {"audio/mpeg", "id3.USLT",
         [](auto& text) {
             return id3(id3_frame("USLT", std::string("\2eng\0\0", 6) + utf16(text, true)));
         },
         false},
        {"audio/mpeg", "id3v1.comment",
         [](auto& text) {
             std::string shortened = text.substr(0, 28);
             shortened.resize(30);
             return id3("") + "TAG" + std::string(94, '\0') + shortened + '\0';
         }},
        {"audio/mpeg", "ape.Comment",
         [](auto& text) {
             const std::string item = little(text.size(), 4) + little(0, 4) + nul("Comment") + text;
             return id3("") + item + "APETAGEX" + little(2000, 4) + little(item.size() + 32, 4) +
                    little(1, 4) + little(0, 12);
         }},
    };
}

std::vector<Place> other_sounds() {
    return {
        {"audio/flac", "vorbis.DESCRIPTION",
         [](auto& text) {
             return flac(flac_block(4, vorbis_comments({"DESCRIPTION=" + text}), true));
         }},
        {"audio/ogg", "vorbis.LYRICS",
         [](auto& text) {
             return ogg({"\1vorbis" + std::string(23, '\0'),
                         "\3vorbis" + vorbis_comments({"LYRICS=" + text}) + "\1"});
         },
         false},
        {"audio/ogg", "vorbis.TITLE",
         [](auto& text) {
             return ogg({"OpusHead" + std::string(11, '\1'),
                         "OpusTags" + vorbis_comments({"A=", "TITLE=" + text})});
         },
         false},
        {"audio/mp4",
         "mp4.\xc2\xa9"
         "cmt",
         [](auto& text) {
             return itunes(
                 "\xa9"
                 "cmt",
                 1, text);
         }},
        {"audio/mp4", "mp4.desc", [](auto& text) { return itunes("desc", 2, utf16(text, true)); },
         false},
        {"video/quicktime",
         "mp4.\xc2\xa9"
         "nam",
         [](auto& text) {
             return box("ftyp", "qt  " + big(0, 4)) +
                    box("moov", box("udta", box("\xa9"
                                                "nam",
                                                big(text.size(), 2) + big(0, 2) + text)));
         }},
        {"video/mp4", "mp4.free",
         [](auto& text) { return box("ftyp", "isom" + big(0, 4)) + box("free", text); }},
        {"audio/wav", "riff.ICMT",
         [](auto& text) {
             return riff("WAVE", riff_chunk("LIST", "INFO" + riff_chunk("ICMT", text)));
         }},
    };
}

MediaReport read(const std::string& file) {
    Result<MediaReport> report = read_media(file, nullptr);
    EXPECT_TRUE(report.has_value());
    return report ? *report : MediaReport{};
}

void expect_found(const Place& place) {
    SCOPED_TRACE(place.format + " " + place.where);
    const std::string file = place.build(std::string(kPlanted));
    const MediaReport report = read(file);
    EXPECT_EQ(report.format, place.format);
    EXPECT_FALSE(report.truncated);
    const auto found =
        std::find_if(report.parts.begin(), report.parts.end(), [&](const auto& part) {
            return part.where == place.where &&
                   part.text.find("previous instr") != std::string::npos;
        });
    ASSERT_NE(found, report.parts.end()) << ::testing::PrintToString(report.unread);
    const std::string_view wanted = kPlanted.substr(0, found->text.size());
    EXPECT_EQ(found->text, wanted);
    ASSERT_LT(found->span.start, found->span.end);
    ASSERT_LE(found->span.end, file.size());
    if (place.plain) {
        const std::string_view at =
            std::string_view(file).substr(found->span.start, found->span.end - found->span.start);
        EXPECT_NE(at.find(wanted), std::string_view::npos);
        EXPECT_LE(at.size(), wanted.size() + 32);
    }
}

void expect_clean(const Place& place) {
    SCOPED_TRACE("clean " + place.format + " " + place.where);
    for (const MediaPart& part : read(place.build("")).parts) {
        ADD_FAILURE() << part.where << ": " << part.text;
    }
}

void expect_all(const std::vector<Place>& places) {
    for (const Place& place : places) {
        expect_found(place);
        expect_clean(place);
    }
}

TEST(Media, TextHiddenInPicturesIsFoundWhereItIs) {
    expect_all(png_places());
    expect_all(jpeg_places());
    expect_all(other_pictures());
}

TEST(Media, TextHiddenInSoundsIsFoundWhereItIs) {
    expect_all(id3_places());
    expect_all(other_sounds());
}

bool has_part(const MediaReport& report, std::string_view where, std::string_view text) {
    return std::any_of(report.parts.begin(), report.parts.end(), [&](const MediaPart& part) {
        return part.where == where && part.text == text;
    });
}

TEST(Media, DataBehindTheEndIsSaid) {
    const std::string clean = png("");
    EXPECT_TRUE(read(clean).notes.empty());
    const MediaReport report = read(clean + std::string(kPlanted));
    ASSERT_EQ(report.notes.size(), 1U);
    EXPECT_EQ(report.notes[0].what, "appended_data");
    EXPECT_EQ(report.notes[0].span, (ByteSpan{clean.size(), clean.size() + kPlanted.size()}));
    EXPECT_TRUE(read(clean + std::string(64, '\0')).notes.empty()) << "padding is no data";
}

TEST(Media, TwoFormatsInOneFileAreBothRead) {
    const std::string archive = zip({{"note.txt", std::string(kPlanted)}});
    const MediaReport report = read(png("") + archive);
    EXPECT_EQ(report.format, "image/png");
    EXPECT_TRUE(has_note(report, "two_formats"));
    EXPECT_TRUE(has_part(report, "appended.zip.note.txt.text", kPlanted));
    EXPECT_TRUE(has_part(report, "appended.zip.names", "note.txt"));
    // An archive inside a comment of a JPEG: it is found from the file's end.
    const std::string inside = jpeg(jpeg_segment(0xfe, "x")) + archive;
    EXPECT_TRUE(has_note(read(inside), "two_formats"));
}

TEST(Media, WrongChecksumsAndUnknownChunksAreNoted) {
    std::string file = png(png_chunk("tEXt", nul("Comment") + std::string(kPlanted)));
    const std::size_t at = file.find("marigold");
    file[at] = 'M';
    const MediaReport report = read(file);
    EXPECT_TRUE(has_note(report, "damaged"));
    EXPECT_EQ(report.parts.size(), 1U) << "the text is read all the same";
    EXPECT_TRUE(has_note(read(png(png_chunk("abCd", "x"))), "unknown_chunk"));
}

TEST(Media, PlacesOnTheMapAreNotReturned) {
    const MediaReport report =
        read(tiff(false, {{0x8825, 4, little(8, 4)}, {0x010e, 2, nul("a fine day")}}));
    ASSERT_EQ(report.parts.size(), 1U);
    EXPECT_EQ(report.parts[0].where, "exif.ImageDescription");
}

TEST(Media, CodesInPicturesAreRead) {
    const GreyPicture picture = qr_picture(4);
    for (const std::string& file : {png_of(picture), jpeg_of(picture), gif_of(picture)}) {
        const MediaReport report = read(file);
        EXPECT_TRUE(has_part(report, "qr", kPlanted))
            << report.format << ::testing::PrintToString(report.unread);
    }
    GreyPicture inverted = picture;
    for (std::uint8_t& pixel : inverted.pixels) {
        pixel = static_cast<std::uint8_t>(255 - pixel);
    }
    EXPECT_TRUE(has_part(read(png_of(inverted)), "qr", kPlanted));
    GreyPicture blank = picture;
    std::fill(blank.pixels.begin(), blank.pixels.end(), std::uint8_t{255});
    EXPECT_TRUE(read(png_of(blank)).parts.empty());
}

class FakeReader : public OpticalReader {
public:
    Result<std::string> read(std::string_view, std::string_view format) const override {
        if (format != "image/png") {
            return fail(Code::unavailable, "not today");
        }
        return std::string(kPlanted);
    }
};

TEST(Media, LettersInPicturesAreReadOrSaidToBeUnread) {
    const FakeReader reader;
    const auto read_by = read_media(png(""), &reader);
    ASSERT_TRUE(read_by.has_value());
    EXPECT_TRUE(has_part(*read_by, "ocr", kPlanted));
    const auto refused = read_media(gif(""), &reader);
    ASSERT_TRUE(refused.has_value());
    EXPECT_EQ(refused->unread, std::vector<std::string>{"ocr: not today"});
    EXPECT_EQ(read(png("")).unread,
              std::vector<std::string>{"ocr: no reader of letters in pictures"});
}

TEST(Media, UnknownFormatsAreSaidToBeUnread) {
    const MediaReport report = read(std::string("\1\2\3\0\xfe\xff\x80\x81", 8) +
                                    std::string(40, '\1') + std::string(kPlanted));
    EXPECT_EQ(report.format, "");
    EXPECT_EQ(report.unread, std::vector<std::string>{"unknown format"});
    EXPECT_TRUE(has_part(report, "strings", kPlanted));
    EXPECT_EQ(read("7z\xbc\xaf\x27\x1c....").unread,
              std::vector<std::string>{"application/x-7z-compressed"});
    EXPECT_EQ(read_media(std::string(kMaxMediaBytes + 1, 'a'), nullptr).error().code,
              Code::too_large);
    EXPECT_TRUE(read("").parts.empty());
}

}  // namespace
}  // namespace credence::guard::testing
