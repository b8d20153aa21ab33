// What shell commands do to files, accounts and surroundings: the second half of ShellJudge.
#include <algorithm>

#include "capabilities/guard/code/commands.h"
#include "capabilities/guard/code/shell_judge.h"
#include "capabilities/guard/code/targets.h"

namespace credence::guard {

namespace {

// Prints nothing, so that a file written to is emptied.
bool is_silent(const ShellCommand& command) {
    if (command.words.empty()) {
        return true;
    }
    if (is_name_of(command, ":", "true")) {
        return true;
    }
    if (is_name_of(command, "echo", "printf")) {
        return command.words.size() == 1 ||
               (command.words.size() == 2 && is_any(command.words[1].text, "-n", "", "\"\""));
    }
    return is_name_of(command, "cat", "cp") && has_any(command.text, "/dev/null");
}

constexpr std::uint32_t kWrites = kEdits | kCopies;

// An ordinary line of a start-up file: paths, completion, colours, a shorthand.
bool is_ordinary_setting(std::string_view text) {
    return has_any(text, "export ", "path", "alias ", "source ", "eval ", "set ", "completion",
                   "init", ". ", "autoload", "ps1", "bindkey") &&
           !is_implant(text) && !has_any(text, "sudo", "alias ls", "alias cd", "alias ssh");
}

}  // namespace

void ShellJudge::judge_writing(const ShellCommand& command) {
    for (const Redirection& redirection : command.redirections) {
        if (!redirection.input) {
            judge_target(command, redirection.to, !redirection.append && is_silent(command));
        }
    }
    if (is_name_of(command, "at", "chpasswd") && command.link == Link::pipe) {
        const bool password = is_name_of(command, "chpasswd");
        add(password ? Detector::shell_privilege : Detector::shell_persistence, command,
            password || (pipe_ & scheduled) != 0 ? 0.65 : 0.3);
    }
    if (command.words.size() < 2) {
        return;
    }
    const bool named = is_name_of(command, "tee", "touch", "ed", "chattr");
    const bool in_place = is_name_of(command, "sed", "perl") && has_any(command.text, " -i");
    if ((command.bits & kCopies) != 0 && !has_any(command.text, "@")) {
        judge_target(command, command.words.back(), false);
    }
    for (std::size_t i = 1; i < command.words.size(); ++i) {
        const ShellWord& word = command.words[i];
        const std::string_view before = command.words[i - 1].text;
        if (named || in_place || before == "-o" || before == "--output" ||
            word.text.starts_with("of=")) {
            ShellWord target = word;
            if (word.text.starts_with("of=")) {
                target.text.remove_prefix(3);
                target.target = target_of(target.text);
            }
            judge_target(command, target, false);
        }
    }
    const bool scheduled_line = command.link == Link::pipe && (pipe_ & scheduled) != 0;
    if (is_name_of(command, "crontab", "at") && command.words.size() > 1) {
        const bool odd =
            (command.arguments & (kTargetTemporary | kTargetHidden | kTargetConfessed)) != 0;
        if (scheduled_line || odd || recent(scheduled, command)) {
            add(Detector::shell_persistence, command, 0.7);
        }
    }
    if (is_name_of(command, "visudo") && (command.link == Link::pipe || command.assigns)) {
        add(Detector::shell_privilege, command, 0.75);
    }
}

void ShellJudge::judge_target(const ShellCommand& command, const ShellWord& target, bool emptied) {
    const std::uint32_t bits = target.target;
    if ((bits & kTargetAccounts) != 0) {
        add(Detector::shell_privilege, command, 0.75);
    } else if ((bits & kTargetStartup) != 0) {
        judge_startup(command, target);
    } else if ((bits & kTargetNetworkNames) != 0) {
        add(Detector::shell_tampering, command, 0.55);
    } else if ((bits & kTargetDevice) != 0) {
        add(Detector::shell_destruction, command, 0.7);
    } else if ((bits & kTargetLogs) != 0) {
        const bool rewritten = is_name_of(command, "sed", "cp", "mv");
        const bool forged = (command.bits & kPrints) != 0;
        if (emptied || rewritten || forged || (command.bits & kCaptures) != 0) {
            add(Detector::shell_tampering, command, emptied ? 0.7 : 0.55);
        }
    } else if ((bits & kTargetConfiguration) != 0) {
        const bool weakens =
            has_any(command.text, "permitrootlogin yes", "permitemptypasswords yes", "pam_permit",
                    "nullok", "enforcing/s");
        if (weakens || (command.bits & kPrints) != 0 || (command.bits & kEdits) == 0) {
            add(Detector::shell_tampering, command, weakens ? 0.75 : 0.5);
        }
    } else if ((bits & (kTargetSystem | kTargetRoot)) != 0 && (bits & kTargetShell) == 0) {
        const bool odd =
            (command.arguments & (kTargetConfessed | kTargetTemporary | kTargetHidden)) != 0;
        const bool printed_over = (command.bits & kPrints) != 0 && (bits & kTargetSystem) != 0;
        if (odd || printed_over) {
            add(Detector::shell_tampering, command, 0.5);
        }
    } else if ((bits & kTargetShell) != 0 && (command.bits & kWrites) != 0) {
        add(Detector::shell_tampering, command, 0.6);
    }
    const bool web_shell = has_any(command.text, "$_get", "$_post", "$_request", "<?php system");
    if (web_shell) {
        add(Detector::shell_persistence, command, 0.8);
    }
}

void ShellJudge::judge_startup(const ShellCommand& command, const ShellWord& target) {
    const bool from_pipe = command.link == Link::pipe && (pipe_ & printed) != 0;
    const std::size_t from = from_pipe ? start_ : command.start;
    const std::string_view text = scan_.around(from, 0, 300);
    const std::string_view line = text.substr(0, text.find('\n'));
    if (has_any(target.text, "authorized_keys")) {
        const bool own =
            command.link == Link::pipe ? (pipe_ & own_key) != 0 : has_any(command.text, ".pub");
        if (!own) {
            add(Detector::shell_persistence, command, 0.75);
        }
        return;
    }
    const std::string_view content =
        line.substr(0, line.rfind('>') == std::string_view::npos ? line.size() : line.rfind('>'));
    const bool settings_file = has_any(target.text, "rc", "profile", "environment", "zshenv") &&
                               !has_any(target.text, "/etc/rc", "launch");
    if (settings_file && (command.bits & (kPrints | kEdits)) != 0) {
        if (!is_ordinary_setting(content)) {
            add(Detector::shell_persistence, command, is_implant(content) ? 0.75 : 0.5);
        }
        return;
    }
    if (has_any(target.text, "systemd")) {
        const bool odd = is_implant(content) || (command.arguments & kTargetConfessed) != 0;
        if (odd) {
            add(Detector::shell_persistence, command, 0.65);
        }
        return;
    }
    if (!settings_file) {
        add(Detector::shell_persistence, command, 0.65);
    }
}

void ShellJudge::judge_removal(const ShellCommand& command) {
    const std::uint32_t arguments = command.arguments;
    if ((command.bits & kRemoves) != 0) {
        bool forced = false;
        for (std::size_t i = 1; i < command.words.size(); ++i) {
            const std::string_view word = command.words[i].text;
            forced =
                forced || (word[0] == '-' && word.find_first_of("rf") != std::string_view::npos);
        }
        const bool all =
            is_name_of(command, "shred", "wipefs", "srm", "unlink", "truncate") || forced;
        // find … -name … -exec rm {}: what is removed is what was looked for.
        const std::string_view line = scan_.around(command.start, 120, command.end - command.start);
        const bool chosen =
            line.find("{}") != std::string_view::npos &&
            has_any(line, "-name", "-mtime", "-size", "-atime", "-empty", "-newer") &&
            !has_any(line, "name '*'", "name \"*\"", "name *", "name \\*");
        if (chosen && (arguments & (kTargetLogs | kTargetAccounts | kTargetDevice)) == 0) {
            return;
        }
        if ((arguments & kTargetLogs) != 0) {
            add(Detector::shell_tampering, command, 0.65);
        } else if (((arguments & kTargetRoot) != 0 && all) ||
                   (arguments & (kTargetAccounts | kTargetDevice)) != 0) {
            add(Detector::shell_destruction, command, 0.9);
        } else if ((arguments & kTargetSystem) != 0) {
            add(Detector::shell_destruction, command, all ? 0.7 : 0.5);
        } else if ((arguments & kTargetPrivate) != 0 && all) {
            add(Detector::shell_destruction, command, 0.5);
        }
    }
    if (is_name_of(command, "mv") && command.words.size() > 2) {
        const bool gone = command.words.back().text == "/dev/null";
        const std::uint32_t source = command.words[1].target;
        const bool moved =
            (source & kTargetSystem) != 0 && starts_any(command.words[1].text, "/etc/", "/bin/",
                                                        "/usr/bin/", "/boot/", "/sbin/", "/lib/");
        if ((arguments & kTargetAccounts) != 0 || gone || moved) {
            add(Detector::shell_destruction, command, 0.7);
        }
    }
    if (is_name_of(command, "find") && has_any(command.text, "-delete", "-exec rm", "exec shred") &&
        command.words.size() > 1) {
        const std::uint32_t where = command.words[1].target;
        if ((where & (kTargetRoot | kTargetSystem)) != 0 && command.words[1].text != "~" &&
            !has_any(command.text, "-name", "-mtime", "-atime", "-size", "-empty", "-iname",
                     "-user")) {
            add(Detector::shell_destruction, command, 0.75);
        }
    }
    if (is_name_of(command, "chmod", "chown") && (arguments & kTargetRoot) != 0 &&
        has_any(command.text, " -r")) {
        add(Detector::shell_destruction, command, 0.7);
    }
}

void ShellJudge::judge_reading(const ShellCommand& command) {
    const std::uint32_t bits = command.arguments;
    const bool reads = (command.bits & (kReads | kCopies | kArchives | kDecodes)) != 0 ||
                       is_name_of(command, "ls", "tree", "grep", "find", "awk", "gpg", "openssl");
    if (!reads || command.words.size() < 2) {
        return;
    }
    const std::string_view text = command.text;
    const bool hard =
        has_any(text, "/etc/shadow", "/etc/gshadow", "id_rsa", "id_ed25519", ".aws/cred",
                "login data", "keychain", "wallet.dat", "ntds", "\\repair\\", "/etc/sudoers",
                "master.passwd", ".netrc", ".git-credentials", "boot.ini", "cookies",
                ".kube/config", "/proc/self/environ", "serviceaccount/token", "win.ini",
                "ssh_host_") &&
        !has_any(text, ".pub");
    if (hard && (bits & kTargetSecret) != 0) {
        add(Detector::shell_secrets, command, 0.65);
        return;
    }
    const bool of_root =
        is_name_of(command, "ls", "find", "cat", "tree", "tar", "cp", "head", "tail", "grep") &&
        has_any(text, " /root ", " /root/", " /root");
    if (of_root && !has_any(text, "/root/app", "docker")) {
        add(Detector::shell_secrets, command, 0.45);
        return;
    }
    const bool shown = (command.bits & (kReads | kDecodes)) != 0 || is_name_of(command, "cp");
    if (shown && (bits & kTargetAccounts) != 0 && !command.piped_on) {
        add(Detector::shell_secrets, command, 0.55);
    } else if (shown && has_any(text, "_history")) {
        add(Detector::shell_secrets, command, 0.5);
    }
    const bool hunts =
        is_name_of(command, "grep", "egrep", "rg") &&
        has_any(text, "password", "passwd", "secret", "api_key", "apikey", "private key");
    if (hunts &&
        ((bits & (kTargetRoot | kTargetPrivate | kTargetLogs)) != 0 ||
         has_any(text, " /etc", "/home", "/var/www")) &&
        has_any(text, "-r", "-ir")) {
        add(Detector::shell_secrets, command, 0.55);
    }
    if (is_name_of(command, "cp", "mv", "zip", "tar") && (bits & kTargetPrivate) != 0 &&
        (bits & (kTargetHidden | kTargetConfessed)) != 0) {
        add(Detector::shell_secrets, command, 0.5);
    }
}

// Variables that change what other programs run, and names that stand for something else.
void ShellJudge::judge_surroundings(const ShellCommand& command) {
    const std::string_view text = command.assigns ? command.assignments : command.text;
    const bool exported = is_name_of(command, "export", "env");
    if (command.assigns || exported) {
        if (has_any(text, "ld_preload=", "dyld_insert_libraries=", "dyld_library_path=",
                    "dyld_print", "ld_audit=", "ld_library_path=/tmp")) {
            add(Detector::shell_privilege, command, 0.65);
        }
        if (has_any(text, "path=/tmp", "path=.:", "path=/dev/shm", "path=~/.",
                    "bash_env=", "prompt_command=", "ssh_auth_sock=$(")) {
            add(Detector::shell_privilege, command, 0.6);
        }
        if (((command.arguments | target_of(text.substr(0, 120))) & kTargetConfessed) != 0) {
            add(Detector::shell_privilege, command, 0.5);
        }
        if (has_any(text, "histfile=/dev/null", "histsize=0", "histfilesize=0")) {
            add(Detector::shell_tampering, command, 0.65);
        }
    }
    if (!is_name_of(command, "alias") || command.words.size() < 2) {
        return;
    }
    const std::string_view alias = command.words[1].text;
    const std::size_t equals = alias.find('=');
    if (equals == std::string_view::npos) {
        return;
    }
    const std::string_view value = alias.substr(equals + 1);
    const bool everyday = (command_bits(alias.substr(0, equals)) & kEveryday) != 0;
    const bool same = value.find(alias.substr(0, equals)) == 0;
    const bool harm = has_any(value, "rm ", "curl", "wget", "kill", "shutdown", "nc ", "/tmp/",
                              "chmod", "reboot", "dd ", "mkfs", "mv ", "; ", "&& ") ||
                      is_implant(value);
    const bool harmless_form =
        same && has_any(value.substr(0, 5), "rm -", "cp -", "mv -") && value.size() < 9;
    if (everyday && harm && !harmless_form) {
        add(Detector::shell_persistence, command, 0.65);
    }
}

// A word written so that nobody reads it as what it is.
void ShellJudge::judge_disguise(const ShellCommand& command) {
    const std::string_view name = command.name();
    const ShellWord& first = command.words[0];
    if (first.joins >= 1 && !first.quoted && (command.bits != 0 || first.joins >= 2) &&
        name.size() < 24 && name.find(' ') == std::string_view::npos && first.joins < 12 &&
        (command.bits != 0 || first.joins * 3U >= name.size())) {
        add(Detector::shell_obfuscated, command, command.bits != 0 ? 0.75 : 0.5);
    }
    if (command.text.find('$') != std::string_view::npos &&
        has_any(command.text, "${ifs", "$ifs", "$'\\x", "$'\\1", "$'\\u", "$@",
                "${path:", "${home:0")) {
        const bool glued = has_any(command.text, "ifs}", "$ifs", "$'\\x", "$'\\1", "${path:");
        if (glued && command.text.find(' ') > 2) {
            add(Detector::shell_obfuscated, command, 0.75);
        }
    }
    const bool wild = !first.quoted && name.find_first_of("?*[") != std::string_view::npos &&
                      name.size() > 4 && name[0] == '/' && (is_letter(name[1]) || name[1] == '?');
    if (wild && name.find('/', 1) != std::string_view::npos &&
        std::count(name.begin(), name.end(), '?') + 2 * std::count(name.begin(), name.end(), '*') +
                2 * std::count(name.begin(), name.end(), '[') >=
            2) {
        add(Detector::shell_obfuscated, command, 0.7);
    }
    if (name.starts_with("{") && name.ends_with("}") && name.find(',') != std::string_view::npos &&
        command_bits(name.substr(1, name.find(',') - 1)) != 0) {
        add(Detector::shell_obfuscated, command, 0.75);
    }
    if (name.find('$', 2) != std::string_view::npos && is_letter(name[1]) &&
        is_letter(name.back()) && name.find('/') == std::string_view::npos && name.size() < 40 &&
        name[0] == '$' && name.find_first_of("=\"'.:") == std::string_view::npos) {
        add(Detector::shell_obfuscated, command, 0.5);
    }
}

// Commands whose arguments confess, or that open what came from nowhere good.
void ShellJudge::judge_names(const ShellCommand& command) {
    const std::uint32_t bits = command.arguments;
    if ((bits & kTargetConfessed) != 0) {
        const bool acts = (command.bits & (kFetches | kSends | kOpens | kInterprets | kCopies |
                                           kModes | kEdits | kSwitchesUser)) != 0;
        if (acts) {
            add((command.bits & (kSends | kSwitchesUser)) != 0 && (command.bits & kFetches) == 0
                    ? Detector::shell_exfiltration
                    : Detector::shell_download_run,
                command, 0.5);
        }
    }
    const bool confessed_name = (command.name_target & kTargetConfessed) != 0 &&
                                (command.name_target & kTargetPath) != 0 &&
                                (command.name_target & kTargetUrl) == 0;
    if (confessed_name) {
        add(Detector::shell_download_run, command, 0.5);
    }
    const bool drops = (command.bits & (kFetches | kOpens)) != 0 &&
                       (bits & (kTargetHidden | kTargetRawAddress)) != 0 &&
                       (bits & kTargetScript) != 0 && (bits & kTargetPath) != 0;
    if (drops) {
        add(Detector::shell_download_run, command, 0.5);
    }
    if ((command.bits & (kPrints | kEdits)) != 0 &&
        has_any(command.text, "nopasswd:", "(all) all", "(all:all) all")) {
        add(Detector::shell_privilege, command, 0.7);
    }
}

void find_shell(CodeScan& scan) {
    ShellJudge judge(scan);
    ShellReader(scan.text, judge).read();
}

}  // namespace credence::guard
