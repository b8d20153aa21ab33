#include "capabilities/guard/vault/canonical.h"

#include "base/text.h"
#include "capabilities/guard/pii/bytes.h"
#include "capabilities/guard/pii/pii_kinds.h"

namespace credence::guard {

namespace {

// Without blanks, hyphens, dots, slashes, brackets; ASCII letters in upper case.
std::string compact(std::string_view value) {
    std::string out;
    for (std::size_t i = 0; i < value.size();) {
        if (const std::size_t gap = gap_bytes(value, i); gap > 0) {
            i += gap;
            continue;
        }
        const char c = value[i++];
        if (is_alphanumeric(c) || is_wide(c)) {
            out.push_back(upper(c));
        }
    }
    return out.empty() ? std::string(value) : out;
}

std::string phone_digits(std::string_view value) {
    std::string out;
    for (const char c : value) {
        if (is_digit(c) || (c == '+' && out.empty())) {
            out.push_back(c);
        }
    }
    // "0044 20 …" is "+44 20 …".
    if (out.starts_with("00")) {
        out.replace(0, 2, "+");
    }
    return out.empty() ? std::string(value) : out;
}

std::string collapsed(std::string_view value) {
    std::string out;
    for (const char c : trim(value)) {
        const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
        if (!blank) {
            out.push_back(lower(c));
        } else if (out.back() != ' ') {
            out.push_back(' ');
        }
    }
    return out;
}

}  // namespace

std::string canonical_value(Detector detector, std::string_view value) {
    const PiiKind* kind = pii_kind(detector);
    if (kind == nullptr || kind->group == PiiGroup::secret) {
        return std::string(value);
    }
    if (detector == Detector::phone) {
        return phone_digits(value);
    }
    if (detector == Detector::email || kind->group == PiiGroup::network) {
        return to_lower(value);
    }
    if (detector == Detector::crypto_bitcoin || detector == Detector::crypto_ethereum ||
        detector == Detector::crypto_other) {
        return std::string(value);  // case carries the checksum
    }
    if (kind->group == PiiGroup::financial || kind->group == PiiGroup::government_id ||
        detector == Detector::uk_postcode) {
        return compact(value);
    }
    return collapsed(value);
}

}  // namespace credence::guard
