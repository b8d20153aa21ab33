// The threat memory as a service: confirmed threats stored by tenant and namespace, found again
// when they come back changed.
//
// Table guard_threat; the vectors are also in memory, loaded by load(). Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "api/context.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "capabilities/guard/memory/memory_types.h"
#include "capabilities/guard/memory/threat_rows.h"
#include "engine/store/database.h"

namespace credence {
class Host;
}

namespace credence::guard {

// What the memory works with; outlives it.
struct MemoryParts {
    store::Database& database;
    const Clock& clock;
    IdMaker& ids;
    Metrics& metrics;
};

class Memory {
public:
    static constexpr std::size_t kMaxPendingHits = 10'000;  // of a namespace, between two flushes

    Memory(const MemoryParts& parts, const MemorySettings& settings);
    ~Memory();
    Memory(const Memory&) = delete;
    Memory& operator=(const Memory&) = delete;

    // Reads every tenant's vectors; re-embeds those of another embedder whose text was kept, and
    // leaves the others out (stats and the log say how many). Before anything else.
    Result<void> load();

    // Code::invalid unless confirmed, with neither or both of text and vector, and for a vector of
    // another embedder; Code::exhausted when the namespace is full.
    Result<KnownThreat> add(const Context& context, const AddThreat& request);
    Result<ThreatMatches> search(const Context& context, const SearchThreats& request) const;
    Result<KnownThreat> get(const Context& context, const GetThreat& request) const;
    Result<ThreatList> list(const Context& context, const ListThreats& request) const;
    Result<DeletedThreat> delete_(const Context& context, const DeletedThreat& request);
    // All or none.
    Result<ImportedThreats> import_(const Context& context, const ImportThreats& request);
    Result<ThreatFeed> export_(const Context& context, const ExportThreats& request) const;
    Result<MemoryStats> stats(const Context& context, const Empty& request) const;

    // For the scanner, on the direct lane: no store. The nearest known threat that is at least as
    // near as the settings say, and counts as a detection of it.
    std::optional<ThreatMatch> nearest(std::string_view tenant, std::string_view name_space,
                                       std::string_view normalised);
    // Grows with every change of what nearest() may answer; for keys of cached results.
    std::uint64_t generation(std::string_view tenant, std::string_view name_space) const;

    // For a schedule: writes the counts of nearest().
    Result<void> flush_hits();
    // For a schedule: keeps the indexes in shape (ThreatIndex::maintain).
    Result<void> maintain();
    // Forgets a namespace inside the transaction that removes it.
    Result<void> forget(store::Tx& tx, const rows::Space& space);

    const ThreatEmbedder& embedder() const { return embedder_; }

private:
    struct Shelf;  // one namespace in memory
    struct Prepared;

    std::shared_ptr<Shelf> shelf(const rows::Space& space);
    std::shared_ptr<Shelf> find_shelf(const rows::Space& space) const;
    std::vector<std::pair<rows::Space, std::shared_ptr<Shelf>>> shelves() const;
    Result<void> load_space(const rows::Space& space);
    Result<bool> load_row(const rows::Space& space, Shelf& shelf, rows::ThreatRow row);
    Result<std::vector<std::int8_t>> vector_of(const FeedItem& item) const;
    Result<rows::ThreatRow> row_of(const Context& context, const FeedItem& item,
                                   bool keep_text) const;
    Result<std::vector<rows::Saved>> store_rows(const Context& context,
                                                std::vector<rows::ThreatRow>& rows);
    Result<void> remember(Shelf& shelf, const rows::ThreatRow& row);
    std::int64_t total() const;

    MemoryParts parts_;
    MemorySettings settings_;
    ThreatEmbedder embedder_;
    mutable std::shared_mutex mutex_;  // of the map
    std::map<rows::Space, std::shared_ptr<Shelf>> shelves_;
    std::mutex changes_;  // store first, then memory: one change at a time
    Counter& found_;
    Counter& not_found_;
    Counter& lost_hits_;
    Gauge& left_out_;
    Gauge& threats_;
};

// Registers the operations memory.*, the loading at start and the schedules. The memory is kept by
// the host.
Result<Memory*> serve_memory(Host& host);

}  // namespace credence::guard
