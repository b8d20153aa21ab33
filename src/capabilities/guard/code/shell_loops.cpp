// What shell commands do again and again: watching, trying passwords, collecting addresses.
#include "capabilities/guard/code/commands.h"
#include "capabilities/guard/code/shell_judge.h"
#include "capabilities/guard/code/targets.h"

namespace credence::guard {

void ShellJudge::judge_loops(const ShellCommand& command) {
    if (command.looped && is_name_of(command, "true", ":", "[", "sleep", "1")) {
        const std::string_view body = scan_.around(command.end, 0, 160);
        if (has_any(body.substr(0, 14), "do :", "do true") ||
            has_any(body, "fork", "pbpaste", "screencapture", "xclip", "nc ", "/dev/tcp",
                    "imagesnap", "& done", "&\ndone", "mkdir ", "yes ", "ps aux", "| mail",
                    "keystroke", "lsof", "malloc", "scp ", "curl -d", "top -l", "who ", "last ")) {
            add(Detector::shell_surveillance, command, 0.5);
        }
    }
    const bool all_processes =
        is_name_of(command, "kill") && has_any(command.text, "-9 $", "-9 \"$") &&
        has_any(scan_.around(command.start, 80, 0), "ps -e", "ps aux", "ps -a");
    if (all_processes && !has_any(scan_.around(command.start, 80, 0), "grep", "awk")) {
        add(Detector::shell_tampering, command, 0.5);
    }
    const bool watching = (command.bits & kCaptures) != 0;
    bool kept = false;
    for (const Redirection& redirection : command.redirections) {
        kept = kept || (redirection.to.target &
                        (kTargetTemporary | kTargetHidden | kTargetLogs | kTargetPrivate)) != 0;
    }
    if (watching && (kept || (command.arguments & (kTargetTemporary | kTargetHidden |
                                                   kTargetPrivate | kTargetConfessed)) != 0)) {
        add(Detector::shell_surveillance, command, 0.55);
    }
}

// Passwords tried on one account or host after another, and addresses cut out of other people's
// files.
void ShellJudge::judge_trying(const ShellCommand& command) {
    if (is_name_of(command, "sshpass")) {
        const std::string_view before = scan_.around(command.start, 120, 0);
        if (has_any(before, "do ", "do\n") && has_any(before, "while ", "for ")) {
            add(Detector::shell_secrets, command, 0.6);
        }
        return;
    }
    if ((command.bits & kSelects) == 0 || !is_name_of(command, "grep", "egrep", "rg")) {
        return;
    }
    const bool addresses = has_any(command.text, "@[a-z", "@[^", "@\\w");
    const bool cuts_out = has_any(command.text, " -o", " -ro", " -ero", " -eo", " -ho", "--only");
    if (addresses && cuts_out &&
        ((command.arguments & kTargetPath) != 0 || !command.redirections.empty())) {
        add(Detector::shell_secrets, command, 0.5);
    }
}

}  // namespace credence::guard
