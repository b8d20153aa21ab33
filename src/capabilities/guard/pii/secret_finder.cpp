#include "capabilities/guard/pii/secret_finder.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "capabilities/guard/pii/bytes.h"
#include "capabilities/guard/pii/checksums.h"
#include "capabilities/guard/pii/secret_values.h"
#include "capabilities/guard/text/decode.h"

namespace credence::guard {

namespace {

constexpr std::size_t kMaxSecret = 4096;
constexpr std::size_t kMaxHeader = 512;  // of a JSON Web Token
constexpr std::size_t kAnyLength = SIZE_MAX;
constexpr double kTokenBits = 2.8;

struct Prefix {
    std::string_view prefix;
    Detector detector;
    std::size_t least;  // bytes behind the prefix
    std::size_t most = kAnyLength;
    char before = '\0';  // a sign and name before the run belong to the prefix: "SG" and '.'
};

// Sorted by prefix. Split where a scanner for secrets would take the prefix itself for one.
using enum Detector;
constexpr auto kPrefixes = std::to_array<Prefix>({
    {"ABIA", aws_access_key, 16, 16},
    {"ACCA", aws_access_key, 16, 16},
    {"AGE-SECRET-KEY-1", private_key, 50, 64},
    {"AIza", google_api_key, 35, 35},
    {"AKIA", aws_access_key, 16, 16},
    {"AKID", service_token, 32, 36},
    {"ASIA", aws_access_key, 16, 16},
    {"ATATT3", service_token, 60},
    {"ATBB", bitbucket_token, 28, 60},
    {"ATCTT3", bitbucket_token, 60},
    {"CFPAT-", service_token, 40},
    {"EAAA", square_token, 56, 64},
    {"GOCSPX-", google_oauth, 24, 32},
    {"HRKU-", heroku_key, 30},
    {"LTAI", service_token, 17, 24},
    {"NRAK-", service_token, 24, 32},
    {"PMAK-", service_token, 50},
    {"SK", twilio_key, 32, 32},
    {"api_org_", model_provider_key, 30},
    {"dapi", service_token, 32, 34},
    {"dckr_oat_", docker_token, 20},
    {"dckr_pat_", docker_token, 20},
    {"doo_v1_", digitalocean_token, 40},
    {"dop_v1_", digitalocean_token, 40},
    {"dor_v1_", digitalocean_token, 40},
    {"figd_", service_token, 30},
    {"ghb_", github_token, 36},
    {"gho_", github_token, 36},
    {"ghp_", github_token, 36},
    {"ghr_", github_token, 36},
    {"ghs_", github_token, 36},
    {"ghu_", github_token, 36},
    {"github_pat_", github_token, 40},
    {"glcbt-", gitlab_token, 20},
    {"gldt-", gitlab_token, 20},
    {"glc_", service_token, 32},
    {"glft-", gitlab_token, 20},
    {"glpat-", gitlab_token, 20},
    {"glptt-", gitlab_token, 40},
    {"glrt-", gitlab_token, 20},
    {"glsa_", service_token, 32},
    {"glsoat-", gitlab_token, 20},
    {"gsk_", model_provider_key, 40},
    {"hf_", model_provider_key, 30},
    {"key-", mailgun_key, 32, 32},
    {"lin_api_", service_token, 32},
    {"npm_", npm_token, 36},
    {"ntn_", service_token, 40},
    {"pplx-", model_provider_key, 40},
    {"pypi-", pypi_token, 60},
    {"r8_", model_provider_key, 37},
    {"rk_live_", stripe_key, 20},
    {"rk_test_", stripe_key, 20},
    {"rubygems_", service_token, 40},
    {"shpat_", service_token, 32},
    {"shpca_", service_token, 32},
    {"shppa_", service_token, 32},
    {"shpss_", service_token, 32},
    {"sk-", model_provider_key, 32},
    {"sk_live_", stripe_key, 20},
    {"sk_test_", stripe_key, 20},
    {"sntrys_", service_token, 40},
    {"sq0atp-", square_token, 22},
    {"sq0csp-", square_token, 40},
    {"sq0idp-", square_token, 22},
    {"tskey-", service_token, 20},
    {"whsec_", stripe_key, 24},
    {"xai-", model_provider_key, 40},
    {"xapp-", slack_token, 24},
    {"xoxa-", slack_token, 20},
    {"xoxb-", slack_token, 20},
    {"xoxc-", slack_token, 20},
    {"xoxd-", slack_token, 20},
    {"xoxe-", slack_token, 20},
    {"xoxo-", slack_token, 20},
    {"xoxp-", slack_token, 20},
    {"xoxr-", slack_token, 20},
    {"xoxs-", slack_token, 20},
});
constexpr std::size_t kMaxPrefix = 16;

// Tokens whose name stands before a dot.
struct DottedPrefix {
    std::string_view prefix;
    Detector detector;
    std::size_t least;
};
constexpr auto kDotted = std::to_array<DottedPrefix>({{"SG.", Detector::sendgrid_key, 16},
                                                      {"ya29.", Detector::google_oauth, 20},
                                                      {"hvs.", Detector::service_token, 24},
                                                      {"dp.pt.", Detector::service_token, 40},
                                                      {"1//0", Detector::google_oauth, 40},
                                                      {"v1.0-", Detector::cloudflare_token, 40}});

bool is_base64(char c) {
    return is_alphanumeric(c) || c == '+' || c == '/' || c == '_' || c == '-';
}

std::size_t run_end(std::string_view text, std::size_t at, bool (*fits)(char)) {
    std::size_t end = at;
    while (end < text.size() && end - at < kMaxSecret && fits(text[end])) {
        ++end;
    }
    return end;
}

bool is_secret_body(std::string_view body) {
    return entropy_bits(body) >= kTokenBits && !is_placeholder(body);
}

const Prefix* prefix_of(std::string_view token) {
    // The longest one that fits; no prefix begins with another by more than a few letters.
    const Prefix* found = nullptr;
    const auto first = std::lower_bound(
        kPrefixes.begin(), kPrefixes.end(), token.substr(0, 2),
        [](const Prefix& entry, std::string_view wanted) { return entry.prefix < wanted; });
    for (auto entry = first; entry != kPrefixes.end() && entry->prefix[0] == token[0]; ++entry) {
        if (token.starts_with(entry->prefix)) {
            found = &*entry;
        }
    }
    return found;
}

std::optional<Detected> by_prefix(std::string_view text, ByteSpan run) {
    const std::string_view token = text.substr(run.start, run.end - run.start);
    const Prefix* prefix = prefix_of(token.substr(0, kMaxPrefix + 1));
    if (prefix == nullptr) {
        return std::nullopt;
    }
    const std::string_view body = token.substr(prefix->prefix.size());
    if (body.size() < prefix->least || body.size() > prefix->most || !is_secret_body(body)) {
        return std::nullopt;
    }
    const bool upper_only = prefix->detector == Detector::aws_access_key;
    const bool hex_only =
        prefix->prefix == "SK" || prefix->prefix == "key-" || prefix->prefix == "dapi";
    const auto shouted = [](char c) { return is_upper(c) || is_digit(c); };
    if ((upper_only && !std::all_of(body.begin(), body.end(), shouted)) ||
        (hex_only && !std::all_of(body.begin(), body.end(), is_token))) {
        return std::nullopt;
    }
    return Detected{prefix->detector, run, 0.98};
}

std::optional<Detected> by_dotted_prefix(std::string_view text, ByteSpan run) {
    for (const DottedPrefix& entry : kDotted) {
        const std::size_t size = entry.prefix.size();
        if (run.start < size || text.substr(run.start - size, size) != entry.prefix ||
            (run.start > size && is_token(text[run.start - size - 1])) ||
            run.end - run.start < entry.least ||
            !is_secret_body(text.substr(run.start, run.end - run.start))) {
            continue;
        }
        std::size_t end = run.end;
        if (end < text.size() && text[end] == '.') {
            end = run_end(text, end + 1, is_token);
        }
        return Detected{entry.detector, {run.start - size, end}, 0.95};
    }
    return std::nullopt;
}

// header.payload.signature, the header being JSON in base64url (RFC 7519).
std::optional<Detected> web_token(std::string_view text, ByteSpan run) {
    const std::string_view header = text.substr(run.start, run.end - run.start);
    if (!header.starts_with("eyJ") || header.size() > kMaxHeader || run.end >= text.size() ||
        text[run.end] != '.' || !decode_base64_text(header).value_or("").starts_with("{\"")) {
        return std::nullopt;
    }
    const std::size_t payload = run_end(text, run.end + 1, is_token);
    if (payload < run.end + 5) {
        return std::nullopt;
    }
    const bool signed_too = payload < text.size() && text[payload] == '.';
    const std::size_t end = signed_too ? run_end(text, payload + 1, is_token) : payload;
    return Detected{Detector::json_web_token, {run.start, end}, 0.98};
}

std::optional<Detected> bot_token(std::string_view text, ByteSpan run) {
    const std::size_t size = run.end - run.start;
    const char first = text[run.start];
    if (size >= 23 && size <= 28 && (first == 'M' || first == 'N' || first == 'O') &&
        run.end < text.size() && text[run.end] == '.') {
        const std::size_t middle = run_end(text, run.end + 1, is_token);
        if (middle == run.end + 7 && middle < text.size() && text[middle] == '.') {
            const std::size_t end = run_end(text, middle + 1, is_token);
            if (end - middle >= 28) {
                return Detected{Detector::discord_token, {run.start, end}, 0.95};
            }
        }
    }
    if (size == 35 && run.start > 8 && text[run.start - 1] == ':') {
        std::size_t start = run.start - 1;
        while (start > 0 && run.start - start <= 11 && is_digit(text[start - 1])) {
            --start;
        }
        const std::size_t digits = run.start - 1 - start;
        if (digits >= 8 && digits <= 10) {
            return Detected{Detector::telegram_token, {start, run.end}, 0.95};
        }
    }
    return std::nullopt;
}

// "Bearer abc…", "Basic dXNlcjpwYXNz".
std::optional<Detected> header_value(std::string_view text, ByteSpan run) {
    const std::size_t from = run.start - std::min<std::size_t>(run.start, 7);
    const std::string before = to_lower(text.substr(from, run.start - from));
    const std::size_t end = [&] {
        std::size_t at = run.start;
        while (at < text.size() && at - run.start < kMaxSecret &&
               (is_base64(text[at]) || text[at] == '.' || text[at] == '=' || text[at] == '~')) {
            ++at;
        }
        return at;
    }();
    const std::string_view value = text.substr(run.start, end - run.start);
    if (before.ends_with("bearer ") && looks_random(value) && !is_placeholder(value)) {
        return Detected{Detector::authorization_header, {run.start, end}, 0.9};
    }
    if (before.ends_with("basic ") &&
        decode_base64_text(value).value_or("").find(':') != std::string::npos) {
        return Detected{Detector::authorization_header, {run.start, end}, 0.9};
    }
    return std::nullopt;
}

// Secrets without a mark of their own: their length, and who issued them stands before.
std::optional<Detected> by_cue(std::string_view text, ByteSpan run, CueScanner& cues) {
    struct Known {
        Detector detector;
        Cue cue;
        std::size_t length;
        bool hex;
    };
    constexpr std::array<Known, 6> kKnown = {{
        {Detector::aws_secret_key, Cue::aws, 40, false},
        {Detector::cloudflare_token, Cue::cloudflare, 40, false},
        {Detector::cloudflare_token, Cue::cloudflare, 37, true},
        {Detector::heroku_key, Cue::heroku, 36, true},
        {Detector::twilio_key, Cue::twilio, 32, true},
        {Detector::mailgun_key, Cue::mailgun, 32, true},
    }};
    std::size_t start = run.start;
    while (start > 0 && run.start - start < 40 && is_base64(text[start - 1])) {
        --start;
    }
    std::size_t end = run_end(text, run.end, is_base64);
    for (const Known& known : kKnown) {
        const std::string_view value = text.substr(start, end - start);
        const bool fits = value.size() == known.length && looks_random(value) &&
                          (!known.hex || std::all_of(value.begin(), value.end(), [](char c) {
                              return is_hex_digit(c) || c == '-';
                          }));
        if (fits && cues.before(known.cue, start) <= kCueReach && !is_placeholder(value)) {
            return Detected{known.detector, {start, end}, 0.85};
        }
    }
    return std::nullopt;
}

}  // namespace

bool is_token(char c) {
    return is_alphanumeric(c) || c == '_' || c == '-';
}

std::optional<Detected> find_token_secret(std::string_view text, ByteSpan run, CueScanner& cues) {
    if (run.end - run.start > kMaxSecret) {
        return std::nullopt;
    }
    if (auto found = by_prefix(text, run)) {
        return found;
    }
    if (auto found = web_token(text, run)) {
        return found;
    }
    if (auto found = by_dotted_prefix(text, run)) {
        return found;
    }
    if (auto found = bot_token(text, run)) {
        return found;
    }
    if (run.start >= 4 && text.substr(run.start - 2, 2) == "Q~" && is_digit(text[run.start - 3]) &&
        run.end - run.start >= 28) {
        std::size_t start = run.start - 3;
        while (start > 0 && run.start - start < 6 && is_token(text[start - 1])) {
            --start;
        }
        return Detected{Detector::azure_client_secret, {start, run.end}, 0.9};
    }
    if (auto found = header_value(text, run)) {
        return found;
    }
    return by_cue(text, run, cues);
}

}  // namespace credence::guard
