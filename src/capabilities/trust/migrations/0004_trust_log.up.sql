-- What moved or might have moved a score, once, for ever. Scores are a fold over it.
CREATE TABLE trust_log (
    tenant TEXT NOT NULL,
    seq BIGINT NOT NULL,
    at_us BIGINT NOT NULL,
    name_space TEXT NOT NULL,
    agent_id TEXT NOT NULL,
    claim_kind TEXT NOT NULL,
    entry TEXT NOT NULL,
    outcome TEXT NOT NULL,
    strength DOUBLE PRECISION NOT NULL,
    novelty DOUBLE PRECISION NOT NULL,
    weight DOUBLE PRECISION NOT NULL,
    target DOUBLE PRECISION NOT NULL,
    old_score DOUBLE PRECISION NOT NULL,
    new_score DOUBLE PRECISION NOT NULL,
    verification_id TEXT,
    record_digest TEXT NOT NULL,
    claim_digest TEXT NOT NULL,
    effort_digest TEXT NOT NULL,
    verified_by TEXT,
    reason TEXT NOT NULL,
    actor TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (tenant, seq)
);

-- A verification counts once, and is deferred once.
CREATE UNIQUE INDEX trust_log_once ON trust_log (tenant, verification_id, entry)
WHERE verification_id IS NOT NULL;
CREATE INDEX trust_log_refused ON trust_log (tenant, name_space, agent_id, claim_kind, seq)
WHERE entry = 'deferred' AND outcome = 'refuted';
CREATE INDEX trust_log_agent ON trust_log (tenant, name_space, agent_id, seq);
-- What novelty is judged by: at most 20 rows of one effort and outcome weigh anything.
CREATE INDEX trust_log_effort ON trust_log (tenant, name_space, agent_id, effort_digest, outcome)
WHERE entry = 'evidence' AND weight > 0;
-- Who verified whom.
CREATE INDEX trust_log_edge ON trust_log (tenant, name_space, verified_by, agent_id, at_us)
WHERE verified_by IS NOT NULL;

CREATE TABLE trust_head (
    tenant TEXT NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL
);

-- The fold, kept so that reading is cheap; trust.replay compares it with the log, bit for bit.
CREATE TABLE trust_state (
    tenant TEXT NOT NULL,
    name_space TEXT NOT NULL,
    agent_id TEXT NOT NULL,
    claim_kind TEXT NOT NULL,
    seq BIGINT NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (tenant, name_space, agent_id, claim_kind)
);

-- Append-only. SQLite's form; PostgreSQL needs a file of its own with a trigger function.
CREATE TRIGGER trust_log_no_update BEFORE UPDATE ON trust_log
BEGIN
    SELECT RAISE(ABORT, 'the trust log is append-only');
END;

CREATE TRIGGER trust_log_no_delete BEFORE DELETE ON trust_log
BEGIN
    SELECT RAISE(ABORT, 'the trust log is append-only');
END;

-- INSERT OR REPLACE would remove the old row without calling the trigger above.
CREATE TRIGGER trust_log_no_replace BEFORE INSERT ON trust_log
WHEN EXISTS (SELECT 1 FROM trust_log WHERE tenant = NEW.tenant AND seq = NEW.seq)
    OR EXISTS (SELECT 1 FROM trust_log WHERE tenant = NEW.tenant
               AND verification_id = NEW.verification_id AND entry = NEW.entry)
BEGIN
    SELECT RAISE(ABORT, 'the trust log is append-only');
END;

CREATE TRIGGER trust_head_no_delete BEFORE DELETE ON trust_head
BEGIN
    SELECT RAISE(ABORT, 'the trust log is append-only');
END;

CREATE TRIGGER trust_head_forward BEFORE UPDATE ON trust_head
WHEN NEW.tenant <> OLD.tenant OR NEW.seq <= OLD.seq
BEGIN
    SELECT RAISE(ABORT, 'the trust log is append-only');
END;
