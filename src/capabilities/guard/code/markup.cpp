// Script smuggled into markup: elements, handlers, addresses. A page that has scripts of its own is
// ordinary; what is told apart is probing, breaking out of a value, and stealing.
#include <algorithm>
#include <array>

#include "capabilities/guard/code/anchors.h"
#include "capabilities/guard/code/needle_set.h"

namespace credence::guard {

namespace {

constexpr std::size_t kShortScriptBytes = 240;
constexpr std::size_t kTagBytes = 240;
constexpr std::size_t kSchemeBytes = 120;

constexpr NeedleSet kScriptProbes(std::to_array<std::string_view>({"document.cookie",
                                                                   "string.fromcharcode",
                                                                   "eval(",
                                                                   "atob(",
                                                                   "\\u00",
                                                                   "&#",
                                                                   "javascript:",
                                                                   "constructor",
                                                                   "document.location=",
                                                                   "localstorage",
                                                                   "document.write('<",
                                                                   "document.domain",
                                                                   "xss",
                                                                   "fetch('http",
                                                                   "fetch(\"http",
                                                                   "fetch(`http",
                                                                   "fetch('//",
                                                                   "import('",
                                                                   "new image",
                                                                   "\\x6",
                                                                   "globalthis[",
                                                                   "window[",
                                                                   "self[",
                                                                   "top[",
                                                                   "$.getscript",
                                                                   "sendbeacon"}));

// What an intruder tries first, or hides behind.
bool is_probe(std::string_view code) {
    for (const std::string_view call : {"alert", "confirm", "prompt", "print"}) {
        const std::size_t at = code.find(call);
        if (at == std::string_view::npos) {
            continue;
        }
        std::string_view rest = code.substr(at + call.size());
        if (starts_any(rest, "`", "&", "\\", "%", "?.", ".call", ".apply", "/*", ")(")) {
            return true;
        }
        if (!rest.starts_with("(")) {
            continue;
        }
        rest.remove_prefix(1);
        while (!rest.empty() &&
               (is_quote_sign(rest[0]) || rest[0] == ' ' || rest[0] == '/' || rest[0] == '\\')) {
            rest.remove_prefix(1);
        }
        if (rest.empty() || is_digit(rest[0]) || rest[0] == ')' ||
            starts_any(rest, "document", "xss", "window", "self", "origin", "location",
                       "string.from", "test", "hacked", "pwn", "domain", "cookie", "&", "top",
                       "this", "svg", "poc", "bug")) {
            return true;
        }
    }
    return kScriptProbes.in(code);
}

// Between "<" and here no tag was closed.
bool is_inside_tag(const CodeScan& scan, std::size_t at) {
    const std::string_view before = scan.around(at, kTagBytes, 0);
    const std::size_t open = before.rfind('<');
    return open != std::string_view::npos && before.find("/>", open) == std::string_view::npos &&
           (before.find('>', open) == std::string_view::npos ||
            before.find("=\">", open) != std::string_view::npos) &&
           open + 1 < before.size() && before[open + 1] != ' ' && before[open + 1] != '=';
}

bool is_everyday_handler(std::string_view name) {
    return is_any(name, "onclick", "onchange", "onsubmit", "oninput", "onload", "onkeyup",
                  "onkeydown", "onmouseover", "onmouseout", "onkeypress", "onfocus", "onblur",
                  "ondblclick", "onselect", "onreset", "onscroll", "onresize");
}

// The text opens with the end of a value or an element that it does not belong to.
bool breaks_out(const CodeScan& scan, std::size_t tag) {
    const std::string_view before = scan.around(tag, 24, 0);
    const std::size_t trimmed = before.find_last_not_of(" \n\t");
    const std::string_view head =
        before.substr(0, trimmed == std::string_view::npos ? 0 : trimmed + 1);
    return head.ends_with("\">") || head.ends_with("'>") || head.ends_with("-->") ||
           has_any(head, "</title>", "</textarea>", "</style>", "</script>", "]]>",
                   "</noscript>") ||
           (tag <= 6 && (head.ends_with(">") || head.ends_with("'") || head.ends_with("\"")));
}

}  // namespace

void look_at_handler(CodeScan& scan, const Word& word) {
    const std::size_t equals = scan.skip_blanks(word.end);
    if (scan.at(equals) != '=' || scan.at(equals + 1) == '=' || word.start == 0) {
        return;
    }
    const char before = scan.text[word.start - 1];
    const bool quote_before =
        is_quote_sign(before) || is_quote_sign(scan.at(scan.back_blanks(word.start) - 1));
    if (!is_blank(before) && before != '/' && !is_quote_sign(before) && before != '\f' &&
        before != ';' && before != ',') {
        return;
    }
    const bool tag = is_inside_tag(scan, word.start) ||
                     scan.around(word.start, 40, 0).find("%3c") != std::string_view::npos;
    if (!tag && !(quote_before && scan.text.size() <= kShortScriptBytes)) {
        return;
    }
    const std::size_t start = scan.skip_blanks(equals + 1);
    const char quote = is_quote_sign(scan.at(start)) ? scan.at(start) : '\0';
    std::string_view value =
        scan.text.substr(std::min(start + (quote != 0 ? 1 : 0), scan.text.size()), 120);
    value = value.substr(0, quote != 0 ? value.find(quote) : value.find_first_of(" >\n"));
    const bool calls = has_any(value, "(", "`", "%28", "&lpar", "&#", "=", "\\");
    const bool short_text = scan.text.size() <= kShortScriptBytes;
    const bool odd = !is_everyday_handler(word.text) || before == '/' || quote == 0 ||
                     breaks_out(scan, word.start);
    if ((calls && is_probe(value)) || (calls && odd && short_text)) {
        scan.add(Detector::script_injection, word.start, start + value.size(),
                 is_probe(value) ? 0.7 : 0.55);
    } else if (odd && is_any(value.substr(0, 5), "alert", "javas", "confi", "promp")) {
        scan.add(Detector::script_injection, word.start, start + value.size(), 0.55);
    }
}

void look_at_script_tag(CodeScan& scan, const Word& word) {
    if (word.start == 0) {
        return;
    }
    const char before = scan.text[word.start - 1];
    const bool encoded =
        word.start >= 3 && (is_any(scan.text.substr(word.start - 3, 3), "%3c", "x3c", "&lt") ||
                            is_any(scan.around(word.start, 6, 0), "%uff1c", "\\u003c"));
    if (before != '<' && !encoded &&
        !(before == ';' && scan.around(word.start, 4, 0).starts_with("&lt"))) {
        return;
    }
    const std::string_view head = scan.text.substr(word.end, 200);
    const std::size_t open = head.find('>');
    const std::string_view attributes = head.substr(0, open);
    const bool out = breaks_out(scan, word.start - 1);
    const bool short_text = scan.text.size() <= kShortScriptBytes;
    if (open != std::string_view::npos) {
        std::string_view code = head.substr(open + 1);
        const std::size_t end = code.find("</scri");
        code = code.substr(0, end);
        if ((code.size() < 150 || short_text) && is_probe(code.substr(0, 150)) &&
            (short_text || out ||
             (end != std::string_view::npos && code.find('\n') == std::string_view::npos))) {
            scan.add(Detector::script_injection, word.start - 1, word.end + open, 0.75);
            return;
        }
    }
    const bool odd_source =
        has_any(attributes, "src=//", "src=data:", "src=\"data:", "src='data:", "/src=", "src=http",
                "src=\\\\", "xlink:href", "src=\"//", "evil", "xss", "attacker");
    const bool foreign = attributes.find("src") != std::string_view::npos &&
                         attributes.find("//") != std::string_view::npos;
    const bool fetches = short_text && foreign && scan.text.size() < 100;
    const bool probing = is_probe(attributes);
    if ((odd_source && (short_text || out)) || (foreign && out) || (fetches && out) || probing ||
        encoded) {
        scan.add(Detector::script_injection, word.start - 1, word.end, encoded ? 0.5 : 0.65);
    }
}

void look_at_script_url(CodeScan& scan, const Word& word) {
    std::size_t at = word.end;
    if (scan.at(at) != ':' &&
        !starts_any(scan.text.substr(at, 7), "&colon;", "&#58", "%3a", "&#x3a")) {
        return;
    }
    const std::string_view code = scan.text.substr(at + 1, 80);
    if (code.empty() || is_blank(code[0]) || is_quote_sign(code[0]) || code[0] == ';' ||
        starts_any(code, "void", "history.", "window.print", "window.close", "self.close",
                   "//\n")) {
        return;
    }
    if (has_any(code, "(", "`", "%28", "&lpar", "&#", "//", "\\")) {
        scan.add(Detector::script_injection, word.start, at + 8, is_probe(code) ? 0.7 : 0.5);
    }
}

void look_at_dialogue(CodeScan& scan, const Word& word) {
    const std::string_view call = scan.text.substr(word.start, 60);
    const bool probe = is_probe(call.substr(0, call.find('\n')));
    if (!probe) {
        return;
    }
    const char next = scan.at(word.end);
    if (next != '(' && next != '`' && next != '%' && next != '&' && next != '\\' && next != ')') {
        return;
    }
    const std::size_t at = scan.back_blanks(word.start);
    const char before = at == 0 ? '\0' : scan.text[at - 1];
    const std::string_view head = scan.around(at, 6, 0);
    const bool spliced = has_any(head, "';", "\";", "'-", "\"-", "'+", "\"+", "'|", "\"|", "')",
                                 "\")", "*/", "]}", "${", "{{", "=\"", "\";", "'}");
    const bool short_text = scan.text.size() <= kShortScriptBytes;
    if ((spliced && short_text) ||
        (short_text && (before == '\0' || before == ';' || before == '(' || before == '>' ||
                        before == '=' || before == ',' || before == '[' || before == '{'))) {
        scan.add(Detector::script_injection, word.start, word.end + 3, 0.55);
    }
}

// An address spelled so that a filter overlooks it: blanks, entities, backslashes within its
// scheme.
void look_at_address(CodeScan& scan, const Word& word) {
    const std::string_view before = scan.around(word.start, 5, 0);
    const bool short_text = scan.text.size() <= kShortScriptBytes;
    if (is_any(word.text, "binding", "scriptlet")) {
        if (short_text && (before == "-moz-" || before.ends_with("x-"))) {
            scan.add(Detector::script_injection, word.start, word.end, 0.55);
        }
        return;
    }
    std::size_t at = scan.skip_blanks(word.end);
    if (scan.at(at) != '=' && scan.at(at) != '(') {
        return;
    }
    at = scan.skip_blanks(at + 1);
    at += is_quote_sign(scan.at(at)) ? 1U : 0U;
    const std::string_view value = scan.text.substr(std::min(at, scan.text.size()), kSchemeBytes);
    std::array<char, 12> scheme{};
    std::size_t size = 0;
    std::size_t skipped = 0;
    for (std::size_t i = 0; i < value.size() && size < scheme.size();) {
        const std::string_view rest = value.substr(i);
        if (is_letter(rest[0]) || rest[0] == ':') {
            scheme[size++] = rest[0];
            ++i;
        } else if (is_blank(rest[0]) || static_cast<unsigned char>(rest[0]) < 32 ||
                   rest[0] == '\\') {
            ++i;
            ++skipped;
        } else if (rest[0] == '&' && rest.substr(0, 12).find(';') != std::string_view::npos) {
            i += rest.find(';') + 1;
            ++skipped;
        } else {
            break;
        }
    }
    const std::string_view spelled(scheme.data(), size);
    if (skipped > 0 && starts_any(spelled, "javascript:", "vbscript:", "livescript:")) {
        scan.add(Detector::script_injection, word.start, at + 8, 0.65);
    }
}

// A function that runs text, or shows that it ran, is given another name: a=eval;b=alert
void look_at_new_name(CodeScan& scan, const Word& word) {
    const std::size_t before = scan.back_blanks(word.start);
    // [8].every(confirm)
    const bool handed_on = before > 1 && scan.text[before - 1] == '(' &&
                           scan.at(scan.skip_blanks(word.end)) == ')' && word.text != "eval";
    if (scan.text.size() > kShortScriptBytes || before == 0 ||
        (scan.text[before - 1] != '=' && !handed_on) ||
        !is_any(word.text, "eval", "alert", "prompt", "confirm")) {
        return;
    }
    const char next = scan.at(scan.skip_blanks(word.end));
    if (next == ';' || next == ',' || next == '\0' || handed_on) {
        scan.add(Detector::script_injection, word.start, word.end, 0.6);
    }
}

void look_at_cookie(CodeScan& scan, const Word& word) {
    if (!scan.around(word.start, 12, 0).ends_with("document.") &&
        !scan.around(word.start, 14, 0).ends_with("document['")) {
        return;
    }
    const std::string_view near = scan.around(word.start, 140, 30);
    const bool sent =
        has_any(near, "http://", "https://", "'//", "\"//", "fetch(", "new image",
                "location=", "location.href", "sendbeacon", "xmlhttprequest", ".src") &&
        has_any(near, "+document.", "+ document.", "${document", "(document.cookie", "+escape(",
                "btoa(document", "encodeuricomponent(document");
    const bool shown = scan.text.size() <= kShortScriptBytes &&
                       has_any(near, "alert", "prompt", "<", "javascript:");
    if (sent || shown) {
        scan.add(Detector::script_injection, word.start, word.end, 0.65);
    }
}

void look_at_data_url(CodeScan& scan, const Word& word) {
    if (scan.at(word.end) != ':') {
        return;
    }
    const std::string_view rest = scan.text.substr(word.end + 1, 80);
    const char before = word.start == 0 ? '\0' : scan.text[word.start - 1];
    if (before != '\0' && before != '=' && !is_quote_sign(before) && before != ' ' &&
        before != '(') {
        return;
    }
    if (starts_any(rest, "text/html", "image/svg+xml", "application/x-javascript",
                   "text/javascript", ",", "application/xhtml", "text/xml") &&
        has_any(rest, "script", "base64,ph", "onload", "onerror", "alert", "base64,pc")) {
        scan.add(Detector::script_injection, word.start, word.end + 12, 0.6);
    }
}

}  // namespace credence::guard
