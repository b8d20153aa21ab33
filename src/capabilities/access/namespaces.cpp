#include "capabilities/access/namespaces.h"

#include "capabilities/access/access_gate.h"
#include "capabilities/access/access_rows.h"
#include "capabilities/access/names.h"
#include "capabilities/access/reach.h"

namespace credence::access {

Result<Namespace> Namespaces::create(const Context& context, const CreateNamespace& request) {
    TRY(check_name(request.name, "name"));
    Namespace added{request.name, parts_.clock.now_us(), context.actor};
    TRY(parts_.database.write([&](store::Tx& tx) -> Result<void> {
        const Reach reach = TRY(reach_of(tx, context, request.tenant));
        TRY(check_unbound(reach));
        if (TRY(rows::has_namespace(tx, reach.tenant, added.name))) {
            return fail(Code::conflict, "this namespace exists already", "name");
        }
        if (TRY(rows::count_namespaces(tx, reach.tenant)) >= kMaxPerTenant) {
            return fail(Code::exhausted, "there are too many namespaces");
        }
        TRY(rows::insert_namespace(tx, reach.tenant, added));
        TRY(rows::touch(tx));
        return tx.emit(reach, NamespaceCreated{added.name});
    }));
    gate_.refresh_or_log();
    return added;
}

Result<NamespacePage> Namespaces::list(const Context& context, const ListNamespaces& request) {
    const int limit = static_cast<int>(request.limit);
    return parts_.database.read([&](store::Tx& tx) -> Result<NamespacePage> {
        const Reach reach = TRY(reach_of(tx, context, request.tenant));
        NamespacePage page;
        page.namespaces = TRY(rows::list_namespaces(tx, reach.tenant, {request.after, limit + 1}));
        if (std::ssize(page.namespaces) > limit) {
            page.namespaces.pop_back();
            page.next = page.namespaces.back().name;
        }
        return page;
    });
}

Result<void> Namespaces::remove(const Context& context, const RemoveNamespace& request) {
    if (request.name == kDefaultName) {
        return fail(Code::conflict, "the namespace default stays", "name");
    }
    TRY(parts_.database.write([&](store::Tx& tx) -> Result<void> {
        const Reach reach = TRY(reach_of(tx, context, request.tenant));
        TRY(check_unbound(reach));
        if (TRY(rows::count_keys_of_namespace(tx, reach.tenant, request.name)) > 0) {
            return fail(Code::conflict, "keys are bound to this namespace; revoke them first",
                        "name");
        }
        if (!TRY(rows::delete_namespace(tx, reach.tenant, request.name))) {
            return fail(Code::not_found, "no such namespace", "name");
        }
        TRY(rows::touch(tx));
        return tx.emit(reach, NamespaceRemoved{request.name});
    }));
    return gate_.refresh();
}

}  // namespace credence::access
