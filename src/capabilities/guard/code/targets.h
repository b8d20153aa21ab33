// What a path, address or name in a command points at.
#pragma once

#include <cstdint>
#include <string_view>

namespace credence::guard {

// Bits of what a word denotes.
inline constexpr std::uint32_t kTargetRoot =
    1U << 0U;  // "/", "/*", a whole system folder, a home: all of it
inline constexpr std::uint32_t kTargetSystem =
    1U << 1U;  // inside /etc, /bin, /boot, /usr, /lib, C:\Windows …
inline constexpr std::uint32_t kTargetSecret =
    1U << 2U;  // password files, keys, tokens, wallets, browser stores
inline constexpr std::uint32_t kTargetAccounts = 1U << 3U;  // passwd, shadow, sudoers, group
inline constexpr std::uint32_t kTargetStartup =
    1U << 4U;  // what runs by itself: cron, rc files, launch agents, units
inline constexpr std::uint32_t kTargetLogs = 1U << 5U;          // logs and shell histories
inline constexpr std::uint32_t kTargetDevice = 1U << 6U;        // disks, raw memory, input devices
inline constexpr std::uint32_t kTargetNetworkNames = 1U << 7U;  // hosts, resolv.conf
inline constexpr std::uint32_t kTargetTemporary =
    1U << 8U;  // /tmp, /dev/shm, hidden folders: where droppers write
inline constexpr std::uint32_t kTargetHidden = 1U << 9U;  // a name that begins with a dot
inline constexpr std::uint32_t kTargetUrl = 1U << 10U;
inline constexpr std::uint32_t kTargetRemote = 1U << 11U;  // user@host, host:path
inline constexpr std::uint32_t kTargetRawAddress = 1U
                                                   << 12U;  // a URL or host that is a bare number
inline constexpr std::uint32_t kTargetConfessed =
    1U << 13U;  // names itself: evil.example, rootkit.sh, keylogger.py
inline constexpr std::uint32_t kTargetPrivate =
    1U << 14U;  // documents, mail, photographs, history of a person
inline constexpr std::uint32_t kTargetShell = 1U << 15U;   // /bin/sh and its kin
inline constexpr std::uint32_t kTargetTunnel = 1U << 16U;  // /dev/tcp, /dev/udp
inline constexpr std::uint32_t kTargetScript = 1U << 17U;  // ends like something that is run
inline constexpr std::uint32_t kTargetConfiguration =
    1U << 18U;  // sshd_config, pam.d, profile.d: settings of the system
inline constexpr std::uint32_t kTargetPath = 1U << 19U;  // has a slash

// Of one word of lower-case text without quotes. Reads at most the first 200 bytes.
std::uint32_t target_of(std::string_view word);

}  // namespace credence::guard
