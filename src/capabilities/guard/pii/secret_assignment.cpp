#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"
#include "capabilities/guard/pii/bytes.h"
#include "capabilities/guard/pii/secret_finder.h"
#include "capabilities/guard/pii/secret_values.h"

namespace credence::guard {

namespace {

constexpr std::size_t kMaxName = 48;
constexpr std::size_t kNameTail = 24;  // of the name, where it says that it is a secret
constexpr std::size_t kMaxValue = 512;
constexpr std::size_t kMinSecret = 16;
constexpr std::size_t kMaxKeyBlock = 16'384;

constexpr auto kPasswordNames = std::to_array<std::string_view>(
    {"passw", "pwd", "passphrase", "passcode", "kennwort", "passwort", "contrasena", "contraseña",
     "senha", "parola", "motdepasse", "mot de passe", "пароль", "密码", "パスワード", "비밀번호",
     "hasło", "wachtwoord", "lösenord"});
constexpr auto kSecretNames = std::to_array<std::string_view>(
    {"apikey",       "api_key",      "api-key",        "api key",       "secret",
     "accesskey",    "access_key",   "access-key",     "access key",    "accesstoken",
     "access_token", "access-token", "access token",   "authtoken",     "auth_token",
     "auth-token",   "auth token",   "private_token",  "private-token", "bottoken",
     "bot_token",    "token",        "credential",     "accountkey",    "sharedaccesskey",
     "signing_key",  "signingkey",   "encryption_key", "private_key",   "privatekey",
     "client_key"});

bool is_name(char c) {
    return is_token(c) || c == ' ' || c == '.' || is_wide(c);
}

// Three letters that the words below begin with or hold.
bool begins_secret_word(char a, char b, char c) {
    switch (a) {
        case 'p':
            return (b == 'a' && (c == 's' || c == 'r')) || (b == 'w' && c == 'd');
        case 's':
            return (b == 'e' && (c == 'c' || c == 'n')) || (b == 'i' && c == 'g');
        case 'k':
            return b == 'e' && (c == 'y' || c == 'n');
        case 't':
            return b == 'o' && c == 'k';
        case 'c':
            return (b == 'r' && c == 'e') || (b == 'o' && c == 'n');
        case 'm':
            return b == 'o' && c == 't';
        case 'w':
            return b == 'a' && c == 'c';
        default:
            return is_wide(a);
    }
}

bool is_name_gap(char c) {
    return c == ' ' || c == '"' || c == '\'' || c == '`' || c == ']' || c == ':' || c == '\\';
}

// A cheap look at the end of the name before `end`: one of the words below may stand there.
bool may_name_secret(std::string_view text, std::size_t end) {
    for (int gaps = 0; gaps < 3 && end > 0 && is_name_gap(text[end - 1]); ++gaps) {
        --end;
    }
    char b = '\0';
    char c = '\0';
    for (std::size_t i = end; i > 0 && end - i < kNameTail && is_name(text[i - 1]); --i) {
        const char a = lower(text[i - 1]);
        if (begins_secret_word(a, b, c)) {
            return true;
        }
        c = b;
        b = a;
    }
    return false;
}

// The name before the sign at `at`, lower case, without quotes.
std::string name_before(std::string_view text, std::size_t at) {
    std::size_t end = at;
    while (end > 0 && at - end < 3 && is_name_gap(text[end - 1])) {
        --end;
    }
    std::size_t start = end;
    while (start > 0 && end - start < kMaxName && is_name(text[start - 1])) {
        --start;
    }
    return to_lower(text.substr(start, end - start));
}

template <std::size_t N>
bool ends_in_one_of(std::string_view name, const std::array<std::string_view, N>& parts) {
    return std::any_of(parts.begin(), parts.end(), [&](std::string_view part) {
        // "password_hash_length" and "passwords were stolen in" are about passwords.
        const std::size_t last = name.size() - std::min(name.size(), part.size());
        for (std::size_t at = last - std::min<std::size_t>(last, 6);
             at <= last && part.size() <= name.size(); ++at) {
            if (name[at] == part[0] && name.substr(at).starts_with(part)) {
                return true;
            }
        }
        return false;
    });
}

struct Value {
    ByteSpan span;
    bool quoted = false;
};

Value value_after(std::string_view text, std::size_t at) {
    std::size_t start = at + 1;
    while (start < text.size() && start - at < 4 &&
           std::string_view(" \t=:>").find(text[start]) != std::string_view::npos) {
        ++start;
    }
    while (start < text.size() && start - at < 6 && text[start] == '\\') {
        ++start;
    }
    const bool quoted =
        start < text.size() && (text[start] == '"' || text[start] == '\'' || text[start] == '`');
    const char quote = quoted ? text[start] : '\0';
    start += quoted ? 1 : 0;
    std::size_t end = start;
    while (end < text.size() && end - start < kMaxValue) {
        const char c = text[end];
        const bool stop = quoted ? c == quote || c == '\n' || c == '\\'
                                 : static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '\'' ||
                                       c == ',' || c == ';' || c == '<' || c == '`' || c == '&';
        if (stop) {
            break;
        }
        ++end;
    }
    while (!quoted && end > start &&
           std::string_view(".!?)]}").find(text[end - 1]) != std::string_view::npos &&
           text[end - 1] != '!') {
        --end;
    }
    return {{start, end}, quoted};
}

Detector assigned_kind(std::string_view name, std::string_view value, bool quoted) {
    if (name.ends_with("accountkey") || name.ends_with("sharedaccesskey")) {
        return value.size() >= 40 && !is_placeholder(value) ? Detector::azure_storage_key
                                                            : Detector::none;
    }
    if (name.ends_with("sig") && value.size() >= 40 && value.find('%') != std::string_view::npos) {
        return Detector::azure_signature;
    }
    if (ends_in_one_of(name, kPasswordNames)) {
        const bool blank = value.find(' ') != std::string_view::npos;
        const bool code = !quoted &&
                          (value.find('.') != std::string_view::npos ||
                           value.find('_') != std::string_view::npos) &&
                          std::none_of(value.begin(), value.end(), is_digit);
        return looks_like_password(value) && !blank && !code ? Detector::assigned_password
                                                             : Detector::none;
    }
    if (!ends_in_one_of(name, kSecretNames) || value.size() < kMinSecret || !looks_random(value) ||
        is_placeholder(value) || value.find_first_of(" (){}[]$<>") != std::string_view::npos) {
        return Detector::none;
    }
    const bool aws = name.find("aws") != std::string_view::npos && value.size() == 40;
    const bool path = value.find('/') != std::string_view::npos && !aws &&
                      value.find('+') == std::string_view::npos;
    return path ? Detector::none : aws ? Detector::aws_secret_key : Detector::assigned_secret;
}

}  // namespace

std::optional<Detected> find_assigned_secret(std::string_view text, std::size_t at) {
    if (at == 0 || !may_name_secret(text, at)) {
        return std::nullopt;
    }
    const std::string name = name_before(text, at);
    const bool password = ends_in_one_of(name, kPasswordNames);
    const bool azure = name.ends_with("key") || name.ends_with("sig");
    if (!password && !azure && !ends_in_one_of(name, kSecretNames)) {
        return std::nullopt;
    }
    const Value value = value_after(text, at);
    const std::string_view written =
        text.substr(value.span.start, value.span.end - value.span.start);
    const Detector kind = assigned_kind(name, written, value.quoted);
    if (kind == Detector::none) {
        return std::nullopt;
    }
    return Detected{kind, value.span, value.quoted ? 0.85 : 0.75};
}

std::optional<Detected> find_private_key(std::string_view text, std::size_t at) {
    constexpr std::string_view kEnd = "PRIVATE KEY";
    const std::string_view line = text.substr(at, 64);
    const std::size_t name = line.find(kEnd);
    const std::size_t close = line.find("-----", 10);
    if (name == std::string_view::npos || close == std::string_view::npos || name > close) {
        return std::nullopt;
    }
    const std::string_view block = text.substr(at, kMaxKeyBlock);
    const std::size_t end = block.find("-----END ");
    std::size_t stop = close + 5;
    if (end != std::string_view::npos) {
        const std::size_t last = block.find("-----", end + 9);
        stop = last == std::string_view::npos ? block.size() : last + 5;
    }
    return Detected{Detector::private_key, {at, at + stop}, 1.0};
}

}  // namespace credence::guard
