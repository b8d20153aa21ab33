// Words of shell commands: the second half of ShellReader.
#include "capabilities/guard/code/shell_reader.h"

#include <algorithm>
#include <array>
#include <utility>

#include "capabilities/guard/code/commands.h"
#include "capabilities/guard/code/scan.h"
#include "capabilities/guard/code/targets.h"

namespace credence::guard {

namespace {

constexpr ByteSet kBreaks(" \t\n|;&`$(>");
constexpr ByteSet kCommandSigns("|;&`$>\n");
constexpr ByteSet kVariable("$?*{");

// Kinds of bytes in a word that ask for a closer look.
constexpr std::uint8_t kStop = 1;      // ends a plain word, or is undone
constexpr std::uint8_t kPathSign = 2;  // without such a byte a word names no target
constexpr std::uint8_t kOdd = 4;       // of kVariable
constexpr std::uint8_t kDollar = 8;    // names a variable
constexpr std::uint8_t kAnything = 0xFF;

constexpr std::array<std::uint8_t, 256> kSigns = [] {
    std::array<std::uint8_t, 256> signs{};
    const auto mark = [&](std::string_view bytes, std::uint8_t kind) {
        for (const char c : bytes) {
            std::uint8_t& sign = signs[static_cast<unsigned char>(c)];
            sign = static_cast<std::uint8_t>(sign | kind);
        }
    };
    mark(" \t\n\r|;&()<>`'\"\\$", kStop);
    mark("/.\\:~%@_$-", kPathSign);
    mark("$?*{", kOdd);
    mark("$", kDollar);
    return signs;
}();

bool is_assignment(std::string_view word) {
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos || equals == 0 || !is_letter(word[0])) {
        return false;
    }
    return std::all_of(word.begin(), word.begin() + static_cast<std::ptrdiff_t>(equals), is_name);
}

bool is_cron_field(std::string_view word) {
    return !word.empty() && word.size() <= 12 &&
           word.find_first_not_of("0123456789*/,-") == std::string_view::npos;
}

// Whether commands may stand in a string.
bool is_worth_nesting(std::string_view inside) {
    const std::size_t sign = kBreaks.find_in(inside);
    if (sign == std::string_view::npos || inside.size() < 4) {
        return false;
    }
    if (kCommandSigns.find_in(inside) != std::string_view::npos) {
        return true;
    }
    const std::size_t start = inside.find_first_not_of(' ');
    const std::string_view first = inside.substr(std::min(start, inside.size() - 1), 40);
    return command_bits(first.substr(0, first.find(' '))) != 0 ||
           first.find('=') != std::string_view::npos;
}

// No path of Windows, no variable: its backslashes hide nothing.
bool is_plain_start(std::string_view word) {
    return word.size() > 40 || word.find_first_of(":%.$") == std::string_view::npos;
}

}  // namespace

std::size_t ShellReader::quoted_part(std::size_t at, const Frame& frame, ShellWord& word) {
    const char quote = text_[at];
    const std::size_t close = closing(at + 1, quote, frame.end);
    if (close >= frame.end) {
        return at + 1;
    }
    const std::string_view inside = text_.substr(at + 1, close - at - 1);
    const bool whole = at == word.start && (close + 1 >= frame.end || ends_word(text_[close + 1]) ||
                                            text_[close + 1] == ',' || text_[close + 1] == ']');
    word.quoted = word.quoted || whole;
    undone_.back().append(inside.substr(0, 300));
    const bool letter_before = at > word.start && is_name(text_[at - 1]);
    const bool letter_after = close + 1 < frame.end && is_name(text_[close + 1]);
    word.joins = static_cast<std::uint8_t>(
        word.joins + ((letter_before || letter_after) && inside.size() <= 3 &&
                              std::all_of(inside.begin(), inside.end(), is_name)
                          ? 1
                          : 0));
    if (is_worth_nesting(inside)) {
        nested(at + 1, close, frame, false);
    }
    return close + 1;
}

std::size_t ShellReader::word_at(std::size_t at, const Frame& frame) {
    ShellWord word;
    word.start = static_cast<std::uint32_t>(at);
    if (undone_.size() > kMaxWords) {
        finish(frame, Link::follow);  // words point into undone_, which must not grow
    }
    // Most words have nothing to undo.
    std::size_t end = at;
    std::uint8_t signs = 0;
    while (end < frame.end && (kSigns[static_cast<unsigned char>(text_[end])] & kStop) == 0) {
        signs |= kSigns[static_cast<unsigned char>(text_[end])];
        ++end;
    }
    if (end > at && (end == frame.end || ends_word(text_[end]))) {
        word.end = command_.end = static_cast<std::uint32_t>(end);
        word.text = text_.substr(at, end - at);
        place(word, signs);
        return end;
    }
    bool rewritten = false;
    std::size_t plain = at;          // of what is not yet in the rewritten word
    undone_.reserve(kMaxWords + 8);  // at the first word of a region: none points into it yet
    undone_.emplace_back();
    while (at < frame.end && !ends_word(text_[at])) {
        const char c = text_[at];
        if (c == '\'' || c == '"') {
            undone_.back().append(text_.substr(plain, at - plain));
            at = quoted_part(at, frame, word);
            plain = at;
            rewritten = true;
        } else if (c == '\\' && at + 1 < frame.end && is_letter(text_[at + 1]) && at > word.start &&
                   is_letter(text_[at - 1]) &&
                   is_plain_start(text_.substr(word.start, at - word.start))) {
            undone_.back().append(text_.substr(plain, at - plain));
            plain = ++at;
            rewritten = true;
            word.joins = static_cast<std::uint8_t>(word.joins + 1);
        } else if (c == '$' && at + 1 < frame.end && text_[at + 1] == '(') {
            const std::size_t close = closing(at + 2, ')', frame.end);
            if (close < frame.end) {
                nested(at + 2, close, frame, true);
            }
            at = close < frame.end ? close + 1 : at + 2;
        } else if ((c == ',' || c == '[' || c == ']') && at + 1 < frame.end && rewritten) {
            break;
        } else {
            ++at;
        }
    }
    word.end = static_cast<std::uint32_t>(at);
    word.text = text_.substr(word.start, at - word.start);
    if (rewritten) {
        undone_.back().append(text_.substr(plain, at - plain));
        word.text = undone_.back();
    } else {
        undone_.pop_back();
    }
    if (at < frame.end && (text_[at] == ',' || text_[at] == ']' || text_[at] == '[')) {
        ++at;
    }
    command_.end = word.end;
    place(word, kAnything);
    return std::max<std::size_t>(at, word.start + 1U);
}

void ShellReader::place(ShellWord word, std::uint8_t signs) {
    while (word.text.starts_with("[")) {
        word.text.remove_prefix(1);
    }
    if (word.text.empty()) {
        return;
    }
    word.target = (signs & kPathSign) != 0 ? target_of(word.text) : 0U;
    word.target |= (signs & kDollar) != 0 ? variable_target(word.text) : 0U;
    command_.odd = command_.odd || word.joins > 0 ||
                   ((signs & kOdd) != 0 && word.text.size() < 60 &&
                    kVariable.find_in(word.text) != std::string_view::npos);
    if (std::exchange(redirecting_, false)) {
        if (command_.redirections.size() < 4) {
            command_.redirections.push_back({word, appending_, reading_});
        }
        return;
    }
    if (command_.words.empty()) {
        place_name(word);
        return;
    }
    // "run this: curl …", "please execute curl …": prose before a command is no command.
    constexpr std::uint32_t kTelling = kFetches | kRemoves | kInterprets | kConnects;
    const bool announced =
        !command_.words.back().quoted && command_.words.back().text.ends_with(":");
    const bool unknown = command_.bits == 0 && command_.wrapped == 0 &&
                         command_.words.size() < 12 && (command_.name_target & kTargetPath) == 0;
    if (unknown && !word.quoted && (announced || (command_bits(word.text) & kTelling) != 0)) {
        command_.words.clear();
        command_.arguments = 0;
        command_.start = word.start;
        place_name(word);
        return;
    }
    command_.arguments |= word.target;
    if (command_.words.size() < kMaxWords) {
        command_.words.push_back(word);
    }
}

void ShellReader::place_name(const ShellWord& word) {
    if (is_cron_field(word.text) || word.text == "@reboot") {
        ++cron_fields_;
        command_.looped = command_.looped || cron_fields_ >= 5;
        return;
    }
    if (!word.quoted && is_assignment(word.text)) {
        const std::size_t equals = word.text.find('=');
        remember(word.text.substr(0, equals), target_of(word.text.substr(equals + 1)));
        if (!command_.assigns) {
            command_.start = word.start;
        }
        command_.assigns = true;
        command_.assignments =
            text_.substr(command_.start, std::min<std::size_t>(word.end - command_.start, 300));
        return;
    }
    const std::uint32_t bits = command_bits(word.text);
    if (word.text.starts_with("-") && (command_.wrapped & kWraps) != 0) {
        return;  // an option of the wrapper
    }
    if ((bits & kKeyword) != 0 && !word.quoted) {
        command_.looped = command_.looped || word.text == "while" || word.text == "until";
        command_.start = word.end;
        return;
    }
    if (word.text == "$" || word.text == "#" || word.text == "-") {
        return;  // a prompt, a bullet
    }
    if ((bits & kWraps) != 0 && (bits & kReveals) == 0) {
        command_.wrapped |= bits;
        if ((bits & kRuled) == 0) {
            return;
        }
        command_.start = word.start;
        return;
    }
    if (!command_.assigns && command_.wrapped == 0) {
        command_.start = word.start;
    }
    command_.bits = bits;
    command_.name_target = word.target;
    command_.words.push_back(word);
}

}  // namespace credence::guard
