// Learning threats, one or a feed of them, and giving them out again.
#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "capabilities/guard/memory/memory_shelf.h"
#include "capabilities/guard/text/normalise.h"
#include "engine/vectors/vector.h"

namespace credence::guard {
namespace {

std::string digest_of(const std::vector<FeedItem>& items) {
    std::string lines;
    for (const FeedItem& item : items) {
        lines += to_json(item);
        lines += '\n';
    }
    return sha256_hex(lines);
}

// The same error, its field inside `where`.
std::unexpected<Error> inside(Error error, const std::string& where) {
    error.field = error.field.empty() ? where : where + "." + error.field;
    return std::unexpected(std::move(error));
}

Result<void> require_confirmed(bool confirmed) {
    if (!confirmed) {
        return fail(Code::invalid, "only confirmed threats are learned", "confirmed");
    }
    return {};
}

}  // namespace

Result<std::vector<std::int8_t>> Memory::vector_of(const FeedItem& item) const {
    if (item.text.has_value() == item.vector.has_value()) {
        return fail(Code::invalid, "either a text or a vector is needed",
                    item.text ? "vector" : "text");
    }
    if (item.text) {
        auto values = embedder_.embed(normalised_text(*item.text));
        if (std::ranges::all_of(values, [](std::int8_t value) { return value == 0; })) {
            return fail(Code::invalid, "the text has no words", "text");
        }
        return values;
    }
    if (item.embedder && *item.embedder != embedder_.name()) {
        return fail(Code::invalid, "the vector is not of the embedder " + embedder_.name(),
                    "embedder");
    }
    auto vector = vectors::decode_vector(*item.vector);
    if (!vector || vector->values.size() != embedder_.dimension() || vector->inverse_length == 0) {
        return fail(Code::invalid,
                    "not a vector of " + std::to_string(embedder_.dimension()) + " values",
                    "vector");
    }
    return std::move(vector->values);
}

Result<rows::ThreatRow> Memory::row_of(const Context& context, const FeedItem& item,
                                       bool keep_text) const {
    auto values = TRY(vector_of(item));
    rows::ThreatRow row;
    row.vector = vectors::encode_vector(vectors::vector_from(std::move(values)));
    const std::int64_t now_us = parts_.clock.now_us();
    KnownThreat& threat = row.threat;
    threat.threat_id = parts_.ids.make<ThreatId>();
    threat.category = item.category;
    threat.severity = item.severity;
    threat.technique = item.technique;
    threat.text_digest = sha256_hex(item.text ? normalised_text(*item.text) : row.vector);
    threat.embedder = embedder_.name();
    threat.sample = keep_text ? item.text : std::nullopt;
    threat.source = item.source;
    threat.confirmed_by = context.actor;
    threat.first_seen_at_us = now_us;
    threat.last_seen_at_us = now_us;
    threat.created_at_us = now_us;
    threat.updated_at_us = now_us;
    return row;
}

// All or none; then what is in memory follows. The ids of `added` become those of the store.
Result<std::vector<rows::Saved>> Memory::store_rows(const Context& context,
                                                    std::vector<rows::ThreatRow>& added) {
    const rows::Space space{context.tenant, context.name_space};
    const std::scoped_lock changing(changes_);
    auto saved = TRY(parts_.database.write([&](store::Tx& tx) -> Result<std::vector<rows::Saved>> {
        std::vector<rows::Saved> out;
        for (const rows::ThreatRow& row : added) {
            out.push_back(TRY(rows::save(tx, space, row)));
        }
        if (TRY(rows::count(tx, space)) > settings_.max_threats) {
            return fail(Code::exhausted, "the threat memory of this namespace is full");
        }
        return out;
    }));
    const auto of = shelf(space);
    for (std::size_t i = 0; i < added.size(); ++i) {
        added[i].threat.threat_id = saved[i].threat_id;
        TRY(remember(*of, added[i]));
    }
    of->generation.fetch_add(1);
    return saved;
}

Result<KnownThreat> Memory::add(const Context& context, const AddThreat& request) {
    TRY(require_confirmed(request.confirmed));
    auto row = row_of(context, request.threat, request.keep_text);
    if (!row) {
        return inside(std::move(row.error()), "threat");
    }
    std::vector<rows::ThreatRow> added;
    added.push_back(std::move(*row));
    const auto saved = TRY(store_rows(context, added));
    return get(context, GetThreat{saved.front().threat_id});
}

Result<ImportedThreats> Memory::import_(const Context& context, const ImportThreats& request) {
    TRY(require_confirmed(request.confirmed));
    std::vector<rows::ThreatRow> added;
    added.reserve(request.items.size());
    for (std::size_t i = 0; i < request.items.size(); ++i) {
        auto row = row_of(context, request.items[i], request.keep_text);
        if (!row) {
            return inside(std::move(row.error()), "items[" + std::to_string(i) + "]");
        }
        added.push_back(std::move(*row));
    }
    const auto saved = TRY(store_rows(context, added));
    ImportedThreats out;
    out.digest = digest_of(request.items);
    for (const rows::Saved& each : saved) {
        ++(each.is_new ? out.added : out.updated);
    }
    return out;
}

// With the text where it was kept, else with the vector.
Result<ThreatFeed> Memory::export_(const Context& context, const ExportThreats& request) const {
    const rows::Space space{context.tenant, context.name_space};
    const rows::Filter filter{.category = request.category,
                              .least_severity = request.least_severity,
                              .source = request.source,
                              .after = request.after,
                              .limit = request.limit + 1};
    auto found =
        TRY(parts_.database.read([&](store::Tx& tx) { return rows::list(tx, space, filter); }));
    ThreatFeed out;
    const auto limit = static_cast<std::size_t>(request.limit);
    if (found.size() > limit) {
        found.resize(limit);
        out.next = found.back().threat.threat_id;
    }
    for (rows::ThreatRow& row : found) {
        FeedItem item;
        item.category = row.threat.category;
        item.severity = row.threat.severity;
        item.technique = std::move(row.threat.technique);
        item.source = std::move(row.threat.source);
        if (row.threat.sample) {
            item.text = std::move(row.threat.sample);
        } else {
            item.vector = std::move(row.vector);
            item.embedder = std::move(row.threat.embedder);
        }
        out.items.push_back(std::move(item));
    }
    out.digest = digest_of(out.items);
    return out;
}

}  // namespace credence::guard
