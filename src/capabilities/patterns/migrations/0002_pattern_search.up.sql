-- How far the search tables of a tenant have come. `stamp` is random, renewed by each change, so
-- that an index in memory can tell whether it has seen this history or another one.
CREATE TABLE pattern_search_head (
    tenant TEXT NOT NULL PRIMARY KEY,
    tenant_number BIGINT NOT NULL UNIQUE,
    change_seq BIGINT NOT NULL,
    stamp BIGINT NOT NULL,
    live BIGINT NOT NULL,
    next_number BIGINT NOT NULL,
    cleaned_seq BIGINT NOT NULL
);

-- What is in the index. A removed pattern stays as a tombstone until no process can need it.
CREATE TABLE pattern_vector (
    tenant TEXT NOT NULL,
    pattern_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    change_seq BIGINT NOT NULL,
    stamp BIGINT NOT NULL,
    removed BIGINT NOT NULL,
    embedder TEXT NOT NULL,
    vector TEXT NOT NULL,
    name_space TEXT NOT NULL,
    owner TEXT NOT NULL,
    access BIGINT NOT NULL,
    shared_with TEXT NOT NULL,
    category TEXT NOT NULL,
    source TEXT NOT NULL,
    PRIMARY KEY (tenant, pattern_id)
);

CREATE UNIQUE INDEX pattern_vector_change ON pattern_vector (tenant, change_seq);
-- Finds what another embedder made, and the tombstones, whose embedder is '~'.
CREATE INDEX pattern_vector_embedder ON pattern_vector (tenant, embedder, change_seq);

-- Words as words.h makes them, each with the tenant's number before it: one tenant's words are
-- never in another's posting lists. rowid = tenant_number * 2^32 + number.
CREATE VIRTUAL TABLE tenant_pattern_text USING fts5 (name, category, text, tokenize = 'ascii');
