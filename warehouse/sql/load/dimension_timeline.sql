-- The timeline of every thing concerned, made anew from all claims. On each day the word with the latest day not
-- after it holds, of words of one day the highest; so a first version, a change, a late older snapshot, a
-- correction and a disappearance are all one rule.
CREATE TEMP TABLE timeline ON COMMIT DROP AS
WITH thing AS (
    SELECT DISTINCT {key} FROM concerned
),
spoken AS (  -- every row, retraction and derived member
    SELECT t.{key}, {attributes_t}, t.valid_from AS word_on, t.scope, d.feed, l.key AS named, t.delivery_id, t.row_no,
           coalesce(l.kind, 'row') AS kind,
           ledger.rank_of(t.row_no IS NOT NULL, coalesce(l.source_at, '-infinity'), false, d) AS rank
      FROM thing JOIN claim.{target} AS t USING ({key})
      JOIN ledger.delivery AS d ON d.delivery_id = t.delivery_id
      LEFT JOIN ledger.claim AS l ON l.delivery_id = t.delivery_id AND l.row_no = t.row_no
),
snapshot AS MATERIALIZED (
    SELECT * FROM ledger.snapshots(:target, false)
),
missed AS (  -- every snapshot that could have mentioned it and did not
    SELECT told.{key}, s.feed, s.holds_from AS word_on, s.rank
      FROM (SELECT {key}, feed, scope, min(word_on) AS first_on FROM spoken WHERE row_no IS NOT NULL GROUP BY {key}, feed, scope) AS told
      JOIN snapshot AS s ON s.feed = told.feed AND s.scope = told.scope AND s.holds_from >= told.first_on
     WHERE NOT EXISTS (SELECT FROM spoken AS w WHERE w.{key} = told.{key} AND w.delivery_id = s.delivery_id AND w.row_no IS NOT NULL)
       AND NOT EXISTS (SELECT FROM ledger.claim AS u
                        WHERE u.delivery_id = s.delivery_id AND u.kind = 'unreadable'
                          AND u.key IN (SELECT named FROM spoken AS w WHERE w.{key} = told.{key} AND w.feed = s.feed))
),
renamed AS (  -- rows of the same key that lead to another thing now
    SELECT told.{key}, l.feed, t.valid_from AS word_on,
           ledger.rank_of(true, l.source_at, false, d) AS rank
      FROM (SELECT DISTINCT {key}, feed, named FROM spoken WHERE named IS NOT NULL) AS told
      JOIN ledger.claim AS l ON l.feed = told.feed AND l.key = told.named AND l.kind = 'row'
      JOIN claim.{target} AS t ON t.delivery_id = l.delivery_id AND t.row_no = l.row_no AND t.{key} <> told.{key}
      JOIN ledger.delivery AS d ON d.delivery_id = l.delivery_id
     WHERE :told_before
),
word AS (
    SELECT {key}, {attributes}, word_on, feed, kind = 'row' AS is_there, delivery_id, row_no, rank FROM spoken
     UNION ALL
    -- Of no row: the claim that is joined is none, and its attributes are NULL.
    SELECT m.{key}, {attributes_t}, m.word_on, m.feed, false, NULL, NULL, m.rank FROM missed AS m LEFT JOIN claim.{target} AS t ON false
     UNION ALL
    SELECT r.{key}, {attributes_t}, r.word_on, r.feed, false, NULL, NULL, r.rank FROM renamed AS r LEFT JOIN claim.{target} AS t ON false
),
highest AS (
    SELECT DISTINCT ON ({key}, feed, word_on) * FROM word ORDER BY {key}, feed, word_on, rank DESC, row_no, {attributes}
),
segment AS (
    SELECT *, coalesce(lead(word_on) OVER (PARTITION BY {key}, feed ORDER BY word_on), 'infinity') AS word_to FROM highest
     UNION ALL
    -- Versions that came before claims were kept speak for themselves.
    SELECT v.{key}, {attributes_v}, v.valid_from, '#before', true, v.delivery_id, v.row_no,
           ledger.rank_of(true, '-infinity', false, d),
           least(v.valid_to, (SELECT min(s.holds_from) FROM snapshot AS s
                               WHERE s.feed = d.feed AND s.holds_from > v.valid_from
                                 AND NOT EXISTS (SELECT FROM spoken AS w WHERE w.{key} = v.{key} AND w.delivery_id = s.delivery_id)))
      FROM thing JOIN star.{target} AS v USING ({key}) JOIN ledger.delivery AS d USING (delivery_id)
     -- Two conditions, since IS NOT DISTINCT FROM can be neither hashed nor looked up: each row was held against each.
     WHERE NOT EXISTS (SELECT FROM claim.{target} AS t WHERE t.delivery_id = v.delivery_id AND t.row_no = v.row_no)
       AND (v.row_no IS NOT NULL
            OR NOT EXISTS (SELECT FROM claim.{target} AS t WHERE t.delivery_id = v.delivery_id AND t.row_no IS NULL))
),
boundary AS (
    SELECT {key}, day AS valid_from, lead(day) OVER (PARTITION BY {key} ORDER BY day) AS valid_to
      FROM (SELECT {key}, word_on AS day FROM segment WHERE is_there UNION SELECT {key}, word_to FROM segment WHERE is_there) AS days
),
piece AS (  -- several feeds may tell of one thing
    SELECT DISTINCT ON (b.{key}, b.valid_from) b.{key}, {attributes_s}, b.valid_from, b.valid_to, s.delivery_id, s.row_no
      FROM boundary AS b JOIN segment AS s ON s.{key} = b.{key} AND s.is_there AND s.word_on <= b.valid_from AND b.valid_from < s.word_to
     WHERE b.valid_to IS NOT NULL
     ORDER BY b.{key}, b.valid_from, s.word_on DESC, s.rank DESC
),
joined AS (
    SELECT *, count(*) FILTER (WHERE starts) OVER (PARTITION BY {key} ORDER BY valid_from) AS island
      FROM (SELECT *,
                   coalesce(lag(valid_to) OVER w <> valid_from, true)
                   OR coalesce(lag(ROW({attributes})::text) OVER w <> ROW({attributes})::text, true) AS starts
              FROM piece WINDOW w AS (PARTITION BY {key} ORDER BY valid_from)) AS marked
)
SELECT DISTINCT ON ({key}, island)
       {key}, {attributes}, valid_from,
       max(valid_to) OVER (PARTITION BY {key}, island) AS valid_to, delivery_id, row_no
  FROM joined
 ORDER BY {key}, island, valid_from;
