#include "capabilities/guard/media/pdf_value.h"

#include <algorithm>
#include <cmath>

#include "capabilities/guard/media/bytes.h"
#include "capabilities/guard/media/encoding.h"
#include "capabilities/guard/media/transfer.h"

namespace credence::guard {
namespace {

constexpr std::string_view kDelimiters = "()<>[]{}/%";

bool is_regular(char c) {
    return !is_pdf_blank(c) && kDelimiters.find(c) == std::string_view::npos;
}

}  // namespace

const PdfValue& PdfValue::operator[](std::string_view key) const {
    static const PdfValue nothing;
    for (const auto& [name, value] : entries) {
        if (name == key) {
            return value;
        }
    }
    return nothing;
}

std::size_t PdfValue::size_or(std::size_t otherwise) const {
    return kind == Kind::number && number >= 0 && number < 1e12 ? static_cast<std::size_t>(number)
                                                                : otherwise;
}

void PdfLexer::skip_blank() {
    while (at_ < bytes_.size()) {
        if (bytes_[at_] == '%') {
            at_ = std::min(bytes_.find_first_of("\r\n", at_), bytes_.size());
        } else if (is_pdf_blank(bytes_[at_])) {
            ++at_;
        } else {
            return;
        }
    }
}

bool PdfLexer::next(PdfValue& out) {
    return value(out, 0);
}

bool PdfLexer::value(PdfValue& out, int nesting) {
    skip_blank();
    if (at_ >= bytes_.size() || values_left_ == 0) {
        return false;
    }
    --values_left_;
    out = {};
    out.at.start = at_;
    const char c = bytes_[at_];
    const char after = at_ + 1 < bytes_.size() ? bytes_[at_ + 1] : '\0';
    if (c == '(') {
        literal(out);
    } else if (c == '<' && after == '<') {
        at_ += 2;
        dictionary(out, nesting);
    } else if (c == '<') {
        hexadecimal(out);
    } else if (c == '/') {
        name(out);
    } else if (c == '[') {
        ++at_;
        array(out, nesting);
    } else if (is_pdf_digit(c) || c == '-' || c == '+' || c == '.') {
        number_or_reference(out);
    } else {
        out.kind = PdfValue::Kind::word;
        const std::size_t start = at_;
        while (at_ < bytes_.size() && is_regular(bytes_[at_])) {
            ++at_;
        }
        if (at_ == start) {
            at_ += c == '>' && after == '>' ? 2 : 1;
        }
        out.text = bytes_.substr(start, at_ - start);
    }
    out.at.end = at_;
    return true;
}

void PdfLexer::literal(PdfValue& out) {
    out.kind = PdfValue::Kind::text;
    int open = 1;
    ++at_;
    while (at_ < bytes_.size()) {
        const char c = bytes_[at_++];
        if (c == '\\') {
            escape(out.text);
            continue;
        }
        open += c == '(' ? 1 : c == ')' ? -1 : 0;
        if (open == 0) {
            return;
        }
        out.text += c;
    }
    cut_off_ = true;
}

void PdfLexer::escape(std::string& out) {
    if (at_ >= bytes_.size()) {
        return;
    }
    const char c = bytes_[at_++];
    constexpr std::string_view kNames = "nrtbf";
    constexpr std::string_view kValues = "\n\r\t\b\f";
    const std::size_t known = kNames.find(c);
    if (known != std::string_view::npos) {
        out += kValues[known];
    } else if (c >= '0' && c <= '7') {
        unsigned code = static_cast<unsigned>(c - '0');
        for (int i = 0; i < 2 && at_ < bytes_.size() && bytes_[at_] >= '0' && bytes_[at_] <= '7';
             ++i) {
            code = code * 8 + static_cast<unsigned>(bytes_[at_++] - '0');
        }
        out += static_cast<char>(code);
    } else if (c == '\r') {
        at_ += at_ < bytes_.size() && bytes_[at_] == '\n' ? 1 : 0;
    } else if (c != '\n') {
        out += c;
    }
}

void PdfLexer::hexadecimal(PdfValue& out) {
    out.kind = PdfValue::Kind::text;
    const std::size_t end = bytes_.find('>', at_);
    cut_off_ = cut_off_ || end == std::string_view::npos;
    const std::size_t stop = std::min(end, bytes_.size());
    out.text = from_hex_lines(bytes_.substr(at_ + 1, stop - at_ - 1));
    at_ = std::min(stop + 1, bytes_.size());
}

void PdfLexer::name(PdfValue& out) {
    out.kind = PdfValue::Kind::name;
    const std::size_t start = ++at_;
    while (at_ < bytes_.size() && is_regular(bytes_[at_])) {
        ++at_;
    }
    const std::string_view raw = bytes_.substr(start, at_ - start);
    for (std::size_t i = 0; i < raw.size(); ++i) {
        if (raw[i] == '#' && i + 2 < raw.size()) {
            out.text += from_hex_lines(raw.substr(i + 1, 2));
            i += 2;
        } else {
            out.text += raw[i];
        }
    }
}

bool PdfLexer::number(double& out) {
    const std::size_t start = at_;
    bool negative = false;
    bool fraction = false;
    double scale = 1;
    out = 0;
    while (at_ < bytes_.size()) {
        const char c = bytes_[at_];
        if (c == '-') {
            negative = true;
        } else if (c == '.') {
            fraction = true;
        } else if (is_pdf_digit(c)) {
            out = out * 10 + (c - '0');
            scale *= fraction ? 10 : 1;
        } else if (c != '+') {
            break;
        }
        ++at_;
    }
    out = (negative ? -out : out) / scale;
    if (!std::isfinite(out)) {
        out = 0;
    }
    return !fraction && !negative && at_ > start;
}

void PdfLexer::number_or_reference(PdfValue& out) {
    out.kind = PdfValue::Kind::number;
    if (!number(out.number) || out.number > 1e7) {
        return;
    }
    // "12 0 R" is a reference; look no further than a short way.
    const std::size_t back = at_;
    while (at_ < bytes_.size() && is_pdf_blank(bytes_[at_]) && at_ - back < 4) {
        ++at_;
    }
    const std::size_t generation = at_;
    while (at_ < bytes_.size() && is_pdf_digit(bytes_[at_]) && at_ - generation < 6) {
        ++at_;
    }
    const bool digits = at_ > generation && generation > back;
    const std::size_t blank = at_;
    while (at_ < bytes_.size() && is_pdf_blank(bytes_[at_]) && at_ - blank < 4) {
        ++at_;
    }
    const bool reference = digits && at_ > blank && slice(bytes_, at_, 1) == "R" &&
                           (at_ + 1 >= bytes_.size() || !is_regular(bytes_[at_ + 1]));
    if (reference) {
        out.kind = PdfValue::Kind::reference;
        ++at_;
    } else {
        at_ = back;
    }
}

void PdfLexer::array(PdfValue& out, int nesting) {
    out.kind = PdfValue::Kind::array;
    if (nesting >= kMaxPdfNesting) {
        return;
    }
    while (true) {
        PdfValue item;
        if (!value(item, nesting + 1)) {
            cut_off_ = true;
            return;
        }
        if (item.kind == PdfValue::Kind::word && (item.text == "]" || item.text == "endobj")) {
            return;
        }
        if (out.items.size() < kMaxPdfItems) {
            out.items.push_back(std::move(item));
        }
    }
}

void PdfLexer::dictionary(PdfValue& out, int nesting) {
    out.kind = PdfValue::Kind::dictionary;
    if (nesting >= kMaxPdfNesting) {
        return;
    }
    while (true) {
        PdfValue key;
        if (!value(key, nesting + 1)) {
            cut_off_ = true;
            return;
        }
        if (key.kind == PdfValue::Kind::word &&
            (key.text == ">>" || key.text == "endobj" || key.text == "stream")) {
            return;
        }
        if (key.kind != PdfValue::Kind::name) {
            continue;
        }
        PdfValue content;
        if (!value(content, nesting + 1)) {
            cut_off_ = true;
            return;
        }
        if (content.kind == PdfValue::Kind::word && content.text == ">>") {
            return;
        }
        if (out.entries.size() < kMaxPdfEntries) {
            out.entries.push_back({std::move(key.text), std::move(content)});
        }
    }
}

std::string pdf_text(std::string_view bytes) {
    if (bytes.starts_with("\xfe\xff") || bytes.starts_with("\xff\xfe")) {
        return from_utf16(bytes, Endian::big);
    }
    // PDFDocEncoding differs from code page 1252 in a few signs only.
    return from_unknown(bytes);
}

}  // namespace credence::guard
