// How each derivation of Views is tried: the cheap look first, then the reading, then the view.
#include <algorithm>
#include <array>
#include <utility>

#include "capabilities/guard/text/decode.h"
#include "capabilities/guard/text/escapes.h"
#include "capabilities/guard/text/hidden.h"
#include "capabilities/guard/text/leet.h"
#include "capabilities/guard/text/markup.h"
#include "capabilities/guard/text/separated.h"
#include "capabilities/guard/text/views.h"

namespace credence::guard {

namespace {

constexpr std::size_t kMinEscapes = 3;  // unless one of them spells a letter
constexpr std::size_t kMinHidden = 6;   // tag characters or variation selectors
constexpr std::size_t kMinInvisible = 40;
constexpr std::size_t kMinFigures = 2;  // digits beside letters
constexpr std::size_t kMinDigits = 8;
constexpr std::size_t kMinSignals = 4;  // dots and dashes beside each other
constexpr std::size_t kMinCaseTurns = 3;
constexpr std::size_t kMinUpsideDown = 4;

// Nanoseconds a byte of what is tried, about (ViewLimits::max_effort).
constexpr std::size_t kLookEffort = 3;
constexpr std::size_t kWideEffort = 15;
constexpr std::size_t kEscapeEffort = 8;
constexpr std::size_t kDigitEffort = 40;
constexpr std::size_t kMorseEffort = 10;
constexpr std::size_t kGroupEffort = 10;
constexpr std::size_t kRewriteEffort = 15;
constexpr std::size_t kLeetEffort = 20;
constexpr std::size_t kSegmentEffort = 60;

bool spells(const Rewritten& rewritten) {
    return rewritten.letters > 0 || rewritten.count >= kMinEscapes;
}

bool is_turned(ViewKind kind) {
    return kind == ViewKind::reversed || kind == ViewKind::rot13 || kind == ViewKind::caesar ||
           kind == ViewKind::word_order;
}

// Characters that only turned text has; looked for in text that is not ASCII.
bool may_be_upside_down(std::string_view text) {
    constexpr std::array<std::string_view, 4> kSigns = {"\u01DD", "\u0250", "\u0279", "\u0287"};
    std::size_t found = 0;
    for (const std::string_view sign : kSigns) {
        for (std::size_t at = 0;
             found < kMinUpsideDown && (at = text.find(sign, at)) != std::string_view::npos; ++at) {
            ++found;
        }
    }
    return found >= kMinUpsideDown;
}

// Signs that Morse is written with where it is not written in ASCII.
bool may_be_signals(std::string_view text) {
    constexpr std::array<std::string_view, 4> kSigns = {"\u2022", "\u00B7", "\u2212", "\u22C5"};
    return std::any_of(kSigns.begin(), kSigns.end(), [&](std::string_view sign) {
        return text.find(sign) != std::string_view::npos;
    });
}

// Words of orders in scripts written without blanks, backwards.
bool may_be_reversed_han(std::string_view text) {
    constexpr std::array<std::string_view, 10> kBackwards = {
        "\u4EE4\u6307", "\u793A\u63D0", "\u7565\u5FFD", "\u5219\u89C4", "\u7EDF\u7CFB",
        "\u7801\u5BC6", "\u524D\u4E4B", "\u8996\u7121", "\u793A\u6307", "\uC2DC\uC9C0"};
    std::size_t found = 0;
    for (const std::string_view word : kBackwards) {
        found += text.find(word) != std::string_view::npos ? 1 : 0;
    }
    return found >= 2;
}

// The letters of normalised text that carried marks in the raw one: who rotates letters by program
// leaves those alone.
std::vector<bool> marked_letters(std::string_view raw, const Normalised& normalised,
                                 ByteSpan section) {
    std::vector<bool> marked;
    if (normalised.ascii) {
        return marked;
    }
    for (std::size_t i = section.start; i < section.end; ++i) {
        const std::size_t at = normalised.map.to_source({i, i + 1}).start;
        const auto lead = at < raw.size() ? static_cast<unsigned char>(raw[at]) : 0U;
        marked.push_back(lead >= 0xC3 && lead <= 0xC9);
    }
    return marked;
}

}  // namespace

void Views::find_blobs(std::size_t parent) {
    const std::string_view text = raw_of(parent);
    const Section whole{parent, 0, text};
    BlobFinder finder(text);
    steps_ += text.size();
    // Others than blobs need room too.
    const std::size_t most = limits_.max_views - limits_.max_views / 3;
    while (views_.size() <= most && failures_ < limits_.max_failures) {
        const ByteSpan run = finder.next();
        if (run.end == 0) {
            return;
        }
        const std::size_t room = (limits_.max_derived_bytes - derived_bytes_) * 4 / 3;
        truncated_ = truncated_ || run.end - run.start > room;
        auto blob = decode_blob(text, {run.start, std::min(run.end, run.start + room)});
        if (!blob) {
            ++failures_;
            continue;
        }
        constexpr std::array<ViewKind, 4> kKinds = {ViewKind::base64, ViewKind::base32,
                                                    ViewKind::hexadecimal, ViewKind::codes};
        add_whole(whole, kKinds[static_cast<std::size_t>(blob->encoding)],
                  std::move(blob->decoded));
    }
    truncated_ = true;
}

void Views::find_groups(const Section& section) {
    std::size_t at = 0;
    while (!full() && failures_ < limits_.max_failures) {
        const ByteSpan groups = next_groups(section.text, at);
        if (groups.end == 0) {
            return;
        }
        if (auto blob = decode_groups(section.text, groups)) {
            add_whole(
                section,
                blob->encoding == Blob::Encoding::base32 ? ViewKind::base32 : ViewKind::base64,
                std::move(blob->decoded));
        } else {
            ++failures_;
        }
        at = groups.end;
    }
}

void Views::find_codes(const Section& section, bool numbers, bool morse) {
    if (numbers) {
        for (Decoded& decoded : decode_number_lists(section.text)) {
            const ViewKind kind = decoded.hexadecimal ? ViewKind::hexadecimal : ViewKind::codes;
            add_whole(section, kind, std::move(decoded));
        }
    }
    if (morse) {
        for (Decoded& decoded : decode_morse(section.text)) {
            add_whole(section, ViewKind::morse, std::move(decoded));
        }
    }
}

void Views::unescape(const Section& section, const Look& look) {
    if (look.percents > 0) {
        Rewritten rewritten = unescape_percent(section.text);
        if (spells(rewritten)) {
            add_rewritten(section, ViewKind::percent, std::move(rewritten));
        }
    }
    if (look.ampersands > 0) {
        Rewritten rewritten = unescape_entities(section.text);
        if (spells(rewritten)) {
            add_rewritten(section, ViewKind::entities, std::move(rewritten));
        }
    }
    if (look.backslashes > 0 || look.code_points >= kMinEscapes) {
        UnescapedBackslashes unescaped = unescape_backslashes(section.text);
        if (unescaped.spelled > 0 || unescaped.rewritten.count >= kMinEscapes) {
            add_rewritten(section, ViewKind::escapes, std::move(unescaped.rewritten));
        }
    }
}

void Views::find_hidden(const Section& section, const NormaliseCounts& counts) {
    const auto take = [&](ViewKind kind, Rewritten rewritten, View::Mapping mapping) {
        if (rewritten.count > 0) {
            add_rewritten(section, kind, std::move(rewritten), mapping);
        }
    };
    const auto readable = [](Rewritten rewritten) {
        const bool good = rewritten.count >= kMinHidden && is_readable(rewritten.text);
        return good ? std::move(rewritten) : Rewritten{};
    };
    if (counts.tags >= kMinHidden) {
        take(ViewKind::tag_characters, readable(reveal_tags(section.text)), View::Mapping::whole);
    }
    if (counts.selectors >= kMinHidden) {
        take(ViewKind::variation_selectors, readable(reveal_selectors(section.text)),
             View::Mapping::whole);
    }
    if (counts.invisible >= kMinInvisible) {
        take(ViewKind::zero_width, reveal_zero_width(section.text), View::Mapping::whole);
    }
    if (counts.bidi > 0) {
        take(ViewKind::displayed, displayed_order(section.text), View::Mapping::mapped);
    }
    if (may_be_upside_down(section.text)) {
        take(ViewKind::upside_down, turn_upside_down(section.text), View::Mapping::reversed);
    }
    steps_ += 2 * section.text.size();
}

void Views::reread_raw(const Section& section, const NormaliseCounts& counts) {
    const Look look = look_at(section.text);
    const std::size_t size = section.text.size();
    effort_ += size * (look.high ? kWideEffort : kLookEffort);
    steps_ += size;
    first_look_ =
        section.text.size() == raw_of(section.parent).size() ? std::optional(look) : std::nullopt;
    const bool high = look.high || !views_[section.parent].normalised.ascii;
    effort_ += look.percents + look.ampersands + look.backslashes > 0 ? size * kEscapeEffort : 0;
    unescape(section, look);
    if (high) {
        find_hidden(section, counts);
    }
    const bool numbers = look.digits >= kMinDigits;
    const bool morse =
        look.dots_and_dashes >= kMinSignals || (look.high && may_be_signals(section.text));
    if (numbers || morse) {
        find_codes(section, numbers, morse);
        effort_ += look.digits * kDigitEffort + (morse ? size * kMorseEffort : 0);
        steps_ += section.text.size();
    }
    if (look.case_turns >= kMinCaseTurns || look.digits >= kMinCaseTurns) {
        find_groups(section);
        effort_ += size * kGroupEffort;
        steps_ += section.text.size();
    }
    if (look.tags_in_words > 0 || look.marks_in_words >= 2) {
        Rewritten mended = mend_words(section.text);
        effort_ += size * kRewriteEffort;
        steps_ += section.text.size();
        if (mended.count > 0) {
            add_rewritten(section, ViewKind::markup, std::move(mended));
        }
    }
    const ViewKind kind = views_[section.parent].kind;
    if (kind != ViewKind::separated && look.separated) {
        Rewritten joined = join_separated(section.text);
        effort_ += size * kRewriteEffort;
        steps_ += section.text.size();
        if (joined.count > 0) {
            add_rewritten(section, ViewKind::separated, std::move(joined));
        }
    }
}

void Views::turn(const Section& section, const WordLook& look) {
    if (look.turned.empty()) {
        return;
    }
    const std::vector<bool> kept =
        marked_letters(raw_of(section.parent), views_[section.parent].normalised,
                       {section.origin, section.origin + section.text.size()});
    std::array<bool, kMirror + 1> seen{};
    for (const WordLook::Part& part : look.turned) {
        const auto shift = static_cast<std::size_t>(part.shift);
        const bool again = is_turned(views_[section.parent].kind) && shift != 0;
        if (seen[shift] || again) {
            continue;
        }
        seen[shift] = true;
        if (shift == 0) {
            add_rewritten(section, ViewKind::reversed, cut_reversed(section.text, look.turned),
                          View::Mapping::reversed);
            continue;
        }
        add_rewritten(section, shift == 13 ? ViewKind::rot13 : ViewKind::caesar,
                      turn_rotated(section.text, look.turned, part.shift, kept));
    }
}

void Views::reread_words(const Section& section) {
    const ViewKind kind = views_[section.parent].kind;
    const bool as_raw = views_[section.parent].normalised.ascii && first_look_;
    const Look signs = as_raw ? *first_look_ : look_at(section.text);
    const WordLook look = look_at_words(section.text);
    steps_ += 2 * section.text.size();
    effort_ += look.effort + section.text.size() * (signs.high ? kWideEffort : kLookEffort);
    if (kind != ViewKind::leetspeak && signs.figures_in_words >= kMinFigures) {
        effort_ += section.text.size() * kLeetEffort;
        steps_ += section.text.size();
        if (auto plain = undo_leetspeak(section.text)) {
            Rewriter out(section.text);
            out.replace(*plain, section.text.size());
            add_rewritten(section, ViewKind::leetspeak, out.finish());
        }
    }
    if (kind != ViewKind::reversed && kind != ViewKind::word_order) {
        turn(section, look);
    }
    if (!is_turned(kind)) {
        if (look.turned.empty() && signs.high && may_be_reversed_han(section.text)) {
            Rewriter out(section.text);
            out.copy_to(section.text.size());
            add_rewritten(section, ViewKind::reversed, out.finish(), View::Mapping::reversed);
        }
        if (look.words_backwards) {
            Rewriter out(section.text);
            out.replace(words_backwards(section.text), section.text.size());
            add_rewritten(section, ViewKind::word_order, out.finish());
        }
    }
    effort_ += look.misspelled >= 2 ? section.text.size() * kRewriteEffort : 0;
    effort_ += look.run_together ? section.text.size() * kSegmentEffort : 0;
    if (look.misspelled >= 2 && kind != ViewKind::misspelled) {
        add_rewritten(section, ViewKind::misspelled, correct_words(section.text));
    }
    if (look.run_together && kind != ViewKind::separated) {
        Rewritten parted = part_run_together(section.text);
        if (parted.count > 0) {
            add_rewritten(section, ViewKind::separated, std::move(parted));
        }
    }
}

}  // namespace credence::guard
