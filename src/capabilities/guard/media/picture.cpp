// What is drawn in a picture: codes, and letters where a reader for them is installed.
#include "base/text.h"
#include "capabilities/guard/media/encoding.h"
#include "capabilities/guard/media/formats.h"
#include "capabilities/guard/media/pixels.h"
#include "capabilities/guard/media/qr.h"

namespace credence::guard {
namespace {

Result<GreyPicture> decode(std::string_view file, std::string_view format) {
    if (format == "image/png") {
        return decode_png(file);
    }
    if (format == "image/jpeg") {
        return decode_jpeg(file);
    }
    if (format == "image/gif") {
        return decode_gif(file);
    }
    if (format == "image/bmp") {
        return decode_bmp(file);
    }
    return fail(Code::unsupported, "pixels of " + std::string(format));
}

void read_codes(const Source& source, std::string_view format, Collector& collector) {
    const Result<GreyPicture> picture = decode(source.bytes, format);
    if (!picture) {
        collector.unread("qr: " + picture.error().message);
        return;
    }
    const Result<std::vector<std::string>> codes = read_qr_codes(*picture);
    if (!codes) {
        collector.unread("qr: " + codes.error().message);
        return;
    }
    for (const std::string& text : *codes) {
        collector.part(source, "qr", from_unknown(text), {0, source.bytes.size()});
    }
}

}  // namespace

void read_picture(const Source& source, std::string_view format, Collector& collector) {
    if (!collector.take_picture()) {
        return;
    }
    read_codes(source, format, collector);
    if (collector.reader() == nullptr) {
        collector.unread("ocr: no reader of letters in pictures");
        return;
    }
    Result<std::string> text = collector.reader()->read(source.bytes, format);
    if (!text) {
        collector.unread("ocr: " + text.error().message);
        return;
    }
    collector.part(source, "ocr", std::move(*text), {0, source.bytes.size()});
}

}  // namespace credence::guard
