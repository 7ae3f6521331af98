-- A category is its name, so its newest version says what every version says.
CREATE OR REPLACE VIEW label.category_now AS
SELECT DISTINCT ON (category_key) category_key, category_1, category_2, category_3
  FROM star.dim_category ORDER BY category_key, valid_from DESC;
