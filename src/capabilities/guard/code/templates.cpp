// Text that a template engine, an XML parser, a directory or an object reader would run.
#include <algorithm>

#include "capabilities/guard/code/anchors.h"
#include "capabilities/guard/code/needle_set.h"

namespace credence::guard {

namespace {

constexpr ByteSet kOpening("{<@[#");
constexpr std::size_t kExpressionBytes = 400;
constexpr std::size_t kOpenBytes = 100;  // of an expression that is not closed
constexpr std::size_t kTinyBytes = 40;   // of a probe
constexpr std::size_t kShortTemplateBytes = 300;

// 7*7, 7*'7', 4+4: two literals, so that the answer shows that somebody computes.
bool is_literal_sum(std::string_view text) {
    std::size_t at = 0;
    const auto skip = [&] {
        while (at < text.size() && (is_blank(text[at]) || is_quote_sign(text[at]))) {
            ++at;
        }
    };
    const auto number = [&] {
        skip();
        const std::size_t from = at;
        while (at < text.size() && is_digit(text[at])) {
            ++at;
        }
        const bool any = at > from && at - from < 10;
        skip();
        return any;
    };
    if (!number() || at >= text.size() ||
        std::string_view("*+-").find(text[at]) == std::string_view::npos) {
        return false;
    }
    ++at;
    return number() && at >= text.size();
}

// Names that lead from any value to the machine.
constexpr auto kWaysOutNames = std::to_array<std::string_view>({
    "__class__",
    "__globals__",
    "__subclasses__",
    "__mro__",
    "__builtins__",
    "__import__",
    "__init__.",
    "|attr(",
    "| attr(",
    ".mro()",
    ".getclass(",
    "getruntime",
    "java.lang",
    "t(java",
    ".forname(",
    "processbuilder",
    "scriptengine",
    "os.system",
    "os.popen",
    "popen(",
    ".subclasses()",
    "_self.env",
    "registerundefinedfilter",
    "freemarker",
    "?new()",
    "filter('system",
    "map('system",
    "filter(\"system",
    "|filter('",
    "sort('system",
    "'options':'system'",
    "system(",
    "shell_exec",
    "passthru(",
    "exec(",
    "constructor.constructor",
    "['constructor']",
    "file.open(",
    "io.popen",
    "file.read(",
    "dir.entries",
    "`id",
    "`cat",
    "`uname",
    "`ls ",
    "`ls`",
    "`whoami`",
    "/etc/passwd",
    "%x(",
    "%x{",
    "get_user_file(",
    "dump(app",
    "request.application",
    "self._templateref",
    "config.items",
    "config.iteritems",
    "settings.secret_key",
    "config.from_",
    "app.request",
    "lipsum.",
    "cycler.",
    "joiner.",
    "namespace.__",
    "url_for.",
    "get_flashed_messages.",
    "class.forname",
    "class.getresource",
    "file_get_contents(",
    "child_process",
    "process.mainmodule",
    "global.process",
    "require('child",
    "beans.factory",
    "#rt",
    "@java.lang",
    "#_memberaccess",
    "ognl",
    "servletcontext",
    "systemproperties",
    "sleep(",
    "phpinfo(",
    "print(md5(",
    "reflection",
    "eval(",
    "kernel.",
    "erlang",
    ":os.cmd",
    "os.cmd(",
    "inspect.os",
    "linecache.os",
    "session.getclass",
    "$smarty.",
    "smarty.",
    "{php}",
    "self.template",
    "self.module",
    "new file(",
    "new url(",
    ".tourl()",
    "new/**/",
    ".execute()",
    "get_admin_log",
    "signer.key",
});
constexpr NeedleSet kWaysOut(kWaysOutNames);

// Looks for names that lead out in stretches of one text that begin further and further on, and
// reads no byte of overlapping stretches twice.
class WayOut {
public:
    bool in(std::string_view code) {
        const char* const begin = code.data();
        std::size_t from = 0;
        if (begin >= free_from_ && begin < free_to_) {
            const auto known = static_cast<std::size_t>(free_to_ - begin);
            from = known - std::min(known, kWaysOut.longest() - 1);
        }
        if (kWaysOut.in(code, from)) {
            return true;
        }
        if (from == 0) {
            free_from_ = begin;
            free_to_ = begin + code.size();
        }
        free_to_ = std::max(free_to_, begin + code.size());
        return false;
    }

private:
    const char* free_from_ = nullptr;  // none lies within [free_from_, free_to_)
    const char* free_to_ = nullptr;
};

struct Opener {
    std::string_view open;
    std::string_view close;
    bool statement;  // ordinary in programs, so only names that lead out count
};

constexpr Opener kOpeners[] = {
    {"{{", "}}", false},       {"${", "}", false},   {"#{", "}", false},  {"*{", "}", false},
    {"@{", "}", false},        {"<%", "%>", false},  {"{%", "%}", true},  {"[[", "]]", true},
    {"{php}", "{/php}", true}, {"@(", ")", false},   {"~{", "}", true},   {"[#", "]", true},
    {"<#", ">", true},         {"#set(", ")", true}, {"{${", "}", false}, {"{$", "}", true},
};

void look_at_expression(CodeScan& scan, std::size_t at, const Opener& opener, WayOut& way_out) {
    const std::size_t from = at + opener.open.size();
    const std::string_view rest = scan.text.substr(from, kExpressionBytes);
    const std::size_t close = rest.find(opener.close);
    std::string_view code = rest.substr(0, close == std::string_view::npos ? kOpenBytes : close);
    if (opener.open == "@(" && code.size() > 120) {
        return;
    }
    while (!code.empty() && (code[0] == '=' || code[0] == '-' || code[0] == '{' || code[0] == '$' ||
                             code[0] == ' ')) {
        code.remove_prefix(1);
    }
    if (!opener.statement && close != std::string_view::npos && is_literal_sum(code)) {
        scan.add(Detector::template_injection, at, from + close + opener.close.size(), 0.7);
        return;
    }
    const std::string_view trimmed = code.substr(0, code.find_last_not_of(' ') + 1);
    if (opener.open == "{{" && scan.text.size() < kTinyBytes &&
        is_any(trimmed, "config", "self", "request", "settings", "session", "app", "_self")) {
        scan.add(Detector::template_injection, at, from + code.size(), 0.5);
        return;
    }
    const bool method = opener.open == "{{" && !code.empty() && is_quote_sign(code[0]) &&
                        has_any(code.substr(0, 30), "'.", "\".") &&
                        code.find('(') != std::string_view::npos;
    if (method && close != std::string_view::npos) {
        scan.add(Detector::template_injection, at, from + close, 0.55);
        return;
    }
    const std::string_view line = code.substr(0, code.find("\n\n"));
    const bool in_script = opener.open == "${" && scan.text.size() > kShortTemplateBytes &&
                           !has_any(line, "__", "java.lang", "getruntime", "t(java");
    if (!in_script && way_out.in(line)) {
        scan.add(Detector::template_injection, at, from + std::min<std::size_t>(code.size(), 120),
                 0.7);
    }
    if (opener.open == "${" &&
        starts_any(code, "lower:", "upper:", "env:", "::-", "sys:", "jndi", "date:'") &&
        has_any(scan.around(at, 40, 160), "}ndi", "j}", "j:-", "jndi", "${::-", ":-j}", "ldap",
                "rmi:")) {
        scan.add(Detector::unsafe_deserialisation, at, from + 20, 0.85);
    }
}

}  // namespace

void find_templates(CodeScan& scan) {
    const std::string_view text = scan.text;
    WayOut way_out;
    std::size_t at = kOpening.find_in(text);
    while (at != std::string_view::npos && at + 1 < text.size() && !scan.full()) {
        if (text[at] == '<' && text.size() <= kShortTemplateBytes &&
            starts_any(text.substr(at, 12), "<!--#echo", "<!--#include", "<!--#exec",
                       "<!--#printenv", "<!--#config", "<!--#fsize", "<!--#flastmod", "<!--#set")) {
            scan.add(Detector::template_injection, at, at + 9, 0.6);
        }
        std::size_t begin = at;
        if (text[at] == '{' && at > 0 &&
            std::string_view("$#*@~").find(text[at - 1]) != std::string_view::npos) {
            begin = at - 1;
        }
        for (const Opener& opener : kOpeners) {
            if (text[begin] == opener.open[0] && text.substr(begin).starts_with(opener.open)) {
                look_at_expression(scan, begin, opener, way_out);
                break;
            }
        }
        if (scan.has(Detector::template_injection)) {
            return;
        }
        const bool twice = text[at + 1] == text[at];
        at = kOpening.find_in(text, at + (twice ? 2 : 1));
    }
}

void look_at_walk(CodeScan& scan, const Word& word) {
    const std::string_view near = scan.around(word.start, 60, 60);
    const bool strong =
        is_any(word.text, "__subclasses__", "__globals__", "__mro__", "__bases__", "subclasses");
    const bool chained =
        has_any(near, "__class__", ".__init__", "__builtins__", "().", "\"\".", "''.", "[].");
    if (is_any(word.text, "mainmodule", "getruntime")) {
        const bool runs = has_any(near, "child_process", "exec(");
        const bool odd = word.text == "mainmodule" || has_any(near, "@java", "t(java", "forname");
        if (runs && odd && scan.text.size() <= kShortTemplateBytes) {
            scan.add(Detector::template_injection, word.start, word.end, 0.6);
        }
        return;
    }
    const bool out = has_any(near, "popen", "system", "__builtins__", "[", "import", "eval", "os.");
    if (strong && chained && out) {
        scan.add(Detector::template_injection, word.start, word.end, 0.65);
    }
}

void look_at_lookup(CodeScan& scan, const Word& word) {
    const std::string_view rest = scan.text.substr(word.end, 12);
    if (starts_any(rest, ":ldap", ":rmi", ":dns", ":iiop", ":${", ":nis", ":corba", "}:", "}${")) {
        scan.add(Detector::unsafe_deserialisation, word.start, word.end + 6, 0.9);
    }
}

void look_at_entity(CodeScan& scan, const Word& word) {
    if (!scan.around(word.start, 2, 0).ends_with("<!")) {
        return;
    }
    const std::string_view rest = scan.text.substr(word.end, 300);
    const std::string_view declaration = rest.substr(0, rest.find('>'));
    const bool outside = has_any(declaration, " system ", " public ", "system'", "system\"");
    const bool nested = declaration.find("&") != std::string_view::npos &&
                        declaration.find(';') != std::string_view::npos &&
                        declaration.find('&', declaration.find(';')) != std::string_view::npos;
    const bool parameter = declaration.find(" % ") != std::string_view::npos && has_any(rest, "%");
    if (outside || nested ||
        (parameter && has_any(declaration, "&#x25", "&#37", "file:", "http"))) {
        scan.add(Detector::xml_entity, word.start, word.end + declaration.size(), 0.75);
    }
}

void look_at_include(CodeScan& scan, const Word& word) {
    const std::string_view rest = scan.text.substr(word.end, 40);
    if (starts_any(rest, "://filter", "://input", "://stdin") && word.text == "php") {
        scan.add(Detector::path_traversal, word.start, word.end + 9, 0.7);
    } else if (is_any(word.text, "expect", "phar", "zip", "glob", "dict", "gopher", "netdoc") &&
               rest.starts_with("://")) {
        scan.add(Detector::path_traversal, word.start, word.end + 3, 0.5);
    } else if (word.text == "file" && rest.starts_with(":/") &&
               has_any(rest, "/etc/", "/proc/", "c:/windows", "/root", "boot.ini", "/.ssh")) {
        scan.add(Detector::path_traversal, word.start, word.end + 12, 0.65);
    } else if (is_any(word.text, "_get", "_post", "_request", "_cookie") && rest.starts_with("[")) {
        const std::string_view before = scan.around(word.start, 60, 0);
        const bool calls =
            has_any(before, "system(", "exec(", "passthru(", "eval(", "assert(", "include(",
                    "popen(", "preg_replace(", "include ", "include_once(", "{$", "require(");
        if (calls || scan.text.size() < 60) {
            scan.add(Detector::program_execution, word.start, word.end, calls ? 0.75 : 0.45);
        }
    } else if (word.text == "exec" &&
               scan.around(word.start, 8, 0).find("<!--#") != std::string_view::npos) {
        scan.add(Detector::shell_injection, word.start, word.end, 0.8);
    } else if (word.text == "meta" && rest.starts_with("-data/iam")) {
        scan.add(Detector::shell_secrets, word.start, word.end, 0.6);
    }
}

// A value that closes the filter it stands in, and opens another: *)(uid=*))(|(uid=*
void find_filters(CodeScan& scan) {
    if (scan.text.size() > kShortTemplateBytes * 4) {
        return;
    }
    for (std::size_t at = scan.text.find(")("); at != std::string_view::npos;
         at = scan.text.find(")(", at + 2)) {
        const std::string_view before = scan.text.substr(0, at);
        const auto opened = std::count(before.begin(), before.end(), '(');
        const auto closed = std::count(before.begin(), before.end(), ')');
        const std::string_view rest = scan.text.substr(at + 2, 40);
        const bool filter = starts_any(rest, "&", "|", "!") ||
                            (rest.find('=') < 24 && rest.find(' ') > rest.find('='));
        const bool value = at == 0 || scan.text[at - 1] == '*' || is_name(scan.text[at - 1]) ||
                           scan.text[at - 1] == ')';
        if (opened <= closed && filter && value && at < 60) {
            scan.add(Detector::query_injection, at, at + 4, 0.65);
            return;
        }
    }
    // All of them hold one of these.
    if (scan.text.find('$') == std::string_view::npos &&
        scan.text.find(".password") == std::string_view::npos) {
        return;
    }
    if (const std::size_t at = scan.text.find("_$$nd_func$$_"); at != std::string_view::npos) {
        scan.add(Detector::unsafe_deserialisation, at, at + 13, 0.7);
        return;
    }
    // {$gt: ''}: all that a value is, is a condition.
    const std::size_t sign = scan.text.find('$');
    if (scan.text.size() < kTinyBytes * 2 && sign != std::string_view::npos && sign > 0 &&
        std::string_view("{ \"'").find(scan.text[sign - 1]) != std::string_view::npos &&
        scan.text[scan.text.find_first_not_of(' ')] == '{' &&
        starts_any(scan.text.substr(sign + 1), "gt", "ne", "regex", "where", "nin", "exists", "lt",
                   "or:", "or\"")) {
        scan.add(Detector::query_injection, sign, sign + 4, 0.55);
        return;
    }
    for (const std::string_view operation :
         {"[$ne]", "[$gt]", "[$regex]", "[$exists]", "[$nin]", "\"$gt\":\"\"", "\"$gt\": \"\"",
          "\"$ne\":null", "\"$ne\": null", "\"$ne\":\"\"", "\"$ne\": \"\"", "\"$ne\":1}",
          "\"$ne\": 1}", "'$ne': null", "'$gt': ''", "\"$where\":", "'$where':", "$where: '",
          "this.password"}) {
        if (const std::size_t at = scan.text.find(operation); at != std::string_view::npos) {
            scan.add(Detector::query_injection, at, at + operation.size(), 0.55);
            return;
        }
    }
}

}  // namespace credence::guard
