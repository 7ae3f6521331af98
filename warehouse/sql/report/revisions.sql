-- What changed the figures of a day since its first kept evaluation, up to a commit: cause, delivery and part.
SELECT r.indicator_code AS code, r.cause, r.part, r.things, r.delivery_id, r.file_name, r.known_at
  FROM bi.indicator_revision AS r
 WHERE r.as_of = :as_of AND r.policy = :policy AND r.seq > :since AND r.seq <= :known_at
 ORDER BY r.indicator_code, r.seq, r.cause
