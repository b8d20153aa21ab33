#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <concepts>

#include "base/text.h"
#include "capabilities/trust/score/score.h"

namespace credence::trust {
namespace {

constexpr std::string_view kVersion = "1";
constexpr std::size_t kDoubleDigits = 16;
constexpr int kHexadecimal = 16;

// Every part of the state, in the order of its text. One list for both directions.
template <class State, class Visit>
void each_part(State& state, Visit&& visit) {
    for (auto* number :
         {&state.alpha, &state.beta, &state.ewma, &state.held, &state.bound, &state.cusum,
          &state.baseline_good, &state.baseline_bad, &state.pending_good, &state.pending_bad,
          &state.usual, &state.suspected, &state.doubt, &state.since_alarm}) {
        visit(*number);
    }
    for (auto* count : {&state.verifications, &state.accurate, &state.inconclusive, &state.errors,
                        &state.repeated, &state.overrides, &state.alarms, &state.last_change_us}) {
        visit(*count);
    }
}

class Reader {
public:
    explicit Reader(std::string_view text) : words_(split(text, ' ')) {}

    std::string_view word() { return next_ < words_.size() ? words_[next_++] : fail_word(); }
    void read(double& out) {
        const std::string_view text = word();
        std::uint64_t bits = 0;
        ok_ = ok_ && text.size() == kDoubleDigits && parse(text, bits, kHexadecimal);
        out = std::bit_cast<double>(bits);
        ok_ = ok_ && std::isfinite(out);
    }
    void read(std::int64_t& out) {
        constexpr int kDecimal = 10;
        ok_ = parse(word(), out, kDecimal) && ok_;
    }
    void require(bool condition) { ok_ = ok_ && condition; }
    bool done() const { return ok_ && next_ == words_.size(); }

private:
    static bool parse(std::string_view text, std::integral auto& out, int base) {
        const char* end = text.data() + text.size();
        const auto [stop, error] = std::from_chars(text.data(), end, out, base);
        return error == std::errc() && stop == end && !text.empty();
    }
    std::string_view fail_word() {
        ok_ = false;
        return {};
    }

    std::vector<std::string_view> words_;
    std::size_t next_ = 0;
    bool ok_ = true;
};

}  // namespace

std::string exact_text(double value) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    constexpr unsigned kDigitBits = 4;
    auto bits = std::bit_cast<std::uint64_t>(value);
    std::string out(kDoubleDigits, '0');
    for (std::size_t i = kDoubleDigits; i > 0; --i) {
        out[i - 1] = kDigits[bits & 0xfU];
        bits >>= kDigitBits;
    }
    return out;
}

std::string encode_state(const ScoreState& state) {
    std::string out(kVersion);
    each_part(state, [&out](const auto& part) {
        out += ' ';
        if constexpr (std::same_as<std::remove_cvref_t<decltype(part)>, double>) {
            out += exact_text(part);
        } else {
            out += std::to_string(part);
        }
    });
    out += state.alarmed ? " 1" : " 0";
    out += state.fallen ? " 1" : " 0";
    out += ' ';
    out += std::to_string(static_cast<int>(state.tier));
    out += " .";
    out += state.latest;
    return out;
}

Result<ScoreState> decode_state(std::string_view text) {
    ScoreState state;
    Reader reader(text);
    reader.require(reader.word() == kVersion);
    each_part(state, [&reader](auto& part) { reader.read(part); });
    std::int64_t alarmed = 0;
    std::int64_t fallen = 0;
    std::int64_t tier = 0;
    reader.read(alarmed);
    reader.read(fallen);
    reader.read(tier);
    state.alarmed = alarmed == 1;
    state.fallen = fallen == 1;
    state.tier = static_cast<Tier>(tier);
    const std::string_view latest = reader.word();
    reader.require(tier >= 0 && tier <= static_cast<std::int64_t>(Tier::trusted) &&
                   latest.starts_with('.') && latest.size() <= kLatestAttempts + 1 &&
                   state.alpha >= 1 && state.beta >= 1);
    if (!reader.done()) {
        return fail(Code::internal, "a stored trust state cannot be read; see trust.replay");
    }
    state.latest = latest.substr(1);
    return state;
}

}  // namespace credence::trust
