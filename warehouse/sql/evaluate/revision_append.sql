-- Append parts of revisions; what a commit did is the same whichever evaluations are compared.
INSERT INTO star.fact_indicator_revision
SELECT i.indicator_key, r.as_of, r.policy, r.seq, r.cause, r.delivery_id, r.part, r.things
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (code text, as_of date, policy text, seq bigint, cause text,
                                                      delivery_id bigint, part double precision, things int)
  JOIN registry.indicator AS i ON i.indicator_id = r.code
    ON CONFLICT DO NOTHING
