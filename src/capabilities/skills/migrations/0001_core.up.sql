-- V1 of the document: sessions, the log of invocations, and what three triggers keep of it.
-- Times are microseconds UTC, rates are fractions, user_id is a keyed hash and never a name.
CREATE TABLE skill_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    applied_at_us BIGINT NOT NULL
);

CREATE TABLE skill_session (
    tenant TEXT NOT NULL,
    session_id TEXT NOT NULL,
    name_space TEXT NOT NULL,
    project_path TEXT,
    user_id TEXT,
    started_at_us BIGINT NOT NULL,
    ended_at_us BIGINT,
    outcome TEXT CHECK (outcome IN ('completed', 'failed', 'abandoned')),
    PRIMARY KEY (tenant, session_id)
);

CREATE INDEX skill_session_by_start ON skill_session (tenant, started_at_us);
CREATE INDEX skill_session_open ON skill_session (tenant) WHERE ended_at_us IS NULL;
CREATE INDEX skill_session_by_user ON skill_session (tenant, user_id) WHERE user_id IS NOT NULL;

-- Started and not yet ended; becomes a row of skill_invocation when it ends.
CREATE TABLE skill_open_invocation (
    tenant TEXT NOT NULL,
    handle TEXT NOT NULL,
    session_id TEXT NOT NULL,
    started_at_us BIGINT NOT NULL,
    draft TEXT NOT NULL,
    PRIMARY KEY (tenant, handle)
);

CREATE INDEX skill_open_by_session ON skill_open_invocation (tenant, session_id);
CREATE INDEX skill_open_by_time ON skill_open_invocation (started_at_us);

-- Append-only. Rows are folded in the order of id; nothing ever changes in one.
CREATE TABLE skill_invocation (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant TEXT NOT NULL,
    skill_name TEXT NOT NULL,
    invoked_at_us BIGINT NOT NULL,
    session_id TEXT NOT NULL,
    user_id TEXT,
    workflow_path TEXT,
    completed BIGINT NOT NULL DEFAULT 0 CHECK (completed IN (0, 1)),
    duration_seconds DOUBLE PRECISION CHECK (duration_seconds >= 0),
    user_query TEXT,
    alternatives_considered TEXT,
    selection_rank BIGINT CHECK (selection_rank >= 1),
    follow_up_actions TEXT,
    error_type TEXT,
    rating BIGINT CHECK (rating BETWEEN 1 AND 5),
    created_at_us BIGINT NOT NULL
);

CREATE INDEX skill_invocation_by_session ON skill_invocation (tenant, session_id);
CREATE INDEX skill_invocation_by_skill ON skill_invocation (tenant, skill_name, invoked_at_us);

-- One row a skill. Means are over what is known: timed_invocations have a duration and completed.
CREATE TABLE skill_metrics (
    tenant TEXT NOT NULL,
    skill_name TEXT NOT NULL,
    total_invocations BIGINT NOT NULL DEFAULT 0,
    completed_invocations BIGINT NOT NULL DEFAULT 0,
    abandoned_invocations BIGINT NOT NULL DEFAULT 0,
    timed_invocations BIGINT NOT NULL DEFAULT 0,
    total_duration_seconds DOUBLE PRECISION NOT NULL DEFAULT 0,
    ranked_invocations BIGINT NOT NULL DEFAULT 0,
    selection_rank_sum BIGINT NOT NULL DEFAULT 0,
    rated_invocations BIGINT NOT NULL DEFAULT 0,
    rating_sum BIGINT NOT NULL DEFAULT 0,
    first_invoked_at_us BIGINT NOT NULL,
    last_invoked_at_us BIGINT NOT NULL,
    completion_rate DOUBLE PRECISION NOT NULL DEFAULT 0,
    avg_duration_seconds DOUBLE PRECISION,
    updated_at_us BIGINT NOT NULL,
    PRIMARY KEY (tenant, skill_name)
);

-- How often a skill went along a workflow path, failed with an error, was followed by an action.
CREATE TABLE skill_counter (
    tenant TEXT NOT NULL,
    skill_name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('workflow_path', 'error_type', 'follow_up_action')),
    value TEXT NOT NULL,
    uses BIGINT NOT NULL,
    PRIMARY KEY (tenant, skill_name, kind, value)
);

CREATE TABLE session_skills (
    tenant TEXT NOT NULL,
    session_id TEXT NOT NULL,
    skill_name TEXT NOT NULL,
    invocation_count BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant, session_id, skill_name)
);

-- Days as the fold of the log wrote them; kept when the log itself is forgotten.
CREATE TABLE mv_daily_skills (
    tenant TEXT NOT NULL,
    date TEXT NOT NULL,
    skill_name TEXT NOT NULL,
    invocations BIGINT NOT NULL,
    completions BIGINT NOT NULL,
    abandonments BIGINT NOT NULL,
    avg_duration_seconds DOUBLE PRECISION,
    PRIMARY KEY (tenant, date, skill_name)
);

-- A writer of many rows adds them up itself and says so, for its transaction, by an open invocation
-- without a handle; the triggers then stand aside.
CREATE TRIGGER trg_skill_metrics_after_insert AFTER INSERT ON skill_invocation
WHEN NOT EXISTS (SELECT 1 FROM skill_open_invocation WHERE tenant = new.tenant AND handle = '')
BEGIN
    INSERT INTO skill_metrics (tenant, skill_name, total_invocations, completed_invocations,
        abandoned_invocations, timed_invocations, total_duration_seconds, ranked_invocations,
        selection_rank_sum, rated_invocations, rating_sum, first_invoked_at_us, last_invoked_at_us,
        completion_rate, avg_duration_seconds, updated_at_us)
    VALUES (new.tenant, new.skill_name, 1, new.completed, 1 - new.completed,
        new.completed AND new.duration_seconds IS NOT NULL,
        CASE WHEN new.completed THEN coalesce(new.duration_seconds, 0) ELSE 0 END,
        new.selection_rank IS NOT NULL, coalesce(new.selection_rank, 0),
        new.rating IS NOT NULL, coalesce(new.rating, 0), new.invoked_at_us, new.invoked_at_us,
        new.completed, CASE WHEN new.completed THEN new.duration_seconds END, new.created_at_us)
    ON CONFLICT (tenant, skill_name) DO UPDATE SET
        total_invocations = total_invocations + 1,
        completed_invocations = completed_invocations + excluded.completed_invocations,
        abandoned_invocations = abandoned_invocations + excluded.abandoned_invocations,
        timed_invocations = timed_invocations + excluded.timed_invocations,
        total_duration_seconds = total_duration_seconds + excluded.total_duration_seconds,
        ranked_invocations = ranked_invocations + excluded.ranked_invocations,
        selection_rank_sum = selection_rank_sum + excluded.selection_rank_sum,
        rated_invocations = rated_invocations + excluded.rated_invocations,
        rating_sum = rating_sum + excluded.rating_sum,
        first_invoked_at_us = min(first_invoked_at_us, excluded.first_invoked_at_us),
        last_invoked_at_us = max(last_invoked_at_us, excluded.last_invoked_at_us),
        completion_rate = (completed_invocations + excluded.completed_invocations)
            / (total_invocations + 1.0),
        avg_duration_seconds = (total_duration_seconds + excluded.total_duration_seconds)
            / nullif(timed_invocations + excluded.timed_invocations, 0),
        updated_at_us = excluded.updated_at_us;
END;

CREATE TRIGGER trg_session_skills_after_insert AFTER INSERT ON skill_invocation
WHEN NOT EXISTS (SELECT 1 FROM skill_open_invocation WHERE tenant = new.tenant AND handle = '')
BEGIN
    INSERT INTO session_skills (tenant, session_id, skill_name) VALUES
        (new.tenant, new.session_id, new.skill_name)
    ON CONFLICT (tenant, session_id, skill_name) DO UPDATE SET
        invocation_count = invocation_count + 1;
END;

CREATE VIEW v_session_skill_summary AS
SELECT tenant, session_id, count(DISTINCT skill_name) AS distinct_skills,
    count(*) AS total_invocations, sum(completed) AS completed_invocations,
    sum(1 - completed) AS abandoned_invocations,
    coalesce(sum(duration_seconds), 0) AS total_duration_seconds,
    min(invoked_at_us) AS first_invoked_at_us, max(invoked_at_us) AS last_invoked_at_us
FROM skill_invocation GROUP BY tenant, session_id;

CREATE VIEW v_skill_effectiveness AS
SELECT m.*, (CAST(strftime('%s', 'now') AS BIGINT) * 1000000 - m.last_invoked_at_us) / 86400000000
    AS days_since_last_use
FROM skill_metrics m;

CREATE VIEW v_top_skills AS
SELECT m.*, (SELECT c.value FROM skill_counter c WHERE c.tenant = m.tenant
    AND c.skill_name = m.skill_name AND c.kind = 'workflow_path'
    ORDER BY c.uses DESC, c.value LIMIT 1) AS preferred_workflow
FROM skill_metrics m ORDER BY m.total_invocations DESC, m.skill_name;

CREATE VIEW v_daily_skill_source AS
SELECT tenant, strftime('%Y-%m-%d', invoked_at_us / 1000000, 'unixepoch') AS date, skill_name,
    count(*) AS invocations, sum(completed) AS completions, sum(1 - completed) AS abandonments,
    avg(CASE WHEN completed THEN duration_seconds END) AS avg_duration_seconds
FROM skill_invocation GROUP BY tenant, date, skill_name;

INSERT INTO skill_migrations (version, description, applied_at_us)
VALUES (1, 'sessions and invocations', CAST(strftime('%s', 'now') AS BIGINT) * 1000000);
