CREATE TABLE agent (
    tenant TEXT NOT NULL,
    name_space TEXT NOT NULL,
    agent_id TEXT NOT NULL,
    owner TEXT NOT NULL,
    created_at_us BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    retired_at_us BIGINT,
    PRIMARY KEY (tenant, name_space, agent_id)
);

CREATE INDEX agent_owner ON agent (tenant, owner);
