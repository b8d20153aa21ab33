// Build-time program: reads rule packs, checks every example, writes the database that is embedded.
// Usage: guard_pack_compiler OUTPUT PACK.toml...
#include <cstdio>
#include <fstream>

#include "base/text.h"
#include "capabilities/guard/rules/pack.h"
#include "capabilities/guard/rules/pack_check.h"

namespace credence::guard {
namespace {

constexpr std::size_t kMaxPackBytes = 4U << 20U;

Result<void> run(const char* output, std::span<char*> files) {
    Packs packs;
    for (const char* file : files) {
        TRY(read_pack(TRY(read_file(file, kMaxPackBytes)), file, packs));
    }
    const std::string blob = write_blob(TRY(compile_packs(packs)));
    const auto rules = TRY(RuleSet::load(blob));
    const std::vector<std::string> broken = TRY(check_examples(packs, *rules));
    for (const std::string& line : broken) {
        std::fprintf(stderr, "guard_pack_compiler: %s\n", line.c_str());
    }
    if (!broken.empty()) {
        return fail(Code::invalid, "examples do not hold");
    }
    std::ofstream out(output, std::ios::binary);
    out.write(blob.data(), static_cast<std::streamsize>(blob.size()));
    if (!out.flush()) {
        return fail(Code::unavailable, "cannot write the database");
    }
    return {};
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
