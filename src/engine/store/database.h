// The only way to state. SQLite behind it today; PostgreSQL fills the same seam with the same SQL.
//
//   auto claim = TRY(database.read([&](Tx& tx) { return claims::find(tx, tenant, id); }));
//   TRY(database.write([&](Tx& tx) -> Result<void> {
//       TRY(tx.run("UPDATE claim SET closed = 1 WHERE tenant = $1 AND id = $2", tenant, id));
//       return tx.emit(context, ClaimClosed{id});
//   }));
//
// SQL is the common subset: $1 parameters, ON CONFLICT, RETURNING, PostgreSQL type names; times are
// BIGINT microseconds UTC named _at_us; JSON and ids are TEXT; every table's key begins with
// tenant. Closures do database work only, may be run more than once, and must not call read or
// write. Thread-safe. CHECKs when called on a thread marked with forbid_store_on_this_thread().
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/shape.h"
#include "base/text.h"
#include "engine/store/value.h"

namespace credence::store {

// The rows of one query, materialised. At most kMaxRows; more is Code::too_large.
class Rows {
public:
    static constexpr std::size_t kMaxRows = 1'000'000;

    std::vector<std::string> columns;
    std::vector<std::vector<Cell>> cells;

    std::size_t size() const { return cells.size(); }
    bool empty() const { return cells.empty(); }
    // Typed access; CHECKs the position, converts null to 0 or "".
    std::int64_t integer(std::size_t row, std::size_t column) const;
    double number(std::size_t row, std::size_t column) const;
    std::string text(std::size_t row, std::size_t column) const;
    bool is_null(std::size_t row, std::size_t column) const;

    // Rows as described structs: columns map to fields by name; object, list, dictionary and json
    // fields hold JSON text; a column without a field, or a required field without a column, is
    // Code::internal.
    template <class T>
    Result<std::vector<T>> as() const {
        std::vector<T> out(size());
        for (std::size_t i = 0; i < size(); ++i) {
            TRY(read_row(i, shape_of<T>(), &out[i]));
        }
        return out;
    }

private:
    Result<void> read_row(std::size_t row, const Shape& shape, void* out) const;
};

class Tx {
public:
    virtual ~Tx() = default;
    Tx() = default;
    Tx(const Tx&) = delete;
    Tx& operator=(const Tx&) = delete;

    // Runs one statement; the number of rows it changed. A unique or foreign-key violation is
    // Code::conflict, a busy or full database Code::unavailable, any other failure Code::internal.
    template <class... Args>
    Result<std::int64_t> run(std::string_view sql, const Args&... args) {
        const std::initializer_list<Parameter> parameters{Parameter(args)...};
        return run_span(sql, {parameters.begin(), parameters.size()});
    }

    template <class... Args>
    Result<Rows> query(std::string_view sql, const Args&... args) {
        const std::initializer_list<Parameter> parameters{Parameter(args)...};
        return query_span(sql, {parameters.begin(), parameters.size()});
    }

    // Appends an event, named after its struct ("ClaimClosed" -> "claim_closed"), delivered after
    // commit. Only inside write(). `who` is a Context, or any struct with tenant and actor.
    template <class Who, class Event>
    Result<void> emit(const Who& who, const Event& event) {
        return emit_json(who.tenant, who.actor, to_snake_case(shape_of<Event>().name),
                         to_json(event));
    }
    virtual Result<void> emit_json(std::string_view tenant, std::string_view actor,
                                   std::string_view name, std::string_view body_json) = 0;

    virtual Result<std::int64_t> run_span(std::string_view sql,
                                          std::span<const Parameter> parameters) = 0;
    virtual Result<Rows> query_span(std::string_view sql,
                                    std::span<const Parameter> parameters) = 0;
};

class Database {
public:
    virtual ~Database() = default;

    // Runs fn on a consistent snapshot; no writes. fn: Result<T>(Tx&).
    template <class Function>
    std::invoke_result_t<Function, Tx&> read(Function&& fn) {
        return perform(std::forward<Function>(fn),
                       [this](const Work& work) { return read_work(work); });
    }

    // Runs fn atomically and returns after it is durable. An error from fn rolls back its own
    // changes only, though it may share a commit with others.
    template <class Function>
    std::invoke_result_t<Function, Tx&> write(Function&& fn) {
        return perform(std::forward<Function>(fn),
                       [this](const Work& work) { return write_work(work); });
    }

protected:
    using Work = std::function<Result<void>(Tx&)>;
    virtual Result<void> read_work(const Work& work) = 0;
    virtual Result<void> write_work(const Work& work) = 0;

private:
    template <class Function, class Run>
    std::invoke_result_t<Function, Tx&> perform(Function&& fn, Run&& run) {
        using R = std::invoke_result_t<Function, Tx&>;
        if constexpr (std::is_same_v<R, Result<void>>) {
            return run(Work(std::ref(fn)));
        } else {
            R out = fail(Code::internal, "transaction did not run");
            TRY(run(Work([&](Tx& tx) -> Result<void> {
                out = fn(tx);
                if (!out) {
                    return std::unexpected(out.error());
                }
                return {};
            })));
            return out;
        }
    }
};

// Marks the calling thread (an I/O thread) as one that must never touch the store.
void forbid_store_on_this_thread();

}  // namespace credence::store
