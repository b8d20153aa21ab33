// What surrounds connections: the counters they share, and the responder in the handler's hands.
#include <utility>

#include "engine/net/connection.h"
#include "engine/net/response_stream.h"
#include "engine/net/response_text.h"

namespace credence::net {

namespace {

constexpr std::string_view kRejected = "credence_http_rejected_total";
constexpr std::string_view kRejectedHelp = "Requests and connections refused before any handler";

constexpr Refusal kDropped{500, "internal", "The request was not answered."};

}  // namespace

ServerShare::ServerShare(ServerOptions server_options, HttpHandler server_handler, Metrics& metrics)
    : options(std::move(server_options)),
      handler(std::move(server_handler)),
      open_connections(metrics.gauge("credence_http_connections", "Open connections")),
      connections(metrics.counter("credence_http_connections_total", "Connections accepted")),
      malformed(metrics.counter(kRejected, kRejectedHelp, {{"reason", "malformed"}})),
      too_large(metrics.counter(kRejected, kRejectedHelp, {{"reason", "too_large"}})),
      timeout(metrics.counter(kRejected, kRejectedHelp, {{"reason", "timeout"}})),
      unsupported(metrics.counter(kRejected, kRejectedHelp, {{"reason", "unsupported"}})),
      too_many(metrics.counter(kRejected, kRejectedHelp, {{"reason", "max_connections"}})),
      descriptors(metrics.counter(kRejected, kRejectedHelp, {{"reason", "no_descriptors"}})) {}

void ServerShare::count_refusal(int status) {
    switch (status) {
        case 413:
        case 431:
            too_large.add();
            break;
        case 408:
            timeout.add();
            break;
        case 417:
        case 501:
        case 505:
            unsupported.add();
            break;
        case 503:
            too_many.add();
            break;
        default:
            malformed.add();
            break;
    }
}

OpenCount::OpenCount(ServerShare& share) : share_(&share) {
    share_->open_count.fetch_add(1, std::memory_order_relaxed);
    share_->open_connections.add(1);
}

void OpenCount::end() {
    if (share_ != nullptr) {
        share_->open_count.fetch_sub(1, std::memory_order_relaxed);
        share_->open_connections.add(-1);
        share_ = nullptr;
    }
}

Responder::Responder(std::shared_ptr<Sink> sink) : sink_(std::move(sink)) {}

Responder::Responder(Responder&&) noexcept = default;

Responder& Responder::operator=(Responder&& other) noexcept {
    if (this != &other) {
        const Responder dropped(std::move(*this));
        sink_ = std::move(other.sink_);
    }
    return *this;
}

Responder::~Responder() {
    if (sink_ != nullptr) {
        HttpResponse response = problem(kDropped);
        response.close = false;
        sink_->answer(std::move(response));
    }
}

void Responder::send(HttpResponse response) {
    if (const std::shared_ptr<Sink> sink = std::exchange(sink_, nullptr)) {
        sink->answer(std::move(response));
    }
}

void Responder::upgrade(WebSocketHandlers handlers) {
    if (const std::shared_ptr<Sink> sink = std::exchange(sink_, nullptr)) {
        sink->upgrade(std::move(handlers));
    }
}

std::shared_ptr<ResponseStream> Responder::stream(HttpResponse head, StreamHandlers handlers) {
    const std::shared_ptr<Sink> sink = std::exchange(sink_, nullptr);
    return sink == nullptr ? ended_stream() : sink->stream(std::move(head), std::move(handlers));
}

}  // namespace credence::net
