// The objects of PDF (ISO 32000-1, 7.2 and 7.3) as values, and how they are read. Linear.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "capabilities/guard/text/offset_map.h"

namespace credence::guard {

inline constexpr std::size_t kMaxPdfValues = 150'000;  // of one file
inline constexpr std::size_t kMaxPdfEntries = 512;     // of a dictionary; more are dropped
inline constexpr std::size_t kMaxPdfItems = 16'384;    // of an array; more are dropped
inline constexpr int kMaxPdfNesting = 32;

constexpr bool is_pdf_blank(char c) {
    return std::string_view("\0\t\n\f\r ", 6).find(c) != std::string_view::npos;
}
constexpr bool is_pdf_digit(char c) {
    return c >= '0' && c <= '9';
}

struct PdfEntry;

struct PdfValue {
    enum class Kind : std::uint8_t {
        nothing,
        number,
        name,
        text,  // a string: bytes
        array,
        dictionary,
        reference,
        word,  // true, null, an operator of a content stream
    };
    Kind kind = Kind::nothing;
    double number = 0;  // of a reference: of the object
    std::string text;   // of a name, a string, a word
    std::vector<PdfValue> items;
    std::vector<PdfEntry> entries;  // of a dictionary
    ByteSpan at;

    bool is(Kind wanted) const { return kind == wanted; }
    bool is_name(std::string_view wanted) const { return kind == Kind::name && text == wanted; }
    // Not in a dictionary: nothing of kind nothing.
    const PdfValue& operator[](std::string_view key) const;
    std::size_t size_or(std::size_t otherwise) const;
};

struct PdfEntry {
    std::string key;
    PdfValue value;
};

class PdfLexer {
public:
    PdfLexer(std::string_view bytes, std::size_t at, std::size_t& values_left)
        : bytes_(bytes), at_(at), values_left_(values_left) {}

    // False at the end of the bytes, or of the values.
    bool next(PdfValue& value);
    std::size_t at() const { return at_; }
    void skip_to(std::size_t at) { at_ = at; }
    void skip_blank();
    // A string, array or dictionary did not end.
    bool cut_off() const { return cut_off_; }

private:
    bool value(PdfValue& value, int nesting);
    void literal(PdfValue& value);
    void escape(std::string& out);
    void hexadecimal(PdfValue& value);
    void name(PdfValue& value);
    void number_or_reference(PdfValue& value);
    bool number(double& out);
    void array(PdfValue& value, int nesting);
    void dictionary(PdfValue& value, int nesting);

    std::string_view bytes_;
    std::size_t at_;
    std::size_t& values_left_;
    bool cut_off_ = false;
};

// A text string (7.9.2.2) as UTF-8.
std::string pdf_text(std::string_view bytes);

}  // namespace credence::guard
