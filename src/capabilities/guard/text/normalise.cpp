#include "capabilities/guard/text/normalise.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "capabilities/guard/text/ascii_kinds.h"
#include "capabilities/guard/text/fold_table.h"
#include "capabilities/guard/text/language.h"

namespace credence::guard {

namespace {

constexpr std::size_t kMaxWordBytes = 256;     // looked at to judge a word's scripts
constexpr std::size_t kMaxClusterBytes = 128;  // given to ICU at once

static_assert(std::endian::native == std::endian::little, "blank pairs are found in byte order");

constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
constexpr std::uint64_t kHighs = 0x8080808080808080ULL;

// All eight bytes are printable ASCII, and no blank follows a blank. The sums are exact for ASCII
// bytes (none carries into its neighbour), and any other byte is refused by its own high bit.
bool is_simple(std::uint64_t bytes, bool after_blank) {
    const std::uint64_t printable = bytes + kOnes * (0x80 - ' ');
    const std::uint64_t is_delete = bytes + kOnes;
    const std::uint64_t not_blank = (bytes ^ (kOnes * ' ')) + kOnes * 0x7F;
    const std::uint64_t blank = ~not_blank & kHighs;
    // Little endian: the byte before is the next lower one.
    const std::uint64_t before = (blank << 8U) | (after_blank ? 0x80U : 0U);
    return (((bytes | ~printable | is_delete) & kHighs) | (blank & before)) == 0;
}

// Sets bit 5 of the bytes that are capital letters.
constexpr std::uint64_t lower_word(std::uint64_t bytes) {
    const std::uint64_t from_a = bytes + kOnes * (0x80 - 'A');
    const std::uint64_t past_z = bytes + kOnes * (0x80 - ('Z' + 1));
    return bytes | (((from_a & ~past_z) & kHighs) >> 2U);
}

class Normaliser {
public:
    Normaliser(std::string_view input, Normalised& out)
        : input_(input), out_(out), table_(FoldTable::embedded()) {
        out_.text.clear();
        out_.map.clear();
        out_.breaks.clear();
        out_.counts = {};
        out_.ascii = true;
        // A character may grow when folded; what exceeds the reserve is appended the slow way.
        out_.text.resize(input.size() + 16);
    }

    void run() {
        out_.map.add(0, 0);
        while (at_ < input_.size()) {
            const auto byte = static_cast<unsigned char>(input_[at_]);
            switch (kAscii[byte]) {
                case Ascii::plain:
                    plain_run();
                    break;
                case Ascii::blank:
                case Ascii::line:
                    blank(1, kAscii[byte] == Ascii::line);
                    break;
                case Ascii::control:
                    drop(1, out_.counts.invisible);
                    break;
                case Ascii::high:
                    wide();
                    break;
            }
        }
        out_.text.resize(size_);
        out_.map.finish(size_, input_.size());
    }

private:
    // Starts a stretch that maps byte by byte, unless one is already running in step.
    void keep_step() {
        if (at_ - size_ != delta_ || !in_step_) {
            out_.map.add(size_, at_);
            delta_ = at_ - size_;
            in_step_ = true;
        }
        dropping_ = false;
    }

    void make_room(std::size_t bytes) {
        if (size_ + bytes > out_.text.size()) {
            out_.text.resize((size_ + bytes) * 2);
        }
    }

    void plain_run() {
        keep_step();
        make_room(input_.size() - at_ < 4096 ? input_.size() - at_ : 4096);
        const std::size_t room = out_.text.size() - size_;
        const std::size_t limit = at_ + std::min(input_.size() - at_, room);
        const char* in = input_.data();
        char* out = out_.text.data() + size_ - at_;
        std::size_t i = at_;
        bool after_blank = size_ == 0 || out_.text[size_ - 1] == ' ';
        while (i < limit) {
            std::uint64_t bytes = 0;
            if (i + 8 <= limit && (std::memcpy(&bytes, in + i, 8), is_simple(bytes, after_blank))) {
                bytes = lower_word(bytes);
                std::memcpy(out + i, &bytes, 8);
                i += 8;
                after_blank = in[i - 1] == ' ';
                continue;
            }
            const auto byte = static_cast<unsigned char>(in[i]);
            if (kAscii[byte] != Ascii::plain && (byte != ' ' || after_blank)) {
                break;
            }
            out[i] = kLower[byte];
            after_blank = byte == ' ';
            ++i;
        }
        size_ += i - at_;
        at_ = i;
    }

    void blank(std::size_t bytes, bool line) {
        const bool collapse = size_ == 0 || out_.text[size_ - 1] == ' ';
        if (line && (out_.breaks.empty() || out_.breaks.back() != size_ + (collapse ? 0U : 1U))) {
            out_.breaks.push_back(static_cast<std::uint32_t>(size_ + (collapse ? 0 : 1)));
        }
        if (collapse) {
            skip(bytes);
            return;
        }
        emit(" ", bytes);
    }

    // Passes over input that leaves nothing behind.
    void skip(std::size_t bytes) {
        if (!dropping_) {
            out_.map.add(size_, at_);
            dropping_ = true;
            in_step_ = false;
        }
        at_ += bytes;
    }

    void drop(std::size_t bytes, std::uint32_t& count) {
        ++count;
        skip(bytes);
    }

    void emit(std::string_view text, std::size_t bytes) {
        if (text.size() == bytes) {
            keep_step();
        } else {
            out_.map.add(size_, at_);
            in_step_ = false;
            dropping_ = false;
        }
        make_room(text.size());
        std::memcpy(out_.text.data() + size_, text.data(), text.size());
        size_ += text.size();
        at_ += bytes;
    }

    // What a letter became may begin with a blank (an accent that stands alone): never two in a
    // row.
    void emit_folded(std::string_view text, std::size_t bytes) {
        const bool after_blank = size_ == 0 || out_.text[size_ - 1] == ' ';
        if (after_blank && text.starts_with(' ')) {
            text.remove_prefix(1);
            if (text.empty()) {
                skip(bytes);
                return;
            }
        }
        emit(text, bytes);
    }

    void wide() {
        out_.ascii = false;
        const CodePoint point = decode_utf8(input_, at_);
        if (!point.valid) {
            ++out_.counts.invalid;
            emit("?", 1);
            return;
        }
        const Fold fold = table_[point.value];
        switch (fold.kind) {
            case CharClass::invisible:
                drop(point.bytes, out_.counts.invisible);
                return;
            case CharClass::bidi:
                drop(point.bytes, out_.counts.bidi);
                return;
            case CharClass::tag:
                drop(point.bytes, out_.counts.tags);
                return;
            case CharClass::selector:
                drop(point.bytes, out_.counts.selectors);
                return;
            case CharClass::space:
                blank(point.bytes, point.value == 0x2028 || point.value == 0x2029);
                return;
            case CharClass::combining:
                combining(point);
                return;
            case CharClass::compose:
                cluster(point.bytes);
                return;
            case CharClass::plain:
                letter(point, fold);
        }
    }

    void combining(const CodePoint& point) {
        const char last = size_ == 0 ? 'a' : out_.text[size_ - 1];
        if (static_cast<unsigned char>(last) < 0x80) {
            drop(point.bytes, out_.counts.marks);
            return;
        }
        emit(input_.substr(at_, point.bytes), point.bytes);
    }

    void letter(const CodePoint& point, const Fold& fold) {
        const bool may_imitate = fold.script == Script::cyrillic || fold.script == Script::greek ||
                                 fold.script == Script::lookalike;
        if (may_imitate && at_ >= word_end_) {
            judge_word();
        }
        const bool island = fold.script == Script::rare && is_island(point.bytes);
        if (((may_imitate && imitates_) || island) && fold.lookalike != 0) {
            ++out_.counts.lookalikes;
            emit(std::string_view(&fold.lookalike, 1), point.bytes);
            return;
        }
        const bool own_marks = fold.script != Script::latin && fold.script != Script::greek;
        if (own_marks && marks_follow(at_ + point.bytes)) {
            cluster(point.bytes);
            return;
        }
        emit_folded(fold.changed ? fold.text : input_.substr(at_, point.bytes), point.bytes);
    }

    // One letter of a script that shares few shapes with Latin ones, between two ASCII letters.
    bool is_island(std::size_t bytes) const {
        return size_ > 0 && is_ascii_letter(out_.text[size_ - 1]) && at_ + bytes < input_.size() &&
               is_ascii_letter(input_[at_ + bytes]);
    }

    bool marks_follow(std::size_t at) const {
        if (at >= input_.size() || static_cast<unsigned char>(input_[at]) < 0xCC) {
            return false;
        }
        const CodePoint next = decode_utf8(input_, at);
        if (!next.valid) {
            return false;
        }
        const CharClass kind = table_[next.value].kind;
        return kind == CharClass::combining || kind == CharClass::compose;
    }

    // A base with its marks, or a run of conjoining letters: composed by ICU.
    void cluster(std::size_t bytes) {
        while (bytes < kMaxClusterBytes && marks_follow(at_ + bytes)) {
            bytes += decode_utf8(input_, at_ + bytes).bytes;
        }
        UErrorCode error = U_ZERO_ERROR;
        const icu::Normalizer2* form = icu::Normalizer2::getNFKCCasefoldInstance(error);
        std::string composed;
        if (U_SUCCESS(error) != 0) {
            icu::StringByteSink<std::string> sink(&composed);
            form->normalizeUTF8(
                0, icu::StringPiece(input_.data() + at_, static_cast<std::int32_t>(bytes)), sink,
                nullptr, error);
        }
        emit_folded(U_SUCCESS(error) != 0 ? std::string_view(composed) : input_.substr(at_, bytes),
                    bytes);
    }

    struct WordScripts {
        bool latin = false;
        std::size_t imitations = 0;  // letters with a Latin lookalike
        std::size_t others = 0;      // letters of such scripts without one
        std::size_t end = 0;
    };

    WordScripts scripts_from(std::size_t at) const {
        WordScripts word;
        const std::size_t limit = std::min(input_.size(), at + kMaxWordBytes);
        while (at < limit) {
            const CodePoint point = decode_utf8(input_, at);
            if (point.value < 0x80) {
                const char c = input_[at];
                if (!is_ascii_letter(c) && !(c >= '0' && c <= '9')) {
                    break;
                }
                word.latin = word.latin || is_ascii_letter(c);
            } else {
                const Fold fold = point.valid ? table_[point.value] : Fold{};
                const bool hidden = fold.kind != CharClass::plain && fold.kind != CharClass::space;
                if (!hidden && (fold.script == Script::other || fold.script == Script::rare)) {
                    break;
                }
                word.latin = word.latin || fold.script == Script::latin;
                word.imitations += fold.lookalike != 0 && fold.script != Script::rare ? 1 : 0;
                const bool foreign = fold.script == Script::cyrillic ||
                                     fold.script == Script::greek ||
                                     fold.script == Script::lookalike;
                word.others += foreign && fold.lookalike == 0 ? 1 : 0;
            }
            at += point.bytes;
        }
        word.end = at;
        return word;
    }

    // Decides once for each word whether its lookalike letters stand for Latin ones.
    void judge_word() {
        word_was_imitation_ = imitates_;
        const bool latin_before = size_ > 0 && is_ascii_letter(out_.text[size_ - 1]);
        const WordScripts word = scripts_from(at_);
        word_end_ = std::max(word.end, at_ + 1);
        if (latin_before || word.latin) {
            imitates_ = word.imitations > 0 && word.others <= word.imitations;
            return;
        }
        imitates_ = word.others == 0 && word.imitations > 0 && among_latin(word.end);
    }

    // The word stands between Latin neighbours, or next to one at an edge of the text.
    bool among_latin(std::size_t end) const {
        std::size_t before = size_;
        for (int steps = 0; before > 0 && steps < 4; ++steps) {
            if (is_ascii_letter(out_.text[before - 1])) {
                break;
            }
            --before;
        }
        const bool latin_before = before > 0 && is_ascii_letter(out_.text[before - 1]);
        std::size_t after = end;
        for (int steps = 0; after < input_.size() && steps < 4; ++steps) {
            const char c = input_[after];
            if (is_ascii_letter(c) || static_cast<unsigned char>(c) >= 0x80) {
                break;
            }
            ++after;
        }
        const bool latin_after = after < input_.size() && is_ascii_letter(input_[after]);
        const bool foreign_after =
            after < input_.size() && static_cast<unsigned char>(input_[after]) >= 0x80;
        return (latin_before && (latin_after || !foreign_after || word_was_imitation_)) ||
               (latin_after && size_ == 0);
    }

    std::string_view input_;
    Normalised& out_;
    const FoldTable& table_;
    std::size_t at_ = 0;     // next input byte
    std::size_t size_ = 0;   // bytes of output so far
    std::size_t delta_ = 0;  // at_ - size_ of the running stretch
    bool in_step_ = true;
    bool dropping_ = false;
    std::size_t word_end_ = 0;
    bool imitates_ = false;
    bool word_was_imitation_ = false;
};

}  // namespace

void normalise(std::string_view input, Normalised& out) {
    Normaliser(input, out).run();
}

std::string normalised_text(std::string_view input) {
    Normalised out;
    normalise(input, out);
    return std::move(out.text);
}

}  // namespace credence::guard
