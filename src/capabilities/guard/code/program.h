// Calls of programs (Python, JavaScript, PHP, Java, C …) that are harmful together: what is
// received and then run, what is read from a sensitive file and then sent.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "capabilities/guard/code/anchors.h"

namespace credence::guard {

// What a call, or a piece of text, does.
enum class Deed : std::uint8_t {
    none,
    open_file,
    remove_file,
    walk_tree,
    sensitive_path,
    root_path,
    socket,
    duplicate,  // of file descriptors
    receive,
    shell,     // starts a process
    run_text,  // exec, eval
    decode,
    fetch,
    send,
    watch,  // keys, screen, camera
    encrypt,
    fork,
    forever,
    processes,
    kill,
    native_memory,
    native_run,
    identity,  // who and where the machine is
    listen_all,
    bind,
    save,
    contacts,
};
inline constexpr std::size_t kDeeds = 27;

class ProgramWatch {
public:
    explicit ProgramWatch(CodeScan& scan) : scan_(scan) {}
    // A word of the text, with what the table says about it.
    void word(const Word& word, Deed deed);

private:
    void saw(Deed deed, std::size_t at);
    bool is_call(const Word& word) const;

    CodeScan& scan_;
    std::array<std::size_t, kDeeds> last_{};  // one past where a deed was last seen
};

// The deed that a word stands for; none for most.
Deed deed_of(std::string_view word);

}  // namespace credence::guard
