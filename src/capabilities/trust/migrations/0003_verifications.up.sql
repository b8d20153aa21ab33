-- Every attempt to verify a claim, once, for ever. JSON is kept as it was when it was recorded.
CREATE TABLE verification (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    name_space TEXT NOT NULL,
    agent_id TEXT NOT NULL,
    claim_type TEXT NOT NULL,
    claim TEXT NOT NULL,
    recipe TEXT NOT NULL,
    recipe_digest TEXT NOT NULL,
    recipe_json TEXT NOT NULL,
    arguments TEXT NOT NULL,
    argv TEXT NOT NULL,
    tree TEXT NOT NULL,
    tree_digest TEXT NOT NULL,
    runner TEXT NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL,
    checks TEXT NOT NULL,
    actual TEXT NOT NULL,
    duration_us BIGINT NOT NULL,
    verified_at_us BIGINT NOT NULL,
    actor TEXT NOT NULL,
    verified_by TEXT,
    pattern_id TEXT,
    deferred BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE UNIQUE INDEX verification_seq ON verification (tenant, seq);
CREATE INDEX verification_agent ON verification (tenant, name_space, agent_id, seq);

-- Append-only. SQLite's form; PostgreSQL needs a file of its own with a trigger function.
CREATE TRIGGER verification_no_update BEFORE UPDATE ON verification
BEGIN
    SELECT RAISE(ABORT, 'verifications are append-only');
END;

CREATE TRIGGER verification_no_delete BEFORE DELETE ON verification
BEGIN
    SELECT RAISE(ABORT, 'verifications are append-only');
END;

-- INSERT OR REPLACE would remove the old row without calling the trigger above.
CREATE TRIGGER verification_no_replace BEFORE INSERT ON verification
WHEN EXISTS (SELECT 1 FROM verification
             WHERE tenant = NEW.tenant AND (id = NEW.id OR seq = NEW.seq))
BEGIN
    SELECT RAISE(ABORT, 'verifications are append-only');
END;

-- Public halves of the installation's signing keys, all under the tenant "default".
CREATE TABLE signing_key (
    tenant TEXT NOT NULL,
    keyid TEXT NOT NULL,
    public_key TEXT NOT NULL,
    created_at_us BIGINT NOT NULL,
    retired_at_us BIGINT,
    PRIMARY KEY (tenant, keyid)
);

-- At most one is active.
CREATE UNIQUE INDEX signing_key_active ON signing_key (tenant) WHERE retired_at_us IS NULL;

CREATE TRIGGER signing_key_no_delete BEFORE DELETE ON signing_key
BEGIN
    SELECT RAISE(ABORT, 'signing keys are kept: what they signed must stay verifiable');
END;

CREATE TRIGGER signing_key_retire_only BEFORE UPDATE ON signing_key
WHEN NEW.tenant <> OLD.tenant OR NEW.keyid <> OLD.keyid OR NEW.public_key <> OLD.public_key
  OR NEW.created_at_us <> OLD.created_at_us OR OLD.retired_at_us IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'signing keys are kept: what they signed must stay verifiable');
END;
