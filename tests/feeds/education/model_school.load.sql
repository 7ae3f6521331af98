-- Snapshots of schools, for tests of the loader.
-- target: dim_school
SELECT school_id, school_name, NULL::text AS school_category, NULL::text AS running_type, NULL::text AS uscc,
       NULL::text AS area_id, status, row_no
  FROM staging;
