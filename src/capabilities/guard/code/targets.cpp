#include "capabilities/guard/code/targets.h"

#include <array>

#include "capabilities/guard/code/scan.h"

namespace credence::guard {

namespace {

constexpr ByteSet kNameSigns("/.@\\_-");
constexpr ByteSet kPathSigns("/.\\:~%@_$-");
constexpr std::size_t kMaxTargetBytes = 200;

// A part of a path, and what it means.
struct Part {
    std::string_view text;
    std::uint32_t target;
};

constexpr std::uint32_t kAccountFile = kTargetAccounts | kTargetSecret | kTargetSystem;
constexpr std::uint32_t kStartupFile = kTargetStartup;

// Anywhere in the word.
constexpr auto kParts = std::to_array<Part>({
    {"/etc/passwd", kAccountFile},
    {"/etc/shadow", kAccountFile},
    {"/etc/gshadow", kAccountFile},
    {"/etc/group", kTargetAccounts | kTargetSystem},
    {"/etc/sudoers", kAccountFile},
    {"etc/passwd", kTargetSecret},
    {"/master.passwd", kAccountFile},
    {"/etc/hosts", kTargetNetworkNames | kTargetSystem},
    {"/etc/resolv.conf", kTargetNetworkNames | kTargetSystem},
    {"drivers/etc/hosts", kTargetNetworkNames | kTargetSystem},
    {"/etc/cron", kStartupFile | kTargetSystem},
    {"/var/spool/cron", kStartupFile | kTargetSystem},
    {"/etc/rc", kStartupFile | kTargetSystem},
    {"/etc/init.d", kStartupFile | kTargetSystem},
    {"/etc/profile", kStartupFile | kTargetSystem},
    {"/etc/bash", kStartupFile | kTargetSystem},
    {"/etc/zsh", kStartupFile | kTargetSystem},
    {"/etc/environment", kStartupFile | kTargetSystem},
    {"/etc/systemd", kStartupFile | kTargetSystem},
    {"/systemd/system", kStartupFile | kTargetSystem},
    {"/systemd/user", kStartupFile},
    {"/etc/update-motd.d", kStartupFile | kTargetSystem},
    {"/etc/ld.so", kStartupFile | kTargetSystem},
    {"/etc/pam.d", kTargetConfiguration | kTargetSystem},
    {"/etc/ssh/", kTargetConfiguration | kTargetSystem},
    {".ssh/config", kTargetConfiguration},
    {".ssh/known_hosts", kTargetConfiguration},
    {"/etc/selinux", kTargetConfiguration | kTargetSystem},
    {"/etc/pf.conf", kTargetConfiguration | kTargetSystem},
    {"/etc/apt/sources", kTargetConfiguration | kTargetSystem},
    {"/etc/security", kTargetConfiguration | kTargetSystem},
    {"/etc/udev/rules", kStartupFile | kTargetSystem},
    {"/etc/modules", kStartupFile | kTargetSystem},
    {"/launchagents", kStartupFile},
    {"/launchdaemons", kStartupFile},
    {"/startupitems", kStartupFile},
    {"\\startup\\", kStartupFile},
    {"/scriptingadditions", kStartupFile},
    {".config/autostart", kStartupFile},
    {"/library/extensions", kStartupFile},
    {".bashrc", kStartupFile},
    {".bash_profile", kStartupFile},
    {".bash_login", kStartupFile},
    {".profile", kStartupFile},
    {".zshrc", kStartupFile},
    {".zshenv", kStartupFile},
    {".zprofile", kStartupFile},
    {".bash_logout", kStartupFile},
    {".git/hooks/", kStartupFile},
    {"authorized_keys", kStartupFile | kTargetSecret},
    {".ssh/id_", kTargetSecret},
    {"/.ssh/", kTargetSecret},
    {"id_rsa", kTargetSecret},
    {"id_ed25519", kTargetSecret},
    {"id_ecdsa", kTargetSecret},
    {"id_dsa", kTargetSecret},
    {"ssh_host_", kTargetSecret},
    {".aws/", kTargetSecret},
    {".kube/config", kTargetSecret},
    {".docker/config", kTargetSecret},
    {".netrc", kTargetSecret},
    {".pgpass", kTargetSecret},
    {".git-credentials", kTargetSecret},
    {".gnupg", kTargetSecret},
    {".npmrc", kTargetSecret},
    {".pypirc", kTargetSecret},
    {"gcloud/credentials", kTargetSecret},
    {"application_default_credentials", kTargetSecret},
    {".azure/", kTargetSecret},
    {"keychain", kTargetSecret},
    {"/cookies", kTargetSecret},
    {"cookies.sqlite", kTargetSecret},
    {"login data", kTargetSecret},
    {"logins.json", kTargetSecret},
    {"key4.db", kTargetSecret},
    {"/google/chrome", kTargetSecret},
    {"google-chrome", kTargetSecret},
    {".mozilla/", kTargetSecret},
    {"/firefox/", kTargetSecret},
    {"library/safari", kTargetPrivate},
    {"history.db", kTargetPrivate},
    {"library/messages", kTargetPrivate},
    {"library/mail", kTargetPrivate},
    {"wallet.dat", kTargetSecret},
    {".bitcoin", kTargetSecret},
    {".ethereum", kTargetSecret},
    {".env", kTargetSecret},
    {"wp-config", kTargetSecret},
    {"serviceaccount/token", kTargetSecret},
    {"/proc/self/environ", kTargetSecret},
    {"/proc/1/environ", kTargetSecret},
    {"/proc/kcore", kTargetDevice | kTargetSecret},
    {"/dev/mem", kTargetDevice},
    {"/dev/kmem", kTargetDevice},
    {"/dev/input/", kTargetDevice | kTargetPrivate},
    {"/repair/sam", kTargetSecret},
    {"\\repair\\s", kTargetSecret},
    {"system32\\config", kTargetSecret | kTargetSystem},
    {"ntds.dit", kTargetSecret},
    {"boot.ini", kTargetSecret},
    {"win.ini", kTargetSecret},
    {"unattend.xml", kTargetSecret},
    {"_history", kTargetLogs | kTargetPrivate},
    {"/.history", kTargetLogs | kTargetPrivate},
    {"/var/spool/mail", kTargetLogs},
    {"/var/log", kTargetLogs},
    {"/library/logs", kTargetLogs},
    {"/var/audit", kTargetLogs},
    {"/var/run/utmp", kTargetLogs},
    {"~/documents", kTargetPrivate},
    {"/documents/", kTargetPrivate},
    {"~/desktop", kTargetPrivate},
    {"~/pictures", kTargetPrivate},
    {"confidential", kTargetPrivate},
    {"sensitive", kTargetPrivate},
    {"credential", kTargetSecret},
    {"secret", kTargetSecret},
    {"password", kTargetSecret},
    {"private_key", kTargetSecret},
    {"/dev/tcp/", kTargetTunnel},
    {"/dev/udp/", kTargetTunnel},
    {"/tmp/", kTargetTemporary},
    {"/dev/shm", kTargetTemporary},
    {"%temp%", kTargetTemporary},
    {"/users/shared", kTargetTemporary},
    {"://", kTargetUrl},
    // Names that confess what they are; only of things with a path, a host or an ending.
    {"malicious", kTargetConfessed},
    {"keystroke", kTargetConfessed},
    {"harvest", kTargetConfessed},
    {"stealth", kTargetConfessed},
    {"unauthori", kTargetConfessed},
    {"malware", kTargetConfessed},
    {"attacker", kTargetConfessed},
    {"evil", kTargetConfessed},
    {"exploit", kTargetConfessed},
    {"rootkit", kTargetConfessed},
    {"backdoor", kTargetConfessed},
    {"keylog", kTargetConfessed},
    {"trojan", kTargetConfessed},
    {"payload", kTargetConfessed},
    {"revshell", kTargetConfessed},
    {"hacker", kTargetConfessed},
    {"hacked", kTargetConfessed},
    {"pwn", kTargetConfessed},
    {"ransom", kTargetConfessed},
    {"spyware", kTargetConfessed},
    {"botnet", kTargetConfessed},
    {"c2.", kTargetConfessed},
    {"victim", kTargetConfessed},
    {"exfil", kTargetConfessed},
    {"phish", kTargetConfessed},
    {"stealer", kTargetConfessed},
    {"dropper", kTargetConfessed},
    {"suspicious", kTargetConfessed},
    {"rogue", kTargetConfessed},
    {"hijack", kTargetConfessed},
    {"inject", kTargetConfessed},
    {"fake", kTargetConfessed},
    {"bad-", kTargetConfessed},
    {"shady", kTargetConfessed},
    {"untrusted", kTargetConfessed},
    {"stolen", kTargetConfessed},
    {"compromis", kTargetConfessed},
    {"virus", kTargetConfessed},
    {"cryptominer", kTargetConfessed},
    {"xmrig", kTargetConfessed},
    {"webshell", kTargetConfessed},
    {"burpcollab", kTargetConfessed},
    {"oastify", kTargetConfessed},
    {"interact.sh", kTargetConfessed},
    {"requestbin", kTargetConfessed},
    {"webhook.site", kTargetConfessed},
    {"ngrok", kTargetConfessed},
    {"pastebin.com/raw", kTargetConfessed},
    {"transfer.sh", kTargetConfessed},
    {"0x0.st", kTargetConfessed},
    {"termbin", kTargetConfessed},
    {"crowdshield", kTargetConfessed},
});

// The parts by a hash of their first two letters: one look a position.
class PartIndex {
public:
    consteval PartIndex() {
        for (std::size_t i = kParts.size(); i > 0; --i) {
            const std::size_t bucket = bucket_of(kParts[i - 1].text[0], kParts[i - 1].text[1]);
            next_[i - 1] = heads_[bucket];
            heads_[bucket] = static_cast<std::uint8_t>(i);
        }
    }

    std::uint32_t find(std::string_view word) const {
        std::uint32_t target = 0;
        for (std::size_t i = 0; i + 1 < word.size(); ++i) {
            for (std::size_t part = heads_[bucket_of(word[i], word[i + 1])]; part != 0;
                 part = next_[part - 1]) {
                const Part& candidate = kParts[part - 1];
                target |= word.substr(i).starts_with(candidate.text) ? candidate.target : 0;
            }
        }
        return target;
    }

private:
    static constexpr std::size_t bucket_of(char first, char second) {
        return (static_cast<unsigned char>(first) * 37U + static_cast<unsigned char>(second)) %
               512U;
    }

    std::array<std::uint8_t, 512> heads_{};
    std::array<std::uint8_t, kParts.size()> next_{};
};

static_assert(kParts.size() < 256);
constexpr PartIndex kPartIndex;

bool is_raw_host(std::string_view host) {
    std::size_t dots = 0;
    std::size_t index = 0;
    while (index < host.size() && (is_digit(host[index]) || host[index] == '.')) {
        dots += host[index] == '.' ? 1 : 0;
        ++index;
    }
    return dots == 3 && index >= 7 && !starts_any(host, "127.", "0.0.0.0");
}

std::uint32_t of_root(std::string_view word) {
    while (word.size() > 1 && (word.ends_with("*") || word.ends_with("/") || word.ends_with("."))) {
        word.remove_suffix(1);
    }
    if (word.size() > 20 || std::string_view("/~$c-%").find(word[0]) == std::string_view::npos) {
        return 0;
    }
    if (is_any(word, "/", "~", "$home", "${home}", "/etc", "/usr", "/bin", "/sbin", "/lib", "/boot",
               "/var", "/home", "/root", "/dev", "/opt", "/sys", "/proc", "/usr/bin", "/usr/lib",
               "/users", "/system", "/library", "c:", "c:\\", "c:\\windows", "/lib64", "/usr/local",
               "--no-preserve-root", "%systemdrive%", "/srv", "c:\\windows\\system32",
               "/applications", "/var/lib", "/usr/sbin")) {
        return kTargetRoot;
    }
    return 0;
}

std::uint32_t of_system(std::string_view word) {
    if (std::string_view("/\\c%").find(word[0]) == std::string_view::npos) {
        return word.ends_with("cmd.exe") ? kTargetShell : 0U;
    }
    if (word == "/bin/sh" || word.ends_with("/bash") || word.ends_with("/zsh") ||
        word.ends_with("/sh") || word.ends_with("cmd.exe")) {
        return kTargetShell | kTargetSystem;
    }
    if (starts_any(word, "/dev/sd", "/dev/hd", "/dev/nvme", "/dev/vd", "/dev/disk", "/dev/rdisk",
                   "/dev/xvd", "/dev/mmcblk", "/dev/mapper", "\\\\.\\physicaldrive")) {
        return kTargetDevice;
    }
    if (starts_any(word, "/etc/", "/bin/", "/sbin/", "/boot/", "/usr/bin/", "/usr/sbin/", "/lib/",
                   "/lib64/", "/usr/lib/", "/usr/local/lib/", "/usr/share/", "/system/", "/root/",
                   "/sys/", "/proc/sys", "c:\\windows", "/usr/local/bin/", "/var/lib/",
                   "/private/etc", "/root", "%systemroot%", "%windir%")) {
        return kTargetSystem;
    }
    return 0;
}

}  // namespace

std::uint32_t target_of(std::string_view word) {
    word = word.substr(0, kMaxTargetBytes);
    if (word.empty() || kPathSigns.find_in(word) == std::string_view::npos) {
        return 0;
    }
    std::uint32_t target = of_root(word) | of_system(word);
    target |= kPartIndex.find(word);
    if (kNameSigns.find_in(word) == std::string_view::npos) {
        target &= ~kTargetConfessed;
    }
    target |= word.find('/') != std::string_view::npos ? kTargetPath : 0;
    const std::size_t host = word.find("://");
    const std::size_t at = word.find('@');
    const std::string_view rest = host != std::string_view::npos ? word.substr(host + 3)
                                  : at != std::string_view::npos ? word.substr(at + 1)
                                                                 : word;
    target |= is_raw_host(rest) ? kTargetRawAddress : 0;
    if (at != std::string_view::npos && at > 0 && at + 2 < word.size()) {
        target |= kTargetRemote;
    }
    if (word[0] == '.' && word.size() > 2 && is_letter(word[1])) {
        target |= kTargetHidden;
    }
    if (word.find("/.") != std::string_view::npos && word.find("/..") == std::string_view::npos &&
        word.find("/./") == std::string_view::npos) {
        target |= kTargetHidden;
    }
    const std::size_t dot = word.rfind('.');
    if (dot == std::string_view::npos || word.size() - dot > 4) {
        return target;
    }
    if (is_any(word.substr(dot), ".sh", ".py", ".pl", ".rb", ".elf", ".exe", ".ps1", ".bin", ".pkg",
               ".dmg", ".app", ".bat", ".vbs", ".dll", ".php")) {
        target |= kTargetScript;
    }
    return target;
}

}  // namespace credence::guard
