#include "engine/store/sqlite_tx.h"

#include <variant>

namespace credence::store {

// A full disk makes SQLite roll the whole transaction back by itself. What the closure does after
// that must not run: it would commit on its own.
Result<void> WriteTx::check_open(std::span<const Parameter> parameters) {
    if (!connection_.in_transaction()) {
        return fail(Code::unavailable, "the transaction was given up by the store");
    }
    constexpr std::int64_t kStatementBytes = 64;  // what a row costs beside its text
    bytes_ += kStatementBytes;
    for (const Parameter& parameter : parameters) {
        if (const auto* borrowed = std::get_if<std::string_view>(&parameter.value())) {
            bytes_ += static_cast<std::int64_t>(borrowed->size());
        }
    }
    return {};
}

Result<void> WriteTx::emit_json(std::string_view tenant, std::string_view actor,
                                std::string_view name, std::string_view body_json) {
    if (body_json.size() > kMaxEventBytes) {
        return fail(Code::too_large, "the event is too large");
    }
    const auto inserted =
        run("INSERT INTO event (tenant, name, at_us, actor, body) VALUES ($1, $2, $3, $4, $5)",
            tenant, name, clock_.now_us(), actor, body_json);
    if (inserted) {
        last_seq_ = connection_.last_insert_seq();
        return {};
    }
    if (inserted.error().code == Code::internal && !TRY(connection_.has_table("event"))) {
        return fail(Code::unavailable, "the store has no event table yet: migrate it first");
    }
    return std::unexpected(inserted.error());
}

Result<std::int64_t> WriteTx::run_span(std::string_view sql,
                                       std::span<const Parameter> parameters) {
    TRY(check_open(parameters));
    return connection_.run(sql, parameters);
}

Result<Rows> WriteTx::query_span(std::string_view sql, std::span<const Parameter> parameters) {
    TRY(check_open(parameters));
    return connection_.query(sql, parameters);
}

Result<void> ReadTx::emit_json(std::string_view, std::string_view, std::string_view,
                               std::string_view) {
    return fail(Code::internal, "an event was emitted inside read()");
}

Result<std::int64_t> ReadTx::run_span(std::string_view, std::span<const Parameter>) {
    return fail(Code::internal, "a change was tried inside read()");
}

Result<Rows> ReadTx::query_span(std::string_view sql, std::span<const Parameter> parameters) {
    return connection_.query_read_only(sql, parameters);
}

}  // namespace credence::store
