-- 镇街级社会组织联合会覆盖率 / town federations — “镇街级社会组织联合会覆盖率达10%”.
-- 计法：评估日每个应计的镇街，分母计1；当日有社会组织联合会的，分子计1。
-- Counted: each eligible town on the day counts one below; one that has a federation then counts one above.
-- One row per eligible town unit on the day, with a federation or not; which towns are eligible is a parameter.
SELECT a.area_key,
       concat_ws(' ', a.area_code, a.area_name) AS entity,
       CAST(CASE WHEN o.delivery_id IS NULL THEN 0 ELSE 1 END AS double precision) AS numerator,
       CAST(1 AS double precision) AS denominator,
       CASE WHEN o.delivery_id IS NULL THEN ARRAY[a.delivery_id] ELSE ARRAY[a.delivery_id, o.delivery_id] END AS delivery_ids,
       CASE WHEN o.delivery_id IS NULL THEN ARRAY[a.row_no] ELSE ARRAY[a.row_no, o.row_no] END AS row_nos
  FROM dim_area a
  LEFT JOIN (
        SELECT DISTINCT ON (area_key) area_key, delivery_id, row_no
          FROM dim_organisation
         WHERE known_from <= :known_at AND :known_at < known_to
           AND valid_from <= :valid_on AND :valid_on < valid_to
           AND is_town_federation
           AND status = ANY (:statuses)
           AND (founded_on IS NULL OR founded_on <= :as_of)
           AND (deregistered_on IS NULL OR deregistered_on > :as_of)
         ORDER BY area_key, organisation_key) o USING (area_key)
 WHERE a.known_from <= :known_at AND :known_at < a.known_to
   AND a.valid_from <= :valid_on AND :valid_on < a.valid_to
   AND a.area_level = 'town'
   AND a.area_code <> ALL (CAST(:excluded_towns AS text[]))
   AND coalesce(a.unit_type, '') <> ALL (CAST(:excluded_unit_types AS text[]))
