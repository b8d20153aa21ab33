ALTER TABLE job DROP COLUMN error_field;
