// One tenant's patterns in memory, kept equal to the snapshot of whatever transaction asks. What a
// transaction wrote and gave up, another process's changes, and a restored backup are all noticed
// by the stamps of the changes and mended from the rows.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/metrics.h"
#include "base/result.h"
#include "capabilities/patterns/search/search.h"
#include "capabilities/patterns/search/search_rows.h"
#include "capabilities/patterns/search/vector_index.h"

namespace credence::patterns {

struct IndexOptions {
    std::size_t dimension = Embedder::kDimension;
    std::size_t exact_up_to = VectorIndex::kDefaultExactUpTo;
    std::string embedder;  // vectors of other embedders are not used
};

// Thread-safe through with().
class TenantIndex {
public:
    static constexpr std::size_t kMaxJournal = 16'384;  // changes that can be taken back
    static constexpr std::int64_t kLoadChunk = 1'000;   // rows read at once

    TenantIndex(std::string tenant, IndexOptions options, Counter& rebuilds);

    // Calls fn with the index equal to what tx sees (head: as tx reads it), while nobody changes
    // it. fn does no I/O.
    Result<void> with(store::Tx& tx, const rows::Head& head,
                      const std::function<void(const TenantIndex&)>& fn);

    // Inside fn only.
    const VectorIndex& vectors() const { return vectors_; }
    const Visibility& visibility(std::uint32_t number) const { return visible_to_[number]; }
    std::size_t visibilities() const { return visible_to_.size(); }
    std::uint32_t category(const std::string& name) const { return categories_.find(name); }

    std::atomic<std::int64_t> last_used{0};  // for who holds many of these

private:
    struct Change {
        std::int64_t seq = 0;
        std::int64_t stamp = 0;
        std::int64_t number = 0;
        std::string pattern_id;
    };

    bool is_at(const rows::Head& head) const;
    Result<void> sync(store::Tx& tx, const rows::Head& head);
    // How many entries of the journal, from its start, belong to the history that tx sees; -1 when
    // that cannot be told.
    Result<std::ptrdiff_t> common_length(store::Tx& tx, const rows::Head& head);
    Result<void> take_back(store::Tx& tx, std::size_t length);
    Result<void> read_changes(store::Tx& tx, std::int64_t after_seq);
    Result<void> rebuild(store::Tx& tx, const rows::Head& head);
    Result<void> apply(const rows::StoredPattern& row);
    Result<std::uint32_t> visibility_of(const rows::StoredPattern& row);
    void clear();

    const std::string tenant_;
    const IndexOptions options_;
    Counter& rebuilds_;
    std::shared_mutex mutex_;
    VectorIndex vectors_;
    Interner categories_;
    Interner visibility_numbers_;
    std::vector<Visibility> visible_to_;
    std::deque<Change> journal_;  // the last changes applied, in order
    std::int64_t seq_ = 0;
    std::int64_t stamp_ = 0;
};

}  // namespace credence::patterns
