-- Operation calls made durable. request, scopes and result hold JSON.
CREATE TABLE job (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    operation TEXT NOT NULL,
    request TEXT NOT NULL,
    name_space TEXT NOT NULL,
    actor TEXT NOT NULL,
    scopes TEXT NOT NULL,
    request_id TEXT NOT NULL,
    state TEXT NOT NULL,
    cancel_requested BIGINT NOT NULL DEFAULT 0,
    attempts BIGINT NOT NULL DEFAULT 0,
    created_at_us BIGINT NOT NULL,
    started_at_us BIGINT,
    finished_at_us BIGINT,
    result TEXT,
    error_code TEXT,
    error_message TEXT,
    PRIMARY KEY (tenant, id)
);
-- What waits, oldest first (ids grow with time), and what runs: both small.
CREATE INDEX job_queued ON job (id) WHERE state = 'queued';
CREATE INDEX job_queued_by_tenant ON job (tenant) WHERE state = 'queued';
CREATE INDEX job_running ON job (id) WHERE state = 'running';
CREATE INDEX job_by_state ON job (tenant, state, id);
