// Build-time program: derives the fold table from ICU's Unicode data (NFKC, case folding, scripts,
// confusables). Usage: guard_fold_compiler OUTPUT
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/uspoof.h>
#include <unicode/ustring.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "capabilities/guard/text/fold_format.h"

namespace credence::guard {
namespace {

constexpr UChar32 kLast = 0x10FFFF;

struct Tools {
    const UNormalizer2* fold = nullptr;       // NFKC with case folding
    const UNormalizer2* decompose = nullptr;  // NFKD
    USpoofChecker* spoof = nullptr;
};

std::u16string from_code_point(UChar32 c) {
    char16_t buffer[2];
    std::int32_t length = 0;
    UBool failed = 0;
    U16_APPEND(buffer, length, 2, c, failed);
    return failed != 0 ? std::u16string()
                       : std::u16string(buffer, static_cast<std::size_t>(length));
}

std::u16string normalise(const UNormalizer2* form, const std::u16string& text) {
    char16_t buffer[64];
    UErrorCode error = U_ZERO_ERROR;
    const std::int32_t length = unorm2_normalize(
        form, text.data(), static_cast<std::int32_t>(text.size()), buffer, 64, &error);
    return U_FAILURE(error) != 0 ? text : std::u16string(buffer, static_cast<std::size_t>(length));
}

std::string to_utf8(const std::u16string& text) {
    char buffer[256];
    std::int32_t length = 0;
    UErrorCode error = U_ZERO_ERROR;
    u_strToUTF8(buffer, 256, &length, text.data(), static_cast<std::int32_t>(text.size()), &error);
    return U_FAILURE(error) != 0 ? std::string()
                                 : std::string(buffer, static_cast<std::size_t>(length));
}

UScriptCode script_code(UChar32 c) {
    UErrorCode error = U_ZERO_ERROR;
    return uscript_getScript(c, &error);
}

Script script_of(UChar32 c) {
    switch (script_code(c)) {
        case USCRIPT_LATIN:
            return Script::latin;
        case USCRIPT_CYRILLIC:
            return Script::cyrillic;
        case USCRIPT_GREEK:
            return Script::greek;
        case USCRIPT_ARMENIAN:
        case USCRIPT_CHEROKEE:
        case USCRIPT_COPTIC:
        case USCRIPT_LISU:
            return Script::lookalike;
        case USCRIPT_HAN:
        case USCRIPT_HIRAGANA:
        case USCRIPT_KATAKANA:
        case USCRIPT_HANGUL:
        case USCRIPT_THAI:
        case USCRIPT_LAO:
        case USCRIPT_KHMER:
        case USCRIPT_MYANMAR:
            return Script::spaceless;
        case USCRIPT_COMMON:
        case USCRIPT_INHERITED:
        case USCRIPT_UNKNOWN:
            return Script::other;
        default:
            return Script::rare;
    }
}

bool is_bidi_control(UChar32 c) {
    return u_hasBinaryProperty(c, UCHAR_BIDI_CONTROL) != 0;
}

bool is_selector(UChar32 c) {
    return (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xE0100 && c <= 0xE01EF);
}

CharClass class_of(UChar32 c) {
    if (c >= 0xE0000 && c <= 0xE007F) {
        return CharClass::tag;
    }
    if (is_selector(c)) {
        return CharClass::selector;
    }
    if (is_bidi_control(c)) {
        return CharClass::bidi;
    }
    if (u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) != 0 || c == 0xFFF9 ||
        c == 0xFFFA || c == 0xFFFB) {
        return CharClass::invisible;
    }
    if (u_isUWhiteSpace(c) != 0 || c == 0x2800) {
        return CharClass::space;
    }
    const bool jamo = (c >= 0x1100 && c <= 0x11FF) || (c >= 0xFF65 && c <= 0xFFDC);
    if (jamo || c == 0x3099 || c == 0x309A) {
        return CharClass::compose;
    }
    const auto type = u_charType(c);
    if (type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK) {
        const UScriptCode script = script_code(c);
        const bool shared = script == USCRIPT_INHERITED || script == USCRIPT_COMMON;
        return shared || type == U_ENCLOSING_MARK ? CharClass::combining : CharClass::plain;
    }
    return CharClass::plain;
}

// Signs that stand for an ASCII one but that NFKC keeps, letters without a decomposition, Arabic
// letters that are commonly interchanged (and elongation), and the Cyrillic io.
constexpr std::array<std::pair<UChar32, std::string_view>, 65> kOwnFolds = {
    {{0x2018, "'"},      {0x2019, "'"},      {0x201A, "'"},      {0x201B, "'"},
     {0x2039, "'"},      {0x203A, "'"},      {0x201C, "\""},     {0x201D, "\""},
     {0x201E, "\""},     {0x201F, "\""},     {0x00AB, "\""},     {0x00BB, "\""},
     {0x300C, "\""},     {0x300D, "\""},     {0x300E, "\""},     {0x300F, "\""},
     {0x3001, ","},      {0x3002, "."},      {0x060C, ","},      {0x061B, ";"},
     {0x061F, "?"},      {0x0964, "."},      {0x06D4, "."},      {0x00BF, " "},
     {0x00A1, " "},      {0x2010, "-"},      {0x2011, "-"},      {0x2012, "-"},
     {0x2013, "-"},      {0x2014, "-"},      {0x2015, "-"},      {0x2212, "-"},
     {0x00B4, "'"},      {0x2032, "'"},      {0x2033, "\""},     {0x3010, "["},
     {0x3011, "]"},      {0x300A, "\""},     {0x300B, "\""},     {0x00F8, "o"},
     {0x00D8, "o"},      {0x0142, "l"},      {0x0141, "l"},      {0x0111, "d"},
     {0x0110, "d"},      {0x0131, "i"},      {0x0130, "i"},      {0x0127, "h"},
     {0x0126, "h"},      {0x00E6, "ae"},     {0x00C6, "ae"},     {0x0153, "oe"},
     {0x0152, "oe"},     {0x00F0, "d"},      {0x00FE, "th"},     {0x0622, "\u0627"},
     {0x0623, "\u0627"}, {0x0625, "\u0627"}, {0x0671, "\u0627"}, {0x0649, "\u064A"},
     {0x06CC, "\u064A"}, {0x06A9, "\u0643"}, {0x0640, ""},       {0x0451, "\u0435"},
     {0x0401, "\u0435"}}};

// Regional indicators and enclosed letters that spell Latin words.
std::string enclosed_letter(UChar32 c) {
    const auto letter = [](UChar32 offset) {
        return std::string(1, static_cast<char>('a' + offset));
    };
    if (c >= 0x1F1E6 && c <= 0x1F1FF) {
        return letter(c - 0x1F1E6);
    }
    if (c >= 0x1F150 && c <= 0x1F169) {
        return letter(c - 0x1F150);
    }
    if (c >= 0x1F170 && c <= 0x1F189) {
        return letter(c - 0x1F170);
    }
    return {};
}

// The ASCII letter a reader takes c for, or 0: from the confusable skeleton of its lower case, else
// of itself.
std::uint32_t skeleton_letter(const Tools& tools, UChar32 c) {
    for (const UChar32 form : {u_tolower(c), c}) {
        const std::u16string source = from_code_point(form);
        char16_t skeleton[32];
        UErrorCode error = U_ZERO_ERROR;
        const std::int32_t length =
            uspoof_getSkeleton(tools.spoof, 0, source.data(),
                               static_cast<std::int32_t>(source.size()), skeleton, 32, &error);
        if (U_FAILURE(error) != 0 || length < 1 || length > 2) {
            continue;
        }
        const UChar32 letter = u_tolower(skeleton[0]);
        const bool bare = length == 1 || u_charType(skeleton[1]) == U_NON_SPACING_MARK;
        if (bare && letter >= 'a' && letter <= 'z') {
            // The skeleton of a capital I is a small L.
            return letter == 'l' && u_isupper(c) != 0 ? 'i' : static_cast<std::uint32_t>(letter);
        }
    }
    return 0;
}

struct Shaped {
    UChar32 shape;
    char letter;
};

// Small capitals and letters in other clothes, which NFKC keeps.
constexpr std::array<Shaped, 28> kShapes = {
    {{0x1D00, 'a'}, {0x0299, 'b'}, {0x1D04, 'c'}, {0x1D05, 'd'}, {0x1D07, 'e'}, {0xA730, 'f'},
     {0x0262, 'g'}, {0x029C, 'h'}, {0x026A, 'i'}, {0x1D0A, 'j'}, {0x1D0B, 'k'}, {0x029F, 'l'},
     {0x1D0D, 'm'}, {0x0274, 'n'}, {0x1D0F, 'o'}, {0x1D18, 'p'}, {0xA7AF, 'q'}, {0x0280, 'r'},
     {0xA731, 's'}, {0x1D1B, 't'}, {0x1D1C, 'u'}, {0x1D20, 'v'}, {0x1D21, 'w'}, {0x028F, 'y'},
     {0x1D22, 'z'}, {0x0261, 'g'}, {0x0251, 'a'}, {0x1D7C, 'i'}}};

// Braille, letters only: the dots of a to j, again with dot 3, and with dots 3 and 6.
std::string shaped_letter(UChar32 c) {
    constexpr std::array<unsigned char, 26> kDots = {
        0x01, 0x03, 0x09, 0x19, 0x11, 0x0B, 0x1B, 0x13, 0x0A, 0x1A, 0x05, 0x07, 0x0D,
        0x1D, 0x15, 0x0F, 0x1F, 0x17, 0x0E, 0x1E, 0x25, 0x27, 0x3A, 0x2D, 0x3D, 0x35};
    for (const auto& [shape, letter] : kShapes) {
        if (shape == c) {
            return std::string(1, letter);
        }
    }
    for (std::size_t i = 0; i < kDots.size(); ++i) {
        if (c == 0x2800 + kDots[i]) {
            return std::string(1, static_cast<char>('a' + i));
        }
    }
    return {};
}

std::string folded(const Tools& tools, UChar32 c) {
    for (const auto& [code_point, text] : kOwnFolds) {
        if (code_point == c) {
            return std::string(text);
        }
    }
    if (std::string letter = enclosed_letter(c); !letter.empty()) {
        return letter;
    }
    if (std::string letter = shaped_letter(c); !letter.empty()) {
        return letter;
    }
    std::u16string text = from_code_point(c);
    if (script_of(c) == Script::latin || script_of(c) == Script::greek) {
        std::u16string bare;
        for (const char16_t unit : normalise(tools.decompose, text)) {
            if (u_charType(unit) != U_NON_SPACING_MARK) {
                bare.push_back(unit);
            }
        }
        text = bare;
    }
    const std::string result = to_utf8(normalise(tools.fold, text));
    // A Latin letter of its own that is drawn like a plain one.
    if (script_of(c) == Script::latin && c >= 0x80 && text == from_code_point(c)) {
        const std::uint32_t letter = skeleton_letter(tools, c);
        return letter != 0 ? std::string(1, static_cast<char>(letter)) : result;
    }
    return result;
}

std::uint32_t lookalike_of(const Tools& tools, UChar32 c) {
    const Script script = script_of(c);
    const bool candidate = script == Script::cyrillic || script == Script::greek ||
                           script == Script::lookalike || script == Script::rare;
    return candidate && u_isalpha(c) != 0 ? skeleton_letter(tools, c) : 0;
}

struct Table {
    std::vector<std::uint16_t> block_of;
    std::vector<std::vector<std::uint32_t>> blocks;
    std::string pool = std::string(1, '\0');  // offset 0 means unchanged
    std::map<std::string, std::uint32_t> pooled;
};

std::uint32_t pool_offset(Table& table, const std::string& text) {
    const auto [found, added] =
        table.pooled.emplace(text, static_cast<std::uint32_t>(table.pool.size()));
    if (added) {
        table.pool.push_back(static_cast<char>(text.size()));
        table.pool += text;
    }
    return found->second;
}

std::uint32_t entry_of(const Tools& tools, Table& table, UChar32 c) {
    const CharClass kind = class_of(c);
    std::uint32_t offset = 0;
    if (kind == CharClass::plain && c >= 0x80 && (c < 0xD800 || c > 0xDFFF)) {
        const std::string result = folded(tools, c);
        if (result != to_utf8(from_code_point(c)) && result.size() < 128) {
            offset = pool_offset(table, result);
        }
    }
    return pack_fold(kind, script_of(c), lookalike_of(tools, c), offset);
}

Table build(const Tools& tools) {
    Table table;
    std::map<std::vector<std::uint32_t>, std::uint16_t> known;
    for (UChar32 base = 0; base <= kLast; base += static_cast<UChar32>(kFoldBlockSize)) {
        std::vector<std::uint32_t> block;
        for (UChar32 i = 0; i < static_cast<UChar32>(kFoldBlockSize); ++i) {
            block.push_back(entry_of(tools, table, base + i));
        }
        const auto [found, added] =
            known.emplace(block, static_cast<std::uint16_t>(table.blocks.size()));
        if (added) {
            table.blocks.push_back(block);
        }
        table.block_of.push_back(found->second);
    }
    return table;
}

bool write(const Table& table, const char* path) {
    std::ofstream out(path, std::ios::binary);
    const FoldHeader header{kFoldMagic, static_cast<std::uint32_t>(table.blocks.size()),
                            static_cast<std::uint32_t>(table.pool.size()), 0};
    const auto put = [&out](const void* bytes, std::size_t size) {
        out.write(static_cast<const char*>(bytes), static_cast<std::streamsize>(size));
    };
    put(&header, sizeof header);
    put(table.block_of.data(), table.block_of.size() * sizeof(std::uint16_t));
    for (const auto& block : table.blocks) {
        put(block.data(), block.size() * sizeof(std::uint32_t));
    }
    put(table.pool.data(), table.pool.size());
    return static_cast<bool>(out.flush());
}

int run(const char* path) {
    UErrorCode error = U_ZERO_ERROR;
    Tools tools;
    tools.fold = unorm2_getNFKCCasefoldInstance(&error);
    tools.decompose = unorm2_getNFKDInstance(&error);
    tools.spoof = uspoof_open(&error);
    if (U_FAILURE(error) != 0) {
        std::fprintf(stderr, "guard_fold_compiler: %s\n", u_errorName(error));
        return 1;
    }
    const Table table = build(tools);
    uspoof_close(tools.spoof);
    if (table.pool.size() > 0xFFFF || !write(table, path)) {
        std::fprintf(stderr, "guard_fold_compiler: pool of %zu bytes, or cannot write %s\n",
                     table.pool.size(), path);
        return 1;
    }
    return 0;
}

}  // namespace
}  // namespace credence::guard

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: guard_fold_compiler OUTPUT\n");
        return 2;
    }
    return credence::guard::run(argv[1]);
}
