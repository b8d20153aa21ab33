// unified/…: the whole inspection (rules, model, an empty threat memory's place) of texts never
// seen before. Registers google-benchmark cases; counters in microseconds.
#pragma once

#include <string_view>

// `prose` is repeated to size; the other texts are the benign rows of corpus/guard, joined.
void register_unified(std::string_view prose);
