#include "engine/sandbox/limits.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/json.h"
#include "engine/sandbox/bubblewrap.h"
#include "engine/sandbox/request.h"
#include "engine/sandbox/testing.h"

namespace credence::sandbox {
namespace {

Command plain() {
    Command command;
    command.argv = {"/usr/bin/true"};
    return command;
}

TEST(SandboxLimits, EveryFaultNamesItsField) {
    const TestFolder folder;
    struct Case {
        const char* field;
        std::function<void(Command&)> change;
    };
    const std::vector<Case> cases{
        {"argv", [](Command& c) { c.argv.clear(); }},
        {"argv", [](Command& c) { c.argv.resize(5000, "x"); }},
        {"argv", [](Command& c) { c.argv.resize(20, std::string(100'000, 'x')); }},
        {"argv[0]", [](Command& c) { c.argv[0] = "true"; }},
        {"argv[0]", [](Command& c) { c.argv[0] = "/usr/bin/../bin/true"; }},
        {"argv[0]", [](Command& c) { c.argv[0] = ""; }},
        {"argv[1]", [](Command& c) { c.argv.emplace_back("a\0b", 3); }},
        {"argv[1]", [](Command& c) { c.argv.emplace_back(200'000, 'x'); }},
        {"environment.A=B", [](Command& c) { c.environment["A=B"] = ""; }},
        {"environment.", [](Command& c) { c.environment[""] = ""; }},
        {"environment.A", [](Command& c) { c.environment["A"] = std::string("\0", 1); }},
        {"tree", [](Command& c) { c.tree = "relative"; }},
        {"tree", [](Command& c) { c.tree = "/no/such/folder"; }},
        {"tree", [](Command& c) { c.tree = "/"; }},
        {"folder", [](Command& c) { c.folder = "inner"; }},
        {"folder",
         [&](Command& c) {
             c.tree = folder.path();
             c.folder = "../x";
         }},
        {"folder",
         [&](Command& c) {
             c.tree = folder.path();
             c.folder = "/etc";
         }},
        {"folder",
         [&](Command& c) {
             c.tree = folder.path();
             c.folder = "/treetop";
         }},
        {"read_only[0]", [](Command& c) { c.read_only = {"/"}; }},
        {"read_only[0]", [](Command& c) { c.read_only = {"/proc"}; }},
        {"read_only[0]", [](Command& c) { c.read_only = {"/proc/self"}; }},
        {"read_only[0]", [](Command& c) { c.read_only = {"/dev/null"}; }},
        {"read_only[0]", [](Command& c) { c.read_only = {"/no/such/path"}; }},
        {"read_only[0]", [](Command& c) { c.read_only = {"/tmp"}; }},
        {"read_only", [](Command& c) { c.read_only.resize(100, "/usr"); }},
        {"report_file", [](Command& c) { c.report_file = "report"; }},
        {"report_file", [](Command& c) { c.report_file = "/tree/report"; }},
        {"report_file", [](Command& c) { c.report_file = "/tmp/../etc/passwd"; }},
        {"limits.wall_ms", [](Command& c) { c.limits.wall_ms = 0; }},
        {"limits.wall_ms", [](Command& c) { c.limits.wall_ms = 3'600'001; }},
        {"limits.cpu_ms", [](Command& c) { c.limits.cpu_ms = -1; }},
        {"limits.memory_bytes", [](Command& c) { c.limits.memory_bytes = 1; }},
        {"limits.memory_bytes", [](Command& c) { c.limits.memory_bytes = INT64_MAX; }},
        {"limits.scratch_bytes", [](Command& c) { c.limits.scratch_bytes = 0; }},
        {"limits.file_bytes", [](Command& c) { c.limits.file_bytes = -1; }},
        {"limits.output_bytes", [](Command& c) { c.limits.output_bytes = 1 << 30; }},
        {"limits.processes", [](Command& c) { c.limits.processes = 0; }},
        {"limits.processes", [](Command& c) { c.limits.processes = 4097; }},
        {"limits.open_files", [](Command& c) { c.limits.open_files = 1; }},
    };
    for (const Case& test : cases) {
        Command command = plain();
        test.change(command);
        const auto refused = checked(command);
        ASSERT_FALSE(refused) << test.field;
        EXPECT_EQ(refused.error().code, Code::invalid);
        EXPECT_EQ(refused.error().field, test.field);
    }
}

TEST(SandboxLimits, FoldersAreResolved) {
    const TestFolder folder;
    Command command = plain();
    EXPECT_EQ(checked(command).value().folder, "/tmp");
    command.folder = "/tmp/inner";
    EXPECT_EQ(checked(command).value().folder, "/tmp/inner");
    command.tree = folder.path();
    command.folder = "";
    EXPECT_EQ(checked(command).value().folder, "/tree");
    command.folder = "a/b";
    EXPECT_EQ(checked(command).value().folder, "/tree/a/b");
}

TEST(SandboxRequest, TravelsUnchanged) {
    Request request{.runner = Runner::bubblewrap,
                    .bubblewrap = "/usr/bin/bwrap",
                    .user_id = 5,
                    .command = plain()};
    request.command.argv.emplace_back("\xff\n");
    request.command.environment = {{"A", "1"}, {"B", ""}};
    request.command.read_only = {"/usr"};
    request.command.writable_tree = true;
    request.command.report_file = "/tmp/r";
    request.command.limits.open_files = 77;
    const std::string bytes = pack(request);
    const Request other = unpack_request(bytes).value();
    EXPECT_EQ(pack(other), bytes);
    EXPECT_EQ(other.command.argv, request.command.argv);
    EXPECT_EQ(other.command.limits.open_files, 77);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_FALSE(unpack_request(std::string_view(bytes).substr(0, size)));
    }
    EXPECT_FALSE(unpack_answer("short"));
}

TEST(SandboxRequest, BubblewrapsReportIsUnderstood) {
    EXPECT_EQ(reported_exit_code("{ \"child-pid\": 5 }\n{ \"exit-code\": 42 }\n"), 42);
    EXPECT_EQ(reported_exit_code("{ \"child-pid\": 5 }\n"), std::nullopt);
    EXPECT_EQ(reported_exit_code("{ \"exit-code\": x }"), std::nullopt);
    EXPECT_EQ(reported_exit_code("{ \"exit-code\":"), std::nullopt);
}

TEST(SandboxSettings, AreChecked) {
    EXPECT_TRUE(from_json<SandboxSettings>("{}"));
    EXPECT_EQ(from_json<SandboxSettings>(R"({"runner":"native"})").value().runner, Runner::native);
    EXPECT_FALSE(from_json<SandboxSettings>(R"({"runner":"none"})"));
    EXPECT_FALSE(from_json<SandboxSettings>(R"({"max_running":0})"));
    EXPECT_FALSE(from_json<SandboxSettings>(R"({"user_id":0})"));
    EXPECT_TRUE(from_json<Limits>(R"({"wall_ms":1000})"));
    EXPECT_FALSE(from_json<Limits>(R"({"wall_ms":3600001})"));
    EXPECT_NE(to_json(Status{}).find("\"landlock_abi\":0"), std::string::npos);
}

}  // namespace
}  // namespace credence::sandbox
