// INSERT statements of many rows, in a few sizes only, so that each is prepared once and kept.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/store/database.h"

namespace credence::skills::record {

// $1 is the tenant, first in each row; with `timed`, $2 is now, last in each row.
struct ManyRows {
    std::string_view head;    // "INSERT INTO … VALUES "
    std::size_t columns = 0;  // without tenant and now
    bool timed = false;
    std::string_view tail;  // " ON CONFLICT …", " RETURNING …"
};

class ManyRowsSql {
public:
    static constexpr std::array<std::size_t, 3> kSizes = {50, 8, 1};

    explicit ManyRowsSql(const ManyRows& rows);

    bool timed() const { return timed_; }
    const std::string& of(std::size_t position) const { return texts_[position]; }

private:
    bool timed_;
    std::array<std::string, kSizes.size()> texts_;
};

struct Stamp {
    std::string_view tenant;
    std::int64_t now_us = 0;
};

// Runs it on all items; bind(item, parameters) appends the columns of one; told(rows) gets what
// each statement returned.
template <class Item, class Bind, class Told>
Result<void> insert_many(store::Tx& tx, const ManyRowsSql& sql, const Stamp& stamp,
                         std::span<const Item> items, Bind&& bind, Told&& told) {
    std::vector<store::Parameter> parameters;
    for (std::size_t position = 0; position < ManyRowsSql::kSizes.size(); ++position) {
        const std::size_t size = ManyRowsSql::kSizes[position];
        while (items.size() >= size) {
            parameters.clear();
            parameters.emplace_back(stamp.tenant);
            if (sql.timed()) {
                parameters.emplace_back(stamp.now_us);
            }
            for (const Item& item : items.first(size)) {
                bind(item, parameters);
            }
            told(TRY(tx.query_span(sql.of(position), parameters)));
            items = items.subspan(size);
        }
    }
    return {};
}

template <class Item, class Bind>
Result<void> insert_many(store::Tx& tx, const ManyRowsSql& sql, const Stamp& stamp,
                         std::span<const Item> items, Bind&& bind) {
    return insert_many(tx, sql, stamp, items, bind, [](const store::Rows&) {});
}

}  // namespace credence::skills::record
