#include "capabilities/access/tenants.h"

#include "capabilities/access/access_gate.h"
#include "capabilities/access/access_rows.h"
#include "capabilities/access/names.h"
#include "capabilities/access/reach.h"

namespace credence::access {

Result<Tenant> Tenants::create(const Context& context, const CreateTenant& request) {
    TRY(check_name(request.tenant, "tenant"));
    Tenant added{request.tenant, parts_.clock.now_us(), context.actor};
    TRY(parts_.database.write([&](store::Tx& tx) -> Result<void> {
        Reach reach = TRY(reach_of(tx, context));
        if (!reach.is_operator) {
            return fail(Code::forbidden,
                        "only an operator (scope * in the tenant default) creates tenants");
        }
        if (TRY(rows::has_tenant(tx, added.tenant))) {
            return fail(Code::conflict, "this tenant exists already", "tenant");
        }
        if (TRY(rows::count_tenants(tx)) >= kMaxTenants) {
            return fail(Code::exhausted, "there are too many tenants");
        }
        TRY(rows::insert_tenant(tx, added));
        TRY(rows::insert_namespace(
            tx, added.tenant,
            Namespace{std::string(kDefaultName), added.created_at_us, added.created_by}));
        TRY(rows::touch(tx));
        reach.tenant = added.tenant;
        return tx.emit(reach, TenantCreated{added.tenant});
    }));
    gate_.refresh_or_log();
    return added;
}

Result<TenantPage> Tenants::list(const Context& context, const ListTenants& request) {
    const int limit = static_cast<int>(request.limit);
    return parts_.database.read([&](store::Tx& tx) -> Result<TenantPage> {
        const Reach reach = TRY(reach_of(tx, context));
        const std::string only = reach.is_operator ? "" : context.tenant;
        TenantPage page;
        page.tenants = TRY(rows::list_tenants(tx, only, {request.after, limit + 1}));
        if (std::ssize(page.tenants) > limit) {
            page.tenants.pop_back();
            page.next = page.tenants.back().tenant;
        }
        return page;
    });
}

}  // namespace credence::access
