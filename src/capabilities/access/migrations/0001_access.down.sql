DROP TABLE audit_head;
DROP TABLE audit;
DROP TABLE access_generation;
DROP TABLE api_key;
DROP TABLE name_space;
DROP TABLE tenant;
