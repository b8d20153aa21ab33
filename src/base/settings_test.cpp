#include "base/settings.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "base/secret.h"

namespace credence {
namespace {

enum class Mode { fast, careful };

struct Rule {
    std::string name;
    double weight = 1;
};

void describe(Describe<Rule>& d) {
    d.field<&Rule::name>("Name");
    d.field<&Rule::weight>("Weight").or_default();
}

// GCC 12 crashes when the initialiser of a described member is a braced list of strings.
std::vector<std::string> default_origins() {
    return {"https://a.example", "https://b.example"};
}

// Every type of field.
struct TrustSection {
    bool enabled = true;
    std::int64_t timeout_ms = 30'000;
    std::uint16_t port = 8080;
    double threshold = 0.5;
    std::string greeting = "hello";
    Mode mode = Mode::fast;
    Secret key;
    std::optional<std::string> path;
    std::optional<std::int64_t> limit;
    std::vector<std::string> origins = default_origins();
    std::vector<std::int64_t> numbers;
    std::vector<Rule> rules;
    std::map<std::string, std::string> tags;
};

void describe(Describe<TrustSection>& d) {
    d.doc("All kinds of settings.\nOf every type.");
    d.field<&TrustSection::enabled>("Whether it is on").or_default();
    d.field<&TrustSection::timeout_ms>("How long to wait").between(1, 600'000).or_default();
    d.field<&TrustSection::port>("Port").or_default();
    d.field<&TrustSection::threshold>("From here on").between(0, 1).or_default();
    d.field<&TrustSection::greeting>("First words").length(1, 200).or_default();
    d.field<&TrustSection::mode>("How to work").or_default();
    d.field<&TrustSection::key>("Key of the service").or_default();
    d.field<&TrustSection::path>("A file").or_default();
    d.field<&TrustSection::limit>("At most this many").between(0, 10).or_default();
    d.field<&TrustSection::origins>("Who may ask").length(0, 3).or_default();
    d.field<&TrustSection::numbers>("Some numbers").or_default();
    d.field<&TrustSection::rules>("Rules").or_default();
    d.field<&TrustSection::tags>("Tags").or_default();
}

struct Small {
    std::int64_t timeout_ms = 5;
};

void describe(Describe<Small>& d) {
    d.field<&Small::timeout_ms>("How long").or_default();
}

Settings load(Settings::Sources sources) {
    sources.toml_name = "credence.toml";
    auto settings = Settings::load(std::move(sources));
    EXPECT_TRUE(settings.has_value()) << settings.error().message;
    return std::move(settings).value();
}

TrustSection read(Settings::Sources sources) {
    Settings settings = load(std::move(sources));
    auto read = settings.section<TrustSection>("trust");
    EXPECT_TRUE(read.has_value()) << read.error().message;
    EXPECT_EQ(settings.unknown(), std::vector<std::string>{});
    return read.value_or(TrustSection{});
}

// The message of the error that reading the section gives.
std::string message_of(Settings::Sources sources) {
    sources.toml_name = "credence.toml";
    auto settings = Settings::load(std::move(sources));
    if (!settings) {
        return settings.error().message;
    }
    const auto read = settings->section<TrustSection>("trust");
    EXPECT_FALSE(read.has_value());
    EXPECT_TRUE(read.has_value() || read.error().code == Code::invalid);
    return read.has_value() ? "" : read.error().message;
}

Settings::Sources toml(std::string text) {
    return {.toml_text = std::move(text), .toml_name = {}, .environment = {}, .overrides = {}};
}

Settings::Sources environment(std::string entry) {
    return {.toml_text = {}, .toml_name = {}, .environment = {std::move(entry)}, .overrides = {}};
}

Settings::Sources override_of(std::string path, std::string value) {
    return {.toml_text = {},
            .toml_name = {},
            .environment = {},
            .overrides = {{std::move(path), std::move(value)}}};
}

TEST(Settings, DefaultsStandWhenNothingIsGiven) {
    const TrustSection got = read({});
    EXPECT_EQ(to_json(got), to_json(TrustSection{}));
}

TEST(Settings, TomlGivesEveryType) {
    const TrustSection got = read(toml(R"(
[trust]
enabled = false
timeout_ms = 1_000
port = 0x1F90
threshold = 1
greeting = "na\u00efve"
mode = "careful"
key = "open"
path = '/tmp/x'
limit = 3
origins = ["x", "y,z"]
numbers = [-1, 2]
rules = [{name = "a", weight = 2}, {name = "b"}]
[trust.tags]
first = "1"
)"));
    EXPECT_EQ(got.key.reveal(), "open");
    EXPECT_EQ(to_json(got), R"({"enabled":false,"timeout_ms":1000,"port":8080,"threshold":1,)"
                            "\"greeting\":\"na\xC3\xAFve\","
                            R"("mode":"careful","key":"***","path":"/tmp/x","limit":3,)"
                            R"("origins":["x","y,z"],"numbers":[-1,2],)"
                            R"("rules":[{"name":"a","weight":2},{"name":"b","weight":1}],)"
                            R"("tags":{"first":"1"}})");
}

TEST(Settings, TextGivesEveryType) {
    Settings::Sources sources;
    sources.environment = {"CREDENCE_TRUST_ENABLED=false",  "CREDENCE_TRUST_TIMEOUT_MS=1000",
                           "CREDENCE_TRUST_THRESHOLD=0.25", "CREDENCE_TRUST_GREETING=a = \"b\"",
                           "CREDENCE_TRUST_MODE=careful",   "CREDENCE_TRUST_KEY=open"};
    sources.overrides = {{"trust.path", "/tmp/x"},
                         {"trust.limit", "3"},
                         {"trust.origins", "x, y"},
                         {"trust.numbers", "-1,2"},
                         {"trust.rules", R"([{"name":"a"}])"},
                         {"trust.tags", R"({"first":"1"})"}};
    const TrustSection got = read(sources);
    EXPECT_EQ(got.key.reveal(), "open");
    EXPECT_EQ(to_json(got),
              R"({"enabled":false,"timeout_ms":1000,"port":8080,"threshold":0.25,)"
              R"("greeting":"a = \"b\"","mode":"careful","key":"***","path":"/tmp/x","limit":3,)"
              R"("origins":["x","y"],"numbers":[-1,2],"rules":[{"name":"a","weight":1}],)"
              R"("tags":{"first":"1"}})");
}

TEST(Settings, StrongerSourcesWin) {
    Settings::Sources sources;
    sources.toml_text = "[trust]\ntimeout_ms = 1\nlimit = 1\nport = 1\norigins = [\"file\"]\n";
    sources.environment = {"CREDENCE_TRUST_LIMIT=2", "CREDENCE_TRUST_PORT=2",
                           "CREDENCE_TRUST_ORIGINS=env", "PATH=/bin", "no equals sign"};
    sources.overrides = {{"trust.port", "3"}};
    const TrustSection got = read(sources);
    EXPECT_EQ(got.timeout_ms, 1);
    EXPECT_EQ(got.limit, 2);
    EXPECT_EQ(got.port, 3);
    EXPECT_EQ(got.origins, std::vector<std::string>{"env"});
    EXPECT_EQ(got.greeting, "hello");
}

TEST(Settings, ErrorsNameTheirOrigin) {
    EXPECT_EQ(message_of(toml("\n\n[trust]\n\n\ntimeout_ms = 0\n")),
              "credence.toml:6: trust.timeout_ms: must be between 1 and 600000");
    EXPECT_EQ(message_of(environment("CREDENCE_TRUST_TIMEOUT_MS=0")),
              "CREDENCE_TRUST_TIMEOUT_MS: must be between 1 and 600000");
    EXPECT_EQ(message_of(override_of("trust.timeout_ms", "0")),
              "--set trust.timeout_ms: must be between 1 and 600000");
    EXPECT_TRUE(message_of(toml("[trust]\norigins = [\"a\", 2]"))
                    .starts_with("credence.toml:2: trust.origins[1]: must be "));
}

TEST(Settings, RefusesWrongTypesAndValues) {
    for (const char* text :
         {"timeout_ms = \"5\"", "timeout_ms = 1.5", "timeout_ms = true", "threshold = inf",
          "threshold = nan", "greeting = 5", "greeting = \"\"", "mode = \"slow\"", "mode = 1",
          "enabled = 1", "port = 65536", "port = -1", "timeout_ms = 2025-01-01", "origins = \"a\"",
          "origins = [\"1\", \"2\", \"3\", \"4\"]", "rules = [{nam = \"a\"}]", "tags = 1",
          "limit = 11", "path = 1"}) {
        const std::string message = message_of(toml(std::string("[trust]\n") + text));
        EXPECT_TRUE(message.starts_with("credence.toml:2: trust.")) << text << " -> " << message;
    }
    for (const char* text :
         {"TIMEOUT_MS=", "TIMEOUT_MS=5s", "TIMEOUT_MS=1,\"limit\":1", "ENABLED=yes", "MODE=slow",
          "TAGS={}} ", "TAGS={},\"limit\":1", "RULES=[", "GREETING=\xFF"}) {
        const std::string message = message_of(environment(std::string("CREDENCE_TRUST_") + text));
        EXPECT_TRUE(message.starts_with("CREDENCE_TRUST_")) << text << " -> " << message;
    }
}

TEST(Settings, NeverRepeatsASecret) {
    Settings settings = load(environment("CREDENCE_TRUST_KEY=open sesame"));
    ASSERT_TRUE(settings.section<TrustSection>("trust").has_value());
    EXPECT_EQ(settings.print().find("sesame"), std::string::npos);
    EXPECT_NE(settings.print().find("key = \"***\""), std::string::npos);
}

TEST(Settings, RefusesTomlThatDoesNotParse) {
    EXPECT_TRUE(message_of(toml("[trust]\ntimeout_ms = \n")).starts_with("credence.toml:2: "));
    EXPECT_TRUE(
        message_of(toml("[trust]\nlimit = 1\nlimit = 2\n")).starts_with("credence.toml:3: "));
    EXPECT_EQ(message_of(toml("[trust]\nlimit = \xC3\xA9")),
              "credence.toml:2: only strings and comments hold anything but ASCII");
    EXPECT_EQ(message_of(toml("[trust]\n\xFF")), "credence.toml:2: must be valid UTF-8");
    EXPECT_TRUE(
        message_of(toml(std::string(2 << 20, '\n'))).starts_with("credence.toml: must have"));
}

TEST(Settings, RefusesNestingThatWouldExhaustTheStack) {
    std::string deep = "\na";
    for (int i = 0; i < 100'000; ++i) {
        deep += ".a";
    }
    EXPECT_EQ(message_of(toml(deep + " = 1")), "credence.toml:2: a key has too many parts");
    EXPECT_EQ(message_of(toml("\n[" + deep.substr(1) + "]")),
              "credence.toml:2: a key has too many parts");
    EXPECT_EQ(message_of(toml("[trust]\ntags = {a = [\n}")),
              "credence.toml:3: a closing bracket has no opening one");
    // Each bound holds, but not their product.
    std::string product = "[trust]\ntags = ";
    for (int i = 0; i < 20; ++i) {
        product += "{a.a.a = ";
    }
    EXPECT_EQ(message_of(toml(product + "1" + std::string(20, '}'))),
              "credence.toml:2: trust.tags: values are nested too deeply");
    EXPECT_EQ(message_of(toml("[trust]\ntags = " + std::string(60, '[') + std::string(60, ']'))),
              "credence.toml:2: values are nested too deeply");
    // Dots elsewhere are fine.
    const TrustSection got =
        read(toml("# ..........\n[trust]\ngreeting = \"..........\\\"....\"\n"
                  "path = '''....'......'''\norigins = ['..........']"));
    EXPECT_EQ(got.greeting, "..........\"....");
}

TEST(Settings, RefusesASectionThatIsAValue) {
    EXPECT_EQ(message_of(toml("trust = 5")), "credence.toml:1: trust: must be a section, [trust]");
    EXPECT_EQ(message_of(toml("[[trust]]\nlimit = 1")),
              "credence.toml:1: trust: must be a section, [trust]");
}

TEST(Settings, ReportsEverythingUnknown) {
    Settings::Sources sources;
    sources.toml_text =
        "orphan = 1\n[trust]\ntimeout = 5\ntimeout_m = 6\n[trsut]\nlimit = 1\n[other]\n";
    sources.environment = {"CREDENCE_TRUST_LIMITS=1", "CREDENCE_NOTHING=1", "CREDENCE_SERVER=x",
                           "CREDENCE_API_KEY=y", "OTHER=1"};
    sources.overrides = {{"trust.prot", "1"}, {"trust", "1"}, {"limit", "2"}};
    Settings settings = load(sources);
    ASSERT_TRUE(settings.section<TrustSection>("trust").has_value());
    ASSERT_TRUE(settings.section<Small>("small").has_value());
    EXPECT_EQ(
        settings.unknown(),
        (std::vector<std::string>{
            "credence.toml:1: unknown key 'orphan'",
            "credence.toml:7: unknown section 'other'",
            "credence.toml:5: unknown section 'trsut'; did you mean 'trust'?",
            "credence.toml:3: unknown key 'trust.timeout'; did you mean 'trust.timeout_ms'?",
            "credence.toml:4: unknown key 'trust.timeout_m'; did you mean 'trust.timeout_ms'?",
            "'CREDENCE_NOTHING': unknown variable",
            "'CREDENCE_TRUST_LIMITS': unknown variable; did you mean 'CREDENCE_TRUST_LIMIT'?",
            "--set: unknown key 'limit'",
            "--set: unknown key 'trust'",
            "--set: unknown key 'trust.prot'; did you mean 'trust.port'?",
        }));
}

TEST(Settings, BoundsAndCleansWhatItReports) {
    Settings::Sources sources;
    sources.toml_text = "[\"a\\nb" + std::string(200, 'x') + "\"]\n";
    for (int i = 0; i < 150; ++i) {
        sources.environment.push_back("CREDENCE_X" + std::to_string(i) + "=1");
    }
    Settings settings = load(sources);
    const std::vector<std::string> unknown = settings.unknown();
    ASSERT_EQ(unknown.size(), 101U);
    EXPECT_TRUE(unknown[0].starts_with("credence.toml:1: unknown section 'a?bxxx")) << unknown[0];
    EXPECT_LT(unknown[0].size(), 150U);
    EXPECT_EQ(unknown[100], "and 51 more");
}

TEST(Settings, PrintsADocumentedFile) {
    Settings settings = load(toml("[small]\ntimeout_ms = 7"));
    ASSERT_TRUE(settings.section<Small>("small").has_value());
    const std::string printed = settings.print();
    EXPECT_TRUE(
        printed.ends_with("\n[small]\n"
                          "\n"
                          "# How long\n"
                          "# (integer, default 5)\n"
                          "timeout_ms = 7\n"))
        << printed;
}

TEST(Settings, DocumentsLimitsAndChoices) {
    Settings settings = load({});
    ASSERT_TRUE(settings.section<TrustSection>("trust").has_value());
    const std::string printed = settings.print();
    for (const char* part :
         {"# All kinds of settings.\n# Of every type.\n[trust]\n",
          "# How long to wait\n# (integer, 1 to 600000, default 30000)\ntimeout_ms = 30000\n",
          "# (number, 0 to 1, default 0.5)\nthreshold = 0.5\n",
          "# (one of fast, careful, default \"fast\")\nmode = \"fast\"\n",
          "# (text, 1 to 200 bytes, default \"hello\")\n", "# path = (not set)\n",
          "# (secret, default \"\")\nkey = \"\"\n"}) {
        EXPECT_NE(printed.find(part), std::string::npos) << part << "\nin\n" << printed;
    }
}

TEST(Settings, PrintedFileReadsBackTheSame) {
    TrustSection value;
    value.threshold = 1.0 / 3;
    value.greeting = "a \"quoted\"\\\n\t\x7F # = text";
    value.mode = Mode::careful;
    value.path = "";
    value.limit = 3;
    value.origins = {"a,b", "[", ""};
    value.numbers = {INT64_MIN, INT64_MAX};
    value.rules = {{"a", 2}, {"b", 1e300}};
    value.tags = {{"a b", "c"}, {"d.e", "\""}, {"", "empty"}};
    Settings::Sources sources;
    const std::string json = to_json(value);
    for (const Field& field : shape_of<TrustSection>().fields) {
        const char* member = reinterpret_cast<const char*>(&value) + field.offset;
        std::string text;
        encode_json(*field.shape, member, text);
        // Text travels bare on the command line, everything else as its JSON.
        if (field.name == "greeting" || field.name == "path") {
            text = field.name == "greeting" ? value.greeting : *value.path;
        } else if (field.name == "mode" || field.name == "key") {
            text = text.substr(1, text.size() - 2);
        }
        sources.overrides["trust." + field.name] = text;
    }
    Settings first = load(sources);
    const auto given = first.section<TrustSection>("trust");
    ASSERT_TRUE(given.has_value()) << given.error().message;
    ASSERT_EQ(to_json(*given), json);

    const std::string printed = first.print();
    Settings second = load(toml(printed));
    const auto again = second.section<TrustSection>("trust");
    ASSERT_TRUE(again.has_value()) << again.error().message << '\n' << printed;
    EXPECT_EQ(to_json(*again), json);
    EXPECT_EQ(second.print(), printed);
    EXPECT_EQ(second.unknown(), std::vector<std::string>{});
}

}  // namespace
}  // namespace credence
