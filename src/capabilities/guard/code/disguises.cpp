// Spellings that no program and no person writes: bytes escaped so as to be no text, names cut
// apart for one shell or another.
#include "capabilities/guard/code/scan.h"

namespace credence::guard {

namespace {

constexpr std::size_t kMaxSigns = 256;  // looked at, of a kind
constexpr std::size_t kLeastCarets = 3;
constexpr std::size_t kShortNameBytes = 400;  // a text in which a name is looked at for cuts

bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f');
}

// Escaped bytes that occur in no UTF-8 (overlong forms of "." and "/"), escapes inside escapes, and
// escapes that are none but that some servers read.
bool is_overlong(std::string_view text) {
    if (starts_any(text, "%c0%", "%c1%", "%c0.", "%25c0%25", "%25c1%25", "%e0%80%a", "%e0%40%",
                   "%f0%80%80", "%f8%80", "%fc%80", "%bg%", "%uefc8", "%uf025") ||
        starts_any(text, "%u2215", "%u2216", "%uff0e", "%uff0f", "%uff1c")) {
        return true;
    }
    return text.size() > 5 && text[1] == '%' && is_hex(text[2]) && is_hex(text[3]) &&
           text[4] == '%' && (text[5] == '%' || is_hex(text[5]));
}

void find_overlong(CodeScan& scan) {
    std::size_t looked = 0;
    for (std::size_t at = scan.text.find('%'); at != std::string_view::npos && ++looked < kMaxSigns;
         at = scan.text.find('%', at + 1)) {
        if (is_overlong(scan.text.substr(at, 12))) {
            scan.add(Detector::path_traversal, at, at + 6, 0.6);
            return;
        }
    }
}

// p^o^w^e^r: the escape sign of the Windows shell between letters.
void find_carets(CodeScan& scan) {
    std::size_t looked = 0;
    for (std::size_t at = scan.text.find('^'); at != std::string_view::npos && ++looked < kMaxSigns;
         at = scan.text.find('^', at + 1)) {
        std::size_t carets = 0;
        std::size_t end = at;
        while (scan.at(end) == '^' && is_letter(scan.at(end + 1)) && carets < kLeastCarets) {
            ++carets;
            end += 2;
        }
        if (carets == kLeastCarets) {
            scan.add(Detector::windows_attack, at, end, 0.65);
            return;
        }
        at = end;
    }
}

// %programfiles:~10,-5%: a letter cut out of the value of a variable.
void find_cuttings(CodeScan& scan) {
    const std::size_t at = scan.text.find(":~");
    if (at == std::string_view::npos || at < 3) {
        return;
    }
    const std::string_view before = scan.around(at, 32, 0);
    const std::string_view after = scan.text.substr(at + 2, 12);
    const std::size_t open = before.rfind('%');
    if (open != std::string_view::npos && before.find(' ', open) == std::string_view::npos &&
        after.find('%') != std::string_view::npos && after.find(',') != std::string_view::npos) {
        scan.add(Detector::windows_attack, at - 1, at + 4, 0.5);
    }
}

// wh``oami, who$@ami, who$()ami: what stands for nothing, between the letters of a name.
void find_nothings(CodeScan& scan) {
    if (scan.text.size() > kShortNameBytes) {
        return;
    }
    for (const std::string_view nothing : {"``", "$@", "$()", "${}", "$*"}) {
        for (std::size_t at = scan.text.find(nothing); at != std::string_view::npos;
             at = scan.text.find(nothing, at + 1)) {
            if (at > 0 && is_letter(scan.text[at - 1]) && is_letter(scan.at(at + nothing.size()))) {
                scan.add(Detector::shell_obfuscated, at - 1, at + nothing.size() + 1, 0.6);
                return;
            }
        }
    }
}

}  // namespace

void find_disguises(CodeScan& scan) {
    find_overlong(scan);
    find_carets(scan);
    find_cuttings(scan);
    find_nothings(scan);
}

}  // namespace credence::guard
