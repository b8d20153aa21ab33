// Who can be believed: agents, each of one namespace and one owner. Only its owner speaks for an
// agent, so nobody can raise or ruin the name of another.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/context.h"
#include "base/result.h"
#include "base/shape.h"
#include "capabilities/trust/trust_parts.h"

namespace credence {
class Host;
}

namespace credence::trust {

struct Agent {
    std::string agent_id;  // [A-Za-z0-9_-]{1,64}, unique in its namespace
    std::string owner;     // the actor (key id, or "local") that may speak for it
    std::int64_t created_at_us = 0;
    std::string created_by;
    std::optional<std::int64_t> retired_at_us;  // its history stays
};
void describe(Describe<Agent>&);

struct CreateAgent {
    std::string agent_id;
    std::optional<std::string> owner;  // default: the caller; another needs trust:admin
};
void describe(Describe<CreateAgent>&);

struct AgentRef {
    std::string agent_id;
};
void describe(Describe<AgentRef>&);

struct ListAgents {
    std::string after;
    std::int64_t limit = 100;
};
void describe(Describe<ListAgents>&);

struct AgentPage {
    std::vector<Agent> agents;
    std::optional<std::string> next;
};
void describe(Describe<AgentPage>&);

// Events.
struct AgentCreated {
    std::string name_space;
    std::string agent_id;
    std::string owner;
};
void describe(Describe<AgentCreated>&);

struct AgentRetired {
    std::string name_space;
    std::string agent_id;
};
void describe(Describe<AgentRetired>&);

// Thread-safe.
class Agents {
public:
    static constexpr std::int64_t kMaxPerNamespace = 100'000;
    static constexpr std::int64_t kMaxPerOwner = 1'000;  // a Sybil farm stops here

    explicit Agents(const TrustParts& parts) : parts_(parts) {}

    Result<Agent> create(const Context& context, const CreateAgent& request);
    Result<Agent> get(const Context& context, const AgentRef& request);
    Result<AgentPage> list(const Context& context, const ListAgents& request);
    // Retired agents make no more claims and pass no gate; the id is never given again.
    Result<Agent> retire(const Context& context, const AgentRef& request);

    // For other services, inside their transaction. Code::not_found for an agent that is not in the
    // context's namespace (the same words whether it is elsewhere or nowhere), Code::forbidden for
    // a caller that is neither the owner nor has the scope trust:admin, Code::conflict if retired.
    static Result<Agent> speak_for(store::Tx& tx, const Context& context,
                                   const std::string& agent_id);
    static Result<Agent> find(store::Tx& tx, const Context& context, const std::string& agent_id);

private:
    TrustParts parts_;
};

// Registers the operations of Agents.
Result<void> serve_agents(Host& host, const TrustParts& parts);

}  // namespace credence::trust
