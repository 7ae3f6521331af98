-- The members that a lookup query finds among the delivery's rows, so that these are read once.
-- PostgreSQL reads in parallel for CREATE TABLE AS and not for INSERT.
CREATE TEMP TABLE {name} ON COMMIT DROP AS
SELECT * FROM {rows};
