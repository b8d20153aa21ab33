// Every operation of the catalogue as REST. Lane::direct runs on the calling I/O thread with the
// body passed through uncopied; the other lanes answer from their own threads.
#pragma once

#include "api/dispatch.h"
#include "base/clock.h"
#include "engine/net/server.h"
#include "surface/http/router.h"

namespace credence::surface {

// Thread-safe.
class OperationEndpoint {
public:
    OperationEndpoint(Dispatcher& dispatcher, const Clock& clock)
        : dispatcher_(dispatcher), clock_(clock), router_(dispatcher.catalog()) {}

    // Any request that no fixed route took; its sender passed refuse_foreign().
    void handle(const net::HttpRequest& request, net::Responder responder);

private:
    struct Call;
    Result<void> set_deadline(const net::HttpRequest& request, const Operation& operation,
                              Context& context) const;
    void run_inline(Call& call, net::Responder responder);
    void run_elsewhere(Call& call, net::Responder responder);

    Dispatcher& dispatcher_;
    const Clock& clock_;
    const Router router_;
};

}  // namespace credence::surface
