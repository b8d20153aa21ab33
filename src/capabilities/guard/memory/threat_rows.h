// Rows of guard_threat.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "capabilities/guard/memory/memory_types.h"
#include "engine/store/database.h"

namespace credence::guard::rows {

// Whose threats.
struct Space {
    std::string tenant;
    std::string name_space;
    auto operator<=>(const Space&) const = default;
};

struct ThreatRow {
    KnownThreat threat;
    std::string vector;  // encode_vector
};

struct Saved {
    ThreatId threat_id;
    bool is_new = false;
};

struct Filter {
    std::optional<Category> category;
    std::optional<Severity> least_severity;
    std::optional<std::string> source;
    std::optional<ThreatId> after;
    std::int64_t limit = 0;
};

struct Hits {
    ThreatId threat_id;
    std::int64_t count = 0;
    std::int64_t last_at_us = 0;
};

// Replaces what is said of the same text_digest; its id, counts and first sight stay.
Result<Saved> save(store::Tx& tx, const Space& space, const ThreatRow& row);
Result<std::optional<ThreatRow>> find(store::Tx& tx, const Space& space, const ThreatId& id);
// In the order of their ids.
Result<std::vector<ThreatRow>> list(store::Tx& tx, const Space& space, const Filter& filter);
Result<std::int64_t> count(store::Tx& tx, const Space& space);
Result<bool> remove(store::Tx& tx, const Space& space, const ThreatId& id);
Result<void> remove_all(store::Tx& tx, const Space& space);
Result<void> save_vector(store::Tx& tx, const Space& space, const ThreatRow& row);
Result<void> add_hits(store::Tx& tx, const Space& space, const std::vector<Hits>& hits);
Result<std::vector<Space>> spaces(store::Tx& tx);

}  // namespace credence::guard::rows
