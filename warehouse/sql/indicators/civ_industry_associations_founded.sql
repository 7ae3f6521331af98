-- 社会治理行业协会 / sector associations founded — “成立大兴区养老服务行业协会、大兴区老龄产业协会、……”, four names.
-- 计法：规划期内至评估日成立的列名协会，按信用代码（没有的按登记证号）去重，每家计1。
-- Counted: each named association founded in the plan period up to the day counts one, distinct by credit code or else registration number.
-- One row per named association founded in the period, distinct by credit code or else registration number.
SELECT DISTINCT ON (coalesce(o.uscc, o.registration_no))
       o.area_key,
       concat_ws(' ', coalesce(o.uscc, o.registration_no), o.organisation_name) AS entity,
       CAST(1 AS double precision) AS numerator,
       CAST(NULL AS double precision) AS denominator,
       ARRAY[o.delivery_id] AS delivery_ids,
       ARRAY[o.row_no] AS row_nos
  FROM dim_organisation o
 WHERE o.known_from <= :known_at AND :known_at < o.known_to
   -- A foundation stays one, even if the association has left the register since.
   AND o.valid_from <= :valid_on
   AND o.organisation_type = ANY (:organisation_types)
   AND o.founded_on BETWEEN :period_start AND :as_of
   AND EXISTS (SELECT FROM unnest(:names) n (name), unnest(:name_prefixes) p (prefix)
                WHERE o.organisation_name = p.prefix || n.name)
 ORDER BY coalesce(o.uscc, o.registration_no), o.valid_from DESC, o.organisation_key
