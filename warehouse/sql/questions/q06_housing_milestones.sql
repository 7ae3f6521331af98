-- 6. 保障房开工、竣工、交付套数，按年 / affordable units started, completed and delivered, by year and project.
SELECT CAST(date_part('year', milestone_on) AS int) AS year, project_id, min(project_name) AS project_name,
       coalesce(sum(units) FILTER (WHERE milestone = 'started'), 0) AS started,
       coalesce(sum(units) FILTER (WHERE milestone = 'completed'), 0) AS completed,
       coalesce(sum(units) FILTER (WHERE milestone = 'delivered'), 0) AS delivered
  FROM bi.housing_milestone
 WHERE milestone_on BETWEEN :from_on AND :to_on
 GROUP BY GROUPING SETS ((1), (1, project_id))
 ORDER BY year, project_id NULLS FIRST
