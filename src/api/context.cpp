#include "api/context.h"

namespace credence {

bool Scopes::allow(std::string_view needed) const {
    if (needed.empty()) {
        return true;
    }
    const std::string_view module = needed.substr(0, needed.find(':'));
    for (const std::string& scope : granted_) {
        if (scope == "*" || scope == needed) {
            return true;
        }
        if (scope.size() == module.size() + 2 && scope.starts_with(module) &&
            scope.ends_with(":*")) {
            return true;
        }
    }
    return false;
}

}  // namespace credence
