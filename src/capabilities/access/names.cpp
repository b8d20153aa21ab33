#include "capabilities/access/names.h"

#include <algorithm>

namespace credence::access {
namespace {

bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_word(std::string_view text) {
    return !text.empty() && is_lower(text.front()) &&
           std::ranges::all_of(text, [](char c) { return is_lower(c) || is_digit(c) || c == '_'; });
}

bool is_scope(std::string_view text) {
    if (text == "*") {
        return true;
    }
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || text.size() > kMaxScopeBytes) {
        return false;
    }
    const std::string_view verb = text.substr(colon + 1);
    return is_word(text.substr(0, colon)) && (verb == "*" || is_word(verb));
}

}  // namespace

Result<void> check_name(std::string_view text, std::string_view field) {
    const bool begins_well = !text.empty() && (is_lower(text.front()) || is_digit(text.front()));
    const bool goes_on_well = std::ranges::all_of(
        text, [](char c) { return is_lower(c) || is_digit(c) || c == '_' || c == '-'; });
    if (!begins_well || !goes_on_well || text.size() > kMaxNameBytes) {
        return fail(Code::invalid,
                    "must be 1 to 63 of a-z, 0-9, '_' and '-', beginning with a letter or digit",
                    std::string(field));
    }
    return {};
}

Result<void> check_scopes(const std::vector<std::string>& scopes, std::string_view field) {
    if (scopes.empty() || scopes.size() > kMaxScopes) {
        return fail(Code::invalid, "needs 1 to 64 scopes", std::string(field));
    }
    for (std::size_t i = 0; i < scopes.size(); ++i) {
        if (!is_scope(scopes[i])) {
            return fail(Code::invalid, R"(must be "*", "module:verb" or "module:*")",
                        std::string(field) + "[" + std::to_string(i) + "]");
        }
    }
    return {};
}

Result<void> check_covers(const Scopes& holder, const std::vector<std::string>& scopes) {
    for (const std::string& scope : scopes) {
        if (!holder.allow(scope)) {
            return fail(Code::forbidden, "you do not hold the scope " + scope + " yourself");
        }
    }
    return {};
}

}  // namespace credence::access
