// One callable thing, described once. REST, MCP, CLI, OpenAPI and the reference derive from this.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "api/context.h"
#include "base/result.h"
#include "base/shape.h"

namespace credence {

enum class Effect : std::uint8_t {
    read,   // changes nothing
    write,  // changes our own state; audited
    act,    // reaches the outside world; audited; never retried blindly
};

enum class Lane : std::uint8_t {
    direct,      // on the I/O thread when the request is small: CPU only, no store
    pool,        // on a worker; may use the store
    background,  // becomes a durable job; answered with the job
};

enum class HttpMethod : std::uint8_t { get, post, put, patch, del };

std::string_view to_string(HttpMethod method);  // "GET", ...

// Where the CLI's positional argument goes.
enum class Positional : std::uint8_t {
    none,
    value,       // the argument is the field's value
    values,      // every argument is one item of the list field
    file,        // the argument is a file name, or - for stdin; its content is the field's value
    json_lines,  // the file holds one JSON value a line; together they are the list field's items
};

struct Operation {
    std::string name;         // "guard.scan"
    std::string module;       // "guard"
    std::string verb;         // "scan"
    std::string summary;      // one sentence, no full stop
    std::string description;  // optional further prose
    HttpMethod method = HttpMethod::post;
    std::string path;  // "/v1/claims/{claim_id}/verification"
    std::vector<std::string> path_parameters;
    std::string scope;  // needed scope, "guard:read"
    Effect effect = Effect::read;
    bool idempotent = true;
    Lane lane = Lane::pool;
    std::int64_t timeout_ms = 30'000;
    std::int64_t max_request_bytes = 0;  // of the JSON request; 0: the surface's default
    int max_running = 1;                 // background: jobs of this operation at once
    bool hidden_from_mcp = false;
    bool core = false;  // in MCP's core tool profile
    // The MCP resource this operation reads: "credence://claims/{claim_id}", placeholders being
    // fields of the request; empty: none. `ids_from` is the operation whose answer lists the ids
    // that complete the placeholder; empty: none.
    std::string resource;
    std::string ids_from;
    bool local = false;    // on this machine's files: the command line only, never served
    std::string mcp_name;  // "guard_scan", or the name a capability's document gives
    std::string positional_field;
    Positional positional = Positional::none;
    const Shape* request = nullptr;
    const Shape* response = nullptr;

    // Decodes, calls the service, encodes. Thread-safe. Appends to response_json only on success.
    std::function<Result<void>(const Context&, std::string_view request_json,
                               std::string& response_json)>
        call;

    // Whether the request decodes: what call() would refuse before doing anything.
    std::function<Result<void>(std::string_view request_json)> validate;

    // Whether requests over HTTP come as a query, not as a body.
    bool reads_query() const { return method == HttpMethod::get || method == HttpMethod::del; }
    // Whether this field of the request stands in the path.
    bool is_in_path(std::string_view field) const;
};

}  // namespace credence
