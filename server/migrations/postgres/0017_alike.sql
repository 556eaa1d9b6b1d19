-- What looks like one thing entered twice is found by one value, see core/src/matter/alike.rs.
CREATE INDEX fact_alike ON fact (county_code, value, matter) WHERE field = '_alike';
