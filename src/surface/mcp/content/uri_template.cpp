#include "surface/mcp/content/uri_template.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"

namespace credence::surface::mcp {

UriTemplate::UriTemplate(std::string text) : text_(std::move(text)) {
    std::string_view rest = text_;
    while (true) {
        const std::size_t open = rest.find('{');
        literals_.emplace_back(rest.substr(0, open));
        if (open == std::string_view::npos) {
            return;
        }
        const std::size_t close = rest.find('}', open);
        CHECK(close != std::string_view::npos && close > open + 1, text_ + ": {name} expected");
        names_.emplace_back(rest.substr(open + 1, close - open - 1));
        rest.remove_prefix(close + 1);
        CHECK(rest.empty() || rest.front() == '/', text_ + ": a value ends at '/' or at the end");
    }
}

std::optional<UriTemplate::Values> UriTemplate::match(std::string_view uri) const {
    if (!uri.starts_with(literals_.front())) {
        return std::nullopt;
    }
    uri.remove_prefix(literals_.front().size());
    Values values;
    for (std::size_t i = 0; i < names_.size(); ++i) {
        const std::size_t end = std::min(uri.find_first_of("/?#"), uri.size());
        // Three bytes stand for one at most: longer ones need not be decoded to be refused.
        if (end == 0 || end > 3 * kMaxValueBytes) {
            return std::nullopt;
        }
        auto value = percent_decode(uri.substr(0, end), false);
        if (!value || value->size() > kMaxValueBytes || !is_valid_utf8(*value)) {
            return std::nullopt;
        }
        uri.remove_prefix(end);
        if (!uri.starts_with(literals_[i + 1])) {
            return std::nullopt;
        }
        uri.remove_prefix(literals_[i + 1].size());
        values.emplace_back(names_[i], std::move(*value));
    }
    if (!uri.empty()) {
        return std::nullopt;
    }
    return values;
}

}  // namespace credence::surface::mcp
