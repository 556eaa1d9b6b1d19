-- A table that was imported already is found by the digest of its rows, and of its file.
CREATE INDEX fact_sheet_rows ON fact (county_code, value, matter) WHERE field = 'rows_digest' AND until_entry IS NULL;
CREATE INDEX fact_sheet_file ON fact (county_code, value, matter) WHERE field = 'file_digest' AND until_entry IS NULL;
-- How often an organ inspected what has a credit code, whether the register lists it or not.
CREATE INDEX fact_object_code ON fact (county_code, value, matter) WHERE field = 'object_code' AND until_entry IS NULL;
