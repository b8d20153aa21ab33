// Commands on the data directory and the configuration.
#include <unistd.h>

#include <cstdio>

#include "app/app.h"
#include "app/commands.h"
#include "app/modules.h"
#include "base/text.h"
#include "engine/store/backup.h"
#include "engine/store/migrate.h"
#include "surface/cli/cli.h"

namespace credence {
namespace {

int usage(const CommandLine& line, std::string_view text) {
    return report(line, Error{Code::invalid, "usage: credence " + std::string(text), {}, 0});
}

void print_state(const store::MigrationState& state, bool json) {
    if (json) {
        std::printf("%s\n", to_json(state).c_str());
        return;
    }
    std::printf("%-10s %04lld %-24s %s\n", state.module.c_str(),
                static_cast<long long>(state.number), state.name.c_str(),
                state.applied ? format_time_us(state.applied_at_us).c_str() : "pending");
}

Result<int> migrate_down(const CommandLine& line, store::Migrator& migrator) {
    if (line.arguments.size() != 4) {
        return fail(Code::invalid, "usage: credence migrate down MODULE STEPS");
    }
    const auto steps = parse_integer(line.arguments[3]);
    if (!steps || *steps < 1) {
        return fail(Code::invalid, "STEPS must be a positive number");
    }
    return migrator.down(line.arguments[2], static_cast<int>(*steps));
}

Result<store::BackupReport> run_backup(const CommandLine& line, const std::string& path) {
    const std::string& verb = line.arguments[1];
    const std::string& file = line.arguments[2];
    if (verb == "create") {
        return store::create_backup(path, file);
    }
    if (verb == "verify") {
        return store::verify_backup(file);
    }
    if (verb == "restore") {
        return store::restore_backup(file, path);
    }
    return fail(Code::invalid, "usage: credence backup create|verify|restore FILE");
}

}  // namespace

int migrate(const CommandLine& line) {
    if (line.arguments.size() < 2) {
        return usage(line, "migrate status|up|down [MODULE STEPS]");
    }
    auto path = database_path(line);
    if (!path) {
        return report(line, path.error());
    }
    const SystemClock clock;
    store::Migrator migrator(*path, migrations(), clock);
    const std::string& verb = line.arguments[1];
    if (verb == "status") {
        auto states = migrator.status();
        if (!states) {
            return report(line, states.error());
        }
        for (const store::MigrationState& state : *states) {
            print_state(state, line.json);
        }
        return 0;
    }
    if (verb != "up" && verb != "down") {
        return usage(line, "migrate status|up|down [MODULE STEPS]");
    }
    auto count = verb == "up" ? migrator.up() : migrate_down(line, migrator);
    if (!count) {
        return report(line, count.error());
    }
    std::printf(line.json ? "{\"migrations\":%d}\n" : "%d migrations done\n", *count);
    return 0;
}

int backup(const CommandLine& line) {
    if (line.arguments.size() != 3 && !(line.arguments.size() == 4 && line.json)) {
        return usage(line, "backup create|verify|restore FILE");
    }
    auto path = database_path(line);
    if (!path) {
        return report(line, path.error());
    }
    auto done = run_backup(line, *path);
    if (!done) {
        return report(line, done.error());
    }
    if (line.json) {
        std::printf("%s\n", to_json(*done).c_str());
        return 0;
    }
    std::printf("%s: %lld bytes, %lld tables, %lld rows, last event %lld\nsha256 %s\n",
                done->path.c_str(), static_cast<long long>(done->size_bytes),
                static_cast<long long>(done->tables), static_cast<long long>(done->rows),
                static_cast<long long>(done->last_event_seq), done->sha256.c_str());
    return 0;
}

int config(const CommandLine& line) {
    const bool print = line.arguments.size() == 2 && line.arguments[1] == "print";
    const bool check = line.arguments.size() == 2 && line.arguments[1] == "check";
    if (!print && !check) {
        return usage(line, "config print|check [--config FILE]");
    }
    auto app = App::open(line, StoreUse::none);
    if (!app) {
        return report(line, app.error());
    }
    if (print) {
        std::fputs((*app)->settings().print().c_str(), stdout);
    } else {
        std::puts("configuration is valid");
    }
    return 0;
}

}  // namespace credence
