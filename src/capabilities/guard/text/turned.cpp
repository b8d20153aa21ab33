#include "capabilities/guard/text/turned.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "capabilities/guard/text/language.h"
#include "capabilities/guard/text/word_edges.h"
#include "capabilities/guard/text/word_order.h"
#include "capabilities/guard/text/word_spans.h"
#include "capabilities/guard/text/words.h"

namespace credence::guard {

namespace {

constexpr int kWindowPairs = 40;
constexpr std::size_t kShortWord = 2;   // letters of words too short to tell anything
constexpr std::size_t kSurelyWord = 5;  // letters of a word that is not another's reverse by chance
constexpr std::size_t kManyLetters = 14;  // of a token that may be words run together
constexpr std::size_t kNear = 120;        // bytes between two parts of one stretch
constexpr std::size_t kMaxParts = 64;
constexpr std::size_t kWordEffort = 40;  // nanoseconds for an unlisted word
constexpr std::size_t kTurnEffort = 12;  // and for a byte tried in every turn
constexpr std::size_t kMaxJudged = 64;   // windows that read badly, however they are turned

bool is_ascii(std::string_view word) {
    return std::all_of(word.begin(), word.end(), is_lower_letter);
}

struct PairsScored {
    int score = 0;
    int pairs = 0;
};

// Of a word that has bytes of other scripts.
PairsScored score_mixed_pairs(std::string_view word) {
    PairsScored scored;
    for (std::size_t i = 1; i < word.size(); ++i) {
        if (is_lower_letter(word[i - 1]) && is_lower_letter(word[i])) {
            scored.score += pair_score(word[i - 1], word[i]);
            ++scored.pairs;
        }
    }
    return scored;
}

PairsScored score_pairs(std::string_view word) {
    const std::int8_t* const scores = kPairScores.data();
    const char* letter = word.data();
    const char* const end = letter + word.size();
    int score = 0;
    unsigned all = static_cast<unsigned char>(*letter);
    for (std::size_t before = all % kPairRow; ++letter < end;) {
        const auto byte = static_cast<unsigned char>(*letter);
        all |= byte;
        score += scores[before * kPairRow + byte % kPairRow];
        before = byte % kPairRow;
    }
    if (all >= 0x80) [[unlikely]] {
        return score_mixed_pairs(word);
    }
    return {score, static_cast<int>(word.size()) - 1};
}

char turn(char c, int shift) {
    if (!is_lower_letter(c)) {
        return c;
    }
    if (shift == kMirror) {
        return static_cast<char>('z' - (c - 'a'));
    }
    return static_cast<char>('a' + (c - 'a' + shift) % 26);
}

// One pass over the words. Unlisted words in a row are judged in windows by their letter pairs. A
// region is what lies between listed words that are sure to stand as they should.
class Looking {
public:
    explicit Looking(std::string_view text) : text_(text), words_(Words::embedded()) {}

    WordLook run() {
        WordEdges edges(text_);
        std::array<Words::Known, WordEdges::kMaxEdges / 2> known;
        for (auto words = edges.next(); !words.empty(); words = edges.next()) {
            // All are looked up before the first is judged: so nothing waits for the judgement.
            const std::size_t* const edge = words.data();
            const std::size_t count = words.size() / 2;
            Words::Known* const found = known.data();
            for (std::size_t i = 0; i < count; ++i) {
                found[i] = words_.look_up(text_, {edge[2 * i], edge[2 * i + 1]});
            }
            for (std::size_t i = 0; i < count; ++i) {
                look_at({edge[2 * i], edge[2 * i + 1]}, found[i]);
            }
        }
        close(text_.size(), text_.size());
        look_.words_backwards = order_.backwards();
        return std::move(look_);
    }

private:
    void look_at(ByteSpan span, Words::Known known) {
        order_.note(known.role);
        const std::size_t size = span.end - span.start;
        if (size <= kShortWord) {
            return;
        }
        if (known.listed) {
            // One listed word between unlisted ones may be chance ("now" is "won" turned).
            listed_from_ = listed_++ == 0 ? span.start : listed_from_;
            if (listed_ >= 2 || size >= 5) {
                close(listed_from_, span.end);
            }
            return;
        }
        unlisted(span, {text_.data() + span.start, size});
    }

    void unlisted(ByteSpan span, std::string_view word) {
        listed_ = 0;
        if (!is_lower_letter(word.front()) || !is_lower_letter(word.back())) {
            foreign(span, word);
            return;
        }
        look_.effort += kWordEffort;
        if (word.size() >= Words::kMinScrambled && look_.misspelled < 2) {
            look_.misspelled += words_.meant(word).evidence;
        }
        look_.run_together = look_.run_together || word.size() >= kManyLetters;
        add_to_window(span, word);
    }

    void add_to_window(ByteSpan span, std::string_view word) {
        if (window_.end == 0) {
            window_.start = span.start;
        }
        window_.end = span.end;
        ++window_words_;
        const auto [score, pairs] = score_pairs(word);
        pairs_ += pairs;
        plain_ += score;
        const bool poor = score < kReadableBits * static_cast<int>(word.size() - 1);
        if (poor && word.size() >= kSurelyWord) {
            reversed_ += words_.contains_reversed(word) ? 1 : 0;
        }
        if (pairs_ >= kWindowPairs) {
            judge();
        }
    }

    // Letters of other scripts have no table of pairs: listed words tell.
    void foreign(ByteSpan span, std::string_view word) {
        if (word.size() < 8 || !words_.contains_reversed(word)) {
            return;
        }
        while (span.start > 0 && !is_lower_letter(text_[span.start - 1]) &&
               (look_.turned.empty() || span.start > look_.turned.back().span.end)) {
            --span.start;
        }
        while (span.end < text_.size() && !is_lower_letter(text_[span.end])) {
            ++span.end;
        }
        if (look_.turned.empty() || span.start >= look_.turned.back().span.end) {
            add({span, 0});
        }
    }

    // The region ends at `end`; the next one begins at `next`.
    void close(std::size_t end, std::size_t next) {
        if (window_.end != 0) {
            judge();
        }
        if (in_region_) {
            ByteSpan& last = look_.turned.back().span;
            last.end = std::max(last.end, end);
            in_region_ = false;
        }
        listed_ = 0;
        region_from_ = next;
    }

    void add(WordLook::Part part) {
        auto& turned = look_.turned;
        // The same turn a little further on: one stretch.
        if (!turned.empty() && turned.back().shift == part.shift &&
            part.span.start <= turned.back().span.end + kNear) {
            turned.back().span.end = std::max(turned.back().span.end, part.span.end);
            return;
        }
        if (turned.size() < kMaxParts) {
            turned.push_back(part);
        }
    }

    void judge() {
        ByteSpan window = window_;
        const int plain = plain_;
        const int pairs = pairs_;
        window_ = {};
        const bool reversed = reversed_ >= 2;
        const int words = window_words_;
        plain_ = pairs_ = reversed_ = window_words_ = 0;
        if (words < 2 || (!reversed && plain >= kReadableBits * pairs)) {
            return;
        }
        const std::string_view text = text_.substr(window.start, window.end - window.start);
        if (const auto shift = reversed ? std::optional(0) : best_turn(text, plain, pairs)) {
            judged_ = 0;
            window.start = in_region_ ? window.start : region_from_;
            add({window, *shift});
            in_region_ = true;
        }
    }

    std::optional<int> best_turn(std::string_view text, int plain, int pairs) {
        if (judged_ >= kMaxJudged) {
            return std::nullopt;
        }
        look_.effort += text.size() * kTurnEffort;
        const TurnedPairs turned = score_turns(text, plain, pairs);
        if (turned.shift < 0 && !turned.reversed) {
            return std::nullopt;
        }
        ++judged_;
        // However well the pairs read, some words must be words, unless there are many pairs.
        const auto known = [&](int shift) {
            const std::size_t listed = count_listed(text, shift);
            return listed >= 2 || (listed == 1 && pairs >= 6);
        };
        if (turned.reversed && known(0)) {
            return 0;
        }
        const bool sure = turned.gain * 10 > pairs * 25 && pairs >= 24;
        if (turned.both) {
            return count_listed(backwards(text), 13) >= 2 ? std::optional(13) : std::nullopt;
        }
        return turned.shift > 0 && (sure || known(turned.shift)) ? std::optional(turned.shift)
                                                                 : std::nullopt;
    }

    std::size_t count_listed(std::string_view text, int shift) const {
        std::size_t listed = 0;
        const std::string turned = shift == 0 ? backwards(text) : rotated(text, shift);
        WordSpans spans(turned);
        for (ByteSpan word = spans.next(); word.start < turned.size(); word = spans.next()) {
            const auto letters = std::string_view(turned).substr(word.start, word.end - word.start);
            listed += letters.size() > kShortWord && words_.contains(letters) ? 1 : 0;
        }
        return listed;
    }

    std::string_view text_;
    const Words& words_;
    WordLook look_;
    OrderLook order_;
    ByteSpan window_;
    int plain_ = 0;
    int pairs_ = 0;
    int window_words_ = 0;
    int reversed_ = 0;  // words of the window that are listed ones reversed
    int listed_ = 0;    // listed words in a row
    std::size_t listed_from_ = 0;
    std::size_t region_from_ = 0;
    bool in_region_ = false;  // the last part lies in this region
    std::size_t judged_ = 0;
};

// The parts with their punctuation: up to the blanks around.
ByteSpan with_signs(std::string_view text, ByteSpan span, std::size_t from) {
    while (span.start > from && text[span.start - 1] != ' ') {
        --span.start;
    }
    while (span.end < text.size() && text[span.end] != ' ') {
        ++span.end;
    }
    return span;
}

Rewritten cut(std::string_view text, const std::vector<WordLook::Part>& parts, int shift,
              const std::vector<bool>& kept) {
    Rewriter out(text);
    for (const WordLook::Part& part : parts) {
        if (part.shift != shift) {
            continue;
        }
        const ByteSpan span = with_signs(text, part.span, out.at());
        out.skip_to(std::max(out.at(), span.start), out.written() == 0 ? "" : " ");
        const std::string_view found = text.substr(out.at(), span.end - out.at());
        std::string turned = shift == 0 ? std::string(found) : rotated(found, shift);
        for (std::size_t i = 0; i < turned.size() && !kept.empty(); ++i) {
            turned[i] = kept[out.at() + i] ? found[i] : turned[i];
        }
        out.replace(turned, span.end);
    }
    return out.finish_here();
}

}  // namespace

std::string rotated(std::string_view text, int shift) {
    std::string out(text);
    for (char& c : out) {
        c = turn(c, shift);
    }
    return out;
}

std::string backwards(std::string_view text) {
    std::string out(text.size(), '\0');
    std::size_t to = text.size();
    for (std::size_t at = 0; at < text.size();) {
        std::size_t bytes = 1;
        while (at + bytes < text.size() && bytes < 4 &&
               (static_cast<unsigned char>(text[at + bytes]) & 0xC0U) == 0x80U) {
            ++bytes;
        }
        to -= bytes;
        text.copy(out.data() + to, bytes, at);
        at += bytes;
    }
    return out;
}

WordLook look_at_words(std::string_view text) {
    return Looking(text).run();
}

Rewritten turn_rotated(std::string_view text, const std::vector<WordLook::Part>& parts, int shift,
                       const std::vector<bool>& kept) {
    return cut(text, parts, shift, kept);
}

Rewritten cut_reversed(std::string_view text, const std::vector<WordLook::Part>& parts) {
    return cut(text, parts, 0, {});
}

Rewritten correct_words(std::string_view text) {
    const Words& words = Words::embedded();
    Rewriter out(text);
    WordSpans spans(text);
    for (ByteSpan span = spans.next(); span.start < text.size(); span = spans.next()) {
        const std::string_view word = text.substr(span.start, span.end - span.start);
        if (word.size() < Words::kMinScrambled || !is_ascii(word) || words.contains(word)) {
            continue;
        }
        if (const Words::Meant meant = words.meant(word); !meant.word.empty()) {
            out.copy_to(span.start);
            out.replace(meant.word, span.end);
        }
    }
    return out.finish();
}

std::string words_backwards(std::string_view text) {
    constexpr std::string_view kEnds = ".!?\n;";
    std::string out;
    out.reserve(text.size() + 1);
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t stop = std::min(text.find_first_of(kEnds, at), text.size());
        std::size_t end = stop;
        while (end > at) {
            while (end > at && text[end - 1] == ' ') {
                --end;
            }
            const std::size_t blank = end > at ? text.rfind(' ', end - 1) : std::string_view::npos;
            const std::size_t start =
                blank == std::string_view::npos || blank < at ? at : blank + 1;
            if (!out.empty() && end > start && out.back() != ' ') {
                out.push_back(' ');
            }
            out.append(text.substr(start, end - start));
            end = start;
        }
        if (stop < text.size()) {
            out.push_back(text[stop]);
        }
        at = stop + 1;
    }
    return out;
}

}  // namespace credence::guard
