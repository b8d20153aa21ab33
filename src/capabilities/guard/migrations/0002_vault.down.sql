DROP TABLE guard_vault_counter;
DROP TABLE guard_vault_entry;
