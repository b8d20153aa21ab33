// The same table for documents: pages, hidden text, comments, properties, scripts.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "capabilities/guard/media/media_testing.h"

namespace credence::guard::testing {
namespace {

struct DocumentPlace {
    std::string format;
    std::string where;
    std::function<std::string(const std::string& text)> build;
    std::string note = {};  // that comes with it, and not with the clean file
};

constexpr const char* kWord =
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
constexpr const char* kSheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
constexpr const char* kSlides =
    "application/vnd.openxmlformats-officedocument.presentationml.presentation";
constexpr const char* kOdt = "application/vnd.oasis.opendocument.text";

std::string hex(std::string_view text, unsigned add) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out;
    for (const char c : text) {
        const unsigned code = static_cast<unsigned char>(c) + add;
        out += std::string("00") + kDigits[code >> 4U & 15U] + kDigits[code & 15U];
    }
    return out;
}

std::string object_stream(const std::vector<std::pair<int, std::string>>& objects) {
    std::string index;
    std::string bodies;
    for (const auto& [number, body] : objects) {
        index += std::to_string(number) + " " + std::to_string(bodies.size()) + " ";
        bodies += body + " ";
    }
    return pdf_stream("/Type /ObjStm /N " + std::to_string(objects.size()) + " /First " +
                          std::to_string(index.size()),
                      index + bodies);
}

std::vector<DocumentPlace> pdfs() {
    const std::string map =
        "/CIDInit /ProcSet findresource begin 1 begincodespacerange <0000> <ffff> "
        "endcodespacerange 1 beginbfrange <0021> <007f> <0020> endbfrange end";
    return {
        {"application/pdf", "pdf.page.1",
         [](auto& text) { return pdf_page("BT /F1 12 Tf (" + text + ") Tj ET"); }},
        {"application/pdf", "pdf.page.1",
         [](auto& text) {
             // Kerned, and with the blanks as gaps.
             std::string array;
             for (const char c : text) {
                 array += c == ' ' ? "-300 " : "(" + std::string(1, c) + ") 20 ";
             }
             return pdf_page("BT /F1 12 Tf [" + array + "] TJ ET");
         }},
        {"application/pdf", "pdf.page.1",
         [map](auto& text) {
             return pdf_page("BT /F1 12 Tf <" + hex(text, 1) + "> Tj ET",
                             "<< /Subtype /Type0 /Encoding /Identity-H /ToUnicode 6 0 R >>",
                             {pdf_stream("", map)});
         }},
        {"application/pdf", "pdf.page.1",
         [](auto& text) {
             // The object stream holds the tree; the page's content is a stream of its own.
             return pdf({"<< /Type /Catalog /Pages 7 0 R >>",
                         object_stream({{7, "<< /Type /Pages /Kids [8 0 R] >>"},
                                        {8, "<< /Type /Page /Contents 3 0 R >>"}}),
                         pdf_stream("", "BT 12 0 0 12 72 700 Tm (" + text + ") Tj ET")});
         }},
        {"application/pdf", "pdf.page.1.hidden",
         [](auto& text) { return pdf_page("BT 3 Tr /F1 12 Tf (" + text + ") Tj ET"); },
         "hidden_text"},
        {"application/pdf", "pdf.page.1.hidden",
         [](auto& text) { return pdf_page("BT 1 1 1 rg /F1 12 Tf (" + text + ") Tj ET"); },
         "hidden_text"},
        {"application/pdf", "pdf.page.1.hidden",
         [](auto& text) { return pdf_page("BT /F1 0.5 Tf (" + text + ") Tj ET"); }, "hidden_text"},
        {"application/pdf", "pdf.info.Subject",
         [](auto& text) { return pdf_page("", "", {"<< /Subject (" + text + ") >>"}); }},
        {"application/pdf", "pdf.xmp.description",
         [](auto& text) {
             return pdf_page("", "", {pdf_stream("/Type /Metadata /Subtype /XML", xmp(text))});
         }},
        {"application/pdf", "pdf.annotation",
         [](auto& text) {
             return pdf_page("", "",
                             {"<< /Type /Annot /Subtype /Text /Contents (" + text + ") >>"});
         }},
        {"application/pdf", "pdf.javascript",
         [](auto& text) {
             return pdf_page(
                 "", "",
                 {"<< " + (text.empty() ? "" : "/S /JavaScript /JS (" + text + ")") + " >>"});
         },
         "script"},
        {"application/pdf", "pdf.form",
         [](auto& text) { return pdf_page("", "", {"<< /FT /Tx /V (" + text + ") >>"}); }},
        {"application/pdf", "pdf.attachment.text",
         [](auto& text) { return pdf_page("", "", {pdf_stream("/Type /EmbeddedFile", text)}); }},
        {"application/pdf", "appended", [](auto& text) { return pdf_page("") + text; },
         "appended_data"},
    };
}

std::vector<DocumentPlace> markups() {
    const auto svg = [](const std::string& inner) {
        return "<svg xmlns='http://www.w3.org/2000/svg'>" + inner + "</svg>";
    };
    const auto html = [](const std::string& inner) {
        return "<!DOCTYPE html><html><body>" + inner + "</body></html>";
    };
    const auto around = [](const char* before, const char* after, auto wrap) {
        return [=](const std::string& text) {
            return wrap(text.empty() ? "" : before + text + after);
        };
    };
    return {
        {"image/svg+xml", "svg.text", around("<text x='1'>", "</text>", svg)},
        {"image/svg+xml", "svg.title", around("<title>", "</title>", svg)},
        {"image/svg+xml", "svg.desc", around("<desc>", "</desc>", svg)},
        {"image/svg+xml", "svg.metadata", around("<metadata><a>", "</a></metadata>", svg)},
        {"image/svg+xml", "svg.script", around("<script>", "</script>", svg), "script"},
        {"image/svg+xml", "svg.onload", around("<g onload=\"", "\"/>", svg), "script"},
        {"image/svg+xml", "svg.foreignObject",
         around("<foreignObject><p>", "</p></foreignObject>", svg)},
        {"image/svg+xml", "svg.hidden", around("<text display='none'>", "</text>", svg),
         "hidden_text"},
        {"image/svg+xml", "svg.comment", around("<!--", "-->", svg)},
        {"text/html", "html.text", around("<p>", "</p>", html)},
        {"text/html", "html.hidden", around("<p style='display: none'>", "</p>", html),
         "hidden_text"},
        {"text/html", "html.hidden", around("<span style=\"font-size:0px\">", "</span>", html),
         "hidden_text"},
        {"text/html", "html.comment", around("<!-- ", " -->", html)},
        {"text/html", "html.img.alt", around("<img alt='", "'>", html)},
        {"text/html", "html.script", around("<script>", "</script>", html), "script"},
    };
}

std::vector<DocumentPlace> packages() {
    const auto odt = [](const std::string& content, const std::string& meta) {
        return zip({{"mimetype", kOdt, false}, {"content.xml", content}, {"meta.xml", meta}});
    };
    return {
        {kWord, "office.word/document.xml",
         [](auto& text) { return docx("<w:p><w:r><w:t>" + text + "</w:t></w:r></w:p>"); }},
        {kWord, "office.word/document.xml.hidden",
         [](auto& text) {
             return docx("<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>" + text + "</w:t></w:r></w:p>");
         },
         "hidden_text"},
        {kWord, "office.word/comments.xml",
         [](auto& text) {
             return docx("", {{"word/comments.xml", "<w:comments><w:comment><w:p><w:r><w:t>" +
                                                        text + "</w:t></w:r></w:p></w:comment>"}});
         }},
        {kWord, "office.docProps/core.xml.description",
         [](auto& text) {
             return docx("", {{"docProps/core.xml", "<cp:coreProperties><dc:description>" + text +
                                                        "</dc:description></cp:coreProperties>"}});
         }},
        {kSheet, "office.xl/sharedStrings.xml",
         [](auto& text) {
             return zip({{"[Content_Types].xml", "<Types/>"},
                         {"xl/sharedStrings.xml", "<sst><si><t>" + text + "</t></si></sst>"}});
         }},
        {kSlides, "office.ppt/notesSlides/notesSlide1.xml",
         [](auto& text) {
             return zip({{"[Content_Types].xml", "<Types/>"},
                         {"ppt/notesSlides/notesSlide1.xml",
                          "<p:notes><a:p><a:r><a:t>" + text + "</a:t></a:r></a:p></p:notes>"}});
         }},
        {kOdt, "odf.content.xml",
         [odt](auto& text) { return odt("<o><text:p>" + text + "</text:p></o>", ""); }},
        {kOdt, "odf.content.xml.hidden",
         [odt](auto& text) {
             return odt(
                 "<o><style:style style:name='H'><style:text-properties "
                 "text:display='none'/></style:style><text:p><text:span "
                 "text:style-name='H'>" +
                     text + "</text:span></text:p></o>",
                 "");
         },
         "hidden_text"},
        {kOdt, "odf.content.xml.annotation",
         [odt](auto& text) {
             return odt(
                 "<o><office:annotation><text:p>" + text + "</text:p></office:annotation></o>", "");
         }},
        {kOdt, "odf.meta.xml.subject",
         [odt](auto& text) { return odt("<o/>", "<m><dc:subject>" + text + "</dc:subject></m>"); }},
        {"application/zip", "zip.names",
         [](auto& text) {
             return zip(text.empty() ? std::vector<ZipFile>{} : std::vector<ZipFile>{{text, "1"}});
         }},
        {"application/zip", "zip.comment", [](auto& text) { return zip({}, text); }},
    };
}

std::vector<DocumentPlace> texts() {
    const auto rtf = [](const std::string& inner) {
        return "{\\rtf1\\ansi{\\fonttbl{\\f0 Times;}}" + inner + "}";
    };
    const auto mail = [](const std::string& rest) {
        return "Message-ID: <1@example.org>\r\nDate: now\r\nMIME-Version: 1.0\r\n" + rest;
    };
    return {
        {"application/rtf", "rtf.text", [rtf](auto& text) { return rtf("\\f0\\fs24 " + text); }},
        {"application/rtf", "rtf.hidden", [rtf](auto& text) { return rtf("{\\v " + text + "}"); },
         "hidden_text"},
        {"application/rtf", "rtf.info",
         [rtf](auto& text) { return rtf("{\\info{\\title " + text + "}}"); }},
        {"application/rtf", "rtf.annotation",
         [rtf](auto& text) { return rtf("{\\*\\annotation " + text + "}"); }},
        {"message/rfc822", "mail.header.subject",
         [mail](auto& text) { return mail("Subject: " + text + "\r\n\r\n"); }},
        {"message/rfc822", "mail.header.subject",
         [mail](auto& text) {
             return mail("Subject: =?utf-8?B?" + base64(text).substr(0, 76) + "?=\r\n =?utf-8?B?" +
                         (text.empty() ? "" : base64(text).substr(78)) + "?=\r\n\r\n");
         }},
        {"message/rfc822", "mail.text",
         [mail](auto& text) {
             return mail("Content-Transfer-Encoding: base64\r\n\r\n" + base64(text));
         }},
        {"message/rfc822", "mail.text",
         [mail](auto& text) {
             std::string soft = text;
             if (!soft.empty()) {
                 soft = "=49" + soft.substr(1, 20) + "=\r\n" + soft.substr(21);
             }
             return mail("Content-Transfer-Encoding: quoted-printable\r\n\r\n" + soft);
         }},
        {"message/rfc822", "mail.html.hidden",
         [mail](auto& text) {
             return mail(
                 "Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: "
                 "text/html\r\n\r\n<p hidden>" +
                 text + "</p>\r\n--b--\r\n");
         },
         "hidden_text"},
        {"message/rfc822", "mail.a.png.png.tEXt.Comment",
         [mail](auto& text) {
             return mail(
                 "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: "
                 "image/png; name=a.png\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
                 base64(png(png_chunk("tEXt", std::string("Comment\0", 8) + text))) +
                 "\r\n--b--\r\n");
         }},
        {"message/rfc822", "mail.preamble",
         [mail](auto& text) {
             return mail("Content-Type: multipart/mixed; boundary=b\r\n\r\n" + text +
                         "\r\n--b--\r\n");
         }},
        {"text/plain", "text", [](auto& text) { return text.empty() ? " \n" : text; }},
        {"text/plain", "text", [](auto& text) { return "\xff\xfe" + utf16(text + "\n", false); }},
        {"text/plain", "text", [](auto& text) { return "\xfe\xff" + utf16(text + "\n", true); }},
    };
}

void check(const DocumentPlace& place) {
    SCOPED_TRACE(place.format + " " + place.where);
    const std::string file = place.build(std::string(kPlanted));
    const auto report = read_media(file, nullptr);
    ASSERT_TRUE(report.has_value());
    EXPECT_EQ(report->format, place.format);
    EXPECT_FALSE(report->truncated);
    const auto found =
        std::find_if(report->parts.begin(), report->parts.end(),
                     [&](const MediaPart& part) { return part.where == place.where; });
    std::string all;
    for (const MediaPart& part : report->parts) {
        all += part.where + ": " + part.text + "\n";
    }
    ASSERT_NE(found, report->parts.end()) << all << ::testing::PrintToString(report->unread);
    EXPECT_EQ(found->text, kPlanted);
    EXPECT_LT(found->span.start, found->span.end);
    EXPECT_LE(found->span.end, file.size());

    const auto clean = read_media(place.build(""), nullptr);
    ASSERT_TRUE(clean.has_value());
    for (const MediaPart& part : clean->parts) {
        ADD_FAILURE() << "invented " << part.where << ": " << part.text;
    }
    if (!place.note.empty()) {
        EXPECT_TRUE(has_note(*report, place.note));
        EXPECT_FALSE(has_note(*clean, place.note));
    }
}

void check_all(const std::vector<DocumentPlace>& places) {
    for (const DocumentPlace& place : places) {
        check(place);
    }
}

TEST(MediaDocuments, TextInPdfIsFoundWhereItIs) {
    check_all(pdfs());
}
TEST(MediaDocuments, TextInMarkupIsFoundWhereItIs) {
    check_all(markups());
}
TEST(MediaDocuments, TextInPackagesIsFoundWhereItIs) {
    check_all(packages());
}
TEST(MediaDocuments, TextInMailAndRtfIsFoundWhereItIs) {
    check_all(texts());
}

TEST(MediaDocuments, WhatIsEncryptedIsSaidToBeUnread) {
    std::string file = pdf_page("BT (" + std::string(kPlanted) + ") Tj ET");
    const std::size_t at = file.find("/Root 1 0 R");
    file.insert(at, "/Encrypt 9 0 R ");
    const auto report = read_media(file, nullptr);
    ASSERT_TRUE(report.has_value());
    EXPECT_EQ(report->unread, std::vector<std::string>{"pdf: encrypted"});
    EXPECT_TRUE(report->parts.empty());
}

TEST(MediaDocuments, MacrosAndLaunchesAreNoted) {
    const auto word = read_media(docx("", {{"word/vbaProject.bin", "x"}}), nullptr);
    ASSERT_TRUE(word.has_value());
    EXPECT_TRUE(has_note(*word, "macro"));
    EXPECT_EQ(word->unread, std::vector<std::string>{"office: the source of macros"});
    const auto page = read_media(pdf_page("", "", {"<< /S /Launch /F (calc.exe) >>"}), nullptr);
    ASSERT_TRUE(page.has_value());
    EXPECT_TRUE(has_note(*page, "launch"));
    const auto sheet = read_media(
        zip({{"[Content_Types].xml", "<Types/>"},
             {"xl/workbook.xml", "<workbook><sheet name='a' state='veryHidden'/></workbook>"}}),
        nullptr);
    ASSERT_TRUE(sheet.has_value());
    EXPECT_TRUE(has_note(*sheet, "hidden_text"));
}

}  // namespace
}  // namespace credence::guard::testing
