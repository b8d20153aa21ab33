// Verbs of action, for task departure: which act a word stands for, in about twenty languages.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace credence::guard {

// Words of one act mean the same for the comparison of a task with data.
enum class Act : std::uint8_t {
    send,   // also forward, share, upload
    pay,    // also transfer
    erase,  // also cancel
    grant,  // also approve, unlock
    buy,
    publish,  // also rate, recommend
    open,     // also visit, click
    run,
    install,
    fetch,
    reply,
    call,  // a tool
    book,  // also create an entry
    invite,
    change,
    write,
    reveal,
};
inline constexpr std::size_t kActs = 17;

struct ActTraits {
    std::string_view name;
    double weight;  // of an order without any support
};
const ActTraits& traits_of(Act act);

// Of one word of normalised text, as it stands in an order ("send", "envie", "отправьте").
std::optional<Act> act_of(std::string_view word);
// Also inflected ("sending", "payments"): what a task speaks of.
std::optional<Act> act_spoken_of(std::string_view word);

struct ActPhrase {
    Act act = Act::send;
    std::size_t bytes = 0;
};
// An order that begins here, in a script whose orders do not begin a clause (Chinese, Japanese,
// Korean, Devanagari).
std::optional<ActPhrase> act_phrase_at(std::string_view text);

// Words before the verb of an order that leave it one ("please", "now", "you must").
enum class Lead : std::uint8_t {
    filler,
    model,    // "assistant", "ai"
    reader,   // "you"
    speaker,  // "i", "we": what follows is no order
    ability,  // "can", "may": an offer more than an order
};
std::optional<Lead> lead_of(std::string_view word);

// Behind a word that could be a verb, it makes a noun of it ("order number").
bool makes_noun(std::string_view word);

// Words of talk about attacks or of examples.
bool is_talk(std::string_view word);
// Private things: what an order should not touch.
bool is_private(std::string_view word);
// Of a task: it hands the decision to the data ("instructions", "todo").
bool hands_over(std::string_view word);

}  // namespace credence::guard
