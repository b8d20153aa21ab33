// Tx over a connection inside a transaction.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "engine/store/database.h"
#include "engine/store/sqlite_connection.h"

namespace credence::store {

inline constexpr std::size_t kMaxEventBytes = std::size_t{1} << 20;  // of one event's body

class WriteTx final : public Tx {
public:
    WriteTx(SqliteConnection& connection, const Clock& clock)
        : connection_(connection), clock_(clock) {}

    Result<void> emit_json(std::string_view tenant, std::string_view actor, std::string_view name,
                           std::string_view body_json) override;
    Result<std::int64_t> run_span(std::string_view sql,
                                  std::span<const Parameter> parameters) override;
    Result<Rows> query_span(std::string_view sql, std::span<const Parameter> parameters) override;

    std::int64_t bytes() const { return bytes_; }        // bound so far, about
    std::int64_t last_seq() const { return last_seq_; }  // of the newest event emitted, or 0

private:
    Result<void> check_open(std::span<const Parameter> parameters);

    SqliteConnection& connection_;
    const Clock& clock_;
    std::int64_t bytes_ = 0;
    std::int64_t last_seq_ = 0;
};

class ReadTx final : public Tx {
public:
    explicit ReadTx(SqliteConnection& connection) : connection_(connection) {}

    Result<void> emit_json(std::string_view tenant, std::string_view actor, std::string_view name,
                           std::string_view body_json) override;
    Result<std::int64_t> run_span(std::string_view sql,
                                  std::span<const Parameter> parameters) override;
    Result<Rows> query_span(std::string_view sql, std::span<const Parameter> parameters) override;

private:
    SqliteConnection& connection_;
};

}  // namespace credence::store
