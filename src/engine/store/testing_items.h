// The table that tests of the store write to, and closures queued so that they form one group.
#pragma once

#include <functional>
#include <latch>
#include <string_view>
#include <thread>
#include <vector>

#include "engine/store/testing.h"

namespace credence::store {

inline constexpr const char* kMakeItem =
    "CREATE TABLE item (tenant TEXT NOT NULL, number BIGINT NOT NULL, body TEXT,"
    " PRIMARY KEY (tenant, number))";
inline constexpr const char* kInsert =
    "INSERT INTO item (tenant, number, body) VALUES ($1, $2, $3)";

inline Result<void> insert_item(Database& database, std::int64_t number,
                                std::string_view body = "b") {
    return database.write([&](Tx& tx) -> Result<void> {
        TRY(tx.run(kInsert, "t", number, body));
        return {};
    });
}

inline Result<std::int64_t> count_items(Database& database) {
    return database.read([](Tx& tx) -> Result<std::int64_t> {
        return TRY(tx.query("SELECT COUNT(*) FROM item WHERE tenant = $1", "t")).integer(0, 0);
    });
}

// Holds the writer inside a first closure until all the others are queued behind it.
inline void write_as_one_group(Database& database, Metrics& metrics,
                               std::vector<std::function<Result<void>(Tx&)>> works,
                               std::vector<Result<void>>& results) {
    std::latch inside(1);
    std::latch go(1);
    std::thread first([&] {
        const auto held = database.write([&](Tx&) -> Result<void> {
            inside.count_down();
            go.wait();
            return {};
        });
        CHECK(held, "the holder failed");
    });
    inside.wait();
    results.resize(works.size());
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < works.size(); ++i) {
        threads.emplace_back([&, i] { results[i] = database.write(works[i]); });
    }
    const Gauge& queued = metrics.gauge("credence_store_queued_writes", "");
    while (queued.value() < static_cast<std::int64_t>(works.size())) {
        std::this_thread::yield();
    }
    go.count_down();
    first.join();
    for (auto& thread : threads) {
        thread.join();
    }
}

}  // namespace credence::store
