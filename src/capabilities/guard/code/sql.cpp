// SQL that was put into somebody else's statement: conditions that are always true, second
// statements, UNION, delays. A whole statement of its own is ordinary.
#include <algorithm>

#include "capabilities/guard/code/anchors.h"

namespace credence::guard {

namespace {

constexpr std::size_t kShortQueryBytes = 160;  // a text that is all payload
constexpr std::size_t kNear = 200;

// Past blanks, parentheses, plus signs and comments that stand for blanks.
std::size_t skip_gaps(const CodeScan& scan, std::size_t at) {
    for (int i = 0; i < 24; ++i) {
        const char c = scan.at(at);
        if (is_blank(c) || c == '(' || c == '+' || c == '!' || c == '~') {
            ++at;
        } else if (c == '/' && scan.at(at + 1) == '*' && scan.text.substr(at, 40).find("*/") < 40) {
            at += scan.text.substr(at, 40).find("*/") + 2;
        } else {
            break;
        }
    }
    return at;
}

struct Operand {
    bool literal = false;
    bool open = false;    // a quote that the rest of the statement is to close
    bool letter = false;  // a single bare letter
    std::size_t end = 0;
    std::string_view text;
};

Operand operand_at(const CodeScan& scan, std::size_t at) {
    Operand operand;
    std::size_t end = at;
    const char c = scan.at(at);
    if (is_quote_sign(c)) {
        ++end;
        while (end < scan.text.size() && end - at < 40 && scan.text[end] != c &&
               scan.text[end] != '\n') {
            ++end;
        }
        const bool closed = scan.at(end) == c;
        operand.text = scan.text.substr(at + 1, end - at - 1);
        operand.literal = closed || end >= scan.text.size() || is_blank(scan.at(end));
        operand.open = !closed;
        operand.end = end + (closed ? 1 : 0);
        return operand;
    }
    while (end < scan.text.size() && end - at < 40 &&
           (is_name(scan.text[end]) || scan.text[end] == '.')) {
        ++end;
    }
    operand.text = scan.text.substr(at, end - at);
    operand.end = end;
    operand.letter = operand.text.size() == 1 && is_letter(c);
    operand.literal = is_digit(c) || is_any(operand.text, "true", "false", "null");
    return operand;
}

bool is_comment_at(const CodeScan& scan, std::size_t at) {
    at = skip_gaps(scan, at);
    while (scan.at(at) == ')' || scan.at(at) == ';' || is_quote_sign(scan.at(at)) ||
           scan.at(at) == ' ') {
        ++at;
    }
    const std::string_view rest = scan.text.substr(std::min(at, scan.text.size()), 3);
    return starts_any(rest, "--", "#", "/*", "%23", "%00");
}

// The byte before the word, blanks and parentheses skipped; 0 at the start of the text.
char sign_before(const CodeScan& scan, std::size_t at) {
    for (int i = 0; i < 12 && at > 0; ++i) {
        const char c = scan.text[at - 1];
        if (!is_blank(c) && c != '+' && c != '(' && c != '/' && c != '*') {
            return c;
        }
        --at;
    }
    return at == 0 ? '\0' : ' ';
}

bool is_breakout(char c) {
    return is_quote_sign(c) || c == ')' || c == '%' || c == '\0' || c == ';';
}

bool is_whole(const CodeScan& scan) {
    return scan.text.size() <= kShortQueryBytes;
}

// `<operator> <operand>` after the first operand.
Operand compared_with(const CodeScan& scan, std::size_t at) {
    at = skip_gaps(scan, at);
    while (scan.at(at) == ')') {
        at = skip_gaps(scan, at + 1);
    }
    const std::string_view rest = scan.text.substr(std::min(at, scan.text.size()), 8);
    for (const std::string_view sign :
         {"<=>", "==", "!=", "<>", ">=", "<=", "=", "<", ">", "like ", "regexp ", "in ", "is "}) {
        if (rest.starts_with(sign)) {
            return operand_at(scan, skip_gaps(scan, at + sign.size()));
        }
    }
    return {};
}

}  // namespace

void look_at_logic(CodeScan& scan, const Word& word) {
    const char before = sign_before(scan, word.start);
    const std::size_t at = skip_gaps(scan, word.end);
    const Operand left = operand_at(scan, at);
    const bool out = is_breakout(before) || is_digit(before);
    const bool or_word = is_any(word.text, "or", "xor", "having", "rlike");
    if (left.text.empty() && !left.literal) {
        return;
    }
    const Operand right = compared_with(scan, left.end);
    if (left.literal && right.literal && right.end > 0) {
        const bool ended =
            right.open || is_comment_at(scan, right.end) || right.end + 2 >= scan.text.size();
        const bool certain = or_word && (out || ended);
        if (certain || (out && (ended || is_whole(scan)))) {
            scan.add(Detector::sql_injection, word.start, right.end, certain ? 0.75 : 0.6);
        }
        return;
    }
    if (right.end > 0 && is_whole(scan) && out && left.letter && right.letter) {
        scan.add(Detector::sql_injection, word.start, right.end, 0.5);
        return;
    }
    const bool truth = is_any(left.text, "true", "1") && is_comment_at(scan, left.end);
    const bool quotes =
        is_quote_sign(before) && left.literal && left.text.empty() && is_whole(scan);
    const bool probing = is_quote_sign(before) && is_whole(scan) && is_comment_at(scan, left.end);
    if (truth || quotes || (probing && or_word)) {
        scan.add(Detector::sql_injection, word.start, left.end, 0.6);
    }
    const std::string_view after = scan.text.substr(at, 60);
    if (out &&
        has_any(after, "(select", "substring(", "ascii(", "length(", "count(", "exists(", "mid(",
                "substr(", "@@version", "version(") &&
        (is_whole(scan) || is_quote_sign(before)) && before != '\0') {
        scan.add(Detector::sql_injection, word.start, at + 20, 0.6);
    } else if (before == '\0' && starts_any(after, "select ", "substring(", "(select")) {
        scan.add(Detector::sql_injection, word.start, at + 20, 0.6);
    }
}

void look_at_union(CodeScan& scan, const Word& word) {
    std::size_t at = skip_gaps(scan, word.end);
    if (starts_any(scan.text.substr(std::min(at, scan.text.size()), 9), "all", "distinct")) {
        at = skip_gaps(scan, at + (scan.text[at] == 'a' ? 3 : 8));
    }
    if (!scan.text.substr(std::min(at, scan.text.size()), 6).starts_with("select")) {
        return;
    }
    const std::string_view list = scan.text.substr(at + 6, 160);
    const std::string_view before = scan.around(word.start, kNear, 0);
    const char sign = sign_before(scan, word.start);
    const bool second = before.find("select") != std::string_view::npos;
    const bool probing = has_any(list, "null,", "null--", "@@", "user()", "database()", "version()",
                                 "information_schema", "concat(", "char(", "1,2", "1, 2", "0x",
                                 "sqlite_master", "load_file", "'a','", "group_concat");
    const bool gaps =
        scan.text.substr(word.start, at - word.start).find("/*") != std::string_view::npos;
    if ((!second && (is_breakout(sign) || is_digit(sign))) || probing || gaps ||
        is_comment_at(scan, at + 7)) {
        scan.add(Detector::sql_injection, word.start, at + 6, 0.75);
    }
}

void look_at_order(CodeScan& scan, const Word& word) {
    const std::size_t by = skip_gaps(scan, word.end);
    if (!scan.text.substr(std::min(by, scan.text.size()), 2).starts_with("by")) {
        return;
    }
    const Operand column = operand_at(scan, skip_gaps(scan, by + 2));
    const char before = sign_before(scan, word.start);
    const bool number = !column.text.empty() && is_digit(column.text[0]);
    if (number && is_breakout(before) && before != ')' && before != ';' &&
        (before != '\0' || is_whole(scan)) &&
        (is_comment_at(scan, column.end) || column.end + 2 >= scan.text.size())) {
        scan.add(Detector::sql_injection, word.start, column.end, 0.55);
    }
}

void look_at_statement(CodeScan& scan, const Word& word) {
    // A statement put together in a variable: declare @s … exec(@s)
    if (word.text == "exec" && starts_any(scan.text.substr(skip_gaps(scan, word.end)), "@")) {
        const std::string_view head = scan.around(word.start, kNear, 0);
        if (has_any(head, "0x", "char(", "declare @") && scan.text.size() < 2 * kNear) {
            scan.add(Detector::sql_injection, word.start, word.end + 3, 0.6);
        }
    }
    std::size_t at = word.start;
    while (at > 0 && is_blank(scan.text[at - 1]) && word.start - at < 8) {
        --at;
    }
    if (at == 0 || scan.text[at - 1] != ';') {
        return;
    }
    const char before = sign_before(scan, at - 1);
    const std::string_view after = scan.text.substr(word.end, 100);
    const std::string_view line = after.substr(0, after.find('\n'));
    const bool object =
        has_any(line, "table", "database", "from", "into", "set ", "xp_", "user", "select", "@",
                "sp_", "shutdown", "with", "delay", "procedure", "where") ||
        word.text == "shutdown";
    const bool ended = has_any(line, "--", "#", "/*") && line.size() < 90;
    if (object && (is_quote_sign(before) || (ended && (before == ')' || is_digit(before))))) {
        const std::string_view head = scan.around(at - 1, kNear, 0);
        const bool whole_statement =
            has_any(head, "insert into", "values", "select ", "update ", "create ");
        if (!whole_statement || ended || is_whole(scan)) {
            scan.add(Detector::sql_injection, word.start, word.end + 20,
                     whole_statement ? 0.5 : 0.75);
        }
    }
}

void look_at_delay(CodeScan& scan, const Word& word) {
    const std::size_t at = scan.skip_blanks(word.end);
    const char next = scan.at(at);
    if (word.text == "waitfor") {
        if (scan.text.substr(at, 5) == "delay") {
            scan.add(Detector::sql_injection, word.start, at + 5, 0.75);
        }
        return;
    }
    if (next != '(' || at - word.end > 1) {
        return;
    }
    if (word.text != "sleep") {
        const std::string_view arguments = scan.text.substr(at, 40);
        const bool timed =
            word.text == "pg_sleep" || has_any(arguments, "0000", "md5", "sha1", "encode(");
        if (timed) {
            scan.add(Detector::sql_injection, word.start, at + 8, 0.7);
        }
        return;
    }
    const std::string_view before = scan.around(word.start, 14, 0);
    const std::size_t close = scan.text.substr(at, 30).find(')');
    const bool ended = close != std::string_view::npos && is_comment_at(scan, at + close + 1);
    const bool inside = has_any(before, "or ", "and ", "select", "'||", "&&", "|| ", "||", "by ",
                                "' ", "if(", "\" ", "/*");
    if ((inside && !before.ends_with(".")) || (ended && is_whole(scan) && before.size() < 12)) {
        scan.add(Detector::sql_injection, word.start, at + 4, 0.7);
    }
}

namespace {

// Tables and functions that describe the database itself.
bool is_catalogue(std::string_view word) {
    return is_any(word, "pg_shadow", "sysusers", "sysobjects", "syscolumns", "sysxlogins",
                  "sysdummy1", "syscat", "sysibm", "current_setting", "openrowset", "all_tables",
                  "user_tables", "pg_user", "dba_users");
}

}  // namespace

void look_at_database(CodeScan& scan, const Word& word) {
    const char next = scan.at(word.end);
    if (word.text == "program") {
        const std::string_view head = scan.around(word.start, 60, 0);
        if (has_any(head, "copy ") && (head.ends_with("from ") || head.ends_with("to ")) &&
            is_quote_sign(scan.at(scan.skip_blanks(word.end)))) {
            scan.add(Detector::sql_injection, word.start, word.end, 0.7);
        }
        return;
    }
    if (is_any(word.text, "pg_ls_dir", "pg_read_file", "pg_read_binary_file", "lo_import",
               "lo_export", "dbms_java", "load_extension", "sp_addsrvrolemember")) {
        scan.add(Detector::sql_injection, word.start, word.end, 0.6);
        return;
    }
    if (is_catalogue(word.text)) {
        if (is_whole(scan)) {
            scan.add(Detector::sql_injection, word.start, word.end, 0.5);
        }
        return;
    }
    if (word.text == "version") {
        if (is_whole(scan) && scan.around(word.start, 2, 0) == "@@") {
            scan.add(Detector::sql_injection, word.start, word.end, 0.5);
        }
        return;
    }
    if (word.text == "infile") {
        if (scan.around(word.start, 12, 0).ends_with("load data ") && is_whole(scan)) {
            scan.add(Detector::sql_injection, word.start, word.end, 0.42);
        }
        return;
    }
    if (word.text == "information_schema" || word.text == "sqlite_master") {
        const std::string_view before = scan.around(word.start, kNear, 0);
        if (before.find("union") != std::string_view::npos ||
            sign_before(scan, word.start) == '\0') {
            scan.add(Detector::sql_injection, word.start, word.end, 0.6);
        }
        return;
    }
    if (is_any(word.text, "outfile", "dumpfile")) {
        const std::size_t at = scan.skip_blanks(word.end);
        if (is_quote_sign(scan.at(at)) &&
            scan.around(word.start, 8, 0).find("into") != std::string_view::npos &&
            has_any(scan.text.substr(at, 80), ".php", ".jsp", ".asp", "/var/www", "/tmp",
                    "c:", "/etc")) {
            scan.add(Detector::sql_injection, word.start, word.end, 0.7);
        }
        return;
    }
    if (is_any(word.text, "xp_cmdshell", "xp_dirtree", "xp_regread", "sp_oacreate", "utl_http",
               "dbms_ldap", "dbms_pipe")) {
        scan.add(Detector::sql_injection, word.start, word.end, 0.7);
        return;
    }
    if (next == '(') {
        const std::string_view arguments = scan.text.substr(word.end, 80);
        if (has_any(arguments, "0x", "concat", "select", "/etc", "~", "c:", "rand(", "version")) {
            scan.add(Detector::sql_injection, word.start, word.end, 0.7);
        }
    }
}

}  // namespace credence::guard
