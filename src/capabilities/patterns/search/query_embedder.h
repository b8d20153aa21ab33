// The embedder in use: the built-in one, or a server with a memory of recent queries and a pause
// after it failed.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "capabilities/patterns/search/embedder.h"
#include "capabilities/patterns/search/search_rows.h"
#include "engine/llm/embeddings.h"

namespace credence::patterns {

// Thread-safe.
class QueryEmbedder {
public:
    static constexpr std::size_t kMaxRemembered = 512;   // query vectors
    static constexpr std::int64_t kPauseUs = 5'000'000;  // after the server failed

    static Result<QueryEmbedder> open(const std::optional<llm::EmbeddingOptions>& remote,
                                      std::int64_t query_timeout_ms, const Clock& clock);

    bool is_remote() const { return client_.has_value(); }
    std::size_t dimension() const;
    std::string name() const;
    const Embedder& builtin() const { return *builtin_; }

    // A query's vector. Fails only when remote: as EmbeddingClient::embed, or Code::unavailable at
    // once within kPauseUs of a failure.
    Result<Vector> embed_query(const std::string& text);
    // A stored pattern's "name\ncategory\ntext", by the built-in embedder.
    Vector embed_source(std::string_view source) const;
    // The vectors of rows with a source, by the embedder in use.
    Result<std::vector<Vector>> embed_sources(const std::vector<rows::StoredPattern>& rows) const;

private:
    struct Memory {
        std::mutex mutex;
        std::unordered_map<std::string, Vector> vectors;
        std::int64_t paused_until_us = 0;  // steady
    };

    QueryEmbedder(std::optional<llm::EmbeddingClient> client, std::int64_t query_timeout_ms,
                  const Clock& clock);

    std::unique_ptr<const Embedder> builtin_;
    std::optional<llm::EmbeddingClient> client_;
    std::int64_t query_timeout_ms_;
    const Clock* clock_;
    std::unique_ptr<Memory> memory_;
};

}  // namespace credence::patterns
