// Windows: PowerShell that hides, downloads or decodes what it runs; programs of the system that
// run code for an intruder, switch protection off, stay, or take secrets.
#include <algorithm>

#include "capabilities/guard/code/anchors.h"
#include "capabilities/guard/code/windows_rules.h"

namespace credence::guard {

namespace {

constexpr std::size_t kBeforeWindowsBytes = 160;
constexpr std::size_t kAfterWindowsBytes = 400;
constexpr std::size_t kMaxShuffled = 64;

// The line around the word, within the bounds above.
std::string_view line_around(const CodeScan& scan, const Word& word) {
    const std::string_view before = scan.around(word.start, kBeforeWindowsBytes, 0);
    const std::size_t from = before.rfind('\n');
    const std::size_t size = from == std::string_view::npos ? before.size() : before.size() - from;
    const std::string_view after = scan.text.substr(word.end, kAfterWindowsBytes);
    const std::size_t end = word.end + std::min(after.find('\n'), after.size());
    const std::size_t begin = word.start - (from == std::string_view::npos ? size : size - 1);
    return scan.text.substr(begin, end - begin);
}

// Whether the line holds one of the alternatives "a|b"; an empty list is no condition.
bool holds_one(std::string_view line, std::string_view alternatives) {
    if (alternatives.empty()) {
        return true;
    }
    while (!alternatives.empty()) {
        const std::size_t end = std::min(alternatives.find('|'), alternatives.size());
        if (line.find(alternatives.substr(0, end)) != std::string_view::npos) {
            return true;
        }
        alternatives.remove_prefix(std::min(end + 1, alternatives.size()));
    }
    return false;
}

}  // namespace

void look_at_windows(CodeScan& scan, const Word& word, std::span<const WindowsRule> rules) {
    const std::string_view line = line_around(scan, word);
    double confidence = 0;
    for (const WindowsRule& rule : rules) {
        if (rule.confidence > confidence && holds_one(line, rule.first) &&
            holds_one(line, rule.second)) {
            confidence = rule.confidence;
        }
    }
    if (confidence > 0) {
        scan.add(Detector::windows_attack, word.start, word.end, confidence);
    }
}

// "{1}{0}" -f 'ession','Expr': names put together from pieces out of order.
void find_shuffled(CodeScan& scan) {
    std::size_t looked = 0;
    for (std::size_t at = scan.text.find("}{");
         at != std::string_view::npos && ++looked < kMaxShuffled;
         at = scan.text.find("}{", at + 2)) {
        const bool numbered = at > 1 && is_digit(scan.text[at - 1]) && is_digit(scan.at(at + 2)) &&
                              (scan.text[at - 2] == '{' || is_digit(scan.text[at - 2]));
        const std::string_view after = scan.text.substr(at, 80);
        if (numbered && has_any(after, "\"-f", "\" -f", "'-f", "' -f")) {
            scan.add(Detector::windows_attack, at - 2, at + 4, 0.75);
            return;
        }
    }
}

// PowerShell: what is downloaded or decoded and run, what switches protection off.
void look_at_power(CodeScan& scan, const Word& word) {
    const std::string_view near = scan.around(word.start, 160, 240);
    const std::string_view after = scan.text.substr(word.end, 300);
    const std::string_view line = after.substr(0, after.find('\n'));
    const bool runs = has_any(near, "iex", "invoke-expression", "|iex", "start-process", "& (",
                              "::start", ".invoke(");
    double confidence = 0;
    if (is_any(word.text, "downloadstring", "downloadfile", "frombase64string")) {
        confidence = runs ? 0.85 : word.text == "downloadstring" ? 0.6 : 0.45;
    } else if (is_any(word.text, "mimikatz", "sekurlsa", "amsiutils", "amsiinitfailed")) {
        confidence =
            has_any(near, "invoke-", "::", "-dumpcreds", "privilege", "getfield", "iex") ? 0.85 : 0;
    } else if (word.text == "mppreference") {
        confidence = has_any(line, "disable", "exclusion") ? 0.8 : 0;
    } else if (word.text == "tcpclient") {
        confidence = has_any(near, "getstream", "new-object") ? 0.85 : 0;
    } else if (is_any(word.text, "powershell", "pwsh")) {
        const bool encoded = has_any(line, " -enc", " -e ", " -ec ", " -encodedcommand", " /enc");
        const bool hidden =
            has_any(line, "-w hidden", "-windowstyle hidden", "-w 1 ", "-nop", "-noni");
        const bool fetches = has_any(line, "downloadstring", "iwr ", "invoke-webrequest",
                                     "downloadfile", "iex", "irm ");
        confidence = encoded && line.size() > 24 ? 0.8
                     : hidden && fetches         ? 0.85
                     : fetches && runs           ? 0.75
                     : hidden                    ? 0.55
                                                 : 0;
    } else if (is_any(word.text, "iex", "expression")) {
        const bool called =
            word.text == "iex" || scan.around(word.start, 8, 0).ends_with("invoke-");
        confidence =
            called && has_any(near, "iwr", "irm", "invoke-webrequest", "invoke-restmethod", "http",
                              "webclient", "frombase64", "-join", "[char]", "replace")
                ? 0.8
                : 0;
    } else if (word.text == "win32_shadowcopy") {
        confidence = has_any(line, "delete") ? 0.85 : 0;
    } else if (word.text == "encodedcommand") {
        confidence = 0.6;
    }
    if (confidence > 0) {
        scan.add(Detector::windows_attack, word.start, word.end, confidence);
    }
}

}  // namespace credence::guard
