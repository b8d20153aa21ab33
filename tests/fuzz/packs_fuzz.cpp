// Rule packs: any bytes as TOML or JSON are read or refused with file and line; what was read keeps
// to the limits, and a small pack compiles or is refused.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "capabilities/guard/rules/pack.h"
#include "capabilities/guard/rules/pack_node.h"

namespace credence::guard {
namespace {

constexpr std::size_t kMostPhrases = 4096;  // of one phrase with braces
constexpr std::uint32_t kMostWithin = 400;
constexpr std::size_t kCompiledBytes = 2'000;  // larger packs take too long to compile here
constexpr std::size_t kCompiledPhrases = 24;

// "FILE:LINE: what", with a line of the text.
void check_error(const Error& error, const std::string& file, std::string_view text) {
    CHECK(error.code == Code::invalid, "a wrong pack is invalid");
    CHECK(error.message.starts_with(file + ":"), "the file is named");
    const std::size_t digits = file.size() + 1;
    const std::size_t end = error.message.find_first_not_of("0123456789", digits);
    CHECK(end != std::string::npos && end > digits && end - digits < 9, "the line is named");
    CHECK(error.message.compare(end, 2, ": ") == 0 && error.message.size() > end + 2, "and why");
    const std::size_t line = std::stoul(error.message.substr(digits, end - digits));
    const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
    CHECK(line >= 1 && line <= lines + 1, "a line of the file");
}

void check_node(const PackNode& node, int depth) {
    CHECK(depth <= PackNode::kMaxDepth + 1, "too deep");
    for (const PackNode& item : node.items) {
        check_node(item, depth + 1);
    }
    for (const auto& [key, member] : node.members) {
        CHECK(node.find(key) != nullptr, "members are found by their key");
        check_node(member, depth + 1);
    }
}

void check_rule(const PackRule& read) {
    const Rule& rule = read.rule;
    CHECK(rule.score > 0 && rule.score <= 1, "a score outside (0, 1]");
    CHECK(rule.id.starts_with(rule.pack + ".") && rule.origin == PackOrigin::user, "its pack");
    CHECK(static_cast<std::size_t>(rule.severity) < 4, "a severity");
    CHECK(read.within <= kMostWithin && !read.where.empty(), "its limits and its place");
    for (std::size_t channel = 0; channel < kSourceKinds; ++channel) {
        const double score = rule.score_in(static_cast<SourceKind>(channel));
        CHECK(score >= 0 && score <= 1, "a score of a channel outside [0, 1]");
    }
}

std::size_t count_phrases(const Packs& packs) {
    std::size_t count = 0;
    const auto add = [&](const std::vector<Phrase>& phrases) {
        for (const Phrase& phrase : phrases) {
            const auto expanded = expand_braces(phrase.text);
            CHECK(expanded || !expanded.error().message.empty(), "an error without a message");
            if (expanded) {
                CHECK(!expanded->empty() && expanded->size() <= kMostPhrases, "its alternatives");
                count += expanded->size();
            }
        }
    };
    for (const auto& [name, phrases] : packs.groups) {
        add(phrases);
    }
    for (const auto& phrases : packs.marks) {
        add(phrases);
    }
    for (const PackRule& rule : packs.rules) {
        add(rule.patterns);
    }
    return count;
}

void compile(const Packs& packs) {
    const auto compiled = compile_packs(packs);
    if (!compiled) {
        CHECK(compiled.error().code == Code::invalid && !compiled.error().message.empty(),
              "a pack that does not compile says why");
        return;
    }
    CHECK(compiled->rules.size() <= packs.rules.size(), "no rule from nowhere");
    const auto again = read_blob(write_blob(*compiled));
    CHECK(again.has_value() && again->digest == compiled->digest, "what is written reads back");
}

void read(std::string_view text, const std::string& file) {
    const bool json = file.ends_with(".json");
    const auto root = json ? parse_json_pack(text, file) : parse_toml_pack(text, file);
    if (!root) {
        check_error(root.error(), file, text);
    } else {
        check_node(*root, 0);
    }
    Packs packs;
    const auto outcome = read_pack(text, file, PackOrigin::user, packs);
    if (!outcome) {
        check_error(outcome.error(), file, text);
        return;
    }
    CHECK(root.has_value(), "a pack that does not parse was read");
    for (const PackRule& rule : packs.rules) {
        check_rule(rule);
    }
    if (count_phrases(packs) <= kCompiledPhrases && text.size() <= kCompiledBytes) {
        compile(packs);
    }
}

}  // namespace
}  // namespace credence::guard

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    credence::guard::read(text, "pack.toml");
    credence::guard::read(text, "pack.json");
    return 0;
}
