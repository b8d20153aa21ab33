// Namespaces: partitions inside a tenant. A key may be bound to one of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "capabilities/access/access.h"

namespace credence::access {

class Gate;

struct Namespace {
    std::string name;
    std::int64_t created_at_us = 0;
    std::string created_by;
};
void describe(Describe<Namespace>&);

struct CreateNamespace {
    std::string name;
    std::optional<std::string> tenant;
};
void describe(Describe<CreateNamespace>&);

struct ListNamespaces {
    std::string after;
    std::int64_t limit = 100;
    std::optional<std::string> tenant;
};
void describe(Describe<ListNamespaces>&);

struct NamespacePage {
    std::vector<Namespace> namespaces;
    std::optional<std::string> next;
};
void describe(Describe<NamespacePage>&);

struct RemoveNamespace {
    std::string name;
    std::optional<std::string> tenant;
};
void describe(Describe<RemoveNamespace>&);

struct NamespaceCreated {
    std::string name;
};
void describe(Describe<NamespaceCreated>&);

// Modules that keep data by namespace drop it when they hear this.
struct NamespaceRemoved {
    std::string name;
};
void describe(Describe<NamespaceRemoved>&);

// Thread-safe. Keys bound to a namespace may list namespaces, but not change them.
class Namespaces {
public:
    static constexpr std::int64_t kMaxPerTenant = 1000;  // beyond: Code::exhausted

    Namespaces(const AccessParts& parts, Gate& gate) : parts_(parts), gate_(gate) {}

    Result<Namespace> create(const Context& context, const CreateNamespace& request);
    Result<NamespacePage> list(const Context& context, const ListNamespaces& request);
    // Code::conflict for "default" and while live keys are bound to it.
    Result<void> remove(const Context& context, const RemoveNamespace& request);

private:
    AccessParts parts_;
    Gate& gate_;
};

}  // namespace credence::access
