#include "capabilities/guard/rules/pack_source.h"

#include "base/text.h"

namespace credence::guard {

// "FILE BYTES\n", then that many bytes, again and again.
std::string join_sources(const std::vector<PackSource>& sources) {
    std::string out;
    for (const PackSource& source : sources) {
        out += source.file + " " + std::to_string(source.text.size()) + "\n" + source.text;
    }
    return out;
}

Result<std::vector<PackSource>> split_sources(std::string_view joined) {
    std::vector<PackSource> sources;
    while (!joined.empty()) {
        const std::string_view line = joined.substr(0, joined.find('\n'));
        const std::size_t blank = line.rfind(' ');
        const auto size =
            blank == std::string_view::npos ? std::nullopt : parse_integer(line.substr(blank + 1));
        if (!size || *size < 0 || line.size() == joined.size() ||
            joined.size() - line.size() - 1 < static_cast<std::size_t>(*size)) {
            return fail(Code::internal, "the embedded packs are damaged");
        }
        joined.remove_prefix(line.size() + 1);
        sources.push_back({std::string(line.substr(0, blank)),
                           std::string(joined.substr(0, static_cast<std::size_t>(*size)))});
        joined.remove_prefix(static_cast<std::size_t>(*size));
    }
    return sources;
}

}  // namespace credence::guard
