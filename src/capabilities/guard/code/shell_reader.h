// Reads shell commands wherever they stand: in scripts, in strings of programs, in prose.
//
// A forgiving reader: words with quotes undone, operators, redirections, substitutions. The inside
// of quotes and substitutions is read again as commands of its own, to a depth of kMaxDepth, so the
// work is at most kMaxDepth + 1 passes over the text.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "capabilities/guard/code/scan.h"

namespace credence::guard {

// Whether a shell ends a word before this byte.
inline bool ends_word(char c) {
    static constexpr ByteSet kEnds(" \t\n\r|;&()<>`");
    return kEnds.has(c);
}

enum class Link : std::uint8_t {
    start,   // nothing before it
    follow,  // ; && || & or a new line
    pipe,
};

struct ShellWord {
    std::string_view text;  // quotes and backslashes undone
    std::uint32_t start = 0;
    std::uint32_t end = 0;
    std::uint32_t target = 0;  // bits of targets.h
    std::uint8_t joins = 0;    // quotes and backslashes between letters: w'h'o"a"mi
    bool quoted = false;       // all of it
};

struct Redirection {
    ShellWord to;
    bool append = false;
    bool input = false;
};

struct ShellCommand {
    std::vector<ShellWord> words;  // the first is the name, wrappers such as sudo skipped
    std::vector<Redirection> redirections;
    std::string_view text;  // from the first word to the last
    std::uint32_t start = 0;
    std::uint32_t end = 0;
    std::uint32_t bits = 0;       // of the name: commands.h
    std::uint32_t wrapped = 0;    // of the wrappers
    std::uint32_t outer = 0;      // of the commands in whose arguments it stands
    std::uint32_t arguments = 0;  // targets of all words but the name
    std::uint32_t name_target = 0;
    Link link = Link::start;
    bool piped_on = false;         // its output goes to a pipe
    bool substituted = false;      // inside $( ) or backticks
    bool assigns = false;          // NAME=value stood before it
    bool odd = false;              // a word with quotes inside, a variable or a pattern
    bool looped = false;           // after "while" or "until"
    std::string_view assignments;  // the text of those

    std::string_view name() const { return words.empty() ? std::string_view() : words[0].text; }
};

class ShellSink {
public:
    virtual ~ShellSink() = default;
    virtual void command(const ShellCommand& command) = 0;
};

class ShellReader {
public:
    ShellReader(std::string_view text, ShellSink& sink) : text_(text), sink_(sink) {}
    void read();

private:
    static constexpr int kMaxDepth = 3;
    static constexpr std::size_t kMaxWords = 40;  // of a command; later ones are not kept
    static constexpr std::size_t kUsualWords = 16;
    static constexpr std::size_t kMaxQuotedBytes = 4000;
    static constexpr std::size_t kMaxCommandBytes = 1200;

    struct Frame {
        std::size_t end;
        std::uint32_t outer;
        bool substituted;
        int depth;
    };

    void region(std::size_t begin, const Frame& frame);
    std::size_t operator_at(std::size_t at, const Frame& frame);
    std::size_t word_at(std::size_t at, const Frame& frame);
    std::size_t quoted_part(std::size_t at, const Frame& frame, ShellWord& word);
    std::size_t closing(std::size_t at, char quote, std::size_t end);
    // `signs`: kinds of bytes that the word may hold (shell_words.cpp).
    void place(ShellWord word, std::uint8_t signs);
    void place_name(const ShellWord& word);
    void finish(const Frame& frame, Link next);
    void nested(std::size_t begin, std::size_t end, const Frame& frame, bool substituted);
    void reset();
    void finish_inner();
    void remember(std::string_view name, std::uint32_t target);
    std::uint32_t variable_target(std::string_view word) const;

    std::string_view text_;
    ShellSink& sink_;
    ShellCommand command_;
    std::vector<std::string> undone_;  // words that had to be rewritten; stable while reading one
    std::array<std::size_t, 4> closed_{};  // no closing sign of the kind before here
    bool redirecting_ = false;
    bool appending_ = false;
    bool reading_ = false;
    int cron_fields_ = 0;

    // The last variables that were given a path, and what the path is.
    struct Variable {
        std::string name;
        std::uint32_t target = 0;
    };
    std::array<Variable, 16> variables_;
    std::size_t next_variable_ = 0;
};

}  // namespace credence::guard
