-- Values that masks stand for. Nothing here is readable without the key file: value_tag is a keyed
-- digest, sealed an authenticated ciphertext.
CREATE TABLE guard_vault_entry (
    tenant TEXT NOT NULL,
    name_space TEXT NOT NULL,
    vault_id TEXT NOT NULL,
    mask TEXT NOT NULL,
    kind TEXT NOT NULL,
    value_tag TEXT NOT NULL,
    sealed TEXT NOT NULL,
    created_at_us BIGINT NOT NULL,
    expires_at_us BIGINT NOT NULL,
    PRIMARY KEY (tenant, name_space, vault_id, mask)
);

CREATE UNIQUE INDEX guard_vault_entry_value
    ON guard_vault_entry (tenant, name_space, vault_id, value_tag);
CREATE INDEX guard_vault_entry_expiry ON guard_vault_entry (expires_at_us);

-- The last number given to a kind in a vault. Outlives the entries, so that a mask in an old text
-- never comes to mean another value.
CREATE TABLE guard_vault_counter (
    tenant TEXT NOT NULL,
    name_space TEXT NOT NULL,
    vault_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    last_number BIGINT NOT NULL,
    expires_at_us BIGINT NOT NULL,
    PRIMARY KEY (tenant, name_space, vault_id, kind)
);

CREATE INDEX guard_vault_counter_expiry ON guard_vault_counter (expires_at_us);
