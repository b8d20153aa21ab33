#include "capabilities/guard/memory/memory.h"

#include <algorithm>

#include "base/log.h"
#include "base/text.h"
#include "capabilities/guard/memory/memory_shelf.h"
#include "capabilities/guard/text/normalise.h"
#include "engine/vectors/vector.h"

namespace credence::guard {
namespace {

constexpr std::int64_t kPage = 5'000;  // rows read at once at start

rows::Space space_of(const Context& context) {
    return {context.tenant, context.name_space};
}

ThreatMatch match_of(const KnownThreat& threat) {
    return {.threat_id = threat.threat_id.to_string(),
            .similarity = 0,
            .category = threat.category,
            .severity = threat.severity,
            .technique = threat.technique,
            .source = threat.source};
}

std::optional<std::string> unless_empty(const std::optional<std::string>& text) {
    return text && !text->empty() ? text : std::nullopt;
}

}  // namespace

Memory::Memory(const MemoryParts& parts, const MemorySettings& settings)
    : parts_(parts),
      settings_(settings),
      embedder_(static_cast<std::size_t>(settings.dimension)),
      found_(parts.metrics.counter("credence_guard_memory_lookups_total",
                                   "Texts compared with known threats", {{"found", "yes"}})),
      not_found_(parts.metrics.counter("credence_guard_memory_lookups_total",
                                       "Texts compared with known threats", {{"found", "no"}})),
      lost_hits_(parts.metrics.counter("credence_guard_memory_lost_hits_total",
                                       "Detections not counted because too many were waiting")),
      left_out_(parts.metrics.gauge("credence_guard_memory_left_out",
                                    "Known threats of another embedder, which cannot be found")),
      threats_(parts.metrics.gauge("credence_guard_memory_threats",
                                   "Known threats that can be found")) {}

Memory::~Memory() = default;

std::shared_ptr<Memory::Shelf> Memory::find_shelf(const rows::Space& space) const {
    const std::shared_lock lock(mutex_);
    const auto found = shelves_.find(space);
    return found == shelves_.end() ? nullptr : found->second;
}

std::shared_ptr<Memory::Shelf> Memory::shelf(const rows::Space& space) {
    if (auto found = find_shelf(space)) {
        return found;
    }
    const std::unique_lock lock(mutex_);
    auto& made = shelves_[space];
    if (!made) {
        made = std::make_shared<Shelf>(embedder_.dimension());
    }
    return made;
}

std::vector<std::pair<rows::Space, std::shared_ptr<Memory::Shelf>>> Memory::shelves() const {
    const std::shared_lock lock(mutex_);
    return {shelves_.begin(), shelves_.end()};
}

Result<void> Memory::load() {
    const std::scoped_lock changing(changes_);
    const auto known = TRY(parts_.database.read([](store::Tx& tx) { return rows::spaces(tx); }));
    for (const rows::Space& space : known) {
        TRY(load_space(space));
    }
    return {};
}

Result<void> Memory::load_space(const rows::Space& space) {
    const auto of = shelf(space);
    rows::Filter filter{
        .category = {}, .least_severity = {}, .source = {}, .after = {}, .limit = kPage};
    std::size_t read = 0;
    do {
        auto page =
            TRY(parts_.database.read([&](store::Tx& tx) { return rows::list(tx, space, filter); }));
        read = page.size();
        for (rows::ThreatRow& row : page) {
            filter.after = row.threat.threat_id;
            if (!TRY(load_row(space, *of, std::move(row)))) {
                ++of->left_out;
            }
        }
    } while (read == static_cast<std::size_t>(kPage));
    of->generation.fetch_add(1);
    left_out_.add(of->left_out.load());
    if (of->left_out.load() > 0) {
        log::warning("known threats of another embedder are left out",
                     {{"tenant", space.tenant},
                      {"name_space", space.name_space},
                      {"threats", of->left_out.load()}});
    }
    return {};
}

// False: it cannot be compared.
Result<bool> Memory::load_row(const rows::Space& space, Shelf& to, rows::ThreatRow row) {
    if (row.threat.embedder != embedder_.name()) {
        if (!row.threat.sample) {
            return false;
        }
        row.threat.embedder = embedder_.name();
        row.vector = vectors::encode_vector(
            vectors::vector_from(embedder_.embed(normalised_text(*row.threat.sample))));
        TRY(parts_.database.write(
            [&](store::Tx& tx) { return rows::save_vector(tx, space, row); }));
    }
    // One damaged row must not keep the program from starting.
    return remember(to, row).has_value();
}

Result<void> Memory::remember(Shelf& to, const rows::ThreatRow& row) {
    const vectors::Vector vector = TRY(vectors::decode_vector(row.vector));
    const std::size_t before = to.index.size();
    TRY(to.index.add(match_of(row.threat), vector.values));
    threats_.add(static_cast<std::int64_t>(to.index.size() - before));
    return {};
}

Result<ThreatMatches> Memory::search(const Context& context, const SearchThreats& request) const {
    FeedItem asked;
    asked.text = request.text;
    asked.vector = request.vector;
    const std::vector<std::int8_t> vector = TRY(vector_of(asked));
    const auto of = find_shelf(space_of(context));
    if (!of) {
        return ThreatMatches{};
    }
    const ThreatFilter filter{.category = request.category,
                              .least_severity = request.least_severity,
                              .source = unless_empty(request.source),
                              .least_similarity = request.least_similarity};
    return ThreatMatches{
        TRY(of->index.search(vector, static_cast<std::size_t>(request.limit), filter))};
}

Result<KnownThreat> Memory::get(const Context& context, const GetThreat& request) const {
    auto found = TRY(parts_.database.read(
        [&](store::Tx& tx) { return rows::find(tx, space_of(context), request.threat_id); }));
    if (!found) {
        return fail(Code::not_found, "no such threat", "threat_id");
    }
    return std::move(found->threat);
}

Result<ThreatList> Memory::list(const Context& context, const ListThreats& request) const {
    const rows::Filter filter{.category = request.category,
                              .least_severity = request.least_severity,
                              .source = unless_empty(request.source),
                              .after = request.after,
                              .limit = request.limit + 1};
    auto found = TRY(parts_.database.read(
        [&](store::Tx& tx) { return rows::list(tx, space_of(context), filter); }));
    const auto limit = static_cast<std::size_t>(request.limit);
    ThreatList out;
    if (found.size() > limit) {
        found.resize(limit);
        out.next = found.back().threat.threat_id;
    }
    for (rows::ThreatRow& row : found) {
        out.threats.push_back(std::move(row.threat));
    }
    return out;
}

Result<DeletedThreat> Memory::delete_(const Context& context, const DeletedThreat& request) {
    const rows::Space space = space_of(context);
    const std::scoped_lock changing(changes_);
    const bool removed = TRY(parts_.database.write(
        [&](store::Tx& tx) { return rows::remove(tx, space, request.threat_id); }));
    if (!removed) {
        return fail(Code::not_found, "no such threat", "threat_id");
    }
    const auto of = shelf(space);
    if (of->index.remove(request.threat_id.to_string())) {
        threats_.add(-1);
    } else if (of->left_out.load() > 0) {
        of->left_out.fetch_sub(1);
        left_out_.add(-1);
    }
    of->generation.fetch_add(1);
    return DeletedThreat{request.threat_id};
}

Result<MemoryStats> Memory::stats(const Context& context, const Empty&) const {
    MemoryStats out;
    out.embedder = embedder_.name();
    out.dimension = settings_.dimension;
    out.similarity = settings_.similarity;
    if (const auto of = find_shelf(space_of(context))) {
        const ThreatIndexState state = of->index.state();
        out.threats = static_cast<std::int64_t>(state.size);
        out.left_out = of->left_out.load();
        out.detections = of->detections.load();
        out.generation = static_cast<std::int64_t>(of->generation.load());
        out.in_graph = static_cast<std::int64_t>(state.in_graph);
        out.tombstones = static_cast<std::int64_t>(state.dead);
        out.rebuilds = state.rebuilds;
    }
    return out;
}

std::optional<ThreatMatch> Memory::nearest(std::string_view tenant, std::string_view name_space,
                                           std::string_view normalised) {
    const auto of = find_shelf({std::string(tenant), std::string(name_space)});
    if (!of || of->index.size() == 0) {
        return std::nullopt;  // nothing to compare with: not a lookup
    }
    auto match = of->index.nearest(embedder_.embed(normalised), settings_.similarity);
    (match ? found_ : not_found_).add();
    if (!match) {
        return match;
    }
    of->detections.fetch_add(1, std::memory_order_relaxed);
    const std::scoped_lock lock(of->hits_mutex);
    if (of->hits.size() >= kMaxPendingHits && !of->hits.contains(match->threat_id)) {
        lost_hits_.add();
        return match;
    }
    Shelf::Hit& hit = of->hits[match->threat_id];
    ++hit.count;
    hit.last_at_us = std::max(hit.last_at_us, parts_.clock.now_us());
    return match;
}

std::uint64_t Memory::generation(std::string_view tenant, std::string_view name_space) const {
    const auto of = find_shelf({std::string(tenant), std::string(name_space)});
    return of ? of->generation.load() : 0;
}

Result<void> Memory::flush_hits() {
    for (const auto& [space, of] : shelves()) {
        std::unordered_map<std::string, Shelf::Hit> taken;
        {
            const std::scoped_lock lock(of->hits_mutex);
            taken.swap(of->hits);
        }
        if (taken.empty()) {
            continue;
        }
        std::vector<rows::Hits> hits;
        for (const auto& [id, hit] : taken) {
            hits.push_back({TRY(ThreatId::parse(id)), hit.count, hit.last_at_us});
        }
        const auto written =
            parts_.database.write([&](store::Tx& tx) { return rows::add_hits(tx, space, hits); });
        if (!written) {
            const std::scoped_lock lock(of->hits_mutex);
            for (const auto& [id, hit] : taken) {
                Shelf::Hit& again = of->hits[id];
                again.count += hit.count;
                again.last_at_us = std::max(again.last_at_us, hit.last_at_us);
            }
            return written;
        }
    }
    return {};
}

Result<void> Memory::maintain() {
    for (const auto& [space, of] : shelves()) {
        of->index.maintain();
    }
    return {};
}

Result<void> Memory::forget(store::Tx& tx, const rows::Space& space) {
    TRY(rows::remove_all(tx, space));
    const std::unique_lock lock(mutex_);
    const auto found = shelves_.find(space);
    if (found != shelves_.end()) {
        threats_.add(-static_cast<std::int64_t>(found->second->index.size()));
        left_out_.add(-found->second->left_out.load());
        shelves_.erase(found);
    }
    return {};
}

}  // namespace credence::guard
