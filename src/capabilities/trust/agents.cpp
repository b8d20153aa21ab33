#include "capabilities/trust/agents.h"

#include <algorithm>

#include "api/host.h"
#include "capabilities/trust/agent_rows.h"
#include "capabilities/trust/trust_parts.h"

namespace credence::trust {
namespace {

constexpr std::size_t kMaxOwnerBytes = 128;

bool is_id_letter(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= '0' && letter <= '9') || letter == '_' || letter == '-';
}

Result<void> check_id(const std::string& agent_id) {
    if (agent_id.empty() || agent_id.size() > kMaxIdBytes ||
        !std::ranges::all_of(agent_id, is_id_letter)) {
        return fail(Code::invalid, "an agent id is 1 to 64 of A-Z a-z 0-9 _ -", "agent_id");
    }
    return {};
}

Result<void> check_room(store::Tx& tx, const Context& context, const std::string& owner) {
    if (TRY(agent_rows::count_of_owner(tx, context, owner)) >= Agents::kMaxPerOwner) {
        return fail(Code::exhausted, "this owner has " + std::to_string(Agents::kMaxPerOwner) +
                                         " agents already, the most there may be");
    }
    if (TRY(agent_rows::count_in_namespace(tx, context)) >= Agents::kMaxPerNamespace) {
        return fail(Code::exhausted, "the namespace is full of agents");
    }
    return {};
}

}  // namespace

Result<Agent> Agents::create(const Context& context, const CreateAgent& request) {
    TRY(check_id(request.agent_id));
    Agent agent;
    agent.agent_id = request.agent_id;
    agent.owner = request.owner.value_or(context.actor);
    agent.created_at_us = parts_.clock.now_us();
    agent.created_by = context.actor;
    if (agent.owner != context.actor && !context.scopes.allow("trust:admin")) {
        return fail(Code::forbidden, "to make an agent for another owner needs trust:admin",
                    "owner");
    }
    TRY(parts_.database.write([&](store::Tx& tx) -> Result<void> {
        if (TRY(agent_rows::find(tx, context, agent.agent_id))) {
            return fail(Code::conflict, "the agent id is taken, for ever", "agent_id");
        }
        TRY(check_room(tx, context, agent.owner));
        TRY(agent_rows::insert(tx, context, agent));
        return tx.emit(context, AgentCreated{context.name_space, agent.agent_id, agent.owner});
    }));
    return agent;
}

Result<Agent> Agents::get(const Context& context, const AgentRef& request) {
    return parts_.database.read([&](store::Tx& tx) { return find(tx, context, request.agent_id); });
}

Result<AgentPage> Agents::list(const Context& context, const ListAgents& request) {
    return parts_.database.read([&](store::Tx& tx) -> Result<AgentPage> {
        AgentPage page;
        page.agents = TRY(agent_rows::list(tx, context, request.after, request.limit + 1));
        if (std::ssize(page.agents) > request.limit) {
            page.agents.pop_back();
            page.next = page.agents.back().agent_id;
        }
        return page;
    });
}

Result<Agent> Agents::retire(const Context& context, const AgentRef& request) {
    return parts_.database.write([&](store::Tx& tx) -> Result<Agent> {
        Agent agent = TRY(speak_for(tx, context, request.agent_id));
        agent.retired_at_us = parts_.clock.now_us();
        TRY(agent_rows::retire(tx, context, agent.agent_id, *agent.retired_at_us));
        TRY(tx.emit(context, AgentRetired{context.name_space, agent.agent_id}));
        return agent;
    });
}

Result<Agent> Agents::find(store::Tx& tx, const Context& context, const std::string& agent_id) {
    auto agent = TRY(agent_rows::find(tx, context, agent_id));
    if (!agent) {
        return fail(Code::not_found, "there is no such agent in this namespace", "agent_id");
    }
    return *std::move(agent);
}

Result<Agent> Agents::speak_for(store::Tx& tx, const Context& context,
                                const std::string& agent_id) {
    Agent agent = TRY(find(tx, context, agent_id));
    if (agent.owner != context.actor && !context.scopes.allow("trust:admin")) {
        return fail(Code::forbidden, "only its owner speaks for this agent", "agent_id");
    }
    if (agent.retired_at_us) {
        return fail(Code::conflict, "the agent is retired", "agent_id");
    }
    return agent;
}

void describe(Describe<Agent>& d) {
    d.field<&Agent::agent_id>("Its name, unique in its namespace");
    d.field<&Agent::owner>("Key id, or local, that may speak for it");
    d.field<&Agent::created_at_us>("When it was made");
    d.field<&Agent::created_by>("By whom");
    d.field<&Agent::retired_at_us>("When it was retired; its history stays");
}

void describe(Describe<CreateAgent>& d) {
    d.field<&CreateAgent::agent_id>("Its name: 1 to 64 of A-Z a-z 0-9 _ -")
        .length(1, kMaxIdBytes)
        .example("\"builder-7\"");
    d.field<&CreateAgent::owner>("Who may speak for it; default you; another needs trust:admin")
        .length(1, kMaxOwnerBytes);
}

void describe(Describe<AgentRef>& d) {
    d.field<&AgentRef::agent_id>("The agent").length(1, kMaxIdBytes).example("\"builder-7\"");
}

void describe(Describe<ListAgents>& d) {
    d.field<&ListAgents::after>("The `next` of the page before")
        .length(0, kMaxIdBytes)
        .or_default();
    d.field<&ListAgents::limit>("At most this many").between(1, kMaxPage).or_default();
}

void describe(Describe<AgentPage>& d) {
    d.field<&AgentPage::agents>("By id");
    d.field<&AgentPage::next>("Give it as `after` for the next page");
}

void describe(Describe<AgentCreated>& d) {
    d.field<&AgentCreated::name_space>("Where");
    d.field<&AgentCreated::agent_id>("The agent");
    d.field<&AgentCreated::owner>("Who may speak for it");
}

void describe(Describe<AgentRetired>& d) {
    d.field<&AgentRetired::name_space>("Where");
    d.field<&AgentRetired::agent_id>("The agent");
}

Result<void> serve_agents(Host& host, const TrustParts& parts) {
    auto& agents = host.keep(std::make_unique<Agents>(parts));
    host.serve<&Agents::create>(agents, "Register an agent, to speak for it")
        .post("/v1/agents")
        .needs("agents:write")
        .positional("agent_id");
    host.serve<&Agents::get>(agents, "Show an agent")
        .get("/v1/agents/{agent_id}")
        .needs("agents:read")
        .positional("agent_id")
        .resource("credence://agents/{agent_id}", "agents.list");
    host.serve<&Agents::list>(agents, "List the agents of the namespace")
        .get("/v1/agents")
        .needs("agents:read")
        .resource("credence://agents");
    host.serve<&Agents::retire>(agents, "Retire an agent for ever; its history stays")
        .post("/v1/agents/{agent_id}/retirement")
        .needs("agents:write")
        .positional("agent_id");
    return {};
}

}  // namespace credence::trust
