// What people say about verdicts.
#include "capabilities/guard/feedback.h"

#include "capabilities/guard/guard.h"
#include "capabilities/guard/memory/memory.h"

namespace credence::guard {

namespace {

constexpr std::size_t kDigestDigits = 64;
constexpr std::size_t kMaxNote = 2000;
constexpr std::string_view kFeedbackSource = "feedback";

bool is_digest(std::string_view text) {
    return text.size() == kDigestDigits &&
           text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

// What the request says, with what is known of the scan it is about.
Result<FeedbackEntry> Guard::entry_of(const Context& context, const Feedback& request) {
    FeedbackEntry entry;
    entry.feedback_id = format_uuid(parts_.ids->make_bytes());
    entry.at_us = clock_.now_us();
    entry.actor = context.actor;
    entry.label = request.label;
    entry.scan_id = request.scan_id;
    entry.category = request.category;
    entry.note = request.note;
    if (request.text_digest) {
        if (!is_digest(*request.text_digest)) {
            return fail(Code::invalid, "must be 64 hex digits, as detections tell it",
                        "text_digest");
        }
        entry.text_digest = *request.text_digest;
    }
    std::optional<std::string> text = request.text;
    if (request.scan_id) {
        const auto known = TRY(detections_->find(context, *request.scan_id));
        if (known) {
            entry.text_digest = known->text_digest;
            entry.verdict = known->verdict;
            entry.score = known->score;
            entry.rules = known->rules;
            text = text ? text : known->text;
            if (!entry.category && !known->categories.empty()) {
                entry.category = known->categories.front();
            }
        } else if (!text && !request.text_digest) {
            return fail(Code::not_found,
                        "no detection of this scan is kept; say the text or its digest", "scan_id");
        }
    }
    if (text && entry.text_digest.empty()) {
        entry.text_digest = digest_of(context, *text);
    }
    if (entry.text_digest.empty()) {
        return fail(Code::invalid, "say scan_id, text_digest or text", "scan_id");
    }
    if (request.keep_text) {
        if (!text) {
            return fail(Code::invalid, "the text is needed to keep it", "text");
        }
        entry.text = std::move(text);
    }
    return entry;
}

Result<FeedbackEntry> Guard::feedback(const Context& context, const Feedback& request) {
    if (detections_ == nullptr || parts_.ids == nullptr) {
        return fail(Code::unavailable, "feedback needs a store");
    }
    FeedbackEntry entry = TRY(entry_of(context, request));
    const bool is_threat = request.label != Label::false_positive;
    if (is_threat && entry.text && parts_.memory != nullptr) {
        AddThreat add;
        add.threat.text = entry.text;
        add.threat.category = entry.category.value_or(Category::prompt_injection);
        add.threat.source = kFeedbackSource;
        add.threat.technique = "confirmed";
        add.confirmed = true;
        add.keep_text = true;
        entry.threat_id = TRY(parts_.memory->add(context, add)).threat_id.to_string();
    }
    TRY(parts_.database->write([&](store::Tx& tx) -> Result<void> {
        TRY(feedback_rows::put(tx, context, entry));
        return tx.emit(context,
                       GuardFeedbackGiven{context.name_space, entry.feedback_id, entry.label});
    }));
    feedback_counters_.at(entry.label)->add();
    return entry;
}

Result<FeedbackList> Guard::list_feedback(const Context& context,
                                          const ListFeedback& request) const {
    if (parts_.database == nullptr) {
        return fail(Code::unavailable, "feedback needs a store");
    }
    ListFeedback more = request;
    more.limit = request.limit + 1;  // to know whether there is a next page
    FeedbackList list;
    list.feedback = TRY(parts_.database->read(
        [&](store::Tx& tx) { return feedback_rows::list(tx, context, more); }));
    if (static_cast<std::int64_t>(list.feedback.size()) > request.limit) {
        list.feedback.pop_back();
        list.next = list.feedback.back().feedback_id;
    }
    return list;
}

Result<DetectionList> Guard::list_detections(const Context& context,
                                             const ListDetections& request) {
    if (detections_ == nullptr) {
        return fail(Code::unavailable, "detections need a store");
    }
    return detections_->list(context, request);
}

void describe(Describe<Feedback>& d) {
    d.doc("What a person says about a verdict");
    d.field<&Feedback::label>("Rightly found, wrongly found, or missed");
    d.field<&Feedback::scan_id>("The scan, when its text was not simply allowed").length(1, 64);
    d.field<&Feedback::text_digest>("Or the text's digest, as detections tell it");
    d.field<&Feedback::text>("Or the text").length(0, kMaxScanBytes);
    d.field<&Feedback::category>("What kind of threat it is");
    d.field<&Feedback::note>("Why").length(0, kMaxNote);
    d.field<&Feedback::keep_text>(
         "Keep the text; a threat that is confirmed with it is known from then on")
        .or_default();
}

void describe(Describe<FeedbackEntry>& d) {
    d.field<&FeedbackEntry::feedback_id>("Names the entry");
    d.field<&FeedbackEntry::at_us>("When");
    d.field<&FeedbackEntry::actor>("Who said it");
    d.field<&FeedbackEntry::label>("Rightly found, wrongly found, or missed");
    d.field<&FeedbackEntry::scan_id>("The scan");
    d.field<&FeedbackEntry::text_digest>("Keyed digest of the text");
    d.field<&FeedbackEntry::category>("Kind of threat");
    d.field<&FeedbackEntry::note>("Why");
    d.field<&FeedbackEntry::verdict>("What the guard had said");
    d.field<&FeedbackEntry::score>("How sure it had been");
    d.field<&FeedbackEntry::rules>("Rules that had fired");
    d.field<&FeedbackEntry::text>("The text, when it was to be kept");
    d.field<&FeedbackEntry::threat_id>("Under which name the threat memory knows it now");
}

void describe(Describe<ListFeedback>& d) {
    d.field<&ListFeedback::label>("Only this label");
    d.field<&ListFeedback::category>("Only this kind of threat");
    d.field<&ListFeedback::rule>("Only texts on which this rule had fired").length(1, 128);
    d.field<&ListFeedback::before>("Only older than this entry: `next` of the page before")
        .length(1, 64);
    d.field<&ListFeedback::limit>("How many at most").between(1, 1000).or_default();
}

void describe(Describe<FeedbackList>& d) {
    d.field<&FeedbackList::feedback>("Newest first");
    d.field<&FeedbackList::next>("Where the next page begins, when there is one");
}

void describe(Describe<FeedbackCounts>& d) {
    d.field<&FeedbackCounts::true_positive>("Rightly found");
    d.field<&FeedbackCounts::false_positive>("Wrongly found");
    d.field<&FeedbackCounts::false_negative>("Missed");
}

void describe(Describe<GuardFeedbackGiven>& d) {
    d.field<&GuardFeedbackGiven::name_space>("Name space");
    d.field<&GuardFeedbackGiven::feedback_id>("The entry");
    d.field<&GuardFeedbackGiven::label>("What was said");
}

}  // namespace credence::guard
