-- A namespace's own recipes; they stand before the shipped ones of the same name.
CREATE TABLE trust_recipe (
    tenant TEXT NOT NULL,
    name_space TEXT NOT NULL,
    name TEXT NOT NULL,
    digest TEXT NOT NULL,
    updated_at_us BIGINT NOT NULL,
    updated_by TEXT NOT NULL,
    PRIMARY KEY (tenant, name_space, name)
);

-- Every text that a recipe ever had: evidence names it by its digest.
CREATE TABLE trust_recipe_version (
    tenant TEXT NOT NULL,
    name_space TEXT NOT NULL,
    digest TEXT NOT NULL,
    name TEXT NOT NULL,
    recipe TEXT NOT NULL,
    created_at_us BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    PRIMARY KEY (tenant, name_space, digest)
);

-- Append-only. SQLite's form; PostgreSQL needs a file of its own with a trigger function.
CREATE TRIGGER trust_recipe_version_no_update BEFORE UPDATE ON trust_recipe_version
BEGIN
    SELECT RAISE(ABORT, 'the versions of recipes are append-only');
END;

CREATE TRIGGER trust_recipe_version_no_delete BEFORE DELETE ON trust_recipe_version
BEGIN
    SELECT RAISE(ABORT, 'the versions of recipes are append-only');
END;

-- INSERT OR REPLACE would remove the old row without calling the trigger above.
CREATE TRIGGER trust_recipe_version_no_replace BEFORE INSERT ON trust_recipe_version
WHEN EXISTS (SELECT 1 FROM trust_recipe_version
             WHERE tenant = NEW.tenant AND name_space = NEW.name_space AND digest = NEW.digest)
BEGIN
    SELECT RAISE(ABORT, 'the versions of recipes are append-only');
END;

-- Folders of the server that recipes may look at; path is resolved.
CREATE TABLE trust_tree (
    tenant TEXT NOT NULL,
    name_space TEXT NOT NULL,
    name TEXT NOT NULL,
    path TEXT NOT NULL,
    created_at_us BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    PRIMARY KEY (tenant, name_space, name)
);
