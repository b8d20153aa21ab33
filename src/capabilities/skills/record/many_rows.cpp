#include "capabilities/skills/record/many_rows.h"

namespace credence::skills::record {
namespace {

std::string many_rows_text(const ManyRows& rows, std::size_t count) {
    std::string sql(rows.head);
    std::size_t next = rows.timed ? 2 : 1;
    for (std::size_t row = 0; row < count; ++row) {
        sql += row == 0 ? "($1" : ", ($1";
        for (std::size_t column = 0; column < rows.columns; ++column) {
            sql += ", $" + std::to_string(++next);
        }
        sql += rows.timed ? ", $2)" : ")";
    }
    return sql.append(rows.tail);
}

}  // namespace

ManyRowsSql::ManyRowsSql(const ManyRows& rows) : timed_(rows.timed) {
    for (std::size_t position = 0; position < kSizes.size(); ++position) {
        texts_[position] = many_rows_text(rows, kSizes[position]);
    }
}

}  // namespace credence::skills::record
