// What the tests and benchmarks of pattern search share: a migrated store and short ways to fill
// it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/random.h"
#include "capabilities/patterns/search/search.h"
#include "engine/store/testing.h"

namespace credence::patterns {

// One store in a directory of its own; any number of searches over it.
class SearchStore {
public:
    explicit SearchStore(bool full_sync = true) : path_(directory_.file("credence.db")) {
        const std::vector<store::Migration> migrations{
            {"patterns_search", 1, "pattern_search", migration_.up, migration_.down}};
        CHECK(store::Migrator(path_, migrations, clock_).up(), "the tables could not be made");
        open(full_sync);
    }

    // Closes what is open first.
    void open(bool full_sync = true) {
        database_.reset();
        store::SqliteOptions options = store::at_path(path_);
        options.full_sync = full_sync;
        database_ = store::open_or_die(options, clock_, metrics_);
    }
    void close() { database_.reset(); }

    std::unique_ptr<PatternSearch> search(SearchOptions options = {}) {
        auto opened = open_search(std::move(options), *database_, clock_, metrics_);
        CHECK(opened, "the search could not be opened");
        return std::move(*opened);
    }

    store::Database& database() { return *database_; }
    const std::string& path() const { return path_; }
    ManualClock& clock() { return clock_; }
    Metrics& metrics() { return metrics_; }
    std::uint64_t rebuilds() {
        return metrics_.counter("credence_pattern_index_rebuilds_total", "").value();
    }

private:
    store::TemporaryDirectory directory_;
    std::string path_;
    ManualClock clock_{1'700'000'000'000'000};
    Metrics metrics_;
    store::MigrationText migration_{store::migrations_of("capabilities/patterns"),
                                    "0002_pattern_search"};
    std::unique_ptr<store::Database> database_;
};

inline PatternId pattern_id(std::uint64_t number) {
    UuidBytes bytes{};
    for (std::size_t i = 0; i < 8; ++i) {
        bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
    }
    return PatternId(bytes);
}

inline IndexedPattern pattern_of(std::uint64_t number, const std::string& name,
                                 const std::string& text, const std::string& tenant = "t") {
    return {.id = pattern_id(number),
            .tenant = tenant,
            .visibility = {.name_space = "n",
                           .owner = "o",
                           .access = AccessLevel::public_,
                           .shared_with = {}},
            .name = name,
            .category = "general",
            .text = text};
}

inline SearchQuery query_of(const std::string& text, const std::string& tenant = "t") {
    return {
        .tenant = tenant, .text = text, .category = std::nullopt, .visible = [](const Visibility&) {
            return true;
        }};
}

inline Result<void> put(store::Database& database, PatternSearch& search,
                        const IndexedPattern& pattern) {
    return database.write([&](store::Tx& tx) { return search.put(tx, pattern); });
}

inline Result<void> remove(store::Database& database, PatternSearch& search, std::uint64_t number,
                           const std::string& tenant = "t") {
    return database.write(
        [&](store::Tx& tx) { return search.remove(tx, tenant, pattern_id(number)); });
}

inline Result<std::vector<Hit>> find(store::Database& database, PatternSearch& search,
                                     const SearchQuery& query) {
    return database.read([&](store::Tx& tx) { return search.search(tx, query); });
}

}  // namespace credence::patterns
