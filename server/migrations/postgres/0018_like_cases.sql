-- Decisions on the same violation (类案), found among a million facts.
CREATE INDEX fact_violation ON fact (county_code, value, matter) WHERE field = 'violation' AND until_entry IS NULL;
