// `credence <module> <operation>` for every operation of the catalogue.
#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "api/catalog.h"
#include "base/result.h"

namespace credence::surface {

// Exit codes by error class: 0 ok, 1 internal, 2 usage or invalid input, 3 unauthenticated or
// forbidden, 4 not found, 5 conflict, 6 exhausted, timeout, cancelled or unavailable, 7
// unsupported.
int exit_code(Code code);

// Calls one operation with its request JSON; in process or over HTTP, the caller decides.
using OperationCaller =
    std::function<Result<std::string>(const Operation&, std::string_view request_json)>;

struct CliStreams {
    std::FILE* out;
    std::FILE* err;
    bool color;             // a terminal, and NO_COLOR unset
    std::FILE* in = stdin;  // read for "-", and for a missing FILE when it is no terminal
};

// Writes the error to streams.err, as text or as JSON; returns its exit code.
int report_error(const Error& error, bool json, const CliStreams& streams);

// argv without the program name: {"guard", "scan", "-", "--json"}. Returns the exit code.
// Prints human-readable text, or the response JSON with --json. Errors go to `err` as
// "error (not_found): message [field: x]", with --json as {"code","message","field"?}.
// Control and direction-changing characters of responses are shown escaped, never sent to a
// terminal.
int run_operation(const Catalog& catalog, const std::vector<std::string>& arguments,
                  const OperationCaller& caller, const CliStreams& streams);

// Lists modules and operations, for `credence help`.
std::string operations_help(const Catalog& catalog);

// Completion script for bash, zsh or fish: modules, operations, flags and enumerators, and the
// program's other commands ("serve"). Code::invalid for another shell.
Result<std::string> completion_script(const Catalog& catalog, std::string_view shell,
                                      const std::vector<std::string>& other_commands = {});

}  // namespace credence::surface
