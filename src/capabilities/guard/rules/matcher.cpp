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
constexpr int kMaxSettled = 16;               // places that an event is moved when it is noted

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

bool is_earlier(const Workspace::Event& a, const Workspace::Event& b) {
    return a.end != b.end ? a.end < b.end : a.pattern < b.pattern;
}

}  // namespace

struct Matcher::Scan {
    Matcher& matcher;
    const Normalised& text;
    std::vector<Hit>& hits;
    std::size_t from = 0;     // where the part that is searched begins
    std::uint64_t until = 0;  // steps after which the search ends
};

Matcher::Matcher(const RuleSet& rules)
    : rules_(rules), database_(*rules.database_), workspace_(rules.borrow()) {}

Matcher::~Matcher() {
    rules_.give_back(std::move(workspace_));
}

Result<void> Matcher::match(const Normalised& text, std::vector<Hit>& hits) {
    hits.clear();
    if (workspace_->scratch == nullptr && database_.prototype != nullptr) {
        return fail(Code::internal, "no memory for scanning");
    }
    begin();
    Scan scan{*this, text, hits, 0, work_ + kMaxSteps};
    TRY(search(scan));
    if (work_ > scan.until) {
        truncated_ = true;
        const std::size_t done = workspace_->last_end;
        const std::size_t size = text.text.size();
        scan.until = work_ + kMaxSteps;
        scan.from = std::max(done, size - std::min(size, kTailBytes));
        while (scan.from < size &&
               (static_cast<unsigned char>(text.text[scan.from]) & 0xC0U) == 0x80U) {
            ++scan.from;
        }
        TRY(search(scan));
    }
    attach_marks(hits);
    return {};
}

Result<void> Matcher::search(Scan& scan) {
    if (database_.text != nullptr) {
        return search_expressions(scan);
    }
    const std::string_view text = scan.text.text;
    database_.heads.each(text, scan.from, [&](std::size_t head, std::size_t end) {
        note_literals(text, head, end);
        if (workspace_->events.size() < kEventBatch) [[likely]] {
            return true;
        }
        take_batch(scan);
        return work_ <= scan.until;
    });
    take_batch(scan);
    return {};
}

Result<void> Matcher::search_expressions(Scan& scan) {
    const auto on_match = [](unsigned id, unsigned long long, unsigned long long to, unsigned,
                             void* state) -> int {
        auto& running = *static_cast<Scan*>(state);
        running.matcher.note(running.text.text, id, running.from + to);
        if (running.matcher.workspace_->events.size() < kEventBatch) {
            return 0;
        }
        running.matcher.take_batch(running);
        return running.matcher.work_ > running.until ? 1 : 0;
    };
    const std::string& text = scan.text.text;
    const int status = hs_scan(database_.text, text.data() + scan.from,
                               static_cast<unsigned>(text.size() - scan.from), 0,
                               workspace_->scratch, on_match, &scan);
    if (status != HS_SUCCESS && status != HS_SCAN_TERMINATED) {
        return fail(Code::internal, "scanning failed");
    }
    take_batch(scan);
    return {};
}

void Matcher::note(std::string_view text, std::uint32_t expression, std::size_t end) {
    const Literals& literals = database_.compiled.literals;
    if (expression < literals.heads.size()) {
        note_literals(text, expression, end);
        return;
    }
    const std::size_t pattern = expression - literals.heads.size() + literals.tails.size();
    workspace_->events.push_back(
        {static_cast<std::uint32_t>(pattern), static_cast<std::uint32_t>(end)});
}

void Matcher::note_literals(std::string_view text, std::size_t head, std::size_t end) {
    auto& events = workspace_->events;
    const std::size_t before = events.size();
    database_.compiled.literals.each(
        head, text, end, [&](std::uint32_t literal, std::size_t literal_end) {
            events.push_back({literal, static_cast<std::uint32_t>(literal_end)});
        });
    std::reverse(events.begin() + static_cast<std::ptrdiff_t>(before), events.end());
    for (std::size_t i = before; i < events.size(); ++i) {
        settle(i);
    }
}

// Moves an event to its place among those before it, which is mostly near: take_batch() sorts only
// what is left.
void Matcher::settle(std::size_t event) {
    auto& events = workspace_->events;
    for (int steps = 0;
         steps < kMaxSettled && event > 0 && is_earlier(events[event], events[event - 1]);
         ++steps, --event) {
        std::swap(events[event], events[event - 1]);
    }
}

void Matcher::begin() {
    Workspace& workspace = *workspace_;
    for (auto& marks : workspace.marks) {
        marks.clear();
    }
    std::fill(workspace.hits_of_rule.begin(), workspace.hits_of_rule.end(), std::uint8_t{0});
    std::fill(workspace.counts.begin(), workspace.counts.end(), std::uint16_t{0});
    workspace.traits.clear();
    workspace.events.clear();
    workspace.last_end = 0;
    if (++workspace.scan == 0) {  // the counter wrapped: forget the chains it could confuse
        std::fill(workspace.chains.begin(), workspace.chains.end(), Workspace::Chain{});
        workspace.scan = 1;
    }
}

void Matcher::take_batch(Scan& scan) {
    auto& events = workspace_->events;
    // Events come nearly in order; sequences need it exactly.
    if (!std::is_sorted(events.begin(), events.end(), is_earlier)) {
        std::sort(events.begin(), events.end(), is_earlier);
    }
    for (const Workspace::Event& event : events) {
        take(scan, event);
    }
    workspace_->last_end = events.empty() ? workspace_->last_end : events.back().end;
    events.clear();
}

void Matcher::take(Scan& scan, const Workspace::Event& event) {
    ++work_;
    const std::string& text = scan.text.text;
    const Pattern& pattern = database_.compiled.patterns[event.pattern];
    const bool wide = (pattern.flags & Pattern::kWide) != 0;
    const Found found{event.pattern,
                      event.end - std::min<std::uint32_t>(pattern.min_width, event.end), event.end,
                      pattern.min_width == pattern.max_width};
    if ((pattern.flags & Pattern::kLeftEdge) != 0 && found.fixed && found.start > 0 &&
        continues_word(text[found.start - 1], wide)) {
        return;
    }
    if ((pattern.flags & Pattern::kRightEdge) != 0 && event.end < text.size() &&
        continues_word(text[event.end], wide)) {
        return;
    }
    for (std::size_t mark = 0; pattern.marks >> mark != 0; ++mark) {
        if (((pattern.marks >> mark) & 1U) == 0) {
            continue;
        }
        auto& marks = workspace_->marks[mark];
        count(rules_.feature_of_mark_[mark]);
        if (marks.size() < kMaxMarks) {
            marks.push_back(event.end);
        }
    }
    // Slots come with later parts first, so that one event never is two parts of one chain.
    const Slot* slot = database_.compiled.slots.data() + pattern.first_slot;
    for (std::uint32_t i = 0; i < pattern.slots; ++i) {
        take_slot(scan, slot[i], found);
    }
}

void Matcher::take_slot(Scan& scan, const Slot& slot, const Found& found) {
    ++work_;
    std::uint32_t start = found.start;
    if (slot.part > 0) {
        const Workspace::Chain* before = previous_part(scan.text, slot, start);
        if (before == nullptr) {
            return;
        }
        start = before->start;
    }
    if (slot.last != 0) {
        complete(scan, slot, found, start);
        return;
    }
    Workspace::Chain* chain = workspace_->chains.data() + 2 * std::size_t{slot.state};
    chain[1] = chain[0];
    chain[0] = {workspace_->scan, start, found.end};
}

void Matcher::complete(Scan& scan, const Slot& slot, const Found& found, std::uint32_t start) {
    const Rule& rule = rules_.rules_[slot.rule];
    if (!rule.enabled) {
        return;
    }
    if (rule.signal) {
        count(rule.feature);
        if (workspace_->traits.size() < kMaxTraits) {
            workspace_->traits.push_back({slot.rule, found.end});
        }
        return;
    }
    auto& hits = workspace_->hits_of_rule[slot.rule];
    if (hits >= kMaxHitsOfRule || scan.hits.size() >= kMaxHits) {
        return;
    }
    ++hits;
    const std::string& text = scan.text.text;
    Hit hit{slot.rule, start, found.end, 0};
    // A pattern for the beginning of a word stands for the whole word.
    while (hit.end < text.size() && hit.end - found.end < kMaxEnding &&
           is_word(text[hit.end - 1]) && is_word(text[hit.end])) {
        ++hit.end;
    }
    if (!found.fixed && slot.part == 0) {
        refine(scan.text, hit, found);
    }
    scan.hits.push_back(hit);
}

void Matcher::count(std::uint16_t feature) {
    if (feature != Rule::kNoFeature && workspace_->counts[feature] != 0xFFFF) {
        ++workspace_->counts[feature];
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

void Matcher::refine(const Normalised& text, Hit& hit, const Found& found) {
    if (database_.span == nullptr) {
        return;
    }
    struct Search {
        std::uint32_t pattern;
        std::uint32_t end;
        std::uint32_t start;
    };
    const std::uint32_t from = found.end - std::min(found.end, kRefineWindow);
    Search search{found.pattern, found.end - from, hit.start - std::min(hit.start, from)};
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
    if (hs_scan(database_.span, text.text.data() + from, found.end - from, 0, workspace_->scratch,
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
