// Words that announce something worth a look, and the looks. Each look reads a bounded stretch.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "capabilities/guard/code/scan.h"
#include "capabilities/guard/code/windows_rules.h"

namespace credence::guard {

enum class Anchor : std::uint8_t {
    none,
    logic,  // or, and, having, where
    union_select,
    order_by,
    statement,  // drop, delete, insert … when stacked
    delay,      // sleep, benchmark, waitfor
    database,   // functions and tables that only an intruder names
    dialogue,   // alert, confirm, prompt
    script_tag,
    script_url,  // javascript:, vbscript:
    address,     // src=, href= and their kin
    cookie,
    data_url,
    object_walk,  // __subclasses__ and its kin
    lookup,       // jndi
    entity,       // XML
    run_text,     // exec, eval
    power,        // PowerShell
    deserialise,
    shell_path,  // sh, bash …
    include,     // php://, expect://, shell variables of requests
};

// A word of the text: [start, end).
struct Word {
    std::size_t start;
    std::size_t end;
    std::string_view text;
};

// Whether the word, in lower case, announces something.
bool is_anchor(std::string_view word);

void look_at_logic(CodeScan& scan, const Word& word);
void look_at_union(CodeScan& scan, const Word& word);
void look_at_order(CodeScan& scan, const Word& word);
void look_at_statement(CodeScan& scan, const Word& word);
void look_at_delay(CodeScan& scan, const Word& word);
void look_at_database(CodeScan& scan, const Word& word);

void look_at_dialogue(CodeScan& scan, const Word& word);
void look_at_script_tag(CodeScan& scan, const Word& word);
void look_at_script_url(CodeScan& scan, const Word& word);
void look_at_address(CodeScan& scan, const Word& word);
void look_at_new_name(CodeScan& scan, const Word& word);  // a=eval;b=alert
void look_at_cookie(CodeScan& scan, const Word& word);
void look_at_data_url(CodeScan& scan, const Word& word);
void look_at_handler(CodeScan& scan, const Word& word);  // onclick= and every other on…=

void look_at_walk(CodeScan& scan, const Word& word);
void look_at_lookup(CodeScan& scan, const Word& word);
void look_at_entity(CodeScan& scan, const Word& word);
void look_at_deserialise(CodeScan& scan, const Word& word);
void look_at_include(CodeScan& scan, const Word& word);
void find_templates(CodeScan& scan);  // {{ … }}, ${ … }, <% … %> and others
void find_filters(CodeScan& scan);    // LDAP filters broken out of

void look_at_run(CodeScan& scan, const Word& word);
void look_at_power(CodeScan& scan, const Word& word);
// `rules`: of the word.
void look_at_windows(CodeScan& scan, const Word& word, std::span<const WindowsRule> rules);
void look_at_shell_path(CodeScan& scan, const Word& word);  // /bin/sh given to a program

}  // namespace credence::guard
