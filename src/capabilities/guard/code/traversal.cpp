// Ways up and out of a directory: ../ repeated, and the many ways to write it.
#include <algorithm>

#include "capabilities/guard/code/scan.h"

namespace credence::guard {

namespace {

constexpr ByteSet kDots(".%");
constexpr std::size_t kMaxSteps = 64;

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
        } else if (!rest.empty() && (rest[0] == '%' || rest[0] == '\\' || rest[0] == '&') &&
                   starts_any(rest, "%2e", "%252e", "%c0%ae", "%uff0e", "\\x2e", "&#46;")) {
            const std::size_t size = rest.starts_with("%2e")                                  ? 3
                                     : rest.starts_with("%252e") || rest.starts_with("&#46;") ? 5
                                     : rest.starts_with("\\x2e")                              ? 4
                                                                                              : 6;
            length += size;
            rest.remove_prefix(size);
            odd = true;
        } else {
            break;
        }
        ++dots;
    }
    if (dots < 2 || rest.empty() ||
        std::string_view("%0\\&;/").find(rest[0]) == std::string_view::npos) {
        return 0;
    }
    if (rest[0] == '/' && !rest.starts_with("//")) {
        encoded = encoded || odd || dots == 4;
        return length + 1;
    }
    for (const std::string_view separator :
         {"%252f", "%255c", "%c0%af", "%c1%9c", "%u2215", "%u2216", "%2f", "%5c", "0x2f", "0x5c",
          "\\x2f", "&#47;", ";/", "//", "\\/", "\\\\", "/", "\\"}) {
        if (rest.starts_with(separator)) {
            const bool plain = is_any(separator, "/", "\\", "\\\\");
            encoded =
                encoded || odd ||
                (!plain && (separator[0] == '%' || separator[0] == '0' || separator == ";/")) ||
                (dots == 4) || separator == "\\x2f" || separator == "&#47;" ||
                (separator == "//" && dots == 4);
            return length + separator.size();
        }
    }
    return 0;
}

}  // namespace

void find_traversal(CodeScan& scan) {
    const std::string_view text = scan.text;
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
        if (encoded || null_byte || (steps >= 2 && target) || steps >= 6 ||
            (steps >= 1 && has_any(rest, "etc/passwd", "etc/shadow", "win.ini", "boot.ini"))) {
            scan.add(Detector::path_traversal, at, end + 8, encoded || target ? 0.7 : 0.5);
        }
        at = end;
    }
}

}  // namespace credence::guard
