// normalise() against a slow one that asks ICU about every character, on random strings of mixed
// scripts, invisible characters, marks and broken UTF-8. CREDENCE_NORMALISE_ROUNDS sets how many.
#include <gtest/gtest.h>
#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/uspoof.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>

#include "capabilities/guard/text/fold_table.h"
#include "capabilities/guard/text/normalise.h"
#include "capabilities/guard/text/random_text_for_tests.h"

namespace credence::guard {
namespace {

enum class Kind : std::uint8_t { plain, dropped, blank, mark, joining };
enum class Alphabet : std::uint8_t { none, latin, alike, other };

// What ICU says about one character.
struct Facts {
    Kind kind = Kind::plain;
    Alphabet alphabet = Alphabet::none;
    bool greek = false;
    char alike = 0;
    std::string folded;
};

bool is_ascii_letter(char32_t c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::string fold(std::string_view text) {
    UErrorCode error = U_ZERO_ERROR;
    std::string out;
    icu::StringByteSink<std::string> sink(&out);
    icu::Normalizer2::getNFKCCasefoldInstance(error)->normalizeUTF8(
        0, icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())), sink, nullptr,
        error);
    return out;
}

class Reference {
public:
    Reference() {
        UErrorCode error = U_ZERO_ERROR;
        spoof_ = uspoof_open(&error);
    }
    ~Reference() { uspoof_close(spoof_); }
    Reference(const Reference&) = delete;
    Reference& operator=(const Reference&) = delete;

    std::string normalised(std::string_view input) {
        in_ = input;
        out_.clear();
        word_end_ = 0;
        imitates_ = imitated_before_ = false;
        for (at_ = 0; at_ < in_.size();) {
            const CodePoint point = decode_utf8(in_, at_);
            if (!point.valid) {
                out_ += '?';
                ++at_;
            } else {
                at_ += take(point.value, point.bytes);
            }
        }
        return out_;
    }

    const Facts& facts(char32_t c) {
        const auto [found, added] = facts_.try_emplace(c);
        if (added) {
            found->second = ask(static_cast<UChar32>(c));
        }
        return found->second;
    }

private:
    static Kind kind_of(UChar32 c) {
        const bool tag_or_selector = (c >= 0xE0000 && c <= 0xE007F) ||
                                     (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xE0100 && c <= 0xE01EF);
        const bool control = c < 0x80 && u_iscntrl(c) != 0 && u_isUWhiteSpace(c) == 0;
        if (tag_or_selector || control || u_hasBinaryProperty(c, UCHAR_BIDI_CONTROL) != 0 ||
            u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) != 0 ||
            (c >= 0xFFF9 && c <= 0xFFFB)) {
            return Kind::dropped;
        }
        if (u_isUWhiteSpace(c) != 0 || c == 0x2800) {
            return Kind::blank;
        }
        if ((c >= 0x1100 && c <= 0x11FF) || (c >= 0xFF65 && c <= 0xFFDC) || c == 0x3099 ||
            c == 0x309A) {
            return Kind::joining;
        }
        UErrorCode error = U_ZERO_ERROR;
        const UScriptCode script = uscript_getScript(c, &error);
        const bool shared = script == USCRIPT_INHERITED || script == USCRIPT_COMMON;
        const auto type = u_charType(c);
        return type == U_ENCLOSING_MARK || (type == U_NON_SPACING_MARK && shared) ? Kind::mark
                                                                                  : Kind::plain;
    }

    static Alphabet alphabet_of(UScriptCode script) {
        switch (script) {
            case USCRIPT_LATIN:
                return Alphabet::latin;
            case USCRIPT_CYRILLIC:
            case USCRIPT_GREEK:
            case USCRIPT_ARMENIAN:
            case USCRIPT_CHEROKEE:
            case USCRIPT_COPTIC:
            case USCRIPT_LISU:
                return Alphabet::alike;
            case USCRIPT_COMMON:
            case USCRIPT_INHERITED:
            case USCRIPT_UNKNOWN:
                return Alphabet::none;
            default:
                return Alphabet::other;
        }
    }

    char skeleton(UChar32 c) const {
        for (const UChar32 form : {u_tolower(c), c}) {
            const std::string source = utf8(static_cast<char32_t>(form));
            char bytes[64];
            UErrorCode error = U_ZERO_ERROR;
            const std::int32_t length =
                uspoof_getSkeletonUTF8(spoof_, 0, source.data(),
                                       static_cast<std::int32_t>(source.size()), bytes, 64, &error);
            const std::string_view shape(bytes, static_cast<std::size_t>(std::max(0, length)));
            if (U_FAILURE(error) != 0 || shape.empty() ||
                !is_ascii_letter(static_cast<unsigned char>(shape[0]))) {
                continue;
            }
            const bool marked =
                shape.size() > 1 && decode_utf8(shape, 1).bytes + 1U == shape.size() &&
                u_charType(static_cast<UChar32>(decode_utf8(shape, 1).value)) == U_NON_SPACING_MARK;
            if (shape.size() == 1 || marked) {
                const char letter = static_cast<char>(shape[0] | 0x20);
                return letter == 'l' && u_isupper(c) != 0 ? 'i' : letter;
            }
        }
        return 0;
    }

    Facts ask(UChar32 c) const {
        UErrorCode error = U_ZERO_ERROR;
        const UScriptCode script = uscript_getScript(c, &error);
        Facts facts{kind_of(c), alphabet_of(script), script == USCRIPT_GREEK, 0, {}};
        std::string source = utf8(static_cast<char32_t>(c));
        if (facts.alphabet == Alphabet::latin || facts.greek) {
            source = without_marks(source);
        }
        facts.folded = fold(source);
        const bool letter = u_isalpha(c) != 0 && c >= 0x80;
        if (letter && (facts.alphabet == Alphabet::alike || facts.alphabet == Alphabet::other)) {
            const bool spaceless = script == USCRIPT_HAN || script == USCRIPT_HIRAGANA ||
                                   script == USCRIPT_KATAKANA || script == USCRIPT_HANGUL ||
                                   script == USCRIPT_THAI || script == USCRIPT_LAO ||
                                   script == USCRIPT_KHMER || script == USCRIPT_MYANMAR;
            facts.alike = spaceless ? '\0' : skeleton(c);
        }
        // A Latin letter of its own that is drawn like a plain one.
        if (facts.alphabet == Alphabet::latin && c >= 0x80 &&
            source == utf8(static_cast<char32_t>(c))) {
            const char like = skeleton(c);
            facts.folded = like != 0 ? std::string(1, like) : facts.folded;
        }
        return facts;
    }

    static std::string without_marks(const std::string& text) {
        UErrorCode error = U_ZERO_ERROR;
        const icu::UnicodeString parts = icu::Normalizer2::getNFKDInstance(error)->normalize(
            icu::UnicodeString::fromUTF8(text), error);
        std::string out;
        for (std::int32_t i = 0; i < parts.length(); i = parts.moveIndex32(i, 1)) {
            if (u_charType(parts.char32At(i)) != U_NON_SPACING_MARK) {
                append_utf8(static_cast<char32_t>(parts.char32At(i)), out);
            }
        }
        return out;
    }

    std::size_t take(char32_t c, std::size_t bytes) {
        const Facts& known = facts(c);
        switch (known.kind) {
            case Kind::dropped:
                return bytes;
            case Kind::blank:
                out_ += out_.empty() || out_.back() == ' ' ? "" : " ";
                return bytes;
            case Kind::mark:
                out_ += out_.empty() || static_cast<unsigned char>(out_.back()) < 0x80
                            ? std::string()
                            : std::string(in_.substr(at_, bytes));
                return bytes;
            case Kind::joining:
                return take_cluster(bytes);
            case Kind::plain:
                return take_letter(known, bytes);
        }
        return bytes;
    }

    std::size_t take_letter(const Facts& known, std::size_t bytes) {
        if (known.alphabet == Alphabet::alike && at_ >= word_end_) {
            judge_word();
        }
        const bool island = known.alphabet == Alphabet::other && !out_.empty() &&
                            is_ascii_letter(static_cast<unsigned char>(out_.back())) &&
                            at_ + bytes < in_.size() &&
                            is_ascii_letter(static_cast<unsigned char>(in_[at_ + bytes]));
        if (known.alike != 0 && ((known.alphabet == Alphabet::alike && imitates_) || island)) {
            out_ += known.alike;
            return bytes;
        }
        const bool strips = known.alphabet == Alphabet::latin || known.greek;
        if (!strips && bytes > 1 && joins(at_ + bytes)) {
            return take_cluster(bytes);
        }
        append(known.folded);
        return bytes;
    }

    // Never two blanks in a row, nor one at the beginning.
    void append(const std::string& folded) {
        const bool twice = (out_.empty() || out_.back() == ' ') && folded.starts_with(' ');
        out_ += folded.substr(twice ? 1 : 0);
    }

    bool joins(std::size_t at) {
        if (at >= in_.size()) {
            return false;
        }
        const CodePoint next = decode_utf8(in_, at);
        return next.valid && next.bytes > 1 &&
               (facts(next.value).kind == Kind::mark || facts(next.value).kind == Kind::joining);
    }

    std::size_t take_cluster(std::size_t bytes) {
        while (joins(at_ + bytes)) {
            bytes += decode_utf8(in_, at_ + bytes).bytes;
        }
        append(fold(in_.substr(at_, bytes)));
        return bytes;
    }

    // The letters of the word from here decide whether its alike letters stand for Latin ones.
    void judge_word() {
        imitated_before_ = imitates_;
        bool latin = false;
        std::size_t alike = 0;
        std::size_t foreign = 0;
        std::size_t at = at_;
        while (at < in_.size()) {
            const CodePoint point = decode_utf8(in_, at);
            if (!point.valid) {
                break;
            }
            const Facts& known = facts(point.value);
            const bool digit = point.value >= '0' && point.value <= '9';
            const bool hidden =
                point.bytes > 1 && known.kind != Kind::plain && known.kind != Kind::blank;
            const bool of_word = digit || is_ascii_letter(point.value) || hidden ||
                                 (point.bytes > 1 &&
                                  (known.alphabet == Alphabet::latin ||
                                   known.alphabet == Alphabet::alike || is_spaceless(point.value)));
            if (!of_word) {
                break;
            }
            latin = latin || known.alphabet == Alphabet::latin;
            alike += known.alphabet == Alphabet::alike && known.alike != 0 ? 1 : 0;
            foreign += known.alphabet == Alphabet::alike && known.alike == 0 ? 1 : 0;
            at += point.bytes;
        }
        word_end_ = std::max(at, at_ + 1);
        if (latin || (!out_.empty() && is_ascii_letter(static_cast<unsigned char>(out_.back())))) {
            imitates_ = alike > 0 && foreign <= alike;
        } else {
            imitates_ = foreign == 0 && alike > 0 && stands_among_latin(at);
        }
    }

    static bool is_spaceless(char32_t c) {
        UErrorCode error = U_ZERO_ERROR;
        const UScriptCode script = uscript_getScript(static_cast<UChar32>(c), &error);
        return script == USCRIPT_HAN || script == USCRIPT_HIRAGANA || script == USCRIPT_KATAKANA ||
               script == USCRIPT_HANGUL || script == USCRIPT_THAI || script == USCRIPT_LAO ||
               script == USCRIPT_KHMER || script == USCRIPT_MYANMAR;
    }

    bool stands_among_latin(std::size_t end) const {
        const auto letter = [](char c) { return is_ascii_letter(static_cast<unsigned char>(c)); };
        const std::string near_before =
            out_.substr(out_.size() - std::min<std::size_t>(5, out_.size()));
        const bool before = std::any_of(near_before.begin(), near_before.end(), letter);
        const std::string_view near_after = in_.substr(std::min(end, in_.size()), 5);
        const auto stop = std::find_if(near_after.begin(), near_after.end(), [&](char c) {
            return letter(c) || static_cast<unsigned char>(c) >= 0x80;
        });
        const bool after = stop != near_after.end() && letter(*stop);
        const bool foreign = stop != near_after.end() && !after;
        return (before && (after || !foreign || imitated_before_)) || (after && out_.empty());
    }

    USpoofChecker* spoof_ = nullptr;
    std::map<char32_t, Facts> facts_;
    std::string_view in_;
    std::string out_;
    std::size_t at_ = 0;
    std::size_t word_end_ = 0;
    bool imitates_ = false;
    bool imitated_before_ = false;
};

TEST(Normalise, AgreesWithTheSlowOne) {
    const char* wanted = std::getenv("CREDENCE_NORMALISE_ROUNDS");
    const int rounds = wanted != nullptr ? std::atoi(wanted) : 100'000;
    Reference reference;
    RandomText random;
    Normalised fast;
    int wrong = 0;
    for (int i = 0; i < rounds && wrong < 5; ++i) {
        const std::string text = random.next();
        normalise(text, fast);
        const std::string slow = reference.normalised(text);
        if (fast.text != slow) {
            ++wrong;
            ADD_FAILURE() << "round " << i << ": " << testing::PrintToString(text) << "\nfast "
                          << testing::PrintToString(fast.text) << "\nslow "
                          << testing::PrintToString(slow);
        }
    }
    EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace credence::guard
