#include "capabilities/guard/rules/matcher.h"

#include <hs/hs.h>

#include <algorithm>

namespace credence::guard {

namespace {

constexpr std::uint32_t kMarkWindow = 120;    // bytes to either side of a hit
constexpr std::uint32_t kUnlessWindow = 24;   // bytes before a hit, for rules that are cancelled
constexpr std::uint32_t kRefineWindow = 256;  // bytes searched for the start of a loose pattern
constexpr std::uint32_t kMaxEnding = 64;      // bytes a span grows to the end of its last word
constexpr std::size_t kMaxMarks = 4096;       // kept of each kind

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

bool continues_word(char c, bool wide) {
    return is_word(c) || (wide && static_cast<unsigned char>(c) >= 0x80);
}

// A gap that ends a sentence: its words belong to two statements.
bool ends_sentence(std::string_view gap) {
    for (std::size_t i = 0; i < gap.size(); ++i) {
        const char c = gap[i];
        const bool stop = c == '.' || c == '?' || c == '!' || c == ';';
        if (stop && (i + 1 == gap.size() || gap[i + 1] == ' ')) {
            return true;
        }
    }
    return false;
}

}  // namespace

struct Matcher::Scan {
    Matcher& matcher;
    const Normalised& text;
    std::vector<Hit>& hits;
};

Matcher::Matcher(const RuleSet& rules) : rules_(rules), workspace_(rules.borrow()) {}

Matcher::~Matcher() {
    rules_.give_back(std::move(workspace_));
}

Result<void> Matcher::match(const Normalised& text, std::vector<Hit>& hits) {
    hits.clear();
    if (workspace_->scratch == nullptr) {
        return fail(Code::internal, "no memory for scanning");
    }
    for (auto& marks : workspace_->marks) {
        marks.clear();
    }
    std::fill(workspace_->hits_of_rule.begin(), workspace_->hits_of_rule.end(), std::uint8_t{0});
    workspace_->events.clear();
    if (++workspace_->scan == 0) {  // the counter wrapped: forget the chains it could confuse
        std::fill(workspace_->chains.begin(), workspace_->chains.end(), Workspace::Chain{});
        workspace_->scan = 1;
    }
    Scan scan{*this, text, hits};
    const auto on_match = [](unsigned id, unsigned long long, unsigned long long to, unsigned,
                             void* state) -> int {
        auto& running = *static_cast<Scan*>(state);
        auto& events = running.matcher.workspace_->events;
        events.push_back({id, static_cast<std::uint32_t>(to)});
        if (events.size() >= kEventBatch) {
            running.matcher.take_batch(running);
        }
        return 0;
    };
    if (hs_scan(rules_.text_, text.text.data(), static_cast<unsigned>(text.text.size()), 0,
                workspace_->scratch, on_match, &scan) != HS_SUCCESS) {
        return fail(Code::internal, "scanning failed");
    }
    take_batch(scan);
    attach_marks(hits);
    return {};
}

void Matcher::take_batch(Scan& scan) {
    auto& events = workspace_->events;
    // The library reports nearly in order; sequences need it exactly.
    const auto earlier = [](const Workspace::Event& a, const Workspace::Event& b) {
        return a.end != b.end ? a.end < b.end : a.pattern < b.pattern;
    };
    if (!std::is_sorted(events.begin(), events.end(), earlier)) {
        std::sort(events.begin(), events.end(), earlier);
    }
    for (const Workspace::Event& event : events) {
        take(scan, event);
    }
    events.clear();
}

void Matcher::take(Scan& scan, const Workspace::Event& event) {
    ++work_;
    const std::string& text = scan.text.text;
    const Pattern& pattern = rules_.compiled_.patterns[event.pattern];
    const bool fixed = pattern.min_width == pattern.max_width;
    const std::uint32_t start = event.end - std::min(pattern.min_width, event.end);
    if (pattern.left_edge != 0 && fixed && start > 0 &&
        continues_word(text[start - 1], pattern.wide != 0)) {
        return;
    }
    if (pattern.right_edge != 0 && event.end < text.size() &&
        continues_word(text[event.end], pattern.wide != 0)) {
        return;
    }
    for (std::size_t mark = 0; pattern.marks >> mark != 0; ++mark) {
        auto& marks = workspace_->marks[mark];
        if (((pattern.marks >> mark) & 1U) != 0 && marks.size() < kMaxMarks) {
            marks.push_back(event.end);
        }
    }
    const std::uint32_t now = workspace_->scan;
    // Slots come with later parts first, so that one event never is two parts of one chain.
    for (std::uint32_t i = 0; i < pattern.slots; ++i) {
        ++work_;
        const Slot& slot = rules_.compiled_.slots[pattern.first_slot + i];
        if (slot.last != 0 && workspace_->hits_of_rule[slot.rule] >= kMaxHitsOfRule) {
            continue;
        }
        Workspace::Chain chain{now, start, event.end};
        if (slot.part > 0) {
            const Workspace::Chain* before = previous_part(scan.text, slot, start);
            if (before == nullptr) {
                continue;
            }
            chain.start = before->start;
        }
        if (slot.last == 0) {
            workspace_->chains[2 * slot.state + 1] = workspace_->chains[2 * slot.state];
            workspace_->chains[2 * slot.state] = chain;
            continue;
        }
        auto& count = workspace_->hits_of_rule[slot.rule];
        if (scan.hits.size() < kMaxHits) {
            ++count;
            Hit hit{slot.rule, chain.start, chain.end, 0};
            // A pattern for the beginning of a word stands for the whole word.
            while (hit.end < text.size() && hit.end - chain.end < kMaxEnding &&
                   is_word(text[hit.end - 1]) && is_word(text[hit.end])) {
                ++hit.end;
            }
            if (!fixed && slot.part == 0) {
                refine(scan.text, hit, event);
            }
            scan.hits.push_back(hit);
        }
    }
}

// The part that the one starting at `start` continues. The latest two are kept, because phrases of
// a later part may contain one of an earlier part.
const Workspace::Chain* Matcher::previous_part(const Normalised& text, const Slot& slot,
                                               std::uint32_t start) const {
    for (std::size_t i = 0; i < 2; ++i) {
        const Workspace::Chain& before = workspace_->chains[2 * (slot.state - 1) + i];
        if (before.scan != workspace_->scan || start < before.end ||
            start - before.end > slot.within) {
            continue;
        }
        const std::string_view gap(text.text.data() + before.end, start - before.end);
        if (slot.sentences != 0 || !ends_sentence(gap)) {
            return &before;
        }
    }
    return nullptr;
}

void Matcher::refine(const Normalised& text, Hit& hit, const Workspace::Event& event) {
    if (rules_.span_ == nullptr) {
        return;
    }
    struct Search {
        std::uint32_t pattern;
        std::uint32_t end;
        std::uint32_t start;
    };
    const std::uint32_t from = event.end - std::min(event.end, kRefineWindow);
    Search search{event.pattern, event.end - from, hit.start - std::min(hit.start, from)};
    const auto on_match = [](unsigned id, unsigned long long start, unsigned long long to, unsigned,
                             void* state) -> int {
        auto& wanted = *static_cast<Search*>(state);
        if (id == wanted.pattern && to == wanted.end) {
            wanted.start = std::min(wanted.start, static_cast<std::uint32_t>(start));
        }
        return 0;
    };
    // In the middle of a long scan the scratch is taken and this fails: the span stays at its
    // shortest.
    if (hs_scan(rules_.span_, text.text.data() + from, event.end - from, 0, workspace_->scratch,
                on_match, &search) == HS_SUCCESS) {
        hit.start = from + search.start;
    }
}

void Matcher::attach_marks(std::vector<Hit>& hits) const {
    const std::span<const Rule> rules = rules_.rules();
    const auto near = [&](std::size_t mark, std::uint32_t from, std::uint32_t to) {
        const auto& marks = workspace_->marks[mark];
        const auto found = std::lower_bound(marks.begin(), marks.end(), from);
        return found != marks.end() && *found <= to;
    };
    for (Hit& hit : hits) {
        const std::uint32_t from = hit.start - std::min(hit.start, kMarkWindow);
        for (std::size_t mark = 0; mark < kMarks; ++mark) {
            if (near(mark, from, hit.end + kMarkWindow)) {
                hit.marks_near |= 1U << mark;
            }
        }
    }
    std::erase_if(hits, [&](const Hit& hit) {
        for (std::size_t mark = 0; mark < kMarks; ++mark) {
            const bool cancels = ((rules[hit.rule].unless >> mark) & 1U) != 0;
            if (cancels && near(mark, hit.start - std::min(hit.start, kUnlessWindow), hit.start)) {
                return true;
            }
        }
        return false;
    });
}

}  // namespace credence::guard
