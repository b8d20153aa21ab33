// Templates of resource URIs: RFC 6570 level 1, that is literals and {name}, read backwards.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace credence::surface::mcp {

// Immutable and thread-safe.
class UriTemplate {
public:
    static constexpr std::size_t kMaxValueBytes = 1'024;  // of one value, decoded

    // CHECKs that every {name} is closed, named, and followed by '/' or the end: so a URI can be
    // read back in one way only.
    explicit UriTemplate(std::string text);

    const std::string& text() const { return text_; }
    const std::vector<std::string>& names() const { return names_; }

    // By name, percent-decoded. Nothing when the URI is none of this template, or a value is empty,
    // too long, badly escaped or no UTF-8.
    using Values = std::vector<std::pair<std::string, std::string>>;
    std::optional<Values> match(std::string_view uri) const;

private:
    std::string text_;
    std::vector<std::string> literals_;  // one more than names
    std::vector<std::string> names_;
};

}  // namespace credence::surface::mcp
