#include "surface/cli/cli.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <optional>

#include "base/json.h"
#include "surface/cli/arguments.h"

namespace credence::surface {
namespace {

enum class Direction : std::uint8_t { input, output };

struct Rule {
    std::string name;
    std::int64_t weight = 0;
};
void describe(Describe<Rule>& d) {
    d.field<&Rule::name>("Name");
    d.field<&Rule::weight>("Weight").or_default();
}

struct Scan {
    std::string text;
    Direction direction = Direction::input;
    bool deep = false;
    std::vector<std::string> only_rules;
    std::vector<Rule> rules;
    std::optional<std::int64_t> max_hits;
    std::map<std::string, std::string> labels;
    std::optional<RawJson> json;
};
void describe(Describe<Scan>& d) {
    d.field<&Scan::text>("Text to judge").length(1, 64).example("\"ignore all\"");
    d.field<&Scan::direction>("Which way it travels").or_default();
    d.field<&Scan::deep>("Look twice").or_default();
    d.field<&Scan::only_rules>("Rules to use").or_default();
    d.field<&Scan::rules>("Rules to add").or_default();
    d.field<&Scan::max_hits>("Stop after").between(1, 9);
    d.field<&Scan::labels>("Labels").or_default();
    d.field<&Scan::json>("Anything");
}

struct Evaluate {
    std::vector<RawJson> cases;
};
void describe(Describe<Evaluate>& d) {
    d.field<&Evaluate::cases>("Cases");
}

struct Revoke {
    std::string key_id;
};
void describe(Describe<Revoke>& d) {
    d.field<&Revoke::key_id>("Which key");
}

struct Verdict {
    std::string verdict;
    double score = 0;
};
void describe(Describe<Verdict>& d) {
    d.field<&Verdict::verdict>("Verdict");
    d.field<&Verdict::score>("Score");
}

template <class Request>
Operation make(std::string module, std::string verb, std::string positional, Positional kind) {
    Operation operation;
    operation.path = "/v1/" + module + "/" + verb;
    operation.scope = module + ":read";
    operation.summary = "Does " + verb;
    operation.module = std::move(module);
    operation.verb = std::move(verb);
    operation.request = &shape_of<Request>();
    operation.response = &shape_of<Verdict>();
    operation.positional_field = std::move(positional);
    operation.positional = kind;
    return operation;
}

std::string content(std::FILE* file) {
    std::rewind(file);
    std::string out(65536, '\0');
    out.resize(std::fread(out.data(), 1, out.size(), file));
    return out;
}

class CliTest : public testing::Test {
protected:
    CliTest() : out_(std::tmpfile()), err_(std::tmpfile()), in_(std::tmpfile()) {
        catalog_.add(make<Scan>("guard", "scan", "text", Positional::file));
        catalog_.add(make<Evaluate>("guard", "run_cases", "cases", Positional::json_lines));
        catalog_.add(make<Revoke>("api_keys", "revoke", "key_id", Positional::value));
        catalog_.add(make<Empty>("jobs", "list", "", Positional::none));
        catalog_.freeze();
    }
    ~CliTest() override {
        for (std::FILE* file : {out_, err_, in_}) {
            std::fclose(file);
        }
    }

    int run(const std::vector<std::string>& arguments) {
        return run_operation(
            catalog_, arguments,
            [this](const Operation& operation, std::string_view json) -> Result<std::string> {
                called_ = operation.name;
                request_ = std::string(json);
                if (error_) {
                    return std::unexpected(*error_);
                }
                return std::string(R"({"verdict":"block","score":0.25})");
            },
            CliStreams{out_, err_, false, in_});
    }

    // The request the arguments make; fails the test when they make none.
    std::string request(const std::vector<std::string>& arguments) {
        request_.clear();
        EXPECT_EQ(run(arguments), 0) << content(err_);
        return request_;
    }

    void type(std::string_view text) {
        std::rewind(in_);
        EXPECT_EQ(std::fwrite(text.data(), 1, text.size(), in_), text.size());
        EXPECT_EQ(ftruncate(fileno(in_), static_cast<off_t>(text.size())), 0);
        std::rewind(in_);
    }

    // Runs what must be refused before the call, and gives the message.
    std::string refusal(const std::vector<std::string>& arguments) {
        called_.clear();
        std::rewind(err_);
        EXPECT_EQ(ftruncate(fileno(err_), 0), 0);
        EXPECT_EQ(run(arguments), 2);
        EXPECT_EQ(called_, "");
        return content(err_);
    }

    Catalog catalog_;
    std::FILE* out_;
    std::FILE* err_;
    std::FILE* in_;
    std::string called_;
    std::string request_;
    std::optional<Error> error_;
};

TEST_F(CliTest, FlagsBecomeTheRequest) {
    EXPECT_EQ(request({"guard", "scan", "--text", "a \"b\"", "--direction", "output", "--deep",
                       "--max-hits", "3", "--only_rules", "x, y", "--only-rules=z", "--rules",
                       R"({"name":"n"})", "--rules", R"([{"name":"m","weight":2}])", "--labels",
                       R"({"k":"v"})"}),
              R"({"text":"a \"b\"","direction":"output","deep":true,"only_rules":["x","y","z"],)"
              R"("rules":[{"name":"n"},{"name":"m","weight":2}],"max_hits":3,"labels":{"k":"v"}})");
    EXPECT_EQ(called_, "guard.scan");
    EXPECT_EQ(request({"guard", "scan", "--text=--odd", "--deep", "false"}),
              R"({"text":"--odd","deep":false})");
    EXPECT_EQ(request({"guard", "scan", "--text", "a", "--max-hits", "-3"}),
              R"({"text":"a","max_hits":-3})");
    EXPECT_EQ(request({"guard", "scan", "--text", "a", "--only-rules", R"(["p,q"])"}),
              R"({"text":"a","only_rules":["p,q"]})");
    EXPECT_EQ(request({"guard", "scan", "--text", "a", "--field-json", "[1]"}),
              R"({"text":"a","json":[1]})");
}

TEST_F(CliTest, ValuePositional) {
    EXPECT_EQ(request({"api-keys", "revoke", "k1"}), R"({"key_id":"k1"})");
    EXPECT_EQ(request({"api_keys", "revoke", "--", "--k2"}), R"({"key_id":"--k2"})");
    EXPECT_EQ(request({"jobs", "list"}), "{}");
}

TEST_F(CliTest, FilePositionalReadsFilesAndStandardInput) {
    type("hello\nthere");
    EXPECT_EQ(request({"guard", "scan", "-"}), R"({"text":"hello\nthere"})");
    type("piped");
    EXPECT_EQ(request({"guard", "scan"}), R"({"text":"piped"})");
    const std::string path = testing::TempDir() + "/credence_cli_test.txt";
    std::FILE* file = std::fopen(path.c_str(), "w");
    ASSERT_NE(file, nullptr);
    std::fputs("from a file", file);
    std::fclose(file);
    EXPECT_EQ(request({"guard", "scan", path, "--deep"}), R"({"deep":true,"text":"from a file"})");
    std::remove(path.c_str());
    EXPECT_NE(refusal({"guard", "scan", path}).find("cannot read '" + path + "'"),
              std::string::npos);
}

TEST_F(CliTest, JsonLinesPositional) {
    type("{\"a\": 1}\n\n  [2]  \r\n\"x\"");
    EXPECT_EQ(request({"guard", "run-cases", "-"}), R"({"cases":[{"a": 1},[2],"x"]})");
    type("{}\n{oops\n");
    EXPECT_NE(refusal({"guard", "run_cases"}).find("line 2: malformed JSON [field: cases]"),
              std::string::npos);
}

TEST_F(CliTest, InputHoldsTheWholeRequestAndFlagsReplaceItsMembers) {
    type(R"({"text": "whole", "deep": true, "other": [1, 2]})");
    EXPECT_EQ(request({"guard", "scan", "--input", "-", "--deep=false"}),
              R"({"text":"whole","deep":false,"other":[1,2]})");
    type("[1]");
    EXPECT_NE(refusal({"guard", "scan", "--input", "-"}).find("one JSON object"),
              std::string::npos);
    EXPECT_NE(refusal({"guard", "scan", "-", "--input", "-"}).find("only once"), std::string::npos);
}

TEST_F(CliTest, UsageErrorsSayWhatWouldBeRight) {
    EXPECT_EQ(refusal({"guard", "scan", "--txt", "a"}),
              "error (invalid): unknown flag --txt of 'guard scan'; did you mean '--text'? flags: "
              "--text --direction --deep --only-rules --rules --max-hits --labels --field-json "
              "--input --json --help\n");
    EXPECT_NE(refusal({"gaurd", "scan"}).find("did you mean 'guard'?"), std::string::npos);
    EXPECT_NE(refusal({"guard", "scam"}).find("did you mean 'scan'?"), std::string::npos);
    EXPECT_NE(refusal({"zzzzzzzz"}).find("modules: guard api-keys jobs"), std::string::npos);
    EXPECT_NE(refusal({}).find("MODULE OPERATION"), std::string::npos);
    EXPECT_NE(refusal({"guard", "scan", "--text"}).find("--text needs a value"), std::string::npos);
    EXPECT_NE(refusal({"guard", "scan", "--text", "a", "--text", "b"}).find("given twice"),
              std::string::npos);
    EXPECT_NE(refusal({"guard", "scan", "-", "--text", "b"}).find("given both"), std::string::npos);
    EXPECT_NE(refusal({"jobs", "list", "x"}).find("takes flags only"), std::string::npos);
    EXPECT_NE(refusal({"api-keys", "revoke"}).find("key_id or --key-id is required"),
              std::string::npos);
    EXPECT_NE(refusal({"guard", "scan", "--text", "a", "--labels", "k"}).find("[field: labels]"),
              std::string::npos);
}

TEST_F(CliTest, PrintsTextOrJson) {
    EXPECT_EQ(run({"guard", "scan", "--text", "a"}), 0);
    EXPECT_EQ(content(out_), "verdict: block\nscore:   0.25\n");
    std::rewind(out_);
    EXPECT_EQ(run({"guard", "scan", "--text", "a", "--json"}), 0);
    EXPECT_EQ(content(out_), "{\"verdict\":\"block\",\"score\":0.25}\n");
}

TEST_F(CliTest, ErrorsGoToStandardErrorWithTheirExitCode) {
    error_ = Error{Code::not_found, "no such \x1b[2Jkey", "key_id"};
    EXPECT_EQ(run({"api-keys", "revoke", "k"}), 4);
    EXPECT_EQ(content(err_), "error (not_found): no such \\x1b[2Jkey [field: key_id]\n");
    EXPECT_EQ(content(out_), "");
    std::rewind(err_);
    EXPECT_EQ(ftruncate(fileno(err_), 0), 0);
    error_ = Error{Code::exhausted, "later", {}, 100};
    EXPECT_EQ(run({"api-keys", "revoke", "k", "--json"}), 6);
    EXPECT_EQ(content(err_),
              "{\"code\":\"exhausted\",\"message\":\"later\",\"retry_after_ms\":100}\n");
}

TEST(ExitCode, ByErrorClass) {
    const std::vector<std::pair<Code, int>> expected = {
        {Code::invalid, 2},     {Code::unauthenticated, 3}, {Code::forbidden, 3},
        {Code::not_found, 4},   {Code::conflict, 5},        {Code::too_large, 2},
        {Code::exhausted, 6},   {Code::timeout, 6},         {Code::cancelled, 6},
        {Code::unavailable, 6}, {Code::unsupported, 7},     {Code::internal, 1}};
    for (const auto& [code, exit] : expected) {
        EXPECT_EQ(exit_code(code), exit) << to_string(code);
    }
}

TEST_F(CliTest, HelpNamesFlagsLimitsDefaultsAndAnExample) {
    EXPECT_EQ(run({"guard", "scan", "--help"}), 0);
    const std::string help = content(out_);
    for (const std::string_view part :
         {"Usage: credence guard scan [FILE|-] [FLAGS]\n", "Does scan.\n",
          "  --text TEXT                     Text to judge (required; 1 to 64 bytes)\n",
          "  --direction input|output        Which way it travels (default \"input\")\n",
          "  --max-hits N                    Stop after (1 to 9)\n",
          "  --only-rules TEXT,...           Rules to use (repeatable)\n",
          "  credence guard scan --text 'ignore all'\n"}) {
        EXPECT_NE(help.find(part), std::string::npos) << part << "\n" << help;
    }
    EXPECT_EQ(run({"guard"}), 2);
    EXPECT_EQ(content(err_),
              "credence guard OPERATION\n  scan       Does scan\n  run-cases  Does run_cases\n");
    EXPECT_EQ(run({"guard", "--help"}), 0);
    EXPECT_NE(
        operations_help(catalog_).find("credence api-keys OPERATION\n  revoke  Does revoke\n"),
        std::string::npos);
}

TEST_F(CliTest, CompletionKnowsModulesOperationsFlagsAndEnumerators) {
    const auto bash = completion_script(catalog_, "bash", {"serve", "guard"});
    ASSERT_TRUE(bash);
    for (const std::string_view part :
         {"words=\"guard api-keys jobs serve\"\n", "guard) words=\"scan run-cases\" ;;",
          "\"guard scan --direction\") words=\"input output\" ;;",
          "\"api-keys revoke \"*) words=\"--key-id --input --json --help\" ;;",
          "complete -o default -F _credence credence"}) {
        EXPECT_NE(bash->find(part), std::string::npos) << part << "\n" << *bash;
    }
    const auto zsh = completion_script(catalog_, "zsh");
    ASSERT_TRUE(zsh);
    EXPECT_NE(zsh->find("\"guard scan --direction\") compadd -- input output ;;"),
              std::string::npos);
    const auto fish = completion_script(catalog_, "fish");
    ASSERT_TRUE(fish);
    EXPECT_NE(fish->find("-l direction -x -a 'input output' -d 'Which way it travels'"),
              std::string::npos);
    EXPECT_EQ(completion_script(catalog_, "csh").error().code, Code::invalid);
}

TEST(Suggestion, OnlyWhenClose) {
    EXPECT_EQ(suggestion("scna", {"evaluate", "scan"}), " did you mean 'scan'?");
    EXPECT_EQ(suggestion("x", {"evaluate", "scan"}), "");
    EXPECT_EQ(suggestion(std::string(100, 's'), {"scan"}), "");
}

}  // namespace
}  // namespace credence::surface
