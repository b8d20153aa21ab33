// `credence <module> <operation>`: on the local store, or on a server.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "app/app.h"
#include "app/commands.h"
#include "app/remote.h"
#include "base/log.h"
#include "surface/cli/cli.h"

namespace credence {
namespace {

surface::CliStreams streams() {
    const char* no_color = std::getenv("NO_COLOR");  // NOLINT(concurrency-mt-unsafe)
    const bool color = ::isatty(STDOUT_FILENO) == 1 && (no_color == nullptr || *no_color == '\0');
    return {stdout, stderr, color};
}

Result<std::string> call_local(App& app, Dispatcher& dispatcher, const CommandLine& line,
                               const Operation& operation, std::string_view request_json) {
    TRY(app.start_modules());
    Credentials credentials;
    credentials.name_space = line.name_space;
    credentials.surface = "cli";
    credentials.local = true;
    const Admission admission = TRY(dispatcher.admit(credentials));
    std::string out;
    if (operation.local) {
        TRY(operation.call(admission.context, request_json, out));
    } else {
        TRY(dispatcher.run(operation, admission.context, request_json, out));
    }
    app.stop_modules();
    return out;
}

}  // namespace

int report(const CommandLine& line, const Error& error) {
    log::flush();
    return surface::report_error(error, line.json, streams());
}

int call_operation(const CommandLine& line) {
    // Describing an operation, or calling a server, must not touch the local store.
    const bool remote = !line.server_url.empty();
    CommandLine quiet = line;
    quiet.overrides.try_emplace("log.level", "warning");
    auto app = App::open(quiet, remote || line.help ? StoreUse::none : StoreUse::local);
    if (!app) {
        return report(line, app.error());
    }
    const auto dispatcher = (*app)->make_dispatcher(nullptr, nullptr);
    const auto caller = [&](const Operation& operation,
                            std::string_view request_json) -> Result<std::string> {
        return remote && !operation.local
                   ? call_remote(line, operation, request_json)
                   : call_local(**app, *dispatcher, line, operation, request_json);
    };
    return surface::run_operation((*app)->catalog(), line.arguments, caller, streams());
}

}  // namespace credence
