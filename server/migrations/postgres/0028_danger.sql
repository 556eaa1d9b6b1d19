-- Disputes in which somebody may be hurt stand on top of a desk: asked for with every desk.
CREATE INDEX fact_risk_proposed ON fact (county_code, value, matter) WHERE field = 'risk_proposed' AND until_entry IS NULL;
