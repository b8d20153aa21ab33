#include "capabilities/patterns/search/tenant_index.h"

#include <algorithm>
#include <mutex>
#include <set>

#include "base/json.h"
#include "base/log.h"

namespace credence::patterns {

TenantIndex::TenantIndex(std::string tenant, IndexOptions options, Counter& rebuilds)
    : tenant_(std::move(tenant)),
      options_(std::move(options)),
      rebuilds_(rebuilds),
      vectors_(options_.dimension, options_.exact_up_to) {}

bool TenantIndex::is_at(const rows::Head& head) const {
    return seq_ == head.change_seq && stamp_ == head.stamp;
}

Result<void> TenantIndex::with(store::Tx& tx, const rows::Head& head,
                               const std::function<void(const TenantIndex&)>& fn) {
    // Others with an older or newer snapshot may move the index between the two locks.
    constexpr int kSharedTries = 3;
    for (int i = 0; i < kSharedTries; ++i) {
        {
            const std::shared_lock lock(mutex_);
            if (is_at(head)) {
                fn(*this);
                return {};
            }
        }
        const std::unique_lock lock(mutex_);
        TRY(sync(tx, head));
    }
    const std::unique_lock lock(mutex_);
    TRY(sync(tx, head));
    fn(*this);
    return {};
}

Result<void> TenantIndex::sync(store::Tx& tx, const rows::Head& head) {
    if (is_at(head)) {
        return {};
    }
    const std::ptrdiff_t common = TRY(common_length(tx, head));
    const bool crowded = visible_to_.size() > 10'000 + 4 * vectors_.size();
    if (common < 0 || crowded) {
        return rebuild(tx, head);
    }
    TRY(take_back(tx, static_cast<std::size_t>(common)));
    TRY(read_changes(tx, seq_));
    if (vectors_.size() != static_cast<std::size_t>(head.live)) {
        return rebuild(tx, head);
    }
    seq_ = head.change_seq;
    stamp_ = head.stamp;
    return {};
}

Result<std::ptrdiff_t> TenantIndex::common_length(store::Tx& tx, const rows::Head& head) {
    auto at = std::ranges::upper_bound(journal_, head.change_seq, {}, &Change::seq);
    // A change whose pattern was changed again left no trace of itself: look further back, faster
    // and faster.
    std::ptrdiff_t step = 1;
    while (at != journal_.begin()) {
        const Change& change = *std::prev(at);
        if (change.seq <= head.cleaned_seq) {
            return -1;
        }
        if (change.seq == head.change_seq) {
            if (change.stamp == head.stamp) {
                return at - journal_.begin();
            }
        } else {
            const auto mark = TRY(rows::change_at(tx, tenant_, change.seq));
            if (mark && mark->stamp == change.stamp) {
                return at - journal_.begin();
            }
        }
        at -= std::min(step, at - journal_.begin());
        step *= 2;
    }
    return -1;
}

Result<void> TenantIndex::take_back(store::Tx& tx, std::size_t length) {
    std::set<std::string> seen;
    for (std::size_t i = length; i < journal_.size(); ++i) {
        const Change& change = journal_[i];
        if (!seen.insert(change.pattern_id).second) {
            continue;
        }
        // A number may mean another pattern in the other history.
        vectors_.remove(static_cast<std::uint32_t>(change.number));
    }
    for (const std::string& pattern_id : seen) {
        if (const auto row = TRY(rows::find(tx, tenant_, pattern_id)); row && !row->removed) {
            TRY(apply(*row));
        }
    }
    journal_.resize(length);
    seq_ = journal_.empty() ? 0 : journal_.back().seq;
    stamp_ = journal_.empty() ? 0 : journal_.back().stamp;
    return {};
}

Result<void> TenantIndex::read_changes(store::Tx& tx, std::int64_t after_seq) {
    std::int64_t seq = after_seq;
    while (true) {
        const auto chunk = TRY(rows::changes(tx, tenant_, seq, kLoadChunk));
        for (const rows::StoredPattern& row : chunk) {
            TRY(apply(row));
            journal_.push_back({row.change_seq, row.stamp, row.number, row.pattern_id});
            seq = row.change_seq;
        }
        while (journal_.size() > kMaxJournal) {
            journal_.pop_front();
        }
        if (chunk.size() < static_cast<std::size_t>(kLoadChunk)) {
            return {};
        }
    }
}

void TenantIndex::clear() {
    vectors_ = VectorIndex(options_.dimension, options_.exact_up_to);
    categories_ = Interner();
    visibility_numbers_ = Interner();
    visible_to_.clear();
    journal_.clear();
    seq_ = 0;
    stamp_ = 0;
}

Result<void> TenantIndex::rebuild(store::Tx& tx, const rows::Head& head) {
    clear();
    rebuilds_.add();
    vectors_.reserve(static_cast<std::size_t>(head.live));
    if (const auto read = read_changes(tx, 0); !read) {
        clear();
        return std::unexpected(read.error());
    }
    if (vectors_.size() != static_cast<std::size_t>(head.live)) {
        log::error("pattern search tables disagree",
                   {{"tenant", tenant_}, {"rows", vectors_.size()}, {"head", head.live}});
    }
    seq_ = head.change_seq;
    stamp_ = head.stamp;
    return {};
}

Result<void> TenantIndex::apply(const rows::StoredPattern& row) {
    if (row.number < 0 || row.number >= std::int64_t{VectorIndex::kNoSlot}) {
        return fail(Code::internal, "a stored pattern's number is out of range");
    }
    const auto number = static_cast<std::uint32_t>(row.number);
    if (row.removed) {
        vectors_.remove(number);
        return {};
    }
    const PatternId id = TRY(PatternId::parse(row.pattern_id));
    const Vector vector =
        row.embedder == options_.embedder ? TRY(decode_vector(row.vector)) : Vector{};
    vectors_.put({.number = number,
                  .id = id.bytes(),
                  .visibility = TRY(visibility_of(row)),
                  .category = categories_.intern(row.category).first},
                 vector);
    return {};
}

Result<std::uint32_t> TenantIndex::visibility_of(const rows::StoredPattern& row) {
    const std::string key = std::to_string(row.access) + ' ' +
                            std::to_string(row.name_space.size()) + ' ' + row.name_space +
                            std::to_string(row.owner.size()) + ' ' + row.owner + row.shared_with;
    if (const std::uint32_t known = visibility_numbers_.find(key); known != Interner::kNone) {
        return known;
    }
    if (row.access < 0 || row.access > static_cast<std::int64_t>(AccessLevel::system)) {
        return fail(Code::internal, "a stored pattern's access is unknown");
    }
    Visibility visibility{.name_space = row.name_space,
                          .owner = row.owner,
                          .access = static_cast<AccessLevel>(row.access),
                          .shared_with = TRY(from_json<std::vector<std::string>>(row.shared_with))};
    visible_to_.push_back(std::move(visibility));
    return visibility_numbers_.intern(key).first;
}

}  // namespace credence::patterns
