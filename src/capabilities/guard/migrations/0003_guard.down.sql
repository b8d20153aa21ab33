DROP TABLE guard_switch;
DROP TABLE guard_feedback;
DROP TABLE guard_detection;
DROP TABLE guard_policy;
