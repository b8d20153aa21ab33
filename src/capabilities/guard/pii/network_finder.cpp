#include "capabilities/guard/pii/network_finder.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "capabilities/guard/pii/bytes.h"
#include "capabilities/guard/pii/checksums.h"
#include "capabilities/guard/pii/secret_values.h"

namespace credence::guard {

namespace {

constexpr std::size_t kMaxLocalPart = 64;  // RFC 5321
constexpr std::size_t kMaxDomain = 253;    // RFC 1035
constexpr std::size_t kMaxUrl = 2048;
constexpr std::size_t kMaxScheme = 24;
constexpr std::size_t kMaxColonRun = 64;
constexpr std::size_t kMinIpv6 = 6;
constexpr std::size_t kVersionReach = 12;

// Top-level domains that host names without a scheme end in; those that are also endings of files
// are left out.
constexpr std::string_view kTopLevel =
    " com org net edu gov mil int info biz eu uk de fr es it nl be ch at se no dk fi pt br mx ca "
    "au nz jp cn kr ru in za "
    "ie cz hu gr tr il us online site store shop cloud app dev ai io tech xyz ";

bool is_local(char c) {
    return is_alphanumeric(c) ||
           std::string_view("._%+-!#$&'*/=?^{|}~").find(c) != std::string_view::npos;
}

// Beginning of a character of three or four bytes.
bool is_far_lead(char c) {
    return static_cast<unsigned char>(c) >= 0xE0;
}

std::size_t character_start(std::string_view text, std::size_t end) {
    std::size_t at = end - 1;
    while (at > 0 && end - at < 4 && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) {
        --at;
    }
    return at;
}

std::size_t local_start(std::string_view text, std::size_t at, std::size_t from) {
    if (at > from + 2 && text[at - 1] == '"') {
        const std::size_t open = text.substr(from, at - 1 - from).rfind('"');
        const bool fits = open != std::string_view::npos && at - (from + open) <= kMaxLocalPart + 2;
        return fits && text.substr(from + open, at - from - open).find('\n') ==
                           std::string_view::npos
                   ? from + open
                   : at;
    }
    std::size_t start = at;
    bool far = false;
    while (start > from && at - start < kMaxLocalPart) {
        const char c = text[start - 1];
        if (!is_wide(c)) {
            if (!is_local(c) || far) {
                break;
            }
            --start;
            continue;
        }
        const std::size_t character = character_start(text, start);
        const bool far_here = is_far_lead(text[character]);
        // Scripts without blanks: the whole name is of that script, or the name ends before it.
        if (far_here && start != at && !far) {
            break;
        }
        far = far || far_here;
        start = std::max(character, from);
    }
    while (start < at &&
           std::string_view(".'/=*|{}&?!#$^~%").find(text[start]) != std::string_view::npos) {
        ++start;
    }
    return start;
}

std::size_t domain_end(std::string_view text, std::size_t at) {
    std::size_t end = at;
    const bool far = at < text.size() && is_far_lead(text[at]);
    while (end < text.size() && end - at < kMaxDomain) {
        const char c = text[end];
        const bool near_letter = is_wide(c) && (far || !is_far_lead(c));
        const bool sign = text.substr(end, 2) == "\xE3\x80" || text.substr(end, 2) == "\xEF\xBC";
        if ((!is_alphanumeric(c) && c != '.' && c != '-' && !near_letter) || sign) {
            break;
        }
        ++end;
        while (near_letter && end < text.size() &&
               (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
            ++end;
        }
    }
    while (end > at && !is_alphanumeric(text[end - 1]) && !is_wide(text[end - 1])) {
        --end;
    }
    return end;
}

// Ends in a dot and a name of two letters or more; no empty label.
bool is_host(std::string_view host) {
    const std::size_t dot = host.rfind('.');
    if (dot == std::string_view::npos || dot == 0 || host.find("..") != std::string_view::npos) {
        return false;
    }
    const std::string_view top = host.substr(dot + 1);
    return top.size() >= 2 &&
           (top.starts_with("xn--") ||
            std::all_of(top.begin(), top.end(), [](char c) { return is_letter(c) || is_wide(c); }));
}

bool is_url_end(char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '<' || c == '>' || c == '`' ||
           c == '\\' || c == '|' || c == '^';
}

std::size_t url_end(std::string_view text, std::size_t at) {
    std::size_t end = at;
    while (end < text.size() && end - at < kMaxUrl && !is_url_end(text[end]) &&
           text.substr(end, 2) != "\xE3\x80" && text.substr(end, 2) != "\xEF\xBC") {
        ++end;
    }
    while (end > at &&
           std::string_view(".,;:!?)]}'*").find(text[end - 1]) != std::string_view::npos) {
        --end;
    }
    return end;
}

// "user:password@" before the host, where the password is no placeholder.
bool has_credentials(std::string_view rest) {
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
    const std::size_t sign = authority.rfind('@');
    const std::size_t colon = authority.find(':');
    if (sign == std::string_view::npos || colon == std::string_view::npos || colon > sign) {
        return false;
    }
    const std::string_view password = authority.substr(colon + 1, sign - colon - 1);
    return password.size() >= 3 && !is_placeholder(password);
}

}  // namespace

std::optional<Detected> find_email(std::string_view text, std::size_t at, std::size_t from) {
    const auto fits = [](char c) { return is_alphanumeric(c) || is_wide(c); };
    if (at == from || at + 1 >= text.size() || !fits(text[at + 1]) ||
        !(is_local(text[at - 1]) || is_wide(text[at - 1]) || text[at - 1] == '"')) {
        return std::nullopt;
    }
    const std::size_t end = domain_end(text, at + 1);
    if (end < at + 4) {
        return std::nullopt;
    }
    const std::size_t start = local_start(text, at, from);
    if (start == at || text[at - 1] == '.' || !is_host(text.substr(at + 1, end - at - 1))) {
        return std::nullopt;
    }
    const bool repository =
        text.substr(start, at - start) == "git" && end < text.size() && text[end] == ':';
    if (repository) {
        return std::nullopt;
    }
    return Detected{Detector::email, {start, end}, 1.0};
}

std::optional<Detected> find_url(std::string_view text, std::size_t at) {
    std::size_t start = at;
    while (start > 0 && at - start < kMaxScheme &&
           (is_alphanumeric(text[start - 1]) || text[start - 1] == '+')) {
        --start;
    }
    const std::string scheme = to_lower(text.substr(start, at - start));
    const std::size_t end = url_end(text, at + 3);
    const std::string_view rest = text.substr(at + 3, end - at - 3);
    if (scheme.empty() || rest.size() < 3) {
        return std::nullopt;
    }
    if (has_credentials(rest)) {
        return Detected{Detector::url_credentials, {start, end}, 0.95};
    }
    if (scheme != "http" && scheme != "https" && scheme != "ftp" && scheme != "ftps" &&
        scheme != "ws" && scheme != "wss" && scheme != "sftp") {
        return std::nullopt;
    }
    const bool slack = rest.starts_with("hooks.slack.com/services/T") && rest.size() > 60;
    const bool discord =
        rest.find("discord") < 8 && rest.find("/api/webhooks/") < 24 && rest.size() > 90;
    if (slack || discord) {
        return Detected{Detector::chat_webhook, {start, end}, 1.0};
    }
    return Detected{Detector::url, {start, end}, 1.0};
}

std::optional<Detected> find_domain(std::string_view text, std::size_t at, std::size_t from) {
    std::size_t start = at;
    while (start > from && at - start < kMaxLocalPart &&
           (is_alphanumeric(text[start - 1]) || text[start - 1] == '-')) {
        --start;
    }
    const std::size_t end = domain_end(text, at + 1);
    const std::string_view host = text.substr(start, end - start);
    const bool continued = start > 0 && (text[start - 1] == '@' || text[start - 1] == '/' ||
                                         text[start - 1] == '_' || is_wide(text[start - 1]));
    const bool called =
        end < text.size() && (text[end] == '(' || text[end] == '_' || text[end] == '@');
    if (start == at || continued || called || !is_host(host) || host.size() > kMaxDomain) {
        return std::nullopt;
    }
    const std::string top = " " + to_lower(host.substr(host.rfind('.') + 1)) + " ";
    if (kTopLevel.find(top) == std::string_view::npos) {
        return std::nullopt;
    }
    const bool sure =
        to_lower(host.substr(0, 4)) == "www." || top == " com " || top == " org " || top == " net ";
    return Detected{Detector::domain, {start, end}, sure ? 0.8 : 0.5};
}

std::optional<Detected> find_ipv4(std::string_view text, std::size_t at, CueScanner& cues) {
    std::size_t end = at;
    std::size_t dots = 0;
    while (end < text.size() && end - at < 15 &&
           (is_digit(text[end]) || (text[end] == '.' && dots < 3 && end > at))) {
        dots += text[end] == '.' ? 1 : 0;
        ++end;
    }
    const bool before = at > 0 && (is_alphanumeric(text[at - 1]) || text[at - 1] == '.' ||
                                   text[at - 1] == '_' || text[at - 1] == '-');
    const bool behind =
        end < text.size() &&
        (is_alphanumeric(text[end]) || text[end] == '_' ||
         (text[end] == '.' && end + 1 < text.size() && is_alphanumeric(text[end + 1])));
    if (dots != 3 || before || behind) {
        return std::nullopt;
    }
    const AddressKind kind = ipv4_kind(text.substr(at, end - at));
    if (kind == AddressKind::none || cues.before(Cue::version, at) <= kVersionReach) {
        return std::nullopt;
    }
    return Detected{
        kind == AddressKind::public_internet ? Detector::public_address : Detector::private_address,
        {at, end},
        0.95};
}

std::optional<Detected> find_colon_address(std::string_view text, std::size_t at, std::size_t from,
                                           std::size_t& end) {
    std::size_t start = at;
    while (start > from && at - start < 4 && is_hex_digit(text[start - 1])) {
        --start;
    }
    end = at;
    std::size_t colons = 0;
    std::size_t digits = 0;
    while (end < text.size() && end - start < kMaxColonRun &&
           (is_hex_digit(text[end]) || text[end] == ':' || (text[end] == '.' && colons >= 2))) {
        colons += text[end] == ':' ? 1 : 0;
        ++end;
    }
    while (end > start + 2 &&
           ((text[end - 1] == ':' && text[end - 2] != ':') || text[end - 1] == '.')) {
        --end;
    }
    const std::string_view run = text.substr(start, end - start);
    digits = static_cast<std::size_t>(std::count_if(run.begin(), run.end(), is_digit));
    const bool glued = (start > 0 && (is_alphanumeric(text[start - 1]) || text[start - 1] == '_' ||
                                      text[start - 1] == '.' || text[start - 1] == ':')) ||
                       (end < text.size() && (is_alphanumeric(text[end]) || text[end] == '_'));
    if (colons < 2 || glued || run.size() < kMinIpv6 || digits == 0) {
        return std::nullopt;
    }
    const auto parts = split(run, ':');
    const auto pair = [](std::string_view part) { return part.size() == 2; };
    if (parts.size() == 6 && std::all_of(parts.begin(), parts.end(), pair)) {
        return Detected{Detector::mac_address, {start, end}, 0.95};
    }
    const auto long_part = [](std::string_view part) { return part.size() >= 3; };
    if (parts.size() < 5 && std::none_of(parts.begin(), parts.end(), long_part)) {
        return std::nullopt;
    }
    const AddressKind kind = ipv6_kind(run);
    if (kind == AddressKind::none) {
        return std::nullopt;
    }
    if (end < text.size() && text[end] == '%') {
        std::size_t zone = end + 1;
        while (zone < text.size() && zone - end < 16 && is_alphanumeric(text[zone])) {
            ++zone;
        }
        end = zone > end + 1 ? zone : end;
    }
    return Detected{
        kind == AddressKind::public_internet ? Detector::public_address : Detector::private_address,
        {start, end},
        0.95};
}

std::optional<Detected> find_mac(std::string_view text, std::size_t at) {
    const auto group = [&](std::size_t from, std::size_t size) {
        return from + size <= text.size() &&
               std::all_of(text.begin() + static_cast<std::ptrdiff_t>(from),
                           text.begin() + static_cast<std::ptrdiff_t>(from + size), is_hex_digit);
    };
    const auto reads = [&](std::size_t from, std::size_t size, char sign) {
        const std::size_t count = 12 / size;
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t here = from + i * (size + 1);
            if (!group(here, size) || (i > 0 && text[here - 1] != sign)) {
                return false;
            }
        }
        const std::size_t end = from + count * (size + 1) - 1;
        const bool behind = end < text.size() && (is_alphanumeric(text[end]) || text[end] == sign);
        const bool before = from > 0 && (is_alphanumeric(text[from - 1]) || text[from - 1] == sign);
        return !behind && !before;
    };
    std::size_t from = at;
    for (int back = 0; back < 5 && from >= 3 && text[from - 1] == '-' && group(from - 3, 2);
         ++back) {
        from -= 3;
    }
    if (reads(from, 2, '-')) {
        return Detected{Detector::mac_address, {from, from + 17}, 0.95};
    }
    if (reads(at, 4, '.')) {
        return Detected{Detector::mac_address, {at, at + 14}, 0.8};
    }
    return std::nullopt;
}

}  // namespace credence::guard
