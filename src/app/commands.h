// The program's own commands; everything else is an operation of the catalogue.
// Each returns the process's exit code (surface::exit_code).
#pragma once

#include <span>
#include <string_view>

#include "app/command_line.h"
#include "base/result.h"

namespace credence {

int serve(const CommandLine& line);           // credence serve
int serve_mcp(const CommandLine& line);       // credence mcp
int migrate(const CommandLine& line);         // credence migrate status|up|down
int backup(const CommandLine& line);          // credence backup create|verify|restore FILE
int config(const CommandLine& line);          // credence config print|check
int openapi(const CommandLine& line);         // credence openapi
int documents(const CommandLine& line);       // credence docs --out DIR
int completion(const CommandLine& line);      // credence completion bash|zsh|fish
int help(const CommandLine& line);            // credence help
int call_operation(const CommandLine& line);  // credence <module> <operation> …

struct Command {
    std::string_view name;
    int (*run)(const CommandLine&);
    std::string_view help;  // what `credence NAME --help` prints before the common flags
};

// All of the above by name, except call_operation.
std::span<const Command> commands();

// Prints the help of a command; returns 0.
int command_help(const Command& command);

// Prints "error (code): message [field]" to stderr, or problem JSON with --json.
int report(const CommandLine& line, const Error& error);

}  // namespace credence
