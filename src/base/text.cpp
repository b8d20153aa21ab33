#include "base/text.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <simdjson.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>

#include "base/descriptor.h"

namespace credence {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

std::uint8_t byte_at(std::string_view text, std::size_t at) {
    return at < text.size() ? static_cast<std::uint8_t>(text[at]) : std::uint8_t{0};
}

bool is_within(std::uint8_t byte, int low, int high) {
    return byte >= low && byte <= high;
}

// Length of the well-formed sequence at `at`, or 0. Ranges: Unicode 15, table 3-7.
std::size_t sequence_length(std::string_view text, std::size_t at) {
    const std::uint8_t first = byte_at(text, at);
    const std::uint8_t second = byte_at(text, at + 1);
    if (first < 0x80) {
        return 1;
    }
    if (is_within(first, 0xC2, 0xDF)) {
        return is_within(second, 0x80, 0xBF) ? 2 : 0;
    }
    if (is_within(first, 0xE0, 0xEF)) {
        const int low = first == 0xE0 ? 0xA0 : 0x80;
        const int high = first == 0xED ? 0x9F : 0xBF;  // no surrogates
        return is_within(second, low, high) && is_within(byte_at(text, at + 2), 0x80, 0xBF) ? 3 : 0;
    }
    if (is_within(first, 0xF0, 0xF4)) {
        const int low = first == 0xF0 ? 0x90 : 0x80;
        const int high = first == 0xF4 ? 0x8F : 0xBF;  // nothing above U+10FFFF
        return is_within(second, low, high) && is_within(byte_at(text, at + 2), 0x80, 0xBF) &&
                       is_within(byte_at(text, at + 3), 0x80, 0xBF)
                   ? 4
                   : 0;
    }
    return 0;
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}

bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

// Both digits at `at` as a byte.
std::optional<std::uint8_t> hex_byte(std::string_view text, std::size_t at) {
    if (at + 2 > text.size()) {
        return std::nullopt;
    }
    const unsigned high = hex_value(text[at]);
    const unsigned low = hex_value(text[at + 1]);
    if (high > 15 || low > 15) {
        return std::nullopt;
    }
    return static_cast<std::uint8_t>(high << 4 | low);
}

}  // namespace

bool is_valid_utf8(std::string_view bytes) {
    return simdjson::validate_utf8(bytes.data(), bytes.size());
}

std::string to_valid_utf8(std::string_view bytes) {
    if (is_valid_utf8(bytes)) {
        return std::string(bytes);
    }
    std::string out;
    out.reserve(bytes.size() + kReplacement.size());
    for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t length = sequence_length(bytes, at);
        if (length == 0) {
            out += kReplacement;
            ++at;
            continue;
        }
        out += bytes.substr(at, length);
        at += length;
    }
    return out;
}

std::string to_lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), lower);
    return out;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, {}, lower, lower);
}

std::string to_snake_case(std::string_view name) {
    std::string out;
    for (std::size_t at = 0; at < name.size(); ++at) {
        const bool follows_word = at > 0 && name[at - 1] != '_' && !is_upper(name[at - 1]);
        // The last capital of a run starts the next word: "HTTPServer" -> "http_server".
        const bool ends_run = at > 0 && is_upper(name[at - 1]) && at + 1 < name.size() &&
                              name[at + 1] >= 'a' && name[at + 1] <= 'z';
        if (is_upper(name[at]) && (follows_word || ends_run)) {
            out += '_';
        }
        out += lower(name[at]);
    }
    return out;
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && is_space(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_space(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (;;) {
        const std::size_t at = text.find(separator);
        parts.push_back(text.substr(0, at));
        if (at == std::string_view::npos) {
            return parts;
        }
        text.remove_prefix(at + 1);
    }
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
    std::int64_t value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || stop != end) {
        return std::nullopt;
    }
    return value;
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const std::uint8_t byte : bytes) {
        out += kDigits[byte >> 4];
        out += kDigits[byte & 0xF];
    }
    return out;
}

std::optional<std::vector<std::uint8_t>> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) {
        return std::nullopt;
    }
    std::vector<std::uint8_t> bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t at = 0; at < text.size(); at += 2) {
        const auto byte = hex_byte(text, at);
        if (!byte) {
            return std::nullopt;
        }
        bytes.push_back(*byte);
    }
    return bytes;
}

std::string to_base64url(std::span<const std::uint8_t> bytes) {
    constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
    std::string out(sodium_base64_encoded_len(bytes.size(), kVariant), '\0');
    sodium_bin2base64(out.data(), out.size(), bytes.data(), bytes.size(), kVariant);
    out.pop_back();  // the terminating NUL counts in sodium's length
    return out;
}

std::string sha256_hex(std::string_view bytes) {
    // libsodium computes it portably, OpenSSL with the processor's own instructions, five times as
    // fast; setting that up costs more than a short text is worth.
    constexpr std::size_t kLongBytes = std::size_t{16} << 10;
    std::array<std::uint8_t, crypto_hash_sha256_BYTES> hash{};
    if (bytes.size() < kLongBytes ||
        EVP_Digest(bytes.data(), bytes.size(), hash.data(), nullptr, EVP_sha256(), nullptr) != 1) {
        crypto_hash_sha256(hash.data(), reinterpret_cast<const std::uint8_t*>(bytes.data()),
                           bytes.size());
    }
    return to_hex(hash);
}

Result<std::string> percent_decode(std::string_view text, bool plus_is_space) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '+' && plus_is_space) {
            out += ' ';
            continue;
        }
        if (text[at] != '%') {
            out += text[at];
            continue;
        }
        const auto byte = hex_byte(text, at + 1);
        if (!byte) {
            return fail(Code::invalid, "'%' must be followed by two hexadecimal digits");
        }
        out += static_cast<char>(*byte);
        at += 2;
    }
    return out;
}

Result<std::string> read_file(const std::string& path, std::size_t max_bytes) {
    const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.is_open()) {
        return errno == ENOENT || errno == ENOTDIR
                   ? fail(Code::not_found, "there is no file '" + path + "'")
                   : fail(Code::unavailable, "the file '" + path + "' cannot be opened");
    }
    struct stat status{};
    if (fstat(file.get(), &status) != 0 || S_ISDIR(status.st_mode)) {
        return fail(Code::unavailable, "'" + path + "' is not a readable file");
    }
    // Read to the end rather than by the reported size: pipes and /proc report none.
    std::string out;
    std::array<char, 64 * 1024> buffer;
    for (;;) {
        const ssize_t got = read(file.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return fail(Code::unavailable, "the file '" + path + "' cannot be read");
        }
        if (got == 0) {
            return out;
        }
        if (out.size() + static_cast<std::size_t>(got) > max_bytes) {
            return fail(Code::too_large, "the file '" + path + "' is larger than " +
                                             std::to_string(max_bytes) + " bytes");
        }
        out.append(buffer.data(), static_cast<std::size_t>(got));
    }
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) {
        row[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
        }
    }
    return row[b.size()];
}

}  // namespace credence
