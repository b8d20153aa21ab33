DROP TABLE skill_invocation_fts;
DROP TABLE skill_search_head;
DROP TABLE skill_query;
ALTER TABLE skill_invocation DROP COLUMN embedding;
DELETE FROM skill_migrations WHERE version = 2;
