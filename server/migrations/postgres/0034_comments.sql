-- The comments on a draft are found by the draft that they name.
CREATE INDEX fact_consultation ON fact (county_code, value, matter) WHERE field = 'consultation' AND until_entry IS NULL;
