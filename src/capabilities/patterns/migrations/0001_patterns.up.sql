-- One row a version of a pattern. owner is '' for the system's. live: neither archived nor
-- superseded. evidence_*: weights as of evidence_at_us; confidence follows from them.
CREATE TABLE pattern (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    name_space TEXT NOT NULL,
    owner TEXT NOT NULL,
    pattern_name TEXT NOT NULL,
    category TEXT NOT NULL,
    subcategory TEXT,
    access_level TEXT NOT NULL CHECK (access_level IN ('private', 'shared', 'public', 'system')),
    shared_with_agents TEXT NOT NULL,
    learning_weight DOUBLE PRECISION NOT NULL CHECK (learning_weight BETWEEN 0 AND 10),
    complexity_score DOUBLE PRECISION CHECK (complexity_score BETWEEN 0 AND 1),
    version TEXT NOT NULL,
    parent_pattern_id TEXT,
    superseded_by TEXT,
    live BIGINT NOT NULL,
    created_at_us BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    updated_at_us BIGINT NOT NULL,
    archived_at_us BIGINT,
    usage_count BIGINT NOT NULL CHECK (usage_count >= success_count + failure_count),
    success_count BIGINT NOT NULL CHECK (success_count >= 0),
    failure_count BIGINT NOT NULL CHECK (failure_count >= 0),
    reported_success_count BIGINT NOT NULL CHECK (reported_success_count >= 0),
    reported_failure_count BIGINT NOT NULL CHECK (reported_failure_count >= 0),
    evidence_success DOUBLE PRECISION NOT NULL CHECK (evidence_success >= 0),
    evidence_failure DOUBLE PRECISION NOT NULL CHECK (evidence_failure >= 0),
    evidence_at_us BIGINT NOT NULL,
    confidence DOUBLE PRECISION NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    distinct_users BIGINT NOT NULL CHECK (distinct_users >= 0),
    avg_execution_time_ms DOUBLE PRECISION,
    timing TEXT NOT NULL,
    last_used_at_us BIGINT,
    PRIMARY KEY (tenant, id)
);

CREATE UNIQUE INDEX pattern_chain ON pattern (tenant, name_space, owner, pattern_name, version);
CREATE INDEX pattern_by_level ON pattern
    (tenant, access_level, live, confidence, usage_count, id);
CREATE INDEX pattern_by_owner ON pattern
    (tenant, name_space, owner, live, confidence, usage_count, id);
CREATE INDEX pattern_by_name_space ON pattern
    (tenant, name_space, live, confidence, usage_count, id);
CREATE INDEX pattern_by_usage ON pattern
    (tenant, access_level, live, usage_count, id);
CREATE INDEX pattern_most_used ON pattern
    (tenant, name_space, live, usage_count DESC, id);
CREATE INDEX pattern_figures ON pattern
    (tenant, name_space, live, category, access_level, owner, usage_count, success_count,
     failure_count, confidence, id);
CREATE INDEX pattern_by_parent ON pattern (tenant, parent_pattern_id)
    WHERE parent_pattern_id IS NOT NULL;

-- Apart, so that counting a use does not rewrite it.
CREATE TABLE pattern_body (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    pattern_data TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
);

-- shared_with_agents, the other way round.
CREATE TABLE pattern_share (
    tenant TEXT NOT NULL,
    name_space TEXT NOT NULL,
    agent_id TEXT NOT NULL,
    pattern_id TEXT NOT NULL,
    PRIMARY KEY (tenant, name_space, agent_id, pattern_id)
);

CREATE INDEX pattern_share_by_pattern ON pattern_share (tenant, pattern_id);

-- Where the ids of merged patterns lead.
CREATE TABLE pattern_redirect (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    target TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE INDEX pattern_redirect_by_target ON pattern_redirect (tenant, target);

-- How many patterns there are; owner '*': in the whole namespace.
CREATE TABLE pattern_total (
    tenant TEXT NOT NULL,
    name_space TEXT NOT NULL,
    owner TEXT NOT NULL,
    patterns BIGINT NOT NULL CHECK (patterns >= 0),
    PRIMARY KEY (tenant, name_space, owner)
);

-- name_space and agent_id are the user's; access_level is the pattern's at the time of the use.
CREATE TABLE pattern_use (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    pattern_id TEXT NOT NULL,
    name_space TEXT NOT NULL,
    agent_id TEXT NOT NULL,
    used_at_us BIGINT NOT NULL,
    day BIGINT NOT NULL,
    access_level TEXT NOT NULL,
    execution_time_ms DOUBLE PRECISION,
    outcome TEXT NOT NULL CHECK (outcome IN ('unknown', 'success', 'failure')),
    source TEXT NOT NULL CHECK (source IN ('none', 'reported', 'verified', 'confirmed')),
    context_data TEXT,
    verification_id TEXT,
    reviewer TEXT,
    labelled_at_us BIGINT,
    PRIMARY KEY (tenant, id)
);

CREATE INDEX pattern_use_by_user ON pattern_use
    (tenant, pattern_id, name_space, agent_id, used_at_us);
CREATE UNIQUE INDEX pattern_use_once ON pattern_use (tenant, pattern_id, verification_id)
    WHERE verification_id IS NOT NULL;
CREATE INDEX pattern_use_by_time ON pattern_use (used_at_us);

-- What one agent did with one pattern.
CREATE TABLE pattern_user (
    tenant TEXT NOT NULL,
    pattern_id TEXT NOT NULL,
    name_space TEXT NOT NULL,
    agent_id TEXT NOT NULL,
    uses BIGINT NOT NULL,
    day BIGINT NOT NULL,
    day_uses BIGINT NOT NULL,
    success_count BIGINT NOT NULL,
    failure_count BIGINT NOT NULL,
    evidence_success DOUBLE PRECISION NOT NULL,
    evidence_failure DOUBLE PRECISION NOT NULL,
    evidence_at_us BIGINT NOT NULL,
    PRIMARY KEY (tenant, pattern_id, name_space, agent_id)
);

-- Uses a day, so that analytics need not read pattern_use: always equal to a count over it.
CREATE TABLE pattern_usage_day (
    tenant TEXT NOT NULL,
    name_space TEXT NOT NULL,
    day BIGINT NOT NULL,
    category TEXT NOT NULL,
    access_level TEXT NOT NULL,
    owner TEXT NOT NULL,
    uses BIGINT NOT NULL CHECK (uses >= 0),
    PRIMARY KEY (tenant, name_space, day, category, access_level, owner)
);

CREATE TABLE pattern_promotion (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    pattern_id TEXT NOT NULL,
    name_space TEXT NOT NULL,
    status TEXT NOT NULL,
    pattern_name TEXT NOT NULL,
    version TEXT NOT NULL,
    confidence DOUBLE PRECISION NOT NULL,
    labelled_count BIGINT NOT NULL,
    distinct_users BIGINT NOT NULL,
    note TEXT,
    proposed_at_us BIGINT NOT NULL,
    proposed_by TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE UNIQUE INDEX pattern_promotion_once ON pattern_promotion (tenant, pattern_id);
