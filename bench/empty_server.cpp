// Our HTTP server with a handler that does nothing: the price of net itself. Parses the JSON body
// for its field "text" and answers a fixed JSON of about the size of a small operation's reply.
// One thread; compare with epoll_baseline (bench/http_bench.py).
#include <simdjson.h>

#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <utility>

#include "base/metrics.h"
#include "engine/net/server.h"

namespace {

constexpr std::string_view kReply = R"({"verdict":"allow","score":0.0123,"matches":[],)"
                                    R"("rules_version":"2025-01-01","latency_us":12.5})";

bool has_text(simdjson::ondemand::parser& parser, std::string_view body) {
    auto document =
        parser.iterate(body.data(), body.size(), body.size() + credence::net::kBodyPadding);
    if (document.error() != simdjson::SUCCESS) {
        return false;
    }
    return document["text"].get_string().error() == simdjson::SUCCESS;
}

}  // namespace

int main(int count, char** arguments) {
    credence::net::ServerOptions options;
    options.port = 18081;
    if (count > 1) {
        std::from_chars(arguments[1], arguments[1] + std::strlen(arguments[1]), options.port);
    }
    simdjson::ondemand::parser parser;
    credence::Metrics metrics;
    auto server = credence::net::Server::open(
        options,
        [&parser](const credence::net::HttpRequest& request, credence::net::Responder responder) {
            credence::net::HttpResponse response;
            if (has_text(parser, request.body)) {
                response.body = kReply;
            } else {
                response.status = 400;
            }
            responder.send(std::move(response));
        },
        metrics);
    if (!server) {
        std::fprintf(stderr, "%s\n", server.error().message.c_str());
        return 1;
    }
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    (*server)->start({});
    int signal = 0;
    sigwait(&signals, &signal);
    (*server)->stop(1000);
    return 0;
}
