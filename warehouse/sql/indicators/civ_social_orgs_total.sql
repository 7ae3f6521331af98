-- 社会组织数 / registered social organisations — “‘十三五’末全区拥有社会组织611个”.
-- 计法：评估日状态正常、在区登记的社会组织，按信用代码（没有的按登记证号）去重，每家计1。
-- Counted: each organisation in normal standing on the day, registered with the district, counts one, distinct by credit code or else registration number.
-- One row per organisation in normal standing on the day; without a credit code the registration number stands for it.
SELECT DISTINCT ON (coalesce(o.uscc, o.registration_no))
       o.area_key,
       concat_ws(' ', coalesce(o.uscc, o.registration_no), o.organisation_name) AS entity,
       CAST(1 AS double precision) AS numerator,
       CAST(NULL AS double precision) AS denominator,
       ARRAY[o.delivery_id] AS delivery_ids,
       ARRAY[o.row_no] AS row_nos
  FROM dim_organisation o
 WHERE o.known_from <= :known_at AND :known_at < o.known_to
   AND o.valid_from <= :valid_on AND :valid_on < o.valid_to
   AND o.organisation_type = ANY (:organisation_types)
   AND o.status = ANY (:statuses)
   AND (o.registrar IS NULL OR strpos(o.registrar, :registrar_contains) > 0)
   AND (o.founded_on IS NULL OR o.founded_on <= :as_of)
   AND (o.deregistered_on IS NULL OR o.deregistered_on > :as_of)
 ORDER BY coalesce(o.uscc, o.registration_no), o.organisation_key
