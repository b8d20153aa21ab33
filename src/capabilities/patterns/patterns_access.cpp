#include "capabilities/patterns/patterns_access.h"

#include <algorithm>

namespace credence::patterns {
namespace {

bool is_owner(const Visibility& pattern, const Viewer& viewer) {
    return !viewer.agent_id.empty() && viewer.name_space == pattern.name_space &&
           viewer.agent_id == pattern.owner;
}

bool is_listed(const Visibility& pattern, const Viewer& viewer) {
    return !viewer.agent_id.empty() && viewer.name_space == pattern.name_space &&
           std::ranges::find(pattern.shared_with, viewer.agent_id) != pattern.shared_with.end();
}

bool may_read(const Visibility& pattern, const Viewer& viewer) {
    switch (pattern.access) {
        case AccessLevel::public_:
        case AccessLevel::system:
            return true;
        case AccessLevel::shared:
            return is_owner(pattern, viewer) || is_listed(pattern, viewer);
        case AccessLevel::private_:
            return is_owner(pattern, viewer);
    }
    return false;
}

}  // namespace

bool allowed(const Visibility& pattern, const Viewer& viewer, Action action) {
    const bool admin = viewer.admin && viewer.name_space == pattern.name_space;
    const bool is_system = pattern.access == AccessLevel::system;
    const bool is_open = is_system || pattern.access == AccessLevel::public_;
    switch (action) {
        case Action::read:
            return admin || may_read(pattern, viewer);
        case Action::use:
            return !viewer.agent_id.empty() && (admin || may_read(pattern, viewer));
        case Action::update:
        case Action::delete_:
            return admin || (!is_system && is_owner(pattern, viewer));
        case Action::share:
            return !is_open && (admin || is_owner(pattern, viewer));
    }
    return false;
}

bool visible(const Visibility& pattern, const Viewer& viewer) {
    return allowed(pattern, viewer, Action::read);
}

}  // namespace credence::patterns
