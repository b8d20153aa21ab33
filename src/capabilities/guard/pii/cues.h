// Context words: "passport", "Steuernummer", "电话" before a number say what it is. A scanner moves
// forward through a text and remembers where each cue was last seen, so that all look-ups of one
// text read it once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace credence::guard {

inline constexpr std::size_t kCueReach = 40;  // bytes between a cue and the value that it names

enum class Cue : std::uint8_t {
    none,
    // what a number is
    phone,
    card,
    birth,
    ssn,
    taxpayer,
    national_id,
    passport,
    licence,
    bank,
    routing,
    bank_code,
    medicare,
    npi,
    dea,
    nhs,
    nino,
    vehicle,
    health,
    pension,
    voter,
    company,
    vat,
    postcode,
    wallet,
    personal_code,
    // national names of numbers
    pesel,
    nip,
    nric,
    abn,
    acn,
    tfn,
    pan,
    aadhaar,
    gstin,
    rrn,
    personnummer,
    bsn,
    nif,
    cpf,
    cnpj,
    curp,
    snils,
    inn,
    nir,
    sin,
    nin,
    steuer,
    cnp,
    egn,
    oib,
    cuit,
    rut,
    amka,
    my_number,
    pps,
    // what a number is not
    version,
    identifier,
    amount,
    // secrets
    aws,
    azure,
    heroku,
    twilio,
    discord,
    paypal,
    cloudflare,
    mailgun,
    other_service,
    count,
};
inline constexpr std::size_t kCues = static_cast<std::size_t>(Cue::count);

class CueScanner {
public:
    explicit CueScanner(std::string_view text) : text_(text) {}

    // Bytes between the end of the cue and `at`, when the cue stands within `reach` before it;
    // otherwise kFar. Positions may be asked in any order; each byte is read once while they grow.
    // O(1) amortised.
    std::size_t before(Cue cue, std::size_t at) {
        if (at > scanned_) {
            advance(at);
        }
        return latest_ == 0 || latest_ + kReach < at ? kFar : distance(cue, at);
    }
    // The word just behind `at` is such a cue.
    bool after(Cue cue, std::size_t at) const;

    static constexpr std::size_t kReach = 64;
    static constexpr std::size_t kFar = SIZE_MAX;

private:
    struct Seen {
        std::size_t end = kFar;       // of the last cue
        std::size_t previous = kFar;  // of the one before
    };
    void advance(std::size_t to);
    std::size_t distance(Cue cue, std::size_t at) const;
    void word(std::size_t start, std::size_t end);
    void wide_word(std::size_t start, std::size_t end);
    // Notes the cues of a word; the last of them, Cue::none for a little word, Cue::count for any
    // other.
    Cue look_up(std::uint64_t hash, std::size_t end);

    std::string_view text_;
    std::size_t scanned_ = 0;
    std::size_t latest_ = 0;  // end of the last cue of any kind
    std::uint64_t last_word_ = 0;
    std::size_t last_end_ = 0;
    std::array<Seen, kCues> seen_{};
};

}  // namespace credence::guard
