#include "capabilities/guard/vault/sanitise.h"

#include <algorithm>
#include <utility>

#include "capabilities/guard/vault/canonical.h"
#include "capabilities/guard/vault/invisible.h"
#include "capabilities/guard/vault/masks.h"

namespace credence::guard {

namespace {

bool is_continuation(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

bool ends_sentence(std::string_view text, std::size_t at) {
    const char c = text[at];
    const bool blank_follows = at + 1 >= text.size() || text[at + 1] == ' ' ||
                               text[at + 1] == '\n' || text[at + 1] == '\r';
    if (c == '\n') {
        return true;
    }
    if ((c == '.' || c == '!' || c == '?') && blank_follows) {
        return true;
    }
    // U+3002, U+FF01, U+FF1F: the last byte of each.
    const std::string_view wide = text.substr(at - std::min<std::size_t>(at, 2), 3);
    return at >= 2 && (wide == "\xE3\x80\x82" || wide == "\xEF\xBC\x81" || wide == "\xEF\xBC\x9F");
}

// To the ends of the sentence where they are near, else no further.
ByteSpan sentence_around(std::string_view text, ByteSpan span) {
    ByteSpan whole = span;
    const std::size_t least = span.start - std::min(span.start, kMaxSentenceBytes);
    std::size_t start = span.start;
    while (start > least && !ends_sentence(text, start - 1)) {
        --start;
    }
    if (start == 0 || start > least) {
        whole.start = start;
        while (whole.start < span.start && text[whole.start] == ' ') {
            ++whole.start;  // the blank between sentences stays
        }
    }
    const std::size_t most = std::min(text.size(), span.end + kMaxSentenceBytes);
    std::size_t end = span.end;
    if (ends_sentence(text, end - 1)) {
        return whole;
    }
    while (end < most && !ends_sentence(text, end)) {
        ++end;
    }
    if (end == text.size()) {
        whole.end = end;
    } else if (end < most) {
        whole.end = text[end] == '\n' ? end : end + 1;
    }
    return whole;
}

bool acts_before(const Cut& a, const Cut& b) {
    if (a.span.start != b.span.start) {
        return a.span.start < b.span.start;
    }
    if (a.span.end != b.span.end) {
        return a.span.end > b.span.end;
    }
    return a.action != b.action ? a.action > b.action : a.detector < b.detector;
}

// One scan of one text.
class Round {
public:
    Round(std::string_view text, std::vector<Cut> cuts) : text_(text), masks_(find_masks(text)) {
        for (Cut& cut : cuts) {
            prepare(cut);
        }
        std::sort(ready_.begin(), ready_.end(), acts_before);
        without_overlaps();
    }

    const std::vector<Cut>& cuts() const { return ready_; }

    // The text with every cut made; appends what stands instead of each.
    Result<std::string> apply(MaskSource& source, std::vector<std::string>& instead) const {
        std::vector<MaskItem> items;
        for (const Cut& cut : ready_) {
            if (cut.action == CutAction::mask) {
                const std::string_view value = text_of(cut.span);
                items.push_back({std::string(mask_label(cut.detector)),
                                 canonical_value(cut.detector, value), std::string(value)});
            }
        }
        std::vector<std::string> masks;
        if (!items.empty()) {
            masks = TRY(source.masks_for(items, taken()));
            if (masks.size() != items.size()) {
                return fail(Code::internal, "a source of masks gave too few");
            }
        }
        std::string out;
        std::size_t at = 0;
        std::size_t next = 0;
        for (const Cut& cut : ready_) {
            out.append(text_, at, cut.span.start - at);
            instead.push_back(cut.action == CutAction::mask ? std::move(masks[next++])
                                                            : removed_mask(cut.category));
            out.append(instead.back());
            at = cut.span.end;
        }
        out.append(text_, at);
        return out;
    }

private:
    std::string_view text_of(ByteSpan span) const {
        return text_.substr(span.start, span.end - span.start);
    }

    std::vector<std::string> taken() const {
        std::vector<std::string> list;
        for (const ByteSpan mask : masks_) {
            list.emplace_back(text_of(mask));
        }
        std::sort(list.begin(), list.end());
        list.erase(std::unique(list.begin(), list.end()), list.end());
        return list;
    }

    // The first mask that ends behind `at`.
    std::vector<ByteSpan>::const_iterator mask_behind(std::size_t at) const {
        return std::upper_bound(masks_.begin(), masks_.end(), at,
                                [](std::size_t to, const ByteSpan& mask) { return to < mask.end; });
    }

    void prepare(Cut& cut) {
        ByteSpan& span = cut.span;
        span.end = std::min(span.end, text_.size());
        if (span.start >= span.end) {
            return;
        }
        while (span.start > 0 && is_continuation(text_[span.start])) {
            --span.start;
        }
        while (span.end < text_.size() && is_continuation(text_[span.end])) {
            ++span.end;
        }
        if (cut.action == CutAction::mask) {
            add_around_masks(cut);
        } else if (reaches_beyond_masks(span)) {
            if (cut.action == CutAction::remove_sentence) {
                span = sentence_around(text_, span);
            }
            take_whole_masks(span);
            ready_.push_back(cut);
        }
    }

    // A value is masked but for the masks inside it; what is left between must be worth it.
    void add_around_masks(Cut cut) {
        const ByteSpan whole = cut.span;
        std::size_t at = whole.start;
        const auto add = [&](std::size_t end) {
            cut.span = {at, end};
            if (at < end && (cut.span == whole || has_letters(text_of(cut.span)))) {
                ready_.push_back(cut);
            }
        };
        for (auto mask = mask_behind(at); mask != masks_.end() && mask->start < whole.end; ++mask) {
            add(std::max(at, mask->start));
            at = mask->end;
        }
        add(whole.end);
    }

    static bool has_letters(std::string_view text) {
        return std::any_of(text.begin(), text.end(), [](char c) {
            return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                   static_cast<unsigned char>(c) >= 0x80;
        });
    }

    bool reaches_beyond_masks(ByteSpan span) const {
        std::size_t at = span.start;
        for (auto mask = mask_behind(at);
             mask != masks_.end() && mask->start <= at && at < span.end; ++mask) {
            at = mask->end;
        }
        return at < span.end;
    }

    void take_whole_masks(ByteSpan& span) const {
        if (const auto first = mask_behind(span.start);
            first != masks_.end() && first->start < span.end) {
            span.start = std::min(span.start, first->start);
        }
        if (const auto last = mask_behind(span.end);
            last != masks_.end() && last->start < span.end) {
            span.end = last->end;
        }
    }

    void without_overlaps() {
        std::vector<Cut> apart;
        std::size_t done = 0;
        for (Cut cut : ready_) {
            cut.span.start = std::max(cut.span.start, done);
            if (cut.span.start < cut.span.end) {
                done = cut.span.end;
                apart.push_back(cut);
            }
        }
        ready_ = std::move(apart);
    }

    std::string_view text_;
    std::vector<ByteSpan> masks_;
    std::vector<Cut> ready_;
};

void note(const Round& round, std::vector<std::string>& instead, bool first, Sanitised& out) {
    for (std::size_t i = 0; i < round.cuts().size(); ++i) {
        const Cut& cut = round.cuts()[i];
        (cut.action == CutAction::mask ? out.masked : out.removed) += 1;
        if (out.cuts.size() < Sanitised::kMaxCutsTold) {
            out.cuts.push_back({std::move(instead[i]), cut.action, cut.detector, cut.category,
                                first ? std::optional(cut.span) : std::nullopt});
        }
    }
}

// Replaces everything from the first to the last cut, or the whole text.
void collapse(const Round& round, bool whole, Sanitised& out) {
    const std::string marker = removed_mask(round.cuts().front().category);
    const std::size_t start = round.cuts().front().span.start;
    const std::size_t end = round.cuts().back().span.end;
    out.text = whole ? marker : out.text.substr(0, start) + marker + out.text.substr(end);
    out.collapsed = true;
    ++out.removed;
}

}  // namespace

Result<Sanitised> sanitise(std::string_view text, const CutFinder& finder, MaskSource& source) {
    Sanitised out;
    out.text = std::string(text);
    for (int attempt = 0; attempt < kMaxSanitiseRounds + 4; ++attempt) {
        const Round round(out.text, TRY(finder(out.text)));
        ++out.rounds;
        if (attempt >= kMaxSanitiseRounds && !round.cuts().empty()) {
            collapse(round, attempt > kMaxSanitiseRounds, out);
            continue;
        }
        std::vector<std::string> instead;
        std::string next = TRY(round.apply(source, instead));
        std::string seen = without_invisible(next);
        out.invisible_bytes += next.size() - seen.size();
        if (round.cuts().empty() && seen == out.text) {
            return out;
        }
        note(round, instead, attempt == 0, out);
        out.text = std::move(seen);
    }
    return fail(Code::internal, "the text does not come to rest");
}

}  // namespace credence::guard
