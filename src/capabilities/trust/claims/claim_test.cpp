#include "capabilities/trust/claims/claim.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/json.h"

namespace credence::trust {
namespace {

struct Refusal {
    std::string claim;
    std::string field;
    std::string message;  // a part of it
    ClaimKind kind = ClaimKind::custom;
};

Result<ClaimContent> read(const std::string& json, ClaimKind kind = ClaimKind::custom) {
    return read_claim(kind, RawJson{json});
}

void expect_refused(const std::vector<Refusal>& table) {
    for (const Refusal& row : table) {
        const auto claim = read(row.claim, row.kind);
        ASSERT_FALSE(claim.has_value()) << row.claim;
        EXPECT_TRUE(claim.error().code == Code::invalid || claim.error().code == Code::too_large);
        EXPECT_EQ(claim.error().field, row.field) << row.claim;
        EXPECT_NE(claim.error().message.find(row.message), std::string::npos)
            << row.claim << " -> " << claim.error().message;
    }
}

TEST(Claim, ReadsEveryField) {
    const auto claim = read(R"({"return_code": 1, "output_contains": ["a", "b"],
        "output_matches": "x+", "pattern_id": "p",
        "metrics": {"m": {"op": "range", "low": 1, "high": 2.5},
                    "n": {"value": 5, "absolute_tolerance": 0, "relative_tolerance": 0.01}}})");
    ASSERT_TRUE(claim.has_value()) << claim.error().field << claim.error().message;
    EXPECT_EQ(claim->return_code, 1);
    EXPECT_EQ(claim->output_contains, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(claim->output_matches, "x+");
    EXPECT_EQ(claim->pattern_id, "p");
    EXPECT_EQ(claim->metrics.at("m").op, Comparison::range);
    EXPECT_EQ(claim->metrics.at("m").low, 1);
    EXPECT_EQ(claim->metrics.at("m").high, 2.5);
    EXPECT_EQ(claim->metrics.at("n").op, Comparison::eq);
    EXPECT_EQ(claim->metrics.at("n").absolute_tolerance, 0);
    EXPECT_EQ(claim->metrics.at("n").relative_tolerance, 0.01);
}

TEST(Claim, ReadsShorthands) {
    const auto claim =
        read(R"({"output_contains": "PASSED", "metrics": {"m": 10, "r": {"low": 0, "high": 1}}})");
    ASSERT_TRUE(claim.has_value());
    EXPECT_EQ(claim->output_contains, std::vector<std::string>{"PASSED"});
    EXPECT_EQ(claim->metrics.at("m").op, Comparison::eq);
    EXPECT_EQ(claim->metrics.at("m").value, 10);
    EXPECT_EQ(claim->metrics.at("r").op, Comparison::range);
}

TEST(Claim, ReadsSpellingsOfOperators) {
    const std::vector<std::pair<std::string, Comparison>> spellings = {
        {"==", Comparison::eq}, {"eq", Comparison::eq}, {"<=", Comparison::le},
        {"le", Comparison::le}, {">=", Comparison::ge}, {"ge", Comparison::ge}};
    for (const auto& [text, op] : spellings) {
        const auto claim = read(R"({"metrics": {"m": {"value": 1, "op": ")" + text + "\"}}}");
        ASSERT_TRUE(claim.has_value()) << text;
        EXPECT_EQ(claim->metrics.at("m").op, op) << text;
    }
}

TEST(Claim, IsTheSameAfterItsOwnJson) {
    const auto claim = read(R"({"return_code": 0, "metrics": {"m": {"op": "<=", "value": 10}}})");
    ASSERT_TRUE(claim.has_value());
    const auto again = from_json<ClaimContent>(to_json(*claim));
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(to_json(*again), to_json(*claim));
}

// Section 11.A of the old system: each of these was judged accurate whenever the exit status was 0.
TEST(Claim, RefusesWhatWouldAlwaysHold) {
    expect_refused({
        {"{}", "claim_content", "asserts nothing"},
        {R"({"pattern_id": "p"})", "claim_content", "asserts nothing"},
        {R"({"output_contains": ""})", "claim_content.output_contains", "must not be empty"},
        {R"({"output_contains": []})", "claim_content.output_contains", "must not be empty"},
        {R"({"output_contains": ["a", ""]})", "claim_content.output_contains[1]",
         "must not be empty"},
        {R"({"output_matches": ""})", "claim_content.output_matches", "must not be empty"},
        {R"({"output_matches": ".*"})", "claim_content.output_matches", "matches an empty output"},
        {R"({"output_matches": "x|"})", "claim_content.output_matches", "matches an empty output"},
        {R"({"metrics": {}})", "claim_content.metrics", "must not be empty"},
        {R"({"coverage": 99.9})", "claim_content.coverage", "is not a known field"},
        {R"({"exact_match": true})", "claim_content.exact_match", "is not a known field"},
        {R"({"tolerance": 1000000000.0, "metrics": {"m": 1}})", "claim_content.tolerance",
         "is not a known field"},
    });
}

TEST(Claim, SuggestsTheKeyThatWasMeant) {
    expect_refused({
        {R"({"return_cod": 0})", "claim_content.return_cod", "did you mean 'return_code'?"},
        {R"({"metrics": {"m": {"valeu": 1}}})", "claim_content.metrics.m.valeu",
         "did you mean 'value'?"},
    });
    const auto far = read(R"({"something_else": 0})");
    ASSERT_FALSE(far.has_value());
    EXPECT_EQ(far.error().message, "is not a known field");
}

TEST(Claim, RefusesWrongValues) {
    expect_refused({
        {"[]", "claim_content", "must be an object"},
        {"", "claim_content", "not valid JSON"},
        {"{\"a\": \xff}", "claim_content", "not valid"},
        {R"({"metrics": {"m": NaN}})", "claim_content", "not valid JSON"},
        {R"({"metrics": {"m": Infinity}})", "claim_content", "not valid JSON"},
        {R"({"metrics": {"m": 1e999}})", "claim_content", "too large number"},
        {R"({"a":{"b":{"c":{"d":{"e":{"f":{"g":{"h":{"i":1}}}}}}}}}})", "claim_content",
         "nested too deeply"},
        {R"({"return_code": "0"})", "claim_content.return_code", "from 0 to 255"},
        {R"({"return_code": 0.5})", "claim_content.return_code", "from 0 to 255"},
        {R"({"return_code": 256})", "claim_content.return_code", "from 0 to 255"},
        {R"({"return_code": -1})", "claim_content.return_code", "from 0 to 255"},
        {R"({"return_code": null})", "claim_content.return_code", "from 0 to 255"},
        {R"({"return_code": 0, "return_code": 1})", "claim_content.return_code", "given twice"},
        {R"({"output_contains": 5})", "claim_content.output_contains", "must be a text"},
        {R"({"output_contains": [5]})", "claim_content.output_contains[0]", "must be a text"},
        {R"({"output_matches": "("})", "claim_content.output_matches", "not a regular expression"},
        {R"({"output_matches": "(a)\\1"})", "claim_content.output_matches",
         "not a regular expression"},
        {R"x({"output_matches": "a(?=b)"})x", "claim_content.output_matches",
         "not a regular expression"},
        {R"({"metrics": []})", "claim_content.metrics", "must be an object"},
        {R"({"metrics": {"": 1}})", "claim_content.metrics.", "1 to 128 bytes"},
        {R"({"metrics": {"m": "10"}})", "claim_content.metrics.m", "must be a number"},
        {R"({"metrics": {"m": true}})", "claim_content.metrics.m", "must be a number"},
        {R"({"metrics": {"m": 1, "m": 2}})", "claim_content.metrics.m", "given twice"},
        {R"({"pattern_id": 7, "return_code": 0})", "claim_content.pattern_id", "must be a text"},
    });
}

TEST(Claim, RefusesHalfMetrics) {
    const std::string at = "claim_content.metrics.m";
    expect_refused({
        {R"({"metrics": {"m": {}}})", at + ".value", "required"},
        {R"({"metrics": {"m": {"op": "<=", "low": 1, "value": 2}}})", at + ".low", "only op range"},
        {R"({"metrics": {"m": {"op": "eq", "high": 1}}})", at + ".high", "only op range"},
        {R"({"metrics": {"m": {"op": "range", "low": 1}}})", at + ".high", "required"},
        {R"({"metrics": {"m": {"op": "range", "high": 1}}})", at + ".low", "required"},
        {R"({"metrics": {"m": {"op": "range", "low": 2, "high": 1}}})", at + ".low", "above high"},
        {R"({"metrics": {"m": {"op": "range", "low": 1, "high": 2, "value": 1}}})", at + ".value",
         "low and high"},
        {R"({"metrics": {"m": {"op": "<", "value": 1}}})", at + ".op", "must be one of"},
        {R"({"metrics": {"m": {"op": 1, "value": 1}}})", at + ".op", "must be a text"},
        {R"({"metrics": {"m": {"op": "<=", "value": 1, "absolute_tolerance": 0}}})",
         at + ".absolute_tolerance", "only op eq"},
        {R"({"metrics": {"m": {"op": ">=", "value": 1, "relative_tolerance": 0}}})",
         at + ".relative_tolerance", "only op eq"},
        {R"({"metrics": {"m": {"value": 1, "absolute_tolerance": -1}}})",
         at + ".absolute_tolerance", "must not be negative"},
        {R"({"metrics": {"m": {"value": 1, "relative_tolerance": -1}}})",
         at + ".relative_tolerance", "must not be negative"},
    });
}

std::string many_texts(std::size_t count) {
    std::string out = R"({"output_contains": [)";
    for (std::size_t i = 0; i < count; ++i) {
        out += (i == 0 ? "\"a" : ",\"a") + std::to_string(i) + "\"";
    }
    return out + "]}";
}

std::string many_metrics(std::size_t count) {
    std::string out = R"({"metrics": {)";
    for (std::size_t i = 0; i < count; ++i) {
        out += (i == 0 ? "\"m" : ",\"m") + std::to_string(i) + "\":1";
    }
    return out + "}}";
}

TEST(Claim, HasCaps) {
    EXPECT_TRUE(read(many_texts(32)).has_value());
    EXPECT_TRUE(read(many_metrics(64)).has_value());
    EXPECT_TRUE(read(R"({"output_contains": ")" + std::string(4096, 'x') + "\"}").has_value());
    EXPECT_TRUE(read(R"({"output_matches": ")" + std::string(1024, 'x') + "\"}").has_value());
    EXPECT_TRUE(read(R"({"metrics": {")" + std::string(128, 'x') + "\": 1}}").has_value());
    expect_refused({
        {many_texts(33), "claim_content.output_contains", "at most 32"},
        {many_metrics(65), "claim_content.metrics", "at most 64"},
        {R"({"output_contains": ")" + std::string(4097, 'x') + "\"}",
         "claim_content.output_contains", "at most 4096"},
        {R"({"output_matches": ")" + std::string(1025, 'x') + "\"}", "claim_content.output_matches",
         "at most 1024"},
        {R"({"output_matches": "((a{1,100}){1,100}){1,100}"})", "claim_content.output_matches", ""},
        {R"({"output_matches": "(\\pL\\pN){30}x"})", "claim_content.output_matches", ""},
        {std::string(300'000, ' ') + "{}", "claim_content", "at most 262144"},
    });
    EXPECT_FALSE(read(R"({"metrics": {")" + std::string(129, 'x') + "\": 1}}").has_value());
}

TEST(Claim, KindsDemandWhatTheyAreAbout) {
    const std::string code = R"({"return_code": 0})";
    const std::string text = R"({"output_contains": "ok"})";
    const std::string regex = R"({"output_matches": "ok"})";
    const std::string metric = R"({"metrics": {"m": 1}})";
    for (const ClaimKind kind :
         {ClaimKind::test_result, ClaimKind::code_quality, ClaimKind::security_finding,
          ClaimKind::deployment_status, ClaimKind::custom}) {
        for (const std::string& claim : {code, text, regex, metric}) {
            EXPECT_TRUE(read(claim, kind).has_value()) << claim;
        }
        EXPECT_FALSE(read("{}", kind).has_value());
    }
    EXPECT_TRUE(read(metric, ClaimKind::performance_metric).has_value());
    for (const std::string& claim : {code, text, regex}) {
        expect_refused({{claim, "claim_content", "needs at least one of metrics",
                         ClaimKind::performance_metric}});
    }
}

TEST(Claim, TolerancesAreCappedByPolicy) {
    const TolerancePolicy policy;
    const auto check = [&](const std::string& tolerance) {
        const auto claim = read(R"({"metrics": {"m": {"value": 1, )" + tolerance + "}}}");
        EXPECT_TRUE(claim.has_value());
        return check_tolerances(*claim, policy);
    };
    EXPECT_TRUE(check(R"("relative_tolerance": 0.05)").has_value());
    EXPECT_TRUE(check(R"("absolute_tolerance": 1e-9)").has_value());
    const auto relative = check(R"("relative_tolerance": 1e9)");
    ASSERT_FALSE(relative.has_value());
    EXPECT_EQ(relative.error().code, Code::invalid);
    EXPECT_EQ(relative.error().field, "claim_content.metrics.m.relative_tolerance");
    const auto absolute = check(R"("absolute_tolerance": 1e9)");
    ASSERT_FALSE(absolute.has_value());
    EXPECT_EQ(absolute.error().field, "claim_content.metrics.m.absolute_tolerance");
}

}  // namespace
}  // namespace credence::trust
