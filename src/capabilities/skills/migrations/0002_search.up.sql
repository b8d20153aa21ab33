-- V2: invocations are found by what was asked. embedding is the caller's own vector, 384 numbers.
ALTER TABLE skill_invocation ADD COLUMN embedding TEXT;

-- What was asked of a skill, each wording once; made from the log a moment after it was written.
CREATE TABLE skill_query (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant TEXT NOT NULL,
    skill_name TEXT NOT NULL,
    query_hash TEXT NOT NULL,
    user_query TEXT NOT NULL,
    embedder TEXT NOT NULL,
    vector TEXT NOT NULL,
    uses BIGINT NOT NULL,
    completed BIGINT NOT NULL,
    last_at_us BIGINT NOT NULL
);

CREATE UNIQUE INDEX skill_query_once ON skill_query (tenant, skill_name, query_hash);

-- How far the log has been read for skill_query; epoch changes when rows were removed.
CREATE TABLE skill_search_head (
    tenant TEXT NOT NULL PRIMARY KEY,
    through_id BIGINT NOT NULL,
    epoch BIGINT NOT NULL
);

-- rowid is skill_query.number.
CREATE VIRTUAL TABLE skill_invocation_fts USING fts5
    (user_query, tenant UNINDEXED, tokenize = 'ascii');

INSERT INTO skill_migrations (version, description, applied_at_us)
VALUES (2, 'search', CAST(strftime('%s', 'now') AS BIGINT) * 1000000);
