#include "capabilities/guard/media/pdf_font.h"

#include <cstdlib>

#include "capabilities/guard/media/bytes.h"
#include "capabilities/guard/media/encoding.h"
#include "capabilities/guard/text/escapes.h"

namespace credence::guard {
namespace {

// 0x80..0xff of MacRomanEncoding.
constexpr std::u16string_view kMacRoman =
    u"\u00c4\u00c5\u00c7\u00c9\u00d1\u00d6\u00dc\u00e1\u00e0\u00e2\u00e4\u00e3\u00e5\u00e7\u00e9"
    u"\u00e8\u00ea\u00eb\u00ed\u00ec\u00ee\u00ef\u00f1\u00f3\u00f2\u00f4\u00f6\u00f5\u00fa\u00f9"
    u"\u00fb\u00fc\u2020\u00b0\u00a2\u00a3\u00a7\u2022\u00b6\u00df\u00ae\u00a9\u2122\u00b4\u00a8"
    u"\u2260\u00c6\u00d8\u221e\u00b1\u2264\u2265\u00a5\u00b5\u2202\u2211\u220f\u03c0\u222b\u00aa"
    u"\u00ba\u03a9\u00e6\u00f8\u00bf\u00a1\u00ac\u221a\u0192\u2248\u2206\u00ab\u00bb\u2026\u00a0"
    u"\u00c0\u00c3\u00d5\u0152\u0153\u2013\u2014\u201c\u201d\u2018\u2019\u00f7\u25ca\u00ff\u0178"
    u"\u2044\u20ac\u2039\u203a\ufb01\ufb02\u2021\u00b7\u201a\u201e\u2030\u00c2\u00ca\u00c1\u00cb"
    u"\u00c8\u00cd\u00ce\u00cf\u00cc\u00d3\u00d4\uf8ff\u00d2\u00da\u00db\u00d9\u0131\u02c6\u02dc"
    u"\u00af\u02d8\u02d9\u02da\u00b8\u02dd\u02db\u02c7";

struct Glyph {
    std::string_view name;
    std::string_view text;
};
// Names of the Adobe glyph list that are neither one letter nor an entity of HTML.
constexpr std::array<Glyph, 44> kGlyphs = {
    {{"space", " "},      {"zero", "0"},        {"one", "1"},          {"two", "2"},
     {"three", "3"},      {"four", "4"},        {"five", "5"},         {"six", "6"},
     {"seven", "7"},      {"eight", "8"},       {"nine", "9"},         {"period", "."},
     {"comma", ","},      {"colon", ":"},       {"semicolon", ";"},    {"hyphen", "-"},
     {"parenleft", "("},  {"parenright", ")"},  {"quotesingle", "'"},  {"quotedbl", "\""},
     {"quoteleft", "'"},  {"quoteright", "'"},  {"exclam", "!"},       {"question", "?"},
     {"slash", "/"},      {"backslash", "\\"},  {"underscore", "_"},   {"at", "@"},
     {"numbersign", "#"}, {"dollar", "$"},      {"percent", "%"},      {"ampersand", "&"},
     {"asterisk", "*"},   {"plus", "+"},        {"equal", "="},        {"less", "<"},
     {"greater", ">"},    {"bracketleft", "["}, {"bracketright", "]"}, {"braceleft", "{"},
     {"braceright", "}"}, {"fi", "fi"},         {"fl", "fl"},          {"ff", "ff"}}};

std::string glyph_text(std::string_view name) {
    name = name.substr(0, name.find('.', 1));
    if (name.size() == 1) {
        return std::string(name);
    }
    for (const Glyph& glyph : kGlyphs) {
        if (glyph.name == name) {
            return std::string(glyph.text);
        }
    }
    const std::size_t prefix = name.starts_with("uni") && name.size() >= 7 ? 3
                               : name.starts_with('u') && name.size() >= 5 ? 1
                                                                           : 0;
    if (prefix > 0) {
        const std::string digits(name.substr(prefix, prefix == 3 ? 4 : 6));
        char* end = nullptr;
        const unsigned long code = std::strtoul(digits.c_str(), &end, 16);
        if (*end == '\0' && code > 0) {
            std::string out;
            append_utf8(out, static_cast<char32_t>(code));
            return out;
        }
    }
    return std::string(entity(name));
}

std::size_t code_of(std::string_view bytes) {
    return read_number(bytes, 0, std::min<std::size_t>(bytes.size(), 4), Endian::big);
}

}  // namespace

PdfFont::PdfFont(const PdfFile& file, const PdfValue& font) {
    composite_ = font["Subtype"].is_name("Type0");
    code_bytes_ = composite_ ? 2 : 1;
    if (!composite_) {
        for (unsigned code = 0; code < 256; ++code) {
            append_utf8(simple_.at(code), windows1252(static_cast<unsigned char>(code)));
        }
        read_encoding(file, file.follow(font["Encoding"]));
    }
    if (const PdfObject* map = file.object(font["ToUnicode"])) {
        read_map(file.content(*map));
    }
}

void PdfFont::read_encoding(const PdfFile& file, const PdfValue& encoding) {
    const PdfValue& base =
        encoding.is(PdfValue::Kind::name) ? encoding : file.follow(encoding["BaseEncoding"]);
    if (base.is_name("MacRomanEncoding")) {
        for (std::size_t i = 0; i < kMacRoman.size(); ++i) {
            simple_.at(128 + i).clear();
            append_utf8(simple_.at(128 + i), kMacRoman[i]);
        }
    }
    std::size_t code = 0;
    for (const PdfValue& item : file.follow(encoding["Differences"]).items) {
        if (item.is(PdfValue::Kind::number)) {
            code = item.size_or(256);
        } else if (item.is(PdfValue::Kind::name) && code < 256) {
            simple_.at(code++) = glyph_text(item.text);
        }
    }
}

void PdfFont::add_range(std::size_t first, std::size_t last, const PdfValue& to) {
    std::string units = to.text;
    for (std::size_t code = first; code <= last && map_.size() < kMaxFontCodes; ++code) {
        if (to.is(PdfValue::Kind::array)) {
            if (code - first >= to.items.size()) {
                return;
            }
            map_[code] = from_utf16(to.items[code - first].text, Endian::big);
            continue;
        }
        map_[code] = from_utf16(units, Endian::big);
        if (!units.empty()) {
            units.back() = static_cast<char>(units.back() + 1);
            if (units.back() == '\0' && units.size() > 1) {
                units[units.size() - 2] = static_cast<char>(units[units.size() - 2] + 1);
            }
        }
    }
}

void PdfFont::read_map(std::string_view map) {
    std::size_t values = kMaxFontCodes * 3;
    PdfLexer lexer(map, 0, values);
    PdfValue value;
    enum class Part : std::uint8_t { none, sizes, characters, ranges } part = Part::none;
    std::vector<PdfValue> operands;
    // A range may be wide and cost nothing to write: all of them together are bounded.
    std::size_t left = kMaxFontCodes;
    while (lexer.next(value)) {
        if (value.is(PdfValue::Kind::word)) {
            part = value.text == "begincodespacerange" ? Part::sizes
                   : value.text == "beginbfchar"       ? Part::characters
                   : value.text == "beginbfrange"      ? Part::ranges
                                                       : Part::none;
            operands.clear();
            continue;
        }
        operands.push_back(std::move(value));
        if (part == Part::sizes && operands.size() == 2) {
            code_bytes_ = operands[0].text.size() == 1 ? 1 : 2;
            operands.clear();
        } else if (part == Part::characters && operands.size() == 2) {
            if (map_.size() < kMaxFontCodes) {
                map_[code_of(operands[0].text)] = from_utf16(operands[1].text, Endian::big);
            }
            operands.clear();
        } else if (part == Part::ranges && operands.size() == 3) {
            const std::size_t first = code_of(operands[0].text);
            const std::size_t last = std::min(code_of(operands[1].text), first + left);
            add_range(first, last, operands[2]);
            left -= std::min(left, last >= first ? last - first : 0);
            operands.clear();
        } else if (part == Part::none || operands.size() > 3) {
            operands.clear();
        }
    }
}

void PdfFont::append(std::string_view codes, std::string& out, std::size_t& unknown) const {
    for (std::size_t at = 0; at + code_bytes_ <= codes.size(); at += code_bytes_) {
        const std::size_t code = code_of(codes.substr(at, code_bytes_));
        const auto found = map_.find(code);
        if (found != map_.end()) {
            out += found->second;
        } else if (!composite_ && code < simple_.size()) {
            out += simple_.at(code);
        } else {
            ++unknown;
        }
    }
}

}  // namespace credence::guard
