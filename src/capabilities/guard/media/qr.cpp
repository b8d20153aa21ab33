#include "capabilities/guard/media/qr.h"

#include <dlfcn.h>

#include <array>
#include <memory>

namespace credence::guard {
namespace {

// The part of zbar's C interface that is used here; unchanged since its version 0.10.
constexpr const char* kLibrary = "libzbar.so.0";
constexpr int kAllSymbols = 0;
constexpr int kQrCode = 64;
constexpr int kEnable = 0;
constexpr int kTestInverted = 0x81;
constexpr unsigned long kGrey = 0x30303859;  // "Y800"

struct Scanner;
struct Image;
struct Symbol;

struct Zbar {
    Scanner* (*create_scanner)();
    void (*destroy_scanner)(Scanner*);
    int (*configure)(Scanner*, int, int, int);
    int (*scan)(Scanner*, Image*);
    Image* (*create_image)();
    void (*destroy_image)(Image*);
    void (*set_format)(Image*, unsigned long);
    void (*set_size)(Image*, unsigned, unsigned);
    void (*set_data)(Image*, const void*, unsigned long, void (*)(Image*));
    const Symbol* (*first)(const Image*);
    const Symbol* (*next)(const Symbol*);
    const char* (*text)(const Symbol*);
    unsigned (*text_bytes)(const Symbol*);
    bool usable = false;
};

template <class Function>
bool find(void* library, const char* name, Function& function) {
    function = reinterpret_cast<Function>(dlsym(library, name));
    return function != nullptr;
}

Zbar load() {
    Zbar zbar{};
    void* library = dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
        return zbar;
    }
    zbar.usable = find(library, "zbar_image_scanner_create", zbar.create_scanner) &&
                  find(library, "zbar_image_scanner_destroy", zbar.destroy_scanner) &&
                  find(library, "zbar_image_scanner_set_config", zbar.configure) &&
                  find(library, "zbar_scan_image", zbar.scan) &&
                  find(library, "zbar_image_create", zbar.create_image) &&
                  find(library, "zbar_image_destroy", zbar.destroy_image) &&
                  find(library, "zbar_image_set_format", zbar.set_format) &&
                  find(library, "zbar_image_set_size", zbar.set_size) &&
                  find(library, "zbar_image_set_data", zbar.set_data) &&
                  find(library, "zbar_image_first_symbol", zbar.first) &&
                  find(library, "zbar_symbol_next", zbar.next) &&
                  find(library, "zbar_symbol_get_data", zbar.text) &&
                  find(library, "zbar_symbol_get_data_length", zbar.text_bytes);
    return zbar;
}

// Lengths of the last five runs of equal colour in a row of pixels.
class Runs {
public:
    // Whether the run that ended completes 1:1:3:1:1, as through the corner of a code.
    bool end_run() {
        const std::size_t sum = runs_[0] + runs_[1] + runs_[2] + runs_[3] + length_;
        const std::array<std::size_t, 5> runs = {runs_[0], runs_[1], runs_[2], runs_[3], length_};
        bool corner = sum >= 7;
        for (std::size_t i = 0; i < runs.size() && corner; ++i) {
            const std::size_t wanted = i == 2 ? 3 * sum : sum;
            const std::size_t found = runs.at(i) * 7;
            corner = found * 2 >= wanted && found <= wanted * 2 && runs.at(i) > 0;
        }
        runs_ = {runs_[1], runs_[2], runs_[3], length_};
        length_ = 0;
        return corner;
    }
    void lengthen() { ++length_; }
    std::size_t length() const { return length_; }

private:
    std::array<std::size_t, 4> runs_{};
    std::size_t length_ = 0;
};

// Lines of pixels that run through something like a corner of a code.
std::size_t corner_lines(const GreyPicture& picture) {
    std::size_t found = 0;
    for (std::size_t y = 0; y < picture.height; ++y) {
        const std::uint8_t* row = picture.pixels.data() + y * picture.width;
        Runs runs;
        for (std::size_t x = 0; x < picture.width; ++x) {
            if (x > 0 && (row[x] < 128) != (row[x - 1] < 128)) {
                found += runs.end_run() ? 1 : 0;
            }
            runs.lengthen();
        }
    }
    return found;
}

}  // namespace

Result<std::vector<std::string>> read_qr_codes(const GreyPicture& picture) {
    static const Zbar zbar = load();
    if (!zbar.usable) {
        return fail(Code::unavailable, "zbar is not installed");
    }
    if (corner_lines(picture) > kMaxCornerLines) {
        return fail(Code::too_large, "too many corners of codes");
    }
    const std::unique_ptr<Scanner, void (*)(Scanner*)> scanner(zbar.create_scanner(),
                                                               zbar.destroy_scanner);
    const std::unique_ptr<Image, void (*)(Image*)> image(zbar.create_image(), zbar.destroy_image);
    if (!scanner || !image) {
        return fail(Code::unavailable, "zbar does not start");
    }
    zbar.configure(scanner.get(), kAllSymbols, kEnable, 0);
    zbar.configure(scanner.get(), kQrCode, kEnable, 1);
    zbar.configure(scanner.get(), kAllSymbols, kTestInverted, 1);
    zbar.set_format(image.get(), kGrey);
    zbar.set_size(image.get(), static_cast<unsigned>(picture.width),
                  static_cast<unsigned>(picture.height));
    zbar.set_data(image.get(), picture.pixels.data(), picture.pixels.size(), nullptr);
    std::vector<std::string> texts;
    if (zbar.scan(scanner.get(), image.get()) < 0) {
        return fail(Code::unavailable, "zbar does not read the picture");
    }
    for (const Symbol* symbol = zbar.first(image.get());
         symbol != nullptr && texts.size() < kMaxCodes; symbol = zbar.next(symbol)) {
        texts.emplace_back(zbar.text(symbol), zbar.text_bytes(symbol));
    }
    return texts;
}

}  // namespace credence::guard
