// The text that a page shows, in the order it is drawn, apart from what is drawn out of sight.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "capabilities/guard/media/pdf_font.h"

namespace credence::guard {

inline constexpr std::size_t kMaxPdfContentBytes = std::size_t{4} << 20;  // of all pages
inline constexpr std::size_t kMaxPdfOperators = 200'000;                  // of all pages
inline constexpr std::size_t kMaxPdfContentValues = 400'000;              // of all pages
inline constexpr std::size_t kMaxPdfForms = 2000;                         // drawn, of all pages
inline constexpr int kMaxPdfFormDepth = 6;

struct PdfPageText {
    std::string shown;
    std::string hidden;
    std::string why;  // "invisible", "white", "tiny": of what is hidden
};

// Keeps the fonts and the limits of all pages of one file.
class PdfContentReader {
public:
    PdfContentReader(const PdfFile& file, Collector& collector)
        : file_(file), collector_(collector) {}

    // `contents`: a stream or an array of them.
    PdfPageText read(const PdfValue& contents, const PdfValue& resources);

private:
    struct State {
        const PdfFont* font = nullptr;
        double size = 12;
        double scale = 1;  // of the page
        int mode = 0;
        bool white = false;
    };
    struct Run;  // one content stream

    void run(std::string_view bytes, const PdfValue& resources, int depth);
    void apply(Run& run, const std::string& name);
    bool apply_text(Run& run, const std::string& name);
    void apply_colour(Run& run, const std::string& name);
    void show(Run& run, std::string_view codes);
    void move(Run& run, bool new_line);
    void draw(Run& run, const std::string& name);
    const PdfFont* font(const PdfValue& resources, const std::string& name);

    const PdfFile& file_;
    Collector& collector_;
    PdfPageText text_;
    std::unordered_map<const PdfValue*, std::unique_ptr<PdfFont>> fonts_;
    std::size_t content_left_ = kMaxPdfContentBytes;
    std::size_t operators_left_ = kMaxPdfOperators;
    std::size_t forms_left_ = kMaxPdfForms;
    std::size_t values_left_ = kMaxPdfContentValues;
    // A code may stand for a long text: what is gathered is bounded apart from what is read.
    std::size_t shown_bytes_left_ = 2 * kMaxMediaTextBytes;
};

}  // namespace credence::guard
