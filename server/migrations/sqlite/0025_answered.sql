-- What a repeated command is answered: rows in the order in which they came, found by a handle of eight bytes. Under a key that clients
-- draw by lot each act would touch a page of its own. Filled from idempotency, which ends here.
CREATE TABLE answered_command (
    county_code TEXT NOT NULL,
    recorded BIGINT NOT NULL,
    handle BIGINT NOT NULL,            -- of actor and key
    actor TEXT NOT NULL,
    key TEXT NOT NULL,
    digest BLOB NOT NULL,              -- of the command; the same key with another command is refused
    result BLOB NOT NULL,
    PRIMARY KEY (county_code, recorded, handle)
) WITHOUT ROWID;
CREATE INDEX answered_by_handle ON answered_command (county_code, handle);

-- county_code alone selects nothing in a file of one county (0005); without these lines the planner walks all rows.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('answered_command', 'answered_command', '1000000 1000000 500 1'),
    ('answered_command', 'answered_by_handle', '1000000 1000000 1');
ANALYZE sqlite_schema;
