DROP VIEW v_skills_by_phase_usage;
DROP VIEW v_workflow_phase_patterns;
DROP VIEW v_skill_effectiveness_by_phase;
ALTER TABLE skill_invocation DROP COLUMN workflow_step_id;
ALTER TABLE skill_invocation DROP COLUMN workflow_phase;
DELETE FROM skill_migrations WHERE version = 3;
