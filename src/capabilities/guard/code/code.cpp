#include "capabilities/guard/code/code.h"

#include <emmintrin.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <string>

#include "capabilities/guard/code/anchors.h"
#include "capabilities/guard/code/code_scorer.h"
#include "capabilities/guard/code/commands.h"
#include "capabilities/guard/code/escapes.h"
#include "capabilities/guard/code/prose_bits.h"
#include "capabilities/guard/code/scan.h"
#include "capabilities/guard/code/windows_rules.h"

namespace credence::guard {

namespace {

constexpr std::size_t kShortBytes = 160;  // looked at without a sign of code
constexpr std::size_t kMaxFirstWord = 24;
constexpr int kMaxDecodings = 2;               // %2527 is %27 is '
constexpr std::size_t kWholeBytes = 64 << 10;  // read in one piece
constexpr std::size_t kPartBytes = 32 << 10;   // of a longer text
constexpr std::size_t kBytesOfWork = 32;       // of prose: as much work as one sign of code
constexpr std::size_t kMaxWork = 64 << 10;
constexpr std::size_t kMaxNextWord = 24;  // bytes read behind a semicolon
constexpr ByteSet kSign("|&;$<>{}\\=`~%#*@()[]\"'/-.,:_!?+^0123456789");

// Bits for the first look: those of kNow[byte] & kBefore[byte before] stand somewhere in the text.
constexpr std::uint8_t kAlone = 1;     // a sign that prose does not need
constexpr std::uint8_t kCall = 2;      // "(" after a letter
constexpr std::uint8_t kOption = 4;    // "-" after a blank or another
constexpr std::uint8_t kPath = 8;      // "/" after anything but a letter
constexpr std::uint8_t kUp = 16;       // "..", or an encoded one
constexpr std::uint8_t kEscape = 32;   // what an escape begins with
constexpr std::uint8_t kOpener = 64;   // what an expression of a template begins with
constexpr std::uint8_t kSplice = 128;  // what parts commands
constexpr std::uint8_t kUnlikeProse = kAlone | kCall | kOption | kPath;

constexpr void mark(std::array<std::uint8_t, 256>& bits, std::string_view bytes, unsigned bit) {
    for (const char c : bytes) {
        std::uint8_t& of = bits[static_cast<unsigned char>(c)];
        of = static_cast<std::uint8_t>(of | bit);
    }
}

constexpr std::array<std::uint8_t, 256> kNow = [] {
    std::array<std::uint8_t, 256> bits{};
    mark(bits, "|&$<>{}\\=`~%#*@", kAlone);
    mark(bits, "(", kCall);
    mark(bits, "-", kOption);
    mark(bits, "/", kPath);
    mark(bits, ".%", kUp);
    mark(bits, "%\\&", kEscape);
    mark(bits, "{<@[#", kOpener);
    mark(bits, ";|&`", kSplice);
    return bits;
}();

constexpr std::array<std::uint8_t, 256> kBefore = [] {
    std::array<std::uint8_t, 256> bits{};
    bits.fill(kAlone | kPath | kEscape | kOpener | kSplice);
    for (std::size_t i = 0; i < 26; ++i) {
        bits['a' + i] = bits['A' + i] = kAlone | kCall | kEscape | kOpener | kSplice;
    }
    mark(bits, " \n\t-", kOption);
    mark(bits, ".%", kUp);
    return bits;
}();

// Which of the bits stand in the text.
std::uint8_t first_look(std::string_view text) {
    static_assert(kNow['a'] == 0 && kNow['Z'] == 0 && kNow[' '] == 0 && kNow[','] == 0);
    const char* const bytes = text.data();
    std::uint8_t seen = kNow[static_cast<unsigned char>(bytes[0])];
    const auto look = [&](std::size_t i) {
        seen |= static_cast<std::uint8_t>(kNow[static_cast<unsigned char>(bytes[i])] &
                                          kBefore[static_cast<unsigned char>(bytes[i - 1])]);
    };
    std::size_t at = 1;
    for (; at + kProseBlock <= text.size(); at += kProseBlock) {
        for (std::uint64_t bits = unlike_prose(bytes + at); bits != 0; bits &= bits - 1) {
            look(at + static_cast<unsigned>(std::countr_zero(bits)));
        }
    }
    for (; at < text.size(); ++at) {
        look(at);
    }
    // "%2e" is a way up wherever it stands.
    return (seen & kEscape) != 0 ? static_cast<std::uint8_t>(seen | kUp) : seen;
}

std::string lower_case(std::string_view text) {
    std::string lower(text.size(), '\0');
    std::size_t i = 0;
    const __m128i below = _mm_set1_epi8('A' - 1);
    const __m128i above = _mm_set1_epi8('Z' + 1);
    for (; i + sizeof(__m128i) <= text.size(); i += sizeof(__m128i)) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + i));
        const __m128i upper =
            _mm_and_si128(_mm_cmpgt_epi8(bytes, below), _mm_cmplt_epi8(bytes, above));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(lower.data() + i),
                         _mm_or_si128(bytes, _mm_and_si128(upper, _mm_set1_epi8(0x20))));
    }
    for (; i < text.size(); ++i) {
        lower[i] = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + 32) : text[i];
    }
    return lower;
}

void find_all(std::string_view lower, std::uint8_t seen, std::vector<Detected>& found) {
    CodeScan scan(lower, found);
    find_anchored(scan);
    if ((seen & kOpener) != 0) {
        find_templates(scan);
        find_shuffled(scan);
    }
    if ((seen & kUp) != 0) {
        find_traversal(scan);
    }
    find_filters(scan);
    find_disguises(scan);
    find_injection(scan, (seen & kSplice) != 0);
    find_shell(scan);
}

// Whether some semicolon of the text stands as in no sentence: not between a word and a blank, or
// before the name of a command.
bool parts_commands(std::string_view text) {
    for (std::size_t at = text.find(';'); at != std::string_view::npos;
         at = text.find(';', at + 1)) {
        if (at == 0 || !is_letter(text[at - 1]) || at + 2 >= text.size() || text[at + 1] != ' ' ||
            !is_letter(text[at + 2])) {
            return true;
        }
        std::size_t end = at + 2;
        while (end < text.size() && end - at < kMaxNextWord && is_name(text[end])) {
            ++end;
        }
        if (command_bits(lower_case(text.substr(at + 2, end - at - 2))) != 0) {
            return true;
        }
    }
    return false;
}

// What a short text without any sign of code may still be: a command and its arguments, or what
// breaks out of a quotation.
bool begins_as_code(std::string_view text) {
    const std::size_t start = std::min(text.find_first_not_of(" \t\n"), text.size());
    if (start < text.size() && !is_letter(text[start])) {
        return true;
    }
    std::size_t end = start;
    while (end < text.size() && end - start < kMaxFirstWord && is_name(text[end])) {
        ++end;
    }
    const std::string first = lower_case(text.substr(start, end - start));
    return text.find('"') != std::string_view::npos || is_anchor(first) ||
           command_bits(first) != 0 || !windows_rules(first).empty();
}

void find_in_part(std::string_view text, std::vector<Detected>& found) {
    const std::uint8_t seen = first_look(text);
    const bool worth = (seen & kUnlikeProse) != 0 ||
                       ((seen & kSplice) != 0 && parts_commands(text)) ||
                       (text.size() <= kShortBytes && begins_as_code(text));
    if (!worth) {
        return;
    }
    std::string lower = lower_case(text);
    find_all(lower, seen, found);
    if ((seen & kEscape) == 0) {
        return;
    }
    std::vector<std::uint32_t> origins;
    std::string decoded;
    for (int i = 0; i < kMaxDecodings && decode_escapes(lower, decoded, origins); ++i) {
        const std::size_t first = found.size();
        find_all(decoded, first_look(decoded), found);
        for (std::size_t j = first; j < found.size(); ++j) {
            found[j].span = {origins[found[j].span.start],
                             std::max<std::size_t>(origins[found[j].span.end],
                                                   origins[found[j].span.start] + 1U)};
        }
        lower.swap(decoded);
    }
}

// The parts of a long text are cut where a line ends, or anywhere.
std::size_t part_end(std::string_view text, std::size_t at) {
    const std::size_t end = std::min(text.size(), at + kPartBytes);
    if (end == text.size()) {
        return end;
    }
    const std::size_t from = end - kPartBytes / 4;
    const std::size_t line = text.substr(from, end - from).rfind('\n');
    return line != std::string_view::npos ? from + line + 1 : end;
}

// What a part costs to read: code costs many times what prose does, and its signs tell.
std::size_t work_of(std::string_view part) {
    std::size_t signs = 0;
    for (const char c : part) {
        signs += kSign.has(c) ? 1U : 0U;
    }
    return part.size() / kBytesOfWork + signs;
}

}  // namespace

bool find_code(std::string_view text, std::vector<Detected>& found) {
    if (text.empty()) {
        return true;
    }
    if (text.size() <= kWholeBytes) {
        find_in_part(text, found);
        score_silent_code(text, found);
        return true;
    }
    std::vector<ByteSpan> parts;
    for (std::size_t at = 0; at < text.size(); at = parts.back().end) {
        parts.push_back({at, part_end(text, at)});
    }
    // Both ends first, so that nothing between them hides what stands there.
    std::rotate(parts.begin() + 1, parts.end() - 1, parts.end());
    std::size_t work = 0;
    bool all = true;
    for (const ByteSpan& part : parts) {
        const std::string_view piece = text.substr(part.start, part.end - part.start);
        work += work_of(piece);
        if (part.start > 0 && part.end < text.size() && work > kMaxWork) {
            all = false;
            break;
        }
        const std::size_t first = found.size();
        find_in_part(piece, found);
        for (std::size_t i = first; i < found.size(); ++i) {
            found[i].span = {found[i].span.start + part.start, found[i].span.end + part.start};
        }
    }
    score_silent_code(text, found);
    return all;
}

}  // namespace credence::guard
