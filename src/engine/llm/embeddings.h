// A client of any server with OpenAI's POST /v1/embeddings. Blocking; never inside a write.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace credence::llm {

struct EmbeddingOptions {
    std::string base_url;  // "https://host/v1"; plain http to this machine only
    std::string model;
    Secret key;         // empty: no Authorization header
    int dimension = 0;  // what the model gives: 1 .. 8192
    std::int64_t timeout_ms = 10'000;
};

// Thread-safe.
class EmbeddingClient {
public:
    static constexpr std::size_t kMaxBatch = 64;
    static constexpr std::size_t kMaxTextBytes = 32 * 1024;

    // Code::invalid, with the option's name as the field.
    static Result<EmbeddingClient> open(EmbeddingOptions options);

    // One vector of `dimension` finite numbers per text, in order. At most kMaxBatch texts, each of
    // 1 .. kMaxTextBytes bytes: otherwise Code::invalid. Code::unavailable or timeout when the
    // server does not answer or does not answer so; forbidden when it refuses the key; exhausted
    // when it asks to slow down. What the server says is never part of the error.
    Result<std::vector<std::vector<float>>> embed(std::span<const std::string> texts) const;
    // With another time limit.
    Result<std::vector<std::vector<float>>> embed(std::span<const std::string> texts,
                                                  std::int64_t timeout_ms) const;

    const EmbeddingOptions& options() const { return options_; }

private:
    explicit EmbeddingClient(EmbeddingOptions options) : options_(std::move(options)) {}

    EmbeddingOptions options_;
};

}  // namespace credence::llm
