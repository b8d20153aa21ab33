#include "surface/http/challenge.h"

#include <memory>
#include <utility>

#include "base/snapshot.h"

namespace credence::surface {
namespace {

constexpr std::string_view kField = "WWW-Authenticate: Bearer";
// How the dispatcher and the surfaces begin the refusal of a caller who lacks a scope.
constexpr std::string_view kNeedsScope = "needs the scope ";

Snapshot<std::string>& announced() {
    static Snapshot<std::string> url(std::make_shared<const std::string>());
    return url;
}

// RFC 6750 section 3: printable ASCII without quote and backslash.
void append_parameter(std::string_view name, std::string_view value, std::string& out) {
    out.append(out.size() == kField.size() ? " " : ", ").append(name).append("=\"");
    for (const char c : value) {
        const bool plain = c >= ' ' && c <= '~' && c != '"' && c != '\\';
        out += plain ? c : '?';
    }
    out += '"';
}

std::string finish(std::string out) {
    if (const auto url = announced().get(); !url->empty()) {
        append_parameter("resource_metadata", *url, out);
    }
    return out += "\r\n";
}

}  // namespace

void announce_resource_metadata(std::string url) {
    announced().set(std::make_shared<const std::string>(std::move(url)));
}

std::string bearer_challenge(std::string_view refused) {
    std::string out(kField);
    if (!refused.empty()) {
        append_parameter("error", "invalid_token", out);
        append_parameter("error_description", refused, out);
    }
    return finish(std::move(out));
}

std::string scope_challenge(const Error& error) {
    if (error.code != Code::forbidden || !error.message.starts_with(kNeedsScope)) {
        return {};
    }
    std::string out(kField);
    append_parameter("error", "insufficient_scope", out);
    append_parameter("scope", std::string_view(error.message).substr(kNeedsScope.size()), out);
    return finish(std::move(out));
}

}  // namespace credence::surface
