#include "capabilities/access/reach.h"

#include "capabilities/access/access_rows.h"
#include "capabilities/access/jwt.h"
#include "capabilities/access/names.h"

namespace credence::access {
namespace {

// "local" and "system" are not keys: nothing narrows them.
Result<void> narrow_to_key(store::Tx& tx, const Context& context, Reach& reach) {
    const auto id = KeyId::parse(context.actor);
    if (!id) {
        return {};
    }
    const auto key = TRY(rows::find_key(tx, context.tenant, *id));
    if (!key || key->revoked_at_us) {
        return fail(Code::forbidden, "your own key is no longer valid");
    }
    reach.bound_to = key->name_space;
    reach.expires_at_us = key->expires_at_us;
    return {};
}

}  // namespace

Result<Reach> reach_of(store::Tx& tx, const Context& context,
                       const std::optional<std::string>& asked) {
    Reach reach;
    reach.tenant = context.tenant;
    reach.actor = context.actor;
    TRY(narrow_to_key(tx, context, reach));
    reach.by_token = context.actor.starts_with(kTokenActor);
    reach.is_operator =
        context.tenant == kDefaultName && context.scopes.allow("*") && !reach.bound_to;
    if (!asked || *asked == context.tenant) {
        return reach;
    }
    if (!reach.is_operator) {
        return fail(Code::forbidden, "only an operator may act for another tenant", "tenant");
    }
    if (!TRY(rows::has_tenant(tx, *asked))) {
        return fail(Code::not_found, "no such tenant", "tenant");
    }
    reach.tenant = *asked;
    return reach;
}

Result<void> check_unbound(const Reach& reach) {
    if (reach.bound_to) {
        return fail(Code::forbidden,
                    "your key works in the namespace " + *reach.bound_to + " only");
    }
    return {};
}

}  // namespace credence::access
