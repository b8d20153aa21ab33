// What every exchange with a caller has in common: admission, the reply's headers, refusals.
// Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/dispatch.h"
#include "api/gatekeeper.h"
#include "base/result.h"
#include "engine/net/server.h"

namespace credence::surface {

// Refuses requests that a browser may have been tricked into sending; nothing when all is well.
// Bound to loopback: Host must be a loopback name (421) and Origin, when sent, a loopback origin
// (403). Bound elsewhere, Origin must be our own where `only_own_origin` (MCP and the event feed,
// whose replies a foreign page could read); REST replies cannot be read without CORS headers.
struct SenderRule {
    bool loopback;
    bool only_own_origin;
};
std::optional<net::HttpResponse> refuse_foreign(const net::HttpRequest& request, SenderRule rule);

// Authenticates and rate-limits the sender of a request. `surface` is static text.
Result<Admission> admit(Dispatcher& dispatcher, const net::HttpRequest& request,
                        std::string_view surface);

// The reply to a caller that was not admitted: we know only the request id it may have sent.
net::HttpResponse refusal(const Error& error, const net::HttpRequest& request);

// What a reply needs of an admission once its context has gone to the operation.
struct ReplyHead {
    std::string request_id;
    RateState rate;

    explicit ReplyHead(const Admission& admission);
    // The header lines of a successful reply.
    std::string headers() const;
    // The whole reply to a failed call.
    net::HttpResponse failure(const Error& error) const;
};

}  // namespace credence::surface
