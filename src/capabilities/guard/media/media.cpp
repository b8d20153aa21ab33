#include "capabilities/guard/media/media.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "capabilities/guard/media/bytes.h"
#include "capabilities/guard/media/encoding.h"
#include "capabilities/guard/media/formats.h"

namespace credence::guard {
namespace {

constexpr std::size_t kHeadBytes = 1024;
constexpr std::size_t kMaxDirectoryEndBytes = 65'557;  // a ZIP's last record and its comment

using Parser = void (*)(const Source&, Collector&);

struct Format {
    std::string_view name;  // a media type
    Parser read = nullptr;  // nothing: known, but not read
    bool picture = false;   // with pixels that can be decoded or handed on
};

struct Magic {
    std::string_view bytes;
    Format format;
};

void read_html(const Source& source, Collector& collector) {
    read_markup(source, Markup::html, collector);
}
void read_svg(const Source& source, Collector& collector) {
    read_markup(source, Markup::svg, collector);
}
void read_xml(const Source& source, Collector& collector) {
    read_markup(source, Markup::xml, collector);
}
void read_gzip(const Source& source, Collector& collector) {
    const Unpacked unpacked = collector.unpack(source, {0, source.bytes.size()}, Packing::gzip);
    if (!unpacked.complete && !unpacked.limited) {
        collector.damaged(source, "gzip: does not unpack", unpacked.consumed);
    }
    Source inner = source.decoded(unpacked.bytes, {0, source.bytes.size()}, "gzip.");
    ++inner.depth;
    read_source(inner, collector);
    if (unpacked.complete && unpacked.consumed < source.bytes.size()) {
        read_appended(source, unpacked.consumed, collector);
    }
}

constexpr std::array<Magic, 25> kMagics = {{
    {"\x89PNG\r\n\x1a\n", {"image/png", read_png, true}},
    {"\xff\xd8\xff", {"image/jpeg", read_jpeg, true}},
    {"GIF87a", {"image/gif", read_gif, true}},
    {"GIF89a", {"image/gif", read_gif, true}},
    {{"II*\0", 4}, {"image/tiff", read_tiff, true}},
    {{"MM\0*", 4}, {"image/tiff", read_tiff, true}},
    {"ID3", {"audio/mpeg", read_mp3}},
    {"\xff\xfb", {"audio/mpeg", read_mp3}},
    {"\xff\xf3", {"audio/mpeg", read_mp3}},
    {"\xff\xf2", {"audio/mpeg", read_mp3}},
    {"fLaC", {"audio/flac", read_flac}},
    {"OggS", {"audio/ogg", read_ogg}},
    {"%PDF-", {"application/pdf", read_pdf}},
    {"PK\x03\x04", {"application/zip", read_zip}},
    {"PK\x05\x06", {"application/zip", read_zip}},
    {"{\\rtf", {"application/rtf", read_rtf}},
    {"\x1f\x8b\x08", {"application/gzip", read_gzip}},
    {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", {"application/x-ole-storage"}},
    {"\x1a\x45\xdf\xa3", {"video/x-matroska"}},
    {"7z\xbc\xaf\x27\x1c", {"application/x-7z-compressed"}},
    {"Rar!\x1a\x07", {"application/vnd.rar"}},
    {"\xfd"
     "7zXZ",
     {"application/x-xz"}},
    {"BZh", {"application/x-bzip2"}},
    {"\x28\xb5\x2f\xfd", {"application/zstd"}},
    {{"\0\0\1\0", 4}, {"image/x-icon"}},
}};

Format riff_format(std::string_view kind) {
    if (kind == "WEBP") {
        return {"image/webp", read_riff, true};
    }
    return {kind == "WAVE" ? "audio/wav" : kind == "AVI " ? "video/x-msvideo" : "riff", read_riff};
}

Format box_format(std::string_view brand) {
    constexpr std::array<std::string_view, 6> kStill = {"heic", "heix", "mif1",
                                                        "avif", "avis", "hevc"};
    if (std::find(kStill.begin(), kStill.end(), brand) != kStill.end()) {
        return {"image/heif", read_mp4};
    }
    return {brand == "M4A "   ? "audio/mp4"
            : brand == "qt  " ? "video/quicktime"
                              : "video/mp4",
            read_mp4};
}

Format binary_format(std::string_view bytes) {
    for (const Magic& magic : kMagics) {
        if (bytes.starts_with(magic.bytes)) {
            return magic.format;
        }
    }
    if (bytes.starts_with("RIFF")) {
        return riff_format(slice(bytes, 8, 4));
    }
    if (slice(bytes, 4, 4) == "ftyp") {
        return box_format(slice(bytes, 8, 4));
    }
    const std::size_t header = little32(bytes, 14);
    if (bytes.starts_with("BM") && (header == 12 || (header >= 40 && header <= 124))) {
        return {"image/bmp", read_bmp, true};
    }
    if (bytes.substr(0, kHeadBytes).find("%PDF-") != std::string_view::npos) {
        return {"application/pdf", read_pdf};
    }
    return {};
}

bool is_mail(std::string_view bytes) {
    constexpr std::array<std::string_view, 11> kHeaders = {
        "from:",         "to:",          "subject:",      "date:",
        "received:",     "return-path:", "mime-version:", "message-id:",
        "content-type:", "x-mailer:",    "delivered-to:"};
    std::size_t known = 0;
    std::string_view rest = bytes.substr(0, 4 * kHeadBytes);
    for (int lines = 0; lines < 40 && !rest.empty(); ++lines) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        if (line.empty() || line == "\r") {
            break;
        }
        const std::string lower = to_lower(line.substr(0, 20));
        const bool header =
            std::any_of(kHeaders.begin(), kHeaders.end(),
                        [&](std::string_view name) { return lower.starts_with(name); });
        known += header ? 1 : 0;
        if (!header && line.find(':') == std::string_view::npos && line[0] != ' ' &&
            line[0] != '\t') {
            return false;
        }
    }
    return known >= 2;
}

Format text_format(std::string_view bytes) {
    if (!looks_like_text(bytes)) {
        return {};
    }
    const std::string head = to_lower(from_unknown(bytes.substr(0, kHeadBytes)));
    const std::string_view start = trim(head);
    const auto has = [&](std::string_view word) {
        return start.find(word) != std::string_view::npos;
    };
    if (start.starts_with('<')) {
        if (has("<svg") || has("<!doctype svg")) {
            return {"image/svg+xml", read_svg};
        }
        if (has("<!doctype html") || has("<html") || has("<body") || has("<head") || has("<div") ||
            has("<p>") || has("<script") || has("<span") || has("<table")) {
            return {"text/html", read_html};
        }
        if (start.starts_with("<?xml") || start.starts_with("<!doctype") || has("xmlns")) {
            return {"application/xml", read_xml};
        }
    }
    if (is_mail(bytes)) {
        return {"message/rfc822", read_mail};
    }
    return {"text/plain", read_plain};
}

Format format_of(std::string_view bytes) {
    const Format format = binary_format(bytes);
    return format.name.empty() ? text_format(bytes) : format;
}

// A ZIP is found from its end, so it may share a file with any other format.
bool ends_like_zip(std::string_view bytes) {
    const std::size_t tail = std::min(bytes.size(), kMaxDirectoryEndBytes);
    return bytes.substr(bytes.size() - tail).rfind("PK\x05\x06") != std::string_view::npos;
}

bool has_note(const MediaReport& report, std::string_view what) {
    return std::any_of(report.notes.begin(), report.notes.end(),
                       [&](const MediaNote& note) { return note.what == what; });
}

}  // namespace

void read_plain(const Source& source, Collector& collector) {
    collector.part(source, "text", from_unknown(source.bytes), {0, source.bytes.size()});
}

void read_source(const Source& source, Collector& collector, std::string_view name) {
    if (source.bytes.empty()) {
        return;
    }
    if (source.depth > kMaxMediaDepth) {
        collector.limit("files inside of files");
        return;
    }
    const Format format = format_of(source.bytes);
    const std::string called = source.prefix + std::string(name);
    if (format.name.empty()) {
        collector.unread(called + (called.empty() ? "" : ": ") + "unknown format");
        read_runs(source, "strings", {0, source.bytes.size()}, collector);
        return;
    }
    if (format.read != read_zip) {  // which tells an office document from others
        collector.format(format.name);
    }
    if (format.read == nullptr) {
        collector.unread(called + (called.empty() ? "" : ": ") + std::string(format.name));
        return;
    }
    Source inner = source;
    ++inner.depth;
    format.read(inner, collector);
    if (format.picture) {
        read_picture(inner, format.name, collector);
    } else if (format.name == "image/heif") {
        collector.unread("heif: items and pixels");
    }
}

void read_appended(const Source& source, std::size_t at, Collector& collector) {
    const std::string_view rest = slice(source.bytes, at, source.bytes.size());
    constexpr std::string_view kPadding("\0\r\n\t ", 5);
    const std::size_t start = rest.find_first_not_of(kPadding);
    if (start == std::string_view::npos) {
        return;
    }
    const ByteSpan place{at + start, source.bytes.size()};
    collector.note(source, "appended_data", std::to_string(rest.size()) + " bytes behind the end",
                   place);
    const Source inner = source.part(place, "appended.");
    const Format format = format_of(inner.bytes);
    if (format.name.empty() || format.read == read_plain) {
        read_runs(source, "appended", place, collector);
        return;
    }
    collector.note(source, "two_formats", std::string(format.name) + " behind the end", place);
    read_source(inner, collector);
}

Result<MediaReport> read_media(std::string_view file, const OpticalReader* reader) {
    if (file.size() > kMaxMediaBytes) {
        return fail(Code::too_large, "the file is larger than 16 MiB", "file");
    }
    Collector collector(reader);
    const Source source{.bytes = file};
    read_source(source, collector);
    const bool zip = file.starts_with("PK\x03\x04") || file.starts_with("PK\x05\x06");
    if (!zip && ends_like_zip(file) && !has_note(collector.report(), "two_formats")) {
        collector.note(source, "two_formats", "application/zip", {0, file.size()});
        read_zip(source, collector);
    }
    return collector.finish();
}

}  // namespace credence::guard
