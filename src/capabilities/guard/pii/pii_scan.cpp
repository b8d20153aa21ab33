#include "capabilities/guard/pii/pii_scan.h"

#include <emmintrin.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "capabilities/guard/pii/bytes.h"
#include "capabilities/guard/pii/crypto_addresses.h"
#include "capabilities/guard/pii/cues.h"
#include "capabilities/guard/pii/id_finder.h"
#include "capabilities/guard/pii/network_finder.h"
#include "capabilities/guard/pii/number_finder.h"
#include "capabilities/guard/pii/secret_finder.h"

namespace credence::guard {

namespace {

constexpr std::size_t kBlock = 16;
constexpr std::size_t kMinToken = 16;
constexpr std::size_t kMaxGroup = 40;  // letters and digits of one number without separators
constexpr std::size_t kMaxLead = 4;    // letters of a group before the number: "AB 12 34 56 C"
constexpr std::string_view kKeyBegin = "-----BEGIN ";

// Classes of sixteen bytes, one bit each.
struct Classes {
    unsigned triggers = 0;  // digits and the signs @ : = .
    unsigned tokens = 0;    // letters, digits, _ and -
};

Classes classify(const char* bytes) {
    const __m128i text = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
    const auto is = [&](char c) { return _mm_cmpeq_epi8(text, _mm_set1_epi8(c)); };
    const auto within = [](__m128i value, char low, char high) {
        // Signed comparison: bytes of 0x80 and above are negative and in no range.
        return _mm_and_si128(_mm_cmpgt_epi8(value, _mm_set1_epi8(static_cast<char>(low - 1))),
                             _mm_cmplt_epi8(value, _mm_set1_epi8(static_cast<char>(high + 1))));
    };
    const __m128i digit = within(text, '0', '9');
    const __m128i small = _mm_or_si128(text, _mm_set1_epi8(0x20));
    const __m128i letter = within(small, 'a', 'z');
    const __m128i signs =
        _mm_or_si128(_mm_or_si128(is('@'), is(':')), _mm_or_si128(is('='), is('.')));
    const __m128i joins = _mm_or_si128(is('_'), is('-'));
    return {
        static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(digit, signs))),
        static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(digit, letter), joins)))};
}

class Scan {
public:
    Scan(std::string_view text, const PiiOptions& options, std::vector<Detected>& out)
        : text_(text), options_(options), cues_(text), out_(out), first_(out.size()) {}

    bool run() {
        private_keys();
        for (std::size_t at = 0; at < text_.size() && !full(); at += kBlock) {
            std::array<char, kBlock> tail{};
            const bool whole = text_.size() - at >= kBlock;
            if (!whole) {
                std::memcpy(tail.data(), text_.data() + at, text_.size() - at);
            }
            const Classes classes = classify(whole ? text_.data() + at : tail.data());
            // A run of sixteen holds one of these halves entirely.
            if ((classes.tokens & 0xFFU) == 0xFFU) {
                token(at);
            }
            if ((classes.tokens & 0xFF00U) == 0xFF00U) {
                token(at + kBlock / 2);
            }
            for (unsigned rest = classes.triggers; rest != 0 && !full(); rest &= rest - 1) {
                trigger(at + static_cast<std::size_t>(std::countr_zero(rest)));
            }
        }
        return all_;
    }

private:
    bool full() const { return out_.size() - first_ >= options_.max_found; }

    bool add(const std::optional<Detected>& item) {
        if (!item || !options_.kinds.test(static_cast<std::size_t>(item->detector)) ||
            item->confidence < options_.minimum_confidence) {
            return false;
        }
        const std::string_view value =
            text_.substr(item->span.start, item->span.end - item->span.start);
        if (!options_.allow.empty() && is_allowed(value, options_.allow)) {
            return true;
        }
        out_.push_back(*item);
        return true;
    }

    void trigger(std::size_t at) {
        switch (text_[at]) {
            case '@':
                if (add(find_email(text_, at, email_done_))) {
                    email_done_ = out_.empty() ? at : std::max(at, out_.back().span.end);
                }
                return;
            case ':':
                colon(at);
                return;
            case '=':
                assigned(at);
                return;
            case '.':
                if (domains_ && at >= domain_done_ && at > 0 && at + 1 < text_.size() &&
                    is_letter(text_[at + 1]) && is_alphanumeric(text_[at - 1])) {
                    domain(at);
                }
                return;
            default:
                if (at >= number_done_) {
                    number(at);
                }
        }
    }

    void domain(std::size_t at) {
        if (add(find_domain(text_, at, domain_done_))) {
            domain_done_ = out_.empty() ? at + 1 : std::max(at + 1, out_.back().span.end);
        } else {
            domain_done_ = at + 1;
            while (domain_done_ < text_.size() && (is_alphanumeric(text_[domain_done_]))) {
                ++domain_done_;
            }
        }
    }

    void assigned(std::size_t at) {
        if (at >= assigned_done_) {
            const auto found = find_assigned_secret(text_, at);
            assigned_done_ = found ? found->span.end : at + 1;
            add(found);
        }
    }

    void colon(std::size_t at) {
        if (text_.substr(at, 3) == "://") {
            if (at < url_done_) {
                return;
            }
            const auto found = find_url(text_, at);
            if (found) {
                url_done_ = found->span.end;
                email_done_ = found->detector == Detector::url ? email_done_ : url_done_;
                add(found);
            }
            return;
        }
        assigned(at);
        const bool hex_around =
            (at > 0 && is_hex_digit(text_[at - 1])) ||
            (at + 1 < text_.size() && (is_hex_digit(text_[at + 1]) || text_[at + 1] == ':'));
        if (at >= colon_done_ && hex_around) {
            std::size_t end = at;
            if (add(find_colon_address(text_, at, colon_done_, end))) {
                number_done_ = std::max(number_done_, end);
            }
            colon_done_ = std::max(end, at + 1);
        }
    }

    void private_keys() {
        for (std::size_t at = 0; at < text_.size() && !full();) {
            const void* hit =
                memmem(text_.data() + at, text_.size() - at, kKeyBegin.data(), kKeyBegin.size());
            if (hit == nullptr) {
                return;
            }
            at = static_cast<std::size_t>(static_cast<const char*>(hit) - text_.data());
            const auto found = find_private_key(text_, at);
            add(found);
            at = found ? found->span.end : at + kKeyBegin.size();
            key_done_ = found ? at : key_done_;
        }
    }

    void token(std::size_t at) {
        if (at < token_done_) {
            return;
        }
        std::size_t start = at;
        while (start > token_done_ && is_token(text_[start - 1])) {
            --start;
        }
        std::size_t end = at;
        while (end < text_.size() && is_token(text_[end])) {
            ++end;
        }
        token_done_ = end;
        if (end - start < kMinToken || start < key_done_) {
            return;
        }
        const auto secret = find_token_secret(text_, {start, end}, cues_);
        if (secret) {
            token_done_ = std::max(end, secret->span.end);
            number_done_ = std::max(number_done_, token_done_);
            add(secret);
            return;
        }
        const std::string_view run = text_.substr(start, end - start);
        if (run.size() >= kMinCryptoAddress && run.size() <= kMaxCryptoAddress && crypto_ok(run)) {
            const Detector kind = address_checks_ < kMaxAddressChecks ? crypto_address_kind(run)
                                                                      : Detector::crypto_other;
            ++address_checks_;
            if (kind != Detector::none && add(Detected{kind, {start, end}, 0.95})) {
                number_done_ = std::max(number_done_, end);
            }
        }
    }

    // Cheap look before hashing: letters and digits of an address, and a beginning that some
    // currency has.
    static bool crypto_ok(std::string_view run) {
        const bool known =
            std::string_view("13LMDXTAtrbBla0c").find(run[0]) != std::string_view::npos;
        const bool digit = std::any_of(run.begin(), run.end(), is_digit);
        return known && digit && std::all_of(run.begin(), run.end(), is_alphanumeric) &&
               std::any_of(run.begin(), run.end(), is_letter);
    }

    // The group of letters and digits around `at`, a digit, and what begins with it or just before
    // it.
    void number(std::size_t at) {
        if (++numbers_ > options_.max_numbers && text_.size() - at > kNumberTailBytes) {
            all_ = false;
            return;
        }
        std::size_t start = at;
        while (start > number_done_ && at - start < kMaxGroup &&
               is_alphanumeric(text_[start - 1])) {
            --start;
        }
        std::size_t end = at;
        while (end < text_.size() && is_alphanumeric(text_[end])) {
            ++end;
        }
        number_done_ = end;
        if (start < key_done_ || end - start > kMaxGroup) {
            return;
        }
        std::optional<Detected> best;
        std::size_t lead = start;
        for (int groups = 0; groups < 2; ++groups) {
            lead = lead_before(lead);
            if (lead == SIZE_MAX) {
                break;
            }
            keep(best, find_id(text_, lead, cues_));
        }
        keep(best, find_id(text_, start, cues_));
        const Group group = group_of(start, end);
        if (group.digits) {
            digits(group, best);
        } else if (end - start >= 4) {
            keep(best, find_iban(text_, start));
        }
        const bool pair = end - start == 2 && (group.next == '-' || group.before == '-');
        if (pair || (end - start == 4 && group.next == '.')) {
            keep(best, find_mac(text_, start));
        }
        if (!best && end - start >= 6) {
            keep(best, find_named_id(text_, start, cues_));
        }
        if (best && add(best)) {
            number_done_ = std::max(end, best->span.end);
        }
    }

    // A group of letters and digits and what stands around it.
    struct Group {
        std::size_t start = 0;
        std::size_t size = 0;
        std::size_t second = 0;  // digits of the next group, behind at most three signs
        std::size_t gap = 0;     // bytes up to it
        char before = '\0';
        char next = '\0';
        bool digits = false;
        bool after_word = false;  // a letter, then a blank or a dot, then the group
    };

    Group group_of(std::size_t start, std::size_t end) const {
        Group group;
        group.start = start;
        group.size = end - start;
        group.before = start > 0 ? text_[start - 1] : '\0';
        group.next = end < text_.size() ? text_[end] : '\0';
        group.digits = is_digit(text_[start]);
        group.after_word =
            (group.before == ' ' || group.before == '.') && start > 1 &&
            (text_[start - 2] == '.' || is_letter(text_[start - 2]) || is_wide(text_[start - 2]));
        std::size_t at = end;
        while (at < text_.size() && at - end < 3 && !is_alphanumeric(text_[at]) &&
               text_[at] != '\n') {
            ++at;
        }
        group.gap = at - end;
        while (at < text_.size() && is_digit(text_[at]) && group.second < 8) {
            ++at;
            ++group.second;
        }
        return group;
    }

    // Which finders can succeed is told by the sizes of the first two groups; most numbers fit
    // none.
    void digits(const Group& group, std::optional<Detected>& best) {
        const std::size_t start = group.start;
        const std::size_t size = group.size;
        const bool printed = size == 4 && (group.second == 4 || group.second == 6);
        if (printed || (size >= 13 && size <= 19)) {
            keep(best, find_card(text_, start, cues_));
        }
        if (group.next == '.' && size <= 3 && group.second > 0 && group.gap == 1) {
            keep(best, find_ipv4(text_, start, cues_));
        }
        if (start < url_done_) {
            return;
        }
        std::optional<Detected> date;
        if (size <= 4 && (size != 3 || !is_digit(text_[start + 2])) && may_be_date(group)) {
            date = find_date(text_, start, cues_);
            keep(best, date);
        }
        const bool opened = group.before == '+' || (group.before == '(' && size > 1);
        const bool enough = size >= 6 || (group.second > 0 && size + group.second >= 4) ||
                            (opened && group.second > 0);
        if (!date && enough && (best == std::nullopt || best->confidence < 0.95)) {
            keep(best, find_phone(text_, start, cues_));
        }
    }

    static bool may_be_date(const Group& group) {
        const bool numeric = group.gap == 1 && group.second > 0 && group.second <= 2 &&
                             (group.next == '-' || group.next == '/' || group.next == '.');
        const bool suffixed = is_letter(group.next) || is_wide(group.next);
        const bool worded = group.second == 0 && group.next != '\0';
        return numeric || suffixed || worded || group.after_word;
    }

    void keep(std::optional<Detected>& best, const std::optional<Detected>& item) const {
        if (item &&
            (!best || item->confidence > best->confidence ||
             (item->confidence >= best->confidence && length_of(*item) > length_of(*best)))) {
            best = item;
        }
    }

    // Start of one to four capitals and digits that stand before a gap before `start`; SIZE_MAX:
    // none.
    std::size_t lead_before(std::size_t start) const {
        if (start < 2 || gap_bytes(text_, start - 1) != 1) {
            return SIZE_MAX;
        }
        std::size_t lead = start - 1;
        bool letters = false;
        while (lead > 0 && start - 1 - lead <= kMaxLead && is_alphanumeric(text_[lead - 1])) {
            letters = letters || is_letter(text_[lead - 1]);
            --lead;
        }
        const std::size_t size = start - 1 - lead;
        return size >= 1 && size <= kMaxLead && letters && is_upper(text_[lead]) ? lead : SIZE_MAX;
    }

    std::string_view text_;
    const PiiOptions& options_;
    CueScanner cues_;
    std::vector<Detected>& out_;
    std::size_t first_;
    bool domains_ = options_.kinds.test(static_cast<std::size_t>(Detector::domain));
    std::size_t number_done_ = 0;
    std::size_t email_done_ = 0;
    std::size_t domain_done_ = 0;
    std::size_t assigned_done_ = 0;
    std::size_t colon_done_ = 0;
    std::size_t url_done_ = 0;
    std::size_t token_done_ = 0;
    std::size_t key_done_ = 0;
    std::size_t address_checks_ = 0;
    std::size_t numbers_ = 0;
    bool all_ = true;  // every number was looked at
};

}  // namespace

bool scan_pii(std::string_view text, const PiiOptions& options, std::vector<Detected>& found) {
    return Scan(text, options, found).run();
}

}  // namespace credence::guard
