#include "capabilities/guard/pii/pii.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"
#include "capabilities/guard/pii/checksums.h"

namespace credence::guard {

namespace {

constexpr std::size_t kMaxRun = 64;        // bytes of one number with its separators
constexpr std::size_t kContextBytes = 32;  // before a number, searched for "phone", "ssn"
constexpr std::size_t kMaxLocalPart = 64;  // RFC 5321
constexpr std::size_t kMaxDomain = 253;    // RFC 1035

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_alphanumeric(char c) {
    return is_digit(c) || is_letter(c);
}

bool is_hex(char c) {
    return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

class Finder {
public:
    Finder(std::string_view text, std::vector<Detected>& found) : text_(text), found_(found) {}

    void emails() {
        std::size_t done = 0;  // nothing before it is read again
        for (std::size_t at = text_.find('@'); at != std::string_view::npos && !full();
             at = text_.find('@', at + 1)) {
            std::size_t start = at;
            while (start > done && at - start < kMaxLocalPart && is_local(text_[start - 1])) {
                --start;
            }
            std::size_t end = at + 1;
            std::size_t dot = 0;
            while (end < text_.size() && end - at < kMaxDomain && is_domain(text_[end])) {
                dot = text_[end] == '.' ? end : dot;
                ++end;
            }
            done = end;
            while (end > at && !is_alphanumeric(text_[end - 1])) {
                --end;
            }
            dot = dot >= end ? text_.substr(0, end).rfind('.') : dot;
            const bool named =
                dot > at + 1 && dot != std::string_view::npos && end >= dot + 3 &&
                std::all_of(text_.begin() + static_cast<std::ptrdiff_t>(dot) + 1,
                            text_.begin() + static_cast<std::ptrdiff_t>(end), is_letter);
            if (start < at && named) {
                add(Detector::email, start, end);
            }
        }
    }

    void numbers() {
        // Every number of interest has a digit among any three bytes in a row.
        for (std::size_t at = 0; at < text_.size() && !full();) {
            if (!is_digit(text_[at])) {
                at += 3;
                continue;
            }
            at = std::max(number_around(at), at + 3);
        }
    }

    void addresses_with_colons() {
        std::size_t at = text_.find(':');
        while (at != std::string_view::npos && !full()) {
            std::size_t start = at;
            while (start > done_ && at - start < 4 && is_hex(text_[start - 1])) {
                --start;
            }
            std::size_t end = at;
            while (end < text_.size() && end - start < kMaxRun &&
                   (is_hex(text_[end]) || text_[end] == ':')) {
                ++end;
            }
            done_ = end;
            colon_address(start, end);
            at = text_.find(':', std::max(end, at + 1));
        }
    }

private:
    static bool is_local(char c) {
        return is_alphanumeric(c) || c == '.' || c == '_' || c == '%' || c == '+' || c == '-';
    }
    static bool is_domain(char c) { return is_alphanumeric(c) || c == '.' || c == '-'; }
    static bool is_number_gap(char c) {
        return c == ' ' || c == '-' || c == '.' || c == '(' || c == ')' || c == '/';
    }

    bool full() const { return found_.size() >= kMaxDetected; }
    void add(Detector detector, std::size_t start, std::size_t end) {
        found_.push_back({detector, {start, end}});
    }

    // A word of `words` stands shortly before `at`.
    bool context(std::size_t at, std::initializer_list<std::string_view> words) const {
        const std::size_t from = at - std::min(at, kContextBytes);
        const std::string before = to_lower(text_.substr(from, at - from));
        return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
            return before.find(word) != std::string::npos;
        });
    }

    // Reads the number whose digit stands at `at` and returns where it ends.
    std::size_t number_around(std::size_t at) {
        std::size_t start = at;
        while (start > number_done_ && at - start < kMaxRun) {
            const bool over_gap = start >= number_done_ + 2 && is_number_gap(text_[start - 1]) &&
                                  text_[start - 1] != ' ' && is_digit(text_[start - 2]);
            if (!is_digit(text_[start - 1]) && !over_gap) {
                break;
            }
            --start;
        }
        std::size_t end = start;
        std::size_t last_digit = start;
        int gap = 0;
        while (end < text_.size() && end - start < kMaxRun && gap <= 2) {
            if (is_digit(text_[end])) {
                last_digit = end + 1;
                gap = 0;
            } else if (is_number_gap(text_[end])) {
                ++gap;
            } else {
                break;
            }
            ++end;
        }
        number_done_ = last_digit;
        const bool glued =
            (start > 0 && (is_alphanumeric(text_[start - 1]) || text_[start - 1] == '_')) ||
            (last_digit < text_.size() && is_alphanumeric(text_[last_digit]));
        if (iban(start)) {
            return number_done_;
        }
        if (!glued) {
            classify(start, last_digit);
        }
        return last_digit;
    }

    bool iban(std::size_t start) {
        if (start < 2 || start + 12 > text_.size() || !is_letter(text_[start - 1]) ||
            !is_letter(text_[start - 2]) || (start > 2 && is_alphanumeric(text_[start - 3]))) {
            return false;
        }
        std::string compact;
        std::size_t end = start - 2;
        while (end < text_.size() && compact.size() < 34 &&
               (is_alphanumeric(text_[end]) || text_[end] == ' ')) {
            if (text_[end] != ' ') {
                const char c = text_[end];
                compact.push_back(is_digit(c) ? c : static_cast<char>(c & ~0x20));
                if (compact.size() >= 15 && iban_valid(compact)) {
                    add(Detector::iban, start - 2, end + 1);
                    number_done_ = end + 1;
                    return true;
                }
            }
            ++end;
        }
        return false;
    }

    void classify(std::size_t start, std::size_t end) {
        const std::string_view run = text_.substr(start, end - start);
        std::string digits;
        std::copy_if(run.begin(), run.end(), std::back_inserter(digits), is_digit);
        if (digits.size() >= 4 && std::count(run.begin(), run.end(), '.') == 3) {
            const AddressKind kind = ipv4_kind(run);
            if (kind != AddressKind::none) {
                const bool version = context(start, {"version", " v", "release"});
                if (!version) {
                    add(kind == AddressKind::public_internet ? Detector::public_address
                                                             : Detector::private_address,
                        start, end);
                }
                return;
            }
        }
        if (digits.size() < 7) {
            return;
        }
        if (card_valid(digits) && run.find_first_of("()./") == std::string_view::npos) {
            add(Detector::credit_card, start, end);
            return;
        }
        const bool grouped =
            run.size() == 11 && run[3] == run[6] && (run[3] == '-' || run[3] == ' ');
        if (ssn_valid(digits) && (grouped || run.size() == 9) &&
            (run[3] == '-' || context(start, {"ssn", "social security", "social-security"}))) {
            add(Detector::us_ssn, start, end);
            return;
        }
        phone(start, end, digits.size());
    }

    void phone(std::size_t start, std::size_t end, std::size_t digits) {
        if (digits > 15) {
            return;
        }
        const std::string_view run = text_.substr(start, end - start);
        const bool bracket = start > 0 && text_[start - 1] == '(';
        const std::size_t first = start - (bracket ? 1U : 0U);
        const bool international = first > 0 && text_[first - 1] == '+' && digits >= 8;
        const bool american = digits == 10 && (is_us_grouping(run) || bracket) && run.size() > 10;
        const bool named = digits >= 7 && context(start, {"phone", "tel", "mobile", "cell", "call ",
                                                          "whatsapp", "fax", "sms"});
        if (international || american || named) {
            add(Detector::phone, first - (international ? 1U : 0U), end);
        }
    }

    // 415-555-0100, 415.555.0100
    static bool is_us_grouping(std::string_view run) {
        return run.size() == 12 && !is_digit(run[3]) && run[3] == run[7] && run[3] != ' ' &&
               run[0] >= '2' && run[4] >= '2';
    }

    void colon_address(std::size_t start, std::size_t end) {
        while (end > start + 2 && text_[end - 1] == ':' && text_[end - 2] != ':') {
            --end;
        }
        const std::string_view run = text_.substr(start, end - start);
        const auto colons = std::count(run.begin(), run.end(), ':');
        const bool glued = (start > 0 && is_alphanumeric(text_[start - 1])) ||
                           (end < text_.size() && is_alphanumeric(text_[end]));
        if (colons < 2 || glued || run.size() < 6) {
            return;
        }
        const auto parts = split(run, ':');
        const bool pairs =
            parts.size() == 6 &&
            std::all_of(parts.begin(), parts.end(), [](auto part) { return part.size() == 2; });
        if (pairs) {
            add(Detector::mac_address, start, end);
            return;
        }
        const AddressKind kind = ipv6_kind(run);
        if (kind != AddressKind::none) {
            add(kind == AddressKind::public_internet ? Detector::public_address
                                                     : Detector::private_address,
                start, end);
        }
    }

    std::string_view text_;
    std::vector<Detected>& found_;
    std::size_t done_ = 0;
    std::size_t number_done_ = 0;
};

}  // namespace

void find_pii(std::string_view text, std::vector<Detected>& found) {
    Finder finder(text, found);
    finder.emails();
    finder.numbers();
    finder.addresses_with_colons();
}

}  // namespace credence::guard
