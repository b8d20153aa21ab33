// From the codes that a PDF shows to the characters they stand for.
#pragma once

#include <array>
#include <string>
#include <unordered_map>

#include "capabilities/guard/media/pdf_file.h"

namespace credence::guard {

inline constexpr std::size_t kMaxFontCodes = 65'536;

class PdfFont {
public:
    PdfFont(const PdfFile& file, const PdfValue& font);
    // Codes without a known character are left out; `unknown` counts them.
    void append(std::string_view codes, std::string& out, std::size_t& unknown) const;

private:
    void read_encoding(const PdfFile& file, const PdfValue& encoding);
    void read_map(std::string_view map);
    void add_range(std::size_t first, std::size_t last, const PdfValue& to);

    std::size_t code_bytes_ = 1;
    bool composite_ = false;
    std::array<std::string, 256> simple_;
    std::unordered_map<std::size_t, std::string> map_;
};

}  // namespace credence::guard
