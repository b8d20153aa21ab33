// Letters in pictures by the program Tesseract, if it is installed.
//
// It runs in the sandbox: no network, no file but the picture, limits on time and memory. A second
// or so for a page. Thread-safe.
#pragma once

#include <cstdint>
#include <string>

#include "capabilities/guard/media/media.h"
#include "engine/sandbox/sandbox.h"

namespace credence::guard {

struct TesseractOptions {
    std::string program = "/usr/bin/tesseract";
    std::string languages = {};  // "eng+deu"; empty: what the program takes by itself
    std::int64_t limit_ms = 10'000;
    std::string folder = {};  // for the picture while it is read; empty: the temporary one
};

class Tesseract : public OpticalReader {
public:
    Tesseract(sandbox::Sandbox& sandbox, TesseractOptions options)
        : sandbox_(sandbox), options_(std::move(options)) {}

    // Code::unavailable: not installed, or the host cannot isolate. Code::timeout: limit_ms passed.
    // Code::unsupported: the program refuses the picture.
    Result<std::string> read(std::string_view file, std::string_view format) const override;

private:
    sandbox::Sandbox& sandbox_;
    TesseractOptions options_;
};

}  // namespace credence::guard
