// A shell handed to a program that has no business with one: the ways out of editors, pagers,
// debuggers and interpreters, and shells whose input and output are somebody else's.
#include <algorithm>

#include "capabilities/guard/code/anchors.h"

namespace credence::guard {

namespace {

constexpr std::size_t kBeforeShellBytes = 200;
constexpr std::size_t kCallBytes = 40;  // between the name of a call and its argument

// Programs that start, list or compare shells every day.
bool is_at_home_with_shells(std::string_view name) {
    return is_any(name, "sudo", "su", "ssh", "docker", "podman", "kubectl", "oc", "useradd",
                  "adduser", "usermod", "chsh", "chroot", "ls", "which", "file", "ln", "cp", "mv",
                  "test", "[", "cat", "grep", "dpkg", "readlink", "stat", "ldd", "screen", "tmux",
                  "nsenter", "lxc", "vagrant", "runuser", "doas", "login", "script") ||
           is_any(name, "sh", "bash", "zsh", "dash", "ksh", "csh", "fish", "man", "type", "whatis",
                  "md5sum", "sha256sum", "diff", "objdump", "strings", "rm", "chmod", "chown",
                  "echo", "printf", "export", "source", "if", "then", "while", "for", "make",
                  "dscl", "pw", "lxd", "machinectl", "schroot", "distrobox", "toolbox",
                  "docker-compose", "crictl", "nerdctl", "ctr") ||
           is_any(name, "awk", "sed", "cmd", "run", "entrypoint", "shell", "exec", "execstart",
                  "set", "alias", "update-alternatives", "dpkg-divert", "dpkg-reconfigure",
                  "getent", "passwd", "shc", "shellcheck", "strace", "at", "batch", "cron",
                  "crontab", "bwrap", "firejail", "arch-chroot", "proot", "qemu-user", "nix",
                  "conda", "pipenv", "poetry", "heroku", "fly", "gcloud", "aws", "az");
}

// The name of the command that the line gives the word to; empty when the line holds none.
std::string_view head_of(std::string_view before) {
    const std::size_t part = before.find_last_of("\n;|&`(");
    std::string_view rest = part == std::string_view::npos ? before : before.substr(part + 1);
    while (!rest.empty()) {
        rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
        const std::string_view word = rest.substr(0, rest.find_first_of(" \t"));
        if (!is_any(word, "sudo", "nohup", "time", "exec", "env") &&
            word.find('=') == std::string_view::npos) {
            const std::size_t folder = word.rfind('/');
            return folder == std::string_view::npos ? word : word.substr(folder + 1);
        }
        rest.remove_prefix(word.size());
    }
    return rest;
}

// The path stands in quotes as what a call runs: system("/bin/sh"), spawn('/bin/sh').
bool is_called(std::string_view before, std::string_view after) {
    if (before.empty() || !is_quote_sign(before.back()) || after.empty() ||
        !(is_quote_sign(after[0]) || after[0] == '\\')) {
        return false;
    }
    const std::string_view near =
        before.substr(before.size() - std::min(before.size(), kCallBytes));
    const bool calls = has_any(near, "exec", "system", "spawn", "popen", "execute",
                               "processbuilder", "process(", "run(", "process.", "open(");
    const std::string_view rest = after.substr(0, 24);
    return calls && !has_any(rest, "-c\"", "-c'", "-lc", "<<", ".sh", "-c\\");
}

// What a program starts instead of its helper: PAGER=/bin/sh, EDITOR='/bin/sh -s --'.
bool is_hooked(std::string_view before) {
    while (!before.empty() && is_quote_sign(before.back())) {
        before.remove_suffix(1);
    }
    for (const std::string_view name : {"pager=", "editor=", "visual=", "browser=", "_command="}) {
        if (before.ends_with(name)) {
            return true;
        }
    }
    return false;
}

}  // namespace

void look_at_shell_path(CodeScan& scan, const Word& word) {
    if (word.start < 5 || !scan.around(word.start, 5, 0).ends_with("bin/")) {
        return;
    }
    const std::size_t begin = word.start - (scan.around(word.start, 5, 0) == "/bin/" ? 5U : 4U);
    std::size_t path = begin;
    while (path > 0 && (is_name(scan.text[path - 1]) || scan.text[path - 1] == '/')) {
        --path;
    }
    const std::string_view before = scan.around(path, kBeforeShellBytes, 0);
    const std::string_view after = scan.text.substr(word.end, 80);
    const std::string_view line = after.substr(0, after.find('\n'));
    const char sign = before.empty() ? '\0' : before.back();
    const std::string_view trimmed = before.substr(0, before.find_last_not_of(" \t") + 1);
    double confidence = 0;
    if (trimmed.ends_with("!") && !trimmed.ends_with("#!")) {
        // An escape that editors, pagers and debuggers know; a shebang when the line begins so.
        confidence = 0.6;
    } else if (has_any(line, "0<&", "<&1", "<&2", "<&3", ">&3", "</dev/tty", "<&4", ">/dev/tty",
                       "1>&2", "1>&0")) {
        confidence = 0.7;
    } else if (is_called(before, after) || (sign == '(' && line.starts_with(")") &&
                                            has_any(before, "exec", "system", "spawn"))) {
        confidence = 0.6;
    } else if (is_hooked(trimmed)) {
        confidence = 0.6;
    } else if (has_any(line.substr(0, 4), " \\;", " ';'", " -p", " +")) {
        const bool runs = has_any(before, "-exec", "-ok");
        confidence = runs || line.starts_with(" -p") ? 0.65 : 0;
    } else if (is_blank(sign) || is_quote_sign(sign) || sign == '=') {
        const std::string_view head = head_of(before);
        const bool last = line.empty() || is_blank(line[0]) || is_any(line.substr(0, 1), "\"", "'");
        const bool with_command = has_any(line, " -c", " -lc", " -l", "/", ".sh");
        const bool option = has_any(before, "--shell", " -s ", "shell=", "-s=");
        if (!head.empty() && last && !with_command && !option && path > 0 &&
            !is_at_home_with_shells(head) && is_letter(head[0]) &&
            !has_any(before, "grep", "shells")) {
            confidence = 0.5;
        }
    }
    if (confidence > 0) {
        scan.add(Detector::shell_privilege, begin, word.end, confidence);
    }
}

}  // namespace credence::guard
