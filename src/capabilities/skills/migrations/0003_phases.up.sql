-- V3: where in a workflow a skill was used.
ALTER TABLE skill_invocation ADD COLUMN workflow_phase TEXT;
ALTER TABLE skill_invocation ADD COLUMN workflow_step_id TEXT;

CREATE VIEW v_skill_effectiveness_by_phase AS
SELECT tenant, skill_name, workflow_phase, count(*) AS invocations,
    sum(completed) AS completed_invocations, sum(1 - completed) AS abandoned_invocations,
    avg(duration_seconds) AS avg_duration_seconds, avg(completed) AS completion_rate
FROM skill_invocation WHERE workflow_phase IS NOT NULL
GROUP BY tenant, skill_name, workflow_phase;

CREATE VIEW v_workflow_phase_patterns AS
SELECT tenant, workflow_phase, count(*) AS invocations, count(DISTINCT skill_name) AS unique_skills,
    sum(completed) AS completions, avg(duration_seconds) AS avg_duration_seconds
FROM skill_invocation WHERE workflow_phase IS NOT NULL GROUP BY tenant, workflow_phase;

CREATE VIEW v_skills_by_phase_usage AS
SELECT tenant, skill_name, workflow_phase, count(*) AS invocations,
    avg(completed) AS completion_rate
FROM skill_invocation WHERE workflow_phase IS NOT NULL
GROUP BY tenant, skill_name, workflow_phase;

INSERT INTO skill_migrations (version, description, applied_at_us)
VALUES (3, 'workflow phases', CAST(strftime('%s', 'now') AS BIGINT) * 1000000);
