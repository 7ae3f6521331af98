-- A score policy may grade (warehouse/plan/score_policy.csv): name -> the lowest score that has it. Official limits were not found.
ALTER TABLE plan.score_policy ADD COLUMN grades jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN plan.score_policy.grades IS '等级名称与最低得分 / grades with the lowest score of each';
-- It returns one column more, which CREATE OR REPLACE does not do; a new warehouse has not got it yet.
DROP FUNCTION IF EXISTS bi.hotline_month(date, text, boolean);
