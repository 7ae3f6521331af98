-- 养老服务机构数 / elderly-care institutions — “医疗卫生机构、养老服务机构分别增至823家、186家”.
-- 计法：评估日在营、类型在定义之内的养老服务机构，每家计1。
-- Counted: each facility of the definition's types that is open on the day counts one.
-- One row per facility of the definition's types that is open on the day.
SELECT d.area_key,
       concat_ws(' ', d.facility_id, d.facility_name) AS entity,
       CAST(1 AS double precision) AS numerator,
       CAST(NULL AS double precision) AS denominator,
       ARRAY[d.delivery_id] AS delivery_ids,
       ARRAY[d.row_no] AS row_nos
  FROM dim_facility d
 WHERE d.known_from <= :known_at AND :known_at < d.known_to
   AND d.valid_from <= :valid_on AND :valid_on < d.valid_to
   AND d.facility_type = ANY (:facility_types)
   AND (d.status IS NULL OR d.status = ANY (:statuses))
   AND (d.opened_on IS NULL OR d.opened_on <= :as_of)
   AND (d.closed_on IS NULL OR d.closed_on > :as_of)
