// JPEG pixels by libjpeg, which reports errors by longjmp: no object with a destructor lives in the
// function that it jumps back into.
#include <cstdio>

#include <jpeglib.h>

#include <csetjmp>
#include <memory>

#include "capabilities/guard/media/pixels.h"

namespace credence::guard {
namespace {

constexpr long kMaxLibraryBytes = 160L << 20U;

struct Decoder {
    jpeg_decompress_struct info{};
    jpeg_error_mgr errors{};
    jpeg_progress_mgr progress{};
    std::jmp_buf back{};
    bool too_large = false;
};

Decoder& decoder_of(j_common_ptr info) {
    return *static_cast<Decoder*>(info->client_data);
}

[[noreturn]] void leave(j_common_ptr info) {
    std::longjmp(decoder_of(info).back, 1);
}

void be_silent(j_common_ptr) {}
void ignore_warning(j_common_ptr, int) {}

// A progressive picture is read once for each of its scans, however small they are.
void watch(j_common_ptr info) {
    Decoder& decoder = decoder_of(info);
    const std::size_t pixels =
        std::size_t{decoder.info.image_width} * std::size_t{decoder.info.image_height};
    if (static_cast<std::size_t>(decoder.info.input_scan_number) * pixels > kMaxScanPixels &&
        decoder.info.input_scan_number > 1) {
        decoder.too_large = true;
        leave(info);
    }
}

void prepare(Decoder& decoder, std::string_view file) {
    jpeg_create_decompress(&decoder.info);
    decoder.info.client_data = &decoder;
    decoder.info.progress = &decoder.progress;
    decoder.progress.progress_monitor = watch;
    decoder.info.mem->max_memory_to_use = kMaxLibraryBytes;
    jpeg_mem_src(&decoder.info, reinterpret_cast<const unsigned char*>(file.data()), file.size());
}

// The rows of the picture into `out`, which the caller owns. False on damage.
bool decode(Decoder& decoder, std::string_view file, GreyPicture& out) {
    if (setjmp(decoder.back) != 0) {
        return false;
    }
    prepare(decoder, file);
    if (jpeg_read_header(&decoder.info, TRUE) != JPEG_HEADER_OK) {
        return false;
    }
    const std::size_t pixels =
        std::size_t{decoder.info.image_width} * std::size_t{decoder.info.image_height};
    if (pixels > kMaxPicturePixels) {
        decoder.too_large = true;
        return false;
    }
    decoder.info.scale_num = 1;
    decoder.info.scale_denom = 1;
    while (decoder.info.scale_denom < 8 &&
           pixels / decoder.info.scale_denom / decoder.info.scale_denom > kMaxGreyPixels) {
        decoder.info.scale_denom *= 2;
    }
    decoder.info.out_color_space = JCS_GRAYSCALE;
    jpeg_start_decompress(&decoder.info);
    out.width = decoder.info.output_width;
    out.height = decoder.info.output_height;
    out.pixels.assign(out.width * out.height, 255);
    while (decoder.info.output_scanline < decoder.info.output_height) {
        JSAMPROW row = out.pixels.data() + decoder.info.output_scanline * out.width;
        jpeg_read_scanlines(&decoder.info, &row, 1);
    }
    return true;
}

}  // namespace

Result<GreyPicture> decode_jpeg(std::string_view file) {
    const auto decoder = std::make_unique<Decoder>();
    decoder->info.err = jpeg_std_error(&decoder->errors);
    decoder->errors.error_exit = leave;
    decoder->errors.output_message = be_silent;
    decoder->errors.emit_message = ignore_warning;
    decoder->info.client_data = decoder.get();
    GreyPicture out;
    const bool whole = decode(*decoder, file, out);
    jpeg_destroy_decompress(&decoder->info);
    if (decoder->too_large) {
        return fail(Code::too_large, "a JPEG with too many pixels or scans");
    }
    if (!whole && out.pixels.empty()) {
        return fail(Code::unsupported, "a JPEG that does not decode");
    }
    return out;
}

}  // namespace credence::guard
