// Ways up and out of a directory: ../ repeated, and the many ways to write it.
#include <algorithm>

#include "capabilities/guard/code/scan.h"

namespace credence::guard {

namespace {

constexpr ByteSet kDots(".%");  // what a step up begins with; "0x2e" is looked for apart
constexpr std::size_t kMaxSteps = 64;
constexpr ByteSet kScrambled("./\\");
constexpr std::size_t kScrambleBytes = 400;

// Length of a dot written so as to be overlooked: escaped once or twice, or overlong in UTF-8.
std::size_t escaped_dot(std::string_view text) {
    if (text.empty() || std::string_view("%0\\&").find(text[0]) == std::string_view::npos) {
        return 0;
    }
    for (const std::string_view dot :
         {"%252e", "%25c0%25ae", "%c0%ae", "%c0%2e", "%c0.", "%e0%40%ae", "%e0%80%ae", "%uff0e",
          "%u002e", "%%32%65", "%2e", "0x2e", "\\x2e", "\\u002e", "&#46;", "&#x2e;"}) {
        if (text.starts_with(dot)) {
            return dot.size();
        }
    }
    return 0;
}

// Length of one "up" at `at`: two dots and a separator, however written. 0 if none. Sets `encoded`
// when it is written so as to be overlooked.
std::size_t step_at(std::string_view text, std::size_t at, bool& encoded) {
    std::string_view rest = text.substr(at, 24);
    std::size_t length = 0;
    bool odd = false;
    int dots = 0;
    while (dots < 4) {
        if (rest.starts_with(".")) {
            ++length;
            rest.remove_prefix(1);
        } else if (const std::size_t size = escaped_dot(rest); size > 0) {
            length += size;
            rest.remove_prefix(size);
            odd = true;
        } else {
            break;
        }
        ++dots;
    }
    if (dots < 2 || rest.empty() ||
        std::string_view("%02\\&;/").find(rest[0]) == std::string_view::npos) {
        return 0;
    }
    if (rest[0] == '/' && !rest.starts_with("//")) {
        encoded = encoded || odd || dots == 4;
        return length + 1;
    }
    for (const std::string_view separator :
         {"%252f",     "%255c",  "%25c0%25af", "%c0%af", "%c1%9c", "%c0%2f",  "%c0%5c", "%c1%1c",
          "%e0%80%af", "%u2215", "%u2216",     "%u002f", "%uefc8", "%uf025",  "%bg%qf", "%%32%66",
          "%2f",       "%5c",    "0x2f",       "0x5c",   "\\x2f",  "\\u002f", "&#47;",  "&#x2f;",
          "2f",        "5c",     ";/",         "//",     "\\/",    "\\\\",    "/",      "\\"}) {
        if (rest.starts_with(separator)) {
            const bool plain = is_any(separator, "/", "\\", "\\\\");
            encoded =
                encoded || odd ||
                (!plain && (separator[0] == '%' || separator[0] == '0' || separator[0] == '2' ||
                            separator[0] == '5' || separator == ";/")) ||
                (dots == 4) || separator.starts_with("\\x") || separator.starts_with("\\u") ||
                separator[0] == '&' || (separator == "//" && dots == 4);
            return length + separator.size();
        }
    }
    return 0;
}

// "/..///../", "/.\\/./": a run of dots and separators that no program writes.
void find_scramble(CodeScan& scan) {
    const std::string_view text = scan.text.substr(0, kScrambleBytes);
    std::size_t at = 0;
    while ((at = kScrambled.find_in(text, at)) != std::string_view::npos) {
        std::size_t end = at;
        std::size_t dots = 0;
        while (end < text.size() && kScrambled.has(text[end])) {
            dots += text[end] == '.' ? 1U : 0U;
            ++end;
        }
        const std::string_view run = text.substr(at, end - at);
        const std::size_t signs = run.size() - dots;
        const auto slashes = static_cast<std::size_t>(std::ranges::count(run, '/'));
        const bool both = slashes >= 2 && signs >= slashes + 2;
        const bool mixed = both || has_any(run, "..///", "..//.", "./.././");
        if (run.size() >= 7 && dots >= 3 && signs >= 3 && mixed) {
            scan.add(Detector::path_traversal, at, end, 0.55);
            return;
        }
        at = end;
    }
}

}  // namespace

void find_traversal(CodeScan& scan) {
    const std::string_view text = scan.text;
    find_scramble(scan);
    std::size_t at = 0;
    while (!scan.full()) {
        at = kDots.find_in(text, at);
        if (at == std::string_view::npos || at + 2 >= text.size()) {
            return;
        }
        if (text[at + 1] != '.' && text[at + 1] != '%' && text[at] != '%') {
            ++at;
            continue;
        }
        bool encoded = false;
        std::size_t end = at;
        std::size_t steps = 0;
        while (steps < kMaxSteps) {
            const std::size_t length = step_at(text, end, encoded);
            if (length == 0) {
                break;
            }
            end += length;
            ++steps;
        }
        if (steps == 0) {
            ++at;
            continue;
        }
        const std::string_view rest = text.substr(std::min(end, text.size()), 60);
        const bool target =
            starts_any(rest, "etc", "windows", "winnt", "boot.ini", "proc/", "root/", "var/log",
                       "home/", "win.ini", "inetpub", "web-inf", "wp-config", ".env", ".ssh",
                       ".aws", "%2f", "config/database", "usr/", "tmp/", "windows%", "etc%",
                       "secret", "password", ".htpasswd", "bin/");
        const bool null_byte = has_any(rest, "%00", "\\x00", "\\0");
        const bool alone = at <= 1 && text.find(' ') == std::string_view::npos;
        if (encoded || null_byte || (steps >= 3 && alone) || (steps >= 2 && target) || steps >= 6 ||
            (steps >= 1 && has_any(rest, "etc/passwd", "etc/shadow", "win.ini", "boot.ini"))) {
            scan.add(Detector::path_traversal, at, end + 8, encoded || target ? 0.7 : 0.5);
        }
        at = end;
    }
}

}  // namespace credence::guard
