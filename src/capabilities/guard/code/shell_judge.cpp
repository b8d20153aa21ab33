#include "capabilities/guard/code/shell_judge.h"

#include <algorithm>

#include "capabilities/guard/code/commands.h"
#include "capabilities/guard/code/needle_set.h"
#include "capabilities/guard/code/targets.h"

namespace credence::guard {

namespace {

constexpr std::size_t kMaxJoinedWords = 12;
constexpr std::size_t kMaxJoinedBytes = 60;

bool is_option(const ShellWord& word) {
    return word.text.starts_with("-");
}

std::string_view base_name(std::string_view path) {
    while (path.ends_with("/")) {
        path.remove_suffix(1);
    }
    const std::size_t folder = path.rfind('/');
    return folder == std::string_view::npos ? path : path.substr(folder + 1);
}

// Whether some word is the option, alone or with its value behind "=".
template <std::size_t... kSizes>
bool has_option(const ShellCommand& command, const char (&... options)[kSizes]) {
    return std::any_of(command.words.begin(), command.words.end(), [&](const ShellWord& word) {
        return is_any(word.text.substr(0, word.text.find('=')), options...);
    });
}

bool has_short_option(const ShellCommand& command, char letter) {
    return std::any_of(command.words.begin() + 1, command.words.end(), [&](const ShellWord& word) {
        return word.text.size() >= 2 && word.text[0] == '-' && word.text[1] != '-' &&
               word.text.size() <= 8 && word.text.find(letter) != std::string_view::npos;
    });
}

// A file that the interpreter is told to run, if any.
std::string_view script_of(const ShellCommand& command) {
    for (std::size_t i = 1; i < command.words.size(); ++i) {
        if (is_any(command.words[i].text, "-c", "-e", "-s")) {
            return {};
        }
        if (command.words[i].text.starts_with("-m") && command.name().starts_with("python")) {
            return command.words[i].text;  // a module; what comes in is its data
        }
        if (!is_option(command.words[i])) {
            return command.words[i].text;
        }
    }
    return {};
}

bool decodes(const ShellCommand& command) {
    if ((command.bits & kDecodes) == 0) {
        return false;
    }
    return is_any(base_name(command.name()), "rev", "uudecode") || has_short_option(command, 'd') ||
           has_short_option(command, 'r') || has_option(command, "--decode", "-D");
}

constexpr NeedleSet kImplants(std::to_array<std::string_view>(
    {"curl ",      "wget ",          "/dev/tcp",      "nc ",       "/tmp/",    "/.hid",
     "base64",     "bash -i",        "| sh",          "| bash",    "|sh",      "|bash",
     "@reboot",    "malicious",      "evil",          "rootkit",   "keylog",   "attacker",
     "python -c",  "payload",        "backdoor",      "rm -rf",    "nohup ",   "chmod ",
     "/dev/shm",   "osascript",      "screencapture", "tcpdump",   "pbpaste",  "scp ",
     "ssh ",       "reverse",        "hidden",        "launchctl", "kextload", "dyld_",
     "ld_preload", "prompt_command", "trap ",         "spctl",     "openssl",  "setenforce",
     "exploit",    "trojan",         "nmap ",         ".py",       "disown"}));

constexpr std::uint32_t kSensitive = kTargetSecret | kTargetAccounts | kTargetPrivate;

}  // namespace

bool is_implant(std::string_view line) {
    return kImplants.in(line);
}

void ShellJudge::add(Detector detector, const ShellCommand& command, double confidence) {
    scan_.add(detector, command.start, command.end, confidence);
}

bool ShellJudge::recent(Fact fact, const ShellCommand& command) const {
    for (std::size_t i = 0; i < kFacts; ++i) {
        if (((fact >> i) & 1U) != 0 && last_[i] != 0 && command.start + 1 < last_[i] + kReach) {
            return true;
        }
    }
    return false;
}

std::uint32_t ShellJudge::facts_of(const ShellCommand& command) {
    std::uint32_t facts = 0;
    const std::uint32_t arguments = command.arguments;
    if ((command.bits & kFetches) != 0 && !sends_file(command) &&
        (command.words.size() > 1 || (command.wrapped & kWraps) != 0)) {
        facts |= fetched;
        for (std::size_t i = 1; i < command.words.size(); ++i) {
            const std::string_view word = command.words[i].text;
            const bool output =
                command.words[i - 1].text == "-o" || command.words[i - 1].text == "-O";
            if (output || (downloaded_.empty() && (command.words[i].target & kTargetUrl) != 0) ||
                (command.words[i].target & kTargetScript) != 0) {
                downloaded_ = base_name(word).substr(0, 80);
            }
        }
        for (const Redirection& redirection : command.redirections) {
            downloaded_ = base_name(redirection.to.text).substr(0, 80);
        }
    }
    facts |= decodes(command) ? decoded : 0U;
    const bool reads = (command.bits & (kReads | kSelects | kCopies | kArchives | kDecodes |
                                        kEncrypts | kSearches)) != 0;
    facts |= reads && (arguments & kSensitive) != 0 ? secret : 0U;
    facts |= reads && has_any(command.text, ".pub") ? own_key : 0U;
    facts |= (command.bits & (kArchives | kReveals)) != 0 ? gathered : 0U;
    facts |= (command.bits & kCaptures) != 0 ? captured : 0U;
    facts |= (command.bits & kEncrypts) != 0 ? encrypted : 0U;
    facts |= (command.bits & kConnects) != 0 ? listening : 0U;
    facts |= (command.bits & kInterprets) != 0 ? interpreted : 0U;
    facts |= (command.bits & kPrints) != 0 ? printed : 0U;
    facts |= (command.bits & kPrints) != 0 && is_implant(command.text) ? scheduled : 0U;
    facts |= (command.bits & kModes) != 0 && has_any(command.text, "+x", " 7", " 0755") ? executable
                                                                                        : 0U;
    facts |= command.name() == "mkfifo" || command.name() == "mknod" ? piped_file : 0U;
    return facts;
}

void ShellJudge::command(const ShellCommand& command) {
    if (command.link != Link::pipe) {
        pipe_ = 0;
        start_ = command.start;
    }
    const bool dull = command.bits == 0 && command.wrapped == 0 && command.name_target == 0 &&
                      command.redirections.empty() && !command.assigns && !command.odd &&
                      !command.looped && (command.arguments & (kTargetTunnel | kTargetUrl)) == 0;
    if (dull || scan_.full()) {
        return;
    }
    for (const Redirection& redirection : command.redirections) {
        if ((redirection.to.target & kTargetTunnel) != 0) {
            add(Detector::shell_reverse, command, 0.9);
        }
    }
    judge_surroundings(command);
    if (!command.words.empty()) {
        judge_rules(command);
        judge_running(command);
        judge_sending(command);
        judge_connecting(command);
        judge_removal(command);
        judge_reading(command);
        judge_disguise(command);
        judge_names(command);
        judge_loops(command);
        judge_trying(command);
    }
    judge_writing(command);
    const std::uint32_t facts = command.words.empty() ? 0 : facts_of(command);
    pipe_ |= facts;
    for (std::size_t i = 0; i < kFacts; ++i) {
        last_[i] = ((facts >> i) & 1U) != 0 ? command.end + 1 : last_[i];
    }
}

// Which rules of the table hold. The text searched ends where the command ends.
void ShellJudge::judge_rules(const ShellCommand& command) {
    if (((command.bits | command.wrapped) & kRuled) == 0) {
        return;
    }
    std::string_view name = base_name(command.name());
    name = name.ends_with(".exe") ? name.substr(0, name.size() - 4) : name;
    name = name.starts_with("mkfs.") ? name.substr(0, 4) : name;
    const std::size_t from = std::min<std::size_t>(command.start, scan_.text.size());
    const std::size_t size = std::min<std::size_t>(command.end - from + 1, 400);
    const std::string_view text = scan_.text.substr(from, size);
    // As a list of strings (of a program) it reads the same as on a line.
    std::string joined;
    for (std::size_t i = 0; i < command.words.size() && i < kMaxJoinedWords; ++i) {
        joined.append(command.words[i].text.substr(0, kMaxJoinedBytes)).append(" ");
    }
    const auto holds = [&](const CommandRule& rule, std::string_view where) {
        return where.find(rule.first) != std::string_view::npos &&
               where.find(rule.second) != std::string_view::npos;
    };
    for (const CommandRule& rule : command_rules()) {
        const bool wrapper = rule.name == "sudo" && (command.wrapped & kRuled) != 0;
        const bool named = rule.name.size() == name.size() && !name.empty() &&
                           rule.name[0] == name[0] && rule.name == name;
        if ((named || wrapper) && (holds(rule, text) || holds(rule, joined))) {
            add(rule.detector, command, rule.confidence);
        }
    }
}

// Something fetched or decoded is run.
void ShellJudge::judge_running(const ShellCommand& command) {
    const std::string_view script = script_of(command);
    const bool runs = (command.bits & kInterprets) != 0;
    if (runs && command.link == Link::pipe && (script.empty() || is_any(script, "/dev/stdin"))) {
        if ((pipe_ & fetched) != 0) {
            scan_.add(Detector::shell_download_run, start_, command.end, 0.9);
        } else if ((pipe_ & decoded) != 0) {
            scan_.add(Detector::shell_obfuscated, start_, command.end, 0.9);
        } else if ((pipe_ & printed) != 0 && (pipe_ & scheduled) != 0) {
            scan_.add(Detector::shell_obfuscated, start_, command.end, 0.6);
        }
    }
    const bool outer_runs = (command.outer & kInterprets) != 0;
    if (command.substituted && outer_runs && (command.bits & kFetches) != 0) {
        add(Detector::shell_download_run, command, 0.85);
    }
    if (command.substituted && outer_runs && decodes(command)) {
        add(Detector::shell_obfuscated, command, 0.85);
    }
    const std::string_view ran =
        base_name(runs || (command.bits & (kOpens | kModes)) != 0 ? command.words.back().text
                                                                  : command.name());
    if (!downloaded_.empty() && ran == downloaded_ && recent(fetched, command)) {
        add(Detector::shell_download_run, command, (command.bits & kModes) != 0 ? 0.5 : 0.7);
    }
    const bool dropped = (command.name_target & (kTargetTemporary | kTargetHidden)) != 0 &&
                         (command.name_target & kTargetPath) != 0 &&
                         !command.name().starts_with(".");
    if (dropped && (recent(fetched, command) || recent(executable, command))) {
        add(Detector::shell_download_run, command, 0.7);
    }
}

bool ShellJudge::sends_file(const ShellCommand& command) const {
    const std::string_view name = base_name(command.name());
    if (is_any(name, "curl")) {
        return has_option(command, "-d", "--data", "--data-binary", "-F", "-f", "--form", "-t",
                          "--upload-file", "--data-urlencode", "--data-raw") &&
               (has_any(command.text, "@", "-t ", "--upload-file", "$(", "`"));
    }
    if (name == "wget") {
        return has_any(command.text, "--post-file", "--post-data", "--body-file");
    }
    return (command.bits & kSends) != 0 && (command.bits & kFetches) == 0;
}

void ShellJudge::judge_sending(const ShellCommand& command) {
    const bool sends = sends_file(command);
    const bool to_network = (command.bits & (kSends | kFetches)) != 0;
    if (sends && command.link == Link::pipe) {
        if ((pipe_ & (secret | captured)) != 0) {
            scan_.add(Detector::shell_exfiltration, start_, command.end, 0.85);
        } else if ((pipe_ & (gathered | encrypted)) != 0) {
            scan_.add(Detector::shell_exfiltration, start_, command.end, 0.6);
        }
    }
    if (sends && (command.arguments & (kSensitive | kTargetLogs)) != 0 &&
        !has_any(command.text, ".pub", "ssh -i", " -i ")) {
        add(Detector::shell_exfiltration, command, 0.75);
    }
    const bool away = (command.arguments &
                       (kTargetUrl | kTargetRemote | kTargetRawAddress | kTargetConfessed)) != 0 ||
                      (command.bits & kConnects) != 0;
    if (sends && away && command.link != Link::pipe &&
        (recent(secret, command) || recent(captured, command) || recent(encrypted, command))) {
        add(Detector::shell_exfiltration, command, 0.7);
    }
    if (sends && away && recent(gathered, command) &&
        ((command.bits & kFetches) != 0 || has_any(command.text, " -a ", "@", "-t "))) {
        add(Detector::shell_exfiltration, command, 0.6);
    }
    for (const Redirection& redirection : command.redirections) {
        if (redirection.input && to_network && (redirection.to.target & kSensitive) != 0) {
            add(Detector::shell_exfiltration, command, 0.8);
        }
    }
    // A question about the own name goes nowhere: host $(hostname)
    const bool local = command.name() == "hostname" &&
                       scan_.around(command.start, 60, 24).find('.') == std::string_view::npos;
    const bool told = command.substituted && (command.outer & (kSends | kFetches)) != 0 && !local;
    const bool telling = (command.bits & (kReads | kCaptures)) != 0 ||
                         is_any(command.name(), "whoami", "id", "hostname", "env", "ls", "pwd",
                                "printenv", "ps", "ifconfig", "history");
    const bool named = command.substituted && (command.outer & kWaits) != 0 &&
                       is_any(command.name(), "whoami", "id", "hostname");
    if (named) {
        add(Detector::shell_exfiltration, command, 0.6);
    }
    if (told && telling && !has_any(command.text, "token", "version")) {
        add(Detector::shell_exfiltration, command, 0.7);
    }
}

// Shells that are offered to, or fetched by, somebody else.
void ShellJudge::judge_connecting(const ShellCommand& command) {
    const bool connects = (command.bits & kConnects) != 0;
    if (connects) {
        for (std::size_t i = 1; i < command.words.size(); ++i) {
            const ShellWord& word = command.words[i];
            const bool shell = (word.target & kTargetShell) != 0 ||
                               is_any(word.text, "sh", "bash", "zsh", "cmd", "cmd.exe",
                                      "powershell", "powershell.exe");
            if (shell || has_any(word.text, "exec:", "system:", "sh-exec")) {
                add(Detector::shell_reverse, command, 0.9);
            }
        }
        if (has_short_option(command, 'l') && command.redirections.empty() && !command.piped_on) {
            add(Detector::shell_reverse, command, 0.42);
        }
        // What comes in by the port decides what is done.
        if (has_short_option(command, 'l') && command.piped_on &&
            has_any(scan_.around(command.end, 0, 90), "| while read", "|while read", "| xargs ")) {
            add(Detector::shell_reverse, command, 0.55);
        }
        if (command.link == Link::pipe && (pipe_ & interpreted) != 0) {
            scan_.add(Detector::shell_reverse, start_, command.end, 0.85);
        }
        if (recent(piped_file, command)) {
            add(Detector::shell_reverse, command, 0.85);
        }
    }
    const bool runs =
        (command.bits & kInterprets) != 0 || (command.name_target & kTargetShell) != 0;
    if (runs && command.link == Link::pipe && (pipe_ & listening) != 0) {
        scan_.add(Detector::shell_reverse, start_, command.end, 0.9);
    }
    if (((command.arguments | command.name_target) & kTargetTunnel) != 0) {
        add(Detector::shell_reverse, command, 0.9);
    }
    if ((command.bits & kMines) != 0 || (command.text.find('+') != std::string_view::npos &&
                                         has_any(command.text, "stratum+tcp", "stratum+ssl"))) {
        add(Detector::shell_exhaustion, command, 0.85);
    }
}

}  // namespace credence::guard
