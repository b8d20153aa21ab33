-- V4: analytics, experiments, learning across sessions. Nothing of V3 is altered, so that going
-- down leaves V3 as it was, byte for byte.
CREATE TABLE skill_metrics_cache (
    tenant TEXT NOT NULL,
    skill_name TEXT NOT NULL,
    last_invocation_at_us BIGINT NOT NULL,
    invocation_count_1h BIGINT NOT NULL DEFAULT 0,
    invocation_count_24h BIGINT NOT NULL DEFAULT 0,
    avg_completion_rate_24h DOUBLE PRECISION,
    is_anomalous BIGINT NOT NULL DEFAULT 0,
    anomaly_score DOUBLE PRECISION,
    updated_at_us BIGINT NOT NULL,
    PRIMARY KEY (tenant, skill_name)
);

CREATE INDEX skill_metrics_cache_by_update ON skill_metrics_cache (tenant, updated_at_us);

-- A row a skill and hour, written by the fold of the log (skill_fold).
CREATE TABLE skill_time_series (
    tenant TEXT NOT NULL,
    skill_name TEXT NOT NULL,
    timestamp_us BIGINT NOT NULL,
    invocation_count BIGINT NOT NULL,
    completed_count BIGINT NOT NULL,
    completion_rate DOUBLE PRECISION NOT NULL,
    timed_count BIGINT NOT NULL,
    duration_sum_seconds DOUBLE PRECISION NOT NULL,
    log_duration_sum DOUBLE PRECISION NOT NULL,
    avg_duration_seconds DOUBLE PRECISION,
    unique_sessions BIGINT NOT NULL,
    PRIMARY KEY (tenant, skill_name, timestamp_us)
);

CREATE INDEX skill_time_series_by_time ON skill_time_series (tenant, timestamp_us);

CREATE TABLE skill_anomalies (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    skill_name TEXT NOT NULL,
    metric TEXT NOT NULL CHECK (metric IN ('completion_rate', 'volume', 'duration')),
    anomaly_type TEXT NOT NULL
        CHECK (anomaly_type IN ('performance_drop', 'performance_spike', 'pattern_shift')),
    detected_at_us BIGINT NOT NULL,
    last_seen_at_us BIGINT NOT NULL,
    baseline_value DOUBLE PRECISION NOT NULL,
    observed_value DOUBLE PRECISION NOT NULL,
    deviation_score DOUBLE PRECISION NOT NULL,
    adjusted_p DOUBLE PRECISION NOT NULL,
    detail TEXT NOT NULL,
    resolved_at_us BIGINT,
    resolved_by TEXT,
    PRIMARY KEY (tenant, id)
);

CREATE INDEX skill_anomalies_by_time ON skill_anomalies (tenant, detected_at_us);
CREATE UNIQUE INDEX skill_anomalies_open ON skill_anomalies (tenant, skill_name, metric)
    WHERE resolved_at_us IS NULL;

-- Aggregates that came from elsewhere, signed, of at least k users each.
CREATE TABLE skill_community_baselines (
    tenant TEXT NOT NULL,
    skill_name TEXT NOT NULL,
    source TEXT NOT NULL,
    total_users BIGINT NOT NULL,
    total_invocations BIGINT NOT NULL,
    completed_invocations BIGINT NOT NULL,
    global_completion_rate DOUBLE PRECISION NOT NULL,
    global_avg_duration_seconds DOUBLE PRECISION,
    most_common_workflow_phase TEXT,
    effectiveness_percentile DOUBLE PRECISION,
    last_updated_at_us BIGINT NOT NULL,
    PRIMARY KEY (tenant, skill_name, source)
);

-- What each user did with each skill, added up by the fold of the log.
CREATE TABLE skill_user_interactions (
    tenant TEXT NOT NULL,
    user_id TEXT NOT NULL,
    skill_name TEXT NOT NULL,
    invocations BIGINT NOT NULL,
    completed BIGINT NOT NULL,
    rating_sum BIGINT NOT NULL DEFAULT 0,
    rating_count BIGINT NOT NULL DEFAULT 0,
    first_invoked_at_us BIGINT NOT NULL,
    last_invoked_at_us BIGINT NOT NULL,
    PRIMARY KEY (tenant, user_id, skill_name)
);

CREATE TABLE skill_clusters (
    tenant TEXT NOT NULL,
    cluster_id BIGINT NOT NULL,
    cluster_name TEXT NOT NULL,
    description TEXT,
    centroid_embedding TEXT,
    created_at_us BIGINT NOT NULL,
    PRIMARY KEY (tenant, cluster_id)
);

CREATE UNIQUE INDEX skill_clusters_by_name ON skill_clusters (tenant, cluster_name);

CREATE TABLE skill_cluster_membership (
    tenant TEXT NOT NULL,
    skill_name TEXT NOT NULL,
    cluster_id BIGINT NOT NULL,
    membership_score DOUBLE PRECISION NOT NULL CHECK (membership_score BETWEEN 0 AND 1),
    PRIMARY KEY (tenant, skill_name, cluster_id)
);

CREATE TABLE ab_test_configs (
    tenant TEXT NOT NULL,
    test_id BIGINT NOT NULL,
    test_name TEXT NOT NULL,
    description TEXT,
    arms TEXT NOT NULL,
    metrics TEXT NOT NULL,
    start_date_us BIGINT NOT NULL,
    end_date_us BIGINT,
    min_sample_size BIGINT NOT NULL,
    status TEXT NOT NULL CHECK (status IN
        ('draft', 'running', 'paused', 'completed', 'stopped', 'shipped', 'rolled_back')),
    ended_at_us BIGINT,
    decision TEXT,
    created_by TEXT NOT NULL,
    created_at_us BIGINT NOT NULL,
    updated_at_us BIGINT NOT NULL,
    PRIMARY KEY (tenant, test_id)
);

CREATE UNIQUE INDEX ab_test_configs_by_name ON ab_test_configs (tenant, test_name);

-- First exposure of each user; never changed.
CREATE TABLE ab_test_assignments (
    tenant TEXT NOT NULL,
    test_id BIGINT NOT NULL,
    user_id TEXT NOT NULL,
    group_name TEXT NOT NULL,
    assigned_at_us BIGINT NOT NULL,
    covariate DOUBLE PRECISION,
    PRIMARY KEY (tenant, test_id, user_id)
);

CREATE TABLE ab_test_outcomes (
    outcome_id INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant TEXT NOT NULL,
    test_id BIGINT NOT NULL,
    user_id TEXT NOT NULL,
    skill_name TEXT,
    completed BIGINT CHECK (completed IN (0, 1)),
    duration_seconds DOUBLE PRECISION CHECK (duration_seconds >= 0),
    user_rating BIGINT CHECK (user_rating BETWEEN 1 AND 5),
    recorded_at_us BIGINT NOT NULL
);

CREATE INDEX ab_test_outcomes_by_user ON ab_test_outcomes (tenant, test_id, user_id);

-- What each user's outcomes add up to: the unit of analysis.
CREATE TABLE ab_test_users (
    tenant TEXT NOT NULL,
    test_id BIGINT NOT NULL,
    user_id TEXT NOT NULL,
    outcomes BIGINT NOT NULL,
    judged BIGINT NOT NULL,
    completed BIGINT NOT NULL,
    timed BIGINT NOT NULL,
    duration_sum_seconds DOUBLE PRECISION NOT NULL,
    log_duration_sum DOUBLE PRECISION NOT NULL,
    rated BIGINT NOT NULL,
    rating_sum BIGINT NOT NULL,
    PRIMARY KEY (tenant, test_id, user_id)
);

-- Running sums of users (arm, metric) and the best evidence of all looks so far.
CREATE TABLE ab_test_state (
    tenant TEXT NOT NULL,
    test_id BIGINT NOT NULL,
    state TEXT NOT NULL,
    updated_at_us BIGINT NOT NULL,
    PRIMARY KEY (tenant, test_id)
);

CREATE TABLE skill_categories (
    tenant TEXT NOT NULL,
    category_id BIGINT NOT NULL,
    category_name TEXT NOT NULL,
    parent_category_id BIGINT,
    description TEXT,
    domain TEXT NOT NULL,
    created_at_us BIGINT NOT NULL,
    PRIMARY KEY (tenant, category_id)
);

CREATE UNIQUE INDEX skill_categories_by_name ON skill_categories (tenant, category_name);

CREATE TABLE skill_category_mapping (
    tenant TEXT NOT NULL,
    skill_name TEXT NOT NULL,
    category_id BIGINT NOT NULL,
    confidence_score DOUBLE PRECISION NOT NULL CHECK (confidence_score BETWEEN 0 AND 1),
    assigned_at_us BIGINT NOT NULL,
    PRIMARY KEY (tenant, skill_name, category_id)
);

-- skill_a < skill_b. What was observed is written by the fold of the log; what the taxonomy
-- declares stays beside it (declared_lift).
CREATE TABLE skill_dependencies (
    tenant TEXT NOT NULL,
    skill_a TEXT NOT NULL,
    skill_b TEXT NOT NULL,
    co_occurrence_count BIGINT NOT NULL DEFAULT 0,
    a_first_count BIGINT NOT NULL DEFAULT 0,
    b_first_count BIGINT NOT NULL DEFAULT 0,
    lift_score DOUBLE PRECISION,
    declared_lift DOUBLE PRECISION,
    last_updated_at_us BIGINT NOT NULL,
    PRIMARY KEY (tenant, skill_a, skill_b)
);

CREATE INDEX skill_dependencies_by_b ON skill_dependencies (tenant, skill_b);

CREATE TABLE skill_modalities (
    tenant TEXT NOT NULL,
    skill_name TEXT NOT NULL,
    modality_type TEXT NOT NULL,
    input_format TEXT,
    output_format TEXT,
    requires_human_review BIGINT NOT NULL DEFAULT 0,
    created_at_us BIGINT NOT NULL,
    PRIMARY KEY (tenant, skill_name)
);

-- How far the log is folded into the tables above: through_id into all of them, the next three
-- into hours, days and totals, into users, into pairs. epoch changes when rows were removed.
CREATE TABLE skill_fold (
    tenant TEXT NOT NULL PRIMARY KEY,
    through_id BIGINT NOT NULL,
    figures_through_id BIGINT NOT NULL DEFAULT 0,
    users_through_id BIGINT NOT NULL DEFAULT 0,
    pairs_through_id BIGINT NOT NULL DEFAULT 0,
    epoch BIGINT NOT NULL,
    sessions BIGINT NOT NULL,
    ignored BIGINT NOT NULL DEFAULT 0,
    newest_at_us BIGINT NOT NULL DEFAULT 0,
    published_id BIGINT NOT NULL,
    folded_at_us BIGINT NOT NULL
);

-- Totals of a skill and phase ('' when unknown), for counters that survive a restart.
-- buckets: counts of completed durations up to each bound of the exporter, as a JSON list.
CREATE TABLE skill_total (
    tenant TEXT NOT NULL,
    skill_name TEXT NOT NULL,
    workflow_phase TEXT NOT NULL,
    invocations BIGINT NOT NULL,
    completed BIGINT NOT NULL,
    timed BIGINT NOT NULL,
    duration_sum_seconds DOUBLE PRECISION NOT NULL,
    buckets TEXT NOT NULL,
    last_invoked_at_us BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, skill_name, workflow_phase)
);

-- In how many sessions a skill was used.
CREATE TABLE skill_session_count (
    tenant TEXT NOT NULL,
    skill_name TEXT NOT NULL,
    sessions BIGINT NOT NULL,
    PRIMARY KEY (tenant, skill_name)
);

-- Predictors by version, with how well they did on later data.
CREATE TABLE skill_predictor (
    tenant TEXT NOT NULL,
    version BIGINT NOT NULL,
    trained_at_us BIGINT NOT NULL,
    outcomes BIGINT NOT NULL,
    first_at_us BIGINT NOT NULL,
    last_at_us BIGINT NOT NULL,
    evaluation TEXT NOT NULL,
    model TEXT NOT NULL,
    PRIMARY KEY (tenant, version)
);

CREATE TRIGGER trg_metrics_cache_after_insert AFTER INSERT ON skill_invocation
WHEN NOT EXISTS (SELECT 1 FROM skill_open_invocation WHERE tenant = new.tenant AND handle = '')
BEGIN
    INSERT INTO skill_metrics_cache (tenant, skill_name, last_invocation_at_us, invocation_count_1h,
        invocation_count_24h, updated_at_us)
    VALUES (new.tenant, new.skill_name, new.invoked_at_us,
        new.invoked_at_us > new.created_at_us - 3600000000,
        new.invoked_at_us > new.created_at_us - 86400000000, new.created_at_us)
    ON CONFLICT (tenant, skill_name) DO UPDATE SET
        last_invocation_at_us = max(last_invocation_at_us, excluded.last_invocation_at_us),
        invocation_count_1h = invocation_count_1h + excluded.invocation_count_1h,
        invocation_count_24h = invocation_count_24h + excluded.invocation_count_24h,
        updated_at_us = excluded.updated_at_us;
END;

-- Counts of the last hour and day, exact at the moment of reading.
CREATE VIEW v_realtime_skill_dashboard AS
SELECT m.tenant, m.skill_name, m.total_invocations, m.completion_rate, m.avg_duration_seconds,
    c.last_invocation_at_us, c.is_anomalous, c.anomaly_score,
    (SELECT count(*) FROM skill_invocation i WHERE i.tenant = m.tenant
        AND i.skill_name = m.skill_name
        AND i.invoked_at_us > CAST(strftime('%s', 'now') AS BIGINT) * 1000000 - 3600000000)
        AS invocation_count_1h,
    (SELECT count(*) FROM skill_invocation i WHERE i.tenant = m.tenant
        AND i.skill_name = m.skill_name
        AND i.invoked_at_us > CAST(strftime('%s', 'now') AS BIGINT) * 1000000 - 86400000000)
        AS invocation_count_24h
FROM skill_metrics m
LEFT JOIN skill_metrics_cache c ON c.tenant = m.tenant AND c.skill_name = m.skill_name
ORDER BY invocation_count_24h DESC, m.skill_name;

-- The last seven whole days: weighted least squares of the daily completion rate, per day. The
-- operation skills.get_skill_trend says whether a slope can be believed; this view cannot.
CREATE VIEW v_skill_effectiveness_trend AS
WITH daily AS (
    SELECT tenant, skill_name, timestamp_us / 86400000000 AS day,
        sum(invocation_count) AS n, sum(completed_count) AS completed
    FROM skill_time_series
    WHERE timestamp_us / 86400000000 BETWEEN CAST(strftime('%s', 'now') AS BIGINT) / 86400 - 7
        AND CAST(strftime('%s', 'now') AS BIGINT) / 86400 - 1
    GROUP BY tenant, skill_name, day
), sums AS (
    SELECT tenant, skill_name, count(*) AS days, sum(n) AS invocations, sum(completed) AS completed,
        min(1.0 * completed / n) AS min_rate, max(1.0 * completed / n) AS max_rate,
        sum(1.0 * n * (day % 1000)) AS sx, sum(1.0 * n * (day % 1000) * (day % 1000)) AS sxx,
        sum(1.0 * completed * (day % 1000)) AS sxy
    FROM daily GROUP BY tenant, skill_name
)
SELECT tenant, skill_name, days, invocations, 1.0 * completed / invocations AS avg_completion_rate,
    max_rate AS max_completion_rate, min_rate AS min_completion_rate,
    (invocations * sxy - sx * completed) / nullif(invocations * sxx - sx * sx, 0) AS slope_per_day
FROM sums;

CREATE VIEW v_community_baseline_comparison AS
SELECT b.tenant, b.skill_name, b.source, b.total_users AS community_users,
    b.total_invocations AS community_invocations, b.global_completion_rate,
    m.total_invocations AS own_invocations, m.completion_rate AS own_completion_rate,
    m.completion_rate - b.global_completion_rate AS completion_rate_delta,
    m.avg_duration_seconds - b.global_avg_duration_seconds AS duration_delta_seconds
FROM skill_community_baselines b
LEFT JOIN skill_metrics m ON m.tenant = b.tenant AND m.skill_name = b.skill_name;

CREATE VIEW v_skill_dependency_network AS
SELECT tenant, skill_a, skill_b, co_occurrence_count, a_first_count, b_first_count,
    coalesce(lift_score, declared_lift) AS lift_score,
    CASE WHEN coalesce(lift_score, declared_lift) >= 3 THEN 'very_strong'
        WHEN coalesce(lift_score, declared_lift) >= 2 THEN 'strong'
        WHEN coalesce(lift_score, declared_lift) >= 1.5 THEN 'moderate'
        WHEN coalesce(lift_score, declared_lift) > 1 THEN 'weak'
        WHEN coalesce(lift_score, declared_lift) > 0.5 THEN 'weak_negative'
        ELSE 'negative' END AS relationship_type
FROM skill_dependencies ORDER BY co_occurrence_count DESC, skill_a, skill_b;

-- Users, not outcomes, are counted; a user weighs by the share of its outcomes that completed.
CREATE VIEW v_ab_test_summary AS
SELECT c.tenant, c.test_id, c.test_name, c.status, a.group_name, count(*) AS assigned_users,
    count(u.user_id) AS users_with_outcomes, coalesce(sum(u.outcomes), 0) AS outcomes,
    avg(1.0 * u.completed / nullif(u.judged, 0)) AS completion_rate,
    sum(u.duration_sum_seconds) / nullif(sum(u.timed), 0) AS avg_duration_seconds,
    1.0 * sum(u.rating_sum) / nullif(sum(u.rated), 0) AS avg_rating
FROM ab_test_configs c
JOIN ab_test_assignments a ON a.tenant = c.tenant AND a.test_id = c.test_id
LEFT JOIN ab_test_users u ON u.tenant = a.tenant AND u.test_id = a.test_id
    AND u.user_id = a.user_id
GROUP BY c.tenant, c.test_id, a.group_name;

CREATE VIEW v_multimodal_skill_catalog AS
SELECT m.tenant, m.skill_name, d.modality_type, d.input_format, d.output_format,
    d.requires_human_review, k.category_name, k.domain, p.confidence_score,
    m.total_invocations, m.completion_rate, m.avg_duration_seconds
FROM skill_metrics m
LEFT JOIN skill_modalities d ON d.tenant = m.tenant AND d.skill_name = m.skill_name
LEFT JOIN skill_category_mapping p ON p.tenant = m.tenant AND p.skill_name = m.skill_name
LEFT JOIN skill_categories k ON k.tenant = p.tenant AND k.category_id = p.category_id;

INSERT INTO skill_migrations (version, description, applied_at_us)
VALUES (4, 'phase 4 extensions', CAST(strftime('%s', 'now') AS BIGINT) * 1000000);

-- Skills known before V4 appear in its cache at once; the rest is folded from the log.
INSERT INTO skill_metrics_cache (tenant, skill_name, last_invocation_at_us, updated_at_us)
SELECT tenant, skill_name, last_invoked_at_us, updated_at_us FROM skill_metrics WHERE tenant <> '';
