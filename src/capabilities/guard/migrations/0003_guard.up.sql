-- What a tenant's name space wants done about findings; the greatest number is in force. A body that
-- is NULL stands for the shipped policy.
CREATE TABLE guard_policy (
    tenant TEXT NOT NULL,
    name_space TEXT NOT NULL,
    number BIGINT NOT NULL,
    version TEXT NOT NULL,
    body TEXT,
    created_at_us BIGINT NOT NULL,
    actor TEXT NOT NULL,
    PRIMARY KEY (tenant, name_space, number)
);

-- A text that was not simply allowed. text_digest is keyed: without the key file it says nothing.
-- The text itself only where the settings ask for it.
CREATE TABLE guard_detection (
    tenant TEXT NOT NULL,
    name_space TEXT NOT NULL,
    scan_id TEXT NOT NULL,
    at_us BIGINT NOT NULL,
    actor TEXT NOT NULL,
    verdict TEXT NOT NULL,
    score DOUBLE PRECISION NOT NULL,
    categories TEXT NOT NULL,
    rules TEXT NOT NULL,
    text_digest TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    direction TEXT NOT NULL,
    source_kind TEXT NOT NULL,
    request_id TEXT NOT NULL,
    text TEXT,
    PRIMARY KEY (tenant, name_space, scan_id)
);

CREATE INDEX guard_detection_at ON guard_detection (at_us);

-- What people said about verdicts.
CREATE TABLE guard_feedback (
    tenant TEXT NOT NULL,
    name_space TEXT NOT NULL,
    feedback_id TEXT NOT NULL,
    at_us BIGINT NOT NULL,
    actor TEXT NOT NULL,
    label TEXT NOT NULL,
    scan_id TEXT,
    text_digest TEXT NOT NULL,
    category TEXT,
    note TEXT,
    verdict TEXT,
    score DOUBLE PRECISION,
    rules TEXT NOT NULL,
    text TEXT,
    threat_id TEXT,
    PRIMARY KEY (tenant, name_space, feedback_id)
);

CREATE UNIQUE INDEX guard_feedback_text ON guard_feedback (tenant, name_space, text_digest);

-- Parts of the guard ('feature.memory') and rule packs ('pack.NAME') switched while it runs. Tenant
-- '*': for all.
CREATE TABLE guard_switch (
    tenant TEXT NOT NULL,
    name TEXT NOT NULL,
    enabled BIGINT NOT NULL,
    changed_at_us BIGINT NOT NULL,
    actor TEXT NOT NULL,
    PRIMARY KEY (tenant, name)
);
