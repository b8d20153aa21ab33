// The pattern database against RE2::Set: rows of guard_bench.
#pragma once

#include <string_view>

// Registers automaton/… over text repeated to size.
void register_automata(std::string_view text);
