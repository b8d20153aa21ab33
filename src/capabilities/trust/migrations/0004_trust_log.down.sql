DROP TABLE trust_state;
DROP TABLE trust_head;
DROP TABLE trust_log;
