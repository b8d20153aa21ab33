// Finds patterns by words (BM25) and by meaning (vectors), fused. Knows nothing of usage or trust;
// access is a predicate over Visibility, and the caller checks the rows it returns once more.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/metrics.h"
#include "base/result.h"
#include "engine/llm/embeddings.h"
#include "engine/store/database.h"

namespace credence::patterns {

using PatternId = Id<struct PatternTag>;

enum class AccessLevel : std::uint8_t { private_, shared, public_, system };

// Who may find a pattern; a copy of the columns of its row.
struct Visibility {
    std::string name_space;
    std::string owner;  // agent id; empty: nobody's (system)
    AccessLevel access = AccessLevel::private_;
    std::vector<std::string> shared_with;  // agent ids of the same namespace
};

struct IndexedPattern {
    PatternId id;
    std::string tenant;
    Visibility visibility;
    std::string name;
    std::string category;
    std::string text;  // everything worth finding it by
};

struct SearchQuery {
    std::string tenant;
    std::string text;  // at most kMaxQueryBytes are read
    std::optional<std::string> category;
    std::function<bool(const Visibility&)> visible;  // fast, no I/O
    int limit = 50;                                  // 1 .. kMaxHits
    bool use_text = true;                            // BM25
    bool use_vectors = true;                         // similarity
};

struct Hit {
    PatternId id;
    double relevance = 0;   // fused, [0, 1], comparable within one answer only
    double similarity = 0;  // cosine, [-1, 1]; 0 when only words matched
    double bm25 = 0;        // >= 0, larger is better; 0 when only vectors matched
};

// Thread-safe.
class PatternSearch {
public:
    static constexpr std::size_t kMaxQueryBytes = 4096;
    static constexpr int kMaxHits = 200;

    virtual ~PatternSearch() = default;
    // In the transaction that writes the pattern; replaces what was there.
    virtual Result<void> put(store::Tx& tx, const IndexedPattern& pattern) = 0;
    virtual Result<void> remove(store::Tx& tx, std::string_view tenant, const PatternId& id) = 0;
    // Best first. Sees every change committed before tx began.
    virtual Result<std::vector<Hit>> search(store::Tx& tx, const SearchQuery& query) = 0;
    // Cosine between two texts by the built-in embedder, for duplicates: [-1, 1]. No I/O.
    virtual Result<double> similarity(std::string_view a, std::string_view b) = 0;
    // Gives vectors to at most `limit` patterns that have none of the current embedder yet; how
    // many got one. For a schedule, outside any transaction: it calls the embedding server. With
    // the built-in embedder this is needed only after the embedder itself changed.
    virtual Result<int> embed_pending(int limit) = 0;
};

struct SearchOptions {
    // Empty: the built-in embedder. Queries are embedded inside search(), with query_timeout_ms.
    std::optional<llm::EmbeddingOptions> remote = std::nullopt;
    std::int64_t query_timeout_ms = 500;
    std::size_t exact_up_to = 200'000;  // patterns of a tenant; beyond, the bit scan comes first
    std::size_t max_tenants_in_memory = 256;
};

// The store needs the tables of migrations/0002_pattern_search. The database, clock and metrics
// must outlive it.
Result<std::unique_ptr<PatternSearch>> open_search(SearchOptions options, store::Database& database,
                                                   const Clock& clock, Metrics& metrics);

}  // namespace credence::patterns
