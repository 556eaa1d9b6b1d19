-- As in 0005: county_code alone selects nothing in a file of one county. Without these lines the planner reads every fact by the key
-- instead of the small indexes of 0016 to 0018, within the act that asks.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('fact', 'fact', '1000000 1000000 12 1 1'),
    ('instrument', 'instrument', '1000000 1000000 2 1');
ANALYZE sqlite_schema;                  -- reads them
