// JSON by Shape: whatever bytes come in, decoding ends with a value or an error with a code, and a
// decoded value survives encoding: it decodes again, to the same text.
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/id.h"
#include "base/json.h"
#include "base/shape.h"

namespace credence {
namespace {

using ThingId = Id<struct ThingTag>;

enum class Colour : std::uint8_t { red, green, blue };

struct Inner {
    std::string name;
    double weight = 0;
    std::vector<std::int64_t> numbers;
};

void describe(Describe<Inner>& d) {
    d.field<&Inner::name>("Name").length(0, 100).or_default();
    d.field<&Inner::weight>("Weight").between(-1e6, 1e6).or_default();
    d.field<&Inner::numbers>("Numbers").length(0, 50).or_default();
}

// One field of every kind, and of the kinds inside lists, dictionaries and optionals.
struct Everything {
    bool flag = false;
    std::int64_t whole = 0;
    std::uint8_t small = 0;
    std::int32_t middle = 0;
    std::uint64_t large = 0;
    double number = 0;
    std::string text;
    Colour colour = Colour::red;
    ThingId id;
    RawJson raw;
    Inner inner;
    std::vector<std::string> texts;
    std::vector<Inner> inners;
    std::map<std::string, std::int64_t> counts;
    std::map<std::string, Inner> named;
    std::optional<std::string> maybe_text;
    std::optional<Colour> maybe_colour;
    std::optional<Inner> maybe_inner;
    std::vector<std::optional<double>> holes;
    std::optional<std::map<std::string, std::vector<Colour>>> deep;
};

void describe(Describe<Everything>& d) {
    d.field<&Everything::flag>("Flag").or_default();
    d.field<&Everything::whole>("Whole").or_default();
    d.field<&Everything::small>("Small").or_default();
    d.field<&Everything::middle>("Middle").between(-10, 10).or_default();
    d.field<&Everything::large>("Large").or_default();
    d.field<&Everything::number>("Number").or_default();
    d.field<&Everything::text>("Text").length(0, 1000).or_default();
    d.field<&Everything::colour>("Colour").or_default();
    d.field<&Everything::id>("Id").or_default();
    d.field<&Everything::raw>("Raw").or_default();
    d.field<&Everything::inner>("Inner").or_default();
    d.field<&Everything::texts>("Texts").length(0, 20).or_default();
    d.field<&Everything::inners>("Inners").or_default();
    d.field<&Everything::counts>("Counts").length(0, 20).or_default();
    d.field<&Everything::named>("Named").or_default();
    d.field<&Everything::maybe_text>("Maybe text");
    d.field<&Everything::maybe_colour>("Maybe colour");
    d.field<&Everything::maybe_inner>("Maybe inner");
    d.field<&Everything::holes>("Holes").or_default();
    d.field<&Everything::deep>("Deep");
}

void check_decoding(std::string_view input) {
    const Result<Everything> value = from_json<Everything>(input);
    if (!value) {
        CHECK(!value.error().message.empty(), "an error says what is wrong");
        CHECK(value.error().code == Code::invalid || value.error().code == Code::too_large,
              "bad input is the caller's fault");
        return;
    }
    CHECK(validate_json(input).has_value(), "what decodes is JSON");
    const std::string encoded = to_json(*value);
    const Result<Everything> again = from_json<Everything>(encoded);
    CHECK(again.has_value(), encoded);
    CHECK(to_json(*again) == encoded, encoded);
}

void check_strings(std::string_view input) {
    std::string quoted;
    append_json_string(input, quoted);
    CHECK(validate_json(quoted).has_value(), quoted);
    for (const Field& field : shape_of<Everything>().fields) {
        const std::string text = json_from_text(*field.shape, input);
        CHECK(text.size() <= input.size() * 7 + 64, "text grows at most sixfold, plus quotes");
    }
}

}  // namespace
}  // namespace credence

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    credence::check_decoding(input);
    credence::check_strings(input);
    return 0;
}
