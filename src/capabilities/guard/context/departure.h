// Orders in data that have nothing to do with what the user asked for.
//
// A document or a tool's result is there to be read for a task. A clause of it that tells somebody
// to act (send, pay, delete, grant, buy, …) in a way that the task does not speak of departs from
// the task. How grave that is depends on the act and on what supports it: an address or account
// that the task does not name, private things as object, the model as addressee, a call to act
// first or secretly. Acts are compared by kind, so that a task in one language covers data in
// another.
//
// Known limits: a mail that asks its reader (the user) to do something looks the same as one that
// asks the assistant; such a clause alone stays below the shipped threshold for flagging unless it
// names an address or account that the task does not. A task that hands over the decision ("do what
// the mail says") discounts everything. Verbs of about twenty languages (departure_words.cpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "capabilities/guard/kinds.h"
#include "capabilities/guard/rules/analysis.h"

namespace credence::guard {

struct Departure {
    static constexpr std::string_view kTechnique = "task_departure";
    static constexpr std::string_view kRule = "context.task_departure";

    double score = 0;  // (0, 1)
    Severity severity = Severity::medium;
    ByteSpan span;         // of the original text: the clause
    std::size_t view = 0;  // of the analysis
    std::string_view act;  // "send", "pay", …: static text
};

// The gravest departure of `data` from `task`; nothing without a task, and nothing for texts that
// may give orders (user, assistant, system). Pure, thread-safe, linear; about 10 ns a byte.
std::optional<Departure> departure(const RuleSet& rules, const Analysis& data,
                                   std::string_view task, SourceKind source_kind);

}  // namespace credence::guard
