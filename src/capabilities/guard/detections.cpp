#include "capabilities/guard/detections.h"

#include "base/units.h"
#include "capabilities/guard/detection_rows.h"

namespace credence::guard {

namespace {

// As Tx::emit wants it.
struct Who {
    std::string tenant;
    std::string actor;
};

GuardDetected event_of(const DetectionOf& row) {
    return {row.name_space,      row.detection.scan_id,    row.detection.verdict,
            row.detection.score, row.detection.categories, row.detection.source_kind};
}

}  // namespace

Detections::Detections(store::Database& database, const Clock& clock, Metrics& metrics)
    : database_(database),
      clock_(clock),
      written_(metrics.counter("credence_guard_detections_total", "Detections written")),
      dropped_(metrics.counter("credence_guard_detections_dropped_total",
                               "Detections not written because too many waited")) {}

void Detections::record(DetectionOf detection) {
    const std::scoped_lock lock(mutex_);
    if (queue_.size() >= kMaxQueued) {
        dropped_.add();
        return;
    }
    queue_.push_back(std::move(detection));
}

Result<void> Detections::flush() {
    const std::scoped_lock one(flush_mutex_);
    while (true) {
        std::vector<DetectionOf> batch;
        {
            const std::scoped_lock lock(mutex_);
            const std::size_t count = std::min(queue_.size(), kMaxRowsAtOnce);
            batch.assign(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(count));
        }
        if (batch.empty()) {
            return {};
        }
        TRY(database_.write([&](store::Tx& tx) -> Result<void> {
            for (const DetectionOf& row : batch) {
                TRY(detection_rows::insert(tx, row));
                TRY(tx.emit(Who{row.tenant, row.actor}, event_of(row)));
            }
            return {};
        }));
        written_.add(batch.size());
        const std::scoped_lock lock(mutex_);
        queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(batch.size()));
    }
}

Result<void> Detections::prune(std::int64_t retention_days) {
    const std::int64_t before_us = clock_.now_us() - retention_days * kUsPerDay;
    TRY(database_.write(
        [&](store::Tx& tx) { return detection_rows::remove_before(tx, before_us, kMaxPruned); }));
    return {};
}

Result<DetectionList> Detections::list(const Context& context, const ListDetections& request) {
    TRY(flush());
    ListDetections more = request;
    more.limit = request.limit + 1;  // to know whether there is a next page
    DetectionList list;
    list.detections =
        TRY(database_.read([&](store::Tx& tx) { return detection_rows::list(tx, context, more); }));
    if (static_cast<std::int64_t>(list.detections.size()) > request.limit) {
        list.detections.pop_back();
        list.next = list.detections.back().scan_id;
    }
    return list;
}

Result<std::optional<Detection>> Detections::find(const Context& context,
                                                  const std::string& scan_id) {
    TRY(flush());
    return database_.read(
        [&](store::Tx& tx) { return detection_rows::find(tx, context, scan_id); });
}

void describe(Describe<Detection>& d) {
    d.field<&Detection::scan_id>("The scan");
    d.field<&Detection::at_us>("When");
    d.field<&Detection::actor>("Who asked");
    d.field<&Detection::verdict>("flag, sanitise or block");
    d.field<&Detection::score>("Belief that the text needs attention");
    d.field<&Detection::categories>("Kinds of threat, strongest first");
    d.field<&Detection::rules>("Rules that fired, strongest first; at most 16");
    d.field<&Detection::text_digest>("Keyed digest of the text: equal for equal texts");
    d.field<&Detection::bytes>("Length of the text");
    d.field<&Detection::direction>("To the model, or from it");
    d.field<&Detection::source_kind>("Who wrote it");
    d.field<&Detection::request_id>("The request");
    d.field<&Detection::text>("The text, where the settings ask for it");
}

void describe(Describe<ListDetections>& d) {
    d.field<&ListDetections::verdict>("Only this verdict");
    d.field<&ListDetections::category>("Only texts with a threat of this kind");
    d.field<&ListDetections::since_us>("Only from this time on");
    d.field<&ListDetections::until_us>("Only before this time");
    d.field<&ListDetections::before>("Only older than this scan: `next` of the page before")
        .length(1, 64);
    d.field<&ListDetections::limit>("How many at most").between(1, 1000).or_default();
}

void describe(Describe<DetectionList>& d) {
    d.field<&DetectionList::detections>("Newest first");
    d.field<&DetectionList::next>("Where the next page begins, when there is one");
}

void describe(Describe<GuardDetected>& d) {
    d.field<&GuardDetected::name_space>("Name space");
    d.field<&GuardDetected::scan_id>("The scan");
    d.field<&GuardDetected::verdict>("flag, sanitise or block");
    d.field<&GuardDetected::score>("Belief that the text needs attention");
    d.field<&GuardDetected::categories>("Kinds of threat");
    d.field<&GuardDetected::source_kind>("Who wrote the text");
}

}  // namespace credence::guard
