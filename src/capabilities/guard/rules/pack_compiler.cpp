// Build-time program: reads rule packs, checks every example, writes the database that is embedded,
// and the packs themselves, for compiling them again together with others. Usage:
// guard_pack_compiler OUTPUT PACK.toml...
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "base/text.h"
#include "capabilities/guard/rules/pack.h"
#include "capabilities/guard/rules/pack_check.h"
#include "capabilities/guard/rules/pack_source.h"

namespace credence::guard {
namespace {

Result<void> write(const std::string& file, const std::string& content) {
    std::ofstream out(file, std::ios::binary);
    out.write(content.data(), static_cast<std::streamsize>(content.size()));
    if (!out.flush()) {
        return fail(Code::unavailable, "cannot write " + file);
    }
    return {};
}

// OUTPUT holds the database, OUTPUT.packs the texts of the packs (PackSource).
Result<void> run(const std::string& output, std::span<char*> files) {
    Packs packs;
    std::vector<PackSource> sources;
    for (const char* file : files) {
        std::string name = std::filesystem::path(file).filename().string();
        sources.push_back({name, TRY(read_file(file, kMaxPackBytes))});
        TRY(read_pack(sources.back().text, name, PackOrigin::shipped, packs));
    }
    const std::string blob = write_blob(TRY(compile_packs(packs)));
    const auto rules = TRY(RuleSet::load(blob));
    const std::vector<std::string> broken =
        TRY(check_examples(packs, *rules, ExampleScope::all_packs));
    for (const std::string& line : broken) {
        std::fprintf(stderr, "guard_pack_compiler: %s\n", line.c_str());
    }
    if (!broken.empty()) {
        return fail(Code::invalid, "examples do not hold");
    }
    TRY(write(output, blob));
    return write(output + ".packs", join_sources(sources));
}

}  // namespace
}  // namespace credence::guard

int main(int argc, char** argv) {
    if (argc < 3) {
        std::fprintf(stderr, "usage: guard_pack_compiler OUTPUT PACK.toml...\n");
        return 2;
    }
    const auto done = credence::guard::run(argv[1], {argv + 2, static_cast<std::size_t>(argc - 2)});
    if (!done) {
        std::fprintf(stderr, "guard_pack_compiler: %s\n", done.error().message.c_str());
        return 1;
    }
    return 0;
}
