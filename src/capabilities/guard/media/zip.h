// The directory of a ZIP archive, and the documents made of one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "capabilities/guard/media/collector.h"

namespace credence::guard {

inline constexpr std::size_t kMaxZipEntries = 4096;

struct ZipEntry {
    std::string name;     // UTF-8
    std::string comment;  // UTF-8
    ByteSpan packed;      // in the archive
    unsigned method = 0;  // 0: stored, 8: deflated
    bool encrypted = false;
};

struct ZipDirectory {
    std::vector<ZipEntry> entries;
    std::string comment;
    ByteSpan at;             // of the directory
    std::size_t begins = 0;  // where the archive begins in the source
};

// Nothing when there is no directory. Damage is noted.
std::optional<ZipDirectory> read_zip_directory(const Source& source, Collector& collector);
// The entry's bytes, as far as the limits go; empty with a note when they cannot be had.
std::string zip_content(const Source& source, const ZipEntry& entry, Collector& collector);

// Office Open XML and ODF: one part of the document. `name` is the entry's.
void read_office_part(const Source& source, std::string_view name, Collector& collector);
void read_odf_part(const Source& source, std::string_view name, Collector& collector);

}  // namespace credence::guard
