// Every behaviour is tested under each runner that works on the host; one that does not must
// refuse.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "engine/sandbox/sandbox.h"
#include "engine/sandbox/testing.h"
#include "engine/sandbox/tree.h"

namespace credence::sandbox {

inline Command python(std::string script, std::vector<std::string> arguments = {}) {
    Command command;
    command.argv = {"/usr/bin/python3", "-I", "-S", "-c", std::move(script)};
    for (std::string& argument : arguments) {
        command.argv.push_back(std::move(argument));
    }
    return command;
}

class RunnerTest : public testing::TestWithParam<Runner> {
protected:
    // Nothing when this runner does not work here; then it refused, which is asserted.
    std::optional<Finished> run(const Command& command) { return run_in(*sandbox_, command); }

    std::optional<Finished> run_in(Sandbox& sandbox, const Command& command) {
        auto finished = sandbox.run(command);
        if (!sandbox.status().usable) {
            EXPECT_FALSE(finished);
            EXPECT_EQ(finished.error().code, Code::unavailable);
            EXPECT_NE(finished.error().message.find("cannot isolate"), std::string::npos);
            return std::nullopt;
        }
        EXPECT_TRUE(finished) << (finished ? "" : finished.error().message);
        if (!finished) {
            return std::nullopt;
        }
        EXPECT_EQ(finished->runner, GetParam());
        return std::move(*finished);
    }

    // What a script printed; it must have ended well.
    std::optional<std::string> output_of(const Command& command) {
        auto finished = run(command);
        if (!finished) {
            return std::nullopt;
        }
        EXPECT_EQ(finished->ending, Ending::exited);
        EXPECT_EQ(finished->exit_code, 0) << finished->error.text;
        return finished->output.text;
    }

    std::unique_ptr<Sandbox> open_with(SandboxSettings settings) {
        SandboxOptions options = testing_options(GetParam());
        settings.runner = GetParam();
        options.settings = std::move(settings);
        return sandbox::open(std::move(options), clock_, metrics_);
    }

    SystemClock clock_;
    Metrics metrics_;
    std::unique_ptr<Sandbox> sandbox_ = open_with({});
};

inline std::string runner_name(const testing::TestParamInfo<Runner>& info) {
    return info.param == Runner::bubblewrap ? "bubblewrap" : "native";
}

}  // namespace credence::sandbox
