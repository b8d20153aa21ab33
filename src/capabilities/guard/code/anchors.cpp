#include "capabilities/guard/code/anchors.h"

#include "capabilities/guard/code/program.h"
#include "capabilities/guard/code/word_table.h"

namespace credence::guard {

namespace {

using enum Anchor;
using AnchorEntry = WordEntry<Anchor>;

constexpr auto kWords = std::to_array<AnchorEntry>({
    {"or", logic},
    {"and", logic},
    {"xor", logic},
    {"having", logic},
    {"where", logic},
    {"rlike", logic},
    {"union", union_select},
    {"order", order_by},
    {"group", order_by},
    {"drop", statement},
    {"delete", statement},
    {"insert", statement},
    {"update", statement},
    {"truncate", statement},
    {"exec", run_text},
    {"execute", statement},
    {"shutdown", statement},
    {"alter", statement},
    {"create", statement},
    {"select", statement},
    {"declare", statement},
    {"sleep", delay},
    {"pg_sleep", delay},
    {"benchmark", delay},
    {"waitfor", delay},
    {"randomblob", delay},
    {"xp_cmdshell", database},
    {"xp_dirtree", database},
    {"xp_regread", database},
    {"sp_oacreate", database},
    {"utl_http", database},
    {"dbms_ldap", database},
    {"dbms_pipe", database},
    {"extractvalue", database},
    {"updatexml", database},
    {"load_file", database},
    {"outfile", database},
    {"dumpfile", database},
    {"information_schema", database},
    {"sqlite_master", database},
    {"group_concat", database},
    {"pg_shadow", database},
    {"sysusers", database},
    {"sysobjects", database},
    {"syscolumns", database},
    {"sysxlogins", database},
    {"sysdummy1", database},
    {"syscat", database},
    {"sysibm", database},
    {"current_setting", database},
    {"openrowset", database},
    {"all_tables", database},
    {"user_tables", database},
    {"pg_user", database},
    {"dba_users", database},
    {"version", database},
    {"infile", database},
    {"alert", dialogue},
    {"confirm", dialogue},
    {"prompt", dialogue},
    {"script", script_tag},
    {"javascript", script_url},
    {"vbscript", script_url},
    {"livescript", script_url},
    {"src", address},
    {"href", address},
    {"action", address},
    {"formaction", address},
    {"background", address},
    {"dynsrc", address},
    {"lowsrc", address},
    {"url", address},
    {"binding", address},
    {"scriptlet", address},
    {"cookie", cookie},
    {"data", data_url},
    {"__subclasses__", object_walk},
    {"__globals__", object_walk},
    {"__mro__", object_walk},
    {"__bases__", object_walk},
    {"subclasses", object_walk},
    {"jndi", lookup},
    {"entity", entity},
    {"eval", run_text},
    {"assert", run_text},
    {"system", run_text},
    {"passthru", run_text},
    {"shell_exec", run_text},
    {"popen", run_text},
    {"iex", power},
    {"powershell", power},
    {"pwsh", power},
    {"downloadstring", power},
    {"downloadfile", power},
    {"frombase64string", power},
    {"executionpolicy", power},
    {"mimikatz", power},
    {"mppreference", power},
    {"tcpclient", power},
    {"expression", power},
    {"amsiutils", power},
    {"virtualalloc", power},
    {"sekurlsa", power},
    {"encodedcommand", power},
    {"win32_shadowcopy", power},
    {"amsiinitfailed", power},
    {"aced0005", deserialise},
    {"ysoserial", deserialise},
    {"marshalsec", deserialise},
    {"transletbytecodes", deserialise},
    {"templatesimpl", deserialise},
    {"filesystemxmlapplicationcontext", deserialise},
    {"classpathxmlapplicationcontext", deserialise},
    {"__js_function", deserialise},
    {"typeconfusedelegate", deserialise},
    {"unserialize", deserialise},
    {"cpickle", deserialise},
    {"unsafeloader", deserialise},
    {"ruby", deserialise},
    {"mainmodule", object_walk},
    {"getruntime", object_walk},
    {"pg_ls_dir", database},
    {"pg_read_file", database},
    {"pg_read_binary_file", database},
    {"lo_import", database},
    {"lo_export", database},
    {"dbms_java", database},
    {"load_extension", database},
    {"sp_addsrvrolemember", database},
    {"export_set", database},
    {"make_set", database},
    {"program", database},
    {"objectdataprovider", deserialise},
    {"python", deserialise},
    {"__reduce__", deserialise},
    {"o", deserialise},
    {"scriptenginemanager", deserialise},
    {"pickle", deserialise},
    {"php", include},
    {"expect", include},
    {"phar", include},
    {"gopher", include},
    {"dict", include},
    {"file", include},
    {"_get", include},
    {"_post", include},
    {"_request", include},
    {"_cookie", include},
    {"meta", include},
    {"sh", shell_path},
    {"bash", shell_path},
    {"zsh", shell_path},
    {"dash", shell_path},
    {"ksh", shell_path},
    {"csh", shell_path},
    {"tcsh", shell_path},
    {"ash", shell_path},
});

constexpr WordTable kAnchorTable(kWords);
constexpr std::size_t kMaxWord = 64;

void look(CodeScan& scan, const Word& word, Anchor anchor) {
    switch (anchor) {
        case none:
            return;
        case logic:
            return look_at_logic(scan, word);
        case union_select:
            return look_at_union(scan, word);
        case order_by:
            return look_at_order(scan, word);
        case statement:
            return look_at_statement(scan, word);
        case delay:
            return look_at_delay(scan, word);
        case database:
            return look_at_database(scan, word);
        case dialogue:
            look_at_new_name(scan, word);
            return look_at_dialogue(scan, word);
        case script_tag:
            return look_at_script_tag(scan, word);
        case script_url:
            return look_at_script_url(scan, word);
        case address:
            return look_at_address(scan, word);
        case cookie:
            return look_at_cookie(scan, word);
        case data_url:
            return look_at_data_url(scan, word);
        case object_walk:
            return look_at_walk(scan, word);
        case lookup:
            return look_at_lookup(scan, word);
        case entity:
            return look_at_entity(scan, word);
        case run_text:
            look_at_new_name(scan, word);
            look_at_include(scan, word);
            look_at_statement(scan, word);
            return look_at_run(scan, word);
        case power:
            return look_at_power(scan, word);
        case deserialise:
            return look_at_deserialise(scan, word);
        case shell_path:
            return look_at_shell_path(scan, word);
        case include:
            return look_at_include(scan, word);
    }
}

}  // namespace

bool is_anchor(std::string_view word) {
    return kAnchorTable.find(word) != nullptr;
}

void find_anchored(CodeScan& scan) {
    const std::string_view text = scan.text;
    ProgramWatch programs(scan);
    std::size_t at = 0;
    while (at < text.size() && !scan.full()) {
        if (!is_name(text[at])) {
            ++at;
            continue;
        }
        const std::size_t start = at;
        while (at < text.size() && is_name(text[at])) {
            ++at;
        }
        if (at - start > kMaxWord) {
            if (text.substr(start, 5) == "ro0ab") {
                look_at_deserialise(scan, {start, start + 8, text.substr(start, 8)});
            }
            continue;
        }
        Word word{start, at, text.substr(start, at - start)};
        // 1or, 0x41 and: digits directly before a word belong to a value.
        while (word.text.size() > 1 && is_digit(word.text[0])) {
            ++word.start;
            word.text.remove_prefix(1);
        }
        if (const Anchor* anchor = kAnchorTable.find(word.text)) {
            look(scan, word, *anchor);
        }
        if (const auto rules = windows_rules(word.text); !rules.empty()) {
            look_at_windows(scan, word, rules);
        }
        if (const Deed deed = deed_of(word.text); deed != Deed::none) {
            programs.word(word, deed);
        }
        if (word.text.size() >= 4 && word.text[0] == 'o' && word.text[1] == 'n') {
            look_at_handler(scan, word);
        } else if (word.text.starts_with("ro0ab")) {
            look_at_deserialise(scan, word);
        }
    }
}

}  // namespace credence::guard
