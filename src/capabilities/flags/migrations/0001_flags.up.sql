-- A row switches an operation, or a module ("patterns.*"), off. Tenant "*" means all of them.
CREATE TABLE operation_flag (
    tenant TEXT NOT NULL,
    operation TEXT NOT NULL,
    reason TEXT NOT NULL,
    disabled_at_us BIGINT NOT NULL,
    disabled_by TEXT NOT NULL,
    PRIMARY KEY (tenant, operation)
);
