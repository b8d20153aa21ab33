// Judges shell commands, one after another, by what they do together: what is piped into what, what
// was downloaded and then run, what is written where.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "capabilities/guard/code/scan.h"
#include "capabilities/guard/code/shell_reader.h"

namespace credence::guard {

// Whether the command, whatever its folder, is one of these.
template <std::size_t... kSizes>
bool is_name_of(const ShellCommand& command, const char (&... names)[kSizes]) {
    const std::string_view name = command.name();
    const std::size_t folder = name.rfind('/');
    return is_any(folder == std::string_view::npos ? name : name.substr(folder + 1), names...);
}

class ShellJudge : public ShellSink {
public:
    explicit ShellJudge(CodeScan& scan) : scan_(scan) {}
    void command(const ShellCommand& command) override;

private:
    // What a pipeline or the stretch before carries.
    enum Fact : std::uint32_t {
        fetched = 1U << 0U,
        decoded = 1U << 1U,
        secret = 1U << 2U,    // the content of sensitive files
        gathered = 1U << 3U,  // archives, listings, the state of the machine
        listening = 1U << 4U,
        printed = 1U << 5U,
        scheduled = 1U << 6U,  // a printed line that would be bad in a schedule
        interpreted = 1U << 7U,
        executable = 1U << 8U,  // chmod +x
        captured = 1U << 9U,
        encrypted = 1U << 10U,
        piped_file = 1U << 11U,  // mkfifo
        own_key = 1U << 12U,     // a public key read from a file
    };
    static constexpr std::size_t kFacts = 13;
    static constexpr std::size_t kReach = 700;  // bytes over which commands belong together

    void add(Detector detector, const ShellCommand& command, double confidence);
    bool recent(Fact fact, const ShellCommand& command) const;
    std::uint32_t facts_of(const ShellCommand& command);
    std::uint32_t input_facts(const ShellCommand& command) const;
    bool sends_file(const ShellCommand& command) const;

    void judge_rules(const ShellCommand& command);
    void judge_running(const ShellCommand& command);
    void judge_sending(const ShellCommand& command);
    void judge_connecting(const ShellCommand& command);
    void judge_writing(const ShellCommand& command);
    void judge_target(const ShellCommand& command, const ShellWord& target, bool emptied);
    void judge_startup(const ShellCommand& command, const ShellWord& target);
    void judge_removal(const ShellCommand& command);
    void judge_reading(const ShellCommand& command);
    void judge_surroundings(const ShellCommand& command);
    void judge_disguise(const ShellCommand& command);
    void judge_names(const ShellCommand& command);
    void judge_loops(const ShellCommand& command);
    void judge_trying(const ShellCommand& command);

    CodeScan& scan_;
    std::uint32_t pipe_ = 0;                    // facts of the pipeline so far
    std::uint32_t start_ = 0;                   // where it began
    std::array<std::uint32_t, kFacts> last_{};  // one past the byte where a fact was last seen
    std::string downloaded_;                    // the last name under which something was saved
};

// Of a line that would be run again and again, or at login: whether it looks like an implant.
bool is_implant(std::string_view line);

}  // namespace credence::guard
