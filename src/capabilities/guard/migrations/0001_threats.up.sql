-- Confirmed threats, found again by their vectors. text_digest: SHA-256 of the normalised text, or
-- of the vector where only that came. sample: the text, only where the caller asked to keep it.
CREATE TABLE guard_threat (
    tenant TEXT NOT NULL,
    name_space TEXT NOT NULL,
    threat_id TEXT NOT NULL,
    category TEXT NOT NULL,
    severity TEXT NOT NULL,
    technique TEXT NOT NULL,
    text_digest TEXT NOT NULL,
    embedder TEXT NOT NULL,
    vector TEXT NOT NULL,
    sample TEXT,
    source TEXT NOT NULL,
    confirmed_by TEXT NOT NULL,
    detection_count BIGINT NOT NULL,
    first_seen_at_us BIGINT NOT NULL,
    last_seen_at_us BIGINT NOT NULL,
    created_at_us BIGINT NOT NULL,
    updated_at_us BIGINT NOT NULL,
    PRIMARY KEY (tenant, name_space, threat_id)
);

CREATE UNIQUE INDEX guard_threat_text ON guard_threat (tenant, name_space, text_digest);
