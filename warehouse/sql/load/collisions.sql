-- Rows of one file that are one thing once names are resolved, or that lead to one row of the star. One that says
-- the same as an earlier one is its duplicate, also where the names as sent had made it a contradiction (then the
-- file is judged :anew); the others contradict each other, and nobody can say which is right.
WITH judged AS (
    SELECT i.row_no,
           row_number() OVER (PARTITION BY {key}, i.content ORDER BY i.row_no) > 1 AS is_repeated,
           min(i.content) OVER same_key <> max(i.content) OVER same_key AS is_disputed,
           i.key_text, min(i.key_text) OVER same_key || ' = ' || max(i.key_text) OVER same_key AS found
      FROM {incoming} AS i
    WINDOW same_key AS (PARTITION BY {key})),
repeated AS (
    DELETE FROM {bad} AS b USING judged AS j
     WHERE :anew AND j.is_repeated AND b.row_no = j.row_no AND b.rule = :rule
    RETURNING b.row_no)
INSERT INTO {bad} (row_no, rule, found, business_key)
SELECT DISTINCT ON (j.row_no) j.row_no, CASE WHEN j.is_repeated THEN '#duplicate' ELSE :rule END,
       CASE WHEN NOT j.is_repeated THEN j.found END, j.key_text
  FROM judged AS j
 WHERE (j.is_repeated OR j.is_disputed)
   AND (j.row_no IN (SELECT row_no FROM repeated) OR j.row_no NOT IN (SELECT row_no FROM {bad}))
 ORDER BY j.row_no, j.is_repeated;
