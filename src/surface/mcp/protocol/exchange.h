// One request under way, as its transport sees it: where its messages go. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "surface/mcp/protocol/json_rpc.h"

namespace credence::surface::mcp {

class Exchange {
public:
    virtual ~Exchange() = default;

    // A whole JSON-RPC notification that belongs to this request, sent before its answer. Dropped
    // where nothing can be sent (the client takes plain JSON only) and after the answer.
    virtual void notify(std::string message) = 0;

    // Legacy only: a request of ours to the client, with its answer. done is called exactly once;
    // with internal_error when the client is gone, cannot be asked, or does not answer in time.
    virtual void ask(std::string_view method, std::string params_json,
                     std::function<void(Outcome)> done) = 0;

    // The whole JSON-RPC response, exactly once; `error` is its code when it is one, from which the
    // transport takes its own status. Empty text: there is nothing to say (a notification).
    virtual void answer(std::string message, std::optional<RpcCode> error) = 0;

    // Legacy over HTTP only: closes the connection and leaves the stream to be resumed by the
    // client after retry_ms. Elsewhere nothing happens.
    virtual void pause(std::int64_t retry_ms) = 0;
};

}  // namespace credence::surface::mcp
