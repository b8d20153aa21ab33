#include "engine/store/database.h"

#include <exception>
#include <limits>

#include "base/check.h"
#include "base/log.h"
#include "engine/store/closure_guard.h"

namespace credence::store {
namespace {

// Per thread by nature: the contract is about the calling thread, not about any object.
thread_local bool store_is_forbidden = false;
thread_local bool inside_closure = false;

std::unexpected<Error> column_error(std::string_view column, const char* problem) {
    log::error("stored row does not fit its type", {{"column", column}, {"problem", problem}});
    return fail(Code::internal, "a stored record could not be read");
}

Result<void> read_integer(const Cell& cell, const Field& field, const Shape& shape, void* out) {
    const auto* value = std::get_if<std::int64_t>(&cell);
    if (value == nullptr) {
        return column_error(field.name, "not an integer");
    }
    const bool is_boolean = shape.kind == Kind::boolean;
    const std::int64_t minimum = is_boolean ? 0 : shape.integer_min;
    const std::int64_t maximum = is_boolean ? 1 : shape.integer_max;
    if (*value < minimum || *value > maximum) {
        return column_error(field.name, "out of range");
    }
    shape.set_integer(out, *value);
    return {};
}

Result<void> read_number(const Cell& cell, const Field& field, void* out) {
    if (const auto* number = std::get_if<double>(&cell)) {
        *static_cast<double*>(out) = *number;
        return {};
    }
    if (const auto* integer = std::get_if<std::int64_t>(&cell)) {
        *static_cast<double*>(out) = static_cast<double>(*integer);
        return {};
    }
    return column_error(field.name, "not a number");
}

Result<void> read_enumerator(const std::string& text, const Field& field, const Shape& shape,
                             void* out) {
    for (std::size_t i = 0; i < shape.enumerators.size(); ++i) {
        if (shape.enumerators[i] == text) {
            shape.set_integer(out, static_cast<std::int64_t>(i));
            return {};
        }
    }
    return column_error(field.name, "unknown enumerator");
}

Result<void> read_cell(const Cell& cell, const Field& field, const Shape& shape, void* out) {
    if (shape.kind == Kind::optional) {
        if (std::holds_alternative<std::nullptr_t>(cell)) {
            shape.clear(out);
            return {};
        }
        return read_cell(cell, field, *shape.inner, shape.emplace(out));
    }
    if (std::holds_alternative<std::nullptr_t>(cell)) {
        return column_error(field.name, "null in a required field");
    }
    if (shape.kind == Kind::boolean || shape.kind == Kind::integer) {
        return read_integer(cell, field, shape, out);
    }
    if (shape.kind == Kind::number) {
        return read_number(cell, field, out);
    }
    const auto* text = std::get_if<std::string>(&cell);
    if (text == nullptr) {
        return column_error(field.name, "not text");
    }
    switch (shape.kind) {
        case Kind::text:
            *static_cast<std::string*>(out) = *text;
            return {};
        case Kind::json:
            static_cast<RawJson*>(out)->text = *text;
            return {};
        case Kind::enumeration:
            return read_enumerator(*text, field, shape, out);
        case Kind::parsed:
            if (!shape.parse(out, *text)) {
                return column_error(field.name, "does not parse");
            }
            return {};
        default:
            if (!decode_json(*text, shape, out)) {
                return column_error(field.name, "holds JSON of another shape");
            }
            return {};
    }
}

}  // namespace

void forbid_store_on_this_thread() {
    store_is_forbidden = true;
}

void check_may_use_store() {
    CHECK(!store_is_forbidden, "the store was used on a thread that must not wait for it");
    CHECK(!inside_closure, "read() or write() was called inside a transaction");
}

Result<void> run_closure(const std::function<Result<void>(Tx&)>& work, Tx& tx) {
    struct Mark {
        Mark() { inside_closure = true; }
        ~Mark() { inside_closure = false; }
        Mark(const Mark&) = delete;
        Mark& operator=(const Mark&) = delete;
    };
    const Mark mark;
    try {
        return work(tx);
    } catch (const std::exception& error) {
        log::error("transaction threw", {{"what", error.what()}});
    } catch (...) {
        log::error("transaction threw", {{"what", "unknown"}});
    }
    return fail(Code::internal, "the transaction failed unexpectedly");
}

std::int64_t Rows::integer(std::size_t row, std::size_t column) const {
    CHECK(row < cells.size() && column < cells[row].size(), "no such cell");
    const Cell& cell = cells[row][column];
    if (const auto* integer = std::get_if<std::int64_t>(&cell)) {
        return *integer;
    }
    if (const auto* number = std::get_if<double>(&cell)) {
        // 2^63 as a double; the cast outside this range would be undefined.
        constexpr double kLimit = 9223372036854775808.0;
        if (*number >= -kLimit && *number < kLimit) {
            return static_cast<std::int64_t>(*number);
        }
        return 0;
    }
    if (const auto* text_value = std::get_if<std::string>(&cell)) {
        return parse_integer(*text_value).value_or(0);
    }
    return 0;
}

double Rows::number(std::size_t row, std::size_t column) const {
    CHECK(row < cells.size() && column < cells[row].size(), "no such cell");
    const Cell& cell = cells[row][column];
    if (const auto* number_value = std::get_if<double>(&cell)) {
        return *number_value;
    }
    return static_cast<double>(integer(row, column));
}

std::string Rows::text(std::size_t row, std::size_t column) const {
    CHECK(row < cells.size() && column < cells[row].size(), "no such cell");
    const Cell& cell = cells[row][column];
    if (const auto* value = std::get_if<std::string>(&cell)) {
        return *value;
    }
    if (const auto* value = std::get_if<std::int64_t>(&cell)) {
        return std::to_string(*value);
    }
    if (const auto* value = std::get_if<double>(&cell)) {
        return std::to_string(*value);
    }
    return {};
}

bool Rows::is_null(std::size_t row, std::size_t column) const {
    CHECK(row < cells.size() && column < cells[row].size(), "no such cell");
    return std::holds_alternative<std::nullptr_t>(cells[row][column]);
}

Result<void> Rows::read_row(std::size_t row, const Shape& shape, void* out) const {
    CHECK(shape.kind == Kind::object, "rows are read as described structs");
    std::size_t used = 0;
    for (const Field& field : shape.fields) {
        // Columns mostly come in the order of the fields: look there first.
        std::size_t column = used;
        if (column >= columns.size() || columns[column] != field.name) {
            column = 0;
            while (column < columns.size() && columns[column] != field.name) {
                ++column;
            }
        }
        if (column == columns.size()) {
            if (field.required) {
                return column_error(field.name, "a required field has no column");
            }
            continue;
        }
        TRY(read_cell(cells[row][column], field, *field.shape,
                      static_cast<char*>(out) + field.offset));
        ++used;
    }
    if (used != columns.size()) {
        return column_error(shape.name, "a column has no field, or is there twice");
    }
    return {};
}

}  // namespace credence::store
