#include "capabilities/guard/code/program.h"

#include "capabilities/guard/code/targets.h"
#include "capabilities/guard/code/word_table.h"

namespace credence::guard {

namespace {

using enum Deed;
using DeedEntry = WordEntry<Deed>;

constexpr auto kDeedWords = std::to_array<DeedEntry>({
    {"open", open_file},
    {"read_text", open_file},
    {"readfile", open_file},
    {"readfilesync", open_file},
    {"fopen", open_file},
    {"file_get_contents", open_file},
    {"filereader", open_file},
    {"ifstream", open_file},
    {"copyfile", open_file},
    {"copy", open_file},
    {"copy2", open_file},
    {"read_csv", open_file},
    {"remove", remove_file},
    {"unlink", remove_file},
    {"rmtree", remove_file},
    {"rename", remove_file},
    {"chmod", remove_file},
    {"chown", remove_file},
    {"unlinksync", remove_file},
    {"rmdir", remove_file},
    {"move", remove_file},
    {"truncate", remove_file},
    {"replace_file", remove_file},
    {"walk", walk_tree},
    {"listdir", walk_tree},
    {"scandir", walk_tree},
    {"rglob", walk_tree},
    {"glob", walk_tree},
    {"readdir", walk_tree},
    {"readdirsync", walk_tree},
    {"passwd", sensitive_path},
    {"shadow", sensitive_path},
    {"sudoers", sensitive_path},
    {"authorized_keys", sensitive_path},
    {"id_rsa", sensitive_path},
    {"bashrc", sensitive_path},
    {"hosts", sensitive_path},
    {"crontab", sensitive_path},
    {"bash_history", sensitive_path},
    {"credentials", sensitive_path},
    {"wtmp", sensitive_path},
    {"syslog", sensitive_path},
    {"group", sensitive_path},
    {"gshadow", sensitive_path},
    {"fstab", sensitive_path},
    {"profile", sensitive_path},
    {"cookies", sensitive_path},
    {"sshd_config", sensitive_path},
    {"etc", root_path},
    {"root", root_path},
    {"boot", root_path},
    {"system32", root_path},
    {"bin", root_path},
    {"sbin", root_path},
    {"lib", root_path},
    {"socket", socket},
    {"fsockopen", socket},
    {"tcpsocket", socket},
    {"tcpclient", socket},
    {"create_connection", socket},
    {"net", none},
    {"dup2", duplicate},
    {"recv", receive},
    {"recvfrom", receive},
    {"system", shell},
    {"popen", shell},
    {"subprocess", shell},
    {"spawn", shell},
    {"execsync", shell},
    {"execve", shell},
    {"execl", shell},
    {"shell_exec", shell},
    {"processbuilder", shell},
    {"child_process", shell},
    {"check_output", shell},
    {"exec", run_text},
    {"eval", run_text},
    {"b64decode", decode},
    {"fromhex", decode},
    {"decompress", decode},
    {"base64_decode", decode},
    {"unhexlify", decode},
    {"atob", decode},
    {"gzinflate", decode},
    {"a85decode", decode},
    {"b32decode", decode},
    {"str_rot13", decode},
    {"marshal", decode},
    {"b85decode", decode},
    {"urlopen", fetch},
    {"urlretrieve", fetch},
    {"requests", fetch},
    {"sendall", send},
    {"sendmail", send},
    {"smtp", send},
    {"storbinary", send},
    {"post", send},
    {"smtp_ssl", send},
    {"sendto", send},
    {"pynput", watch},
    {"imagegrab", watch},
    {"screenshot", watch},
    {"videocapture", watch},
    {"getasynckeystate", watch},
    {"setwindowshookex", watch},
    {"pyperclip", watch},
    {"mss", watch},
    {"on_press", watch},
    {"clipboardget", watch},
    {"setwindowshookexa", watch},
    {"fernet", encrypt},
    {"aes", encrypt},
    {"fork", fork},
    {"while", forever},
    {"process_iter", processes},
    {"pids", processes},
    {"psutil", processes},
    {"kill", kill},
    {"terminate", kill},
    {"sigkill", kill},
    {"virtualalloc", native_memory},
    {"virtualprotect", native_memory},
    {"mprotect", native_memory},
    {"virtualallocex", native_memory},
    {"shellcode", native_memory},
    {"mmap", native_memory},
    {"createthread", native_run},
    {"createremotethread", native_run},
    {"memmove", native_run},
    {"rtlmovememory", native_run},
    {"writeprocessmemory", native_run},
    {"cfunctype", native_run},
    {"gethostname", identity},
    {"getuser", identity},
    {"environ", identity},
    {"getlogin", identity},
    {"bind", bind},
    {"tcpserver", bind},
    {"copytree", walk_tree},
    {"make_archive", walk_tree},
});

constexpr WordTable kDeedTable(kDeedWords);

// Two deeds within reach of each other, whichever comes first.
struct Pair {
    Deed first;
    Deed second;
    std::size_t reach;
    Detector detector;
    double confidence;
};

constexpr Pair kPairs[] = {
    {sensitive_path, open_file, 260, Detector::program_misuse, 0.6},
    {sensitive_path, remove_file, 260, Detector::program_misuse, 0.65},
    {sensitive_path, walk_tree, 260, Detector::program_misuse, 0.5},
    {root_path, remove_file, 160, Detector::program_misuse, 0.6},
    {root_path, walk_tree, 120, Detector::program_misuse, 0.5},
    {sensitive_path, send, 700, Detector::shell_exfiltration, 0.75},
    {socket, duplicate, 700, Detector::shell_reverse, 0.9},
    {receive, shell, 400, Detector::shell_reverse, 0.75},
    {receive, run_text, 400, Detector::program_execution, 0.75},
    {decode, run_text, 120, Detector::program_execution, 0.75},
    {fetch, run_text, 300, Detector::program_execution, 0.65},
    {watch, forever, 600, Detector::shell_surveillance, 0.5},
    {watch, send, 800, Detector::shell_surveillance, 0.65},
    {watch, open_file, 400, Detector::shell_surveillance, 0.5},
    {walk_tree, encrypt, 1200, Detector::shell_destruction, 0.65},
    {fork, forever, 200, Detector::shell_exhaustion, 0.75},
    {processes, kill, 400, Detector::shell_tampering, 0.5},
    {native_memory, native_run, 600, Detector::program_execution, 0.85},
    {open_file, send, 500, Detector::shell_exfiltration, 0.45},
    {identity, send, 300, Detector::shell_exfiltration, 0.5},
    {bind, listen_all, 80, Detector::program_misuse, 0.5},
};

}  // namespace

Deed deed_of(std::string_view word) {
    const Deed* deed = kDeedTable.find(word);
    return deed == nullptr ? none : *deed;
}

bool ProgramWatch::is_call(const Word& word) const {
    const char next = scan_.at(word.end);
    return next == '(' || next == '.' || next == '[';
}

void ProgramWatch::word(const Word& word, Deed deed) {
    const char before = word.start == 0 ? '\0' : scan_.text[word.start - 1];
    switch (deed) {
        case sensitive_path:
        case root_path: {
            // Only as part of an absolute path inside quotes.
            const std::string_view head = scan_.around(word.start, 24, 0);
            const std::size_t quote = head.find_last_of("\"'`");
            if (quote == std::string_view::npos) {
                return;
            }
            const std::string_view path = head.substr(quote + 1);
            if (path.empty() ||
                (path[0] != '/' && path[0] != '~' && path[0] != 'c' && path[0] != '.') ||
                path.find(' ') != std::string_view::npos) {
                return;
            }
            const std::string_view whole =
                scan_.text.substr(word.start - path.size(), path.size() + word.text.size());
            const std::uint32_t target = target_of(whole);
            if ((target & (kTargetSecret | kTargetAccounts | kTargetStartup | kTargetLogs |
                           kTargetNetworkNames | kTargetRoot | kTargetSystem)) == 0 &&
                !whole.starts_with("/etc")) {
                return;
            }
            break;
        }
        case forever: {
            const std::string_view rest = scan_.text.substr(word.end, 10);
            if (!has_any(rest, "true", "(1)", " 1:", "(;;)")) {
                return;
            }
            // A loop without end that does nothing but take memory or start processes.
            if (const std::string_view body = scan_.text.substr(word.end, 120);
                has_any(body, "append(' ' *", "append(\" \" *", "* 10**", "*10**", "bytearray(",
                        "* 1024 * 1024", "process(target", "popen(", "thread(target") &&
                !has_any(body, "sleep", "break", "input(")) {
                scan_.add(Detector::shell_exhaustion, word.start, word.end + 20, 0.5);
            }
            break;
        }
        case run_text:
            if (before == '.' || scan_.at(word.end) != '(') {
                return;
            }
            break;
        case bind:
            if (has_any(scan_.text.substr(word.end, 30), "0.0.0.0", "('',", "(\"\",")) {
                scan_.add(Detector::program_misuse, word.start, word.end, 0.5);
            }
            return;
        case watch:
        case encrypt:
        case native_memory:
        case native_run:
        case identity:
        case decode:
        case socket:
        case processes:
            break;
        default:
            if (!is_call(word)) {
                return;
            }
    }
    saw(deed, word.start);
}

void ProgramWatch::saw(Deed deed, std::size_t at) {
    last_[static_cast<std::size_t>(deed)] = at + 1;
    for (const Pair& pair : kPairs) {
        if (pair.first != deed && pair.second != deed) {
            continue;
        }
        const Deed other = pair.first == deed ? pair.second : pair.first;
        const std::size_t seen = last_[static_cast<std::size_t>(other)];
        if (seen != 0 && at + 1 - seen <= pair.reach) {
            scan_.add(pair.detector, seen - 1, at + 4, pair.confidence);
        }
    }
}

void look_at_run(CodeScan& scan, const Word& word) {
    const char before = word.start == 0 ? '\0' : scan.text[word.start - 1];
    if (word.text == "system" && scan.around(word.start, 3, 0) == "os.") {
        // A command that somebody else types.
        const std::string_view argument = scan.text.substr(word.end, 24);
        const bool bare = argument.size() > 2 && argument[0] == '(' && is_letter(argument[1]) &&
                          argument.find_first_of("'\"") > argument.find(')');
        if (bare &&
            has_any(scan.around(word.start, 240, 0), "input(", "request.", "sys.argv", "recv(")) {
            scan.add(Detector::program_execution, word.start, word.end + 8, 0.45);
        }
        return;
    }
    if (before == '.' || scan.at(word.end) != '(') {
        return;
    }
    const std::string_view rest = scan.text.substr(word.end, 160);
    const std::string_view call = rest.substr(0, rest.find('\n'));
    if (has_any(call, "b64decode", "fromhex", "decompress", "requests.get", "urlopen", "marshal",
                "rot13", "rot_13", "unescape(", "fromcharcode", "gzinflate", "base64_decode",
                "file_get_contents", "[::-1]", "chr(", "recv(", "request.args", "request.form",
                "request.get", "req.query", "req.body", "atob(", "__import__", "codecs.decode",
                "decodeuri", "_get[", "_post[", "_request[", "compile(base", "\\x", "open('http",
                "urllib")) {
        scan.add(Detector::program_execution, word.start, word.end + 20, 0.75);
    } else if (word.text == "exec" && call.size() > 3 && is_letter(call[1]) && has_any(call, ")") &&
               call.find_first_of("'\"$(.", 1) == std::string_view::npos && call.find(')') < 24 &&
               !has_any(call, ";", "{", ",")) {
        scan.add(Detector::program_execution, word.start, word.end + 8, 0.42);
    } else if (has_any(call.substr(0, 12), "(input(", "(user_input")) {
        scan.add(Detector::program_execution, word.start, word.end + 8, 0.42);
    } else if (has_any(call, "whoami", "/bin/", "/etc/", "cat ", "sleep ", "uname", "ifconfig",
                       "'ls", "\"ls", "'id'", "\"id\"", "'pwd", "'dir", "os.system", "subprocess",
                       "phpinfo", "rm -") &&
               scan.text.size() < 400) {
        scan.add(Detector::program_execution, word.start, word.end + 20, 0.6);
    }
}

}  // namespace credence::guard
