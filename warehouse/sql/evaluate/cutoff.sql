-- The last day that at least half of the feeds cover, as known at a commit: one early file moves nothing.
-- Yearly files promise more than they hold and are asked only where there is nothing else.
SELECT coalesce(percentile_disc(0.5) WITHIN GROUP (ORDER BY f.cutoff DESC), max(f.any_cutoff)) AS cutoff
  FROM (SELECT d.feed, max(d.period_end) AS any_cutoff,
               max(d.period_end) FILTER (WHERE d.period_end - d.period_start < 100) AS cutoff
          FROM ledger.delivery AS d
         WHERE ledger.is_loaded(d, :known_at)
           AND d.mode IN ('full', 'delta', 'window')
           AND d.feed = ANY (:feeds)
           AND d.period_end <= CAST(:today AS date)
         GROUP BY d.feed) AS f
