-- Inspections of the same object, counted against its yearly cap within the act that asks.
CREATE INDEX fact_object ON fact (county_code, value, matter) WHERE field = 'object' AND until_entry IS NULL;
