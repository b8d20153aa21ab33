// Commands added to a value: the text opens, or a parameter goes on, with a separator and a
// command; and whole texts that are nothing but a probe.
#include <algorithm>

#include "capabilities/guard/code/commands.h"
#include "capabilities/guard/code/scan.h"
#include "capabilities/guard/code/targets.h"

namespace credence::guard {

namespace {

constexpr ByteSet kSeparators(";|&`");
constexpr std::size_t kShortCommandBytes = 400;
constexpr std::size_t kMaxSeparators = 512;
constexpr std::uint32_t kProbing =
    kReveals | kWaits | kReads | kFetches | kConnects | kInterprets | kPrints | kRuled;

std::string_view command_word(std::string_view text) {
    std::size_t end = 0;
    while (end < text.size() && end < 40 && !starts_any(text.substr(end, 2), "\\n", "\\r") &&
           (is_name(text[end]) ||
            std::string_view("/.-\\:*?").find(text[end]) != std::string_view::npos)) {
        ++end;
    }
    return text.substr(0, end);
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_blank(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

bool is_command_at(std::string_view rest, std::uint32_t wanted) {
    const std::string_view name = command_word(trimmed(rest.substr(0, 60)));
    return !name.empty() && (command_bits(name) & wanted) != 0;
}

// ; id   | ls   && whoami   ` id `   $( id )   \nid   %0aid   ' | id   a);id
bool opens_with_separator(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size() && at < 4 &&
           std::string_view("'\") ").find(text[at]) != std::string_view::npos) {
        ++at;
    }
    const bool quoted = at > 0 && (text[0] == '\'' || text[0] == '"');
    std::string_view rest = text.substr(at);
    bool separated = false;
    while (!rest.empty()) {
        if (std::string_view(";|&`\n").find(rest[0]) != std::string_view::npos) {
            rest.remove_prefix(1);
            separated = true;
        } else if (starts_any(rest, "$(", "\\n", "\\r")) {
            rest.remove_prefix(2);
            separated = true;
        } else if (starts_any(rest, "%0a", "%0d", "%3b", "%7c", "%26")) {
            rest.remove_prefix(3);
            separated = true;
        } else if (rest[0] == ' ') {
            rest.remove_prefix(1);
        } else {
            break;
        }
    }
    if (is_any(rest, "", "'", "\"")) {
        return false;
    }
    return (separated && is_command_at(rest, kProbing | kCopies | kRemoves | kSearches | kWraps)) ||
           (quoted && !separated && rest.size() < 12 && is_command_at(rest, kReveals));
}

// Texts that are one call of a function that runs commands.
bool is_bare_call(std::string_view text) {
    while (!text.empty() && std::string_view(";|&: {$@`").find(text[0]) != std::string_view::npos) {
        text.remove_prefix(1);
    }
    for (const std::string_view call :
         {"system(", "exec(", "passthru(", "shell_exec(", "eval(", "phpinfo(", "popen(",
          "phpversion(", "assert(", "print(md5(", "sleep(", "sysinfo"}) {
        if (text.starts_with(call)) {
            const std::string_view rest = text.substr(call.size());
            return text.size() < 160 && text.find('\n') == std::string_view::npos &&
                   (rest.empty() || is_quote_sign(rest[0]) || rest[0] == ')' || is_digit(rest[0]) ||
                    call == "print(md5(") &&
                   !has_any(rest, " + ", "* ");
        }
    }
    return false;
}

// value;command  value|command|  value`command`: no blank before the separator, an unknown word
// before it.
bool is_spliced(std::string_view text, std::size_t at) {
    const std::string_view rest = text.substr(at + 1, 80);
    std::size_t begin = at;
    while (begin > 0 && at - begin < 60 && !is_blank(text[begin - 1]) && text[begin - 1] != '\n') {
        --begin;
    }
    const std::string_view before = text.substr(begin, at - begin);
    const bool first = begin == 0 || before.find_first_of("?=&") != std::string_view::npos;
    if (before.empty() || !first || command_bits(command_word(before)) != 0 ||
        before.ends_with("\\")) {
        return false;
    }
    const bool tight = !rest.empty() && !is_blank(rest[0]);
    const bool probes = is_command_at(rest, kReveals | kWaits) ||
                        (tight && is_command_at(rest, kReads | kFetches | kConnects));
    const std::string_view name = command_word(trimmed(rest));
    const bool full_path = starts_any(name, "/bin/", "/usr/bin/");
    const bool known_first = before.find('.') != std::string_view::npos ||
                             before.find_first_of("=*)%\"'") != std::string_view::npos ||
                             before.size() <= 12;
    return known_first && (probes || full_path || has_any(rest, "/etc/passwd", "/etc/shadow"));
}

// name(){ name|name& };name
std::size_t fork_bomb_at(std::string_view text) {
    for (std::size_t at = text.find("()"), i = 0;
         at != std::string_view::npos && i < kMaxSeparators; at = text.find("()", at + 2), ++i) {
        std::size_t begin = at;
        while (begin > 0 && at - begin < 12 &&
               (is_name(text[begin - 1]) || text[begin - 1] == ':' || text[begin - 1] == '.')) {
            --begin;
        }
        const std::string_view name = text.substr(begin, at - begin);
        const std::string_view body = text.substr(at + 2, 40);
        const std::size_t pipe = body.find('|');
        if (name.empty() || pipe == std::string_view::npos ||
            body.find('&') == std::string_view::npos) {
            continue;
        }
        const std::string_view before = trimmed(body.substr(0, pipe));
        if (before.ends_with(name) && trimmed(body.substr(pipe + 1)).starts_with(name)) {
            return begin;
        }
    }
    return std::string_view::npos;
}

}  // namespace

void find_injection(CodeScan& scan, bool parted) {
    const std::string_view text = trimmed(scan.text.substr(0, kShortCommandBytes));
    const bool whole = scan.text.size() <= kShortCommandBytes;
    if (whole && (opens_with_separator(text) || is_bare_call(text))) {
        scan.add(Detector::shell_injection, 0, scan.text.size(), 0.65);
    }
    if (const std::size_t shock = scan.text.find("() {");
        shock != std::string_view::npos && has_any(scan.text.substr(shock, 14), ":;}", ":; }")) {
        scan.add(Detector::shell_injection, shock, shock + 10, 0.9);
    }
    if (const std::size_t bomb = fork_bomb_at(scan.text); bomb != std::string_view::npos) {
        scan.add(Detector::shell_exhaustion, bomb, bomb + 12, 0.9);
    }
    std::size_t looked = 0;
    for (std::size_t at = parted ? kSeparators.find_in(scan.text) : std::string_view::npos;
         at != std::string_view::npos && ++looked < kMaxSeparators;
         at = kSeparators.find_in(scan.text, at + 1)) {
        const bool in_url = !whole && scan.around(at, 80, 0).find('=') != std::string_view::npos &&
                            scan.around(at, 80, 0).find_first_of("?&") != std::string_view::npos;
        if ((whole || in_url) && at > 0 && is_spliced(scan.text, at)) {
            scan.add(Detector::shell_injection, at, at + 12, 0.6);
            break;
        }
    }
    if (whole && text.size() < 100) {
        // A statement cut off after a quote: admin'--
        const auto quotes = std::count(text.begin(), text.end(), '\'');
        const auto doubles = std::count(text.begin(), text.end(), '"');
        const bool cut = text.ends_with("--") || text.ends_with("-- -") || text.ends_with("#") ||
                         text.ends_with("/*");
        const std::size_t last = text.find_last_of("'\"");
        if (cut && (quotes + doubles) % 2 == 1 && text.size() < 60 && text.size() - last <= 7) {
            scan.add(Detector::sql_injection, 0, scan.text.size(), 0.55);
        }
        const bool one_path = text.find(' ') == std::string_view::npos && text.size() > 6 &&
                              is_any(text.substr(0, 1), "/", "c", ".");
        const std::uint32_t target = one_path ? target_of(text) : 0U;
        if (one_path && ((target & (kTargetAccounts | kTargetSecret)) != 0 ||
                         starts_any(text, "/proc/self", "/var/log/"))) {
            scan.add(Detector::path_traversal, 0, scan.text.size(), 0.5);
        }
    }
}

}  // namespace credence::guard
