// What was asked of skills, each wording once: skill_query and its word index.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/shape.h"
#include "engine/store/database.h"

namespace credence::skills::search_rows {

struct Head {
    std::int64_t through_id = 0;
    std::int64_t epoch = 0;
};
void describe(Describe<Head>&);

// {0, 0} where nothing was read yet.
Result<Head> head(store::Tx& tx, std::string_view tenant);
Result<void> put_head(store::Tx& tx, std::string_view tenant, const Head& head);
Result<std::int64_t> newest_id(store::Tx& tx, std::string_view tenant);

// A row of the log, as search reads it.
struct Asked {
    std::int64_t id = 0;
    std::string skill_name;
    std::optional<std::string> user_query;
    std::optional<std::string> embedding;
    bool completed = false;
    std::int64_t invoked_at_us = 0;
};
void describe(Describe<Asked>&);

// Rows of the tenant after `id` with a query, oldest first.
Result<std::vector<Asked>> asked_after(store::Tx& tx, std::string_view tenant, std::int64_t id,
                                       std::int64_t limit);
// The newest rows with an embedding after `id`, oldest first.
Result<std::vector<Asked>> embedded_after(store::Tx& tx, std::string_view tenant, std::int64_t id,
                                          std::int64_t limit);

struct Wording {
    std::int64_t number = 0;
    std::string skill_name;
    std::string query_hash;
    std::string user_query;
    std::string embedder;
    std::string vector;
    std::int64_t uses = 0;
    std::int64_t completed = 0;
    std::int64_t last_at_us = 0;
};
void describe(Describe<Wording>&);

// Adds one use of a wording that is there; false where it is not.
Result<bool> count_use(store::Tx& tx, std::string_view tenant, const Wording& wording);
// A new wording, with its words.
Result<void> insert(store::Tx& tx, std::string_view tenant, const Wording& wording,
                    std::string_view words);
// Wordings numbered above `number`, ascending.
Result<std::vector<Wording>> after(store::Tx& tx, std::string_view tenant, std::int64_t number,
                                   std::int64_t limit);
Result<std::optional<Wording>> find(store::Tx& tx, std::string_view tenant, std::int64_t number);

struct WordMatch {
    std::int64_t number = 0;
    double bm25 = 0;  // > 0, larger is better
};

// `expression` in the language of FTS5, made by the caller of harmless words only.
Result<std::vector<WordMatch>> matches(store::Tx& tx, std::string_view tenant,
                                       std::string_view expression, std::int64_t limit);

// Skills of a session, sorted.
Result<std::vector<std::string>> skills_of_session(store::Tx& tx, std::string_view tenant,
                                                   std::string_view session_id);

// Everything of the tenant goes; it is read anew from the log. In the transaction that removed
// rows of the log.
Result<void> forget_all(store::Tx& tx, std::string_view tenant);
// At most `limit` wordings last used before `at_us`, of any tenant; how many went.
Result<std::int64_t> forget_before(store::Tx& tx, std::int64_t at_us, std::int64_t limit);

}  // namespace credence::skills::search_rows
