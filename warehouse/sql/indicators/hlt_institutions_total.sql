-- 医疗卫生机构数 / health institutions — “医疗卫生机构、养老服务机构分别增至823家、186家”.
-- 计法：评估日执业的医疗卫生机构，每家计1；登记号先后两家使用的，计2家。
-- Counted: each institution that practises on the day counts one; two holders of a reused number are two.
-- One row per institution that practises on the day; two holders of a reused number are two.
SELECT d.area_key,
       concat_ws(' ', d.institution_id, d.institution_name) AS entity,
       CAST(1 AS double precision) AS numerator,
       CAST(NULL AS double precision) AS denominator,
       ARRAY[d.delivery_id] AS delivery_ids,
       ARRAY[d.row_no] AS row_nos
  FROM dim_institution d
 WHERE d.known_from <= :known_at AND :known_at < d.known_to
   AND d.valid_from <= :valid_on AND :valid_on < d.valid_to
   AND d.status = ANY (:statuses)
   AND (d.registered_on IS NULL OR d.registered_on <= :as_of)
   AND (d.deregistered_on IS NULL OR d.deregistered_on > :as_of)
   AND (d.category_code IS NULL OR d.category_code <> ALL (CAST(:excluded_categories AS text[])))
