// Words that announce something worth a look, and the looks. Each look reads a bounded stretch.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "capabilities/guard/code/scan.h"

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
    cookie,
    data_url,
    object_walk,  // __subclasses__ and its kin
    lookup,       // jndi
    entity,       // XML
    run_text,     // exec, eval
    power,        // PowerShell
    deserialise,
    include,  // php://, expect://, shell variables of requests
};

// A word of the text: [start, end).
struct Word {
    std::size_t start;
    std::size_t end;
    std::string_view text;
};

void look_at_logic(Scan& scan, const Word& word);
void look_at_union(Scan& scan, const Word& word);
void look_at_order(Scan& scan, const Word& word);
void look_at_statement(Scan& scan, const Word& word);
void look_at_delay(Scan& scan, const Word& word);
void look_at_database(Scan& scan, const Word& word);

void look_at_dialogue(Scan& scan, const Word& word);
void look_at_script_tag(Scan& scan, const Word& word);
void look_at_script_url(Scan& scan, const Word& word);
void look_at_cookie(Scan& scan, const Word& word);
void look_at_data_url(Scan& scan, const Word& word);
void look_at_handler(Scan& scan, const Word& word);  // onclick= and every other on…=

void look_at_walk(Scan& scan, const Word& word);
void look_at_lookup(Scan& scan, const Word& word);
void look_at_entity(Scan& scan, const Word& word);
void look_at_deserialise(Scan& scan, const Word& word);
void look_at_include(Scan& scan, const Word& word);
void find_templates(Scan& scan);  // {{ … }}, ${ … }, <% … %> and others
void find_filters(Scan& scan);    // LDAP filters broken out of

void look_at_run(Scan& scan, const Word& word);
void look_at_power(Scan& scan, const Word& word);

}  // namespace credence::guard
