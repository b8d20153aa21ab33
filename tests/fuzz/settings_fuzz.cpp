// Settings: any bytes as a TOML file must be read or refused, and what is printed must read back.
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/json.h"
#include "base/secret.h"
#include "base/settings.h"

namespace credence {
namespace {

enum class Mode { fast, careful };

struct Rule {
    std::string name = "rule";
    double weight = 1;
};

void describe(Describe<Rule>& d) {
    d.field<&Rule::name>("Name").or_default();
    d.field<&Rule::weight>("Weight").or_default();
}

struct Everything {
    bool a = true;
    std::int64_t b = 1;
    std::uint8_t c = 2;
    double d = 0.5;
    std::string e = "text";
    Mode f = Mode::fast;
    Secret g;
    std::optional<std::string> h;
    std::vector<std::string> i;
    std::vector<Rule> j;
    std::map<std::string, std::int64_t> k;
    RawJson l;
};

void describe(Describe<Everything>& d) {
    d.field<&Everything::a>("Boolean").or_default();
    d.field<&Everything::b>("Integer").between(-10, 1'000'000).or_default();
    d.field<&Everything::c>("Small integer").or_default();
    d.field<&Everything::d>("Number").between(-1e9, 1e9).or_default();
    d.field<&Everything::e>("Text").length(0, 100).or_default();
    d.field<&Everything::f>("Enumeration").or_default();
    d.field<&Everything::g>("Secret").or_default();
    d.field<&Everything::h>("Optional").or_default();
    d.field<&Everything::i>("List").length(0, 10).or_default();
    d.field<&Everything::j>("Objects").or_default();
    d.field<&Everything::k>("Dictionary").or_default();
    d.field<&Everything::l>("Anything").or_default();
}

// The section's value as JSON and the printed file; nothing when the file was refused.
struct Outcome {
    std::string json;
    std::string printed;
};

std::optional<Outcome> read(std::string toml) {
    auto settings = Settings::load({.toml_text = std::move(toml),
                                    .toml_name = "fuzz.toml",
                                    .environment = {"CREDENCE_S_B=7", "CREDENCE_S_X=1"},
                                    .overrides = {{"s.c", "3"}}});
    if (!settings) {
        CHECK(!settings.error().message.empty(), "an error without a message");
        return std::nullopt;
    }
    auto value = settings->section<Everything>("s");
    CHECK(settings->unknown().size() >= 1, "CREDENCE_S_X is unknown");
    if (!value) {
        CHECK(!value.error().message.empty(), "an error without a message");
        return std::nullopt;
    }
    CHECK(value->b == 7 && value->c == 3, "the stronger source wins");
    value->l = {};  // raw JSON and secrets are printed as comments
    value->g = {};
    return Outcome{to_json(*value), settings->print()};
}

}  // namespace
}  // namespace credence

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using credence::read;
    const auto first = read(std::string(reinterpret_cast<const char*>(data), size));
    if (first) {
        const auto again = read(first->printed);
        CHECK(again.has_value(), "what is printed must be readable");
        CHECK(again->json == first->json, "what is printed must read back the same");
    }
    return 0;
}
