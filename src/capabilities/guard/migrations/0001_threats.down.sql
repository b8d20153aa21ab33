DROP TABLE guard_threat;
