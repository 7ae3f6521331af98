CREATE OR REPLACE VIEW bi.delivery_register AS
SELECT f.of_feed, f.nothing_from, f.nothing_to, f.status AS register_status, f.note, f.delivery_id, f.row_no
  FROM star.fact_delivery_register AS f;
COMMENT ON VIEW bi.delivery_register IS '报送登记：部门登记没有发生（空报）的时期 / spans of days of which a department says that there was nothing to report';
