-- 5. 未纳入一刻钟服务圈的城市社区（注明定义版本）/ urban communities not in a 15-minute circle on a day, with the definition's version.
SELECT i.definition_version, CAST(:as_of AS date) AS as_of, a.town_name, a.area_code, a.area_name,
       c.service_circle_on AS reached_later_on,
       CASE WHEN c.area_key IS NULL THEN '未报' ELSE '未达标' END AS why
  FROM bi.area AS a
  JOIN bi.indicator AS i ON i.indicator_code = 'civ_15min_circle_urban_coverage'
  LEFT JOIN bi.community_coverage AS c ON c.area_key = a.area_key
 WHERE a.area_level = 'community'
   AND a.valid_from <= :as_of AND (a.valid_to IS NULL OR :as_of < a.valid_to)
   AND (a.urban_rural_class = ANY (:urban_classes) OR a.urban_rural_class IS NULL)
   AND (c.service_circle_on IS NULL OR c.service_circle_on > :as_of)
 ORDER BY a.area_code
