-- A key without a version tells three things apart.
CREATE OR REPLACE FUNCTION label.unknown(key int) RETURNS text IMMUTABLE PARALLEL SAFE LANGUAGE sql AS
    $$ SELECT CASE key WHEN -1 THEN '未提供' WHEN -2 THEN '无效' ELSE '未登记' END $$;
