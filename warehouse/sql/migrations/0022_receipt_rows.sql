-- Two formulas name the rows that they hang on more exactly (each case of 万人诉求比; the project whose households count) and
-- count what they counted: a digest of the text before is no digest of another rule.
UPDATE star.fact_indicator_value AS v SET definition_hash = NULL
  FROM star.dim_indicator AS i
 WHERE i.indicator_key = v.indicator_key AND i.indicator_code IN ('hot_orders_per_10k', 'hsg_power_retrofit_households');
