#include <algorithm>
#include <map>
#include <mutex>
#include <unordered_map>
#include <unordered_set>

#include "base/json.h"
#include "base/log.h"
#include "base/random.h"
#include "capabilities/patterns/search/fusion.h"
#include "capabilities/patterns/search/query_embedder.h"
#include "capabilities/patterns/search/search.h"
#include "capabilities/patterns/search/search_rows.h"
#include "capabilities/patterns/search/tenant_index.h"
#include "capabilities/patterns/search/text_search.h"

namespace credence::patterns {
namespace {

constexpr std::size_t kMaxSourceBytes = 16 * 1024;  // of a pattern's text; the rest is not read
constexpr std::int64_t kFanOut = 100;               // candidates of either side, at least
constexpr double kLeastSimilarity = 0.1;            // below, nearness is chance
constexpr std::int64_t kTombstonesKept = 10'000;    // changes a process may lag behind
constexpr std::int64_t kCleanEvery = 256;
constexpr std::int64_t kCleanAtOnce = 1'000;

class Search final : public PatternSearch {
public:
    Search(SearchOptions options, QueryEmbedder embedder, store::Database& database,
           Metrics& metrics)
        : options_(std::move(options)),
          embedder_(std::move(embedder)),
          database_(database),
          rebuilds_(metrics.counter("credence_pattern_index_rebuilds_total",
                                    "Pattern indexes built from the store")),
          failures_(metrics.counter("credence_pattern_embedding_failures_total",
                                    "Texts the embedding server gave no vector for")),
          text_(embedder_.builtin().vocabulary()) {}

    Result<void> put(store::Tx& tx, const IndexedPattern& pattern) override;
    Result<void> remove(store::Tx& tx, std::string_view tenant, const PatternId& id) override;
    Result<std::vector<Hit>> search(store::Tx& tx, const SearchQuery& query) override;
    Result<double> similarity(std::string_view a, std::string_view b) override {
        const Embedder& embedder = embedder_.builtin();
        return cosine(embedder.embed(a), embedder.embed(b));
    }
    Result<int> embed_pending(int limit) override;

private:
    std::int64_t new_stamp() { return static_cast<std::int64_t>(random_.next() >> 1U); }
    std::shared_ptr<TenantIndex> index_of(const std::string& tenant);
    Result<void> store_vectors(const std::string& tenant,
                               const std::vector<rows::StoredPattern>& pending,
                               const std::vector<Vector>& vectors);

    const SearchOptions options_;
    QueryEmbedder embedder_;
    store::Database& database_;
    Counter& rebuilds_;
    Counter& failures_;
    TextSearch text_;
    SystemRandom random_;
    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<TenantIndex>, std::less<>> indexes_;
    std::int64_t uses_ = 0;
};

// Finds, for one query, who may be seen; asks once per distinct visibility.
class Admission {
public:
    Admission(const SearchQuery& query, const TenantIndex& index)
        : query_(query),
          index_(index),
          category_(query.category ? index.category(*query.category) : 0),
          verdicts_(index.visibilities(), -1) {}

    bool operator()(const IndexEntry& entry) {
        if (query_.category && entry.category != category_) {
            return false;
        }
        signed char& verdict = verdicts_[entry.visibility];
        if (verdict < 0) {
            verdict = query_.visible(index_.visibility(entry.visibility)) ? 1 : 0;
        }
        return verdict == 1;
    }

private:
    const SearchQuery& query_;
    const TenantIndex& index_;
    std::uint32_t category_;
    std::vector<signed char> verdicts_;
};

Result<void> check(const SearchQuery& query) {
    if (query.limit < 1 || query.limit > PatternSearch::kMaxHits) {
        return fail(Code::invalid, "must be 1 to 200", "limit");
    }
    if (!query.visible) {
        return fail(Code::internal, "a pattern search without an access rule");
    }
    return {};
}

// The hits of both sides, each with both figures.
std::vector<Hit> gather(const SearchQuery& query, const TenantIndex& index, const Vector& vector,
                        const std::vector<rows::TextMatch>& matches) {
    const VectorIndex& vectors = index.vectors();
    Admission admission(query, index);
    std::vector<Hit> hits;
    std::unordered_set<std::uint32_t> slots;
    for (const rows::TextMatch& match : matches) {
        const std::uint32_t slot =
            vectors.slot_of(static_cast<std::uint32_t>(TextSearch::number_of(match.rowid)));
        if (slot != VectorIndex::kNoSlot && admission(vectors.at(slot))) {
            slots.insert(slot);
            hits.push_back({.id = PatternId(vectors.at(slot).id),
                            .relevance = 0,
                            .similarity = vectors.similarity_at(slot, vector),
                            .bm25 = match.bm25});
        }
    }
    if (!vector.empty()) {
        const auto limit = static_cast<std::size_t>(std::max<std::int64_t>(query.limit, kFanOut));
        for (const Neighbour& found :
             vectors.nearest({.vector = vector, .limit = limit, .admits = [&](const IndexEntry& e) {
                                  return admission(e);
                              }})) {
            if (found.similarity >= kLeastSimilarity && !slots.contains(found.slot)) {
                hits.push_back({.id = PatternId(vectors.at(found.slot).id),
                                .relevance = 0,
                                .similarity = found.similarity,
                                .bm25 = 0});
            }
        }
    }
    return hits;
}

std::string without_nul(std::string_view text, std::size_t max_bytes) {
    std::string out = to_valid_utf8(text.substr(0, max_bytes));
    std::ranges::replace(out, '\0', ' ');
    return out;
}

std::string one_line(std::string_view text) {
    std::string out = without_nul(text, kMaxSourceBytes);
    std::ranges::replace(out, '\n', ' ');
    return out;
}

Result<void> Search::put(store::Tx& tx, const IndexedPattern& pattern) {
    rows::Head head = TRY(rows::advance_head(tx, pattern.tenant, new_stamp()));
    const std::string id = pattern.id.to_string();
    const auto before = TRY(rows::find(tx, pattern.tenant, id));
    rows::StoredPattern row{.pattern_id = id,
                            .number = before ? before->number : head.next_number,
                            .change_seq = head.change_seq,
                            .stamp = head.stamp,
                            .removed = false,
                            .embedder = {},
                            .vector = {},
                            .name_space = pattern.visibility.name_space,
                            .owner = pattern.visibility.owner,
                            .access = static_cast<std::int64_t>(pattern.visibility.access),
                            .shared_with = to_json(pattern.visibility.shared_with),
                            .category = pattern.category,
                            .source = {}};
    const std::string text = without_nul(pattern.text, kMaxSourceBytes);
    row.source = one_line(pattern.name) + '\n' + one_line(pattern.category) + '\n' + text;
    if (!embedder_.is_remote()) {
        row.embedder = embedder_.name();
        row.vector = encode_vector(embedder_.embed_source(row.source));
    } else if (before && !before->removed && before->source == row.source) {
        row.embedder = before->embedder;  // only the access changed
        row.vector = before->vector;
    }
    TRY(rows::save(tx, pattern.tenant, row));
    const bool replaces = before && !before->removed;
    if (replaces) {
        TRY(rows::delete_text(tx, TextSearch::rowid_of(head.tenant_number, row.number)));
    } else {
        head.next_number += before ? 0 : 1;
        ++head.live;
        TRY(rows::save_counts(tx, pattern.tenant, head));
    }
    return rows::insert_text(tx, text_.row_of(head, row.number,
                                              {.id = pattern.id,
                                               .tenant = {},
                                               .visibility = {},
                                               .name = pattern.name,
                                               .category = pattern.category,
                                               .text = text}));
}

Result<void> Search::remove(store::Tx& tx, std::string_view tenant, const PatternId& id) {
    const std::string text_id = id.to_string();
    const auto before = TRY(rows::find(tx, tenant, text_id));
    if (!before || before->removed) {
        return {};
    }
    rows::Head head = TRY(rows::advance_head(tx, tenant, new_stamp()));
    TRY(rows::save(tx, tenant,
                   {.pattern_id = text_id,
                    .number = before->number,
                    .change_seq = head.change_seq,
                    .stamp = head.stamp,
                    .removed = true,
                    .embedder = {},
                    .vector = {},
                    .name_space = {},
                    .owner = {},
                    .access = 0,
                    .shared_with = {},
                    .category = {},
                    .source = {}}));
    TRY(rows::delete_text(tx, TextSearch::rowid_of(head.tenant_number, before->number)));
    --head.live;
    TRY(rows::save_counts(tx, tenant, head));
    if (head.change_seq % kCleanEvery == 0 && head.change_seq > kTombstonesKept) {
        TRY(rows::clean(tx, tenant, head.change_seq - kTombstonesKept, kCleanAtOnce));
    }
    return {};
}

std::shared_ptr<TenantIndex> Search::index_of(const std::string& tenant) {
    const std::scoped_lock lock(mutex_);
    auto& index = indexes_[tenant];
    if (!index) {
        index = std::make_shared<TenantIndex>(tenant,
                                              IndexOptions{.dimension = embedder_.dimension(),
                                                           .exact_up_to = options_.exact_up_to,
                                                           .embedder = embedder_.name()},
                                              rebuilds_);
    }
    index->last_used = ++uses_;
    const std::shared_ptr<TenantIndex> found = index;
    if (indexes_.size() > options_.max_tenants_in_memory) {
        indexes_.erase(std::ranges::min_element(
            indexes_, {}, [](const auto& entry) { return entry.second->last_used.load(); }));
    }
    return found;
}

Result<std::vector<Hit>> Search::search(store::Tx& tx, const SearchQuery& query) {
    TRY(check(query));
    const auto head = TRY(rows::read_head(tx, query.tenant));
    if (!head || head->live == 0) {
        return std::vector<Hit>();
    }
    const std::string text = without_nul(query.text, kMaxQueryBytes);
    Vector vector;
    if (query.use_vectors) {
        const auto embedded = embedder_.embed_query(text);
        if (embedded) {
            vector = *embedded;
        } else {
            failures_.add();
        }
    }
    std::int64_t limit = std::max<std::int64_t>(query.limit * 2, kFanOut);
    std::vector<Hit> hits;
    while (true) {
        std::vector<rows::TextMatch> matches;
        if (query.use_text) {
            matches = TRY(text_.matches(tx, *head, text, limit));
        }
        TRY(index_of(query.tenant)->with(tx, *head, [&](const TenantIndex& index) {
            hits = gather(query, index, vector, matches);
        }));
        // Too few may be seen of what matched: look at all that were scored.
        const bool cut = matches.size() == static_cast<std::size_t>(limit);
        if (!cut || limit == TextSearch::kMaxScored ||
            hits.size() >= static_cast<std::size_t>(query.limit)) {
            break;
        }
        limit = TextSearch::kMaxScored;
    }
    fuse(hits, {.use_text = query.use_text, .use_vectors = !vector.empty()});
    hits.resize(std::min(hits.size(), static_cast<std::size_t>(query.limit)));
    return hits;
}

Result<int> Search::embed_pending(int limit) {
    int done = 0;
    const auto tenants = TRY(database_.read([](store::Tx& tx) { return rows::tenants(tx); }));
    for (const std::string& tenant : tenants) {
        while (done < limit) {
            const std::int64_t batch =
                std::min<std::int64_t>(limit - done, llm::EmbeddingClient::kMaxBatch);
            const auto pending = TRY(database_.read(
                [&](store::Tx& tx) { return rows::pending(tx, tenant, embedder_.name(), batch); }));
            if (pending.empty()) {
                break;
            }
            const auto vectors = embedder_.embed_sources(pending);
            if (!vectors) {
                failures_.add(pending.size());
                return std::unexpected(vectors.error());
            }
            TRY(store_vectors(tenant, pending, *vectors));
            done += static_cast<int>(pending.size());
        }
    }
    return done;
}

// What was changed or removed meanwhile is left for the next round.
Result<void> Search::store_vectors(const std::string& tenant,
                                   const std::vector<rows::StoredPattern>& pending,
                                   const std::vector<Vector>& vectors) {
    return database_.write([&](store::Tx& tx) -> Result<void> {
        for (std::size_t i = 0; i < pending.size(); ++i) {
            auto row = TRY(rows::find(tx, tenant, pending[i].pattern_id));
            if (!row || row->removed || row->change_seq != pending[i].change_seq) {
                continue;
            }
            const rows::Head head = TRY(rows::advance_head(tx, tenant, new_stamp()));
            row->change_seq = head.change_seq;
            row->stamp = head.stamp;
            row->embedder = embedder_.name();
            row->vector = encode_vector(vectors[i]);
            TRY(rows::save(tx, tenant, *row));
        }
        return {};
    });
}

}  // namespace

Result<std::unique_ptr<PatternSearch>> open_search(SearchOptions options, store::Database& database,
                                                   const Clock& clock, Metrics& metrics) {
    QueryEmbedder embedder =
        TRY(QueryEmbedder::open(options.remote, options.query_timeout_ms, clock));
    return std::unique_ptr<PatternSearch>(
        std::make_unique<Search>(std::move(options), std::move(embedder), database, metrics));
}

}  // namespace credence::patterns
