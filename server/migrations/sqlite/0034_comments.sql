-- The comments on a draft are found by the draft that they name.
CREATE INDEX fact_consultation ON fact (county_code, value, matter) WHERE field = 'consultation' AND until_entry IS NULL;

-- As in 0005: county_code alone selects nothing in a file of one county.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('fact', 'fact_consultation', '20000 20000 100 1');
ANALYZE sqlite_schema;                  -- reads them
