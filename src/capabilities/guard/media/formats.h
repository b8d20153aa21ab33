// The parsers, one for each format or kind of metadata. Each reads all of its source once, adds
// what it finds to the collector, and notes damage instead of failing. Spans: see collector.h.
#pragma once

#include <string_view>

#include "capabilities/guard/media/collector.h"

namespace credence::guard {

inline constexpr std::size_t kMaxChunks = 65'536;  // of a PNG or RIFF file

// Pictures.
void read_png(const Source& source, Collector& collector);
void read_jpeg(const Source& source, Collector& collector);
void read_gif(const Source& source, Collector& collector);
void read_bmp(const Source& source, Collector& collector);
void read_tiff(const Source& source, Collector& collector);
// WebP, WAV and AVI.
void read_riff(const Source& source, Collector& collector);

// Metadata inside of others.
void read_exif(const Source& source, Collector& collector);  // begins with II or MM
void read_xmp(const Source& source, Collector& collector);
void read_iptc(const Source& source, Collector& collector);       // IIM records
void read_photoshop(const Source& source, Collector& collector);  // 8BIM resources
void read_icc(const Source& source, Collector& collector);

// Sound and film.
void read_mp3(const Source& source, Collector& collector);  // ID3v2 before, APEv2 and ID3v1 behind
// An ID3v2 tag at the beginning; its size, 0 when there is none.
std::size_t read_id3v2(const Source& source, Collector& collector);
void read_flac(const Source& source, Collector& collector);
void read_ogg(const Source& source, Collector& collector);
void read_mp4(const Source& source, Collector& collector);

// Documents.
void read_pdf(const Source& source, Collector& collector);
enum class Markup : std::uint8_t { html, svg, xml };
void read_markup(const Source& source, Markup kind, Collector& collector);
void read_zip(const Source& source, Collector& collector);
void read_rtf(const Source& source, Collector& collector);
void read_mail(const Source& source, Collector& collector);
void read_plain(const Source& source, Collector& collector);

// QR codes and letters in a picture. `format`: "image/png", …
void read_picture(const Source& source, std::string_view format, Collector& collector);

}  // namespace credence::guard
