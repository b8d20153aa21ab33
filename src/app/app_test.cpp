#include <gtest/gtest.h>

#include "app/command_line.h"
#include "app/server_settings.h"

namespace credence {
namespace {

Result<CommandLine> parse(std::vector<std::string> words) {
    words.insert(words.begin(), "credence");
    std::vector<char*> argv;
    for (std::string& word : words) {
        argv.push_back(word.data());
    }
    return parse_command_line(static_cast<int>(argv.size()), argv.data());
}

TEST(CommandLine, TakesCommonFlagsFromAnywhere) {
    const auto line = parse({"guard", "scan", "--data", "d", "-", "--set=guard.block_threshold=0.9",
                             "--json", "--testing"});
    ASSERT_TRUE(line.has_value());
    const std::vector<std::string> rest = {"guard", "scan", "-", "--json"};
    EXPECT_EQ(line->arguments, rest);
    EXPECT_EQ(line->overrides.at("server.data"), "d");
    EXPECT_EQ(line->overrides.at("guard.block_threshold"), "0.9");
    EXPECT_TRUE(line->json);
    EXPECT_TRUE(line->testing);
}

TEST(CommandLine, RefusesFlagsWithoutValues) {
    EXPECT_EQ(parse({"serve", "--data"}).error().message, "--data needs a value");
    EXPECT_EQ(parse({"serve", "--set", "nonsense"}).error().code, Code::invalid);
}

TEST(ListenAddress, KnowsLoopback) {
    EXPECT_TRUE(parse_listen("127.0.0.1:8787")->loopback);
    EXPECT_TRUE(parse_listen("localhost:0")->loopback);
    EXPECT_EQ(parse_listen("[::1]:80")->address, "::1");
    EXPECT_TRUE(parse_listen("[::1]:80")->loopback);
    EXPECT_FALSE(parse_listen("0.0.0.0:8787")->loopback);
    EXPECT_EQ(parse_listen("0.0.0.0:8787")->port, 8787);
    for (const char* text : {"", "8787", "127.0.0.1:", "127.0.0.1:70000", ":1"}) {
        EXPECT_FALSE(parse_listen(text).has_value()) << text;
    }
}

}  // namespace
}  // namespace credence
