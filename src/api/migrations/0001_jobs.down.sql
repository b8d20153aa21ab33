DROP INDEX job_by_state;
DROP INDEX job_running;
DROP INDEX job_queued_by_tenant;
DROP INDEX job_queued;
DROP TABLE job;
