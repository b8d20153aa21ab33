// Commands that only describe: help, completion, OpenAPI, reference.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>

#include "app/app.h"
#include "app/commands.h"
#include "surface/cli/cli.h"
#include "surface/openapi/openapi.h"

namespace credence {
namespace {

constexpr const char* kUsage =
    "credence: how far to believe your AI agents\n"
    "\n"
    "Usage: credence <command> [flags]\n"
    "\n"
    "Server\n"
    "  serve                     start the server [--data DIR] [--listen ADDR:PORT] [--config "
    "FILE]\n"
    "  mcp                       speak MCP on standard input and output [--profile "
    "core|full|list]\n"
    "\n"
    "Upkeep\n"
    "  migrate status|up|down    schema of the store\n"
    "  backup create|verify|restore FILE\n"
    "  config print|check        documented settings, and what is wrong with them\n"
    "  completion bash|zsh|fish  shell completion\n"
    "  openapi                   OpenAPI 3.1 on standard output\n"
    "  docs --out DIR            reference as Markdown\n"
    "  version\n"
    "\n"
    "Flags for every command\n"
    "  --config FILE  --data DIR  --set SECTION.KEY=VALUE  --namespace NAME  --json\n"
    "  --server URL   call a running server (or CREDENCE_SERVER; key in CREDENCE_API_KEY)\n"
    "\n";

std::vector<std::string> command_names() {
    std::vector<std::string> names;
    for (const Command& command : commands()) {
        names.emplace_back(command.name);
    }
    return names;
}

Result<void> write_file(const std::filesystem::path& path, const std::string& text) {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out << text;
    out.close();
    if (!out) {
        return fail(Code::unavailable, "cannot write " + path.string());
    }
    return {};
}

Result<void> write_reference(const Catalog& catalog, const std::filesystem::path& directory) {
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    if (error) {
        return fail(Code::unavailable, "cannot create " + directory.string());
    }
    std::set<std::string> modules;
    for (const Operation& operation : catalog.operations()) {
        modules.insert(operation.module);
    }
    for (const std::string& module : modules) {
        TRY(write_file(directory / (module + ".md"), surface::reference_markdown(catalog, module)));
    }
    return write_file(directory / "openapi.json", surface::openapi_json(catalog));
}

}  // namespace

int openapi(const CommandLine& line) {
    auto app = App::open(line, StoreUse::none);
    if (!app) {
        return report(line, app.error());
    }
    std::puts(surface::openapi_json((*app)->catalog()).c_str());
    return 0;
}

int documents(const CommandLine& line) {
    if (line.arguments.size() != 3 || line.arguments[1] != "--out") {
        return report(line, Error{Code::invalid, "usage: credence docs --out DIR", {}, 0});
    }
    auto app = App::open(line, StoreUse::none);
    if (!app) {
        return report(line, app.error());
    }
    if (auto written = write_reference((*app)->catalog(), line.arguments[2]); !written) {
        return report(line, written.error());
    }
    return 0;
}

int completion(const CommandLine& line) {
    if (line.arguments.size() != 2) {
        return report(line,
                      Error{Code::invalid, "usage: credence completion bash|zsh|fish", {}, 0});
    }
    auto app = App::open(line, StoreUse::none);
    if (!app) {
        return report(line, app.error());
    }
    auto script = surface::completion_script((*app)->catalog(), line.arguments[1], command_names());
    if (!script) {
        return report(line, script.error());
    }
    std::fputs(script->c_str(), stdout);
    return 0;
}

int help(const CommandLine& line) {
    std::fputs(kUsage, stdout);
    auto app = App::open(line, StoreUse::none);
    if (!app) {
        return report(line, app.error());
    }
    std::fputs(surface::operations_help((*app)->catalog()).c_str(), stdout);
    return 0;
}

}  // namespace credence
