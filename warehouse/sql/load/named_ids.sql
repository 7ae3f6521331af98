-- The ids that a load query names, in the combinations that occur: one reading for all registries.
-- A table of its own, since PostgreSQL reads in parallel for CREATE TABLE AS and not for INSERT.
CREATE TEMP TABLE named_ids ON COMMIT DROP AS
SELECT DISTINCT {ids} FROM {rows} AS i;
