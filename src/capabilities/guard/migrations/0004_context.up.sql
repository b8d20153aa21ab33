-- Conversations as far as they are judged. state is an authenticated ciphertext: the last texts, and what
-- they added up to. turns also tells which writer came first.
CREATE TABLE guard_conversation (
    tenant TEXT NOT NULL,
    name_space TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    turns BIGINT NOT NULL,
    verdict TEXT NOT NULL,
    score DOUBLE PRECISION NOT NULL,
    state TEXT NOT NULL,
    created_at_us BIGINT NOT NULL,
    updated_at_us BIGINT NOT NULL,
    expires_at_us BIGINT NOT NULL,
    PRIMARY KEY (tenant, name_space, conversation_id)
);

CREATE INDEX guard_conversation_expiry ON guard_conversation (expires_at_us);

-- Tokens whose appearance in an output proves a leak. token_tag is a keyed digest, sealed holds keyed
-- hashes of the token's parts as an authenticated ciphertext: nothing here tells the token.
CREATE TABLE guard_canary (
    tenant TEXT NOT NULL,
    name_space TEXT NOT NULL,
    canary_id TEXT NOT NULL,
    purpose TEXT NOT NULL,
    alphabet TEXT NOT NULL,
    token_tag TEXT NOT NULL,
    sealed TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at_us BIGINT NOT NULL,
    changed_at_us BIGINT NOT NULL,
    revoked_at_us BIGINT,
    PRIMARY KEY (tenant, name_space, canary_id)
);

-- What a tool of a server said of itself when it was first seen or last approved, and what it says now.
-- fields: JSON, the digest of each field by its path.
CREATE TABLE guard_tool_pin (
    tenant TEXT NOT NULL,
    name_space TEXT NOT NULL,
    server_name TEXT NOT NULL,
    tool TEXT NOT NULL,
    digest TEXT NOT NULL,
    fields TEXT NOT NULL,
    seen_digest TEXT NOT NULL,
    seen_fields TEXT NOT NULL,
    approved_by TEXT,
    first_seen_at_us BIGINT NOT NULL,
    last_seen_at_us BIGINT NOT NULL,
    changed_at_us BIGINT,
    PRIMARY KEY (tenant, name_space, server_name, tool)
);
