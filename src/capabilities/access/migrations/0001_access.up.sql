CREATE TABLE tenant (
    tenant TEXT NOT NULL PRIMARY KEY,
    created_at_us BIGINT NOT NULL,
    created_by TEXT NOT NULL
);

CREATE TABLE name_space (
    tenant TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at_us BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    PRIMARY KEY (tenant, name)
);

CREATE TABLE api_key (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    name_space TEXT,
    scopes TEXT NOT NULL,
    prefix TEXT NOT NULL,
    hash TEXT NOT NULL,
    previous_hash TEXT,
    previous_until_us BIGINT,
    requests_per_second DOUBLE PRECISION,
    created_at_us BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    expires_at_us BIGINT,
    rotated_at_us BIGINT,
    revoked_at_us BIGINT,
    PRIMARY KEY (tenant, id)
);

CREATE INDEX api_key_live ON api_key (tenant, id) WHERE revoked_at_us IS NULL;

-- Grows with each change of the tables above; one row, kept under the tenant "default".
CREATE TABLE access_generation (
    tenant TEXT NOT NULL PRIMARY KEY,
    generation BIGINT NOT NULL
);

CREATE TABLE audit (
    tenant TEXT NOT NULL,
    seq BIGINT NOT NULL,
    at_us BIGINT NOT NULL,
    actor TEXT NOT NULL,
    name_space TEXT NOT NULL,
    operation TEXT NOT NULL,
    outcome TEXT NOT NULL,
    request_digest TEXT NOT NULL,
    request_id TEXT NOT NULL,
    surface TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (tenant, seq)
);

CREATE TABLE audit_head (
    tenant TEXT NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL
);

-- Append-only. SQLite's form; PostgreSQL needs a file of its own with a trigger function.
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit trail is append-only');
END;

CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit trail is append-only');
END;

-- INSERT OR REPLACE would remove the old row without calling the trigger above.
CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE tenant = NEW.tenant AND seq = NEW.seq)
BEGIN
    SELECT RAISE(ABORT, 'the audit trail is append-only');
END;

CREATE TRIGGER audit_head_no_delete BEFORE DELETE ON audit_head
BEGIN
    SELECT RAISE(ABORT, 'the audit trail is append-only');
END;

CREATE TRIGGER audit_head_forward BEFORE UPDATE ON audit_head
WHEN NEW.tenant <> OLD.tenant OR NEW.seq <> OLD.seq + 1
BEGIN
    SELECT RAISE(ABORT, 'the audit trail is append-only');
END;

-- What every installation begins with; created_at_us 0 means "with the installation".
INSERT INTO tenant (tenant, created_at_us, created_by) VALUES ('default', 0, 'system');
INSERT INTO name_space (tenant, name, created_at_us, created_by)
VALUES ('default', 'default', 0, 'system');
INSERT INTO access_generation (tenant, generation) VALUES ('default', 1);
