CREATE OR REPLACE VIEW bi.publication AS
SELECT p.version, p.as_of, p.known_at, p.policy, p.kind, p.revises, p.why, p.prepared_by, p.reviewed_by, p.approved_by,
       p.document_no, p.published_at, p.embargo_until, p.override_why, p.files_sha256,
       p.version = max(p.version) OVER (PARTITION BY p.as_of) AS is_latest
  FROM ledger.publication AS p;
COMMENT ON VIEW bi.publication IS '发布的评估 / published evaluations';
