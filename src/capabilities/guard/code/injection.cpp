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
constexpr std::size_t kMaxValueBytes = 16;  // before the quote that ends it
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

// NAME= or NAME=" and nothing else: what stands in backticks is its value.
bool is_assignment(std::string_view before) {
    std::size_t end = 0;
    while (end < before.size() && is_name(before[end])) {
        ++end;
    }
    const std::string_view rest = before.substr(end);
    return end > 0 && is_any(rest, "=", "=\"", "='");
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
    if (before.empty() || !first || (text[at] == '`' && is_assignment(before)) ||
        command_bits(command_word(before)) != 0 || before.ends_with("\\")) {
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

// The next quote opens a value: a blank or an operator stands before it.
bool opens_again(std::string_view text, char quote) {
    const std::size_t at = text.find(quote);
    return at != std::string_view::npos && at > 0 &&
           std::string_view(" =(,|+<>").find(text[at - 1]) != std::string_view::npos;
}

// x' or …   '; select …   ") union …: the text closes a value and goes on in SQL, so that its
// quotes do not pair or the rest is cut off by a comment.
bool breaks_a_statement(std::string_view text) {
    std::size_t at = text.find_first_of("'\"");
    if (at > kMaxValueBytes || text.substr(0, at).find(' ') != std::string_view::npos) {
        return false;
    }
    const char quote = text[at];
    while (at < text.size() &&
           std::string_view("'\") ;,").find(text[at]) != std::string_view::npos) {
        ++at;
    }
    std::size_t end = at;
    while (end < text.size() && is_letter(text[end])) {
        ++end;
    }
    const std::string_view word = text.substr(at, end - at);
    const bool goes_on = is_any(word, "or", "and", "union", "having", "group", "order", "grant",
                                "select", "insert", "exec", "execute", "begin", "drop") ||
                         is_any(word, "update", "delete", "shutdown", "where", "like", "declare",
                                "desc", "alter", "create", "truncate", "limit", "procedure");
    const bool cut =
        has_any(text.substr(text.size() - std::min<std::size_t>(text.size(), 4)), "--", "#", "/*");
    const bool odd = std::count(text.begin(), text.end(), quote) % 2 == 1;
    return goes_on &&
           (odd || cut || (text.starts_with(quote) && opens_again(text.substr(1), quote))) &&
           end < text.size() &&
           (is_blank(text[end]) || text[end] == '(' || text[end] == '/' || text[end] == '+');
}

// '><x …   --></y><x: the text closes an element that it does not belong to, and opens another.
bool breaks_an_element(std::string_view text) {
    const std::size_t close = text.find('>');
    const std::size_t open = close == std::string_view::npos ? close : text.find('<', close);
    if (open == std::string_view::npos || close > kMaxValueBytes || open > close + 3 ||
        open + 2 >= text.size() || !(is_letter(text[open + 1]) || text[open + 1] == '/')) {
        return false;
    }
    const std::string_view head = text.substr(0, close);
    return head.find('<') == std::string_view::npos && !head.empty() &&
           (is_quote_sign(head.back()) || head.ends_with("--") || head.ends_with("/")) &&
           head.find(' ') == std::string_view::npos;
}

// uni/**/on: a comment where no programmer puts one.
bool hides_in_comments(std::string_view text) {
    const std::size_t at = text.find("/**/");
    return at != std::string_view::npos && at > 0 && at + 4 < text.size() &&
           is_letter(text[at - 1]) && is_letter(text[at + 4]);
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
    if (whole && text.size() < 160) {
        // A statement cut off after a quote: admin'--
        const auto quotes = std::count(text.begin(), text.end(), '\'');
        const auto doubles = std::count(text.begin(), text.end(), '"');
        const bool cut = text.ends_with("--") || text.ends_with("-- -") || text.ends_with("#") ||
                         text.ends_with("/*");
        const std::size_t last = text.find_last_of("'\"");
        if (cut && (quotes + doubles) % 2 == 1 && text.size() < 100 && text.size() < 60 &&
            text.size() - last <= 7) {
            scan.add(Detector::sql_injection, 0, scan.text.size(), 0.55);
        }
        if (quotes + doubles > 0 && breaks_a_statement(text)) {
            scan.add(Detector::sql_injection, 0, scan.text.size(), 0.6);
        }
        if (hides_in_comments(text)) {
            scan.add(Detector::sql_injection, 0, scan.text.size(), 0.55);
        }
        if (breaks_an_element(text)) {
            scan.add(Detector::script_injection, 0, scan.text.size(), 0.55);
        }
        const bool one_path = text.size() < 100 && text.find(' ') == std::string_view::npos &&
                              text.size() > 6 && is_any(text.substr(0, 1), "/", "c", ".");
        const std::uint32_t target = one_path ? target_of(text) : 0U;
        if (one_path && ((target & (kTargetAccounts | kTargetSecret)) != 0 ||
                         starts_any(text, "/proc/self", "/var/log/"))) {
            scan.add(Detector::path_traversal, 0, scan.text.size(), 0.5);
        }
    }
}

}  // namespace credence::guard
