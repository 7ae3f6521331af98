-- The distinct ids that a load query names. A table of its own, since PostgreSQL reads in
-- parallel for CREATE TABLE AS and not for INSERT.
CREATE TEMP TABLE heard_ids ON COMMIT DROP AS
SELECT DISTINCT {id} AS id FROM ({select}) AS i WHERE {id} IS NOT NULL;
