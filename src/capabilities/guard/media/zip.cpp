#include "capabilities/guard/media/zip.h"

#include <algorithm>

#include "capabilities/guard/media/bytes.h"
#include "capabilities/guard/media/encoding.h"
#include "capabilities/guard/media/formats.h"

namespace credence::guard {
namespace {

constexpr std::size_t kEndBytes = 22;
constexpr std::size_t kDirectoryEntryBytes = 46;
constexpr std::size_t kMaxCommentBytes = 65535;
constexpr std::size_t kMaxFilesRead = 256;

enum class Document : std::uint8_t { archive, office, odf };

bool has_prefix(const ZipDirectory& directory, std::string_view prefix) {
    return std::any_of(directory.entries.begin(), directory.entries.end(),
                       [&](const ZipEntry& entry) { return entry.name.starts_with(prefix); });
}

bool ends_with_any(std::string_view name, std::initializer_list<std::string_view> ends) {
    return std::any_of(ends.begin(), ends.end(),
                       [&](std::string_view end) { return name.ends_with(end); });
}

std::string_view office_format(const ZipDirectory& directory) {
    return has_prefix(directory, "word/")
               ? "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
           : has_prefix(directory, "xl/")
               ? "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
           : has_prefix(directory, "ppt/")
               ? "application/vnd.openxmlformats-officedocument.presentationml.presentation"
               : "application/vnd.openxmlformats";
}

Document document_of(const Source& source, const ZipDirectory& directory, Collector& collector) {
    if (has_prefix(directory, "[Content_Types].xml")) {
        collector.format(office_format(directory));
        return Document::office;
    }
    for (const ZipEntry& entry : directory.entries) {
        if (entry.name != "mimetype" || entry.method != 0) {
            continue;
        }
        const std::string_view type =
            slice(source.bytes, entry.packed.start,
                  std::min<std::size_t>(entry.packed.end - entry.packed.start, 100));
        if (type.starts_with("application/vnd.oasis.opendocument")) {
            collector.format(from_latin1(type));
            return Document::odf;
        }
        if (type.starts_with("application/epub+zip")) {
            collector.format("application/epub+zip");
        }
    }
    collector.format("application/zip");
    return Document::archive;
}

void read_entry(const Source& source, const ZipEntry& entry, Document document,
                Collector& collector) {
    const bool xml = ends_with_any(entry.name, {".xml", ".rels", ".vml"});
    if (document != Document::archive && ends_with_any(entry.name, {"vbaProject.bin"})) {
        collector.note(source, "macro", entry.name, entry.packed);
        collector.unread("office: the source of macros");
        return;
    }
    if (document == Document::odf && entry.name.starts_with("Basic/")) {
        collector.note(source, "macro", entry.name, entry.packed);
    }
    const std::string bytes = zip_content(source, entry, collector);
    if (bytes.empty()) {
        return;
    }
    const std::string_view label = document == Document::office ? "office."
                                   : document == Document::odf  ? "odf."
                                                                : "zip.";
    const std::string prefix = std::string(label) + entry.name;
    if (document == Document::office && xml) {
        read_office_part(source.decoded(bytes, entry.packed, prefix), entry.name, collector);
    } else if (document == Document::odf && xml) {
        read_odf_part(source.decoded(bytes, entry.packed, prefix), entry.name, collector);
    } else if (document == Document::odf && entry.name == "mimetype") {
        return;
    } else {
        read_source(source.decoded(bytes, entry.packed, prefix + "."), collector);
    }
}

// What the parts of a document say comes before what merely goes with it.
int rank(const ZipEntry& entry) {
    return ends_with_any(entry.name, {".xml", ".txt", ".xhtml", ".html"}) ? 0 : 1;
}

}  // namespace

std::optional<ZipDirectory> read_zip_directory(const Source& source, Collector& collector) {
    const std::string_view bytes = source.bytes;
    const std::size_t tail = std::min(bytes.size(), kEndBytes + kMaxCommentBytes);
    const std::size_t found = bytes.substr(bytes.size() - tail).rfind("PK\x05\x06");
    if (found == std::string_view::npos) {
        return std::nullopt;
    }
    const std::size_t end = bytes.size() - tail + found;
    const std::size_t count = little16(bytes, end + 10);
    const std::size_t size = little32(bytes, end + 12);
    const std::size_t said = little32(bytes, end + 16);
    if (size > end) {
        return std::nullopt;
    }
    if (end + kEndBytes + little16(bytes, end + 20) > bytes.size()) {
        collector.damaged(source, "zip: the end is cut off", end);
    }
    ZipDirectory directory;
    directory.at = {end - size, end};
    // What stands before the archive moves it; the places in it may or may not count that.
    directory.begins = directory.at.start >= said ? directory.at.start - said : 0;
    directory.comment = from_unknown(slice(bytes, end + kEndBytes, little16(bytes, end + 20)));
    std::size_t at = directory.at.start;
    for (std::size_t i = 0; i < count; ++i) {
        if (i >= kMaxZipEntries) {
            collector.limit("entries of a ZIP");
            break;
        }
        if (slice(bytes, at, 4) != "PK\x01\x02" || at + kDirectoryEntryBytes > end) {
            collector.damaged(source, "zip: the directory is cut off", std::min(at, end));
            break;
        }
        const std::size_t name = little16(bytes, at + 28);
        const std::size_t extra = little16(bytes, at + 30);
        const std::size_t comment = little16(bytes, at + 32);
        const std::size_t local = directory.begins + little32(bytes, at + 42);
        const std::size_t body =
            local + 30 + little16(bytes, local + 26) + little16(bytes, local + 28);
        const std::size_t packed = little32(bytes, at + 20);
        ZipEntry entry;
        entry.name = from_unknown(slice(bytes, at + kDirectoryEntryBytes, name));
        entry.comment =
            from_unknown(slice(bytes, at + kDirectoryEntryBytes + name + extra, comment));
        entry.packed = {std::min(body, bytes.size()), std::min(body + packed, bytes.size())};
        entry.method = static_cast<unsigned>(little16(bytes, at + 10));
        entry.encrypted = (little16(bytes, at + 8) & 1U) != 0;
        if (slice(bytes, local, 4) != "PK\x03\x04") {
            collector.damaged(source, "zip: no entry where the directory says", at);
            entry.packed = {};
        }
        directory.entries.push_back(std::move(entry));
        at += kDirectoryEntryBytes + name + extra + comment;
    }
    return directory;
}

std::string zip_content(const Source& source, const ZipEntry& entry, Collector& collector) {
    if (entry.encrypted) {
        collector.unread("zip: encrypted entries");
        return {};
    }
    if (entry.packed.start == entry.packed.end) {
        return {};
    }
    if (entry.method == 0) {
        return std::string(
            source.bytes.substr(entry.packed.start, entry.packed.end - entry.packed.start));
    }
    if (entry.method != 8) {
        collector.unread("zip: compression method " + std::to_string(entry.method));
        return {};
    }
    Unpacked unpacked = collector.unpack(source, entry.packed, Packing::raw);
    if (!unpacked.complete && !unpacked.limited) {
        collector.damaged(source, "zip: " + entry.name + " does not unpack", entry.packed.start);
    }
    return std::move(unpacked.bytes);
}

void read_zip(const Source& source, Collector& collector) {
    const std::optional<ZipDirectory> directory = read_zip_directory(source, collector);
    if (!directory) {
        collector.format("application/zip");
        collector.damaged(source, "zip: no directory", 0);
        read_runs(source, "zip.rest", {0, source.bytes.size()}, collector);
        return;
    }
    const Document document = document_of(source, *directory, collector);
    if (directory->begins > 0 && source.bytes.starts_with("PK")) {
        collector.note(source, "prepended_data", "bytes before the archive",
                       {0, directory->begins});
        read_runs(source, "prepended", {0, directory->begins}, collector);
    }
    std::string names;
    std::vector<const ZipEntry*> entries;
    for (const ZipEntry& entry : directory->entries) {
        names += entry.name + "\n";
        collector.part(source, "zip.entry_comment", entry.comment, directory->at);
        if (!entry.name.ends_with('/')) {
            entries.push_back(&entry);
        }
    }
    collector.part(source, "zip.comment", directory->comment,
                   {directory->at.end, source.bytes.size()});
    if (document == Document::archive) {
        collector.part(source, "zip.names", std::move(names), directory->at);
    }
    std::stable_sort(entries.begin(), entries.end(),
                     [](const ZipEntry* a, const ZipEntry* b) { return rank(*a) < rank(*b); });
    // Entries may overlap: together they are read no further than twice the archive.
    std::size_t left = source.bytes.size() * 2;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const std::size_t size = entries[i]->packed.end - entries[i]->packed.start;
        if (i >= kMaxFilesRead || size > left || collector.full()) {
            collector.limit("files of a ZIP");
            return;
        }
        left -= size;
        read_entry(source, *entries[i], document, collector);
    }
}

}  // namespace credence::guard
